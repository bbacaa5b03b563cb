"""What the audit log keeps of boards, and how it is said."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from ccm import audit
from ccm.audit import Names, Told, Values
from ccm.models import AuditEntry
from ccm.templatetags.figures import DASH
from kpis.models import Board
from kpis.walls import layout
from kpis.walls.drawn.figures import title
from kpis.walls.kinds import KINDS
from kpis.walls.layout import Tile


def values(board: Board) -> dict[str, Any]:
    """A board as it is: its queues and the boards shown in turn by ids, and its tiles."""
    return audit.values_of(board, ("id", "tiles")) | {
        "queues": sorted(board.queues.values_list("pk", flat=True)),
        "turns": list(board.turns.values_list("shown__title", "seconds")),
        "tiles": layout.read(board.tiles).kept(),
    }


def tell(entries: Sequence[AuditEntry], _names: Names) -> Mapping[int, Told]:
    """Each as "Wallboard: Leeds, all queues", with the list of them. No query."""
    words, url = _("Wallboard: %(name)s"), reverse("boards")
    return {
        one.pk: Told(words % {"name": (one.after or one.before or {}).get("title", "")}, url)
        for one in entries
    }


def write(_values: Values, name: str, value: Any) -> tuple[str, str] | None:
    """Tiles by their titles, with all that was set on each; turns by the boards' titles."""
    if name == "tiles":
        said = [tile_words(one) for one in layout.read(value or []).tiles]
        return _("Tiles"), "; ".join(said) or DASH
    if name == "turns":
        turn = _("%(board)s for %(count)s s")
        said = [turn % {"board": board, "count": seconds} for board, seconds in value or ()]
        return _("In turn with"), ", ".join(said) or DASH
    return None


def name_of(tile: Tile) -> str:
    """What a tile is called in lists: its title, else what it shows."""
    if tile.kind == "figure":
        return title(tile)
    return tile.title or str(KINDS[tile.kind].name)


def tile_words(tile: Tile) -> str:
    """A tile with what else was set on it: "Waiting (caution 5, critical 10)"."""
    own = {name: value for name, value in tile.kept().items() if name not in _SAID}
    more = ", ".join(f"{name} {value}" for name, value in own.items())
    return f"{name_of(tile)} ({more})" if more else name_of(tile)


_SAID = ("id", "kind", "title", "kpi")
