"""The curves of a forecast: days, and the intervals of a day, each with its bands."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.html import escape
from django.utils.translation import gettext as _

from ccm.templatetags.figures import grouped
from kpis.tiles import ticks_of_days
from scheduling.forecast.history import Array
from scheduling.models import Forecast, GroupForecast
from scheduling.models.forecasts import DayTold
from scheduling.planned import curve
from scheduling.scenarios.months import Month


def days_curve(
    days: Sequence[DayTold],
    came: Mapping[date, int],
    planned: Mapping[date, Array],
    special: Mapping[date, str],
) -> dict[str, Any]:
    """Calls of days: those that came, and those that are expected with their bands, and which of
    them are `special`. As `_partials/chart.html` takes it."""
    chart = go.Figure(layout={"template": "none"})
    x = _dates([one.day for one in days])
    told = sorted(came)
    most = max(
        [one.total for one in days]
        + [came[one] for one in told]
        + [float(one.sum()) for one in planned.values()]
    )
    cut = _bands(
        chart,
        x,
        most,
        [(one.total_low95, one.total_high95) for one in days],
        [(one.total_low80, one.total_high80) for one in days],
    )
    chart.add_scatter(
        x=_dates(told),
        y=np.array([came[one] for one in told], float),
        name=_("Came"),
        mode="lines",
        line={"width": 1.6},
        hovertemplate="%{y:,.0f}",
        meta={"tone": "ink"},
    )
    chart.add_scatter(
        x=x,
        y=np.array([one.total for one in days], float),
        name=_("Expected"),
        mode="lines",
        line={"width": 2.2},
        hovertemplate="%{y:,.0f}",
        meta={"tone": "accent"},
    )
    if planned:
        chart.add_scatter(
            x=_dates(sorted(planned)),
            y=np.array([planned[one].sum() for one in sorted(planned)], float),
            name=_("Planned by"),
            mode="markers",
            marker={"size": 8, "symbol": "diamond"},
            hovertemplate="%{y:,.0f}",
            meta={"tone": "warn"},
        )
    # On the curve of what came, and of what is expected where that is not known yet.
    heights = {one.day: float(one.total) for one in days} | {day: float(came[day]) for day in told}
    if marked := sorted(heights.keys() & special.keys()):
        chart.add_scatter(
            x=_dates(marked),
            y=np.array([heights[day] for day in marked]),
            # What people wrote is no markup.
            text=[escape(special[day]) for day in marked],
            name=_("Special days and events"),
            mode="markers",
            marker={"size": 9, "symbol": "triangle-down"},
            hovertemplate="%{text}",
            meta={"tone": "c4"},
        )
    every = _dates(sorted({*told, *(one.day for one in days)}))
    chart.update_xaxes(tickformat="%-d %b", hoverformat="%a %-d %b %Y", **ticks_of_days(every))
    chart.update_layout(height=280, margin={"l": 52, "r": 8, "t": 8, "b": 30})
    return {
        "id": "days",
        "json": chart.to_json(),
        "words": _("Calls by day, from %(first)s to %(last)s; the table has its numbers")
        % {"first": days[0].day, "last": days[-1].day},
        "legend": [
            ("accent", _("Expected")),
            *([("ink", _("Came"))] if told else []),
            *_band_words(days, cut),
            *([("warn", _("Planned by"))] if planned else []),
            *([("c4", _("Special days and events"))] if marked else []),
        ],
        "table": None,
    }


def day_curve(
    forecast: Forecast | GroupForecast, day: DayTold, begins: int, planned: Array | None
) -> dict[str, Any]:
    """Calls of a day's intervals, those that are open."""
    shown = [place for place, there in enumerate(day.open) if there]
    clocks = [clock(forecast, place, begins) for place in shown]
    x = np.array(clocks, dtype=object)
    chart = go.Figure(layout={"template": "none"})
    # Of a group nothing is held against another forecast.
    naive = getattr(day, "naive", None)
    curves = [day.calls, *(one for one in (naive, planned) if one is not None)]
    cut = _bands(
        chart,
        x,
        max((float(one[place]) for one in curves for place in shown), default=0.0),
        [(day.low95[place], day.high95[place]) for place in shown],
        [(day.low80[place], day.high80[place]) for place in shown],
    )
    chart.add_scatter(
        x=x,
        y=np.array([day.calls[place] for place in shown], float),
        name=_("Expected"),
        mode="lines",
        line={"width": 2.2},
        hovertemplate="%{y:,.1f}",
        meta={"tone": "accent"},
    )
    if naive is not None:
        chart.add_scatter(
            x=x,
            y=np.array([naive[place] for place in shown], float),
            name=_("As a week before"),
            mode="lines",
            line={"width": 1.4, "dash": "dot"},
            hovertemplate="%{y:,.0f}",
            meta={"tone": "faint"},
        )
    if planned is not None:
        chart.add_scatter(
            x=x,
            y=planned[shown],
            name=_("Planned by"),
            mode="lines",
            line={"width": 2.2, "dash": "dash"},
            hovertemplate="%{y:,.1f}",
            meta={"tone": "warn"},
        )
    chart.update_xaxes(type="category", nticks=12)
    chart.update_layout(height=260, margin={"l": 46, "r": 8, "t": 8, "b": 30})
    return {
        "id": "intervals",
        "json": chart.to_json(),
        "words": _("Calls by interval of %(day)s; the table has its numbers") % {"day": day.day},
        "legend": [
            ("accent", _("Expected")),
            *([("faint", _("As a week before"))] if naive is not None else []),
            *_band_words([day], cut),
            *([("warn", _("Planned by"))] if planned is not None else []),
        ],
        "table": None,
    }


