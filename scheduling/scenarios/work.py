"""Hours on calls of months ahead, and what a scenario makes of them. Pure.

A month's calls lie in its days as in a usual week: each of its Mondays has a usual Monday's share.
Positions are whole in each interval; their hours are added up, and nothing is rounded.
"""

from calendar import monthrange
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast import monthly
from scheduling.scenarios import reopened, steps
from scheduling.scenarios.reopened import Opening
from scheduling.staffing.requirement import Aim

Array = NDArray[np.float64]
_WEEK = 7
SURE = 0.8
"""How often no more comes than people are reckoned for, where it is asked to be sure."""
# Of so few months in common it is not told how far all queues together may be off.
_FEWEST_MONTHS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """A usual week of a queue, weekdays x intervals: calls, which part of each is open, and
    mean handle times (nan: none is known)."""

    calls: Array
    open: Array
    aht_seconds: Array
    minutes: int
    begins: int
    """The hour at which its days begin."""


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """A queue's months ahead: as many calls as months; and its rates of months that were."""

    week: Week
    calls: Array
    known: tuple[date, ...]
    rates: Array


def as_one(queues: Sequence[Ahead]) -> Ahead:
    """Queues by the same intervals and months that the same people serve: their calls in the mix of
    a usual week, with handle times by calls."""
    weeks = [one.week for one in queues]
    known = [~np.isnan(one.aht_seconds) for one in weeks]
    weights = [np.where(some, one.calls, 0.0) for one, some in zip(weeks, known, strict=True)]
    work = sum(
        weight * np.nan_to_num(one.aht_seconds) for weight, one in zip(weights, weeks, strict=True)
    )
    calls = np.sum(weights, axis=0)
    aht = np.divide(work, calls, out=np.full_like(calls, np.nan), where=calls > 0)
    week = replace(
        weeks[0],
        calls=np.sum([one.calls for one in weeks], axis=0),
        open=np.max([one.open for one in weeks], axis=0),
        aht_seconds=aht,
    )
    return Ahead(week, np.sum([one.calls for one in queues], axis=0), (), np.zeros(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a scenario changes of the work; None, 0 and no hours: as it is. Shares are 0 to 1."""

    volume: float = 0.0
    """So much more or less."""
    growth: float = 0.0
    """So much more each month than the one before, from the first on."""
    aht: float = 0.0
    aht_seconds: float | None = None
    service_level: float | None = None
    target_seconds: float | None = None
    patience_seconds: float | None = None
    occupancy: float | None = None
    opening: Opening | None = None

    def aim(self, aim: Aim) -> Aim:
        told = {
            name: value
            for name in ("service_level", "target_seconds", "patience_seconds", "occupancy")
            if (value := getattr(self, name)) is not None
        }
        return replace(aim, **told) if told else aim

    def volumes(self, many: int) -> Array:
        """What calls of each month are multiplied by."""
        grown = [(1 + self.volume) * (1 + self.growth) ** month for month in range(1, many + 1)]
        return np.array(grown, np.float64)

    def week(self, week: Week) -> Week:
        """A usual week with other handle times and hours; its calls are by the old week's sum."""
        aht: Array = week.aht_seconds * (1 + self.aht)
        if self.aht_seconds is not None:
            aht = np.full_like(aht, self.aht_seconds)
        if (~np.isnan(aht)).any():
            aht = np.where(np.isnan(aht), np.nanmean(aht), aht)
        calls, is_open = week.calls, week.open
        if self.opening is not None:
            calls = reopened.calls(calls, is_open, week.minutes, week.begins, self.opening)
            is_open = reopened.shares(self.opening.hours, week.minutes, week.begins)
        return replace(week, calls=calls, open=is_open, aht_seconds=aht)


class Unanswerable(ValueError):
    """A queue of which no hours can be told; `why` is "aht" or "aim"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


Hours = tuple[Array, Array | None]
"""Of each month, as expected, and where more comes."""


def hours(
    queues: Sequence[tuple[Ahead, Aim]],
    months: Sequence[date],
    change: Change,
    more: Array | None = None,
) -> list[Hours | Unanswerable]:
    """Hours on calls of each queue in each month, as expected, and where by so much `more` comes;
    or why they cannot be told."""
    found: dict[int, Hours | Unanswerable] = {}
    kinds: dict[Hashable, list[_Sought]] = {}
    for place, (ahead, aim) in enumerate(queues):
        asked = change.aim(aim)
        try:
            sought = _sought(place, ahead, months, asked, change, more)
        except Unanswerable as fault:
            found[place] = fault
            continue
        kinds.setdefault(steps.kind(asked), []).append(sought)
    for every in kinds.values():
        for one, positions in _positions(every):
            found[one.place] = Unanswerable("aim") if positions is None else one.hours(positions)
    return [found[place] for place in range(len(queues))]


@dataclass(frozen=True, slots=True, eq=False)
class _Sought:
    """Intervals of a queue's week, by loads that grow."""

    place: int
    aim: Aim
    load: Array
    aht_seconds: Array
    weekday: NDArray[np.int64]
    open: Array
    """How often each is open: in part, positions are there for that part of it."""
    at: NDArray[np.int64]
    """Where among the loads each month is, as expected and then with more."""
    days: Array
    minutes: int

    def hours(self, positions: NDArray[np.int64]) -> Hours:
        by_weekday = np.zeros((_WEEK, positions.shape[1]))
        np.add.at(by_weekday, self.weekday, positions * self.open[:, None])
        many = len(self.days)
        found = np.array(
            [self.days[number % many] @ by_weekday[:, at] for number, at in enumerate(self.at)]
        )
        found = found * self.minutes / 60
        return found[:many], found[many:] if len(found) > many else None


def _sought(
    place: int,
    ahead: Ahead,
    months: Sequence[date],
    aim: Aim,
    change: Change,
    more: Array | None,
) -> _Sought:
    """Raises Unanswerable where nothing is known of how long calls take."""
    days = _weekdays(months)
    week = change.week(ahead.week)
    of_month = days @ ahead.week.calls.sum(axis=1)
    volumes = ahead.calls * change.volumes(len(months))
    times = np.divide(volumes, of_month, out=np.zeros_like(volumes), where=of_month > 0)
    if more is not None:
        times = np.concatenate([times, times * (1 + more)])
    order = np.argsort(times)
    at = np.empty(len(times), np.int64)
    at[order] = np.arange(len(times))
    weekday, interval = np.nonzero(week.calls > 0)
    aht = week.aht_seconds[weekday, interval]
    if np.isnan(aht).any():
        raise Unanswerable("aht")
    is_open = week.open[weekday, interval]
    # As `required_for`: calls of an interval that is open in part come in that part.
    calls = week.calls[weekday, interval] / np.where(is_open > 0, is_open, 1.0)
    load = (calls * aht / (week.minutes * 60))[:, None] * times[order]
    return _Sought(place, aim, load, aht, weekday, is_open, at, days, week.minutes)


def _positions(
    every: Sequence[_Sought],
) -> Iterator[tuple[_Sought, NDArray[np.int64] | None]]:
    """Of queues whose aims are of one kind, at once; None of one whose aim cannot be met."""
    aims = [one.aim for one in every for _row in one.load]
    try:
        found = steps.positions(
            np.concatenate([one.load for one in every]),
            np.concatenate([one.aht_seconds for one in every]),
            aims,
        )
    except ValueError:
        if len(every) == 1:
            yield every[0], None
            return
        for one in every:
            yield from _positions([one])
        return
    first = 0
    for one in every:
        yield one, found[first : first + len(one.load)]
        first += len(one.load)


def _weekdays(months: Sequence[date]) -> Array:
    """How many Mondays to Sundays each month has."""
    found = np.zeros((len(months), _WEEK))
    for row, first in enumerate(months):
        for number in range(monthrange(first.year, first.month)[1]):
            found[row, (first + timedelta(days=number)).weekday()] += 1
    return found


def more(queues: Sequence[Ahead], months: Sequence[date]) -> Array | None:
    """By how much more work of all queues together comes at most in 80 of 100 months, for each of
    some months ahead; None where too few that were tell.

    Of the queues' sum, for they are hardly all high in the same month: a sum of edges would be
    wider. Queues that began later have their part of it.
    """
    telling = [one for one in queues if len(one.known) >= _FEWEST_MONTHS]
    if not telling:
        return None
    common = sorted(set.intersection(*({*one.known} for one in telling)))
    if len(common) < _FEWEST_MONTHS:
        return None
    calls, seconds = np.zeros(len(common)), np.zeros(len(common))
    for one in telling:
        at = dict(zip(one.known, one.rates, strict=True))
        rates = np.array([at[first] for first in common])
        calls += rates
        seconds += rates * _mean_seconds(one.week)
    if not seconds.any():
        return None
    # In calls of the mean length: how rough few calls are by chance goes by their number.
    whole = seconds * calls.sum() / seconds.sum()
    found = monthly.upper(common, whole, months[0], len(months), SURE)
    return None if np.isnan(found).any() else found


def _mean_seconds(week: Week) -> float:
    """A usual contact's handle time; 1 where none is known."""
    known = ~np.isnan(week.aht_seconds) & (week.calls > 0)
    calls = week.calls[known]
    return float((calls * week.aht_seconds[known]).sum() / calls.sum()) if calls.sum() > 0 else 1.0
