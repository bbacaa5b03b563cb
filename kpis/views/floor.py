"""The floor page: who is doing what now, who needs somebody, and a site's limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from ccm import filters as asked
from ccm.access import scope_of
from ccm.filters import Filters
from ccm.live import sources
from ccm.live.now import Floor, Present, State, floors
from ccm.models import Site, User
from ccm.navigation import may_open
from ccm.querysets import Viewer
from ccm.tables import arrange
from ccm.templatetags.figures import count
from ccm.views.in_turn import in_turn
from kpis import tiles
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.figures import figure
from kpis.floor import needs as needing
from kpis.floor import reads, services
from kpis.floor.forms import FloorRulesForm
from kpis.floor.needs import Need, needs
from kpis.floor.reads import Row
from kpis.floor.tables import FloorTable
from kpis.noise import Verdict
from kpis.reads import anew, reading
from kpis.report.cells import counted
from kpis.sums.counts import Counts
from kpis.views import shared
from kpis.worklist import reads as worklist
from kpis.worklist.due import together

# The part of the page that is asked for again and again.
PART = "floor-now"
# So old the page says louder how old it is: three times it was not answered.
OLD_SECONDS = 15

FREE, TALKING, PAUSED, WRAPPING, OVER = "free", "talking", "paused", "acw", "over"
# Those over their time in one thing: whom a line of what needs somebody counts.
OF_NEEDS = {
    needing.PAUSED: "long_pause",
    needing.WRAPPING: "long_acw",
    needing.ON_CALL: "long_call",
    needing.NO_BREAK: "no_break",
    needing.RINGING: "lets_ring",
}


def _sides() -> dict[str, str]:
    """What agents can be picked by, with its words."""
    return {
        FREE: _("Free"),
        TALKING: _("On calls"),
        PAUSED: _("Paused"),
        WRAPPING: _("In wrap-up"),
        OVER: _("Over their time"),
        "long_pause": _("Over their time in a pause"),
        "long_acw": _("Over their time in wrap-up"),
        "long_call": _("On a long call"),
        "no_break": _("No break for too long"),
        "lets_ring": _("Let the phone ring"),
    }


def _is_on(side: str, row: Row) -> bool:
    there: Present = row.there
    is_over = row.over is not None
    return {
        FREE: there.is_free,
        TALKING: there.talks,
        PAUSED: there.state == State.PAUSED,
        WRAPPING: there.state == State.ACW,
        OVER: is_over or row.lacks_break or row.lets_ring,
        "long_pause": is_over and there.state == State.PAUSED,
        "long_acw": is_over and there.state == State.ACW,
        "long_call": is_over and there.talks,
        "no_break": row.lacks_break,
        "lets_ring": row.lets_ring,
    }[side]


@dataclass(frozen=True, slots=True)
class Picked:
    """What of a floor is shown in the table: of a team, in a state, on a queue."""

    teams: Sequence[tuple[str, str]]
    team: str
    side: str
    queue: int | None

    def of(self, rows: Sequence[Row]) -> list[Row]:
        return [
            row
            for row in rows
            if (not self.team or str(row.team) == self.team)
            and (not self.side or _is_on(self.side, row))
            and (self.queue is None or row.there.queue == self.queue)
        ]


@login_required
@never_cache
@require_GET
def floor_page(request: HttpRequest) -> HttpResponse:
    """A site's floor, or the part of it that is fetched again every few seconds."""
    now = timezone.now()
    user = request.user
    if not may_open("floor", user):
        raise Http404
    sites = Site.objects.with_floor_for(user).select_related("floor_rules")
    shown = asked.read(request, now, sites=sources.with_clocks(sites.annotate(**anew.record())))
    if shown is None:
        return render(request, "kpis/floor.html", {"shown": None})
    # A floor is of now, whatever days the page before it was of.
    shown = replace(shown, period="today", first=shown.today, last=shown.today)
    floor = floors(now).get(shown.site.pk, Floor())
    limits = reads.limits_of(shown.site)
    true_at = floor.true_at(now)
    # What nothing confirms any more stands still, its lengths with it.
    rows = reads.rows(user, shown.site, floor, limits, true_at)
    choices = Choices(shown.today)
    picked = _picked(request, shown, rows)
    found = picked.of(rows)
    told = _needs(floor, rows, shown, choices, true_at, user)
    newest = _newest(shown.site, floor, now)
    heard: datetime | None = getattr(shown.site, "heard_at", None)
    silent = newest is not None and shared.is_silent(shown.site, newest, heard, now)
    reach = scope_of(user)
    sees_all = reach.everything or shown.site.pk in reach.agent_sites
    stale = silent or true_at < now
    words = {
        "shown": shown,
        "filters": replace(shown.bar(), periods=[]),
        "picked": picked,
        "sides": [("", _("All")), *_sides().items()],
        "address": _address(request),
        "tiles": _figures(shown, floor, choices, true_at, sees_all, stale),
        "heads": _heads(shown, floor, picked, None if sees_all else rows),
        "needs": told,
        "table": _table(request, found, shown, true_at),
        "found": len(found),
        "everybody": None if len(found) == len(rows) else _at_people(shown, queue=None),
        "people": len(rows),
        "staffed": floor.staffed,
        "sees_all": sees_all,
        "may_set": shown.site.pk in reach.managed_sites or reach.everything,
        "limits": limits,
        "clocks": [*sources.on_counts(shown.site, now), *floor.unsure],
        "behind": floor.is_behind(now),
        "now": now,
        "old": OLD_SECONDS,
        "as_of": true_at if true_at < now else newest,
        "true_at": true_at,
        "zone": shown.site.zone,
        "silent": silent,
        "stale": stale,
    }
    part = request.headers.get("HX-Target") == PART
    return render(request, "kpis/_floor.html" if part else "kpis/floor.html", words)


