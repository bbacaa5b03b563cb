"""Where the figures of walls explain themselves."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from ccm.models import Queue
from kpis.live import LIVE
from kpis.models import Board
from kpis.report import Question, Row
from kpis.reports import links
from kpis.sums.counts import Counts
from kpis.walls.kept import days_of
from kpis.walls.layout import Tile


def asked_of(tile: Tile) -> str:
    """The KPI whose passport explains a tile; "": none does. What is of this moment has none of
    its own but the list of its calls."""
    if tile.kind != "figure":
        return ""
    return LIVE[tile.kpi].listed_by if tile.is_live else tile.kpi


def has_page(tile: Tile) -> bool:
    """Whether a tile opens where it explains itself."""
    return bool(asked_of(tile)) or _is_of_worklist(tile)


def _is_of_worklist(tile: Tile) -> bool:
    return tile.kind == "figure" and tile.kpi == "callbacks_due"


def of_tile(board: Board, tile: Tile, now: datetime) -> str:
    """The address of a tile's passport, of the days that it shows; "": it has none. Of the last
    minutes it is that of the day: a passport is of whole days."""
    asked = asked_of(tile)
    if _is_of_worklist(tile):
        return f"{reverse('worklist')}?{urlencode({'site': board.site.slug})}"
    if not asked:
        return ""
    first, last = days_of(tile.window, board.site, now)
    queues = list(board.queues.all()) or None
    if tile.queue is not None:
        queues = list(Queue.objects.filter(site=board.site_id, pk=tile.queue))
    question = Question([board.site], first, last, queues=queues, kpis=[asked])
    return links.passport(question, Row({}, "", None, Counts(), {}, site=board.site_id), asked)
