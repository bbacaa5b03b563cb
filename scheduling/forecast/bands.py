"""How sure a forecast is: quantiles of errors that the same method made.

Conformal: of n days with errors the quantile of rank ceil((n + 1) p) holds for a further day as
often as p says, whatever the errors look like, as long as they keep being what they were. A day is
the unit, for its intervals share its luck: each day has the weight 1 however many intervals it has.
How the level drifts all the same is made up for day by day (Gibbs and Candès 2021).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.special import stdtrit

from scheduling.forecast.backtest import Backtest
from scheduling.forecast.history import Array

# By so much of what was missed the level moves a day later.
_STEP = 0.02
_MOST_ASKED = 0.999
# What even luck of single calls does to an interval.
_LEAST_VARIANCE = 0.25
# So many days of its own count as much for how a queue moves as what similar queues tell.
_DAYS_HELD = 7
LEVELS = (0.80, 0.95)


@dataclass(frozen=True, slots=True)
class Tails:
    """A band by the scale of its interval, and whether errors of its own were enough for it."""

    low: float
    high: float
    own: bool
    days: int
    """Of how many days it has errors of its own."""


def fewest(level: float) -> int:
    """So few days have the rank that a band of this level asks for, on either side."""
    share = (1 + level) / 2
    return int(np.ceil(share / (1 - share) - 1e-9))


def scale(expected: Array, spread: float) -> Array:
    """What errors of intervals are measured by: calls by chance, and what moves whole days."""
    return np.sqrt(np.maximum(expected, 0) + (spread * expected) ** 2 + _LEAST_VARIANCE)


def spread(actual: Array, expected: Array) -> float:
    """How much whole intervals move beyond chance, as a share of their calls; 0: not at all."""
    told = ~np.isnan(actual) & ~np.isnan(expected)
    more = ((actual - expected)[told] ** 2 - expected[told]).sum()
    whole = (expected[told] ** 2).sum()
    return float(np.sqrt(max(more, 0.0) / whole)) if whole > 0 else 0.0


def tails(errors: Array, level: float) -> Tails:
    """The band that holds a share `level` of days, by errors of days x intervals (nan: not there).

    Of too few days for the rank the largest error stands in, or what Student's t says of a spread
    like theirs where that is further; it is not its own.
    """
    there = ~np.isnan(errors)
    days = int(there.any(axis=1).sum())
    if not days:
        return Tails(-np.inf, np.inf, own=False, days=0)
    each = 1 / np.maximum(there.sum(axis=1, keepdims=True), 1)
    weights = np.broadcast_to(each, errors.shape)[there] / (days + 1)
    values = errors[there]
    order = np.argsort(values)
    values, weights = values[order], weights[order]
    outside = (1 - level) / 2
    high, own_high = _rank(values, weights, 1 - outside)
    low, own_low = _rank(-values[::-1], weights[::-1], 1 - outside)
    if not (own_high and own_low) and days > 1:
        spread_of_them = np.sqrt(np.sum(values**2 * weights) / weights.sum() * (1 + 1 / days))
        far = float(stdtrit(days - 1, 1 - outside) * spread_of_them)
        high = high if own_high else max(high, far)
        low = low if own_low else max(low, far)
    return Tails(-low, high, own_high and own_low, days)


def _rank(values: Array, weights: Array, share: float) -> tuple[float, bool]:
    """The smallest value that has at least this share at or below it; else the largest."""
    below = np.cumsum(weights)
    place = int(np.searchsorted(below, share - 1e-12))
    return (float(values[place]), True) if place < len(values) else (float(values[-1]), False)


@dataclass(frozen=True, slots=True)
class Band:
    """What lies around calls that are expected."""

    tails: Tails
    spread: float

    def edges(self, expected: Array) -> tuple[Array, Array]:
        """Nan where there were no errors to tell it of."""
        if not np.isfinite(self.tails.low):
            return np.full_like(expected, np.nan), np.full_like(expected, np.nan)
        width = scale(expected, self.spread)
        low = np.maximum(expected + self.tails.low * width, 0.0)
        return low, expected + self.tails.high * width


@dataclass(frozen=True, slots=True, eq=False)
class Borrowed:
    """What is taken from similar queues: their errors, by their own scales, and how much their
    intervals move beyond chance."""

    errors: Array
    spread: float


Others = Callable[[], Borrowed]


def band(actual: Array, expected: Array, level: float, others: Others | None = None) -> Band:
    """Of what came and what was expected of days x intervals (nan: not there).

    Where the days are too few for the rank the errors of similar queues are borrowed, by their own
    scale, and how much these move as far as its own days do not tell.
    """
    moves = spread(actual, expected)
    found = tails((actual - expected) / scale(expected, moves), level)
    if found.own or others is None:
        return Band(found, moves)
    borrowed = others()
    held = found.days * moves**2 + _DAYS_HELD * borrowed.spread**2
    moves = float(np.sqrt(held / (found.days + _DAYS_HELD)))
    errors = (actual - expected) / scale(expected, moves)
    both = tails(np.concatenate([errors, borrowed.errors]), level)
    return Band(replace(both, own=False, days=found.days), moves)


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Of a backtest, by level: what each of its forecasts would have said to lie between."""

    low: dict[float, Array]
    high: dict[float, Array]
    own: dict[float, bool]
    """Whether the newest forecasts had errors enough of their own at every number of days ahead."""
    days: dict[float, int]
    """Of how many days the newest had errors of their own: where these were not enough, else where
    they were the fewest."""
    asked: dict[float, float]
    """What is asked of the newest furthest ahead, which what was missed has moved."""


