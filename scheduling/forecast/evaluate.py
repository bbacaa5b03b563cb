"""How a file's forecasts would have done: every origin in turn, refitted at each.

Days are the dates in the file. An origin is the last date whose calls are known; a horizon of h
scores all intervals of the next h dates, pooled. What is known of weekends is learned before the
first origin, what is known of holidays comes from their calendar.
"""

import csv
import gzip
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO

import holidays
import numpy as np
from numpy.typing import NDArray

from ccm import files
from scheduling.forecast import backtest, bands, rest, scores
from scheduling.forecast.days import known
from scheduling.forecast.history import Array, History
from scheduling.forecast.methods import AUTO, NAIVE, USUAL, Method

_DAY_MINUTES = 1440
_WEEK = 7
# Of a weekday with less than this share of the usual weekday's calls most people are off.
_OFF_SHARE = 0.5
# So long before its first date and after its last a file's holidays are known.
_AROUND = timedelta(days=14)
# What lies beyond is a slip of the pen, or would take a day to reckon.
_YEARS = range(1900, 2200)
_MOST_DATES, _MOST_ROWS, _MOST_CALLS = 10_000, 5_000_000, 1e9


class Unreadable(ValueError):
    """A file that is no series, in words: where, and why."""


@dataclass(frozen=True, slots=True)
class Series:
    dates: Sequence[date]
    calls: Array
    """Dates x intervals of a day."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of all intervals within a horizon, over all origins. Shares; None: of nothing."""

    wape: float | None
    naive_wape: float | None
    ratio: float | None
    bias: float | None
    coverage80: float | None
    coverage95: float | None
    origins: int


_OF_NONE = Score(None, None, None, None, None, None, 0)


def read(path: Path, interval: int) -> Series:
    """A file of two columns, `interval_start` (local, ISO) and `calls`, plain or gzipped; intervals
    of `interval` minutes. Those that are absent from a date that is there had no calls.

    Raises Unreadable, and OSError.
    """
    if interval < 1 or _DAY_MINUTES % interval:
        raise Unreadable(f"A day does not divide into intervals of {interval} minutes.")
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        return _series(opened(path, "rt", encoding="utf-8-sig", newline=""), interval)
    except (UnicodeDecodeError, EOFError, zlib.error, csv.Error) as fault:
        raise Unreadable(f"This is no text, or it ends in its middle: {fault}.") from fault


