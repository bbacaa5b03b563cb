"""A curve as somebody types it, or copies it from a spreadsheet; and what it comes to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import plotly.graph_objects as go
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ccm.intervals import Calendar
from ccm.models import Queue
from ccm.structure.forms import WEEKDAYS
from scheduling.forecast import borrowed
from scheduling.forecast.days import Day
from scheduling.forecast.history import Array, from_counts
from scheduling.known import past

Rows = list[tuple[int, float]]
"""Minutes of the clock, and calls in any unit."""

MOST_CALLS = 1_000_000
_HOUR, _DAY, _QUARTER = 60, 24 * 60, 15
# More lines than a day has quarter hours say no curve.
_MOST_LINES = 120
_LINE = re.compile(
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?:\s*[;,\t]\s*|\s+)"
    r"(?P<calls>-?[0-9]+(?:[.,][0-9]+)?)\s*%?"
)
# 1,200 is a number with a comma every thousand to some and a little more than one to others.
_TWO_WAYS = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
# A week of which no clock is changed.
_MONDAY, _SUNDAY = date(2024, 1, 1), date(2024, 1, 7)


def read(text: str) -> Rows:
    """The stretches that a text tells, a line each, by the clock. Raises ValidationError with the
    line that cannot be read, and why."""
    lines = [
        (number, line.replace("\N{NO-BREAK SPACE}", " ").strip())
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    lines = [(number, line) for number, line in lines if line]
    if lines and not any(one.isdigit() for one in lines[0][1]):
        del lines[0]  # the heading of what was copied
    if not lines:
        raise ValidationError(_("Write how the calls lie in the day, as 08:00 120, a line each."))
    if len(lines) > _MOST_LINES:
        raise ValidationError(_("These are more lines than a day has quarter hours."))
    found: dict[int, float] = {}
    line_of: dict[int, int] = {}
    for number, line in lines:
        try:
            minute, calls = _read(line)
        except ValueError as wrong:
            words = _("Line %(n)d (%(line)s): %(why)s")
            raise ValidationError(words % {"n": number, "line": line[:40], "why": wrong}) from None
        if minute in found:
            words = _("Line %(n)d: %(clock)s is told in line %(first)d already.")
            told = {"n": number, "clock": clock(minute), "first": line_of[minute]}
            raise ValidationError(words % told)
        found[minute], line_of[minute] = calls, number
    if not any(found.values()):
        raise ValidationError(_("No line has a number above 0."))
    return sorted(found.items())


def _read(line: str) -> tuple[int, float]:
    """Raises ValueError in words."""
    told = _LINE.fullmatch(line)
    if told is None:
        raise ValueError(_("write a time and a number, as 08:00 120."))
    hour, minute, half = int(told["hour"]), int(told["minute"]), (told["half"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(_("there is no such time of the day."))
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or int(told["second"] or 0) > 59:
        raise ValueError(_("there is no such time of the day."))
    if minute % _QUARTER or int(told["second"] or 0):
        raise ValueError(_("a stretch begins at an hour or at a quarter of one."))
    number = told["calls"]
    if _TWO_WAYS.fullmatch(number):
        raise ValueError(_("the comma can be read in two ways: write 1200, or 1.2."))
    calls = float(number.replace(",", "."))
    if calls < 0:
        raise ValueError(_("calls are not fewer than 0."))
    if calls > MOST_CALLS:
        raise ValueError(_("calls are a million at most."))
    return hour * _HOUR + minute, calls


def clock(minute: int) -> str:
    """As a clock on the wall shows it, so many minutes after a midnight."""
    return f"{minute // _HOUR % 24:02}:{minute % _HOUR:02}"


def written(rows: Sequence[tuple[int, float]], begins: int) -> str:
    """As a browser sends it, from the hour on at which the site's days begin."""
    in_order = sorted(rows, key=lambda one: (one[0] - begins * _HOUR) % _DAY)
    return "\r\n".join(f"{clock(minute)} {calls:g}" for minute, calls in in_order)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a curve comes to in a usual week, by the intervals that its queue is forecast by."""

    weekdays: list[tuple[Any, float, float]]
    """Each with its calls as they are typed, and those of them that come while it is open."""
    rows: list[tuple[str, list[float | None]]]
    """Of each interval in which anything is open or typed, its calls on each weekday; None where it
    is closed then."""
    is_closed_for_some: bool
    fullest: Any
    """The weekday that is drawn."""
    chart: dict[str, Any]

    @property
    def typed(self) -> float:
        return sum(calls for _day, calls, _comes in self.weekdays)

    @property
    def comes(self) -> float:
        return sum(comes for _day, _calls, comes in self.weekdays)


def shown(queue: Queue, weekday_calls: Sequence[float], rows: Rows, minutes: int) -> Shown:
    begins = queue.site.day_begins
    typed = borrowed.Typed(np.array(weekday_calls, float), borrowed.course(rows, minutes, begins))
    on = past.grid(_MONDAY, _SUNDAY, Calendar.of("UTC", begins), minutes)
    is_open = on.summed(on.open(past.hours_of(queue)).astype(float)) * _QUARTER / minutes
    week = tuple(Day(date.fromordinal(_MONDAY.toordinal() + one)) for one in range(7))
    calls = typed.method.forecast(from_counts((), np.zeros((0, is_open.shape[1]))), week)
    comes = calls * is_open
    clocks = [clock(begins * _HOUR + place * minutes) for place in range(is_open.shape[1])]
    told = [
        [round(float(one), 3) if there else None for one, there in zip(*pair, strict=True)]
        for pair in zip(comes.T, is_open.T, strict=True)
    ]
    there = np.flatnonzero(is_open.any(axis=0) | calls.any(axis=0)).tolist()
    fullest = int(calls.sum(axis=1).argmax())
    return Shown(
        [
            (WEEKDAYS[one], float(calls[one].sum()), float(comes[one].sum()))
            for one in range(len(week))
        ],
        [(clocks[one], told[one]) for one in there],
        bool((calls - comes).sum() > 0.5),
        WEEKDAYS[fullest],
        _drawn(
            [clocks[one] for one in there],
            comes[fullest, there],
            (calls - comes)[fullest, there],
            str(WEEKDAYS[fullest]),
        ),
    )


def _drawn(clocks: Sequence[str], comes: Array, closed: Array, weekday: str) -> dict[str, Any]:
    """The intervals of a weekday. As `_partials/chart.html` takes it."""
    chart = go.Figure(layout={"template": "none"})
    x = np.array(clocks, dtype=object)
    parts = [("accent", _("While it is open"), comes)]
    if closed.any():
        parts.append(("warn", _("While it is closed: none come"), closed))
    for tone, words, values in parts:
        chart.add_bar(x=x, y=values, name=words, hovertemplate="%{y:,.1f}", meta={"tone": tone})
    chart.update_xaxes(type="category", nticks=12)
    chart.update_layout(
        barmode="stack", bargap=0.15, height=200, margin={"l": 46, "r": 8, "t": 8, "b": 30}
    )
    return {
        "id": "typed",
        "json": chart.to_json(),
        "words": _("Calls by interval on a %(weekday)s, as typed; the table has its numbers")
        % {"weekday": weekday},
        "legend": [(tone, words) for tone, words, _values in parts],
        "table": None,
    }
