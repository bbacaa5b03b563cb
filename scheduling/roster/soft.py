"""What the soft rules cost that a person's span breaks."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from scheduling.roster.grid import OFF, Grid, Ints, clock_of, off_by_week, week_of
from scheduling.shifts import Limits
from scheduling.shifts.days import MINUTES

_Count = Callable[["Soft", int, Ints], int]


class Soft:
    """Counts of how often each soft rule is broken, times what each costs."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.weeks, self.clock = week_of(grid.problem), clock_of(grid)
        self.weights: Mapping[str, int] = {
            name: weight * grid.parts
            for name, weight in grid.problem.weights.of.items()
            if weight is not None and name in _COUNTS
        }

    def cost(self, person: int, options: Ints) -> int:
        limits = self.grid.people[person].limits
        return sum(
            weight * _COUNTS[name](self, person, options)
            for name, weight in self.weights.items()
            if getattr(limits, name) is not None
        )

    def limits(self, person: int) -> Limits:
        return self.grid.people[person].limits

    def worked(self, options: Ints) -> Ints:
        """Days: worked minutes."""
        days = np.arange(len(options))
        return np.where(options == OFF, 0, self.grid.worked[days, np.maximum(options, 0)])

    def by_week(self, options: Ints, *, is_whole: bool) -> Iterator[Ints]:
        """The days of each week of the span; of those that lie in it as a whole, or of all."""
        for week in np.unique(self.weeks):
            days = np.flatnonzero(self.weeks == week)
            if not is_whole or len(days) == 7:
                yield days


