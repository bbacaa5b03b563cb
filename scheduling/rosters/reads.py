"""What a roster's page tells: who works when, what that covers and costs, the rules that it breaks,
the wishes that it refuses, and who cannot keep their rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import Exists
from django.utils.translation import gettext as _

from ccm.intervals import DAY
from ccm.models import Agent, Queue, Site
from scheduling.models import (
    BidRound,
    Forecast,
    GroupForecast,
    KeptRoster,
    KeptShift,
    QueueGroup,
    RosterRun,
    ShiftTemplate,
)
from scheduling.rosters import asked, kept, sessions, words
from scheduling.rosters.demand import LeftOut
from scheduling.rules import Broken
from scheduling.rules.costs import Cost, cost
from scheduling.rules.idle import idle
from scheduling.shifts import Day, Problem
from scheduling.terms import read
from scheduling.terms import words as terms
from scheduling.terms.skills import of_group, of_queue


@dataclass(frozen=True, slots=True)
class Cell:
    """A shift as a table has it: "09:00–17:00", by the site's clock."""

    shift: KeptShift
    clock: str
    name: str
    colour: str


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody's days; None: off."""

    agent: Agent
    cells: Sequence[Cell | None]
    hours: float
    days: Sequence[date]

    @property
    def clocked(self) -> str:
        """The hours as the board has them: "7:30"."""
        return terms.hours(round(self.hours * 60))

    @property
    def dated(self) -> list[tuple[date, Cell | None]]:
        return [*zip(self.days, self.cells, strict=True)]


@dataclass(frozen=True, slots=True)
class Covered:
    """Hours of positions of a day: asked for, there, missing, and beyond what is asked for; and
    what the last two cost, in the problem's measure. Not `is_told`: nothing is known of what is
    asked."""

    day: date
    required: float
    there: float
    short: float
    over: float
    costs: float
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Slot:
    """The same of one slot of a day, in positions, and when it begins."""

    clock: str
    required: float
    there: float
    short: float
    over: float
    costs: float


@dataclass(frozen=True, slots=True)
class Kind:
    """Rules of one kind that a roster breaks, a line each; `words` is what they have in common."""

    words: str
    is_hard: bool
    lines: Sequence[str]

    @property
    def first(self) -> Sequence[str]:
        """Those that are read at once: all where they are few."""
        return self.lines if len(self.lines) <= _MANY else self.lines[:_FIRST]

    @property
    def rest(self) -> Sequence[str]:
        return self.lines[len(self.first) :]


# Of a kind so many are told each by themselves; of more the first, and the rest once asked for.
_MANY, _FIRST = 5, 3


@dataclass(frozen=True, slots=True)
class Account:
    """What a roster covers and costs. `hard` and `soft` are rules that it breaks, which `broken`
    has by their kinds, `conflicts` are what becomes of rules that contradict each other, these
    rules and the ways out, `idle` are who could have shifts and has none: all in words."""

    cost: Cost
    days: Sequence[Covered]
    day: date
    slots: Sequence[Slot]
    hard: Sequence[str]
    soft: Sequence[str]
    refused: Sequence[str]
    conflicts: Sequence[tuple[str, Sequence[str], Sequence[str]]]
    left_out: Sequence[str]
    broken: Sequence[Kind] = ()
    idle: Sequence[str] = ()

    @property
    def whole(self) -> Covered:
        """Of all days together."""
        sums = [
            sum(getattr(one, name) for one in self.days)
            for name in ("required", "there", "short", "over", "costs")
        ]
        return Covered(self.days[0].day, *sums)


def days_of(roster: KeptRoster) -> list[date]:
    return [roster.first_day + n * DAY for n in range(roster.days)]


def table(
    roster: KeptRoster, days: Sequence[date], shifts: Sequence[KeptShift], agents: Iterable[Agent]
) -> list[Row]:
    """Who works when on some days: everyone of some agents, in their order. One query."""
    zone = ZoneInfo(roster.site.zone)
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    mine: dict[int, dict[date, KeptShift]] = defaultdict(dict)
    for one in shifts:
        if one.day in days:
            mine[one.agent_id][one.day] = one
    rows = []
    for agent in agents:
        theirs = mine.get(agent.pk, {})
        cells = [_cell(theirs.get(day), templates, zone) for day in days]
        hours = sum(one.worked_minutes for one in theirs.values()) / 60
        rows.append(Row(agent, cells, hours, days))
    return rows


