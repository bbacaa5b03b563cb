"""One big number: a KPI of some counts, or what is so at this moment."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ccm.intervals import floor
from ccm.templatetags.figures import clock, count, parts
from ccm.templatetags.figures import figure as written
from kpis.choosing.words import of_asked
from kpis.definitions import parse
from kpis.figures import Figure
from kpis.live import LIVE, WAIT_WORDS, InLine
from kpis.live import level as wait_level
from kpis.standing import Level, any_pending_words, standing, target_words
from kpis.walls.layout import ROLLING, TODAY, Tile
from kpis.walls.levels import is_up
from kpis.walls.levels import level as own_level
from kpis.walls.view import WINDOW_WORDS, View
from kpis.worklist.due import late_words

Drawn = dict[str, Any]

# Shorter than elsewhere: a wall is read from across the room.
TITLES: Mapping[str, Any] = {
    "waiting": gettext_lazy("Waiting"),
    "longest_waiting": gettext_lazy("Longest wait"),
    "available": gettext_lazy("Available"),
    "on_calls": gettext_lazy("On calls"),
    "answered": gettext_lazy("Answered"),
    "asa": gettext_lazy("Speed of answer"),
    "aht": gettext_lazy("Handle time"),
    "csat": gettext_lazy("Satisfaction"),
    "fcr": gettext_lazy("FCR"),
}
OWN_WORDS: Mapping[str, Any] = {
    "ok": gettext_lazy("ok"),
    "warn": gettext_lazy("caution"),
    "bad": gettext_lazy("act now"),
}


def figure(tile: Tile, view: View) -> Drawn:
    """What its kind of figure says, with the level of the tile's own bounds where it has any."""
    if not tile.is_live:
        told = _of_kpi(tile, view)
        if tile.window in ROLLING:
            told["true_at"] = view.live_at
        value, direction = view.figure(tile).value, view.figure(tile).kpi.direction
    else:
        told = _OF_NOW[tile.kpi](tile, view) | {"true_at": view.live_at}
        value, direction = told.pop("value"), LIVE[tile.kpi].direction
    if tile.has_bounds:
        told |= _by_own_bounds(tile, view, value, direction)
    return {"title": title(tile)} | told


def title(tile: Tile) -> str:
    """That of a tile; without one what it shows, by which definition where it was told which."""
    if tile.title:
        return tile.title
    if tile.is_live:
        return str(TITLES.get(tile.kpi) or LIVE[tile.kpi].name)
    kpi, _variant = parse(tile.kpi)
    if ":" in tile.kpi:
        return f"{kpi.name} {of_asked(tile.kpi)}"
    return str(TITLES.get(tile.kpi) or kpi.name)


def _by_own_bounds(tile: Tile, view: View, value: float | None, direction: str) -> Drawn:
    bounds = (tile.caution, tile.critical, tile.back)
    key = (view.board.pk, tile.id, *bounds)
    if value is None:
        view.levels.pop(key, None)
        return {"level": "none", "word": ""}
    up = is_up(direction, tile.caution, tile.critical)
    level = own_level(
        value, tile.caution, tile.critical, up=up, back=tile.back, before=view.levels.get(key, "")
    )
    view.levels[key] = level
    return {"level": level, "word": str(OWN_WORDS[level])}


def _of_kpi(tile: Tile, view: View) -> Drawn:
    one = view.figure(tile)
    verdict = view.verdict(tile, one)
    level, word = standing(one, verdict)
    digits, unit = parts(one.value, one.unit)
    # Else it is in the title.
    is_untitled = tile.window == TODAY or not tile.title
    window = "" if is_untitled else str(WINDOW_WORDS[tile.window])
    told: Drawn = {"figure": digits, "unit": unit, "level": level, "word": word}
    if one.value is None:
        # Nothing is held against what is usual, or against a target.
        why = one.reason if one.is_untold else any_pending_words(one)
        if not why and view.is_uncounted(tile.window):
            why = view.uncounted_words()
        why = why or _("nothing to count yet")
        return told | {"left": why, "right": window}
    left = target_words(one)
    if one.kpi.id in _OUT_OF:
        left = _out_of(one, tile, view)
    elif not left and one.n and one.unit != "count":
        left = _("of %(count)s") % {"count": count(one.n)}
    right = window
    if verdict.usual is not None:
        usual = round(verdict.usual) if one.unit == "count" else verdict.usual
        right = _("usual %(figure)s") % {"figure": written(usual, one.unit)}
    return told | {"left": left, "right": right}


_OUT_OF: Mapping[str, str] = {"answered": "offered", "conversations": "dials"}
"""Counts that are part of another, which their last line tells."""


def _out_of(one: Figure, tile: Tile, view: View) -> str:
    queues = view.queues(tile)
    whole = view.kpi(_OUT_OF[one.kpi.id], queues, tile.window).value
    many = int(whole or 0)
    if one.kpi.id == "conversations":
        words = ngettext("of %(count)s dial", "of %(count)s dials", many)
    # Who is passed on visits again: visits of queues add up to more than a site's contacts.
    elif queues is None:
        words = ngettext("of %(count)s contact", "of %(count)s contacts", many)
    else:
        words = ngettext("of %(count)s visit", "of %(count)s visits", many)
    return words % {"count": count(whole)}


