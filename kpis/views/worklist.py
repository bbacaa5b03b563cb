"""The worklist of call backs: who is to be called, by when, and who does it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ccm import filters, tables
from ccm.access import scope_of
from ccm.contact import reads as contact
from ccm.filters import Filters
from ccm.models import Call, Site, User
from ccm.navigation import may_open
from ccm.views.failures import NoSite
from kpis import tiles
from kpis.floor.reads import limits_of
from kpis.worklist import reads, services
from kpis.worklist.tables import WorklistTable

MINE, NOBODYS = "mine", "nobodys"


@login_required
@require_safe
def worklist_page(request: HttpRequest) -> HttpResponse:
    """Call backs of a site: those to be made, or what became of them in the last week."""
    now = timezone.now()
    user = _user(request)
    sites = Site.objects.with_calls_for(user).select_related("floor_rules", "contact_hours")
    shown = filters.read(request, now, sites=sites)
    conditions = reads.sides(now)
    side = request.GET.get("side", reads.OPEN)
    if shown is None:
        raise NoSite(_("Callbacks"))
    if side not in conditions:
        raise Http404
    found = reads.of_site(user, shown.site, now)
    if shown.queue is not None:
        found = found.filter(queue=shown.queue)
    whose = {"": _("anybody"), MINE: _("me"), NOBODYS: _("nobody yet")}
    whose |= {str(pk): name for pk, name in reads.owners(found) if pk != user.pk}
    who = request.GET.get("who", "")
    who = who if who in whose else ""
    found = found.filter(_taken_by(who, user))
    counted = found.order_by().aggregate(
        **{name: Count("pk", filter=on) for name, on in conditions.items()}
    )
    rows = found.filter(conditions[side]).select_related("queue")
    opened = Call.objects.visible_to(user).filter(pk=OuterRef("pk"))
    may = reads.rights(user, shown.site)
    table = WorklistTable(
        rows.annotate(may_open=Exists(opened)),
        zone=shown.site.zone, now=now, request=request, may=may,
    )  # fmt: skip
    if not counted[side]:
        table.empty_text, table.empty_hint = _nothing(side, bool(who or shown.queue))
    tables.arrange(table, request.GET, tables.KnownPaginator, found=counted[side])
    words = {
        "shown": shown,
        "filters": replace(shown.bar(keep=[("side", side)]), periods=[]),
        "who": who,
        "whose": whose.items(),
        "table": table,
        "sides": [
            {
                "words": said,
                "count": counted[name],
                "url": _address(shown, side=name, who=who),
                "chosen": name == side,
            }
            for name, said in _sides().items()
        ],
        "minutes": limits_of(shown.site).callback,
        "shut": contact.why_not_at(shown.site, now),
        "passport_url": _passport(user, shown),
    }
    return render(request, "kpis/worklist.html", words)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def call_back_owner(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who calls a caller back: a form for those who may ask others; taken and handed back by
    whoever calls."""
    now = timezone.now()
    user = _user(request)
    call = _call(user, pk)
    may = reads.rights(user, call.site)
    said = request.POST if request.method == "POST" else request.GET
    back = _back(said.get("back", ""), request)
    if request.method != "POST":
        if not may.may_assign:
            raise Http404
        people = reads.may_have(user, call.site)
        return render(
            request, "kpis/call_back_owner.html", {"call": call, "people": people, "back": back}
        )
    if (made := said.get("made", "")) in ("yes", "no"):
        return _said_made(request, call, made == "yes", user, may, back)
    was = said.get("was", "")
    to = _owner(user, call.site, may, said.get("owner", ""), was)
    try:
        services.hand(call, to, int(was) if was.isdecimal() else None, user, now)
    except services.Taken as taken:
        messages.warning(request, _taken_words(taken.owner))
    else:
        messages.info(request, _handed_words(to, user, call.caller_masked))
    # Back to where they were in the list: whoever goes by keyboard does not begin anew.
    return redirect(f"{back}#who-{pk}")


