"""Sessions week by week, and a coach's in their own calendar."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ccm.filters import about, address
from ccm.intervals import DAY
from ccm.models import User
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from coaching.access import sites_coached
from coaching.agreed import events, feeds, weeks
from coaching.holding.reads import listed
from coaching.rhythm import reads as rhythm
from scheduling.views.mine import served

WEEK = timedelta(weeks=1)
_OWN = "mine"


@login_required
@never_cache
@require_safe
def sessions_calendar(request: HttpRequest) -> HttpResponse:
    """The sessions of a week that the reader sees, and where the calendar of those that they lead
    is, since when, and when it was last fetched."""
    user, now = _coach(request), timezone.now()
    teams = list(rhythm.teams(user))
    chosen = request.GET.get("whose", "")
    team = next((one for one in teams if str(one.pk) == chosen), None)
    if team is None and chosen not in ("", _OWN):
        raise Http404
    sites = list(sites_coached(user))
    if team is not None:
        about(request, team.site)
    site = sites[0] if team is None and sites else team and team.site
    today = now.astimezone(site.tz).date() if site else now.date()
    first, this = weeks.monday(request.GET.get("week", ""), today), weeks.monday("", today)
    beside = [first - WEEK, this, first + WEEK]
    before, now_url, after = (
        address(request.path, {"week": one.isoformat(), "whose": chosen}) for one in beside
    )
    context = {
        "week": weeks.of(user, first, now, team=team, own=chosen == _OWN),
        "first": first,
        "last": first + WEEK - DAY,
        "today": today,
        "before": before,
        "now_url": "" if first == this else now_url,
        "after": after,
        "whose": [
            ("", _("all")),
            (_OWN, _("those that I lead")),
            *((str(one.pk), one.name) for one in teams),
        ],
        "chosen": chosen,
        "has_sites": len(sites) > 1 and team is None,
        "late": listed(user, now, state="overdue").count(),
        "feed": feeds.standing(user),
    }
    return render(request, "coaching/sessions_calendar.html", context)


@login_required
@require_POST
def sessions_calendar_make(request: HttpRequest) -> HttpResponse:
    """Make an address; the one before is none any more. It is shown once."""
    key = feeds.make(_coach(request), timezone.now())
    url = request.build_absolute_uri(reverse("sessions_feed"))
    said = _("Give this address to your calendar; it is shown once: %(url)s")
    messages.info(request, said % {"url": f"{url}?key={key}"})
    return redirect("sessions_calendar")


@login_required
@require_POST
def sessions_calendar_revoke(request: HttpRequest) -> HttpResponse:
    """End the address."""
    if feeds.revoke(_coach(request), timezone.now()):
        messages.info(request, _("The address is revoked: nothing is told at it any more."))
    return redirect("sessions_calendar")


@require_safe
def sessions_feed(request: HttpRequest) -> HttpResponse:
    """A coach's sessions as a calendar, for whoever has the address: no sign-in."""
    return served(request, _sessions_at)


def _sessions_at(key: str, now: datetime, centre: str) -> bytes | None:
    user = feeds.fetched(key, now)
    return None if user is None else events.of_coach(user, now, centre)


def _coach(request: HttpRequest) -> User:
    if not may_open("sessions", request.user):
        raise Http404
    return signed_in(request)


def urls(under: str) -> list[URLPattern]:
    one = f"{under}/calendar"
    return [
        path(f"{one}/", sessions_calendar, name="sessions_calendar"),
        path(f"{one}/make/", sessions_calendar_make, name="sessions_calendar_make"),
        path(f"{one}/revoke/", sessions_calendar_revoke, name="sessions_calendar_revoke"),
        path("sessions.ics", sessions_feed, name="sessions_feed"),
    ]
