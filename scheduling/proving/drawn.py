"""The charts of a proof, each as `_partials/chart.html` takes it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from kpis.tiles import ticks_of_days
from scheduling.proving.shown import Day

# One tone a model, whichever is the nearest.
_TONES = {"Simulation": "c3", "Erlang A": "accent", "Erlang C": "c2"}


def by_day(days: Sequence[Day], models: Sequence[str]) -> dict[str, Any]:
    """The service level of each day as it was, and as models say."""
    chart = go.Figure(layout={"template": "none"})
    x = np.array([one.day for one in days], dtype="datetime64[s]")
    for model in models:
        chart.add_scatter(
            x=x,
            y=np.array([one.said.get(model) for one in days], float),
            name=model,
            mode="lines+markers",
            marker={"size": 4},
            line={"width": 1.4, "dash": "dot" if model == "Erlang C" else "solid"},
            hovertemplate="%{y:.1%}",
            meta={"tone": _TONES[model]},
        )
    chart.add_scatter(
        x=x,
        y=np.array([one.was for one in days], float),
        name=_("Was"),
        mode="lines+markers",
        marker={"size": 5},
        line={"width": 2.4},
        hovertemplate="%{y:.1%}",
        meta={"tone": "ink"},
    )
    chart.update_xaxes(tickformat="%-d %b", hoverformat="%a %-d %b %Y", **ticks_of_days(x))
    chart.update_yaxes(tickformat=".0%", range=[0, 1.04])
    chart.update_layout(height=280, margin={"l": 46, "r": 8, "t": 8, "b": 30})
    return {
        "id": "by-day",
        "json": chart.to_json(),
        "words": _("Service level by day, from %(first)s to %(last)s; the table has its numbers")
        % {"first": days[0].day, "last": days[-1].day},
        "legend": [("ink", _("Was")), *((_TONES[one], one) for one in models)],
        "table": None,
    }


def patience(kept: dict[str, Any]) -> dict[str, Any]:
    """The share of callers who would wait for longer."""
    chart = go.Figure(layout={"template": "none"})
    chart.add_scatter(
        x=np.array(kept["seconds"], float),
        y=np.array(kept["staying"], float),
        name=_("Still wait"),
        mode="lines",
        line={"width": 2.2, "shape": "hv"},
        hovertemplate="%{y:.1%}",
        meta={"tone": "accent"},
    )
    legend = [("accent", _("Own callers"))]
    if kept["mean"]:
        x = np.linspace(0, kept["seconds"][-1], 80)
        chart.add_scatter(
            x=x,
            y=np.exp(-x / kept["mean"]),
            name=_("As Erlang A takes it"),
            mode="lines",
            line={"width": 1.4, "dash": "dot"},
            hovertemplate="%{y:.1%}",
            meta={"tone": "faint"},
        )
        legend.append(("faint", _("As Erlang A takes it")))
    chart.update_xaxes(ticksuffix=" s", rangemode="tozero", nticks=6)
    chart.update_yaxes(tickformat=".0%", range=[0, 1.04])
    chart.update_layout(height=240, margin={"l": 46, "r": 14, "t": 8, "b": 30})
    return {
        "id": "patience",
        "json": chart.to_json(),
        "words": _("The share of callers who would wait for longer, by seconds waited"),
        "legend": legend,
        "table": None,
    }


def handling(kept: dict[str, Any]) -> dict[str, Any]:
    """How long calls took, beside the nearest lognormal; those beyond the last edge left out."""
    bins = [one for one in kept["bins"] if one["to"] is not None]
    middle = np.array([(one["from"] + one["to"]) / 2 for one in bins])
    chart = go.Figure(layout={"template": "none", "bargap": 0.12})
    chart.add_bar(
        x=middle,
        y=np.array([one["share"] for one in bins]),
        name=_("Own calls"),
        hovertemplate="%{y:.1%}",
        meta={"tone": "c1"},
    )
    chart.add_scatter(
        x=middle,
        y=np.array([one["lognormal"] for one in bins]),
        name=_("Lognormal"),
        mode="lines+markers",
        marker={"size": 4},
        line={"width": 1.8},
        hovertemplate="%{y:.1%}",
        meta={"tone": "c6"},
    )
    chart.update_xaxes(ticksuffix=" s", rangemode="tozero", nticks=6)
    chart.update_yaxes(tickformat=".0%")
    chart.update_layout(height=240, margin={"l": 46, "r": 14, "t": 8, "b": 30})
    return {
        "id": "handling",
        "json": chart.to_json(),
        "words": _("The share of calls by how long they took, beside a lognormal"),
        "legend": [("c1", _("Own calls")), ("c6", _("Lognormal"))],
        "table": None,
    }
