"""A shift that somebody is given, between the words that a planner says, the row that is kept, and
the values that changes keep of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.models import KeptRoster, KeptShift, ShiftTemplate
from scheduling.shifts import Activity, Assignment, Kind, Pause, Problem, Shape
from scheduling.terms.shapes import shape_id, template_id

Saying = Mapping[str, Any]
PAUSE = KeptShift.Activity.PAUSE
# Pauses are placed by whole quarters.
_STEP = 15


@dataclass(frozen=True, slots=True)
class Given:
    """What a row of a shift says beside whose it is, and when (`KeptShift`)."""

    shape: str
    template: int | None
    begins_at: datetime
    ends_at: datetime
    worked_minutes: int
    is_night: bool
    spells: Sequence[tuple[datetime, datetime]]
    activities: Sequence[Saying] = ()
    is_fixed: bool = False

    def values(self) -> dict[str, Any]:
        """As a change keeps it: plain values of JSON."""
        return {
            "shape": self.shape,
            "template": self.template,
            "begins_at": self.begins_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "worked_minutes": self.worked_minutes,
            "is_night": self.is_night,
            "spells": [[begin.isoformat(), end.isoformat()] for begin, end in self.spells],
            "activities": [dict(one) for one in self.activities],
            "is_fixed": self.is_fixed,
        }


def of_values(said: Saying) -> Given:
    """The reverse of `Given.values`."""
    moment = datetime.fromisoformat
    return Given(
        shape=said["shape"],
        template=said["template"],
        begins_at=moment(said["begins_at"]),
        ends_at=moment(said["ends_at"]),
        worked_minutes=said["worked_minutes"],
        is_night=said["is_night"],
        spells=[(moment(begin), moment(end)) for begin, end in said["spells"]],
        activities=said["activities"],
        is_fixed=said["is_fixed"],
    )


def of_row(one: KeptShift) -> Given:
    moment = datetime.fromisoformat
    return Given(
        shape=one.shape,
        template=one.template_id,
        begins_at=one.begins_at,
        ends_at=one.ends_at,
        worked_minutes=one.worked_minutes,
        is_night=one.is_night,
        spells=[(moment(begin), moment(end)) for begin, end in one.spells],
        activities=one.activities,
        is_fixed=one.is_fixed,
    )


def row(roster: KeptRoster, agent: int, day: date, said: Given) -> KeptShift:
    """A row of it, not saved yet."""
    values = said.values()
    return KeptShift(
        roster=roster,
        agent_id=agent,
        day=day,
        template_id=said.template,
        begins_at=said.begins_at,
        ends_at=said.ends_at,
        **{
            name: values[name]
            for name in ("shape", "worked_minutes", "is_night", "spells", "activities", "is_fixed")
        },
    )


def of_shape(
    problem: Problem,
    begin: datetime,
    day: int,
    assigned: Assignment,
    template: int | None,
    *,
    is_fixed: bool = False,
) -> Given:
    """What a shape comes to on a day of a problem that begins at `begin`, UTC."""
    shape = problem.shape[assigned.shape]
    paid = {one.name: one.is_paid for one in shape.pauses}
    kinds = {one.name: one.kind for one in problem.sessions}
    spells = [
        (begin + timedelta(minutes=since), begin + timedelta(minutes=to))
        for since, to in problem.spells(day, shape)
    ]
    activities = [
        {
            "kind": PAUSE.value if one.is_pause else kinds.get(one.name, "other"),
            "name": one.name,
            "start": (begin + timedelta(minutes=one.start)).isoformat(),
            "end": (begin + timedelta(minutes=one.end)).isoformat(),
            "is_pause": one.is_pause,
            "is_paid": paid.get(one.name, False) if one.is_pause else True,
        }
        for one in assigned.activities
    ]
    return Given(
        shape=shape.id,
        template=template,
        begins_at=spells[0][0],
        ends_at=spells[-1][1],
        worked_minutes=problem.worked(day, shape),
        is_night=problem.is_night(shape),
        spells=spells,
        activities=activities,
        is_fixed=is_fixed,
    )


def shape_of(one: KeptShift, zone: ZoneInfo, templates: Mapping[int, ShiftTemplate]) -> Shape:
    """The shape of a shift that no template has: as it is, with the pauses of its template; where
    that is gone, with those that it has, which then lie where they may."""
    said = of_row(one)
    local = said.begins_at.astimezone(zone)
    midnight = datetime.combine(one.day, datetime.min.time(), zone)
    start = round((local.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds() / 60)
    template = templates.get(one.template_id or 0)
    if template is not None:
        pauses = _pauses(template, _minutes(said.begins_at, said.ends_at))
        kind = Kind(template.kind)
    else:
        pauses = tuple(
            Pause(
                each["name"],
                _minutes(_moment(each["start"]), _moment(each["end"])),
                _minutes(said.begins_at, _moment(each["start"])),
                _minutes(said.begins_at, _moment(each["start"])),
                each["is_paid"],
            )
            for each in said.activities
            if each["is_pause"]
        )
        kind = Kind.ON_CALL if one.is_on_call else Kind.WORK
    return Shape(
        id=one.shape,
        start=start,
        spells=tuple(
            (_minutes(said.begins_at, begin), _minutes(said.begins_at, end))
            for begin, end in said.spells
        ),
        template=template_id(one.template_id) if one.template_id is not None else "",
        kind=kind,
        pauses=pauses,
        weekdays=frozenset(template.weekdays) if template is not None else frozenset(range(7)),
    )


def by_hand(template: ShiftTemplate, start: int, minutes: int) -> Shape:
    """A shape of a template that begins and ends by hand, if need be at no start of it. A split one
    keeps its spells, and one that is too short for a pause has none of it."""
    spells: tuple[tuple[int, int], ...] = ((0, minutes),)
    if template.spells:
        spells = tuple((since, to) for since, to in template.spells)
    pauses = _pauses(template, spells[-1][1])
    return Shape(
        id=shape_id(template.pk, start, spells[-1][1]),
        start=start,
        spells=spells,
        template=template_id(template.pk),
        kind=Kind(template.kind),
        pauses=pauses,
        weekdays=frozenset(template.weekdays),
    )


def _pauses(template: ShiftTemplate, minutes: int) -> tuple[Pause, ...]:
    """The pauses of a template that a shift so long has room for."""
    every = (Pause(**one) for one in template.pauses)
    return tuple(
        replace(one, latest=min(one.latest, minutes - one.minutes))
        for one in every
        if one.earliest + one.minutes <= minutes
    )


def placed(problem: Problem, day: int, shape: Shape) -> Assignment:
    """A shape with its pauses in the middle of their windows, one after the other: what a planner
    begins with, who then moves them."""
    begin, activities, free = problem.spells(day, shape)[0][0], [], 0
    for pause in sorted(shape.pauses, key=lambda one: (one.earliest, one.latest)):
        middle = (pause.earliest + pause.latest) // 2
        at = max(middle - middle % _STEP, pause.earliest, free)
        free = at + pause.minutes
        activities.append(Activity(pause.name, begin + at, begin + free))
    return Assignment(shape.id, tuple(activities))


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _minutes(since: datetime, to: datetime) -> int:
    return round((to - since).total_seconds()) // 60
