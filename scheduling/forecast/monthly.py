"""Months ahead, up to eighteen: for how many people to hire, not for when they work.

A month's calls by the weight of its days: so a month with five Mondays is no higher month. The
course of a year is learned from more than thirteen months, and a trend is believed less and less.
"""

from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast import bands
from scheduling.forecast.bands import LEVELS
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, History

_MONTHS, _WEEK = 12, 7
MOST = 18
# A month of which less is known is not told.
_WHOLE = 0.9
_SEASON_FROM = 14
# What a month of the year is held back by, in months of its kind.
_SEASON_HELD = 1.0
# The level is that of the last months, this much of the newest; a trend keeps so much each month.
_GAIN, _DAMPING = 0.4, 0.9
_FEWEST = 3
# Of months without a call there is a logarithm, too.
_NEAR_NONE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Months:
    """Calls of months to come, and by level what they lie between so often: nan where no month of
    the past could be asked about."""

    first: tuple[date, ...]
    expected: Array
    low: dict[float, Array]
    high: dict[float, Array]
    own: dict[float, bool]
    seasonal: bool
    """Whether the course of a year was learned."""


def forecast(history: History, days: Sequence[Day], closed: Collection[date] = ()) -> Months | None:
    """Of the months that lie whole among `days`, which follow a history, nothing on `closed` ones;
    None of a history with fewer than three whole months."""
    weights = _weights(history)
    known, rates = _rates(history, weights)
    if len(known) < _FEWEST:
        return None
    coming = whole_months(days)
    size = np.array([_weight(weights, dates(first), closed) for first in coming])
    # A month in which the history ends lies between those that are known and those to come.
    skip = _between(known[-1], coming[0]) if coming else 0
    expected = _ahead(known, rates, skip + len(coming))[skip:] * size
    errors = _errors(known, rates)
    low, high, own = {}, {}, {}
    for level in LEVELS:
        edges = [_edges(errors, skip + lead, level) for lead in range(len(coming))]
        low[level] = np.maximum(expected * (1 + np.array([edge[0] for edge in edges])), 0.0)
        high[level] = expected * (1 + np.array([edge[1] for edge in edges]))
        own[level] = bool(edges) and all(edge[2] for edge in edges)
    return Months(tuple(coming), expected, low, high, own, len(known) >= _SEASON_FROM)


def known_rates(history: History) -> tuple[list[date], Array]:
    """Calls of each month by the weight of its days; of those known nearly whole."""
    return _rates(history, _weights(history))


def upper(months: Sequence[date], rates: Array, first: date, many: int, share: float) -> Array:
    """By how much more than is said comes at most in this share of months, for each of so many from
    `first` on, after some that are known: the upper edge of the band that leaves out as many below.
    At least nothing; nan where too few months could be asked about.
    """
    found: Array = np.maximum(bounds(months, rates, first, many, 2 * share - 1)[1], 0.0)
    return found


def bounds(
    months: Sequence[date], rates: Array, first: date, many: int, level: float
) -> tuple[Array, Array]:
    """Between what months lie so often, by what is said of them: by how much less and more, for
    each of so many from `first` on, after some that are known; nan as above."""
    if not len(months):
        return np.full(many, np.nan), np.full(many, np.nan)
    errors, skip = _errors(months, rates), _between(months[-1], first)
    edges = [_edges(errors, skip + lead, level)[:2] for lead in range(many)]
    low, high = np.array(edges).T
    return low, high


def _weights(history: History) -> Array:
    """What a day of each weekday has, by the mean of all."""
    totals, weekdays = history.calls.sum(axis=1), history.weekdays()
    there = (history.open > 0).any(axis=1)
    means = np.array(
        [
            totals[there & (weekdays == one)].mean() if (there & (weekdays == one)).any() else 0.0
            for one in range(_WEEK)
        ]
    )
    whole = means.mean()
    return means / whole if whole > 0 else np.ones(_WEEK)


def _rates(history: History, weights: Array) -> tuple[list[date], Array]:
    """Calls of each month by the weight of its days that are known; of those known nearly whole."""
    found: dict[date, list[float]] = {}
    is_open = [bool((there > 0).any()) for there in history.open]
    closed = {one.date for one, there in zip(history.days, is_open, strict=True) if not there}
    for row, day in enumerate(history.days):
        first = day.date.replace(day=1)
        month = found.setdefault(first, [0.0, 0.0])
        if is_open[row]:
            month[0] += history.calls[row].sum()
            month[1] += weights[day.weekday]
    whole = {
        first: came / weight
        for first, (came, weight) in found.items()
        if weight > 0 and weight >= _WHOLE * _weight(weights, dates(first), closed)
    }
    return list(whole), np.array([*whole.values()])


