"""Tiles: a figure, how it stands, its recent past. Also the chart of a day's calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import numpy as np
import plotly.graph_objects as go
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from ccm import dirty
from ccm.filters import Filters
from ccm.intervals import QUARTER, Span, comes_twice, days, offset_words, site_day
from ccm.live.now import Floor
from ccm.models import Agent, Site
from ccm.templatetags.figures import clock, count
from ccm.templatetags.figures import figure as figure_text
from kpis import expected, recorded, usual
from kpis.choices import Choices
from kpis.choosing import beside, marks
from kpis.definitions import KPIS, parse, pinned
from kpis.figures import Figure
from kpis.figures import figure as computed
from kpis.freshness import reach
from kpis.live import LIVE, WAIT_WORDS, in_line
from kpis.live import level as wait_level
from kpis.noise import Verdict
from kpis.reads import reading
from kpis.report import Question, answer
from kpis.report.cells import counted
from kpis.report.told import day_only_words
from kpis.standing import beside_value, pending_words, response_words, standing, target_words
from kpis.sums.counts import Counts

HOME = ("service_level", "abandon_rate", "asa", "aht", "csat")
AGENT = ("answered", "aht", "fcr", "csat", "talk", "hold", "acw", "missed_rate")
# Where a column or a tile has no room for the whole name.
SHORT_NAMES = {
    "abandon_rate": _lazy("Abandoned"),
    "asa": _lazy("ASA"),
    "aht": _lazy("AHT"),
    "csat": _lazy("CSAT"),
    "fcr": _lazy("FCR"),
    "ring_no_answer": _lazy("Not answered"),
    "declined": _lazy("Declined"),
}
# So many moments or days have their time written below a line.
MOST_TICKS = 6
# So many queues without a forecast have their names below it.
_MOST_NAMED = 3
# Quarter hours without any, between two stretches of a band: fewer are quiet, not closed.
_APART = 5
# Newest this old while the site is open: the figures say that they may be stale.
OLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tile:
    """What templates/_partials/tile.html draws."""

    id: str
    name: str
    value: float | int | None
    unit: str
    level: str
    word: str
    left: str
    right: str
    url: str
    values: Sequence[float | int | None] = ()
    target: float | Sequence[float | None] | None = None
    """That of all values, or of each."""
    marks: Sequence[int] = ()
    """Places of the values from which they are made otherwise."""
    scale: str = ""
    stale: bool = False


def passport_url(asked: str, filters: Filters, agent: Agent | None = None, **more: object) -> str:
    """Where a figure of these filters explains itself."""
    queue = None if filters.queue is None else filters.queue.pk
    own: dict[str, object] = {}
    if filters.definition:
        own["definition"] = filters.definition
    if agent is not None:
        own["agent"] = str(agent.pk)
    return passport_of(asked, filters.site, filters.first, filters.last, queue, **own | more)


def passport_of(
    asked: str, site: Site, first: date, last: date, queue: int | None = None, **more: object
) -> str:
    """Where a figure of some days of a site, or of a queue of it, explains itself."""
    own = {"kpi": asked, "from": first, "to": last, "site": site.slug}
    if queue is not None:
        own["queue"] = str(queue)
    return f"{reverse('passport')}?{urlencode(own | more)}"


def of_figure(
    one: Figure,
    verdict: Verdict,
    url: str,
    past: Sequence[float | int | None] = (),
    response: Figure | None = None,
) -> Tile:
    """A figure as a tile: its target or its n on the left, with how many are not yet known; what is
    usual on the right. Of what customers said the `response` stands on the left too. Without a
    value it says why, and nothing of what it would be held against."""
    level, word = standing(one, verdict)
    target = one.parameters.target
    pending = pending_words(one)
    right = ""
    if one.value is None:
        left = pending or one.reason or _("nothing to count yet")
    else:
        left = target_words(one)
        if not left and one.unit != "count":
            left = _("of %(count)s") % {"count": count(one.n)}
        said = response_words(response) if response is not None else ""
        left = " · ".join(words for words in (left, pending, said) if words)
    if one.value is not None and verdict.usual is not None:
        right = _("usual %(figure)s") % {
            "figure": figure_text(beside_value(one, verdict.usual), one.unit)
        }
    return Tile(
        id=one.kpi.id,
        name=str(SHORT_NAMES.get(one.kpi.id, one.kpi.name)),
        value=one.value,
        unit=one.unit,
        level=level,
        word=word,
        left=left,
        right=right,
        url=url,
        values=past,
        target=target,
        scale=one.currency,
    )


def targets(figures: Sequence[Figure | None]) -> list[float | None]:
    """The target that each of a line's figures is held against: it may change among them."""
    return [None if one is None else one.parameters.target for one in figures]