def _said_made(
    request: HttpRequest, call: Any, is_made: bool, user: User, may: reads.Rights, back: str
) -> HttpResponse:
    """Says that a caller was called back, or that it is still to be done; by whoever calls, or
    answers for those who do."""
    if not (may.may_assign or (may.may_take and call.owner_id == user.pk)):
        raise Http404
    services.say_made(call, is_made, user, timezone.now())
    words = _("%(caller)s was called back.") if is_made else _("%(caller)s is still to be called.")
    messages.info(request, words % {"caller": call.caller_masked or _("A caller without a number")})
    return redirect(f"{back}#who-{call.pk}")


def _call(user: User, pk: UUID) -> Call:
    """A call whose caller is to be called back, and that the user may know about."""
    site = Call.objects.filter(pk=pk).values_list("site", flat=True).first()
    reached = Site.objects.with_calls_for(user).select_related("floor_rules", "contact_hours")
    its = get_object_or_404(reached, pk=site)
    found = reads.of_site(user, its, timezone.now()).select_related("site", "queue")
    return get_object_or_404(found, pk=pk)


def _owner(user: User, site: Site, may: reads.Rights, asked: str, was: str) -> User | None:
    """To whom it goes, by what was sent. Raises Http404 for what the user may not do."""
    if asked == str(user.pk) and may.may_take:
        return user
    if not asked and (may.may_assign or (may.may_take and was == str(user.pk))):
        return None
    if not may.may_assign or not asked.isdecimal():
        raise Http404
    return get_object_or_404(reads.may_have(user, site), pk=int(asked[:18]))


def _taken_words(owner: User | None) -> str:
    if owner is None:
        return _("It was handed back meanwhile. Nothing is changed.")
    return _("%(name)s has it meanwhile. Nothing is changed.") % {"name": owner}


def _handed_words(to: User | None, user: User, caller: str) -> str:
    if to is None:
        return _("It is handed back: anybody can take it.")
    words = _("You call %(caller)s.") if to == user else _("%(name)s calls %(caller)s.")
    return words % {"name": to, "caller": caller or _("a caller without a number")}


def _sides() -> dict[str, str]:
    return {
        reads.OPEN: _("to be made"),
        reads.OVERDUE: _("overdue"),
        reads.KEPT: _("kept"),
        reads.LATE: _("called back late"),
        reads.ALL: _("in all"),
    }


def _nothing(side: str, is_narrowed: bool) -> tuple[str, str]:
    """Why a list is empty, and what to do about it."""
    words = {
        reads.OVERDUE: _("No call back is overdue"),
        reads.KEPT: _("No call back was kept"),
        reads.LATE: _("Nobody was called back late"),
        reads.ALL: _("Nobody asked to be called back"),
    }
    hint = _("Of those that you picked: there may be others of other queues, or of somebody else.")
    return words.get(side, _("Nobody is to be called back")), hint if is_narrowed else ""


def _taken_by(who: str, user: User) -> Q:
    if who == MINE:
        return Q(owner_id=user.pk)
    if who == NOBODYS:
        return Q(owner_id=None)
    return Q(owner_id=int(who)) if who else Q()


def _address(shown: Filters, **more: object) -> str:
    said = {"site": shown.site.slug, "queue": shown.queue and shown.queue.pk} | more
    return filters.address(reverse("worklist"), said)


def _passport(user: User, shown: Filters) -> str:
    if not scope_of(user).sees_figures_of(shown.site.pk):
        return ""
    return tiles.passport_url("called_back_rate", replace(shown, period="7d"))


def _back(asked: str, request: HttpRequest) -> str:
    """Where a reader came from, if that is a page of ours."""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, {request.get_host()})
    return asked if ours else reverse("worklist")


def _user(request: HttpRequest) -> User:
    """The reader, who may see some calls. Raises Http404 for anybody else."""
    assert isinstance(request.user, User)
    if not may_open("worklist", request.user):
        raise Http404
    return request.user
