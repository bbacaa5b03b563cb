"""What pages tell of time off."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from typing import Any

from django.db.models import Q, QuerySet

from ccm.intervals import DAY
from ccm.models import Agent, Leave, Site
from scheduling.absences import books, kept, services, work
from scheduling.absences.books import Kept
from scheduling.models import KeptRoster, KeptShift, LeaveKind, LeaveRequest
from scheduling.terms.works import rules_of
from scheduling.timeoff import (
    Absence,
    Account,
    Balance,
    Entry,
    GroupDay,
    Measure,
    Outcome,
    Use,
    balance,
    calendar,
    left,
    of_year,
)
from scheduling.timeoff.accrual import next_year, year_of

State = LeaveRequest.State


@dataclass(frozen=True, slots=True)
class OfKind:
    """What somebody has of a kind in a leave year, and how it comes about: `left_today` counts
    nothing that is booked for later, `whole` is up to the year's last day."""

    kind: LeaveKind
    whole: Balance
    left_today: int
    entries: tuple[Entry, ...]
    starts: date
    ends: date


@dataclass(frozen=True, slots=True)
class Looked:
    """What would become of a request if it were asked for now."""

    row: LeaveRequest
    outcome: Outcome
    by_rules: bool


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away on a day: those whom a reader may see, by name, and how many others."""

    names: tuple[str, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a site for a reader: what may be off, what is, by whose leave (`taking`), and who is
    away besides; `places` are whole days of `full_day` that are left (None: nobody can say)."""

    day: date
    allowed: Fraction | None
    taken: Fraction
    measure: Measure
    is_closed: bool
    places: int | None
    taking: Away
    besides: Away
    waiting: int

    @property
    def names(self) -> tuple[str, ...]:
        """Of all who are away."""
        return tuple(sorted(self.taking.names + self.besides.names))

    @property
    def others(self) -> int:
        return self.taking.others + self.besides.others

    @property
    def room(self) -> Fraction | None:
        return None if self.allowed is None else max(self.allowed - self.taken, Fraction(0))


@dataclass(frozen=True, slots=True)
class Open:
    """An open request with what its tightest day allows, and the shifts that it meets."""

    row: LeaveRequest
    tightest: Day | None
    shifts: int


@dataclass(frozen=True, slots=True)
class Freed:
    """Leave that ended before it was over, and the days to come on which the published roster has
    no shift for them any more or yet, though they would work; minutes of them together."""

    row: LeaveRequest
    days: tuple[date, ...]
    minutes: int


def kinds_of(site: Site) -> list[LeaveKind]:
    return list(LeaveKind.objects.filter(site=site).order_by("name"))


def balances(
    agent: Agent, kinds: Iterable[LeaveKind], requests: Iterable[LeaveRequest], today: date
) -> list[OfKind]:
    """What somebody has of each kind of which a balance is kept, in the leave year of today, by all
    their `requests`. Three queries."""
    site = agent.site
    works = work.of_people([agent], site, rules_of(site))
    absences = Leave.objects.filter(agent=agent, leave_request=None)
    accounts = books.accounts_of(kinds, list(works.values()), absences)
    approved: dict[int, list[LeaveRequest]] = defaultdict(list)
    for row in requests:
        if row.state == State.APPROVED:
            approved[row.kind_id].append(row)
    found = []
    for kind in kinds:
        account = accounts.get((kept.person_id(agent.pk), kept.kind_id(kind.pk)))
        if account is None or not (kind.is_active or approved[kind.pk] or account.opening):
            continue
        uses = (use for row in approved[kind.pk] for use in kept.request_of(row, site).uses)
        found.append(_of_kind(kind, account.using(uses), today))
    return found


