"""A roster mended after an absence: who is away by now goes out of it, and the fewest changes of
others fill what that leaves, as a proposal that a planner takes or not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core import signing
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ccm.intervals import day_of
from ccm.models import Agent, Leave, User
from scheduling.models import KeptRoster, KeptShift, RosterEdit, ShiftTemplate
from scheduling.roster.repair import repaired
from scheduling.rosters import asked, demand, edits, given, kept
from scheduling.rosters.edits import Wanted
from scheduling.rosters.given import Given
from scheduling.shifts import Person
from scheduling.terms import read
from scheduling.terms.shapes import template_of

SECONDS = 5.0
# Somebody's day is changed where that fills ten slots that are short of somebody.
PRICE = 100
_SALT = "scheduling.rosters.mending"
Key = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Mended:
    """What somebody has on a day, and would have: clocks, or empty where they are off."""

    name: str
    day: date
    before: str
    after: str
    is_away: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    changes: Sequence[Mended]
    words: str
    """The same for `take`, signed."""


def away(roster: KeptRoster, now: datetime) -> list[KeptShift]:
    """Shifts from today on of people who are absent on their days by now. Two queries."""
    today = day_of(now, roster.site.calendar)
    rows = (
        roster.shifts.filter(day__gte=today).select_related("agent").order_by("day", "agent__name")
    )
    leaves = Leave.objects.filter(
        agent__site=roster.site_id, first_on__lte=roster.last_day
    ).exclude(last_on__lt=today)
    gone = [(one.agent_id, one.first_on, one.last_on or date.max) for one in leaves]
    return [
        one
        for one in rows
        if any(who == one.agent_id and first <= one.day <= last for who, first, last in gone)
    ]


def propose(roster: KeptRoster, now: datetime, seconds: float = SECONDS) -> Proposal:
    """The fewest changes that are found within some seconds. Days before today stay."""
    shifts = list(roster.shifts.all())
    gone = {(one.agent_id, one.day) for one in away(roster, now)}
    said = asked.kept(roster) or demand.of_roster(roster, read.rules(roster.site).slot_minutes, now)
    problem = kept.problem_of(roster, said.demand, shifts)
    before = kept.roster_of(roster, shifts)
    past = (day_of(now, roster.site.calendar) - roster.first_day).days
    problem = replace(
        problem,
        people=tuple(
            _held(roster, one, before.of.get(one.id, {}), past, gone) for one in problem.people
        ),
    )
    solved = repaired(problem, before, PRICE, seconds)
    there = {(one.agent_id, one.day): one for one in shifts}
    templates = ShiftTemplate.objects.filter(site=roster.site_id).in_bulk()
    begin = kept.begin_of(roster.site, roster.first_day)
    wanted: list[Wanted] = []
    for person in problem.people:
        agent = int(person.id)
        for number, day in enumerate(problem.days):
            had, has = before.on(person.id, number), solved.roster.on(person.id, number)
            key = (agent, day.date)
            # Of whom the rules contradict each other only what they are away from goes.
            if person.id in solved.without:
                has = None if key in gone else had
            if (had and had.shape) == (has and has.shape):
                continue
            made = None
            if has is not None:
                template = template_of(has.shape)
                made = given.of_shape(
                    problem, begin, number, has, template if template in templates else None
                )
            wanted.append(Wanted(agent, day.date, made))
    names = dict(
        Agent.objects.filter(pk__in={one.agent for one in wanted}).values_list("pk", "name")
    )
    changes = [_told(roster, one, there, names, gone) for one in wanted]
    order = sorted(
        range(len(wanted)), key=lambda n: (not changes[n].is_away, changes[n].day, changes[n].name)
    )
    body = {
        "roster": roster.pk,
        "seen": roster.revision,
        "wanted": [
            [one.agent, one.day.isoformat(), one.given and one.given.values()] for one in wanted
        ],
    }
    return Proposal([changes[n] for n in order], signing.dumps(body, salt=_SALT, compress=True))


def take(roster: KeptRoster, words: str, who: User, now: datetime) -> RosterEdit | None:
    """Make the changes of a proposal. Raises BadSignature for what is none of this roster, and as
    `edits.apply`."""
    body = signing.loads(words, salt=_SALT, max_age=24 * 3600)
    if body["roster"] != roster.pk:
        raise signing.BadSignature("of another roster")
    wanted = [
        Wanted(agent, date.fromisoformat(day), said and given.of_values(said))
        for agent, day, said in body["wanted"]
    ]
    return edits.apply(roster, wanted, who, now, seen=body["seen"], why=RosterEdit.Why.REPAIR)


def _held(
    roster: KeptRoster, person: Person, mine: Mapping[int, Any], past: int, gone: set[Key]
) -> Person:
    """With days gone by as they were, and free of what was to stay where they are away."""
    first = roster.first_day
    fixed = {
        number: shape
        for number, shape in person.fixed.items()
        if (int(person.id), date.fromordinal(first.toordinal() + number)) not in gone
    }
    for number in range(min(max(past, 0), roster.days)):
        fixed[number] = mine[number].shape if number in mine else None
    return replace(person, fixed=fixed)


def _told(
    roster: KeptRoster,
    one: Wanted,
    there: Mapping[Key, KeptShift],
    names: Mapping[int, str],
    gone: set[Key],
) -> Mended:
    row = there.get((one.agent, one.day))
    return Mended(
        names.get(one.agent, ""), one.day,
        "" if row is None else _clock(roster, given.of_row(row)),
        "" if one.given is None else _clock(roster, one.given),
        (one.agent, one.day) in gone,
    )  # fmt: skip


def _clock(roster: KeptRoster, said: Given) -> str:
    zone = roster.site.calendar.zone
    return f"{said.begins_at.astimezone(zone):%H:%M}–{said.ends_at.astimezone(zone):%H:%M}"


def words_of(one: KeptShift) -> str:
    """Whose shift of which day it is."""
    told = {"name": one.agent.name, "day": date_format(one.day, "D j M")}
    return _("%(name)s, %(day)s") % told