def told(backtest: Backtest, leads: slice) -> tuple[Array, Array]:
    """What came and what was expected of some numbers of days ahead, days x intervals."""
    came = backtest.actual()[:, leads].reshape(-1, backtest.expected.shape[-1])
    return came, backtest.expected[:, leads].reshape(came.shape)


def borrowing(similar: Sequence[Backtest], leads: slice) -> Others | None:
    """The errors of similar queues, reckoned once and only where they are needed: of most queues
    they never are. None: there are none."""
    if not similar:
        return None

    def borrowed() -> Borrowed:
        every = [told(one, leads) for one in similar]
        moves = [spread(came, said) for came, said in every]
        errors = [
            (came - said) / scale(said, one) for (came, said), one in zip(every, moves, strict=True)
        ]
        return Borrowed(np.concatenate(errors), float(np.mean(moves)))

    return cache(borrowed)


def rolled(
    backtest: Backtest,
    levels: Sequence[float] = LEVELS,
    together: int = 1,
    similar: Sequence[Backtest] = (),
) -> Bands:
    """Bands of every forecast of a backtest, each of the errors that were known when it was made;
    nan of the first, which had none.

    Errors are those of as many days ahead as itself, or of so many numbers of days ahead `together`
    where origins lie that far apart: a week's, of weekly origins. Where the newest forecast's are
    too few it borrows those of `similar` queues.
    """
    low = {level: np.full_like(backtest.expected, np.nan) for level in levels}
    high = {level: np.full_like(backtest.expected, np.nan) for level in levels}
    worst: dict[float, tuple[bool, int]] = {}
    asked = dict(zip(levels, levels, strict=True))
    for first in range(0, backtest.leads, together):
        leads = slice(first, first + together)
        stretch = _Stretch(backtest, leads, borrowing(similar, leads))
        for level in levels:
            newest = stretch.fill(level, low[level], high[level])
            one = newest.own, newest.days
            worst[level] = min(one, worst.get(level, one))
            asked[level] = newest.asked
    own = {level: is_own for level, (is_own, _days) in worst.items()}
    days = {level: many for level, (_own, many) in worst.items()}
    return Bands(low, high, own, days, asked)


@dataclass(frozen=True, slots=True)
class _Newest:
    """Of a stretch's newest forecast: whether errors of its own were enough, of how many days it
    has any, and what is asked of its band."""

    own: bool
    days: int
    asked: float


class _Stretch:
    """The forecasts of a backtest for some numbers of days ahead, in the order of their days."""

    def __init__(self, backtest: Backtest, leads: slice, others: Others | None) -> None:
        self.others = others
        self.origins, self.leads = backtest.origins, leads
        ahead = np.arange(backtest.leads)[leads]
        day = (self.origins[:, None] + ahead).ravel()
        order = np.argsort(day, kind="stable")
        self.day = day[order]
        place = [(row, lead) for row in range(len(self.origins)) for lead in ahead]
        self.place = np.array(place, dtype=np.int64).reshape(-1, 2)
        self.place = self.place[order]
        pick = self.place[:, 0], self.place[:, 1]
        self.actual, self.expected = backtest.actual()[pick], backtest.expected[pick]
        self.all_expected = backtest.expected

    def fill(self, level: float, low: Array, high: Array) -> _Newest:
        """Tell the bands of all of them; of what the last is made."""
        asked, over = level, 0
        newest = _Newest(own=False, days=0, asked=level)
        for row, origin in enumerate(self.origins):
            # What was said and has come to pass since the last origin moves what is asked now.
            while over < len(self.day) and self.day[over] < origin:
                at = tuple(self.place[over])
                asked = _moved(asked, level, self.actual[over], low[at], high[at])
                over += 1
            # What others' errors will be is not known of a forecast that is past.
            others = self.others if row == len(self.origins) - 1 else None
            if not over and others is None:
                continue
            found = band(self.actual[:over], self.expected[:over], asked, others)
            edges = found.edges(self.all_expected[row, self.leads])
            low[row, self.leads], high[row, self.leads] = edges
            newest = _Newest(found.tails.own, found.tails.days, asked)
        return newest


def _moved(asked: float, level: float, actual: Array, low: Array, high: Array) -> float:
    """What is asked of the next band, by whether a day lay within its own."""
    told = ~np.isnan(actual) & ~np.isnan(low)
    if not told.any():
        return asked
    within = ((actual >= low) & (actual <= high))[told].mean()
    return float(np.clip(asked + _STEP * (level - within), level / 2, _MOST_ASKED))
