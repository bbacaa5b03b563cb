"""A queue's day as it goes, by its people: who is planned and there, what the next hours lack, what
can be moved so that they lack less, and what came of what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from ccm import exports
from ccm.access import scope_of
from ccm.database import MOST_ID
from ccm.filters import address
from ccm.intervals import DAY, day_of
from ccm.models import Agent, Queue
from ccm.navigation import may_open
from ccm.views.lists import signed_in
from kpis.views.shared import is_silent
from scheduling.gaps import drawn, effects, movable, moving, reads, taking, undoing
from scheduling.gaps.movable import Movable
from scheduling.gaps.moving import Effect, Proposal
from scheduling.gaps.outlook import SHORT, Gap
from scheduling.gaps.reads import Running
from scheduling.intraday import drawn as clocks
from scheduling.intraday import reads as of_calls
from scheduling.intraday.reads import Reach
from scheduling.made.kept import number
from scheduling.models import IntradayAction
from scheduling.offers import able
from scheduling.offers import reads as of_offers
from scheduling.offers.able import Proposed
from scheduling.offers.reads import Open
from scheduling.requirements import aims
from scheduling.shown import queues
from scheduling.views.intraday import OLD_SECONDS, PART, sides

# Gaps of so many hours from now on are told, and so many moves for them at most.
HOURS, MOST = 4, 6
# Minutes in which an offer is to be answered.
WITHIN = (15, 30, 60, 120)
# What is told of the edits of actions, and asked with them.
_OF_EDITS = ("edit__changes__agent", "edit__undone_by__made_by")
# A number of minutes of a day has no more digits.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """An interval that is open. None: it is over, or not yet, or nothing tells."""

    clock: str
    is_over: bool
    expected: float
    calls: float
    required: float | None
    scheduled: float
    present: float | None
    level: float | None
    occupancy: float | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A gap, in moments."""

    start: datetime
    end: datetime
    gap: Gap
    from_minute: int
    to_minute: int
    proposed: Proposed | None = None

    @property
    def change(self) -> "Change | None":
        """What comes of it if as many accept as are wanted."""
        if self.proposed is None:
            return None
        return Change(self.start, self.end, self.proposed.effect)

    @property
    def is_short(self) -> bool:
        return self.gap.kind == SHORT


@dataclass(frozen=True, slots=True)
class Change:
    """What a proposal does to some hours."""

    start: datetime
    end: datetime
    effect: Effect


@dataclass(frozen=True, slots=True)
class Offered:
    """A proposal, as a planner takes it."""

    name: str
    what: str
    is_pause: bool
    was_at: datetime
    now_at: datetime
    minutes: int
    calls: float
    relieves: Change
    takes_from: Change | None
    agent: int
    start: int
    to: int
    seen: int