def _weight(weights: Array, days: Sequence[date], closed: Collection[date]) -> float:
    """Of the days that are not closed."""
    return float(sum(weights[day.weekday()] for day in days if day not in closed))


def whole_months(days: Sequence[Day]) -> list[date]:
    """The first days of months that lie whole among some days."""
    there = {day.date for day in days}
    firsts = sorted({day.replace(day=1) for day in there})
    return [first for first in firsts if {*dates(first)} <= there][:MOST]


def dates(first: date) -> list[date]:
    """The days of a month."""
    return [
        first + timedelta(days=number) for number in range(monthrange(first.year, first.month)[1])
    ]


def _number(first: date) -> int:
    """Months in order, over the years."""
    return first.year * _MONTHS + first.month


def _between(known: date, coming: date) -> int:
    """How many months lie between two."""
    return _number(coming) - _number(known) - 1


def _places(months: Sequence[date]) -> NDArray[np.int64]:
    """Where months lie on the calendar, from the first on: one that is not known leaves a gap."""
    return np.array([_number(first) - _number(months[0]) for first in months], np.int64)


def _ahead(months: Sequence[date], rates: Array, many: int) -> Array:
    """The rates of the months that follow some, of which a few may not be known."""
    told, place = np.log(rates + _NEAR_NONE), _places(months)
    season = _season(months, told)
    plain = told - np.array([season[first.month - 1] for first in months])
    # A level that follows a trend lies behind it: so many months, and more after a gap.
    level, behind = plain[0], (1 - _GAIN) / _GAIN
    for one, passed in zip(plain[1:], np.diff(place), strict=True):
        level += _GAIN * (one - level)
        behind = (behind + passed) * (1 - _GAIN)
    slope = _slope(place, plain)
    level += slope * behind
    steps = np.cumsum(_DAMPING ** np.arange(1, many + 1))
    next_months = [(months[-1].month + number) % _MONTHS for number in range(many)]
    found: Array = np.exp(level + slope * steps + season[next_months]) - _NEAR_NONE
    return np.maximum(found, 0.0)


def _season(months: Sequence[date], told: Array) -> Array:
    """What each month of the year is above the mean, on logarithms; of too few months nothing."""
    if len(months) < _SEASON_FROM:
        return np.zeros(_MONTHS)
    place = _places(months)
    away = told - np.polyval(np.polyfit(place, told, 1), place)
    number = np.array([first.month - 1 for first in months])
    found = np.array(
        [
            away[number == one].sum() / ((number == one).sum() + _SEASON_HELD)
            for one in range(_MONTHS)
        ]
    )
    return found - found.mean()


def _slope(place: NDArray[np.int64], plain: Array) -> float:
    """A month's change: the middle of all slopes between two (Sen 1968), held back by how few."""
    many = len(plain)
    sooner, later = np.triu_indices(many, 1)
    pairs = (plain[later] - plain[sooner]) / (place[later] - place[sooner])
    return float(np.median(pairs)) * many / (many + _MONTHS)


def _errors(months: Sequence[date], rates: Array) -> Array:
    """By origins x months ahead: what came by what would have been said, less 1; nan beyond, and
    where a month is not known."""
    origins, place = range(_FEWEST, len(months)), _places(months)
    found = np.full((len(origins), MOST), np.nan)
    for row, origin in enumerate(origins):
        told = _ahead(months[:origin], rates[:origin], MOST)
        lead = place[origin:] - place[origin - 1] - 1
        lead = lead[lead < MOST]
        came = rates[origin : origin + len(lead)]
        # Where none was said half a call a day stands for it.
        found[row, lead] = came / np.maximum(told[lead], _NEAR_NONE) - 1
    return found


def _edges(errors: Array, lead: int, level: float) -> tuple[float, float, bool]:
    """How far a month lies from what is said so many months before; of a lead that was never tried,
    as far as at the longest that was, by the root of how much further it is."""
    tried = np.flatnonzero((~np.isnan(errors)).sum(axis=0) >= _FEWEST)
    if not len(tried):
        return np.nan, np.nan, False
    # Of months that were dropped a lead between others may have been tried too seldom.
    sooner = tried[tried <= lead]
    nearest = int(sooner[-1]) if len(sooner) else int(tried[0])
    found = bands.tails(errors[:, nearest][:, None], level)
    further = max(float(np.sqrt((lead + 1) / (nearest + 1))), 1.0)
    return found.low * further, found.high * further, found.own and nearest == lead
