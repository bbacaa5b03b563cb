"""What is expected, as rows keep it: numbers to a thousandth of a call."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from scheduling.forecast.ahead import Ahead, Banded
from scheduling.forecast.history import Array


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
            f"total_{name}{round(level * 100)}": _number(edge[place])
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
    return [_number(one) for one in values]


def _number(value: Any) -> float | None:
    """What is none, as of a band of which no error tells, is null."""
    return round(float(value), 3) if np.isfinite(value) else None


def weeks(told: Ahead) -> list[list[Any]]:
    """Of each seven days: their first, what is expected, and the edges of its bands."""
    every: Banded = told.weeks
    return [
        [
            str(told.days[7 * place].date),
            *(
                _number(part)
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
