"""The curve of an answer: what more or fewer positions would give, and what they cost."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.templatetags.figures import figure as figure_text
from scheduling.calculator.asked import Answer, Step


def curve(answer: Answer) -> dict[str, Any]:
    """Service level by positions; beside it their cost, where an hour's is told, else how busy they
    would be. As `_partials/chart.html` takes it."""
    steps = answer.steps
    numbers = np.array([step.positions for step in steps])
    chart = go.Figure(layout={"template": "none"})
    has_cost = answer.asked.cost_per_hour is not None
    beside = _("Cost an hour") if has_cost else _("Occupancy")
    level = _("Service level (%(variant)s)") % {"variant": answer.asked.variant}
    chart.add_scatter(
        x=numbers,
        y=np.array([step.level for step in steps], float),
        text=[figure_text(step.level, "fraction") for step in steps],
        name=level,
        mode="lines+markers",
        line={"width": 2.2},
        marker={"size": 5},
        hovertemplate="%{text}",
        meta={"tone": "accent"},
    )
    chart.add_scatter(
        x=numbers,
        y=np.array([_beside(step, has_cost) for step in steps], float),
        text=[
            figure_text(_beside(step, has_cost), "money" if has_cost else "fraction")
            for step in steps
        ],
        name=beside,
        mode="lines",
        line={"width": 1.6},
        hovertemplate="%{text}",
        meta={"tone": "c2"},
        yaxis="y2" if has_cost else "y",
    )
    asked = answer.asked.service_level
    legend = [("accent", level), ("c2", beside)]
    if asked is not None:
        line = {"dash": "dash", "width": 1}
        chart.add_shape(
            type="line", xref="paper", x0=0, x1=1, y0=asked, y1=asked, line=line, name="faint"
        )
        legend.append(("target", _("Asked for")))
    here = answer.shown.positions
    chart.add_shape(
        type="line", yref="paper", x0=here, x1=here, y0=0, y1=1, line={"width": 1}, name="faint"
    )
    chart.update_xaxes(tickformat="d", dtick=_apart(steps))
    chart.update_yaxes(tickformat=".0%", range=[0, 1.04])
    if has_cost:
        chart.update_layout(
            yaxis2={
                "overlaying": "y",
                "side": "right",
                "showgrid": False,
                "tickmode": "auto",
                "rangemode": "tozero",
            }
        )
    chart.update_layout(height=268, margin={"l": 46, "r": 56 if has_cost else 8, "t": 8, "b": 30})
    return {
        "id": "positions",
        "json": chart.to_json(),
        "words": _(
            "Service level by positions, from %(first)d to %(last)d; the table has its numbers"
        )
        % {"first": steps[0].positions, "last": steps[-1].positions},
        "legend": legend,
        "table": None,
    }


def _beside(step: Step, has_cost: bool) -> float:
    return float(step.cost_per_hour or 0.0) if has_cost else float(step.expected.occupancy)


def _apart(steps: tuple[Step, ...]) -> int:
    """How far numbers below the line stand from each other."""
    return max(1, round((steps[-1].positions - steps[0].positions) / 14))
