"""A KPI by weekday and hour: when the week is hard."""

from datetime import timedelta
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from ccm.templatetags.figures import parts
from kpis import report
from kpis.definitions import parse
from kpis.figures import Figure
from kpis.report import Question
from kpis.reports.shapes import shading
from kpis.walls.layout import Tile
from kpis.walls.view import View

Drawn = dict[str, Any]
# Four whole weeks that are over: a day more changes little.
WEEKS = 4
LIFE = timedelta(minutes=10)


def heatmap(tile: Tile, view: View) -> Drawn:
    """Rows of weekdays and columns of hours, shaded as a report shades them."""
    kpi, _variant = parse(tile.kpi)
    key = ("heat", view.site.pk, tile.kpi, tuple(view.queues(tile) or ()), view.today)
    sheet, true_at = view.kept.for_a_while(
        key, view.fresh.counted_at, LIFE, view.now, lambda: _sheet(_cells(tile, view))
    )
    title = tile.title or _("%(kpi)s by weekday and hour") % {"kpi": kpi.name}
    return {"title": title, "true_at": true_at, **sheet}


def _sheet(there: dict[tuple[int, int], Figure]) -> Drawn:
    """Drawn once for as long as it is kept: it has a cell for each hour of a week."""
    if not there:
        return {"columns": [], "rows": [], "left": _("nothing to count yet")}
    shades = shading([*there.values()])
    shade = dict(zip(there, shades.shades, strict=True))
    hours = sorted({hour for _day, hour in there})
    rows = [
        [{"text": str(WEEKDAYS_ABBR[day - 1])}]
        + [_cell(there.get((day, hour)), shade.get((day, hour)), shades.tone) for hour in hours]
        for day in sorted({day for day, _hour in there})
    ]
    return {"columns": ["", *map(str, hours)], "rows": rows, "left": shades.words}


def _cell(figure: Figure | None, shade: int | None, tone: str) -> dict[str, str]:
    """What a figure says in the fewest digits, and how strong its ground is."""
    if figure is None or figure.value is None:
        return {"text": ""}
    text = parts(figure.value, figure.unit, 0)[0]
    return {"text": text} if shade is None else {"text": text, "shade": f"{tone}-{shade}"}


def _cells(tile: Tile, view: View) -> dict[tuple[int, int], Figure]:
    queues = view.queues(tile)
    last = view.today - timedelta(days=1)
    question = Question(
        [view.site],
        last - timedelta(days=7 * WEEKS - 1),
        last,
        by="weekday",
        across="clock",
        kpis=[tile.kpi],
        queues=None if queues is None else [one for one in view.rows() if one.pk in queues],
    )
    rows = report.answer(question, view.choices)
    return {(row.id, row.column_id): row.figures[tile.kpi] for row in rows}
