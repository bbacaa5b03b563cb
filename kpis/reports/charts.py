"""The line of a report whose rows follow each other in time."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.utils.translation import gettext as _

from ccm.intervals import DAY
from ccm.templatetags.figures import figure as figure_text
from kpis.choosing import beside
from kpis.dimensions import IN_TIME, MOMENTS, moment_words
from kpis.figures import Figure
from kpis.report import Question, Row
from kpis.tiles import MOST_TICKS, SHORT_NAMES, ticks_of_days

# More lines than colours tell nobody apart.
MOST_LINES = 8
_TONES = ("accent", "c2", "c3", "c4", "c5", "c6", "c7", "c8")
# Beyond so many points a dot for each is a smear.
_MOST_DOTS = 40
# So many pixels long is the target of a point that shares it with neither neighbour.
_STROKE = 12
# So much room have the words above a stroke.
_OF_WORDS = 24
# Beyond this share of the way there may be none beside it.
_EARLY = 0.6


def line(
    question: Question, rows: Sequence[Row], parts: Mapping[Any, str], changes: Mapping[date, str]
) -> dict[str, Any] | None:
    """The first KPI of a report over time, a line a column and, where it stands in other
    definitions too, a line each; None where rows are not in time, are fewer than two, or columns
    are too many. As `_partials/chart.html` takes it.

    To a stretch that is not whole, as `parts` say in words, the line is dashed and its dot hollow.
    A stroke stands where the KPI began to be made otherwise: `changes`, days and how since then.
    """
    columns = {row.column_id: row.column for row in rows}
    times = list(dict.fromkeys(row.id for row in rows))
    words = question.kpis[0]
    kpi = rows[0].figures[words].kpi
    shown = [one for one in question.kpis if rows[0].figures[one].kpi.id == kpi.id]
    shown = shown[: MOST_LINES // len(columns)]
    if question.by not in IN_TIME or len(times) < 2 or not shown:
        return None
    name = str(SHORT_NAMES.get(kpi.id, kpi.name))
    chart = go.Figure(layout={"template": "none"})
    order = sorted(rows, key=lambda row: (row.column_place is not None, row.column_place or 0))
    headings = beside.headings(rows, question.kpis)
    lines = [
        (_named(columns[key], name, headings[one]), one, key)
        for key in dict.fromkeys(row.column_id for row in order)
        for one in shown
    ]
    if question.by in MOMENTS:
        # By its name each moment has its own place, also in the hour that the clock shows twice.
        names = {row.id: row.name for row in rows}
        x: Any = [names[one] for one in times]
        chart.update_xaxes(type="category", **_ticks(question, times, x))
        _mark_clock(chart, question, times, x)
    else:
        x = np.array(times, dtype="datetime64[s]")
        chart.update_xaxes(tickformat="%-d %b", hoverformat="%-d %b %Y", **ticks_of_days(x))
    _mark_definitions(chart, question, rows, times, x, changes)
    for tone, (said_of, one, key) in zip(_TONES, lines, strict=False):
        by_time = {row.id: row.figures[one] for row in rows if row.column_id == key}
        figures = [by_time.get(at) for at in times]
        values = [None if one is None else one.value for one in figures]
        said = [_words(one, parts.get(at, "")) for at, one in zip(times, figures, strict=True)]
        whole = [at not in parts for at in times]
        look = {
            "x": x,
            "text": said,
            "name": said_of,
            "meta": {"tone": tone},
        }
        chart.add_scatter(
            y=_drawn(values, whole),
            mode="lines+markers" if len(times) < _MOST_DOTS else "lines",
            line={"width": 2.2},
            marker={"size": 5},
            hovertemplate="%{text}",
            **look,
        )
        if not all(whole):
            chart.add_scatter(
                y=_drawn(values, _beside_parts(whole)),
                mode="lines+markers",
                line={"width": 1.6, "dash": "dot"},
                # What is whole has its dot and its words on the other line.
                marker={"size": [0 if one else 7 for one in whole], "symbol": "circle-open"},
                hoverinfo=["skip" if one else "text" for one in whole],
                **look,
            )
    unit = rows[0].figures[words].unit
    legend = [(tone, said_of) for tone, (said_of, *_key) in zip(_TONES, lines, strict=False)]
    targets = [row.figures[words].parameters.target for row in rows]
    if len(columns) == 1 and any(one is not None for one in targets):
        # A piece so short may lie between two dashes, and of one point there is no line.
        alone = [
            one is not None and one not in targets[max(0, at - 1) : at] + targets[at + 1 : at + 2]
            for at, one in enumerate(targets)
        ]
        chart.add_scatter(
            x=x,
            y=np.array([np.nan if one is None else one for one in targets], float),
            text=[figure_text(one, unit) for one in targets],
            name=_("Target"),
            meta={"tone": "faint"},
            mode="lines+markers",
            # Each stretch has its own: a step between two that differ.
            line={"width": 1, "dash": "dash", "shape": "hvh"},
            marker={
                "size": [_STROKE if one else 0 for one in alone],
                "symbol": "line-ew-open",
                "opacity": 1,
            },
            hovertemplate="%{text}",
        )
        # Its mark is dashed, as its line is.
        legend.append(("target", _("Target")))
    drawn = [row.figures[one].value for row in rows for one in shown]
    chart.update_yaxes(**value_axis(unit, [0, *drawn, *targets]))
    above = _OF_WORDS if chart.layout.annotations else 8
    chart.update_layout(height=242 + above, margin={"l": 52, "r": 8, "t": above, "b": 36})
    return {
        "id": "line",
        # Where lines are called by columns, nothing else says which KPI they are of.
        "heading": name if question.across != "total" else "",
        "json": chart.to_json(),
        "words": _("%(kpi)s over time, from %(first)s to %(last)s; the table has its numbers")
        % {"kpi": name, "first": rows[0].name, "last": rows[-1].name},
        "legend": legend,
        "note": _("Hollow and dotted: not whole.") if parts else "",
        "table": None,
    }


def value_axis(unit: str, values: Iterable[float | int | None]) -> dict[str, Any]:
    """What is written beside an axis that reaches over these values: shares in per cent, time and
    points as tables say them."""
    known = [one for one in values if one is not None]
    if unit == "fraction":
        # Two steps of less than a hundredth would have one name.
        is_small = bool(known) and max(known) - min(known) < _FEW_STEPS
        return {"tickformat": ".1%" if is_small else ".0%"}
    if unit not in _STEPS or not known:
        return {}
    low, high = min(known), max(known)
    step = next((one for one in _STEPS[unit] if (high - low) / one <= _MOST_VALUES), None)
    if step is None:
        return {}  # longer than anybody waits
    places = range(math.floor(low / step), math.ceil(high / step) + 1)
    ticks = [place * step for place in places]
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [figure_text(one, unit) for one in ticks],
    }


_MOST_VALUES = 6
_FEW_STEPS = 0.05
_STEPS: Mapping[str, Sequence[float]] = {
    "seconds": (
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400,
        *(days * 86400 for days in (2, 5, 10, 20, 50, 100, 200, 500)),
    ),
    "points": (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
}  # fmt: skip
"""How far values that are written may be from each other: of the first that makes few."""


def _named(column: str, name: str, definition: str) -> str:
    """What a line is called: by its column, else by its KPI, and its definition where there are
    several."""
    called = column or name
    return f"{called} ({definition})" if definition else called


def _words(figure: Figure | None, part: str) -> str:
    said = figure_text(figure.value if figure else None, figure.unit if figure else "count")
    return f"{said} ({part})" if part else said


def _drawn(values: Sequence[float | int | None], shown: Sequence[bool]) -> Any:
    """The values that a line has; elsewhere it has a gap."""
    pairs = zip(values, shown, strict=True)
    return np.array([np.nan if one is None or not here else one for one, here in pairs], float)


def _beside_parts(whole: Sequence[bool]) -> list[bool]:
    """What is not whole, and what lies beside it, so that a line joins the two."""
    every = range(len(whole))
    return [not all(whole[max(0, at - 1) : at + 2]) for at in every]


def _ticks(question: Question, times: Sequence[datetime], names: Sequence[str]) -> dict[str, Any]:
    """Where a moment is written below the line: of few days its time of day, else its date."""
    days = [one.astimezone(question.tz).date() for one in times]
    many = days[-1] - days[0] > 2 * DAY
    begins = [at for at, day in enumerate(days) if at == 0 or day != days[at - 1]]
    hours = [at for at, one in enumerate(times) if one.astimezone(question.tz).minute == 0]
    places = begins if many else hours or [*range(len(times))]
    if many and len(places) > 1 and places[1] < len(times) / 8:
        places = places[1:]  # there is no room for both
    chosen = places[:: -(-len(places) // MOST_TICKS)]
    return {
        "tickmode": "array",
        "tickvals": [names[at] for at in chosen],
        "ticktext": [_tick(question, times[at], days[at], many, days[0]) for at in chosen],
    }


def _mark_definitions(
    chart: go.Figure,
    question: Question,
    rows: Sequence[Row],
    times: Sequence[Any],
    x: Sequence[Any],
    changes: Mapping[date, str],
) -> None:
    """A stroke at the first stretch that is made otherwise, with how; `x` tells where each of
    `times` is."""
    told: dict[Any, list[str]] = {}
    for day, words in sorted(changes.items()):
        since = next((row.id for row in rows if question.days_of(row)[1] >= day), None)
        if since is not None:
            told.setdefault(since, []).append(words)
    for since, many in told.items():
        _stroke(chart, x, times.index(since), "; ".join(many))


def _mark_clock(
    chart: go.Figure, question: Question, times: Sequence[datetime], names: Sequence[str]
) -> None:
    """A line from where on the clock is put otherwise, with what it shows there."""
    local = [one.astimezone(question.tz) for one in times]
    for at in range(1, len(local)):
        if local[at].utcoffset() != local[at - 1].utcoffset():
            _stroke(chart, names, at, moment_words(times[at], question.tz, "H:i"))


def _stroke(chart: go.Figure, places: Sequence[Any], at: int, words: str) -> None:
    """A dotted line from top to bottom, with words above it, where no line strikes them through:
    after it, as what they say holds, or late, where there is no room, before."""
    place = places[at]
    side = "left" if at <= _EARLY * (len(places) - 1) else "right"
    chart.add_shape(x0=place, x1=place, y0=0, y1=1, yref="paper", line={"width": 1, "dash": "dot"})
    chart.add_annotation(
        x=place, y=1, yref="paper", xanchor=side, yanchor="bottom", showarrow=False, text=words
    )


def _tick(question: Question, moment: datetime, day: date, many: bool, first: date) -> str:
    if many:
        return moment_words(moment, question.tz, "j M").removesuffix(" UTC")
    return moment_words(moment, question.tz, "H:i" if day == first else "j M H:i")
