"""Numbers and times as people read them, the same way on every page.

Values come in as they are kept (fractions, seconds, counts, UTC times) and are rounded
here, once, half away from zero. No value is a dash, never 0. Separators follow the
reader's language; a figure and its unit do not break over a line.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import avoid_wrapping, format_html, format_html_join, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import comes_twice, offset_words

register = template.Library()

Number = int | float | Decimal
DASH = "–"
MINUS = "−"

# Decimals of the units that have some; counts and seconds have their own filters.
DECIMALS = {"fraction": 1, "score": 2, "points": 1, "days": 0, "money": 2}

# Rates between these are shown with more than one decimal.
LEAST_RATE, TENTH = 1e-6, 0.1

# The box a sparkline is drawn in; the page stretches it, strokes keep their width.
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 200, 34, 3


def _exact(value: Number) -> Decimal:
    """A float as the shortest decimal that means it, whatever kind of float (numpy's too)."""
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(repr(float(value)))


def rounded(value: Number, places: int = 0) -> Decimal:
    """`value` to `places` decimals, a half away from zero.

    0.285 rounds up at two places, though its bits are a little below. Never a negative zero.
    """
    return _exact(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) + 0


def grouped(value: Number, places: int = 0) -> str:
    """The rounded number with the language's separators and a real minus sign."""
    text = number_format(rounded(value, places), decimal_pos=places, force_grouping=True)
    return text.replace("-", MINUS)


def is_missing(value: object) -> bool:
    """Nothing to say: None, a variable the template does not have, NaN or infinity."""
    return value is None or value == "" or (isinstance(value, float) and not math.isfinite(value))


def yes_no(value: object) -> str:
    """What holds, or does not, in a word."""
    return _("yes") if value else _("no")


@register.filter
def count(value: Number | None) -> str:
    """1284 as "1,284"; a fractional count (calls per agent) with one decimal."""
    if value is None or is_missing(value):
        return DASH
    return grouped(value, 1 if isinstance(value, float) else 0)


def _rate(value: Number | None) -> str:
    """A fractional count below a tenth with two digits that say something, 0.0384 as "0.038"; empty
    for any other, and for what is left of a subtraction of floats."""
    if value is None or is_missing(value) or not isinstance(value, float):
        return ""
    if not LEAST_RATE <= abs(value) < TENTH:
        return ""
    return grouped(value, _places_of_rate(value))


def _places_of_rate(value: float) -> int:
    about = rounded(value, 1 - _exact(value).adjusted())
    return 1 - about.adjusted()


@register.filter
def percent(value: Number | None, places: int = 1) -> str:
    """The fraction 0.814 as "81.4 %"."""
    number, unit = parts(value, "fraction", places)
    return avoid_wrapping(f"{number} {unit}") if unit else number


@register.filter
def clock(value: Number | None) -> str:
    """Seconds as m:ss, from an hour on h:mm:ss, rounded to whole seconds: 3599.6 is "1:00:00"; a
    thousand hours are "1,000:00:00"."""
    if value is None or is_missing(value):
        return DASH
    whole = int(rounded(value))
    minutes, seconds = divmod(abs(whole), 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{count(hours)}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return MINUS + text if whole < 0 else text


@register.filter
def hours(milliseconds: int) -> str:
    """Milliseconds as hours: 5_400_000 is "1.5"."""
    return grouped(_exact(milliseconds) / 3_600_000, 1)


@register.filter
def hours_minutes(minutes: int) -> str:
    """Whole minutes as h:mm: 90 is "1:30", -90 "−1:30"."""
    if minutes < 0:
        return f"−{hours_minutes(-minutes)}"
    return f"{count(minutes // 60)}:{minutes % 60:02}"


@register.filter
def lasting(value: Number | None) -> str:
    """Seconds with their units, for what may be a minute or days: 3048 is "50 min 48 s", and from
    an hour on to whole minutes, 7140 "1 h 59 min"."""
    if value is None or is_missing(value):
        return DASH
    whole = int(rounded(value))
    if whole < 60:
        words = _("%(s)s s") % {"s": whole}
    elif whole < 3600:
        minutes, seconds = divmod(whole, 60)
        words = _("%(min)s min %(s)s s") % {"min": minutes, "s": seconds}
    else:
        hours, minutes = divmod(int(rounded(whole / 60)), 60)
        words = _("%(h)s h %(min)s min") % {"h": count(hours), "min": minutes}
    return avoid_wrapping(words)


def parts(value: Number | None, unit: str, places: int | None = None) -> tuple[str, str]:
    """A figure and its sign: (0.814, "fraction") is ("81.4", "%"), (326, "seconds") ("5:26", "").

    Units are those of the KPI definitions: count, seconds, days, fraction, score, points, money,
    whose currency stands beside it.
    Raises ValueError for another: a figure without a known unit has no meaning.
    """
    if unit == "count":
        return _rate(value) or count(value), ""
    if unit == "seconds":
        return clock(value), ""
    if unit not in DECIMALS:
        raise ValueError(f"no such unit: {unit!r}")
    if value is None or is_missing(value):
        return DASH, ""
    places = DECIMALS[unit] if places is None else places
    if unit == "fraction":
        # As decimals: 0.285 * 100 in floats is 28.499999999999996.
        return grouped(_exact(value) * 100, places), "%"
    if unit == "points":
        return grouped(_exact(value) * 100, places), _("pts")
    if unit == "days":
        return grouped(value, places), _("d")
    return grouped(value, places), ""


@register.filter
def figure(value: Number | None, unit: str) -> str:
    """A value in its unit, as one piece of text: for tables and sentences."""
    number, sign = parts(value, unit)
    return avoid_wrapping(f"{number} {sign}") if sign else number


def shown(value: Number, unit: str) -> Decimal:
    """The number that `figure` writes, in the unit: for what follows from what stands beside it."""
    if unit == "count":
        if not isinstance(value, float):
            return rounded(value)
        return rounded(value, _places_of_rate(value) if _rate(value) else 1)
    of_hundred = 2 if unit in ("fraction", "points") else 0
    return rounded(value, DECIMALS.get(unit, 0) + of_hundred)


@register.filter
def summed(value: Number | None, unit: str) -> str:
    """A sum in its unit, as `figure`; of time a day and more in hours, 90_061 s as "25.0 h"."""
    if unit != "seconds" or value is None or is_missing(value) or value < 86_400:
        return figure(value, unit)
    return avoid_wrapping(_("%(hours)s h") % {"hours": grouped(_exact(value) / 3600, 1)})


@register.simple_tag
def big_figure(value: Number | None, unit: str, scale: str = "") -> SafeString:
    """A value for a tile, its unit small beside it; `scale` is what a score is out of ("/5")."""
    number, sign = parts(value, unit)
    beside = sign or (scale if number != DASH else "")
    if not beside:
        return format_html("{}", number)
    return format_html("{}<small>{}</small>", number, beside)


# The largest unit that an age holds once says it; `static/js/age.js` counts on in the same words.
AGES = (
    (86_400, gettext_lazy("{n} d ago")),
    (3_600, gettext_lazy("{n} h ago")),
    (60, gettext_lazy("{n} min ago")),
    (1, gettext_lazy("{n} s ago")),
)


@register.filter
def seconds_since(moment: datetime, now: datetime) -> int:
    """Whole seconds from `moment` to `now`; 0 when it is still to come (two clocks differ)."""
    return max(0, int((now - moment).total_seconds()))


@register.filter
def age(moment: datetime | None, now: datetime) -> str:
    """How long before `now` it was: "12 s ago", "3 min ago"; cut, not rounded: 119 s are 1 min."""
    if moment is None or is_missing(moment):
        return DASH
    seconds = seconds_since(moment, now)
    size, words = next((step for step in AGES if seconds >= step[0]), AGES[-1])
    return avoid_wrapping(words.format(n=seconds // size))


@register.simple_tag
def age_words() -> SafeString:
    """The words of `age` for the page's script, as a data block."""
    return json_script([[size, str(words)] for size, words in AGES], "age-words")


@register.simple_tag
def local_time(
    moment: datetime | None,
    zone: str | tzinfo | None = None,
    form: str = "H:i",
    says_zone: bool = False,
) -> SafeString | str:
    """A time on the wall of `zone` (default: the current one), which it names on hover. In the
    hour that comes twice it has the name of its offset beside it; with `says_zone`, where times of
    several zones stand together, always.

    `form` is one of Django's date formats: "H:i", "H:i:s", "j M H:i", "DATE_FORMAT".
    """
    if moment is None or is_missing(moment):
        return DASH
    local = localtime(moment, ZoneInfo(zone) if isinstance(zone, str) and zone else zone or None)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.tzinfo,
        f"{date_format(local, form)} {offset_words(local)}"
        if says_zone or ("H:i" in form and comes_twice(local))
        else date_format(local, form),
    )


@register.filter
def json_block(text: str, element_id: str) -> SafeString:
    """JSON that is text already (a Plotly figure) as a data block that cannot end its own element.

    Django's `json_script` would encode it a second time.
    """
    escaped = text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    return format_html(
        '<script id="{}" type="application/json">{}</script>',
        element_id,
        mark_safe(escaped),  # noqa: S308 - nothing left in it that a browser reads as markup
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the n-th of `length` values lies in a sparkline that spans `bottom` to `top`."""

    length: int
    bottom: float
    top: float

    def across(self, index: float) -> float:
        return (index / (self.length - 1) if self.length > 1 else 0.5) * SPARK_WIDTH

    def point(self, index: float, value: float) -> str:
        up = (value - self.bottom) / (self.top - self.bottom) if self.top > self.bottom else 0.5
        room = SPARK_HEIGHT - 2 * SPARK_MARGIN
        return f"{self.across(index):.1f},{SPARK_HEIGHT - SPARK_MARGIN - up * room:.1f}"


def _known(values: Sequence[Number | None]) -> list[float | None]:
    return [None if value is None or is_missing(value) else float(value) for value in values]


def _steps(run: Sequence[tuple[float, float]], many: int) -> list[tuple[float, float]]:
    """A stretch of a row of so many with, halfway between two values that differ, a step from one
    to the other. One value alone reaches halfway to where its neighbours are."""
    if len(run) == 1:
        (index, value), *_ = run
        return [(max(index - 0.5, 0), value), (min(index + 0.5, many - 1), value)]
    points = list(run[:1])
    for (before, had), (index, value) in pairwise(run):
        if had != value:
            halfway = (before + index) / 2
            points += [(halfway, had), (halfway, value)]
        points.append((index, value))
    return points


def _runs(row: Sequence[float | None]) -> Iterator[list[tuple[float, float]]]:
    """The stretches in which the row has values, as (index, value)."""
    run: list[tuple[float, float]] = []
    for index, value in enumerate(row):
        if value is not None:
            run.append((index, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def spark_paths(
    values: Sequence[Number | None],
    target: Number | Sequence[Number | None] | None = None,
    marks: Sequence[int] = (),
    band: Sequence[tuple[Number, Number] | None] = (),
) -> list[tuple[str, str]]:
    """What `sparkline` draws, on its sheet of SPARK_WIDTH by SPARK_HEIGHT: names of paths and what
    they are. Under them a `band`, from low to high at each place, None where there is none."""
    line = _known(values)
    levels = _known(target if isinstance(target, Sequence) else [target] * len(line))
    lows = _known([None if edges is None else edges[0] for edges in band])
    highs = _known([None if edges is None else edges[1] for edges in band])
    known = [value for value in (*line, *levels, *lows, *highs) if value is not None]
    if not known:
        return []
    scale = _Scale(max(len(line), len(band)), min(known), max(known))
    paths = [("mark", f"M{scale.across(place):.1f},0V{SPARK_HEIGHT}") for place in marks]
    for under, over in zip(_runs(lows), _runs(highs), strict=True):
        edge = [scale.point(index, value) for index, value in (*under, *reversed(over))]
        paths.append(("band", "M" + "L".join(edge) + "Z"))
    steps = [_steps(run, len(line)) for run in _runs(levels)]
    for name, runs in (("target", steps), ("line", _runs(line))):
        for run in runs:
            points = [scale.point(index, value) for index, value in run]
            # From a point to itself: the round ends of the stroke make it a dot.
            paths.append((name, "M" + "L".join(points) + "h0" * (len(run) == 1)))
    return paths


@register.simple_tag
def sparkline(
    values: Sequence[Number | None],
    target: Number | Sequence[Number | None] | None = None,
    marks: Sequence[int] = (),
) -> SafeString:
    """The recent past as a line, oldest first.

    A missing value is a gap in the line, a lone one a dot; `target`, one for all or one for each
    value, is a dashed line, with a step between two values where it changes; that of a lone value
    reaches halfway to those beside it. An upright
    line stands at the values (`marks`, by their place) from which they are made otherwise. What is
    usual is not drawn: it is of the whole day so far, and the line of its half hours. The
    picture repeats what the tile says in words, so it is hidden from those who hear the page.
    """
    paths = spark_paths(values, target, marks)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        SPARK_WIDTH,
        SPARK_HEIGHT,
        format_html_join("", '<path class="spark-{}" d="{}"/>', paths),
    )


@register.simple_tag
def spread(values: Sequence[Number], own: Number) -> SafeString:
    """The figures of a group as dots on a line, the own one among them marked.

    The picture repeats what stands in words beside it, so it is hidden from those who hear it.
    """
    low, high = float(min(values)), float(max(values))
    middle = SPARK_HEIGHT / 2

    def dot(value: Number) -> str:
        part = (float(value) - low) / (high - low) if high > low else 0.5
        across = SPARK_MARGIN + part * (SPARK_WIDTH - 2 * SPARK_MARGIN)
        return f"M{across:.1f},{middle:g}h0"

    paths = (
        ("target", f"M0,{middle:g}h{SPARK_WIDTH}"),
        ("dot", "".join(map(dot, values))),
        ("own", dot(own)),
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        SPARK_WIDTH,
        SPARK_HEIGHT,
        format_html_join("", '<path class="spark-{}" d="{}"/>', paths),
    )