def with_definition(tile: Tile, asked: str, one: Figure, shown: Sequence[str]) -> Tile:
    """A tile that names its definition, where another of its KPI stands beside it."""
    definition = beside.named(asked, one, shown)
    if not definition:
        return tile
    place = asked.replace(":", "-").replace("@", "-")
    return replace(tile, id=place, name=f"{tile.name} ({definition})")


def home(
    filters: Filters,
    floor: Floor,
    choices: Choices,
    now: datetime,
    newest_at: datetime | None,
    shown: Sequence[str] = (),
    unknown: str = "",
) -> tuple[list[Tile], Counts]:
    """The tiles of Home: today's and those of a day that is over against usual, or those of several
    days without; and what they were made of. Four reads at most.

    `newest_at` is the newest moment that the site's calls show. Of a KPI that is `shown` in another
    definition too ("id:variant"), that is a tile beside it. `unknown` is why nothing is known of
    the days (`kpis.recorded`).
    """
    make = recorded.unless(unknown, computed)
    queue = None if filters.queue is None else filters.queue.pk
    queues = None if filters.queue is None else [filters.queue.pk]
    asked = beside.columns(HOME, [one for one in shown if ":" in one])
    needs = {
        need
        for name in asked
        for need in choices.needs(parse(name)[0], parse(name)[1] if ":" in name else None)
    }
    verdicts: Mapping[str, Verdict] = {}
    places: Mapping[str, Sequence[int]] = {}
    whole = reading.Selection(
        sites=[filters.site.pk], first=filters.first, last=filters.last, queues=queues
    )
    if filters.first == filters.last:
        span = site_day(filters.last, filters.site.calendar)
        selection = reading.Selection(sites=[filters.site.pk], spans=[span], queues=queues)
        steps = counted(selection, "interval", needs)
        # The day may have more than its quarter hours: calls of which only the day is known.
        total = counted(whole, "total", needs).get(None, Counts())
        order = _half_hours(span, now)
        half = timedelta(minutes=15)
        past = [
            (Counts.sum([steps[one] for one in (start, start + half) if one in steps]), choices)
            for start in order
        ]
    else:
        steps = counted(whole, "day", needs)
        # A day's figure is by the definition of that day, as in a table of days.
        past = [(steps[day], choices.at(day)) for day in sorted(steps)]
        total = Counts.sum(steps.values())
        changed = marks.of(choices, HOME, filters.first, filters.site.pk, queue)
        places = {name: marks.places(changed, name, sorted(steps)) for name in HOME}
    if filters.is_today:
        chosen = {name: _in_force(choices, name, filters.site.pk, queue) for name in HOME}
        verdicts = usual.verdicts(filters.site, filters.queues, chosen, now, newest_at)
    elif filters.first == filters.last < filters.today:
        verdicts = _of_closed_day(filters, choices, (*asked, "offered"), total)
    tiles = []
    for name in asked:
        kpi, variant = parse(name)
        in_variant, at = variant if ":" in name else None, pinned(name)
        one = make(total, kpi, in_variant, choices, filters.site.pk, queue, at=at)
        each = [
            computed(counts, kpi, in_variant, then, filters.site.pk, queue, at=at)
            for counts, then in past
        ]
        verdict = verdicts.get(name, Verdict())
        url = passport_url(name, filters)
        response = None
        if kpi.id == "csat":
            response = make(total, KPIS["csat_response"], None, choices, filters.site.pk, queue)
        tile = of_figure(one, verdict, url, [figure.value for figure in each], response)
        tile = replace(tile, marks=places.get(kpi.id, ()), target=targets(each))
        tiles.append(with_definition(tile, name, one, asked))
    second = next(place for place, name in enumerate(asked) if name == HOME[1])
    if filters.is_today:
        # What nothing confirms any more stands still.
        true_at = floor.true_at(now)
        in_line = waiting(filters, floor, true_at, choices)
        tiles.insert(second, replace(in_line, stale=true_at < now))
    else:
        offered = make(total, KPIS["offered"], None, choices, filters.site.pk, queue)
        line = [counts.offered for counts, _then in past]
        verdict = verdicts.get("offered", Verdict())
        tile = of_figure(offered, verdict, passport_url("offered", filters), line)
        unit = _("contacts") if filters.queue is None else _("visits")
        tiles.insert(second, tile if unknown else replace(tile, left=unit))
    return tiles, total


