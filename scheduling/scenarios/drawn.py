"""The curves of scenarios: people needed and people there by month."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scheduling.scenarios.shown import Column, Recruiting

_TONES = ("c1", "c2", "c3", "c4")


def side_by_side(columns: Sequence[Column]) -> dict[str, Any] | None:
    """What each scenario needs, a line, and who is there, dots; of one alone also how far it
    reaches to be sure. As `_partials/chart.html` takes it; None: none was reckoned."""
    some = [(tone, one) for tone, one in zip(_TONES, columns, strict=False) if one.rows]
    if not some:
        return None
    chart = go.Figure(layout={"template": "none"})
    legend: list[tuple[str, str]] = []
    if len(some) == 1 and some[0][1].peak_sure is not None:
        _band(chart, some[0][1])
        legend.append(("band", _("Enough for 80 of 100 months")))
    for tone, column in some:
        x = _months(column)
        name = column.scenario.name
        chart.add_scatter(
            x=x,
            y=np.array([row.month.needed for row in column.rows]),
            name=_("%(scenario)s: needed") % {"scenario": name},
            mode="lines",
            line={"width": 2.2},
            hovertemplate="%{y:,.1f}",
            meta={"tone": tone},
        )
        legend.append((tone, name))
        if column.people.has_people:
            chart.add_scatter(
                x=x,
                y=np.array([row.month.there for row in column.rows]),
                name=_("%(scenario)s: there") % {"scenario": name},
                mode="lines",
                line={"width": 1.6, "dash": "dot"},
                hovertemplate="%{y:,.1f}",
                meta={"tone": tone},
            )
    if any(one.people.has_people for _tone, one in some):
        legend.append(("faint", _("Dotted: there")))
    first, last = some[0][1].rows[0].first, some[0][1].rows[-1].first
    _axes(chart)
    return {
        "id": "scenarios",
        "json": chart.to_json(),
        "words": _(
            "Full-time equivalents needed and there by month, from %(first)s to %(last)s; the "
            "table has the numbers"
        )
        % {"first": _word(first), "last": _word(last)},
        "legend": legend,
        "table": None,
    }


def recruiting(told: Recruiting) -> dict[str, Any]:
    """Who begins in each month, bars, below people needed and there."""
    chart = go.Figure(layout={"template": "none"})
    x = _dates([step.first for step in told.steps])
    chart.add_bar(
        x=x,
        y=np.array([step.hire + step.planned for step in told.steps], float),
        name=_("Begin"),
        hovertemplate="%{y:,.0f}",
        meta={"tone": "c2"},
    )
    for name, values, tone, line in (
        (_("Needed"), [step.need for step in told.steps], "c1", {"width": 2.2}),
        (_("There"), [step.there for step in told.steps], "c3", {"width": 1.8}),
        (
            _("There if nobody else is hired"),
            [step.without for step in told.steps],
            "faint",
            {"width": 1.6, "dash": "dot"},
        ),
    ):
        chart.add_scatter(
            x=x,
            y=np.array(values, float),
            name=name,
            mode="lines",
            line=line,
            hovertemplate="%{y:,.1f}",
            meta={"tone": tone},
        )
    _axes(chart)
    return {
        "id": "hiring",
        "json": chart.to_json(),
        "words": _("People needed, there and beginning by month; the table has the numbers"),
        "legend": [
            ("c1", _("Needed")),
            ("c3", _("There")),
            ("faint", _("There if nobody else is hired")),
            ("c2", _("Begin")),
        ],
        "table": None,
    }


def _band(chart: go.Figure, column: Column) -> None:
    x = _months(column)
    chart.add_scatter(
        x=x,
        y=np.array([row.month.needed for row in column.rows]),
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
    )
    chart.add_scatter(
        x=x,
        y=np.array([row.sure.needed if row.sure else np.nan for row in column.rows]),
        name=_("80 of 100"),
        mode="lines",
        line={"width": 0},
        fill="tonexty",
        hovertemplate="%{y:,.1f}",
        meta={"tone": "band"},
    )


def _axes(chart: go.Figure) -> None:
    chart.update_xaxes(tickformat="%b %y", hoverformat="%b %Y", nticks=7, tickangle=0)
    chart.update_layout(height=260, margin={"l": 46, "r": 8, "t": 8, "b": 30})


def _months(column: Column) -> Any:
    return _dates([row.first for row in column.rows])


def _dates(days: Sequence[Any]) -> Any:
    return np.array(days, dtype="datetime64[s]")


def _word(day: Any) -> str:
    return date_format(day, "M Y")