def clock(forecast: Forecast | GroupForecast, place: int, begins: int) -> str:
    """When a day's interval begins, by the clock on the wall."""
    return curve.clock(begins * 60 + place * forecast.interval_minutes)


Edges = Sequence[tuple[float | None, float | None]]


# So many times the largest number of a curve bands may be high, that of 80 % a little more: the
# curve keeps at least half of the chart.
_ROOM, _INNER_ROOM = 1.5, 2.0


def months_curve(months: Sequence[Month]) -> dict[str, Any]:
    """Calls of months that were, and of those ahead with their bands."""
    chart = go.Figure(layout={"template": "none"})
    known = [one for one in months if one.came is not None]
    ahead = [one for one in months if one.expected is not None]
    every = [one.came or one.expected or 0.0 for one in months]
    edges = [one.edges or (None,) * 4 for one in ahead]
    cut = _bands(
        chart,
        _dates([one.first for one in ahead]),
        max(every),
        [(one[2], one[3]) for one in edges],
        [(one[0], one[1]) for one in edges],
    )
    for name, some, values, tone in (
        (_("Came"), known, [one.came for one in known], "ink"),
        (_("Expected"), ahead, [one.expected for one in ahead], "accent"),
    ):
        chart.add_scatter(
            x=_dates([one.first for one in some]),
            y=np.array(values, float),
            name=name,
            mode="lines+markers",
            line={"width": 2.0},
            hovertemplate="%{y:,.0f}",
            meta={"tone": tone},
        )
    chart.update_xaxes(tickformat="%b %y", hoverformat="%b %Y", nticks=7, tickangle=0)
    chart.update_yaxes(rangemode="tozero")
    chart.update_layout(height=280, margin={"l": 60, "r": 8, "t": 8, "b": 30})
    band = _cut(_("In 80 and 95 of 100 such months"), cut)
    words = _("Calls by month, from %(first)s to %(last)s; the table has its numbers")
    return {
        "id": "months",
        "json": chart.to_json(),
        "words": words % {"first": months[0].first, "last": months[-1].first},
        "legend": [
            ("accent", _("Expected")),
            *([("ink", _("Came"))] if known else []),
            *([("band", band)] if any(one.edges for one in ahead) else []),
        ],
        "table": None,
    }


def _band_words(days: Sequence[DayTold], cut: float | None) -> list[tuple[str, str]]:
    """What the legend says of bands: that they go on beyond the chart, and nothing where there are
    none."""
    if all(one.total_high80 is None and one.total_high95 is None for one in days):
        return []
    return [("band", _cut(_("In 80 and 95 of 100 such days"), cut))]


def _cut(words: str, cut: float | None) -> str:
    """What a band is, and that it goes on beyond the chart where it does."""
    if cut is None:
        return words
    return f"{words} {_('(cut: it reaches up to %(most)s)') % {'most': grouped(cut)}}"


def _bands(chart: go.Figure, x: Any, largest: float, *bands: Edges) -> float | None:
    """Bands, the widest first; none where no error tells of it. The axis goes by the `largest`
    number of the curves: where bands reach much higher they are cut, and up to where they reach is
    told; None: all of them is seen."""
    highest, inner = (
        max((high for edges in some for _low, high in edges if high is not None), default=0.0)
        for some in (bands, bands[-1:])
    )
    largest = max(largest, 1.0)
    room = max(_ROOM * largest, min(inner, _INNER_ROOM * largest))
    if highest > room:
        chart.update_yaxes(range=[0, room])
    for edges in bands:
        if any(None in pair for pair in edges):
            continue
        low, high = (np.array(side, float) for side in zip(*edges, strict=True))
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
    return highest if highest > room else None


def _dates(days: Sequence[date]) -> Any:
    return np.array(days, dtype="datetime64[s]")
