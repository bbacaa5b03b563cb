"""The curve of a day: people above, calls below."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from scheduling.forecast.history import Array
from scheduling.gaps.reads import Running
from scheduling.intraday import drawn


def day_curve(running: Running) -> dict[str, Any]:
    """The day's open intervals. Above, positions that are required, people who are on queue by the
    plan, and who were there; below, calls as they were expected, as they came, and as the rest is
    told by now. As `_partials/chart.html` takes it."""
    outlook = running.outlook
    shown: list[int] = np.flatnonzero(outlook.open > 0).tolist()
    over = [place for place in shown if place < outlook.known]
    left = [place for place in shown if place >= outlook.known]
    chart = go.Figure(layout={"template": "none"})
    clocks = [drawn.clock(running.today, place) for place in shown]
    chart.add_bar(
        x=np.array(clocks, dtype=object),
        y=outlook.required[shown],
        name=_("Required"),
        hovertemplate="%{y:,.0f}",
        meta={"tone": "band"},
    )

    step, dots = {"shape": "hvh"}, {"dash": "dot", "width": 1.6}
    lines: list[tuple[list[int], Array | None, str, str, str, Mapping[str, Any]]] = [
        (shown, outlook.scheduled, _("Scheduled"), "c2", "y", step),
        (over, running.present, _("Present"), "accent", "y", {}),
        (shown, running.expected, _("Morning"), "faint", "y2", dots),
        (left, outlook.calls, _("Updated"), "c3", "y2", {}),
        (over, running.came, _("Came"), "accent", "y2", {}),
    ]
    for places, values, name, tone, axis, look in lines:
        if places and values is not None:
            begins = [drawn.clock(running.today, one) for one in places]
            _line(chart, begins, values[places], name, tone, axis, look)
    chart.update_xaxes(type="category", nticks=12, categoryorder="array", categoryarray=clocks)
    chart.update_layout(
        height=360,
        margin={"l": 46, "r": 8, "t": 8, "b": 30},
        bargap=0.0,
        xaxis={"anchor": "y2"},
        yaxis={"domain": [0.42, 1.0], "title": {"text": _("People"), "standoff": 6}},
        yaxis2={"domain": [0.0, 0.34], "title": {"text": _("Calls"), "standoff": 6}},
    )
    legend = [("band", _("Positions required")), ("c2", _("On queue by the plan"))]
    if over:
        legend.append(("accent", _("Were there; calls that came")))
    legend.append(("faint", _("Calls expected in the morning")))
    if left:
        legend.append(("c3", _("Calls of the rest, updated")))
    return {
        "id": "people",
        "json": chart.to_json(),
        "words": _("People and calls by interval of %(day)s; the table has their numbers")
        % {"day": running.today.day},
        "legend": legend,
        "table": None,
    }


def _line(
    chart: go.Figure,
    clocks: Sequence[str],
    values: Array,
    name: str,
    tone: str,
    axis: str,
    look: Mapping[str, Any],
) -> None:
    # A single interval is a point.
    chart.add_scatter(
        x=np.array(clocks, dtype=object),
        y=values,
        name=name,
        mode="lines" if len(clocks) > 1 else "markers",
        line={"width": 2.2, **look},
        hovertemplate="%{y:,.1f}",
        meta={"tone": tone},
        yaxis=axis,
    )
