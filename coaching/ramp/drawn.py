"""The ramp curve as a chart."""

from collections.abc import Callable
from math import ceil, floor
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.templatetags.figures import figure
from coaching.ramp.curve import Point
from coaching.ramp.reads import Shown

# Seconds between marks.
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MARKS = 6


def chart(shown: Shown) -> dict[str, Any] | None:
    """As `_partials/chart.html` takes it; None: there is no figure that the reader is told. Weeks
    without one are gaps."""
    new, earlier = shown.new.points, shown.earlier.points
    if not any(one.middle is not None for one in (*new, *earlier)):
        return None
    longest = max(new, earlier, key=len)
    banded = new if any(one.low is not None for one in new) else earlier
    # What is filled between two lines has no gaps.
    band = [one for one in banded if one.low is not None]
    made = go.Figure(layout={"template": "none"})
    _line(made, band, "low", "", {"width": 0})
    _line(made, band, "high", _("Middle 80 % of the tenured, up to"), {"width": 0}, fill="band")
    for points, name, tone, line in (
        (earlier, _("Hired before"), "faint", {"width": 1.6, "dash": "dot"}),
        (new, _("New"), "c1", {"width": 2.2}),
    ):
        # A median of few is a pale point, and no line leads to it.
        _line(made, points, "middle", name, line, tone=tone, of=lambda one: not one.is_of_few)
        _line(
            made, points, "middle", name, line, tone=tone, of=lambda one: one.is_of_few, pale=True
        )
    made.update_xaxes(title={"text": _("Week since hire")}, dtick=4 if len(longest) > 12 else 1)
    made.update_yaxes(**_ticks(made))
    made.update_layout(height=260, margin={"l": 46, "r": 8, "t": 8, "b": 40})
    legend = [("c1", _("New")), ("faint", _("Hired before")), ("band", _("Tenured, middle 80 %"))]
    words = _("Handling time by week since hire; the table has the numbers")
    return {"id": "ramp", "json": made.to_json(), "words": words, "legend": legend, "table": None}


def _ticks(made: go.Figure) -> dict[str, Any]:
    """Marks of whole minutes, or of parts of them, about what is drawn: where the curve comes near
    the band is what is looked for, not how far both are from nothing."""
    values = np.concatenate([one.y for one in made.data])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    step = next((one for one in _STEPS if (high - low) / one <= _MARKS), _STEPS[-1])
    first, last = floor(low / step), ceil(high / step)
    marks = [step * one for one in range(first, last + 1)]
    return {
        "tickvals": marks, "ticktext": [figure(one, "seconds") for one in marks],
        "range": [marks[0] - step / 4, marks[-1] + step / 4],
    }  # fmt: skip


def _line(
    made: go.Figure,
    points: "list[Point] | Any",
    field: str,
    name: str,
    line: dict[str, Any],
    *,
    tone: str = "",
    fill: str = "",
    of: Callable[[Point], bool] = lambda _one: True,
    pale: bool = False,
) -> None:
    values = [getattr(one, field) if of(one) else None for one in points]
    more: dict[str, Any] = {"fill": "tonexty"} if fill else {}
    if pale:
        more["opacity"] = 0.4
    made.add_scatter(
        x=np.array([one.number for one in points]),
        y=np.array([np.nan if one is None else one for one in values], float),
        name=name,
        mode="markers" if pale else "lines+markers" if tone else "lines",
        marker={"size": 4},
        line=line,
        connectgaps=False,
        hovertext=[figure(one, "seconds") for one in values],
        hovertemplate="%{hovertext}",
        hoverinfo=None if name else "skip",
        meta={"tone": tone or fill} if tone or fill else None,
        **more,
    )