def _series(opened: IO[str], interval: int) -> Series:
    found: dict[date, Array] = {}
    with opened as stream:
        rows = csv.DictReader(_lines(stream))
        if not {"interval_start", "calls"} <= {*(rows.fieldnames or ())}:
            raise Unreadable("The first line must name the columns interval_start and calls.")
        for number, row in enumerate(rows):
            moment, calls = _row(row, rows.line_num)
            if number == _MOST_ROWS or len(found) > _MOST_DATES:
                raise Unreadable(
                    f"Line {rows.line_num}: more than {_MOST_DATES} dates or {_MOST_ROWS} rows are"
                    " more than one queue's past."
                )
            day = found.setdefault(moment.date(), np.zeros(_DAY_MINUTES // interval))
            day[(moment.hour * 60 + moment.minute) // interval] += calls
    if not found:
        raise Unreadable("The file has no rows.")
    dates = sorted(found)
    return Series(dates, np.array([found[day] for day in dates]))


def _lines(stream: IO[str]) -> Iterator[str]:
    try:
        yield from files.lines(stream)
    except UnicodeDecodeError:
        raise
    except ValueError as fault:
        raise Unreadable(str(fault)) from fault


def _row(row: Mapping[str, str | None], line: int) -> tuple[datetime, float]:
    try:
        moment = datetime.fromisoformat(row["interval_start"] or "")
    except ValueError:
        words = f"Line {line}: {row['interval_start']!r} is no time as 2026-05-04T09:30."
        raise Unreadable(words) from None
    if moment.year not in _YEARS:
        raise Unreadable(f"Line {line}: the year {moment.year} is none that a queue had calls in.")
    try:
        calls = float(row["calls"] or "")
    except ValueError:
        calls = -1.0
    if not 0 <= calls <= _MOST_CALLS:
        raise Unreadable(f"Line {line}: {row['calls']!r} is no number of calls.")
    return moment, calls


def named(country: str, dates: Sequence[date]) -> dict[date, str]:
    """The country's holidays around some dates. Raises Unreadable of a country that has none."""
    if not country:
        return {}
    years = range((dates[0] - _AROUND).year, (dates[-1] + _AROUND).year + 1)
    try:
        return dict(holidays.country_holidays(country, years=years))
    except NotImplementedError:
        raise Unreadable(f"No holidays are known of {country!r}; write its code, as GB.") from None


def resting(dates: Sequence[date], totals: Array) -> frozenset[int]:
    """The weekdays on which most people are off: those that are never there, and the quiet ones."""
    weekdays = np.array([day.weekday() for day in dates])
    means = {one: totals[weekdays == one].mean() for one in range(_WEEK) if (weekdays == one).any()}
    usual = float(np.median([*means.values()]))
    busy = {one for one, mean in means.items() if mean >= _OFF_SHARE * usual}
    return frozenset(range(_WEEK)) - busy


def history(series: Series, country: str, first: int) -> History:
    """A series with what its calendar knows; intervals without a call before date number `first`
    are taken for closed until the first that came."""
    totals = series.calls[:first].sum(axis=1)
    days = known(series.dates, named(country, series.dates), resting(series.dates[:first], totals))
    began = series.calls[:first].sum(axis=0) > 0
    # What came all the same is scored, and from then on the interval is open whether any comes: by
    # a day's own calls no forecast would know when to tell some.
    there = began[None, :] | (np.cumsum(series.calls, axis=0) > 0)
    return History(days, series.calls, there.astype(float))


def evaluate(
    series: Series,
    country: str,
    since: date,
    every: int,
    horizons: Sequence[int],
    method: Method = AUTO,
) -> tuple[dict[int, Score], float]:
    """The score of each horizon, and the seconds that a refit with its forecast takes.

    `since` is the first date that is forecast; origins are `every` so many dates apart.
    A horizon of more dates than there are after any origin has a score of nothing.
    Raises Unreadable where no date is forecast, or none comes before those that are.
    """
    first = _first(series, since)
    leads = max((one for one in horizons if first + one <= len(series.dates)), default=1)
    told = history(series, country, first)
    # Those before the first are asked for the errors that they made.
    origins = [*range(_begun(method, first), first), *range(first, len(told), every)]
    began = time.perf_counter()
    asked = backtest.run(method, told, origins, leads)
    seconds = (time.perf_counter() - began) / max(len(asked.origins), 1)
    sure = bands.rolled(asked)
    naive = backtest.run(NAIVE, told, [int(one) for one in asked.origins], leads)
    found = {}
    for horizon in horizons:
        shown = (asked.origins >= first) & (asked.origins + horizon <= len(told))
        found[horizon] = _score(asked, naive, sure, shown, horizon) if shown.any() else _OF_NONE
    return found, seconds


def rests(
    series: Series,
    country: str,
    since: date,
    opens: int | None,
    hours: Sequence[int],
    method: Method = AUTO,
) -> dict[int, rest.Told]:
    """How the rest of each date from `since` on would have been told so many hours after the day
    began: at minute `opens` of the clock, or with the first interval that ever had a call.

    Raises Unreadable as `evaluate`, and of hours after which nothing is left of a day.
    """
    first = _first(series, since)
    told = history(series, country, first)
    if not told.open.any():
        raise Unreadable("No date of the file has a call.")
    minutes = _DAY_MINUTES // told.intervals
    begins = int(np.flatnonzero(told.open.any(axis=0))[0]) if opens is None else opens // minutes
    known = {one: begins + one * 60 // minutes for one in hours}
    for one, many in known.items():
        if many >= told.intervals:
            raise Unreadable(f"Nothing is left of a day {one} hours after it began.")
    begun = _begun(method, first)
    asked = backtest.run(method, told, range(begun, len(told)), 1)
    if not len(asked.origins):
        raise Unreadable(f"Nothing is told of fewer than {method.least_days + 1} dates.")
    expected, actual = np.nan_to_num(asked.expected[:, 0]), np.nan_to_num(asked.actual()[:, 0])
    told_of = rest.told(expected, actual, first - begun, {*known.values()})
    return {one: told_of[many] for one, many in known.items()}


def _first(series: Series, since: date) -> int:
    first = next((row for row, day in enumerate(series.dates) if day >= since), None)
    if not first:
        raise Unreadable(f"The file has no date before and from {since} on.")
    return first


def _begun(method: Method, first: int) -> int:
    return min(first, max(method.least_days, USUAL.least_days))


def _score(
    asked: backtest.Backtest,
    naive: backtest.Backtest,
    sure: bands.Bands,
    shown: NDArray[np.bool_],
    horizon: int,
) -> Score:
    actual, expected = asked.actual()[shown, :horizon], asked.expected[shown, :horizon]
    wape = scores.wape(actual, expected)
    naive_wape = scores.wape(actual, naive.expected[shown, :horizon])
    covers80, covers95 = (
        scores.covers(actual, sure.low[level][shown, :horizon], sure.high[level][shown, :horizon])
        for level in bands.LEVELS
    )
    ratio = wape / naive_wape if wape is not None and naive_wape else None
    bias = scores.bias(actual, expected)
    return Score(wape, naive_wape, ratio, bias, covers80, covers95, int(shown.sum()))
