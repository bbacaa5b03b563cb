"""Everything that one person may work in a span, and the cheapest of it, exactly.

Days are gone through one by one; what counts of the days before is a state: how long a run of
shifts or of days off has gone on, how soon the next shift may begin, how much of the week and of
the span is worked, how many weekends. Shifts that lead to the same state are one choice, the
cheapest of them; so a span of four weeks takes about a millisecond.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from scheduling.compiled import compiled
from scheduling.roster.grid import (
    FREE,
    OFF,
    Bools,
    Grid,
    Ints,
    clock_of,
    off_by_week,
    value,
    week_of,
)
from scheduling.roster.soft import Soft
from scheduling.shifts import Limits, Person, Worked
from scheduling.shifts.days import MINUTES

_SUNDAY = 6
_ROUNDS = 16
# A span that costs more breaks a rule between people.
_DEAR = 500_000
_NEVER = np.int64(1) << 60
# States beyond which a span is not gone through, for what it takes of memory.
_MOST_STATES = 50_000_000
# States beyond which shifts of a template are made dear and not counted, for what that takes.
_MOST_COUNTED = 2_000_000


class _Bounds(NamedTuple):
    """A person's limits in units of a table; what is not limited is as wide as can be."""

    most_run: int
    least_run: int
    least_off: int
    most_nights: int
    # Days: the fewest of the week that each lies in, less what absence of it counts for.
    least_week_days: Ints
    most_week_days: int
    least_week_units: Ints
    most_week_units: int
    least_units: int
    most_units: int
    most_weekends: int
    # So many days off in a row, within a week, are a week's long rest.
    rest_days: int
    # Whether days and minutes of weeks and minutes of the span are bound at all.
    has_week_days: int
    has_week_units: int
    has_units: int
    has_weekends: int
    # The first and the last day on which somebody is here: runs that begin or end there, or beyond,
    # are held to nothing but their longest.
    first_here: int
    last_here: int


class _Start(NamedTuple):
    """How a span begins: what was before it, as states tell it."""

    run: int
    off: int
    nights: int
    rest: int
    week_days: int
    week_units: int
    units: int
    weekends: int
    rested: int
    windows: Ints