def _picked(request: HttpRequest, shown: Filters, rows: Sequence[Row]) -> Picked:
    teams = {str(row.team): row.team_name for row in rows if row.team is not None}
    side, team = request.GET.get("state", ""), request.GET.get("team", "")
    return Picked(
        sorted(teams.items(), key=lambda one: one[1].casefold()),
        team if team.isdecimal() else "",
        side if side in _sides() else "",
        None if shown.queue is None else shown.queue.pk,
    )


def _needs(
    floor: Floor, rows: Sequence[Row], shown: Filters, choices: Choices, now: datetime, user: Viewer
) -> list[tuple[Need, str]]:
    """What needs somebody, each with where that is seen to; "": nowhere that the user may go."""
    level = KPIS["service_level"]
    queues = {
        one.pk: (one.name, choices.of(level, shown.site.pk, one.pk)[1].threshold_seconds)
        for one in shown.all_queues
    }
    people = {row.there.agent: row.beside for row in rows}
    limits = reads.limits_of(shown.site)
    due = together(worklist.due(now, shown.site).get(shown.site.pk, {}).values())
    found = needs(floor, queues, people, limits, due, now)
    return [(one, _url_of(one, shown, user)) for one in found]


def _url_of(need: Need, shown: Filters, user: Viewer) -> str:
    if need.kind == needing.CALLBACKS:
        said = {"site": shown.site.slug, "side": worklist.OVERDUE}
        # Who plans sees no calls.
        return f"{reverse('worklist')}?{urlencode(said)}" if may_open("worklist", user) else ""
    if need.agent is not None:
        return f"{reverse('agent', args=[need.agent])}?{shown.query}"
    if need.queue is not None:
        queue = next(one for one in shown.all_queues if one.pk == need.queue)
        return tiles.passport_url("in_progress", shown.of_queue(queue))
    # Of all the people of the site, whichever queue the page is of: those that the line counts. Who
    # could come back where nobody is free stands first.
    if need.kind == needing.NOBODY_FREE:
        return _at_people(shown, queue=None, sort="state")
    return _at_people(shown, queue=None, state=OF_NEEDS[need.kind])


def _at_people(shown: Filters, **more: object) -> str:
    """The floor's table, where it stands on the page."""
    said = {"site": shown.site.slug, "queue": shown.queue and shown.queue.pk} | more
    return asked.address(reverse("floor"), said) + "#people"


def _figures(
    shown: Filters, floor: Floor, choices: Choices, now: datetime, sees_all: bool, stale: bool
) -> list[tiles.Tile]:
    """Those that have a passport: who waits, and the service level today. As Home has them; a
    reader who sees some of the people alone is told that they are of more than theirs."""
    kpi = KPIS["service_level"]
    queues = None if shown.queue is None else [shown.queue.pk]
    selection = reading.Selection(
        sites=[shown.site.pk], first=shown.first, last=shown.last, queues=queues
    )
    total = counted(selection, "total", choices.needs(kpi)).get(None, Counts())
    queue = None if shown.queue is None else shown.queue.pk
    level = figure(total, kpi, None, choices, shown.site.pk, queue)
    of_today = tiles.of_figure(level, Verdict(), tiles.passport_url(kpi.id, shown))
    if not sees_all:
        whose = _("of the whole site") if shown.queue is None else _("of the whole queue")
        of_today = replace(of_today, right=whose)
    found = [tiles.waiting(shown, floor, now, choices), of_today]
    return [replace(one, stale=stale) for one in found]


