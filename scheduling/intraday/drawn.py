"""The curve of a day that has begun."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from scheduling.intraday.day import Face
from scheduling.intraday.reads import Today
from scheduling.planned import curve


def day_curve(today: Today) -> dict[str, Any]:
    """Calls of the day's open intervals: as they were expected, with the band of 80 %, as they
    came, and those left by each way. As `_partials/chart.html` takes it."""
    begun = today.begun
    shown = [place for place, there in enumerate(begun.open) if there > 0]
    clocks = [clock(today, place) for place in shown]
    chart = go.Figure(layout={"template": "none"})
    low, high = (edge[shown] for edge in (today.low80, today.high80))
    has_band = bool(np.isfinite(low).all() and np.isfinite(high).all())
    if has_band:
        x = np.array(clocks, dtype=object)
        chart.add_scatter(x=x, y=low, mode="lines", line={"width": 0}, hoverinfo="skip")
        chart.add_scatter(
            x=x,
            y=high,
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            hoverinfo="skip",
            meta={"tone": "band"},
        )
    _line(chart, clocks, begun.expected[shown], _("Morning"), "faint", 1.6, "dot")
    over = [place for place in shown if place < begun.known]
    left = [place for place in shown if place >= begun.known]
    if begun.face == Face.RUNNING:
        rests = [place - begun.known for place in left]
        later = [clock(today, place) for place in left]
        _line(chart, later, begun.trade()[rests], _("Full ratio"), "c2", 1.4, "dash")
        _line(chart, later, begun.updated()[rests], _("Updated"), "c3", 2.4)
    _line(chart, [clock(today, p) for p in over], begun.came[over], _("Came"), "accent", 2.4)
    chart.update_xaxes(type="category", nticks=12, categoryorder="array", categoryarray=clocks)
    chart.update_layout(height=260, margin={"l": 46, "r": 8, "t": 8, "b": 30})
    legend = [("accent", _("Came")), ("faint", _("Expected in the morning"))]
    if has_band:
        legend.append(("band", _("In 80 of 100 such days")))
    if begun.face == Face.RUNNING:
        legend += [("c3", _("Rest, updated")), ("c2", _("Rest, by the full ratio"))]
    return {
        "id": "intraday",
        "json": chart.to_json(),
        "words": _("Calls by interval of %(day)s; the table has its numbers") % {"day": today.day},
        "legend": legend,
        "table": None,
    }


def clock(today: Today, place: int) -> str:
    """When an interval of the day begins, by the clock on the wall."""
    begins = today.queue.site.day_begins * 60
    return curve.clock(begins + place * today.forecast.interval_minutes)


def _line(
    chart: go.Figure,
    clocks: Sequence[str],
    values: Any,
    name: str,
    tone: str,
    width: float,
    dash: str = "solid",
) -> None:
    # A single interval is a point.
    mode = "lines" if len(clocks) > 1 else "markers"
    chart.add_scatter(
        x=np.array(clocks, dtype=object),
        y=np.asarray(values, float),
        name=name,
        mode=mode,
        line={"width": width, "dash": dash},
        hovertemplate="%{y:,.1f}",
        meta={"tone": tone},
    )
