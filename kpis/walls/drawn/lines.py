"""Lines of today: a KPI hour by hour, and what is offered within what is usual."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import dropwhile
from typing import Any

from django.utils.translation import gettext as _

from ccm.intervals import QUARTER, floor
from ccm.templatetags.figures import DASH, count, parts, spark_paths
from ccm.templatetags.figures import figure as written
from kpis import expected, report, usual
from kpis.definitions import parse
from kpis.expected import Together
from kpis.figures import Figure
from kpis.reads import reading
from kpis.report import Question
from kpis.standing import target_words
from kpis.walls.layout import Tile
from kpis.walls.view import LINE_LIFE, View

Drawn = dict[str, Any]
HOUR = timedelta(hours=1)


def trend(tile: Tile, view: View) -> Drawn:
    """A KPI hour by hour today, the hour that is not over in part, and its target as a line."""
    kpi, _variant = parse(tile.kpi)
    key = ("trend", view.site.pk, tile.kpi, tuple(view.queues(tile) or ()), view.today)
    rows, true_at = view.kept.for_a_while(
        key, view.fresh.counted_at, LINE_LIFE, view.now, lambda: _hours(tile, view)
    )
    first, last = (rows[0][0], rows[-1][0]) if rows else (None, None)
    figures = [one for _hour, one in rows]
    now = view.figure(tile)
    digits, unit = parts(now.value, now.unit)
    target = now.parameters.target if tile.target else None
    known = [one.value for one in figures if one.value is not None]
    return {
        "title": tile.title or _("%(kpi)s by the hour") % {"kpi": kpi.name},
        "figure": digits,
        "unit": unit,
        "paths": spark_paths([one.value for one in figures], target),
        "from": "" if first is None else _clock(first, view),
        "to": "" if last is None else _clock(last + HOUR, view),
        "left": target_words(now) if tile.target else "",
        "right": _("%(low)s to %(high)s")
        % {"low": written(min(known), now.unit), "high": written(max(known), now.unit)}
        if known
        else "",
        "true_at": true_at,
    }


def _hours(tile: Tile, view: View) -> list[tuple[datetime, Figure]]:
    """The hours of today that the record reaches, each with its figure."""
    queues = view.queues(tile)
    question = Question(
        [view.site],
        view.today,
        view.today,
        by="hour",
        kpis=[tile.kpi],
        queues=None if queues is None else [one for one in view.rows() if one.pk in queues],
        records=reading.records([view.site.pk]),
    )
    rows = report.answer(question, view.choices)
    found = [(row.id, row.figures[tile.kpi]) for row in rows if row.id <= view.now]
    # Of the night before the first call there is nothing to draw.
    return list(dropwhile(lambda one: _is_of_nothing(one[1]), found))


def _is_of_nothing(figure: Figure) -> bool:
    return figure.value is None or (figure.unit == "count" and not figure.value)


def usual_day(tile: Tile, view: View) -> Drawn:
    """Calls offered by the quarter hour up to now, within the range that is usual."""
    asked = view.shown_queues(tile)
    key = ("usual day", view.site.pk, tuple(asked), view.today)
    (band, offered), true_at = view.kept.for_a_while(
        key, view.fresh.counted_at, LINE_LIFE, view.now, lambda: _quarters(asked, view)
    )
    known = [place for place, high in enumerate(band.high) if high is not None]
    counted = [place for place, start in enumerate(band.starts) if offered.get(start)]
    shown = [*known, *counted]
    first, last = (min(shown), max(shown)) if shown else (0, -1)
    starts = band.starts[first : last + 1]
    until = view.counted_until(true_at)
    begun = [start for start in starts if until is not None and start + QUARTER <= until]
    edges = [
        None if low is None or high is None else (low, high)
        for low, high in zip(band.low[first : last + 1], band.high[first : last + 1], strict=True)
    ]
    expected = [value for value in band.usual if value is not None]
    return {
        "title": tile.title or _("Calls offered"),
        # In visits, as its line and what is usual: a contact that is passed on visits again.
        "figure": DASH if until is None else count(view.kpi("offered", [*asked]).value),
        "unit": "",
        "paths": spark_paths([offered.get(start, 0) for start in begun], band=edges),
        "from": _clock(starts[0], view) if starts else "",
        "to": _clock(starts[-1] + QUARTER, view) if starts else "",
        "left": view.uncounted_words() if until is None else _("visits today, by the quarter hour"),
        "right": _("usual in a day %(count)s") % {"count": count(round(sum(expected)))}
        if expected
        else "",
        "true_at": true_at,
    }


def forecast_day(tile: Tile, view: View) -> Drawn:
    """Calls offered by the quarter hour as far as they are counted, and what was forecast of them:
    both of the queues that have a forecast, each as far as its own sources reach. Those of which
    nothing of today is counted are left out, and named."""
    told, title = view.expected(tile), tile.title or _("Against forecast")
    if told is None:
        return {
            "title": title, "figure": DASH, "unit": "", "paths": [], "from": "", "to": "",
            "left": _("no forecast yet"),
        }  # fmt: skip
    offered, read_at = view.offered_today()
    each = view.counted_each(told.of, read_at)
    if each:
        told = told.only(each)
    calls, (low, high) = told.calls, told.band
    starts = sorted(calls)
    came = {
        pk: {start: offered.get(pk, {}).get(start, 0) for start in one.calls}
        for pk, one in told.of.items()
    }
    # To its end the day has what was forecast, and what came as far as that is known of all.
    until = min(each.values(), default=None)
    begun = {start for start in starts if until is not None and start + QUARTER <= until}
    whole = _added(came.values())
    line = [whole[start] if start in begun else None for start in starts]
    edges = [(low[start], high[start]) for start in starts if low]
    return {
        "title": title,
        "figure": count(view.kpi("offered", [*told.of]).value) if each else DASH,
        "unit": "",
        "paths": spark_paths(line, [calls[start] for start in starts], band=edges),
        "from": _clock(starts[0], view) if starts else "",
        "to": _clock(starts[-1] + QUARTER, view) if starts else "",
        "word": _("not known") if until is None and starts else "",
        "left": _said(came, told, each, view),
        "right": " · ".join(_of_the_day(told, each, view)),
        "true_at": until if until is not None and read_at - until > QUARTER else read_at,
    }


def _of_the_day(told: Together, each: Mapping[int, datetime], view: View) -> Iterator[str]:
    """What was forecast of the whole day, and of which queues less is known than of the others, or
    nothing."""
    calls = told.calls
    yield _("in the day %(count)s") % {"count": count(round(sum(calls.values())))}
    quarters = {floor(one) for one in each.values()} if calls else set()
    for quarter in sorted(quarters)[:-1]:
        yield _("%(queues)s up to %(time)s") % {
            "queues": view.named([pk for pk in each if floor(each[pk]) == quarter]),
            "time": _clock(quarter, view),
        }
    if told.without:
        yield _("without %(queues)s") % {"queues": view.named(told.without)}


def _said(
    came: Mapping[int, Mapping[datetime, int]],
    told: Together,
    each: Mapping[int, datetime],
    view: View,
) -> str:
    """What came in the quarter hours that are over and counted, and what was forecast of them."""
    if not told.calls:
        return _("closed today")
    if not each:
        return view.uncounted_words(told.of)
    so_far = sum(expected.until(came[pk], until) for pk, until in each.items())
    said = sum(expected.until(told.of[pk].calls, until) for pk, until in each.items())
    return _("by %(time)s %(came)s, forecast %(count)s (%(change)s)") % {
        "time": _clock(floor(max(each.values())), view),
        "came": count(so_far),
        "count": count(round(said)),
        "change": _change(so_far, said),
    }


def _added(every: Iterable[Mapping[datetime, int]]) -> dict[datetime, int]:
    found: dict[datetime, int] = {}
    for one in every:
        for start, many in one.items():
            found[start] = found.get(start, 0) + many
    return found


def _change(came: float, expected: float) -> str:
    if not expected:
        return DASH
    return f"{(came / expected - 1) * 100:+.0f} %".replace("-", "−")


def _quarters(asked: dict[int, str], view: View) -> tuple[usual.Band, dict[datetime, int]]:
    queues = [one for one in view.rows() if one.pk in asked]
    band, curves = usual.offered_day(view.site, queues, view.today)
    of_today = {*band.starts}
    return band, _added(
        {start: curve[start] for start in curve.keys() & of_today} for curve in curves.values()
    )


def _clock(moment: datetime, view: View) -> str:
    return f"{moment.astimezone(view.site.tz):%H:%M}"
