"""Between rosters as they are solved and checked (`scheduling.shifts`) and the rows that are
kept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Q

from ccm.intervals import DAY
from ccm.models import Site
from scheduling.models import KeptRoster, KeptShift, ShiftTemplate
from scheduling.rosters import given, parts, sessions
from scheduling.shifts import Activity, Assignment, Demand, Person, Problem, Roster, Shape, Worked
from scheduling.terms import read, times
from scheduling.terms.shapes import template_of
from scheduling.terms.skills import of_group

WEEK = 7


@dataclass
class Around:
    """What somebody was given before a roster, the first that they have after it, and when within
    they are still there by what was before."""

    before: list[Worked] = field(default_factory=list)
    after: Worked | None = None
    tail: tuple[tuple[int, int], ...] = ()


def begin_of(site: Site, first_day: date) -> datetime:
    """The moment from which a roster's minutes count: its first midnight, UTC."""
    return datetime.combine(first_day, time(), ZoneInfo(site.zone)).astimezone(UTC)


def problem_of(
    roster: KeptRoster,
    demand: Demand | None,
    shifts: Iterable[KeptShift],
    *,
    plans_sessions: bool = True,
) -> Problem:
    """What a roster has to be, with what was worked before and with what stays as it is. Of a
    roster of a group only who serves it is of it. Starts and lengths that somebody was given by
    hand are shapes, too, and others may be given them. No rule is of sessions: who only checks
    a roster leaves them out (`plans_sessions`)."""
    shifts = list(shifts)
    problem = read.problem_terms(roster.site, roster.first_day, roster.days)
    problem = replace(problem, shapes=(*problem.shapes, *_by_hand(roster, problem, shifts)))
    worked = around(roster)
    nothing = Around()
    fixed: dict[str, dict[int, str | None]] = defaultdict(dict)
    for one in shifts:
        if one.is_fixed:
            day = (one.day - roster.first_day).days
            fixed[read.person_id(one.agent_id)][day] = one.shape
    skill = None if roster.group_id is None else of_group(roster.group_id)
    people = tuple(
        _with(one, worked.get(one.id, nothing), fixed.get(one.id, {}))
        for one in problem.people
        if skill is None or skill in one.skills
    )
    there = {one.id for one in people}
    pairings = tuple(one for one in problem.pairings if {one.one, one.other} <= there)
    if demand is not None and not demand.skills:
        demand = None  # nobody is asked for
    return replace(
        problem,
        people=people,
        pairings=pairings,
        demand=demand,
        sessions=sessions.of_roster(roster, there) if plans_sessions else (),
    )


def _by_hand(roster: KeptRoster, problem: Problem, shifts: Iterable[KeptShift]) -> Iterator[Shape]:
    """Shapes of shifts that no template in use has."""
    unknown = {one.shape: one for one in shifts if one.shape not in problem.shape}
    if not unknown:
        return
    templates = {one.pk: one for one in ShiftTemplate.objects.filter(site=roster.site_id)}
    for one in unknown.values():
        yield given.shape_of(one, ZoneInfo(roster.site.zone), templates)


def _with(person: Person, worked: Around, fixed: Mapping[int, str | None]) -> Person:
    return replace(
        person,
        before=tuple(worked.before),
        tail=worked.tail,
        after=worked.after,
        fixed=fixed,
    )


