"""What a wall shows: the tiles of a board, drawn from its counts and the floor as it is now.

A frame is whole, never a difference (`ccm.live.publish` sends it). It says how new the newest
call behind it is and whether the counts lag, so that an old number never looks live.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

from ccm.dirty import notice
from ccm.intervals import day_of
from ccm.live import publish, sources
from ccm.live.now import Floor, floors
from ccm.live.sources import Standing
from ccm.models import Queue
from kpis.alerts.words import changed_words
from kpis.figures import Figure
from kpis.freshness import LATE, SILENT, Freshness, freshness
from kpis.models import Alert, AlertRule, Board
from kpis.walls import drawn, layout
from kpis.walls.kept import Kept
from kpis.walls.view import View

# What a wall shows as live was so ten seconds ago at most: a frame was on its way, and a browser
# tells its age to two seconds.
STALE_AFTER_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A site as its walls show it: the names of its queues, its floor, how new its counts are, its
    alerts that stand, and what is wrong with its sources."""

    names: Mapping[int, str] = field(default_factory=dict)
    floor: Floor = field(default_factory=Floor)
    fresh: Freshness = field(default_factory=Freshness)
    raised: Sequence[Alert] = ()
    troubled: Sequence[Standing] = ()
    figures: dict[Any, Figure] = field(default_factory=dict)
    """Those that were made of this moment, for all its boards."""
    drawn: dict[Any, dict[str, Any]] = field(default_factory=dict)
    """The same of tiles."""


def places(now: datetime) -> Mapping[int, Place]:
    """Every site with anything to show, by id. Six queries, however many there are."""
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for pk, name, site in Queue.objects.values_list("pk", "name", "site_id"):
        names[site][pk] = name
    there, fresh, raised, troubled = (
        floors(now),
        freshness(now),
        standing_alerts(),
        sources.troubled(now),
    )
    return {
        site: Place(
            names[site],
            there.get(site, Floor()),
            fresh.get(site, Freshness()),
            raised.get(site, ()),
            troubled.get(site, ()),
        )
        for site in {*names, *there, *fresh, *raised, *troubled}
    }


@dataclass(slots=True)
class Drawer:
    """Draws frames again and again, keeping what has not changed since the last time."""

    _kept: Kept = field(default_factory=Kept)
    _levels: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def frames(self, now: datetime) -> Iterable[tuple[str, dict[str, Any]]]:
        """Every board's frame: the provider that draws the walls."""
        boards = Board.objects.select_related("site__floor_rules").prefetch_related("queues")
        found = places(now)
        self.begin(found, now)
        for board in boards:
            yield board.slug, self.frame(board, found.get(board.site_id, Place()), now)

    def begin(self, found: Mapping[int, Place], now: datetime) -> None:
        """Frames of this moment are drawn."""
        self._kept.begin(now, {site: place.fresh for site, place in found.items()})

    def frame(self, board: Board, place: Place, now: datetime) -> dict[str, Any]:
        picked = list(board.queues.all()) or None
        view = View(
            board=board,
            layout=layout.read(board.tiles),
            names=place.names,
            picked=picked,
            floor=place.floor,
            fresh=place.fresh,
            now=now,
            kept=self._kept,
            levels=self._levels,
            figures=place.figures,
            drawn=place.drawn,
        )
        return {
            "board": {
                "slug": board.slug, "title": board.title, "zone": board.site.zone,
                "columns": board.columns, "theme": board.theme, "size": board.size,
                "chime": board.chime,
            },
            "as_of": view.live_at.isoformat(),
            "site_time": f"{view.live_at.astimezone(board.site.tz):%H:%M}",
            "tiles": [drawn.tile(one, view) for one in view.layout.tiles],
            **_alert(place.raised, picked),
            "trouble": " ".join(_trouble(place, now)),
            "ticker": _ticker(board, place.fresh, now),
            "stale_after": STALE_AFTER_SECONDS,
        }  # fmt: skip


