"""Which shifts a rotation allows on the days of a span."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from scheduling.models import AgentRotation, RotationDay
from scheduling.terms.shapes import template_id

# What a rotation says by week (the first is 1) and weekday: templates; none: a day off.
Pattern = Mapping[tuple[int, int], frozenset[str]]


def patterns(days: Iterable[RotationDay]) -> Mapping[int, Pattern]:
    """What each rotation says, by its key."""
    found: dict[int, dict[tuple[int, int], frozenset[str]]] = {}
    for one in days:
        own = found.setdefault(one.rotation_id, {})
        allowed = own.get((one.week, one.weekday), frozenset())
        if one.template_id is not None:
            allowed |= {template_id(one.template_id)}
        own[one.week, one.weekday] = allowed
    return found


def week_on(day: date, since: date, first_week: int, weeks: int) -> int:
    """Which week of a rotation a day lies in: weeks are the calendar's, and the week of `since` is
    the rotation's `first_week`."""
    over = (_monday(day) - _monday(since)).days // 7
    return (first_week - 1 + over) % weeks + 1


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def of_days(
    spells: Iterable[AgentRotation], known: Mapping[int, Pattern], first: date, count: int
) -> dict[int, frozenset[str]]:
    """What somebody's rotations say of the days of a span; of days that they leave open nothing."""
    found = {}
    for one in spells:
        pattern = known.get(one.rotation_id, {})
        for day in range(count):
            on = first + timedelta(days=day)
            if one.starts_on <= on and (one.ends_on is None or on < one.ends_on):
                week = week_on(on, one.starts_on, one.first_week, one.rotation.weeks)
                if (week, on.weekday()) in pattern:
                    found[day] = pattern[week, on.weekday()]
    return found
