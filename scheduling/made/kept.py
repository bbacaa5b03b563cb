"""What is expected, as rows keep it: numbers to a thousandth of a call. And what would have been
expected before, as plain bytes."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np

from ccm.intervals import DAY
from ccm.intervals import days as days_between
from scheduling.forecast import backtest
from scheduling.forecast.ahead import Ahead, Banded
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.days import known
from scheduling.forecast.history import Array, History


def days(told: Ahead, aht: Array) -> Iterator[dict[str, Any]]:
    """The fields of each day, as `scheduling.models.DayTold` has them."""
    of_intervals, of_days = told.intervals, told.totals
    for place, day in enumerate(told.days):
        edges = {
            f"{name}{round(level * 100)}": edge[place]
            for name, by_level in (("low", of_intervals.low), ("high", of_intervals.high))
            for level, edge in by_level.items()
        }
        whole = {
            f"total_{name}{round(level * 100)}": number(edge[place])
            for name, by_level in (("low", of_days.low), ("high", of_days.high))
            for level, edge in by_level.items()
        }
        yield {
            "day": day.date,
            "holiday": day.holiday,
            "open": told.open[place].tolist(),
            "calls": numbers(of_intervals.expected[place]),
            **{name: numbers(edge) for name, edge in edges.items()},
            "aht_seconds": [None if np.isnan(one) else round(float(one), 3) for one in aht[place]],
            "total": round(float(of_days.expected[place]), 3),
            **whole,
        }


def numbers(values: Array) -> list[float | None]:
    return [number(one) for one in values]


def number(value: Any) -> float | None:
    """To a thousandth of a call, as rows, files and pages have it; what is none, as of a band of
    which no error tells, is null."""
    return None if value is None or not np.isfinite(value) else round(float(value), 3)


def weeks(told: Ahead) -> list[list[Any]]:
    """Of each seven days: their first, what is expected, and the edges of its bands."""
    every: Banded = told.weeks
    return [
        [
            str(told.days[7 * place].date),
            *(
                number(part)
                for part in (
                    every.expected[place],
                    every.low[0.80][place],
                    every.high[0.80][place],
                    every.low[0.95][place],
                    every.high[0.95][place],
                )
            ),
        ]
        for place in range(len(every.expected))
    ]


def packed(asked: Backtest) -> bytes:
    """What a method would have said, with as much of what came as bands are made of."""
    lately = backtest.recent(asked)
    opened = BytesIO()
    np.savez_compressed(
        opened,
        calls=lately.history.calls.astype(np.float32),
        open=lately.history.open.astype(np.float32),
        origins=lately.origins.astype(np.int32),
        expected=lately.expected.astype(np.float32),
    )
    return opened.getvalue()


def unpacked(told: bytes | memoryview, last: date) -> Backtest:
    """The same again; `last` is the last day that came. What its calendar knew is not kept."""
    with np.load(BytesIO(told), allow_pickle=False) as parts:
        calls, is_open = parts["calls"].astype(float), parts["open"].astype(float)
        origins, expected = parts["origins"].astype(np.int64), parts["expected"].astype(float)
    came = known(list(days_between(last - (len(calls) - 1) * DAY, last)), {})
    return Backtest(History(came, calls, is_open), origins, expected)
