"""The chart of scores by month and team."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qa.insight.told import MOST_TEAMS_DRAWN, Month


def trend(teams: Sequence[Month], months: Sequence[date]) -> dict[str, Any] | None:
    """Scores of teams by month, each with its interval, as `_partials/chart.html` takes it; of the
    teams with the most reviews. None: no month of any has a score."""
    told = [
        one for one in teams if any(line.score.value is not None for line in one.months.values())
    ]
    if not told or len(months) < 2:
        return None
    chart = go.Figure(layout={"template": "none"})
    legend = []
    for place, one in enumerate(told[:MOST_TEAMS_DRAWN]):
        tone = f"c{place + 1}"
        points = [
            (month, line.score)
            for month in months
            if (line := one.months.get(month)) is not None and line.score.value is not None
        ]
        # Points of teams stand beside each other, so that no interval hides another.
        chart.add_scatter(
            x=[_label(month, months) for month, _score in points],
            y=[round(100 * (score.value or 0), 2) for _month, score in points],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_reach(score.interval, score.value, 1) for _month, score in points],
                "arrayminus": [_reach(score.interval, score.value, 0) for _month, score in points],
                "thickness": 1,
                "width": 3,
            },
            name=one.name,
            mode="lines+markers",
            line={"width": 2},
            hovertemplate="%{y:.1f} %",
            meta={"tone": tone},
        )
        legend.append((tone, one.name))
    every = [_label(month, months) for month in months]
    chart.update_layout(
        xaxis={"type": "category", "categoryorder": "array", "categoryarray": every},
        yaxis={"rangemode": "normal", "ticksuffix": " %"},
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
    )
    return {
        "id": "trend",
        "json": chart.to_json(),
        "words": _("Scores of teams by month with their intervals; the table has the numbers"),
        "legend": legend,
    }


def _label(month: date, months: Sequence[date]) -> str:
    """A month in short; the first and each January with its year."""
    short = date_format(month, "M")
    return f"{short}<br>{month.year}" if month == months[0] or month.month == 1 else short


def _reach(interval: tuple[float, float] | None, value: float | None, end: int) -> float:
    if interval is None or value is None:
        return 0.0
    return round(100 * abs(interval[end] - value), 2)


def places(ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """From where to where a rail reaches on which all intervals stand: whole tens of hundredths."""
    if not ends:
        return 0.0, 1.0
    low, high = min(one for one, _high in ends), max(one for _low, one in ends)
    low = int(low * 20) / 20
    high = min(1.0, (int(high * 20) + 1) / 20)
    return low, max(high, low + 0.05)
