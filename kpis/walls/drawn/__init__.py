"""How each kind of tile is drawn: what a frame tells of it, texts and levels, never markup."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from ccm.templatetags.figures import DASH
from kpis.walls.drawn import figures, heat, lines, lists, people, words
from kpis.walls.layout import TODAY, Tile
from kpis.walls.view import WINDOW_WORDS, View

Drawn = dict[str, Any]
DRAW: Mapping[str, Callable[[Tile, View], Drawn]] = {
    "figure": figures.figure,
    "queues": lists.queues,
    "agents": people.agents,
    "trend": lines.trend,
    "usual": lines.usual_day,
    "forecast": lines.forecast_day,
    "staffing": figures.staffing,
    "heatmap": heat.heatmap,
    "reasons": lists.reasons,
    "praise": lists.praise,
    "thanks": lists.thanks,
    "message": words.message,
    "text": words.text,
    "clock": words.clock_tile,
}
"""By kind."""


def _once(shown: Tile, view: View) -> Drawn:
    """What a tile tells, of many that show the same at one site made once. One with bounds of its
    own stands by how it stood before, so by itself."""
    if shown.has_bounds:
        return DRAW[shown.kind](shown, view)
    queues = view.queues(shown)
    key = (replace(shown, id=""), None if queues is None else tuple(queues), view.board.names)
    if key not in view.drawn:
        view.drawn[key] = DRAW[shown.kind](shown, view)
    return {**view.drawn[key]}


def _of_what(shown: Tile, view: View) -> list[str]:
    """What a title that nobody wrote says beside the figure: its queue, and of which time it is."""
    more = [] if shown.queue is None else [view.names[shown.queue]]
    if shown.window != TODAY:
        more.append(str(WINDOW_WORDS[shown.window]))
    return more


# What a page of any kind can draw.
_EMPTY: Drawn = {"figure": DASH, "unit": "", "paths": [], "columns": [], "rows": [], "people": []}


def tile(shown: Tile, view: View) -> Drawn:
    """A tile as its frame tells it, with up to when it is so."""
    if shown.queue is not None and shown.queue not in view.names:
        told: Drawn = _EMPTY | {"title": shown.title, "left": _("its queue is gone")}
    else:
        told = _once(shown, view)
        if not shown.title and (more := _of_what(shown, view)):
            told["title"] = " · ".join([told["title"], *more])
    true_at = told.pop("true_at", view.true_at)
    return {
        "id": shown.id,
        "kind": shown.kind,
        "width": shown.width,
        "height": shown.height,
        "title": "",
        "level": "none",
        "word": "",
        "left": "",
        "right": "",
        **told,
        "true_at": true_at.isoformat(),
    }