def _heads(
    shown: Filters, floor: Floor, picked: Picked, own: Sequence[Row] | None
) -> list[Mapping[str, Any]]:
    """How many agents of the site are in which state; each leads to those in the table. With `own`,
    the rows of a reader who sees some alone, also how many of those."""
    ringing = sum(one.state == State.RINGING for one in floor.people.values())
    held = sum(one.state == State.HOLD for one in floor.people.values())
    paused = floor.paused.most_common(2)
    sides = _sides()
    said = [
        (FREE, floor.available, _("%(n)s ringing") % {"n": count(ringing)} if ringing else ""),
        (TALKING, floor.talking, _("%(n)s on hold") % {"n": count(held)} if held else ""),
        (WRAPPING, floor.acw, ""),
        (
            PAUSED,
            floor.paused.total(),
            " · ".join(
                # A reason and its number on one line.
                f"{reason or _('no reason')}\N{NO-BREAK SPACE}{count(many)}"
                for reason, many in paused
            ),
        ),
    ]
    return [
        {
            "id": side,
            "name": sides[side],
            "value": many,
            "left": left,
            "own": _own(side, own),
            "url": _at_people(shown, team=picked.team, state="" if picked.side == side else side),
            "chosen": picked.side == side,
        }
        for side, many, left in said
    ]


def _own(side: str, rows: Sequence[Row] | None) -> str:
    if rows is None:
        return ""
    many = sum(_is_on(side, row) for row in rows)
    return _("%(n)s of yours") % {"n": count(many)} if many else _("none of yours")


def _table(request: HttpRequest, rows: Sequence[Row], shown: Filters, now: datetime) -> FloorTable:
    agents = [row.there.agent for row in rows]
    selection = reading.Selection(
        sites=[shown.site.pk], first=shown.first, last=shown.last, agents=agents
    )
    by_agent = counted(selection, "agent", ())
    query = shown.query

    def url_of(what: str, agent: int) -> str:
        if what == "agent":
            return f"{reverse('agent', args=[agent])}?{query}"
        return tiles.passport_of(what, shown.site, shown.first, shown.last, agent=str(agent))

    table = FloorTable(
        list(rows),
        queues={queue.pk: queue.name for queue in shown.all_queues},
        answered={agent: counts.answered for agent, counts in by_agent.items()},
        url_of=url_of,
        limits=reads.limits_of(shown.site),
        zone=shown.site.zone,
        now=now,
    )
    table.empty_text = _("Nobody fits these filters.")
    arrange(table, request.GET, Paginator)
    return table


def _newest(site: Site, floor: Floor, now: datetime) -> datetime | None:
    """The newest moment that anything told of the site: a counted call, or what goes on."""
    counted_until: datetime | None = getattr(site, "newest_at", None)
    told = [one.since for one in floor.people.values()]
    told += [there.since for there in floor.waiting.values() if there.since is not None]
    told += [] if counted_until is None else [counted_until]
    return min(max(told), now) if told else None


def _address(request: HttpRequest) -> str:
    """Where the part that changes is fetched again: as the page was asked for."""
    query = request.GET.urlencode()
    return f"{request.path}?{query}" if query else request.path


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@in_turn
def floor_limits(request: HttpRequest, slug: str) -> HttpResponse:
    """What a site calls too long, for whoever manages it."""
    user = request.user
    site = get_object_or_404(Site.objects.managed_by(user).select_related("floor_rules"), slug=slug)
    assert isinstance(user, User)
    rules = services.rules_of(site)
    form = FloorRulesForm(request.POST or None, instance=rules)
    if request.method == "POST" and form.is_valid():
        services.keep(form.save(commit=False), user, timezone.now())
        messages.info(request, _("The limits hold from now on."))
        return redirect(asked.address(reverse("floor"), {"site": site.slug}))
    return render(request, "kpis/floor_limits.html", {"form": form, "site": site})