def balances_of(site: Site, kind: LeaveKind, today: date) -> list[tuple[Agent, OfKind]]:
    """What everybody who is there has of a kind, by name; how it comes about is not told. Of those
    whose names an import met and nobody has confirmed, only who has a contract. Five queries."""
    there = Q(left_on=None) | Q(left_on__gt=today)
    agents = Agent.objects.filter(there, site=site).order_by("name", "pk")
    works = {
        pk: one
        for pk, one in work.of_people(agents, site, rules_of(site)).items()
        if one.contracts or not one.agent.is_new
    }
    absences = Leave.objects.filter(agent__in=works, leave_request=None)
    accounts = books.accounts_of([kind], list(works.values()), absences)
    uses: dict[int, list[Use]] = defaultdict(list)
    rows = LeaveRequest.objects.approved().filter(agent__in=works, kind=kind)
    for row in rows.order_by("first_on", "pk"):
        uses[row.agent_id] += kept.request_of(row, site).uses
    found = []
    for pk, one in works.items():
        account = accounts[kept.person_id(pk), kept.kind_id(kind.pk)].using(uses[pk])
        starts = year_of(account.terms, today)
        ends = next_year(starts) - DAY
        told = balance(account, ends, today), left(account, today)
        found.append((one.agent, OfKind(kind, *told, (), starts, ends)))
    return found


def _of_kind(kind: LeaveKind, account: Account, today: date) -> OfKind:
    starts = year_of(account.terms, today)
    ends = next_year(starts) - DAY
    whole, book = balance(account, ends, today), of_year(account, ends)
    return OfKind(kind, whole, left(account, today), book, starts, ends)


def look(row: LeaveRequest, now: datetime) -> Looked:
    """What would become of a request, and what each rule says: its days and its facts are told with
    it. Nothing of it is kept. Raises ValidationError for what cannot be asked for at all."""
    told = services.preview(row, now)
    return Looked(row, told.outcome, row.kind.decides == LeaveKind.Decides.RULES)


def shifts_met(rows: Collection[LeaveRequest]) -> dict[int, int]:
    """How many shifts of published rosters each request that stands meets, by its id. One query."""
    stand = [one for one in rows if one.is_open or one.state == State.APPROVED]
    if not stand:
        return {}
    first = min(one.first_on for one in stand)
    last = max(one.last_on for one in stand)
    given: dict[int, list[Any]] = defaultdict(list)
    shifts = KeptShift.objects.published().filter(
        agent__in={one.agent_id for one in stand}, day__gte=first, day__lte=last
    )
    for shift in shifts:
        given[shift.agent_id].append(shift)
    return {
        row.pk: sum(_meets(row, shift) for shift in given.get(row.agent_id, ())) for row in stand
    }


def freed(rows: Iterable[LeaveRequest], site: Site, today: date) -> list[Freed]:
    """Of requests of a site those that were withdrawn or taken back, where days to come are left
    without a shift: they do not come back by themselves. Three queries."""
    ended = [
        one
        for one in rows
        if one.state in (State.WITHDRAWN, State.CANCELLED)
        and one.part is None
        and one.last_on >= today
    ]
    if not ended:
        return []
    first, last = today, max(one.last_on for one in ended)
    people = {one.agent_id for one in ended}
    rosters = list(KeptRoster.objects.published().within(first, last).filter(site=site, group=None))
    given = work.rostered(people, first, last)
    away: dict[int, list[Absence]] = defaultdict(list)
    for leave in Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first), agent__in=people, first_on__lte=last
    ):
        away[leave.agent_id].append(Absence(leave.first_on, leave.last_on))

    def is_free(agent: int, day: date) -> bool:
        known = given.get(agent, {})
        planned = day in known or any(one.first_day <= day <= one.last_day for one in rosters)
        return planned and not known.get(day) and not any(one.holds_on(day) for one in away[agent])

    found, told = [], set()
    for row in ended:
        off = [
            one
            for one in kept.days_of(row)
            if one.minutes and one.day >= today and (row.agent_id, one.day) not in told
        ]
        free = [one for one in off if is_free(row.agent_id, one.day)]
        told |= {(row.agent_id, one.day) for one in free}  # of two requests of a day once
        if free:
            minutes = sum(one.minutes for one in free)
            found.append(Freed(row, tuple(one.day for one in free), minutes))
    return found