def _of_closed_day(
    filters: Filters, choices: Choices, asked: Sequence[str], total: Counts
) -> dict[str, Verdict]:
    """The figures of a day that is over against usual, as reports and recaps tell it. One query."""
    question = Question(
        [filters.site], filters.first, filters.last, queues=filters.queues, kpis=asked
    )
    rows = answer(question, choices, {(None, None): total})
    found = usual.closed_verdicts(question, rows)
    return {words: found.get((row.id, words), Verdict()) for row in rows for words in asked}


def _in_force(choices: Choices, name: str, site: int, queue: int | None) -> tuple[str, Any]:
    variant, parameters = choices.of(KPIS[name], site, queue)
    return variant.id, parameters


def _half_hours(span: Span, now: datetime) -> list[datetime]:
    """Starts of the half hours of a span that have begun: a quarter hour of few calls is noise."""
    half = timedelta(minutes=30)
    starts, start = [], span.start
    while start < min(span.end, now):
        starts.append(start)
        start += half
    return starts


def waiting(filters: Filters, floor: Floor, now: datetime, choices: Choices) -> Tile:
    """Callers waiting at this moment, and how long the first of them."""
    names = {queue.pk: queue.name for queue in filters.all_queues}
    if filters.queue is not None:
        names = {filters.queue.pk: filters.queue.name}
    there = in_line(floor, names.keys(), now)
    threshold = _in_force(choices, "service_level", filters.site.pk, None)[1].threshold_seconds
    level = wait_level(there.longest, threshold)
    longest = "" if there.longest is None else clock(there.longest)
    where = "" if there.queue is None else names[there.queue]
    return Tile(
        id="waiting",
        name=str(LIVE["waiting"].name),
        value=there.calls,
        unit="count",
        level=level,
        word=str(WAIT_WORDS[level]) if longest else "",
        left=", ".join(words for words in (longest, where) if words),
        right=_("%(count)s free") % {"count": count(floor.available)} if floor.staffed else "",
        url=passport_url(LIVE["waiting"].listed_by, filters),
    )


def days_curve(filters: Filters) -> dict[str, Any] | None:
    """Offered visits per day of a longer period, queue by queue; shaped as `curve`. Of days before
    the record of the site there is no number; None: all are."""
    record = reading.records([filters.site.pk]).get(filters.site.pk)
    begun = filters.first if record is None else record.first
    if begun > filters.last:
        return None
    asked = [filters.queue] if filters.queue is not None else filters.all_queues
    found = reading.offered_by_queue(
        reading.Selection(
            sites=[filters.site.pk],
            first=filters.first,
            last=min(filters.last, filters.today),
            queues=[one.pk for one in asked],
        ),
        "day",
    )
    shown = list(days(filters.first, min(filters.last, filters.today)))
    before = sum(day < begun for day in shown)
    known = shown[before:]
    queues = [one for one in asked if one.pk in found]
    lines = {one.pk: [found[one.pk].get(day, 0) for day in known] for one in queues}
    total = [sum(line[place] for line in lines.values()) for place in range(len(known))]
    gap = [np.nan] * before
    chart = go.Figure(layout={"template": "none"})
    x = np.array(shown, dtype="datetime64[D]")
    mode = "lines" if len(known) > 1 else "markers"
    for number, queue in enumerate(queues if len(queues) > 1 else ()):
        chart.add_scatter(
            x=x, y=np.array(gap + lines[queue.pk]), mode=mode, name=queue.name,
            line={"width": 1.2}, meta={"tone": _tone(number)},
        )  # fmt: skip
    chart.add_scatter(
        x=x, y=np.array(gap + total), mode=mode, name=_("All queues"), line={"width": 2.6},
        meta={"tone": "accent"},
    )  # fmt: skip
    chart.update_xaxes(tickformat="%-d %b", hoverformat="%a %-d %b", **ticks_of_days(x))
    chart.update_layout(height=250)
    return {
        "id": "curve",
        "json": chart.to_json(),
        "words": _("Visits offered per day: %(total)s") % {"total": count(sum(total))},
        "legend": _legend(queues, False, sum(total)),
        "by_day": True,
        "rows": [
            {"start": day.isoformat(), "offered": offered}
            for day, offered in zip(shown, [*[None] * before, *total], strict=True)
        ]
        if queues
        else [],
    }