def _cell(
    shift: KeptShift | None, templates: dict[int, ShiftTemplate], zone: ZoneInfo
) -> Cell | None:
    if shift is None:
        return None
    begins, ends = (one.astimezone(zone) for one in (shift.begins_at, shift.ends_at))
    template = templates.get(shift.template_id or 0)
    return Cell(
        shift,
        f"{begins:%H:%M}–{ends:%H:%M}",
        template.name if template else "",
        template.colour if template else "",
    )


def people_of(
    roster: KeptRoster, problem: Problem | None, shifts: Iterable[KeptShift]
) -> list[Agent]:
    """Everyone who can be given shifts of a roster, or has some. One query."""
    wanted = {one.agent_id for one in shifts}
    if problem is not None:
        wanted |= {int(one.id) for one in problem.people}
    return list(Agent.objects.filter(pk__in=wanted).order_by("name", "pk"))


def problem_of(
    roster: KeptRoster, shifts: Sequence[KeptShift]
) -> tuple[Problem, tuple[LeftOut, ...]]:
    """What a roster is to be, and what is asked for nothing, by what was asked when that was last
    read."""
    said = asked.kept(roster)
    if said is None:
        return kept.problem_of(roster, None, shifts), ()
    return kept.problem_of(roster, said.demand, shifts), said.left_out


def is_stale(roster: KeptRoster) -> bool:
    """Whether a queue or group of a roster has been forecast anew since what is asked for was read.
    One query."""
    since = roster.asked_at
    if since is None:
        return False
    queues = Forecast.objects.filter(queue__site=roster.site_id, made_at__gt=since)
    groups = GroupForecast.objects.filter(group__site=roster.site_id, made_at__gt=since)
    if roster.group_id is not None:
        queues = queues.filter(queue__groups=roster.group_id)
        groups = groups.filter(group=roster.group_id)
    site = Site.objects.filter(Exists(queues) | Exists(groups), pk=roster.site_id)
    return bool(site.exists())


def account(
    roster: KeptRoster,
    shifts: Sequence[KeptShift],
    problem: Problem,
    left_out: Iterable[LeftOut],
    agents: Iterable[Agent],
    run: RosterRun | None,
    day: date | None = None,
) -> Account:
    """What a roster covers and costs; slot by slot on one of its days, by default the first."""
    made = kept.roster_of(roster, shifts)
    found = cost(problem, made)
    names = {read.person_id(one.pk): one.name for one in agents}
    first = roster.first_day
    chosen = day if day in days_of(roster) and day is not None else first
    kinds = [*_kinds(found.broken, names, first)]
    missed = sessions.told(problem, made, names)
    if missed:
        kinds.append(Kind(_("Somebody has no time for a session"), False, missed))
    return Account(
        cost=found,
        days=_days(problem, roster, found),
        day=chosen,
        slots=_slots(problem, roster, found, chosen),
        hard=[line for one in kinds if one.is_hard for line in one.lines],
        soft=[line for one in kinds if not one.is_hard for line in one.lines],
        refused=_refused(problem, found, names, roster),
        conflicts=_conflicts(run, names, problem.days),
        left_out=[words.left_out(one) for one in left_out],
        broken=kinds,
        # Where nobody has any that is told by itself.
        idle=[names.get(one, one) for one in idle(problem, made)] if shifts else (),
    )


def _kinds(broken: Iterable[Broken], names: words.Names, first: date) -> Iterator[Kind]:
    """Rules that are broken by their kinds, those that must be kept before the others."""
    found: dict[tuple[bool, str], list[Broken]] = defaultdict(list)
    for one in broken:
        found[not one.is_hard, one.rule].append(one)
    for (is_soft, _rule), alike in sorted(found.items(), key=lambda one: one[0][0]):
        lines = [words.broken(one, names, first) for one in alike]
        yield Kind(words.somebody(alike[0].rule), not is_soft, lines)


