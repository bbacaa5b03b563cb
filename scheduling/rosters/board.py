"""The board of a roster: who works when on some of its days, and under it how that covers what is
asked for, slot by slot on the same axis."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from ccm.intervals import DAY
from ccm.models import Agent, Leave, TeamMembership
from scheduling.models import KeptRoster, KeptShift, ShiftTemplate
from scheduling.rosters import given, kept, parts, predicted
from scheduling.rosters.demand import Asked
from scheduling.rosters.hand import Hand
from scheduling.rules.costs import cover_of
from scheduling.rules.there import there_by_skills
from scheduling.shifts import Day, Person, Problem
from scheduling.terms import read
from scheduling.terms.skills import of_group

VIEWS = {"day": 1, "week": 7, "month": 28}


@dataclass(frozen=True, slots=True)
class Span:
    """Days that a board shows, from `first` to `last`, both included, of a roster."""

    roster: KeptRoster
    view: str
    first: date
    last: date

    @classmethod
    def asked(cls, roster: KeptRoster, view: str, day: date | None) -> "Span":
        """What somebody asked for: a day, its week, or four weeks of the roster; by default the
        first week."""
        view = view if view in VIEWS else "week"
        chosen = min(max(day or roster.first_day, roster.first_day), roster.last_day)
        many = VIEWS[view]
        # Weeks are counted from the roster's first day.
        first = chosen - (chosen - roster.first_day) % timedelta(many)
        return cls(roster, view, first, min(first + (many - 1) * DAY, roster.last_day))

    @property
    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> date | None:
        return None if self.first <= self.roster.first_day else self.first - DAY

    @property
    def after(self) -> date | None:
        return None if self.last >= self.roster.last_day else self.last + DAY


@dataclass(frozen=True, slots=True)
class Strip:
    """Slot by slot of a span: positions required, there and missing, what these and those beyond
    cost, and the service level that is likely (None: it cannot be told) for so many calls. `at` are
    minutes of the clock since the span's first midnight; a position costs `under` where it is
    missing, and `over` beyond what is required. `fewer` and `more` are the level with one less or
    one more there. Of slots that are not `known` nothing tells what is required."""

    slot_minutes: int
    at: Sequence[int]
    required: Sequence[float]
    there: Sequence[float]
    short: Sequence[float]
    calls: Sequence[float]
    level: Sequence[float | None]
    fewer: Sequence[float | None]
    more: Sequence[float | None]
    costs: Sequence[float]
    known: Sequence[bool]
    under: int
    over: int


def agents_of(span: Span) -> QuerySet[Any]:
    """Who is at a site on some day of a roster, with the team that they are in on the span's last
    day (`team_name`) and what they work of the roster (`minutes`)."""
    roster = span.roster
    there = Q(left_on=None) | Q(left_on__gt=roster.first_day)
    hired = Q(hired_on=None) | Q(hired_on__lte=roster.last_day)
    member = TeamMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=span.last), agent=OuterRef("pk"), starts_on__lte=span.last
    )
    worked = KeptShift.objects.filter(roster=roster.pk, agent=OuterRef("pk")).order_by()
    sums = worked.values("agent").annotate(many=Sum("worked_minutes")).values("many")
    found: QuerySet[Any] = (
        Agent.objects.filter(there, hired, site=roster.site_id)
        .annotate(team_name=Subquery(member.values("team__name")[:1]), minutes=Subquery(sums))
        .order_by("name", "pk")
    )
    return found


def shown(
    agents: Iterable[Any], people: Mapping[str, Person], shifts: Iterable[KeptShift]
) -> list[Any]:
    """Those of some agents who can be given shifts, or have some."""
    have = {one.agent_id for one in shifts}
    return [
        one
        for one in agents
        if read.person_id(one.pk) in people or one.minutes is not None or one.pk in have
    ]


def workers_first(span: Span, agents: Iterable[Any], shifts: Iterable[KeptShift]) -> list[Any]:
    """Some agents, those before the others who work on a span, if it is by the night before."""
    begin = kept.begin_of(span.roster.site, span.first)
    work = {one.agent_id for one in shifts if one.ends_at > begin}
    return sorted(agents, key=lambda one: one.pk not in work)


def shifts_of(span: Span, rows: QuerySet[Any]) -> list[KeptShift]:
    """Shifts that reach into a span."""
    return list(
        rows.filter(roster=span.roster.pk, day__gte=span.first - DAY, day__lte=span.last).order_by(
            "day", "begins_at", "pk"
        )
    )


def people_of(roster: KeptRoster, agents: Sequence[Agent]) -> tuple[Person, ...]:
    """Those of some agents who can be given shifts of a roster, with what they can take and when
    they are there by a shift before it. Two queries."""
    tails = kept.tails(roster)
    found = tuple(
        replace(one, tail=tails.get(one.id, ()))
        for one in read.people(
            roster.site, roster.first_day, roster.days, is_brief=True, agents=agents
        )
    )
    if roster.group_id is None:
        return found
    skill = of_group(roster.group_id)
    return tuple(one for one in found if skill in one.skills)


def strip_of(
    span: Span, said: Asked, people: Sequence[Person], shifts: Sequence[KeptShift],
    templates: Mapping[int, ShiftTemplate],
) -> Strip | None:  # fmt: skip
    """How shifts cover the days of a span; None where nobody is asked for."""
    roster, demand = span.roster, said.demand
    if not demand.skills:
        return None
    zone = ZoneInfo(roster.site.zone)
    days = read.days(roster.site, roster.first_day, roster.days)
    # Thousands of shifts are of some dozens of shapes.
    alike = {one.shape: one for one in shifts}
    shapes = {name: given.shape_of(one, zone, templates) for name, one in alike.items()}
    problem = Problem(days=days, shapes=tuple(shapes.values()), people=tuple(people), demand=demand)
    skills, there = there_by_skills(problem, kept.roster_of(roster, shifts), demand)
    bounds = _bounds(span, days, demand.slot_minutes)
    demand = replace(
        demand,
        required=demand.required[:, bounds],
        told=None if demand.told is None else demand.told[bounds],
    )
    there = there[:, bounds]
    cover = cover_of(demand, skills, there)
    unknown: list[float | None] = [None] * demand.slots
    fewer = level = more = unknown
    calls = np.zeros(demand.slots)
    if said.work:
        work = [replace(one, calls=one.calls[bounds], aht=one.aht[bounds]) for one in said.work]
        calls = np.sum([one.calls for one in work], axis=0)
        # Of who is given a shift some are not there.
        each = 1 - said.away
        likely = there * each
        fewer, level, more = (
            [None if np.isnan(one) else round(float(one), 4) for one in told]
            for by in (-each, 0.0, each)
            for told in [predicted.level(demand, work, skills, predicted.by(likely, skills, by))]
        )
    begin = kept.begin_of(roster.site, roster.first_day)
    midnight = datetime.combine(span.first, time())
    at = [
        round((_local(begin, slot * demand.slot_minutes, zone) - midnight).total_seconds()) // 60
        for slot in range(bounds.start, bounds.stop)
    ]
    required, here, short, comes, costs = (
        [round(float(one), 3) for one in row]
        for row in (cover.required, cover.there, cover.short, calls, cover.costs(demand))
    )
    return Strip(
        demand.slot_minutes, at, required, here, short, comes, level, fewer, more, costs,
        [True] * demand.slots if demand.told is None else demand.told.tolist(), demand.under,
        demand.over,
    )  # fmt: skip


def _local(begin: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    return (begin + timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None)


def _bounds(span: Span, days: Sequence[Day], slot_minutes: int) -> slice:
    first = days[(span.first - span.roster.first_day).days]
    last = days[(span.last - span.roster.first_day).days]
    return slice(-(-first.start // slot_minutes), -(-(last.start + last.minutes) // slot_minutes))


def told(
    span: Span, shifts: Iterable[KeptShift], templates: Mapping[int, ShiftTemplate]
) -> list[dict[str, Any]]:
    """Shifts as a board draws them: their spells, and what of them is not for contacts as [kind,
    name, start, end], in minutes of the site's clock since the midnight of their day; and how many
    minutes are worked."""
    hand = Hand(span.roster, templates)
    return [_told(hand, one) for one in shifts]


def _told(hand: Hand, one: KeptShift) -> dict[str, Any]:
    return {
        "agent": one.agent_id,
        "day": one.day.isoformat(),
        "template": one.template_id,
        "fixed": one.is_fixed,
        "on_call": one.is_on_call,
        "minutes": one.worked_minutes,
        "spells": [
            [hand.clock(one.day, begin), hand.clock(one.day, end)]
            for begin, end in given.of_row(one).spells
        ],
        "parts": [
            [part.kind, part.name, hand.clock(one.day, part.start), hand.clock(one.day, part.end)]
            for part in parts.of_shift(one)
            if part.kind not in (parts.ON_QUEUE, parts.ON_CALL)
        ],
    }


def templates_told(templates: Mapping[int, ShiftTemplate]) -> dict[int, list[str]]:
    """The name and the colour of each."""
    return {pk: [one.name, one.colour] for pk, one in templates.items()}


def rows(agents: Sequence[Any], people: Mapping[str, Person]) -> list[dict[str, Any]]:
    """The people of a board: whom they are, their team, and what they can take."""
    return [
        {
            "id": one.pk,
            "name": one.name,
            "team": one.team_name or "",
            "skills": sorted(person.skills) if person else [],
        }
        for one in agents
        for person in [people.get(read.person_id(one.pk))]
    ]


def away(roster: KeptRoster, span: Span) -> list[dict[str, Any]]:
    """Who is absent on which days of a span: [first, last]. One query."""
    found = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=span.first),
        agent__site=roster.site_id, first_on__lte=span.last,
    )  # fmt: skip
    return [
        {
            "agent": one.agent_id,
            "first": max(one.first_on, span.first).isoformat(),
            "last": min(one.last_on or span.last, span.last).isoformat(),
        }
        for one in found
    ]