def _meets(row: LeaveRequest, shift: KeptShift) -> bool:
    """Whether a shift is on its days; of part of a day, within its hours by the site's clock."""
    if not row.first_on <= shift.day <= row.last_on:
        return False
    if row.part is None:
        return True
    zone = row.agent.site.tz
    midnight = datetime.combine(row.first_on, datetime.min.time(), zone)
    begin, end = (midnight + timedelta(minutes=minute) for minute in row.part)
    return bool(shift.begins_at < end and begin < shift.ends_at)


def days(found: Kept, first: date, last: date, names: Mapping[int, str]) -> dict[date, Day]:
    """Days of a site as they may be shown to who knows these `names`, by the agents' ids."""
    site, group = found.site, kept.group_id(found.site.pk)
    full_day = Fraction(rules_of(site).full_week_minutes, 5)
    taking, besides = _away_otherwise(found, first, last)
    closed = next(
        (one.closed for one in found.book.policies.values() if one.under_allowance), frozenset()
    )
    told = {}
    for one in calendar(found.book, group, first, last):
        takes, else_off = taking[one.day], besides[one.day]
        for pk in one.off:
            row = found.rows[pk]
            (takes if row.kind.under_allowance else else_off).add(row.agent_id)
        told[one.day] = Day(
            day=one.day,
            allowed=one.most,
            taken=one.taken,
            measure=one.measure or Measure.MINUTES,
            is_closed=one.day in closed,
            places=_places(one, full_day),
            taking=_away(takes, names),
            besides=_away(else_off - takes, names),
            waiting=len(one.waiting),
        )
    return told


def _places(one: GroupDay, full_day: Fraction) -> int | None:
    if one.room is None:
        return None
    return floor(one.room if one.measure is Measure.PEOPLE else one.room / full_day)


def _away(people: Collection[int], names: Mapping[int, str]) -> Away:
    known = sorted(names[pk] for pk in people if pk in names)
    return Away(tuple(known), len(people) - len(known))


def _away_otherwise(
    found: Kept, first: date, last: date
) -> tuple[dict[date, set[int]], dict[date, set[int]]]:
    """Who is away by an absence that came of no request, on days on which they would work: those
    whose absence takes of the allowance, and those whose does not."""
    taking: dict[date, set[int]] = defaultdict(set)
    besides: dict[date, set[int]] = defaultdict(set)
    for leave in found.absences:
        away = taking if leave.kind.casefold() in found.counted else besides
        day = max(leave.first_on, first)
        while day <= min(leave.last_on or last, last):
            if found.works[leave.agent_id].by_contract(day):
                away[day].add(leave.agent_id)
            day += DAY
    return taking, besides


def names_of(agents: QuerySet[Any]) -> dict[int, str]:
    return dict(agents.values_list("pk", "name"))


def open_of(site: Site, rows: Sequence[LeaveRequest], names: Mapping[int, str]) -> list[Open]:
    """Open requests of a site as they are to be decided, each with its tightest day."""
    if not rows:
        return []
    first, last = min(one.first_on for one in rows), max(one.last_on for one in rows)
    shown = days(books.read(site, first, last, waiting=True), first, last, names)
    met = shifts_met(rows)
    return [Open(row, _tightest(row, shown), met.get(row.pk, 0)) for row in rows]


def _tightest(row: LeaveRequest, shown: Mapping[date, Day]) -> Day | None:
    """Of the days on which they would work the one with the least room, unknown ones first."""
    of_it = [shown[one.day] for one in kept.days_of(row) if one.minutes and one.day in shown]
    if not of_it:
        return None
    return min(of_it, key=lambda one: (one.room is not None, one.room or Fraction(0), one.day))