def _runs(works: np.ndarray, *, of: bool) -> list[tuple[int, int]]:
    """[From, to) of each run of days that are worked, or off."""
    edges = np.flatnonzero(np.diff(np.concatenate(([not of], works, [not of])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _too_long(runs: list[tuple[int, int]], most: int, before: set[int]) -> int:
    """Days of the span that are one too many in a row; the first run goes on from days before."""
    lead = 0
    while -1 - lead in before:
        lead += 1
    return sum(min(max(b - a + (0 if a else lead) - most, 0), b - a) for a, b in runs)


def _most_run(soft: Soft, person: int, options: Ints) -> int:
    most = soft.limits(person).most_days_in_row or 0
    before = {one.day for one in soft.grid.people[person].before}
    return _too_long(_runs(options != OFF, of=True), most, before)


def _least_run(soft: Soft, person: int, options: Ints) -> int:
    least = soft.limits(person).fewest_days_in_row or 0
    return _inner(_runs(options != OFF, of=True), least, len(options))


def _least_off(soft: Soft, person: int, options: Ints) -> int:
    least = soft.limits(person).fewest_off_in_row or 0
    return _inner(_runs(options != OFF, of=False), least, len(options))


def _inner(runs: list[tuple[int, int]], least: int, days: int) -> int:
    return sum(b - a < least for a, b in runs if a > 0 and b < days)


def _most_week_days(soft: Soft, person: int, options: Ints) -> int:
    most = soft.limits(person).most_week_days or 0
    return sum(
        int((options[days] != OFF).sum()) > most for days in soft.by_week(options, is_whole=False)
    )


def _least_week_days(soft: Soft, person: int, options: Ints) -> int:
    least = soft.limits(person).fewest_week_days or 0
    _minutes, away = off_by_week(soft.weeks, soft.grid.people[person])
    return sum(
        int((options[days] != OFF).sum()) + away[days[0]] < least
        for days in soft.by_week(options, is_whole=True)
    )


def _most_week_minutes(soft: Soft, person: int, options: Ints) -> int:
    most, worked = soft.limits(person).most_week_minutes or 0, soft.worked(options)
    return sum(int(worked[days].sum()) > most for days in soft.by_week(options, is_whole=False))


def _least_week_minutes(soft: Soft, person: int, options: Ints) -> int:
    least, worked = soft.limits(person).fewest_week_minutes or 0, soft.worked(options)
    off, _days = off_by_week(soft.weeks, soft.grid.people[person])
    return sum(
        int(worked[days].sum()) + off[days[0]] < least
        for days in soft.by_week(options, is_whole=True)
    )


def _most_minutes(soft: Soft, person: int, options: Ints) -> int:
    return int(soft.worked(options).sum() > (soft.limits(person).most_period_minutes or 0))


def _least_minutes(soft: Soft, person: int, options: Ints) -> int:
    least = soft.limits(person).fewest_period_minutes or 0
    off = sum(soft.grid.people[person].credited.values())
    return int(soft.worked(options).sum() + off < least)


def _weekends(soft: Soft, options: Ints) -> tuple[int, int]:
    """Weekends of the span that are worked, and all of them."""
    days = soft.grid.problem.days
    ends = np.array([day.is_weekend for day in days], np.bool_)
    worked = len(np.unique(soft.weeks[ends & (options != OFF)]))
    return worked, len(np.unique(soft.weeks[ends]))


def _most_weekends(soft: Soft, person: int, options: Ints) -> int:
    return int(_weekends(soft, options)[0] > (soft.limits(person).most_weekends or 0))


def _weekends_off(soft: Soft, person: int, options: Ints) -> int:
    worked, there = _weekends(soft, options)
    return int(there - worked < (soft.limits(person).fewest_weekends_off or 0))


def _band(soft: Soft, person: int, options: Ints) -> int:
    band, broken = soft.limits(person).start_band_minutes or 0, 0
    for days in soft.by_week(options, is_whole=False):
        clocks = soft.clock[options[days][options[days] != OFF]]
        broken += len(clocks) > 0 and int(clocks.max() - clocks.min()) > band
    return broken


def _nights(soft: Soft, person: int, options: Ints) -> int:
    most = soft.limits(person).most_nights_in_row or 0
    nights = (options != OFF) & soft.grid.is_night[np.maximum(options, 0)]
    before = {one.day for one in soft.grid.people[person].before if one.is_night}
    return _too_long(_runs(nights, of=True), most, before)


def _rest(soft: Soft, person: int, options: Ints) -> int:
    least = soft.limits(person).rest_minutes or 0
    days = np.flatnonzero(options != OFF)
    starts = soft.grid.start[days, options[days]]
    ends = soft.grid.end[days, options[days]]
    had = [one.end for one in soft.grid.people[person].before]
    first = int(bool(had and len(days)) and starts[0] - max(had) < least)
    return int((starts[1:] - ends[:-1] < least).sum()) + first


def _rest_after_nights(soft: Soft, person: int, options: Ints) -> int:
    """Shifts that are none at night and begin too soon after a night."""
    least = soft.limits(person).rest_after_nights_minutes or 0
    days = np.flatnonzero(options != OFF)
    starts = soft.grid.start[days, options[days]]
    ends = soft.grid.end[days, options[days]]
    is_night = soft.grid.is_night[options[days]]
    return int(((starts[1:] - ends[:-1] < least) & is_night[:-1] & ~is_night[1:]).sum())


def _week_rest(soft: Soft, person: int, options: Ints) -> int:
    """Weeks without a rest so long, from Monday's midnight to the next."""
    least, problem = soft.limits(person).week_rest_minutes or 0, soft.grid.problem
    days = np.flatnonzero(options != OFF)
    starts = soft.grid.start[days, options[days]].tolist()
    ends = soft.grid.end[days, options[days]].tolist()
    broken = 0
    for week in soft.by_week(options, is_whole=False):
        monday = int(week[0]) - problem.days[week[0]].weekday
        begin = problem.at(monday, 0) if monday >= 0 else monday * MINUTES
        until = problem.at(monday + 7, 0)
        edges = [
            (max(start, begin), min(end, until))
            for start, end in zip(starts, ends, strict=True)
            if start < until and end > begin
        ]
        rests = [b - a for a, b in zip([begin, *(e for _, e in edges)],
                                       [*(s for s, _ in edges), until], strict=True)]  # fmt: skip
        broken += max(rests) < least
    return broken


def _templates(soft: Soft, person: int, options: Ints) -> int:
    """Templates of which there are more than there may be."""
    given = soft.grid.template[options[options != OFF]]
    names = {name: n for n, name in enumerate(soft.grid.templates)}
    most = soft.limits(person).most_of_template
    return sum(
        int((given == names[name]).sum()) > many for name, many in most.items() if name in names
    )


_COUNTS: Mapping[str, _Count] = {
    "most_days_in_row": _most_run,
    "fewest_days_in_row": _least_run,
    "fewest_off_in_row": _least_off,
    "most_week_days": _most_week_days,
    "fewest_week_days": _least_week_days,
    "most_week_minutes": _most_week_minutes,
    "fewest_week_minutes": _least_week_minutes,
    "most_period_minutes": _most_minutes,
    "fewest_period_minutes": _least_minutes,
    "most_weekends": _most_weekends,
    "fewest_weekends_off": _weekends_off,
    "start_band_minutes": _band,
    "most_nights_in_row": _nights,
    "rest_minutes": _rest,
    "rest_after_nights_minutes": _rest_after_nights,
    "week_rest_minutes": _week_rest,
    "most_of_template": _templates,
}
