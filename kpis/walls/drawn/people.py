"""Who is doing what, and for how long: by name where the board may, else by what they do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ccm.live.now import Present, State
from ccm.models import Agent
from ccm.templatetags.figures import clock, count
from kpis.floor.limits import Limits, level, over
from kpis.floor.reads import limits_of
from kpis.floor.tables import state_words
from kpis.walls.layout import Tile
from kpis.walls.view import View

Drawn = dict[str, Any]
# So many fit into a tile one wide and one high: of names fewer, for each is to be read from afar.
ROOM, NAMED = 4.5, 3
# After those over their time who is free stands first, then who may soon be.
_ORDER = (State.AVAILABLE, State.RINGING, State.ACW, State.PAUSED, State.HOLD, State.ON_CALL)


def agents(tile: Tile, view: View) -> Drawn:
    """Who is there, each in one state: those over its time first, then those in it longest; of one
    queue, who talks on it or on none."""
    there = [
        one
        for one in view.floor.people.values()
        if tile.queue is None or one.queue in (None, tile.queue)
    ]
    limits = limits_of(view.site)
    there.sort(
        key=lambda one: (over(one, limits, view.now) is None, _ORDER.index(one.state), one.since)
    )
    room = int((NAMED if view.board.names else ROOM) * tile.width * tile.height)
    people = (_named if view.board.names else _grouped)(there, view)
    more = len(people) - room if view.board.names else 0
    left = "" if there else _("nobody is logged in")
    return {
        "title": tile.title or _("Agents"),
        "people": people[:room],
        "left": _("and %(count)s more") % {"count": count(more)} if more > 0 else left,
        "true_at": view.live_at,
    }


def _named(there: Sequence[Present], view: View) -> list[dict[str, str]]:
    """Each by name."""
    names = _names(view)
    return [_line(names.get(one.agent, ""), one, view) for one in there]


def _grouped(there: Sequence[Present], view: View) -> list[dict[str, str]]:
    """How many do what, and for how long the first of them."""
    groups: dict[str, list[Present]] = {}
    for one in there:
        groups.setdefault(_doing(one), []).append(one)
    return [_line(count(len(many)), many[0], view) for many in groups.values()]


def _line(who: str, one: Present, view: View) -> dict[str, str]:
    return {
        "who": who,
        "doing": _doing(one),
        "since": one.since.isoformat(),
        "for": clock((view.now - one.since).total_seconds()),
        "level": _level(one, limits_of(view.site), view.now),
    }


def _doing(one: Present) -> str:
    return one.reason if one.state == State.PAUSED and one.reason else state_words(one.state)


def _level(one: Present, limits: Limits, now: datetime) -> str:
    """As the floor page has it: over the time of the state, or free."""
    if over(one, limits, now) is not None:
        return level(one, limits, now)
    return "ok" if one.is_free else "none"


def _names(view: View) -> dict[int, str]:
    """Of who is there, read again when others are."""
    there = frozenset(view.floor.people)
    found: dict[int, str] = view.kept.get(
        ("names", view.site.pk),
        there,
        view.now,
        lambda: dict(Agent.objects.filter(pk__in=there).values_list("pk", "name")),
    )
    return found
