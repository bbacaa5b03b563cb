"""Keeps the months ahead of queues, and their usual weeks, beside the forecasts they are of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ccm.models import Queue
from scheduling.forecast import monthly
from scheduling.forecast.bands import LEVELS
from scheduling.forecast.history import History
from scheduling.known import past
from scheduling.models import Forecast, ForecastDay, QueueMonths
from scheduling.requirements import aims
from scheduling.scenarios.work import Ahead, Week

Array = NDArray[np.float64]
_WEEK = 7
# What is left of a month, and eighteen whole ones.
_REACH = timedelta(days=31 + 18 * 31)
_KEPT = (
    "made_at", "known_until", "interval_minutes", "months", "edges", "rates", "came", "by_trend",
    "calls", "open", "aht_seconds", "patience_seconds", "patience_left",
)  # fmt: skip


def keep(histories: Mapping[Queue, History], now: datetime) -> int:
    """Keep the months of some queues anew, by their histories from the first call on; of how many.

    A queue whose newest forecast is gone, or has nothing to be of, has none.
    """
    newest = {one.queue_id: one for one in Forecast.objects.newest().filter(queue__in=[*histories])}
    rows = []
    for queue, history in histories.items():
        if queue.pk in newest:
            rows.append(_row(queue, newest[queue.pk], history, now))
    QueueMonths.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["queue"], update_fields=_KEPT
    )
    QueueMonths.objects.filter(
        queue__in=[one for one in histories if one.pk not in newest]
    ).delete()
    return len(rows)


def _row(queue: Queue, forecast: Forecast, history: History, now: datetime) -> QueueMonths:
    calls, is_open, aht = _usual(list(forecast.days.order_by("day")))
    if not history.calls.any():
        # It is forecast by something else: days without its calls tell nothing of it.
        history = history.until(0)
    first = forecast.known_until + timedelta(days=1)
    coming = past.calendar_days(queue.site, first, first + _REACH)
    closed = past.closed_days(queue.site, first, first + _REACH)
    told = monthly.forecast(history, coming, closed) if len(history) else None
    if told is None:
        firsts = monthly.whole_months(coming)
        expected = np.array([_as_usual(one, calls, closed) for one in firsts])
    else:
        firsts, expected = list(told.first), told.expected
    known, rates = monthly.known_rates(history)
    totals = {
        day.date: total
        for day, total in zip(history.days, history.calls.sum(axis=1).tolist(), strict=True)
    }
    # Of a month that is known in part what came is no month's.
    whole = [month for month in known if totals.keys() >= {*monthly.dates(month)}]
    came = {month: sum(totals[day] for day in monthly.dates(month)) for month in whole}
    patience, left = aims.patience_of(queue, forecast)
    return QueueMonths(
        queue=queue,
        made_at=now,
        known_until=forecast.known_until,
        interval_minutes=forecast.interval_minutes,
        months=[
            [str(one), round(float(value), 2)] for one, value in zip(firsts, expected, strict=True)
        ],
        edges=[] if told is None else _edges(told),
        came=[[str(one), value] for one, value in came.items()],
        rates=[[str(one), float(value)] for one, value in zip(known, rates, strict=True)],
        by_trend=told is not None,
        calls=calls.tolist(),
        open=is_open.tolist(),
        aht_seconds=[[None if np.isnan(one) else float(one) for one in day] for day in aht],
        patience_seconds=patience,
        patience_left=left,
    )


def _edges(told: monthly.Months) -> list[list[float]]:
    """By month as `QueueMonths.edges`; none where they are not known of each."""
    edges = [one[level] for level in LEVELS for one in (told.low, told.high)]
    found = np.array(edges).T
    return [] if np.isnan(found).any() else found.round(2).tolist()


def _usual(days: Sequence[ForecastDay]) -> tuple[Array, Array, Array]:
    """A usual week of a forecast: the mean of its Mondays to Sundays that are no holidays."""
    intervals = len(days[0].calls)
    calls, is_open = np.zeros((_WEEK, intervals)), np.zeros((_WEEK, intervals))
    aht = np.full((_WEEK, intervals), np.nan)
    for weekday in range(_WEEK):
        every = [one for one in days if one.day.weekday() == weekday]
        some = [one for one in every if not one.holiday] or every
        if not some:
            continue
        calls[weekday] = np.mean([one.calls for one in some], axis=0)
        # An hour that a clock shows twice is there once in a usual week.
        is_open[weekday] = np.minimum(np.median([one.open for one in some], axis=0), 1.0)
        aht[weekday] = np.array([one.aht_seconds for one in some], float).mean(axis=0)
    return calls, is_open, aht


def _as_usual(first: date, calls: Array, closed: Collection[date]) -> float:
    days = [day for day in monthly.dates(first) if day not in closed]
    return float(sum(calls[day.weekday()].sum() for day in days))


def ahead(row: QueueMonths, begins: int) -> Ahead:
    """What is kept of a queue, whose days begin at an hour, as it is reckoned with."""
    return Ahead(
        Week(
            np.array(row.calls, float),
            np.array(row.open, float),
            np.array(row.aht_seconds, float),
            row.interval_minutes,
            begins,
        ),
        np.array([value for _first, value in row.months], float),
        tuple(date.fromisoformat(first) for first, _value in row.rates),
        np.array([value for _first, value in row.rates], float),
    )


def firsts(row: QueueMonths) -> list[date]:
    """The first days of its months ahead."""
    found: list[Any] = [first for first, _value in row.months]
    return [date.fromisoformat(one) for one in found]


class Month(NamedTuple):
    """A month that was, or one ahead with what it lies between: 80 % low and high, 95 % low and
    high; None: too few months tell."""

    first: date
    came: float | None
    expected: float | None
    edges: tuple[float, ...] | None


def told(row: QueueMonths) -> list[Month]:
    """What is kept of a queue, those that were first."""
    were = [Month(date.fromisoformat(first), came, None, None) for first, came in row.came]
    edges: list[Any] = row.edges or [None] * len(row.months)
    return were + [
        Month(date.fromisoformat(first), None, expected, None if one is None else tuple(one))
        for (first, expected), one in zip(row.months, edges, strict=True)
    ]


def together(rows: Sequence[QueueMonths]) -> tuple[list[Month], list[int]]:
    """The months of several queues as one, and of which queues: of those that are known until the
    same day, as the newest is. What a month lies between is of how far their sum was off."""
    last = max((one.known_until for one in rows), default=None)
    some = [one for one in rows if one.known_until == last]
    if not some:
        return [], []
    each = [{one.first: one for one in told(row)} for row in some]
    common = sorted(set.intersection(*({*one} for one in each)))
    were = [first for first in common if all(one[first].came is not None for one in each)]
    coming = [first for first in common if all(one[first].expected is not None for one in each)]
    expected = np.array([sum(one[first].expected or 0.0 for one in each) for first in coming])
    edges = _edges_together(some, coming, expected)
    found = [Month(one, sum(of[one].came or 0.0 for of in each), None, None) for one in were]
    found += [
        Month(first, None, float(value), None if edges is None else tuple(edges[place]))
        for place, (first, value) in enumerate(zip(coming, expected, strict=True))
    ]
    return found, [one.queue_id for one in some]


def _edges_together(
    rows: Sequence[QueueMonths], coming: Sequence[date], expected: Array
) -> list[list[float]] | None:
    """By month as `QueueMonths.edges`; None where they are not known of each."""
    rates = [dict(row.rates) for row in rows]
    known = sorted(set.intersection(*({*one} for one in rates)))
    if not known or not coming or not all(row.by_trend for row in rows):
        return None
    months = [date.fromisoformat(one) for one in known]
    whole = np.array([sum(one[first] for one in rates) for first in known])
    edges = []
    for level in LEVELS:
        low, high = monthly.bounds(months, whole, coming[0], len(coming), level)
        edges += [np.maximum(expected * (1 + low), 0.0), expected * (1 + high)]
    found = np.array(edges).T
    return None if np.isnan(found).any() else found.round(2).tolist()
