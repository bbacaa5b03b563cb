"""The chart of scores by month and team."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from qa.insight.told import MOST_TEAMS_DRAWN, Month

# Of the room of a month, how much its points take, and how far two stand from each other at most.
_TAKEN, _APART = 0.6, 0.1


def trend(teams: Sequence[Month], months: Sequence[date]) -> dict[str, Any] | None:
    """Scores of teams by month, each with its interval, as `_partials/chart.html` takes it; of the
    teams with the most reviews, in the order in which they come. None: no month of any has a
    score."""
    told = [
        one for one in teams if any(line.score.value is not None for line in one.months.values())
    ]
    if not told or len(months) < 2:
        return None
    most = sorted(told, key=lambda one: -one.reviews)[:MOST_TEAMS_DRAWN]
    drawn = [one for one in told if one in most]
    chart = go.Figure(layout={"template": "none"})
    legend = []
    for place, one in enumerate(drawn):
        tone = f"c{place + 1}"
        aside = beside(place, len(drawn))
        points = [
            (at, line.score)
            for at, month in enumerate(months)
            if (line := one.months.get(month)) is not None and line.score.value is not None
        ]
        # Points of teams stand beside each other, so that no interval hides another.
        chart.add_scatter(
            x=[round(at + aside, 3) for at, _score in points],
            y=[round(100 * (score.value or 0), 2) for _at, score in points],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [_reach(score.interval, score.value, 1) for _at, score in points],
                "arrayminus": [_reach(score.interval, score.value, 0) for _at, score in points],
                "thickness": 1,
                "width": 3,
            },
            name=one.name,
            text=[date_format(months[at], "M Y") for at, _score in points],
            mode="lines+markers",
            line={"width": 2},
            hovertemplate="%{text}: %{y:.1f} %",
            meta={"tone": tone},
        )
        legend.append((tone, one.name))
    chart.update_layout(
        hovermode="closest",
        xaxis={
            "tickmode": "array",
            "tickvals": [*range(len(months))],
            "ticktext": [_label(month, months) for month in months],
            "range": [-0.5, len(months) - 0.5],
            "zeroline": False,
        },
        yaxis={"rangemode": "normal", "ticksuffix": " %"},
        margin={"l": 48, "r": 8, "t": 8, "b": 40},
    )
    return {
        "id": "trend",
        "json": chart.to_json(),
        "words": _("Scores of teams by month with their intervals; the table has the numbers"),
        "legend": legend,
    }


def beside(place: int, many: int) -> float:
    """How far from the middle of a month the point of one of so many teams stands."""
    return (place - (many - 1) / 2) * min(_APART, _TAKEN / many)


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
