"""Who is doing what, and for how long: by name where the board may, else by what they do."""

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
MOST_PEOPLE = 40
# Who is free stands first, then who may soon be.
_ORDER = (State.AVAILABLE, State.RINGING, State.ACW, State.PAUSED, State.HOLD, State.ON_CALL)


def agents(tile: Tile, view: View) -> Drawn:
    """Who is there, each in one state, those in it longest first; of one queue, who talks on it."""
    there = [
        one
        for one in view.floor.people.values()
        if tile.queue is None or one.queue in (None, tile.queue)
    ]
    there.sort(key=lambda one: (_ORDER.index(one.state), one.since))
    shown = there[:MOST_PEOPLE]
    names = _names(view) if view.board.names else {}
    limits = limits_of(view.site)
    people = [
        {
            "who": names.get(one.agent, ""),
            "doing": _doing(one),
            "since": one.since.isoformat(),
            "for": clock((view.now - one.since).total_seconds()),
            "level": _level(one, limits, view.now),
        }
        for one in shown
    ]
    more = len(there) - len(shown)
    left = "" if there else _("nobody is logged in")
    return {
        "title": tile.title or _("Agents"),
        "people": people,
        "left": _("and %(count)s more") % {"count": count(more)} if more else left,
        "true_at": view.now,
    }


def _doing(one: Present) -> str:
    return one.reason if one.state == State.PAUSED and one.reason else state_words(one.state)


def _level(one: Present, limits: Limits, now: datetime) -> str:
    """As the floor page has it: over the time of the state, or free."""
    if over(one, limits, now) is not None:
        return level(one, limits, now)
    return "ok" if one.is_free else "none"


def _names(view: View) -> dict[int, str]:
    """Of the agents of the site, read once a minute."""
    minute = view.now.replace(second=0, microsecond=0)
    found: dict[int, str] = view.kept.get(
        ("names", view.site.pk),
        minute,
        view.now,
        lambda: dict(Agent.objects.filter(site=view.site).values_list("pk", "name")),
    )
    return found