def around(roster: KeptRoster) -> dict[str, Around]:
    """What people were given in the two weeks before, and first in those after, by what was
    published. One query."""
    begin = begin_of(roster.site, roster.first_day)
    zone = ZoneInfo(roster.site.zone)
    rows = (
        KeptShift.objects.published()
        .filter(
            Q(day__gte=roster.first_day - times.BEFORE, day__lt=roster.first_day)
            | Q(day__gt=roster.last_day, day__lte=roster.last_day + times.BEFORE),
            roster__site=roster.site_id,
        )
        .exclude(roster=roster.pk)
        .order_by("begins_at", "pk")
    )
    found: dict[str, Around] = defaultdict(Around)
    for one in rows:
        local = one.begins_at.astimezone(zone)
        of = found[read.person_id(one.agent_id)]
        worked = Worked(
            start=_minutes(begin, one.begins_at),
            end=_minutes(begin, one.ends_at),
            minutes=one.worked_minutes,
            is_night=one.is_night,
            clock=local.hour * 60 + local.minute,
        )
        if one.day < roster.first_day:
            of.before.append(worked)
            of.tail += _tail(one, begin)
        elif of.after is None:
            of.after = worked
    return found


def tails(roster: KeptRoster) -> dict[str, tuple[tuple[int, int], ...]]:
    """When people are at work within a roster by published shifts before it. One query."""
    begin = begin_of(roster.site, roster.first_day)
    rows = KeptShift.objects.published().filter(
        roster__site=roster.site_id, day__lt=roster.first_day, ends_at__gt=begin,
        day__gte=roster.first_day - 2 * DAY,
    )  # fmt: skip
    found: dict[str, tuple[tuple[int, int], ...]] = defaultdict(tuple)
    for one in rows.exclude(roster=roster.pk).order_by("begins_at", "pk"):
        found[read.person_id(one.agent_id)] += _tail(one, begin)
    return found


def _tail(shift: KeptShift, begin: datetime) -> tuple[tuple[int, int], ...]:
    """What of a shift lies after the beginning of a roster, on calls."""
    if shift.ends_at <= begin:
        return ()
    return tuple(
        (max(_minutes(begin, part.start), 0), _minutes(begin, part.end))
        for part in parts.of_shift(shift)
        if part.kind == parts.ON_QUEUE and part.end > begin
    )


def roster_of(roster: KeptRoster, shifts: Iterable[KeptShift]) -> Roster:
    """Kept shifts as they are checked."""
    begin = begin_of(roster.site, roster.first_day)
    found: dict[str, dict[int, Assignment]] = defaultdict(dict)
    for one in shifts:
        activities = tuple(
            Activity(
                said["name"],
                _minutes(begin, datetime.fromisoformat(said["start"])),
                _minutes(begin, datetime.fromisoformat(said["end"])),
                said["is_pause"],
            )
            for said in one.activities
        )
        day = (one.day - roster.first_day).days
        found[read.person_id(one.agent_id)][day] = Assignment(one.shape, activities)
    return Roster(found)


def weeks_before(roster: KeptRoster) -> Roster:
    """What people were given on the same weekdays of as many whole weeks before, by what was
    published, as if it were a roster of these days. One query."""
    back = -(-roster.days // WEEK) * WEEK * DAY
    found: dict[str, dict[int, Assignment]] = defaultdict(dict)
    rows = KeptShift.objects.published().filter(
        roster__site=roster.site_id,
        day__gte=roster.first_day - back,
        day__lt=roster.first_day - back + roster.days * DAY,
    )
    for one in rows.order_by("day", "pk"):
        day = (one.day + back - roster.first_day).days
        found[read.person_id(one.agent_id)][day] = Assignment(one.shape)
    return Roster(found)


def shifts_of(
    roster: KeptRoster, problem: Problem, solved: Roster, templates: frozenset[int]
) -> Iterator[KeptShift]:
    """Rows of what was solved, not saved yet; `templates` are those that are still there."""
    for person, days in solved.of.items():
        for day, assigned in days.items():
            shape = problem.shape[assigned.shape]
            template = template_of(shape.id)
            yield given.row(
                roster,
                int(person),
                roster.first_day + day * DAY,
                given.of_shape(
                    problem,
                    begin_of(roster.site, roster.first_day),
                    day,
                    assigned,
                    template if template in templates else None,
                ),
            )


def _minutes(begin: datetime, moment: datetime) -> int:
    return int((moment - begin).total_seconds()) // 60
