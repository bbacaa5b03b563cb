"""The line of a report whose rows follow each other in time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.templatetags.figures import figure as figure_text
from kpis.dimensions import IN_TIME, MOMENTS
from kpis.report import Question, Row
from kpis.tiles import SHORT_NAMES

# More lines than colours tell nobody apart.
MOST_LINES = 8
_TONES = ("accent", "c2", "c3", "c4", "c5", "c6", "c7", "c8")


def line(question: Question, rows: Sequence[Row]) -> dict[str, Any] | None:
    """The first KPI of a report over time, a line a column; None where rows are not in time, are
    fewer than two, or columns are too many. As `_partials/chart.html` takes it."""
    columns = {row.column_id: row.column for row in rows}
    times = list(dict.fromkeys(row.id for row in rows))
    if question.by not in IN_TIME or len(times) < 2 or len(columns) > MOST_LINES:
        return None
    words = question.kpis[0]
    kpi = rows[0].figures[words].kpi
    name = str(SHORT_NAMES.get(kpi.id, kpi.name))
    x = np.array([_local(question, one) for one in times], dtype="datetime64[s]")
    chart = go.Figure(layout={"template": "none"})
    by_key = {(row.id, row.column_id): row.figures[words] for row in rows}
    order = sorted(rows, key=lambda row: (row.column_place is not None, row.column_place or 0))
    keys = list(dict.fromkeys(row.column_id for row in order))
    for tone, key in zip(_TONES, keys, strict=False):
        figures = [by_key.get((one, key)) for one in times]
        chart.add_scatter(
            x=x,
            y=np.array([np.nan if f is None or f.value is None else f.value for f in figures]),
            text=[figure_text(f.value if f else None, f.unit if f else "count") for f in figures],
            mode="lines+markers" if len(times) < 40 else "lines",
            name=columns[key] or name,
            line={"width": 2.2},
            marker={"size": 5},
            hovertemplate="%{text}",
            meta={"tone": tone},
        )
    target = rows[0].figures[words].parameters.target
    if target is not None and len(keys) == 1:
        chart.add_hline(y=target, line_width=1, line_dash="dash")
    unit = rows[0].figures[words].unit
    chart.update_yaxes(
        tickformat=".0%" if unit == "fraction" else None,
        ticksuffix=" s" if unit == "seconds" else None,
    )
    if question.by not in MOMENTS:
        chart.update_xaxes(tickformat="%-d %b", hoverformat="%-d %b %Y")
    chart.update_layout(height=250, margin={"l": 52, "r": 8, "t": 8, "b": 36})
    return {
        "id": "line",
        "json": chart.to_json(),
        "words": _("%(kpi)s over time, from %(first)s to %(last)s; the table has its numbers")
        % {"kpi": name, "first": rows[0].name, "last": rows[-1].name},
        "legend": [(tone, columns[key] or name) for tone, key in zip(_TONES, keys, strict=False)],
        "table": None,
    }


def _local(question: Question, key: Any) -> Any:
    return key.astimezone(question.tz).replace(tzinfo=None) if question.by in MOMENTS else key