@login_required
@never_cache
@require_safe
def people_page(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The day of a queue's people, or the part of it that is fetched again each minute."""
    if not may_open("intraday", request.user):
        raise Http404
    now = timezone.now()
    picked = queues.picked(request)
    queue = picked.queue
    context: dict[str, Any] = {"picked": picked, "queue": queue, "now": now, "old": OLD_SECONDS}
    if queue is not None:
        known = of_calls.reach(queue.site, now)
        context |= _of_record(queue, known, now) | _links(queue, "intraday_people")
        context["csv_url"] = address(
            reverse("intraday_people"), {"queue": queue.pk, "export": "csv"}
        )
        running = reads.running(queue, picked.queues, known)
        if running is not None:
            context |= _of_day(running, now, may_plan=_plans(request, queue))
        if request.GET.get("export") == "csv":
            return _csv(queue, context["day"], context.get("lines", []))
    part = request.headers.get("HX-Target") == PART
    name = "_intraday_people_part" if part else "intraday_people"
    return render(request, f"scheduling/{name}.html", context)


@login_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take a proposal: somebody's pause or session begins at another time. Of a queue of a site
    that the user plans."""
    if not may_open("intraday", request.user):
        raise Http404
    picked = queues.picked(request)
    queue = picked.queue
    if queue is None or not _plans(request, queue):
        raise Http404
    now = timezone.now()
    running = reads.running(queue, picked.queues, of_calls.reach(queue.site, now))
    asked = [_number(request.POST.get(name, "")) for name in ("agent", "start", "to", "seen")]
    if running is None or None in asked:
        messages.warning(request, _("That cannot be: look again."))
    else:
        agent, start, to, seen = (one for one in asked if one is not None)
        try:
            taking.take(running, agent, start, to, seen, signed_in(request), now)
        except ValidationError as refusal:
            messages.warning(request, refusal.messages[0])
        else:
            messages.info(request, _("It is moved, and its person is told."))
    return HttpResponseRedirect(address(reverse("intraday_people"), {"queue": queue.pk}))


@login_required
@never_cache
@require_safe
def actions_page(request: HttpRequest) -> HttpResponse:
    """What was done about a day of a queue as it went, and what came of it."""
    if not may_open("intraday", request.user):
        raise Http404
    now = timezone.now()
    picked = queues.picked(request)
    queue = picked.queue
    context: dict[str, Any] = {"picked": picked, "queue": queue, "now": now, "old": OLD_SECONDS}
    if queue is not None:
        known = of_calls.reach(queue.site, now)
        today = day_of(now, queue.site.calendar)
        day = _day(request) or today
        rows = IntradayAction.objects.visible_to(request.user).on(queue.site, day)
        rows = rows.filter(queues__contains=[queue.pk]).select_related("taken_by")
        rows = rows.select_related("edit__roster__site")
        actions = list(rows.prefetch_related(*_OF_EDITS))
        named = _named(request, queue, actions)
        may_plan = _plans(request, queue)
        hindered = undoing.hindered(actions, now) if may_plan and actions else {}
        context |= _of_record(queue, known, now) | _links(queue, "intraday_actions")
        context |= {
            "day": day,
            "is_today": day == today,
            "may_plan": may_plan,
            "offers": of_offers.ended(signed_in(request), queue, day, now),
            "day_before": day - DAY,
            "day_after": day + DAY if day < today else None,
            "done": [
                (
                    one,
                    named.get(one.action.pk, ""),
                    undoing.undone(one.action),
                    hindered.get(one.action.pk, ""),
                )
                for one in effects.came(actions, picked.queues, known, aims.choices_on(day))
            ],
        }
    return render(request, "scheduling/intraday_actions.html", context)


@login_required
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo a move, of a site that the user plans."""
    if not may_open("intraday", request.user) or pk > MOST_ID:
        raise Http404
    rows = IntradayAction.objects.visible_to(request.user).select_related("edit__roster__site")
    action = get_object_or_404(rows.prefetch_related(*_OF_EDITS), pk=pk)
    queue = queues.picked(request).queue
    if queue is None or not scope_of(request.user).plans_for(action.edit.roster.site_id):
        raise Http404
    try:
        undoing.undo(action, signed_in(request), timezone.now())
    except ValidationError as refusal:
        messages.warning(request, refusal.messages[0])
    else:
        messages.info(request, _("It is put back, and its person is told."))
    asked = {"queue": queue.pk, "day": action.day.isoformat()}
    return HttpResponseRedirect(address(reverse("intraday_actions"), asked))


def _of_record(queue: Queue, known: Reach, now: datetime) -> dict[str, Any]:
    newest, site = known.newest_at, queue.site
    return {
        "zone": site.zone,
        "day": day_of(now, site.calendar),
        "as_of": newest,
        "stale": newest is not None and is_silent(site, newest, known.heard_at, now),
    }


def _links(queue: Queue, current: str) -> dict[str, Any]:
    asked = {"queue": queue.pk}
    return {
        "address": address(reverse(current), asked),
        "take_url": address(reverse("intraday_take"), asked),
        "offer_url": address(reverse("shift_offer_make"), asked),
        "sides": sides(queue, current),
    }


def _of_day(running: Running, now: datetime, *, may_plan: bool) -> dict[str, Any]:
    outlook = running.outlook
    is_open = np.flatnonzero(outlook.open > 0)
    found: dict[str, Any] = {
        "running": running,
        "told": running.told,
        "others": [one.name for one in running.queues[1:]],
        "may_plan": may_plan,
        "has_plan": bool(running.pool.people),
    }
    if not len(is_open):
        return found | {"is_closed": True}
    first, last = int(is_open[0]), int(is_open[-1])
    left = max(outlook.known, first)
    # Before it opens, the first hours that it is open.
    since = max(now, running.begins(left)) if left <= last else now
    until = min(running.place(since + timedelta(hours=HOURS)), last)
    gaps = outlook.gaps(left, until) if found["has_plan"] else []
    there = of_offers.open_now(running, now) if may_plan else []
    told = _told(running, gaps, now, there, may_plan=may_plan)
    return found | {
        "lines": _lines(running, is_open.tolist()),
        "chart": drawn.day_curve(running),
        "has_begun": outlook.known > first,
        "is_over": left > last,
        "until": running.ends(until) if until >= left else None,
        "away": _away(running),
        "gaps": told,
        "can_offer": any(one.proposed is not None for one in told),
        "within": WITHIN,
        "open_offers": there,
        "is_short": any(one.kind == SHORT for one in gaps),
        "unknown": bool(np.isnan(outlook.required[left : last + 1]).any()),
        "offered": _offered(running, now, until) if may_plan and gaps else [],
    }


def _away(running: Running) -> tuple[float, float] | None:
    """How many were there in the last interval that is over, and were to be, where that is fewer by
    one at least: what the rest is told to have, it has only if they come."""
    last = running.outlook.known - 1
    if running.present is None or last < 0:
        return None
    there, planned = float(running.present[last]), float(running.outlook.scheduled[last])
    return (there, planned) if planned - there >= 1 else None


def _told(
    running: Running, gaps: Sequence[Gap], now: datetime, there: Sequence[Open], *, may_plan: bool
) -> list[Told]:
    """Gaps, each with what could be offered for it beside what is open, to who plans."""
    return [
        Told(
            running.begins(one.first),
            running.ends(one.last),
            one,
            running.minute(running.begins(one.first)),
            running.minute(running.ends(one.last)),
            able.proposed(running, one, now, _promised(running, one, there)) if may_plan else None,
        )
        for one in gaps
    ]


def _promised(running: Running, gap: Gap, there: Sequence[Open]) -> int:
    """The places of open offers that would fill a gap, or use it."""
    start, end = running.begins(gap.first), running.ends(gap.last)
    return sum(one.left for one in there if one.is_for(able.kind_for(gap), start, end))


def _lines(running: Running, places: list[int]) -> list[Line]:
    outlook, given = running.outlook, running.outlook.expected

    def told(value: Any) -> float | None:
        return None if np.isnan(value) else float(value)

    found = []
    for place in places:
        is_over = place < outlook.known
        found.append(
            Line(
                clocks.clock(running.today, place),
                is_over,
                float(running.expected[place]),
                float(outlook.calls[place]),
                told(outlook.required[place]),
                float(outlook.scheduled[place]),
                float(running.present[place]) if is_over and running.present is not None else None,
                None if is_over else told(given.level[place]),
                None if is_over else told(given.occupancy[place]),
                outlook.kind(place),
            )
        )
    return found


def _csv(queue: Queue, day: date, lines: Sequence[Line]) -> StreamingHttpResponse:
    """Every open interval; headings alone where nothing is told of the day."""
    header = [
        _("day"), _("from"), _("is over"), _("calls in the morning"), _("calls now"),
        _("positions required"), _("people scheduled"), _("people present"),
        _("service level predicted"), _("occupancy predicted"),
    ]  # fmt: skip
    rows = (
        [
            day, one.clock, int(one.is_over), number(one.expected), number(one.calls),
            one.required, number(one.scheduled), number(one.present), number(one.level),
            number(one.occupancy),
        ]
        for one in lines
    )  # fmt: skip
    return exports.download(f"intraday-people-{queue.pk}-{day}.csv", header, rows)


def _offered(running: Running, now: datetime, until: int) -> list[Offered]:
    there = movable.pieces(running, now)
    of_piece = {one.piece: one for one in there}
    found = moving.best(
        running.outlook,
        running.clock,
        of_piece,
        lambda piece, to: not of_piece[piece].breaks(running.moment(to)),
        until=until,
        most=MOST,
    )
    return [_shown(running, of_piece[one.piece], one) for one in found]


def _shown(running: Running, one: Movable, told: Proposal) -> Offered:
    shift: Any = one.shift
    return Offered(
        name=shift.agent.name,
        what=one.said["name"],
        is_pause=one.is_pause,
        was_at=running.moment(one.piece.start),
        now_at=running.moment(told.to),
        minutes=one.piece.minutes,
        calls=told.calls,
        relieves=_change(running, told.relieves),
        takes_from=None if told.takes_from is None else _change(running, told.takes_from),
        agent=one.piece.person,
        start=one.piece.start,
        to=told.to,
        seen=shift.roster.revision,
    )


def _change(running: Running, effect: Effect) -> Change:
    return Change(running.begins(effect.first), running.ends(effect.last), effect)


def _plans(request: HttpRequest, queue: Queue) -> bool:
    scope = scope_of(request.user)
    return scope.everything or scope.plans_for(queue.site_id)


def _named(request: HttpRequest, queue: Queue, actions: list[IntradayAction]) -> Mapping[int, str]:
    """Whose shift each action changed, by its id: to planners, and to who answers for them."""
    agents = {one.pk: change.agent for one in actions for change in one.edit.changes.all()}
    if not _plans(request, queue):
        led = Agent.objects.answered_for_by(request.user).filter(
            pk__in={one.pk for one in agents.values()}
        )
        mine = {*led.values_list("pk", flat=True)}
        agents = {pk: one for pk, one in agents.items() if one.pk in mine}
    return {pk: one.name for pk, one in agents.items()}


def _number(said: str) -> int | None:
    is_one = said.isascii() and said.isdecimal() and len(said) <= _DIGITS
    return int(said) if is_one else None


def _day(request: HttpRequest) -> date | None:
    try:
        return parse_date(request.GET.get("day", ""))
    except ValueError:
        return None


def urls() -> list[URLPattern]:
    return [
        path("intraday/people/", people_page, name="intraday_people"),
        path("intraday/people/take/", take, name="intraday_take"),
        path("intraday/done/", actions_page, name="intraday_actions"),
        path("intraday/done/<int:pk>/undo/", undo, name="intraday_undo"),
    ]
