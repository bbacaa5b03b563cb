"""A reader's own schedule, and who has not acknowledged yet what changed of theirs."""

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ccm import limits
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.intervals import DAY
from ccm.models import Agent
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from scheduling.mine import calendar, feeds, reads, services
from scheduling.mine import now as moment

UNDER = "my-schedule"
# In a minute, from one address: a site's people may look through one proxy.
_FETCHES = 120
_KEPT_SECONDS = 300


@login_required
@require_safe
def my_schedule(request: HttpRequest) -> HttpResponse:
    """The shift of now or the next one, what changed, and the weeks to come."""
    agent, now = own_agent(request), timezone.now()
    changed = reads.changes(agent)
    context = {
        "agent": agent,
        "today": reads.today_of(agent, now),
        "current": reads.current(agent, now),
        "weeks": reads.weeks(agent, now),
        "changes": changed,
        "up_to": max((one.change.pk for one in changed), default=0),
    }
    return render(request, "scheduling/my_schedule.html", context)


@login_required
@never_cache
@require_safe
def my_now(request: HttpRequest) -> HttpResponse:
    """What one's day says of this moment: a part of *My day*, which fetches it."""
    agent, at = own_agent(request), timezone.now()
    context = {"agent": agent, "facts": moment.facts(agent, at), "now": at}
    return render(request, "scheduling/_my_now.html", context)


@login_required
@require_safe
def my_month(request: HttpRequest) -> HttpResponse:
    """A month of one's own days: shifts, absences, days off."""
    agent, now = own_agent(request), timezone.now()
    first = _month(request.GET.get("month", "")) or reads.today_of(agent, now).replace(day=1)
    context = {
        "agent": agent,
        "first": first,
        "before": (first - DAY).replace(day=1),
        "after": (first + 31 * DAY).replace(day=1),
        "weeks": reads.month(agent, first, now),
    }
    return render(request, "scheduling/my_schedule_month.html", context)


@login_required
@require_POST
def acknowledge(request: HttpRequest) -> HttpResponse:
    """Say that one has seen a change of one's days, or all that were shown."""
    agent = own_agent(request)
    one, up_to = number(request.POST.get("change")), number(request.POST.get("up_to"))
    who, now = signed_in(request), timezone.now()
    many = services.acknowledge(
        agent, who, now, up_to=one or up_to or 0, only=None if one is None else [one]
    )
    if many:
        said = ngettext("%(n)s change is seen.", "%(n)s changes are seen.", many) % {"n": many}
        messages.info(request, said)
    else:
        messages.info(request, _("There was nothing left to be seen."))
    return redirect("my_schedule")


@login_required
@require_safe
def acknowledgements(request: HttpRequest) -> HttpResponse:
    """Changes at short notice that people one plans or leads have not acknowledged yet."""
    if not may_open("acknowledgements", request.user):
        raise Http404
    who, now = signed_in(request), timezone.now()
    chosen = number(request.GET.get("team"))
    teams = reads.teams_waiting(who, now)
    context = {
        "rows": [
            (one, teams.get(one.change.agent_id, (0, ""))[1])
            for one in reads.waiting(who, now, chosen)
        ],
        "teams": sorted(set(teams.values()), key=lambda team: team[1]),
        "chosen": chosen,
        "most": reads.MOST_CHANGES,
    }
    return render(request, "scheduling/acknowledgements.html", context)


@login_required
@never_cache
@require_safe
def my_calendar(request: HttpRequest) -> HttpResponse:
    """Where one's calendar is, since when, and when it was last fetched."""
    agent = own_agent(request)
    context = {"agent": agent, "feed": feeds.standing(agent)}
    return render(request, "scheduling/my_calendar.html", context)


@login_required
@require_POST
def my_calendar_make(request: HttpRequest) -> HttpResponse:
    """Make an address for one's calendar; the one before is none any more. It is shown once."""
    key = feeds.make(own_agent(request), signed_in(request), timezone.now())
    url = request.build_absolute_uri(reverse("calendar_feed"))
    said = _("Give this address to your calendar; it is shown once: %(url)s")
    messages.info(request, said % {"url": f"{url}?key={key}"})
    return redirect("my_calendar")


@login_required
@require_POST
def my_calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address of one's calendar."""
    if feeds.revoke(own_agent(request), signed_in(request), timezone.now()):
        messages.info(request, _("The address is revoked: nothing is told at it any more."))
    return redirect("my_calendar")


@require_safe
def calendar_feed(request: HttpRequest) -> HttpResponse:
    """Somebody's shifts as a calendar, for whoever has the address: no sign-in. The key is in the
    query, which no log has."""
    return served(request, _shifts_at)


def _shifts_at(key: str, now: datetime, centre: str) -> bytes | None:
    agent = feeds.fetched(key, now)
    return None if agent is None else calendar.of_agent(agent, now, centre)


def served(
    request: HttpRequest, of_key: Callable[[str, datetime, str], bytes | None]
) -> HttpResponse:
    """A calendar for whoever has its address: what a key opens; None: nothing, and it is not
    there. Its pages are at the address at which it is asked for."""
    there = limits.address_key(limits.address_of(request))
    if limits.too_often(f"calendar:{there}", _FETCHES):
        response = HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = str(limits.WINDOW_SECONDS)
        return response
    text = of_key(request.GET.get("key", ""), timezone.now(), request.build_absolute_uri("/")[:-1])
    if text is None:
        raise Http404
    etag = f'"{sha256(text).hexdigest()[:32]}"'
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response = get_conditional_response(request, etag=etag, response=response) or response
    response["ETag"] = etag
    response["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def own_agent(request: HttpRequest) -> Agent:
    """The reader's own agent. Raises Http404 for who is none."""
    mine = scope_of(request.user).agent
    if mine is None or not may_open("my_schedule", request.user):
        raise Http404
    return Agent.objects.select_related("site__leave_rules").get(pk=mine)


def number(text: str | None) -> int | None:
    """A row's key that was sent; None: none that there can be."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_ID)):
        return None
    found = int(text)
    return found if 0 < found <= MOST_ID else None


def _month(text: str) -> date | None:
    """The first day of "2026-03"; None for anything else, and for years beyond reach."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if 2000 <= first.year <= 2100 else None


def urls(under: str) -> list[URLPattern]:
    return [
        path(f"{UNDER}/", my_schedule, name="my_schedule"),
        path(f"{UNDER}/month/", my_month, name="my_month"),
        path(f"{UNDER}/now/", my_now, name="my_now"),
        path(f"{UNDER}/acknowledge/", acknowledge, name="acknowledge"),
        path(f"{UNDER}/calendar/", my_calendar, name="my_calendar"),
        path(f"{UNDER}/calendar/make/", my_calendar_make, name="my_calendar_make"),
        path(f"{UNDER}/calendar/revoke/", my_calendar_revoke, name="my_calendar_revoke"),
        path("calendar.ics", calendar_feed, name="calendar_feed"),
        path(f"{under}/rosters/acknowledgements/", acknowledgements, name="acknowledgements"),
    ]