def _trouble(place: Place, now: datetime) -> list[str]:
    """What is wrong with the sources, and what is not shown for that."""
    return [
        *(words for one in place.troubled for words in one.words(now)),
        *place.floor.unsure,
    ]


def standing_alerts() -> dict[int, list[Alert]]:
    """The alerts of each site that stand, the worst first."""
    found: dict[int, list[Alert]] = {}
    raised = Alert.objects.standing().select_related("rule")
    for one in raised.order_by("level", "-raised_at"):
        found.setdefault(one.rule.site_id, []).append(one)
    return found


def _alert(raised: Sequence[Alert], picked: Sequence[Queue] | None) -> dict[str, str]:
    """The first alert of the board's site or queues that nobody sees to, else the first: its level
    and what it says, then and now, whether it is seen to, and how many more there are."""
    shown = {one.pk for one in picked or ()}
    ours = [one for one in raised if not shown or one.rule.queue_id in {None, *shown}]
    if not ours:
        return {"alert": "", "alert_level": ""}
    ours = sorted(ours, key=lambda one: one.seen_at is not None)
    first = ours[0]
    said = f"{AlertRule.Level(first.level).label}: {first.words}"
    if now := changed_words(first):
        said = _("%(alert)s; now %(figure)s") % {"alert": said, "figure": now}
    # By whom is told on pages: a wall may hang where visitors pass.
    if first.seen_at is not None:
        said = _("%(alert)s (seen to)") % {"alert": said}
    more = f" (+{len(ours) - 1})" if len(ours) > 1 else ""
    return {"alert": said + more, "alert_level": first.level}


def _ticker(board: Board, fresh: Freshness, now: datetime) -> str:
    tz = board.site.tz
    if fresh.newest_at is None:
        return _("No calls have come in yet.")
    anew = notice(board.site, fresh.days_behind)
    said = [] if anew is None else [str(anew)]
    if fresh.behind_since is not None and now - fresh.behind_since > LATE:
        words = _("The counts are behind since %(time)s: is a worker up?")
        said.append(words % {"time": f"{fresh.behind_since.astimezone(tz):%H:%M:%S}"})
    if said:
        return " ".join(said)
    # By a clock that is ahead the newest call is still to come, by one behind it is long ago.
    newest = fresh.newest_at if fresh.newest_at <= now else fresh.heard_at or now
    newest = newest.astimezone(tz)
    if now - max(newest, fresh.heard_at or newest) > SILENT:
        same_day = day_of(newest, board.site.calendar) == day_of(now, board.site.calendar)
        told = f"{newest:%H:%M}" if same_day else f"{newest:%Y-%m-%d %H:%M}"
        return _("Nothing has come in since %(time)s.") % {"time": told}
    return _("Newest call %(time)s") % {"time": f"{newest:%H:%M:%S}"}


# A wall's page shows a published frame that is no older; else one drawn in this process.
FRESH = timedelta(seconds=8)
_drawn: dict[int, tuple[datetime, dict[str, Any]]] = {}
_drawing = Lock()


def shown(board: Board, now: datetime) -> dict[str, Any]:
    """What a board's page shows before its stream begins: the last frame that was published, or
    where none comes one drawn here, at most once a second for all who ask."""
    last = publish.last(board.slug)
    if last is not None and now - datetime.fromisoformat(last["as_of"]) <= FRESH:
        return last
    with _drawing:
        kept = _drawn.get(board.pk)
        if kept is None or not timedelta() <= now - kept[0] < timedelta(seconds=1):
            kept = _drawn[board.pk] = (now, frame(board, now))
    return kept[1]


def frame(board: Board, now: datetime) -> dict[str, Any]:
    """One board's frame, drawn from nothing."""
    drawer, found = Drawer(), places(now)
    drawer.begin(found, now)
    return drawer.frame(board, found.get(board.site_id, Place()), now)
