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
        "level": "none" if is_over else tile.level,
        "true_at": view.now,
    }


def text(tile: Tile, view: View) -> Drawn:
    return {"title": tile.title, "text": tile.text, "true_at": view.now}


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