def _waiting(tile: Tile, view: View) -> Drawn:
    there = view.in_line(tile)
    level, word = _wait_level(there, tile, view)
    left = _("longest %(time)s") % {"time": clock(there.longest)} if there.calls else ""
    return {
        "figure": count(there.calls), "unit": "", "level": level, "word": word, "left": left,
        "value": there.calls,
    }  # fmt: skip


def _longest_waiting(tile: Tile, view: View) -> Drawn:
    there = view.in_line(tile)
    level, word = _wait_level(there, tile, view)
    limit = _("answer within %(time)s") % {"time": clock(view.threshold(tile))}
    queue = "" if there.queue is None else view.names[there.queue]
    return {
        "figure": clock(there.longest), "unit": "", "level": level, "word": word, "left": queue,
        "right": limit, "value": there.longest,
    }  # fmt: skip


def _wait_level(there: InLine, tile: Tile, view: View) -> tuple[Level, str]:
    level = wait_level(there.longest, view.threshold(tile))
    return level, str(WAIT_WORDS[level])


def _available(tile: Tile, view: View) -> Drawn:
    there = view.floor
    level, word = "none", ""
    # Nothing tells whose calls somebody takes who is on none.
    of_any = "" if view.queues(tile) is None else _("for any queue")
    if there.staffed:
        level, word = "ok", _("ok")
        if not there.available:
            level, word = "warn" if view.in_line(tile).calls else "none", _("nobody free")
    return {
        "figure": count(there.available), "unit": "", "level": level, "word": word,
        "left": _("%(count)s logged in") % {"count": count(there.staffed)},
        "right": of_any,
        "value": there.available,
    }  # fmt: skip


def _on_calls(tile: Tile, view: View) -> Drawn:
    there, queues = view.floor, view.queues(tile)
    if queues is not None:
        talking = sum(one.talks and one.queue in queues for one in there.people.values())
        return {
            "figure": count(talking), "unit": "", "value": talking,
            "left": _("%(count)s at the site") % {"count": count(there.talking)},
        }  # fmt: skip
    return {
        "figure": count(there.talking), "unit": "", "value": there.talking,
        "left": _("%(count)s in wrap-up") % {"count": count(there.acw)},
        "right": _("%(count)s paused") % {"count": count(sum(there.paused.values()))},
    }  # fmt: skip


def staffing(tile: Tile, view: View) -> Drawn:
    """Positions that this quarter hour takes, beside who is logged in: of a site held against each
    other; nothing tells of a queue who is there for it. What is not known of a queue is said, and
    never called enough."""
    expected, there, start = view.expected(tile), view.floor, floor(view.now)
    required = None if expected is None else expected.required(start)
    untold = () if expected is None else expected.unstaffed(start)
    tells = bool(there.staffed) or view.fresh.heard_at is not None
    staffed = _("%(count)s logged in") % {"count": count(there.staffed)}
    if not tells:
        staffed = _("nothing tells who is there")
    unknown = _("not known of %(queues)s") % {"queues": view.named(untold)} if untold else ""
    asked = "" if expected is None else expected.asked
    title = _("Required for %(aim)s") % {"aim": asked} if asked else _("Required")
    told: Drawn = {
        "title": tile.title or title,
        "unit": "",
        "level": "none",
        "word": "",
        "true_at": view.live_at,
    }
    if required is None:
        why = _("no forecast yet") if expected is None else unknown or _("closed now")
        return told | {"figure": count(None), "left": why, "right": staffed}
    told |= {"figure": count(required), "left": staffed, "right": unknown}
    if view.queues(tile) is not None:
        return told | {"right": unknown or _("for any queue")}
    if tile.title:
        told["right"] = unknown or asked
    if not tells:
        return told
    short = required - (there.staffed - sum(there.paused.values()))
    if short > 0:
        words = _("at least %(n)s short") if untold else _("%(n)s short")
        return told | {"level": "warn", "word": words % {"n": count(short)}}
    return told if untold else told | {"level": "ok", "word": _("ok")}


def _callbacks_due(tile: Tile, view: View) -> Drawn:
    there = view.callbacks_due(tile)
    level, word = ("warn", _("overdue")) if there.overdue else ("none", "")
    left = _("%(count)s overdue") % {"count": count(there.overdue)} if there.overdue else ""
    late = (
        "" if there.since is None or there.since > view.now else late_words(view.now - there.since)
    )
    return {
        "figure": count(there.calls), "unit": "", "level": level, "word": word, "left": left,
        "right": late, "value": there.calls,
    }  # fmt: skip


_OF_NOW: Mapping[str, Callable[[Tile, View], Drawn]] = {
    "waiting": _waiting,
    "longest_waiting": _longest_waiting,
    "available": _available,
    "on_calls": _on_calls,
    "callbacks_due": _callbacks_due,
}