@dataclass(frozen=True)
class Table:
    """What is the same for all people of the same limits.

    A class says how soon a next shift may begin, in minutes after the next day's midnight, a night
    and any other, and which template was worked if some may not follow it; class 0 is no bound. A
    choice is a set of options, on one day, that lead to the same state.
    """

    grid: Grid
    limits: Limits
    unit: int
    classes: tuple[tuple[int, int, int], ...]
    decay: Ints
    """Days x classes: the class after a day off."""
    choice: Ints
    """Days x options: the number of the choice each belongs to."""
    leads: Ints
    """Days x choices: the class each leads to."""
    units: Ints
    nights: Ints
    """Days x choices: worked minutes in units; whether it is a night."""
    templates: Ints
    """Days x choices: the template of each, where there may only be so many of it."""
    follows: Ints
    """Days x choices x classes: whether a choice may follow a class."""
    windows: Ints
    """Options x windows of starts within a week: whether a start lies within."""
    lows: Ints
    """Windows: the minute of the clock each begins at."""
    first_class: int
    """The class that the span begins with."""

    @property
    def choices(self) -> int:
        return int(self.leads.shape[1])

    @cached_property
    def weeks(self) -> Ints:
        return week_of(self.grid.problem)

    @cached_property
    def bounds(self) -> _Bounds:
        limits, days = self.limits, len(self.grid.problem.days)
        week_days, units = 7, self.unit
        weekends = len({week for week, day in zip(self.weeks, self.grid.problem.days, strict=True)
                        if day.is_weekend})  # fmt: skip
        most_weekends = weekends if limits.most_weekends is None else limits.most_weekends
        if limits.fewest_weekends_off is not None:
            most_weekends = min(most_weekends, max(weekends - limits.fewest_weekends_off, 0))
        return _Bounds(
            most_run=limits.most_days_in_row or days + 1,
            least_run=limits.fewest_days_in_row or 1,
            least_off=limits.fewest_off_in_row or 1,
            most_nights=_or(limits.most_nights_in_row, days + 1),
            least_week_days=np.full(days, limits.fewest_week_days or 0, np.int64),
            most_week_days=_or(limits.most_week_days, week_days),
            least_week_units=np.full(
                days, -(-(limits.fewest_week_minutes or 0) // units), np.int64
            ),
            most_week_units=_or(limits.most_week_minutes, MINUTES * 7) // units,
            least_units=-(-(limits.fewest_period_minutes or 0) // units),
            most_units=_or(limits.most_period_minutes, MINUTES * days) // units,
            most_weekends=most_weekends,
            rest_days=self._rest_days(),
            has_week_days=int(_has(limits, "week_days")),
            has_week_units=int(_has(limits, "week_minutes")),
            has_units=int(_has(limits, "period_minutes")),
            has_weekends=int(
                limits.most_weekends is not None or limits.fewest_weekends_off is not None
            ),
            first_here=0,
            last_here=days - 1,
        )

    def _rest_days(self) -> int:
        """How many days off in a row are surely a week's long rest, whatever is worked beside them:
        more than are needed where nothing ends late."""
        rest = self.limits.week_rest_minutes
        if not rest:
            return 0
        midnights = np.array([d.start + d.minutes for d in self.grid.problem.days], np.int64)
        reaches = int((self.grid.end - midnights[:, None]).max(initial=0))
        shortest = min(day.minutes for day in self.grid.problem.days)
        return -(-(rest + max(reaches, 0)) // shortest)


def _has(limits: Limits, what: str) -> bool:
    """Whether there are fewest or most of something."""
    return any(getattr(limits, f"{edge}_{what}") is not None for edge in ("fewest", "most"))


def _or(value: int | None, other: int) -> int:
    return other if value is None else value


def table_of(
    grid: Grid, limits: Limits, mine: Bools, before: int = 0, begun: tuple[int, int] = (0, 0)
) -> Table:
    """The choices of everyone of the same limits who may work these options; `before` divides the
    minutes of their shifts before the span, and `begun` are the moments before which they may begin
    no night, and nothing else."""
    problem = grid.problem
    days, options = len(problem.days), len(grid.option_shape)
    begins = np.array([day.start for day in problem.days], np.int64)
    lengths = np.array([day.minutes for day in problem.days], np.int64)
    starts = grid.start - begins[:, None]
    rest = limits.rest_minutes or 0
    after_nights = max(limits.rest_after_nights_minutes or 0, rest)
    after = grid.end - (begins + lengths)[:, None]
    before_night = after + rest
    before_other = after + np.where(grid.is_night, after_nights, rest)
    earliest = int(starts[:, mine].min()) if mine.any() else 0
    followed = {one for one, _other in problem.follows}
    last = [n if name in followed else -1 for n, name in enumerate(grid.templates)]

    def tidy(night: int, other: int, template: int) -> tuple[int, int, int]:
        return (
            night if night > earliest else 0,
            other if other > earliest else 0,
            template,
        )

    number: dict[tuple[int, int, int], int] = {(0, 0, -1): 0}
    first_class = number.setdefault(tidy(*begun, -1), len(number))
    leads = np.zeros((days, options), np.int64)
    for day in range(days):
        for option in np.flatnonzero(mine).tolist():
            one = tidy(
                int(before_night[day, option]),
                int(before_other[day, option]),
                last[grid.template[option]],
            )
            leads[day, option] = number.setdefault(one, len(number))
    known = 0
    while known < len(number):  # what is left of a rest after a day off can be a class of its own
        for night, other, _template in list(number)[known:]:
            known += 1
            for length in {MINUTES, *lengths.tolist()}:
                number.setdefault(tidy(night - length, other - length, -1), len(number))
    classes = tuple(number)
    decay = np.array(
        [
            [number[tidy(night - length, other - length, -1)] for night, other, _t in classes]
            for length in lengths.tolist()
        ],
        np.int64,
    )

    forbidden = np.zeros((len(grid.templates) + 1, len(grid.templates)), np.bool_)
    names = {name: n for n, name in enumerate(grid.templates)}
    for earlier, later in problem.follows:
        if earlier in names and later in names:
            forbidden[names[earlier], names[later]] = True
    night_from = np.array([one[0] for one in classes], np.int64)
    other_from = np.array([one[1] for one in classes], np.int64)
    worked_before = np.array([one[2] for one in classes], np.int64)
    bound = np.where(grid.is_night[:, None], night_from[None, :], other_from[None, :])
    may_follow = (starts[:, :, None] >= bound[None]) & ~forbidden[worked_before][:, grid.template].T

    counts_minutes = any(
        getattr(limits, name) is not None
        for name in ("fewest_week_minutes", "most_week_minutes", "fewest_period_minutes",
                     "most_period_minutes")
    )  # fmt: skip
    unit = reduce(gcd, np.unique(grid.worked[:, mine]).tolist(), before) if counts_minutes else 0
    unit = unit or MINUTES * 400
    units = grid.worked // unit

    choice = np.zeros((days, options), np.int64)
    rows: list[list[int]] = []  # of each day, an option of each choice
    limited = {names[name] for name in limits.most_of_template if name in names}
    for day in range(days):
        found: dict[tuple[object, ...], int] = {}
        rows.append([])
        for option in np.flatnonzero(mine).tolist():
            template = int(grid.template[option])
            key = (
                int(leads[day, option]),
                int(units[day, option]),
                bool(grid.is_night[option]),
                may_follow[day, option].tobytes(),
                template if template in limited else -1,
            )
            if key not in found:
                rows[-1].append(option)
            choice[day, option] = found.setdefault(key, len(found))
    if not options:  # one that nobody may choose
        leads, units = np.zeros((2, days, 1), np.int64)
        may_follow = np.zeros((days, 1, len(classes)), np.bool_)
    is_night = grid.is_night if options else np.zeros(1, np.bool_)
    most = max((len(one) for one in rows), default=1) or 1
    one_of = np.zeros((days, most), np.int64)
    for day, firsts in enumerate(rows):
        one_of[day, : len(firsts)] = firsts
    each = np.arange(days)[:, None]
    windows, lows = _windows(grid, limits.start_band_minutes, mine)
    return Table(
        grid=grid,
        limits=limits,
        unit=unit,
        classes=classes,
        decay=decay,
        choice=choice,
        leads=leads[each, one_of],
        units=units[each, one_of],
        nights=is_night[one_of].astype(np.int64),
        templates=(grid.template if options else np.zeros(1, np.int64))[one_of],
        follows=may_follow[each, one_of].astype(np.int64),
        windows=windows,
        lows=lows,
        first_class=first_class,
    )


def _windows(grid: Grid, band: int | None, mine: Bools) -> tuple[Ints, Ints]:
    """Options x windows within which all starts of a week may lie, and where each begins."""
    clock = clock_of(grid)
    if band is None or not mine.any():
        return np.ones((len(clock), 1), np.int64), np.zeros(1, np.int64)
    lows = np.unique(clock[mine])
    within = (clock[:, None] >= lows[None, :]) & (clock[:, None] <= lows[None, :] + band)
    return within.astype(np.int64), lows


class Tours:
    """The cheapest spans of a grid's people."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._tables: dict[tuple[str, bytes, int, tuple[int, int]], Table] = {}
        self._abouts: dict[tuple[int, str], _About] = {}
        weekday = np.array([day.weekday for day in grid.problem.days], np.int64)
        self._weekday = weekday
        self._soft = Soft(grid) if any(grid.problem.weights.of.values()) else None

    def table(self, person: int, limits: Limits) -> Table:
        """Shared by all of the same limits who may work the same options."""
        mine = self.grid.allowed[person].any(axis=0)
        before = self.grid.people[person].before
        minutes = reduce(gcd, (one.minutes for one in before), 0)
        begun = _rested_by(limits, before)
        key = (repr(limits), mine.tobytes(), minutes, begun)
        if key not in self._tables:
            self._tables[key] = table_of(self.grid, limits, mine, minutes, begun)
        return self._tables[key]

    def cheapest(
        self, person: int, costs: Ints, off_costs: Ints, held: Ints | None = None
    ) -> Ints | None:
        """As `least`, the span alone."""
        return self.least(person, costs, off_costs, held)[0]

    def least(
        self, person: int, costs: Ints, off_costs: Ints, held: Ints | None = None
    ) -> tuple[Ints | None, bool]:
        """The options (or OFF), day by day, of the cheapest span that a person may work, where an
        option on a day costs `costs` (days x options) and a day off `off_costs`; None where there
        is none; and whether surely no other is cheaper. `held` are days (as options, OFF) that stay
        as they are; FREE: that do not.

        None, too, for those of whom `is_large` says so. Soft rules are broken only by those who
        cannot keep them all, or only where rules between people are broken. A week's long rest is
        held by days off in a row, and how many of one template there may be, where counting them
        would take too long, by making it dear: there may be cheaper spans then.
        """
        about = self.about(person)
        made, is_sure = self._cheapest(person, about, costs, off_costs, held)
        is_sure = is_sure and about[0].limits.week_rest_minutes is None
        if (limits := self._hard(person)) is None:
            return made, is_sure
        if made is not None and value(made, costs, off_costs) < _DEAR * self.grid.parts:
            return made, False
        # Without the soft rules, at their price, where they cannot be kept, or only at the price of
        # rules between people.
        other, _ = self._cheapest(person, self._with(person, limits), costs, off_costs, held)
        found = [one for one in (made, other) if one is not None]
        best = min(
            found,
            key=lambda one: value(one, costs, off_costs) + self.soft(person, one),
            default=None,
        )
        return best, False

    def is_large(self, person: int) -> bool:
        """Whether somebody's span has too many states to be gone through: none is found here."""
        table, bounds, _start = self.about(person)
        return _is_large(_sizes(table, bounds))

    def soft(self, person: int, options: Ints) -> int:
        """What the soft rules cost that somebody's span (days; options, OFF) breaks."""
        return self._soft.cost(person, options) if self._soft else 0

    def _hard(self, person: int) -> Limits | None:
        """A person's limits without the soft ones; None where none is soft."""
        limits, weights = self.grid.people[person].limits, self.grid.problem.weights
        blank = Limits()
        soft: dict[str, Any] = {
            name: getattr(blank, name)
            for name, weight in weights.of.items()
            if weight is not None and getattr(limits, name, None) not in (None, (), {})
        }
        return replace(limits, **soft) if soft else None

    def _cheapest(
        self, person: int, about: "_About", costs: Ints, off_costs: Ints, held: Ints | None
    ) -> tuple[Ints | None, bool]:
        table, bounds, start = about
        if not self.grid.size[2]:
            return None, False
        allowed = self.grid.allowed[person]
        may_be_off = self.grid.may_be_off[person]
        if not start.windows.any():  # what was before leaves no start in the first week
            allowed = allowed & (table.weeks > 0)[:, None]
            start = start._replace(windows=np.ones_like(start.windows))
        # Where what was before is too much already, even a shift of no minutes is one too many.
        if bounds.has_units and start.units > bounds.most_units:
            allowed = np.zeros_like(allowed)
        if bounds.has_week_units and start.week_units > bounds.most_week_units:
            allowed = allowed & (table.weeks > 0)[:, None]
        if held is not None:
            allowed, may_be_off = _holding(allowed, may_be_off, held)
        caps = self._caps(table.limits)
        # Only those are counted of which there are too many where they are not.
        counted: dict[int, int] = {}
        while True:
            made = self._walk(table, bounds, start, costs, off_costs, allowed, may_be_off, counted)
            if made is None or not (over := self._over(made, caps)):
                return made, made is not None
            counted |= over
            if _states(_sizes(table, bounds), counted) > _MOST_COUNTED:
                made = self._priced(
                    table, bounds, start, costs, off_costs, allowed, may_be_off, caps
                )
                return made, False

    def _over(self, made: Ints, caps: Mapping[int, int]) -> dict[int, int]:
        """Templates that somebody has more of than they may."""
        given = np.bincount(
            self.grid.template[made[made != OFF]], minlength=len(self.grid.templates)
        )
        return {n: most for n, most in caps.items() if given[n] > most}

    def _priced(
        self, table: Table, bounds: _Bounds, start: _Start, costs: Ints, off_costs: Ints,
        allowed: np.ndarray, may_be_off: np.ndarray, caps: Mapping[int, int],
    ) -> Ints | None:  # fmt: skip
        """A cheap span, not always the cheapest, where counting templates takes too many states.

        What is too often given is made dear, and cheaper again as long as it then is not: between
        a price that is too low and one that is high enough, half way each time.
        """
        low = np.zeros(len(self.grid.templates), np.int64)
        high = np.full(len(self.grid.templates), -1, np.int64)
        dear, step = low.copy(), max(int(np.abs(costs).max(initial=1)) // 4, 1)
        best: Ints | None = None
        for _round in range(_ROUNDS):
            prices = costs + dear[self.grid.template][None, :]
            made = self._walk(table, bounds, start, prices, off_costs, allowed, may_be_off, {})
            if made is None:
                return best
            over = self._over(made, caps)
            if not over and (
                best is None or value(made, costs, off_costs) < value(best, costs, off_costs)
            ):
                best = made
            for n in caps:
                if n in over:
                    low[n] = max(low[n], dear[n])
                    is_known = high[n] > low[n]
                    dear[n] = (low[n] + high[n] + 1) // 2 if is_known else 2 * dear[n] + step
                elif not over and dear[n] > 0:
                    high[n] = dear[n]
                    dear[n] = (low[n] + high[n]) // 2
            if best is not None and np.all((high < 0) | (high - low <= 1)):
                break
        return best

    def _caps(self, limits: Limits) -> Mapping[int, int]:
        names = {name: n for n, name in enumerate(self.grid.templates)}
        days = len(self.grid.problem.days)
        return {
            names[name]: most
            for name, most in limits.most_of_template.items()
            if name in names and 0 < most < days
        }

    def _walk(
        self, table: Table, bounds: _Bounds, start: _Start, costs: Ints, off_costs: Ints,
        allowed: np.ndarray, may_be_off: np.ndarray, counted: Mapping[int, int],
    ) -> Ints | None:  # fmt: skip
        cheapest, which = _cheapest_of_choices(
            costs, allowed, table.choice, table.windows, table.choices
        )
        sizes = _sizes(table, bounds)
        if _is_large(sizes):
            return None
        most = np.array([*counted.values()], np.int64)
        place = np.full(len(self.grid.templates), -1, np.int64)
        place[[*counted]] = np.arange(len(counted))
        radix = np.concatenate(([1], np.cumprod(most + 1))).astype(np.int64)
        made, found = _walk(
            sizes._replace(counts=int(radix[-1])), bounds, start, self._weekday, cheapest,
            off_costs, may_be_off, table.decay, table.leads, table.units, table.nights,
            table.follows, place[table.templates], most, radix,
        )  # fmt: skip
        if not found:
            return None
        days = np.arange(len(made))
        options: Ints = np.where(
            made[:, 0] == OFF, OFF, which[days, made[:, 1], np.maximum(made[:, 0], 0)]
        )
        return options

    def about(self, person: int) -> "_About":
        """Their table, their limits in its units, and how their span begins."""
        return self._with(person, self.grid.people[person].limits)

    def _with(self, person: int, limits: Limits) -> "_About":
        key = (person, repr(limits))
        if key not in self._abouts:
            one = self.grid.people[person]
            table = self.table(person, limits)
            here = _here(one, len(self.grid.problem.days))
            self._abouts[key] = (
                table,
                _lowered(table, one)._replace(first_here=here[0], last_here=here[1]),
                _begun(table, one),
            )
        return self._abouts[key]


_About = tuple[Table, _Bounds, _Start]


def _lowered(table: Table, person: Person) -> _Bounds:
    """Somebody's bounds: the fewest are less by what absence counts for."""
    bounds, limits = table.bounds, table.limits
    if not person.credited and not person.away:
        return bounds
    minutes, days = off_by_week(table.weeks, person)
    asked = np.maximum((limits.fewest_week_minutes or 0) - minutes, 0)
    period = max((limits.fewest_period_minutes or 0) - sum(person.credited.values()), 0)
    return bounds._replace(
        least_week_days=np.maximum(bounds.least_week_days - days, 0),
        least_week_units=-(-asked // table.unit),
        least_units=-(-period // table.unit),
    )


def _here(person: Person, days: int) -> tuple[int, int]:
    """The first and the last day of a span on which somebody is employed."""
    first, last = person.present or (0, days - 1)
    return max(first, 0), min(last, days - 1)


def _holding(
    allowed: np.ndarray, may_be_off: np.ndarray, held: Ints
) -> tuple[np.ndarray, np.ndarray]:
    """What is allowed where some days stay as they are."""
    allowed, may_be_off = allowed.copy(), may_be_off.copy()
    for day in np.flatnonzero(held != FREE):
        may_be_off[day] &= held[day] == OFF
        allowed[day] &= np.arange(allowed.shape[1]) == held[day]
    return allowed, may_be_off


def _begun(table: Table, person: Person) -> _Start:
    """The state of somebody at the span's beginning, by the shifts before it."""
    first = table.grid.problem.days[0]
    bounds = table.bounds
    shifts = sorted(person.before, key=lambda one: one.start)
    if not shifts:
        rested = min(first.weekday, bounds.rest_days)  # days that are not known are free
        windows = np.ones(len(table.lows), np.int64)
        return _Start(0, bounds.least_off, 0, 0, 0, 0, 0, 0, rested, windows)
    worked_days = {-one.day: one for one in shifts}  # 1 is the day before
    run = nights = 0
    while run + 1 in worked_days:
        run += 1
    while nights + 1 in worked_days and worked_days[nights + 1].is_night:
        nights += 1
    this_week = [one for day, one in worked_days.items() if day <= first.weekday]
    return _Start(
        run=run,
        off=0 if run else min(worked_days) - 1,
        nights=nights,
        rest=table.first_class,
        week_days=len(this_week),
        week_units=sum(one.minutes for one in this_week) // table.unit,
        units=sum(one.minutes for one in shifts) // table.unit,
        weekends=int(first.weekday == _SUNDAY and 1 in worked_days),
        rested=min(_off_before(first.weekday, worked_days), bounds.rest_days),
        windows=_around(table, [one.clock for one in this_week]),
    )


def _rested_by(limits: Limits, before: Sequence[Worked]) -> tuple[int, int]:
    """The moments from which somebody has rested from what was before: for a night, and else."""
    if not before:
        return (0, 0)
    last = max(before, key=lambda one: one.end)
    rest = limits.rest_minutes or 0
    after_nights = max(limits.rest_after_nights_minutes or 0, rest)
    return last.end + rest, last.end + (after_nights if last.is_night else rest)


def _off_before(weekday: int, worked: Mapping[int, object]) -> int:
    """The longest run of days off so far in the week of a span's beginning if it is a long rest
    already, else how long the last one is yet."""
    return next((n for n in range(weekday) if n + 1 in worked), weekday)


def _around(table: Table, clocks: Sequence[int]) -> Ints:
    """Windows: whether all these minutes of the clock lie within."""
    band = table.limits.start_band_minutes
    if band is None or not clocks:
        return np.ones(len(table.lows), np.int64)
    return ((table.lows <= min(clocks)) & (max(clocks) <= table.lows + band)).astype(np.int64)


class _Sizes(NamedTuple):
    """How many values each part of a state has."""

    offs: int
    runs: int
    nights: int
    classes: int
    week_days: int
    week_units: int
    units: int
    weekends: int
    rested: int
    counts: int
    windows: int


def _sizes(table: Table, bounds: _Bounds) -> _Sizes:
    days = len(table.grid.problem.days)
    longest = bounds.most_run if bounds.most_run <= days else bounds.least_run
    has_nights = bounds.most_nights <= days
    return _Sizes(
        offs=max(bounds.least_off, 1),
        runs=longest,
        nights=bounds.most_nights + 1 if has_nights else 1,
        classes=len(table.classes),
        week_days=bounds.most_week_days + 1 if bounds.has_week_days else 1,
        week_units=bounds.most_week_units + 1 if bounds.has_week_units else 1,
        units=bounds.most_units + 1 if bounds.has_units else 1,
        weekends=bounds.most_weekends + 1 if bounds.has_weekends else 1,
        rested=bounds.rest_days + 1,
        counts=1,
        windows=int(table.windows.shape[1]),
    )


def _is_large(sizes: _Sizes) -> bool:
    return _states(sizes, {}) > _MOST_STATES


def _states(sizes: _Sizes, counted: Mapping[int, int]) -> float:
    """How many states there are at most where shifts of some templates are counted."""
    return float(np.prod([*map(float, sizes), *(most + 1.0 for most in counted.values())]))


@compiled
def _cheapest_of_choices(
    costs: Ints, allowed: np.ndarray, choice: Ints, windows: Ints, choices: int
) -> tuple[Ints, Ints]:
    """Days x windows x choices: what the cheapest option of a choice costs, and which it is."""
    days, options = costs.shape
    many = windows.shape[1]
    cheapest = np.full((days, many, choices), _NEVER, np.int64)
    which = np.full((days, many, choices), -1, np.int64)
    for day in range(days):
        for option in range(options):
            if not allowed[day, option]:
                continue
            one = choice[day, option]
            for window in range(many):
                if windows[option, window] and costs[day, option] < cheapest[day, window, one]:
                    cheapest[day, window, one] = costs[day, option]
                    which[day, window, one] = option
    return cheapest, which


@compiled
def _walk(
    sizes: _Sizes, bounds: _Bounds, start: _Start, weekday: Ints, costs: Ints, off_costs: Ints,
    may_be_off: np.ndarray, decay: Ints, leads: Ints, units: Ints, nights: Ints, follows: Ints,
    counted: Ints, most_counted: Ints, radix: Ints,
) -> tuple[Ints, bool]:  # fmt: skip
    """The choices (OFF: none) and windows of the cheapest way through all days, and whether there
    is one."""
    days = weekday.shape[0]
    choices = leads.shape[1]
    made = np.zeros((days, 2), np.int64)
    # A state: a phase (days off in a row x class, then shifts in a row x nights in a row x class),
    # then what is counted.
    phases = sizes.offs * sizes.classes + sizes.runs * sizes.nights * sizes.classes
    tail = (
        sizes.week_days * sizes.week_units * sizes.units * sizes.weekends * sizes.rested
        * sizes.counts * sizes.windows
    )  # fmt: skip
    if start.run > 0:
        run = min(start.run, sizes.runs)
        phase = sizes.offs * sizes.classes + (
            ((run - 1) * sizes.nights + min(start.nights, sizes.nights - 1)) * sizes.classes
            + start.rest
        )
    else:
        phase = (min(max(start.off, 1), sizes.offs) - 1) * sizes.classes + start.rest
    at = phase
    at = at * sizes.week_days + min(start.week_days, sizes.week_days - 1)
    at = at * sizes.week_units + min(start.week_units, sizes.week_units - 1)
    at = at * sizes.units + min(start.units, sizes.units - 1)
    at = at * sizes.weekends + min(start.weekends, sizes.weekends - 1)
    at = (at * sizes.rested + start.rested) * sizes.counts
    # The states that are reached, day after day: which, from where, by what, and at what cost;
    # `place` says where in these a state of the day at hand is.
    room = 1 << 14
    states = np.zeros(room, np.int64)
    came = np.zeros(room, np.int64)
    took = np.zeros(room, np.int64)
    best = np.zeros(room, np.int64)
    place = np.full(phases * tail, -1, np.int64)
    filled = 0
    for window in range(sizes.windows):
        if start.windows[window]:
            states[filled] = at * sizes.windows + window
            filled += 1
    begin = 0
    for day in range(days):
        end = filled
        is_monday = weekday[day] == 0 and day > 0
        most = (end - begin) * (choices + 1) * (sizes.windows if is_monday else 1) + filled
        if most > room:
            # So many at most; those of a Monday lie in all windows, but in few states of each.
            most = min(most, filled + phases * tail)
            while room < most:
                room *= 2
            states, came = _longer(states, room), _longer(came, room)
            took, best = _longer(took, room), _longer(best, room)
        for one in range(begin, end):
            so_far = best[one]
            window = states[one] % sizes.windows
            rest = states[one] // sizes.windows
            count = rest % sizes.counts
            rest //= sizes.counts
            rested = rest % sizes.rested
            rest //= sizes.rested
            weekends = rest % sizes.weekends
            rest //= sizes.weekends
            unit = rest % sizes.units
            rest //= sizes.units
            week_unit = rest % sizes.week_units
            rest //= sizes.week_units
            week_day = rest % sizes.week_days
            phase = rest // sizes.week_days
            first_window, last_window = window, window + 1
            if is_monday:
                is_asked = bounds.first_here <= day - 7 and day - 1 <= bounds.last_here
                if rested < bounds.rest_days or (
                    is_asked
                    and (
                        (bounds.has_week_days and week_day < bounds.least_week_days[day - 1])
                        or (bounds.has_week_units and week_unit < bounds.least_week_units[day - 1])
                    )
                ):
                    continue
                week_day = 0
                week_unit = 0
                rested = 0
                first_window, last_window = 0, sizes.windows
            if phase < sizes.offs * sizes.classes:
                off, run, night_run = phase // sizes.classes + 1, 0, 0
                klass = phase % sizes.classes
            else:
                worked = phase - sizes.offs * sizes.classes
                klass = worked % sizes.classes
                worked //= sizes.classes
                night_run = worked % sizes.nights
                off, run = 0, worked // sizes.nights + 1
            # A day off.
            is_cut = day - run <= bounds.first_here or day > bounds.last_here
            if may_be_off[day] and (run == 0 or run >= bounds.least_run or is_cut):
                to = (min(off + 1, sizes.offs) - 1) * sizes.classes + decay[day, klass]
                to = to * sizes.week_days + week_day
                to = to * sizes.week_units + week_unit
                to = to * sizes.units + unit
                to = to * sizes.weekends + weekends
                to = to * sizes.rested + min(rested + 1, bounds.rest_days)
                to = to * sizes.counts + count
                for goes in range(first_window, last_window):
                    here = to * sizes.windows + goes
                    at = place[here]
                    if at < 0:
                        at = place[here] = filled
                        states[at] = here
                        best[at] = _NEVER
                        filled += 1
                    if so_far + off_costs[day] < best[at]:
                        best[at] = so_far + off_costs[day]
                        came[at] = one
                        took[at] = OFF
            # A shift.
            is_cut = day - off <= bounds.first_here
            if run == 0 and off < bounds.least_off and not is_cut:
                continue
            if run + 1 > bounds.most_run:
                continue
            if bounds.has_week_days and week_day + 1 >= sizes.week_days:
                continue
            is_weekend = weekday[day] == 5 or (weekday[day] == 6 and run == 0)
            if day == 0 and start.weekends:  # its Saturday, before the span, was worked
                is_weekend = False
                if bounds.most_weekends < 1 and bounds.has_weekends:
                    continue
            next_weekends = weekends
            if is_weekend and sizes.weekends > 1:
                next_weekends += 1
                if next_weekends >= sizes.weekends:
                    continue
            elif is_weekend and bounds.most_weekends <= 0:
                continue
            next_run = min(run + 1, sizes.runs)
            next_day = min(week_day + 1, sizes.week_days - 1)
            next_rested = rested if rested >= bounds.rest_days else 0
            for pick in range(choices):
                if not follows[day, pick, klass]:
                    continue
                next_night = 0
                if nights[day, pick]:
                    if night_run + 1 > bounds.most_nights:
                        continue
                    next_night = min(night_run + 1, sizes.nights - 1)
                next_count, kind = count, counted[day, pick]
                if kind >= 0:
                    if count // radix[kind] % (most_counted[kind] + 1) == most_counted[kind]:
                        continue
                    next_count = count + radix[kind]
                next_week_unit = week_unit + units[day, pick] if bounds.has_week_units else 0
                next_unit = unit + units[day, pick] if bounds.has_units else 0
                if next_week_unit >= sizes.week_units or next_unit >= sizes.units:
                    continue
                to = sizes.offs * sizes.classes + (
                    ((next_run - 1) * sizes.nights + next_night) * sizes.classes + leads[day, pick]
                )
                to = to * sizes.week_days + next_day
                to = to * sizes.week_units + next_week_unit
                to = to * sizes.units + next_unit
                to = to * sizes.weekends + next_weekends
                to = to * sizes.rested + next_rested
                to = to * sizes.counts + next_count
                for goes in range(first_window, last_window):
                    if costs[day, goes, pick] >= _NEVER:
                        continue
                    here = to * sizes.windows + goes
                    at = place[here]
                    if at < 0:
                        at = place[here] = filled
                        states[at] = here
                        best[at] = _NEVER
                        filled += 1
                    if so_far + costs[day, goes, pick] < best[at]:
                        best[at] = so_far + costs[day, goes, pick]
                        came[at] = one
                        took[at] = pick
        begin = end
        for one in range(begin, filled):
            place[states[one]] = -1

    is_asked = (
        weekday[days - 1] == 6 and bounds.first_here <= days - 7 and days - 1 <= bounds.last_here
    )
    ahead = 6 - weekday[days - 1]  # days of the last week that are not known, and so are free
    at, cheapest = -1, _NEVER
    for one in range(begin, filled):
        if best[one] >= cheapest:
            continue
        rest = states[one] // sizes.windows // sizes.counts
        rested = rest % sizes.rested
        rest = rest // sizes.rested // sizes.weekends
        unit = rest % sizes.units
        rest //= sizes.units
        week_unit = rest % sizes.week_units
        week_day = rest // sizes.week_units % sizes.week_days
        if (
            (bounds.has_units and unit < bounds.least_units)
            or (is_asked and bounds.has_week_days and week_day < bounds.least_week_days[days - 1])
            or (
                is_asked and bounds.has_week_units and week_unit < bounds.least_week_units[days - 1]
            )
            or rested + ahead < bounds.rest_days
        ):
            continue
        at, cheapest = one, best[one]
    if at < 0:
        return made, False
    for day in range(days - 1, -1, -1):
        made[day, 0] = took[at]
        made[day, 1] = states[at] % sizes.windows
        at = came[at]
    return made, True


@compiled
def _longer(had: Ints, room: int) -> Ints:
    made = np.zeros(room, np.int64)
    made[: had.shape[0]] = had
    return made
