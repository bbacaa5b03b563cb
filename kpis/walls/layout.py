"""What a board is laid out of: tiles in their order, each with what it shows. Pure.

A layout is kept as JSON (`Board.tiles`): a list of objects, each with its `id`, its `kind`, and of
the rest only what differs from the default. What an older or newer program kept and this one does
not know is passed over, never an error: a wall goes on without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any

from kpis.declaration import PRIVATE, UnknownKpi
from kpis.definitions import parse
from kpis.live import LATELY, LIVE
from kpis.walls.kinds import KINDS

MOST_TILES = 24
WIDEST, HIGHEST = 4, 3
TODAY = "today"
# Minutes that end now, and days of the site up to today.
ROLLING = {str(minutes): minutes for minutes in LATELY}
WINDOWS = (TODAY, *ROLLING, "week", "month")
LEVELS = ("none", "warn", "bad")
MOST_ROWS = {"s": 5, "m": 4, "l": 3}
"""So many rows of tiles a wall shows whole, by its size: tried at 1920 x 1080, with a banner."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile. Which of its members mean something, its kind says (`kinds.Kind.settings`).

    `kpi` is "id" or "id:variant" of a KPI, or the id of a figure of this moment (`kpis.live`).
    `queue` is the id of the only queue that it is of; None: those of its board. `caution` and
    `critical` are bounds in the KPI's unit, and `back` how far a figure must come back over one
    before the tile is calm again; None: it stands to its target, else to what is usual.
    """

    id: str
    kind: str
    kpi: str = ""
    title: str = ""
    width: int = 1
    height: int = 1
    queue: int | None = None
    window: str = TODAY
    caution: float | None = None
    critical: float | None = None
    back: float = 0.0
    target: bool = True
    """Whether a line of time has one at its target."""
    text: str = ""
    level: str = "none"
    """Of a message: how urgent it is."""
    until: str = ""
    """Of a message: the last moment (ISO 8601, UTC) at which it is shown; empty: for ever."""
    zone: str = ""
    """Of a clock: whose time; empty: the site's."""

    @property
    def is_live(self) -> bool:
        """Whether it shows what is so at this moment, which no counts tell."""
        return self.kpi in LIVE

    @property
    def has_bounds(self) -> bool:
        """Whether it has bounds of its own."""
        return self.caution is not None or self.critical is not None

    def kept(self) -> dict[str, Any]:
        """As it is kept: what differs from the default."""
        said = asdict(self)
        return {
            one.name: said[one.name]
            for one in fields(self)
            if one.default is MISSING or said[one.name] != one.default
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """The tiles of a board, in order."""

    tiles: Sequence[Tile] = field(default_factory=list)

    def get(self, tile: str) -> Tile | None:
        return next((one for one in self.tiles if one.id == tile), None)

    def kept(self) -> list[dict[str, Any]]:
        return [one.kept() for one in self.tiles]

    def with_tile(self, tile: Tile) -> "Layout":
        """With a tile in the place of the one of its id; of a new id, at the end."""
        if self.get(tile.id) is None:
            return Layout([*self.tiles, tile])
        return Layout([tile if one.id == tile.id else one for one in self.tiles])

    def without(self, tile: str) -> "Layout":
        return Layout([one for one in self.tiles if one.id != tile])

    def in_order(self, ids: Iterable[str]) -> "Layout":
        """In another order; those that are not named keep theirs, after the others."""
        wanted = {one: place for place, one in enumerate(dict.fromkeys(ids))}
        return Layout(sorted(self.tiles, key=lambda one: wanted.get(one.id, len(wanted))))

    def moved(self, tile: str, by: int) -> "Layout":
        """With a tile so many places later; before the first and after the last there is none."""
        ids = [one.id for one in self.tiles]
        if tile not in ids:
            return self
        place = ids.index(tile)
        ids.insert(min(max(place + by, 0), len(ids) - 1), ids.pop(place))
        return self.in_order(ids)

    def rows(self, columns: int) -> int:
        """How many rows they take, each in the first place where it fits, as a wall sets them."""
        taken: set[tuple[int, int]] = set()
        for tile in self.tiles:
            width = min(tile.width, columns)
            taken |= next(
                place
                for row in range(MOST_TILES * HIGHEST)
                for column in range(columns - width + 1)
                if not (place := _cells(row, column, tile.height, width)) & taken
            )
        return max((row + 1 for row, _column in taken), default=0)

    def new_id(self) -> str:
        """An id that none of its tiles has."""
        taken = {one.id for one in self.tiles}
        return next(
            one for one in (f"t{number}" for number in range(1, 10_000)) if one not in taken
        )


def _cells(row: int, column: int, height: int, width: int) -> set[tuple[int, int]]:
    return {(row + down, column + across) for down in range(height) for across in range(width)}


def read(kept: object) -> Layout:
    """The layout that JSON tells, without what cannot be read."""
    rows = kept if isinstance(kept, list) else []
    found: dict[str, Tile] = {}
    for row in rows:
        tile = _tile(row) if isinstance(row, Mapping) else None
        if tile is not None:
            found.setdefault(tile.id, tile)
    return Layout([*found.values()][:MOST_TILES])


def can_be_shown(asked: str) -> bool:
    """Whether a wall may tell a KPI: it hangs where anybody passes, and what something costs or
    sold is not everybody's to know."""
    if asked in LIVE:
        return True
    try:
        kpi, variant = parse(asked)
    except UnknownKpi:
        return False
    variants = (variant,) if ":" in asked else kpi.variants
    return not any({*one.needs} & PRIVATE for one in variants)


def _tile(row: Mapping[Any, Any]) -> Tile | None:
    said: dict[str, Any] = {}
    for one in fields(Tile):
        value = row.get(one.name)
        if value is None:
            continue
        if not _fits(one.name, value):
            return None
        said[one.name] = float(value) if one.name in _NUMBERS else value
    if not said.get("id") or said.get("kind") not in KINDS:
        return None
    tile = Tile(**said)
    if "kpi" in KINDS[tile.kind].settings and not can_be_shown(tile.kpi):
        return None
    return tile


_NUMBERS = ("caution", "critical", "back")
_WHOLE = {"width": WIDEST, "height": HIGHEST}
_CHOICES = {"window": WINDOWS, "level": LEVELS}
_LONGEST = {"id": 40, "kind": 20, "kpi": 80, "title": 60, "text": 400, "until": 40, "zone": 60}


def _fits(name: str, value: object) -> bool:
    """Whether a value can be that of a member."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if name in _NUMBERS:
        return (is_whole or isinstance(value, float)) and abs(float(value)) < 1e12  # type: ignore[arg-type]
    if name in _WHOLE:
        return is_whole and 1 <= value <= _WHOLE[name]  # type: ignore[operator]
    if name == "queue":
        return is_whole
    if name == "target":
        return isinstance(value, bool)
    if name in _CHOICES:
        return value in _CHOICES[name]
    return isinstance(value, str) and len(value) <= _LONGEST[name]