def ticks_of_days(x: Any) -> dict[str, Any]:
    """Dates are written where there are days, each once: of few, the axis would choose hours."""
    return {"tickmode": "array", "tickvals": x[:: -(-len(x) // MOST_TICKS)]}


def curve(filters: Filters, now: datetime) -> dict[str, Any]:
    """Today's offered visits per quarter hour against the usual band, and queue by queue.

    A Plotly figure as JSON text with tones instead of colours (static/js/charts.js), its words,
    and its numbers as rows for the table.
    """
    asked = [filters.queue] if filters.queue is not None else filters.all_queues
    tz = filters.site.tz
    day = filters.last
    span = site_day(day, filters.site.calendar)
    band, curves = usual.offered_day(filters.site, asked, day)
    of_day = reading.offered_by_queue(
        reading.Selection(
            sites=[filters.site.pk], first=day, last=day, queues=[one.pk for one in asked]
        ),
        "day",
    )
    # Of today only what is counted is there: of the rest nothing is known, and that is no 0.
    until: datetime | None = now
    if filters.is_today:
        until = reach(filters.site, now).until
    today = set(band.starts)
    queues = [one for one in asked if today & curves.get(one.pk, {}).keys()]
    begun = [start for start in band.starts if start <= now]
    reached = sum(until is not None and start <= until for start in begun)
    # A quarter hour that is not over counts, but would be drawn as a fall.
    upto = [start for start in begun if until is not None and start + QUARTER <= until]
    axis = _Clock.of(band.starts, tz)
    of_each = [curves.get(one.pk, {}) for one in queues]
    total = np.array([sum(offered.get(start, 0) for offered in of_each) for start in begun])
    timed = sum(offered.get(start, 0) for offered in of_each for start in band.starts)
    untimed = sum(offered.get(day, 0) for offered in of_day.values()) - timed
    chart = go.Figure(layout={"template": "none"})
    known = [place for place, low in enumerate(band.low) if low is not None]
    # None in closed hours: there the past knows of no call.
    for stretch in _stretches(known):
        x = axis.x(stretch)
        low = np.array([band.low[place] for place in stretch], float)
        high = np.array([band.high[place] for place in stretch], float)
        middle = np.array([band.usual[place] for place in stretch], float)
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
        chart.add_scatter(
            x=x,
            y=middle,
            mode="lines",
            name=_("Usual"),
            meta={"tone": "faint"},
            line={"width": 1.6, "dash": "dot"},
            hovertemplate="%{y:.0f}",
        )
    told = expected.of_day(filters.site, [one.pk for one in asked], day).of(one.pk for one in asked)
    # Beside the calls of all stands what was forecast of all, or nothing.
    foreseen = {} if told is None or told.without else told.calls
    places = [place for place, start in enumerate(band.starts) if start in foreseen]
    for stretch in _stretches(places):
        chart.add_scatter(
            x=axis.x(stretch),
            y=np.array([foreseen[band.starts[place]] for place in stretch], float),
            mode="lines",
            name=_("Forecast"),
            meta={"tone": "ok"},
            line={"width": 1.6, "dash": "dash"},
            hovertemplate="%{y:.0f}",
        )
    x = axis.x(range(len(upto)))
    if len(queues) > 1:
        for number, queue in enumerate(queues):
            offered = curves.get(queue.pk, {})
            chart.add_scatter(
                x=x,
                y=np.array([offered.get(start, 0) for start in upto]),
                mode="lines",
                name=queue.name,
                line={"width": 1.2},
                meta={"tone": _tone(number)},
            )
    chart.add_scatter(
        x=x,
        y=total[: len(upto)],
        mode="lines",
        name=_("All queues") if len(queues) > 1 else queues[0].name if queues else _("Offered"),
        line={"width": 2.6},
        meta={"tone": "accent"},
    )
    shown = [*known, *range(len(upto))]
    if shown:
        busy = [place for place in known if (band.high[place] or 0) >= 1]
        some = [place for place, n in enumerate(total) if n]
        edges = (busy + some) or shown
        chart.update_xaxes(**axis.between(min(edges), max(edges) + 1))
    if filters.is_today and span.start <= now < span.end:
        chart.add_vline(x=axis.at((now - span.start) / QUARTER), line_width=1)
    chart.update_layout(height=250)
    return {
        "id": "curve",
        "json": chart.to_json(),
        "words": _("Visits offered per quarter hour on %(day)s: %(total)s so far")
        % {
            "day": day.isoformat(),
            "total": count(int(total.sum())),
        },
        "legend": [
            *_legend(queues, bool(known), int(total.sum())),
            *([("ok", _("Forecast"))] if foreseen else []),
        ],
        "has_forecast": bool(foreseen),
        # Days and quarter hours need not agree before all are counted.
        "note": day_only_words(untimed)
        if untimed > 0 and not dirty.waiting([filters.site])
        else "",
        "without": _not_drawn(asked, told),
        "rows": [
            {
                "start": axis.names[place],
                "offered": int(total[place])
                if place < len(total) and (place < reached or total[place])
                else None,
                "usual": band.usual[place],
                "low": band.low[place],
                "high": band.high[place],
                "forecast": foreseen.get(band.starts[place]),
            }
            for place in range(len(band.starts))
            if (place < len(total) and total[place]) or (band.high[place] or 0) >= 1
        ],
    }


def _not_drawn(asked: Sequence[Any], told: expected.Together | None) -> str:
    """Why no forecast is drawn; empty: it is, or there is none at all."""
    if told is None or not told.without:
        return ""
    names = [one.name for one in asked if one.pk in told.without]
    words = ngettext(
        "No forecast is drawn: %(n)s of %(all)s queues has none yet (%(queues)s).",
        "No forecast is drawn: %(n)s of %(all)s queues have none yet (%(queues)s).",
        len(names),
    )
    shown = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    many = {"n": count(len(names)), "all": count(len(told.of) + len(names))}
    return words % {**many, "queues": shown}


@dataclass(frozen=True, slots=True)
class _Clock:
    """The quarter hours of a day along a line, by the clock: as moments of it; where it is changed
    as names in their order, for it shows some moments twice, or skips some."""

    starts: Sequence[datetime]
    """As the clock shows them."""
    names: Sequence[str]
    """ "09:15"; of an hour that comes twice "01:15 BST"."""
    is_changed: bool

    @classmethod
    def of(cls, starts: Sequence[datetime], tz: ZoneInfo) -> "_Clock":
        local = [start.astimezone(tz) for start in starts]
        names = [
            f"{one:%H:%M} {offset_words(one)}" if comes_twice(one) else f"{one:%H:%M}"
            for one in local
        ]
        return cls(
            [one.replace(tzinfo=None) for one in local],
            names,
            len({one.utcoffset() for one in local}) > 1,
        )

    def x(self, places: Sequence[int]) -> Any:
        if self.is_changed:
            return [self.names[place] for place in places]
        return np.array([self.starts[place] for place in places], dtype="datetime64[s]")

    def at(self, place: float) -> Any:
        """Where a moment is, by its place among quarter hours."""
        return place if self.is_changed else self.starts[0] + place * QUARTER

    def between(self, first: int, last: int) -> dict[str, Any]:
        """An axis from one place to another."""
        edges = {"range": [self.at(first), self.at(last)]}
        if not self.is_changed:
            return edges | {"tickformat": "%H:%M", "hoverformat": "%H:%M"}
        hours = [
            name
            for start, name in zip(self.starts[first:last], self.names[first:last], strict=True)
            if not start.minute
        ]
        ticks = hours[:: max(1, -(-len(hours) // MOST_TICKS))]
        order = {"type": "category", "categoryorder": "array", "categoryarray": self.names}
        return edges | order | {"tickmode": "array", "tickvals": ticks}


def _stretches(places: Sequence[int]) -> list[list[int]]:
    """Places of quarter hours as runs, apart where none of them is for more than an hour."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place - runs[-1][-1] <= _APART:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _tone(number: int) -> str:
    """The colour of the n-th queue; c1 is that of all together."""
    return f"c{number % 7 + 2}"


def _legend(queues: Sequence[Any], has_band: bool, total: int) -> list[tuple[str, str]]:
    named = [("accent", _("Offered %(count)s") % {"count": count(total)})]
    if has_band:
        named += [("faint", _("Usual")), ("band", _("Usual range"))]
    if len(queues) > 1:
        named += [(_tone(number), queue.name) for number, queue in enumerate(queues)]
    return named
