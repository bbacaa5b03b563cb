"""Tiles of words, and the clock."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kpis.walls.layout import Tile
from kpis.walls.view import View

Drawn = dict[str, Any]


def message(tile: Tile, view: View) -> Drawn:
    """What everybody is to know; nothing once its time is over."""
    is_over = bool(tile.until) and datetime.fromisoformat(tile.until) <= view.now
    return {
        "title": tile.title or _("To everybody"),
        "text": "" if is_over else tile.text,
        "long": _long(tile),
        "level": "none" if is_over else tile.level,
        "true_at": view.now,
    }


def text(tile: Tile, view: View) -> Drawn:
    return {"title": tile.title, "text": tile.text, "long": _long(tile), "true_at": view.now}


def _long(tile: Tile) -> int:
    """Whether a text is written large (0), smaller (1) or small (2) to fit its tile."""
    lines = sum(1 + len(line) // 20 for line in tile.text.split("\n"))
    each = lines / (tile.width * tile.height)
    return 0 if each <= 2 else 1 if each <= 4 else 2


def clock_tile(tile: Tile, view: View) -> Drawn:
    """The time of a zone; the page lets it run."""
    zone = tile.zone or view.site.zone
    there = view.now.astimezone(ZoneInfo(zone))
    return {
        "title": tile.title or (zone.rpartition("/")[2].replace("_", " ") if tile.zone else ""),
        "figure": f"{there:%H:%M}",
        "unit": "",
        "left": date_format(there, "l j F"),
        "zone": zone,
        "true_at": view.now,
    }