def _bounds(problem: Problem, day: Day) -> slice:
    """The slots that begin on a day."""
    minutes = problem.demand.slot_minutes if problem.demand else 1
    return slice(-(-day.start // minutes), -(-(day.start + day.minutes) // minutes))


def _parts(found: Cost) -> tuple[Any, ...]:
    cover = found.cover
    return cover.required, cover.there, cover.short, cover.over


def _days(problem: Problem, roster: KeptRoster, found: Cost) -> list[Covered]:
    demand = problem.demand
    hours = (demand.slot_minutes if demand else 0) / 60
    costs = found.cover.costs(demand)
    days = []
    for day in problem.days:
        some = _bounds(problem, day)
        required, there, short, over = (float(np.sum(one[some])) * hours for one in _parts(found))
        is_told = demand is None or demand.told is None or bool(demand.told[some].any())
        dear = float(np.sum(costs[some]))
        days.append(Covered(day.date, required, there, short, over, dear, is_told))
    return days


def _slots(problem: Problem, roster: KeptRoster, found: Cost, chosen: date) -> list[Slot]:
    """Those in which anybody is asked for or there."""
    if problem.demand is None:
        return []
    day = problem.days[(chosen - roster.first_day).days]
    begin, zone = kept.begin_of(roster.site, roster.first_day), ZoneInfo(roster.site.zone)
    bounds = _bounds(problem, day)
    costs = found.cover.costs(problem.demand)
    slots = []
    for slot in range(bounds.start, bounds.stop):
        values = [float(one[slot]) for one in (*_parts(found), costs)]
        if any(values):
            moment = begin + timedelta(minutes=slot * problem.demand.slot_minutes)
            clock = f"{moment.astimezone(zone):%H:%M}"
            slots.append(Slot(clock, *values))
    return slots


def _refused(problem: Problem, found: Cost, names: words.Names, roster: KeptRoster) -> list[str]:
    """Wishes not granted, each with what refused it, or that nobody has found out."""
    if not found.refused:
        return []
    templates = {
        str(pk): name
        for pk, name in ShiftTemplate.objects.filter(site=roster.site_id).values_list("pk", "name")
    }
    why, untold = _why(roster), words.untold(is_changed=_is_changed(roster))
    told = []
    for one in found.refused:
        shape = problem.shape.get(one.wish.what)
        template = one.wish.what if shape is None else shape.template
        what = templates.get(template, "") if template else ""
        day = roster.first_day + one.wish.day * DAY
        name = names.get(one.person, one.person)
        said = words.refused(name, day, wants=one.wish.wants, what=what)
        key = (one.person, one.wish.day, one.wish.wants, one.wish.what)
        told.append(f"{said}: {why.get(key, untold)}")
    return told


def _is_changed(roster: KeptRoster) -> bool:
    """Whether a roster is another by now than when it was found out why it refuses wishes."""
    return bool(roster.revision != roster.refused_revision)


def _why(roster: KeptRoster) -> dict[tuple[str, int, bool, str], str]:
    """What refused wishes when it was last found out, by whose they are, their days, directions and
    shifts: rules of somebody's own refuse a wish whatever is changed since, what it would cost is
    of then."""
    is_changed = _is_changed(roster)
    return {
        (one["person"], one["day"], one["wants"], one["what"]): words.refusing(
            [rule["name"] for rule in one["rules"]], one["dearer"], is_changed=is_changed
        )
        for one in roster.refused
    }


def _conflicts(
    run: RosterRun | None, names: words.Names, days: Sequence[Day]
) -> list[tuple[str, list[str], list[str]]]:
    if run is None:
        return []
    return [
        (
            words.contradiction(one, names),
            words.bindings(one["rules"], names, days),
            ["; ".join(words.bindings(way, names, days)) for way in one["ways"]],
        )
        for one in run.conflicts
    ]


def skills_of(roster: KeptRoster) -> list[tuple[str, str]]:
    """What people of a roster's site can take, as its demand calls it, with its name. Two
    queries."""
    queues = Queue.objects.filter(site=roster.site_id).order_by("name", "pk")
    groups = QueueGroup.objects.filter(site=roster.site_id).order_by("name", "pk")
    return [
        *((of_group(pk), name) for pk, name in groups.values_list("pk", "name")),
        *((of_queue(pk), name) for pk, name in queues.values_list("pk", "name")),
    ]


def last_run(roster: KeptRoster) -> RosterRun | None:
    found: RosterRun | None = roster.runs.select_related("job").order_by("-pk").first()
    return found


def bidding(roster: KeptRoster) -> tuple[BidRound | None, BidRound | None]:
    """On a draft, a round of bids that is not over, as what it gives out it gives out of a draft,
    and the last one that was given out, whose shifts stay as they are when it is made anew. One
    query; none where it is published."""
    if not roster.is_draft:
        return None, None
    rounds = BidRound.objects.filter(roster=roster.pk).exclude(state=BidRound.State.CALLED_OFF)
    found: list[BidRound] = list(rounds)
    return (
        next((one for one in found if not one.is_over), None),
        next((one for one in found if one.is_over), None),
    )
