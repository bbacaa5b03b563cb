"""All that the tiles of one board are drawn from, at one moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.intervals import day_of, site_day
from ccm.live.now import Floor
from ccm.models import Queue, Site
from ccm.names import in_order
from ccm.templatetags.figures import count
from kpis import expected, usual
from kpis.choices import Choices
from kpis.definitions import parse, pinned
from kpis.expected import Together
from kpis.figures import Figure
from kpis.figures import figure as computed
from kpis.freshness import Freshness, own_reach
from kpis.live import InLine, in_line
from kpis.models import Board
from kpis.noise import Verdict
from kpis.reads.reading import Selection, offered_by_queue
from kpis.untold import of_minutes
from kpis.walls.kept import ADDS_UP, Kept, days_of
from kpis.walls.layout import ROLLING, TODAY, Layout, Tile
from kpis.worklist.due import Due, together
from kpis.worklist.reads import due

WINDOW_WORDS: Mapping[str, Any] = {
    "today": gettext_lazy("today"),
    "15": gettext_lazy("last 15 min"),
    "30": gettext_lazy("last 30 min"),
    "60": gettext_lazy("last 60 min"),
    "week": gettext_lazy("this week"),
    "month": gettext_lazy("this month"),
}
"""What a figure is of, in words."""
# So soon a wall tells what news say. Unfolded for longer they may tell that somebody was answered
# whose wait would grow on the wall: it stands still.
_NEWS_WITHIN = timedelta(seconds=1)
# What is expected of today changes when planners say so.
_EXPECTED_LIFE = timedelta(minutes=10)
# So many queues have their names on a tile.
_MOST_NAMED = 2
_EXPECTS = ("forecast", "staffing")
# A line of today says little more a minute later.
LINE_LIFE = timedelta(minutes=1)


@dataclass
class View:
    """One board at one moment."""

    board: Board
    layout: Layout
    names: Mapping[int, str]
    """Its site's queues, by id."""
    picked: Sequence[Queue] | None
    floor: Floor
    fresh: Freshness
    now: datetime
    kept: Kept
    levels: dict[tuple[Any, ...], str] = field(default_factory=dict)
    """How tiles with bounds of their own stood the last time."""
    figures: dict[Any, Figure] = field(default_factory=dict)
    """Those that any board of its site has at this moment."""
    drawn: dict[Any, dict[str, Any]] = field(default_factory=dict)
    """The same of tiles, by what they show."""

    @property
    def site(self) -> Site:
        return self.board.site

    @cached_property
    def today(self) -> date:
        return day_of(self.now, self.site.calendar)

    @cached_property
    def choices(self) -> Choices:
        return self.kept.chosen(self.today, self.now)

    @property
    def true_at(self) -> datetime:
        """Up to when what is counted is so: where counts lag, since when they do."""
        return min(self.fresh.behind_since or self.now, self.live_at)

    @property
    def live_at(self) -> datetime:
        """Up to when what is going on is so, and what is read from the calls themselves."""
        return self.floor.true_at(self.now, _NEWS_WITHIN)

    def counted_until(self, read_at: datetime) -> datetime | None:
        """Before when all that was offered today was counted, as it was read at a moment; None: of
        today nothing is."""
        until = self.fresh.reach(self.today, read_at).until
        return None if until is None or until <= self._begun else until

    def counted_each(self, queues: Iterable[int], read_at: datetime) -> dict[int, datetime]:
        """The same of some queues, each as far as the sources reach that tell of it; without those
        of which nothing of today is."""
        known, own = self.fresh.reach(self.today, read_at), self._own_reach()
        each = ((pk, known.until_of(pk, own)) for pk in queues)
        return {pk: until for pk, until in each if until is not None and until > self._begun}

    @property
    def _begun(self) -> datetime:
        return site_day(self.today, self.site.calendar).start

    def _own_reach(self) -> Mapping[int, datetime]:
        """How far each queue of the site is known by its own sources, read again each minute."""
        known = self.fresh.reach(self.today, self.now)
        found: Mapping[int, datetime] = self.kept.get(
            ("own reach", self.site.pk),
            int(self.now.timestamp() / LINE_LIFE.total_seconds()),
            self.now,
            lambda: own_reach(self.site, known, self.names),
        )
        return found

    def is_uncounted(self, window: str) -> bool:
        """Whether a window is today, and nothing of today is counted."""
        return window == TODAY and self.counted_until(self.now) is None

    def uncounted_words(self, queues: Iterable[int] = ()) -> str:
        """Why nothing of today is known: how far the record reaches, or the sources of some queues
        do."""
        newest, asked = self.fresh.newest_at, [*queues]
        if newest is None:
            return _("nothing is counted yet")
        if asked:
            own = self._own_reach()
            newest = min(newest, max(own.get(pk, newest) for pk in asked))
        ends = f"{newest.astimezone(self.site.tz):%Y-%m-%d %H:%M}"
        return _("nothing of today is counted: calls are known up to %(time)s") % {"time": ends}

    def named(self, queues: Sequence[int]) -> str:
        """Queues by their names, of many the first."""
        names = sorted((self.names[pk] for pk in queues), key=in_order)
        if len(names) <= _MOST_NAMED:
            return ", ".join(names)
        words = _("%(queue)s and %(count)s more")
        return words % {"queue": names[0], "count": count(len(names) - 1)}

    def queues(self, tile: Tile) -> list[int] | None:
        """The queues that a tile is of; None: all of the site."""
        if tile.queue is not None:
            return [tile.queue]
        return None if self.picked is None else [one.pk for one in self.picked]

    def shown_queues(self, tile: Tile) -> dict[int, str]:
        """The same by id with their names, all of them."""
        asked = self.queues(tile)
        if asked is None:
            return dict(self.names)
        return {pk: self.names[pk] for pk in asked if pk in self.names}

    def figure(self, tile: Tile) -> Figure:
        """The KPI of a tile, of its queues and window."""
        return self.kpi(tile.kpi, self.queues(tile), tile.window)

    def kpi(self, asked: str, queues: Sequence[int] | None, window: str = TODAY) -> Figure:
        key = (asked, None if queues is None else tuple(queues), window)
        if key not in self.figures:
            self.figures[key] = self._made(asked, queues, window)
        return self.figures[key]

    def _made(self, asked: str, queues: Sequence[int] | None, window: str) -> Figure:
        kpi, variant = parse(asked)
        wanted = variant if ":" in asked else None
        needs = self.choices.needs(kpi, wanted)
        if window in ROLLING:
            lately = self.kept.lately(self.site.pk, needs, self.now)
            counts, untold = lately.of(ROLLING[window], self.site.pk, queues), of_minutes()
        else:
            first, last = days_of(window, self.site, self.now)
            counts, untold = self.kept.counts(self.site, queues, first, last, needs, self.now)
        queue = queues[0] if queues is not None and len(queues) == 1 else None
        found = computed(
            counts, kpi, wanted, self.choices, self.site.pk, queue, untold=untold, at=pinned(asked)
        )
        # No call of a day that the record does not reach is no word of how many there were.
        return (
            replace(found, value=None) if self.is_uncounted(window) and not found.value else found
        )

    def verdict(self, tile: Tile, figure: Figure) -> Verdict:
        """How a figure of today stands to what is usual by now; read again each quarter hour, and
        whenever counts or definitions changed: as Home has it at the same moment."""
        if tile.window != TODAY or tile.kpi not in COMPARED:
            return Verdict()
        queues = self.queues(tile)
        alike = {
            one.kpi: self.figure(one)
            for one in self.layout.tiles
            if (one.kind, one.window) == (tile.kind, TODAY)
            and one.kpi in COMPARED
            and self.queues(one) == queues
        }
        chosen = {
            name: (one.variant.id, one.parameters)
            for name, one in sorted((alike | {tile.kpi: figure}).items())
        }
        until = usual.up_to(self.site, self.now, self.fresh.newest_at)
        holds = (self.today, until, self.fresh.counted_at, chosen)
        key = ("usual", self.site.pk, None if queues is None else tuple(queues), tuple(chosen))
        found: Mapping[str, Verdict] = self.kept.get(
            key, holds, self.now, lambda: self._verdicts(queues, chosen, until)
        )
        return found.get(tile.kpi, Verdict())

    def _verdicts(
        self, queues: Sequence[int] | None, chosen: usual.Chosen, until: datetime
    ) -> Mapping[str, Verdict]:
        needs = usual.needs_of(chosen)
        if not ADDS_UP.issuperset(needs):
            picked = None if queues is None else [one for one in self.rows() if one.pk in queues]
            return usual.verdicts(self.site, picked, chosen, self.now, self.fresh.newest_at)
        days = usual.alike_days(self.site, until)
        if not days:
            return {}
        found = self.kept.alike(self.site, queues, days, until, needs, self.now)
        return usual.of_days(chosen, days, found)

    def expected(self, tile: Tile) -> Together | None:
        """What is expected of today on the queues of a tile; None: none has a forecast. Read again
        every ten minutes, for all tiles of the board at once."""
        asked = self._forecast_queues
        moment = int(self.now.timestamp() / _EXPECTED_LIFE.total_seconds())
        found: expected.Day = self.kept.get(
            ("expected", self.site.pk, asked),
            (self.today, moment),
            self.now,
            lambda: expected.of_day(self.site, asked, self.today),
        )
        return found.of(self.shown_queues(tile))

    @cached_property
    def _forecast_queues(self) -> tuple[int, ...]:
        """The queues of all tiles that tell what is expected."""
        tiles = (one for one in self.layout.tiles if one.kind in _EXPECTS)
        return tuple(sorted({pk for one in tiles for pk in self.shown_queues(one)}))

    def offered_today(self) -> tuple[Mapping[int, Mapping[datetime, int]], datetime]:
        """Visits by the quarter hour of the queues of all tiles that tell what is expected, and
        when that was read."""
        asked = self._forecast_queues

        def read() -> Mapping[int, Mapping[datetime, int]]:
            span = site_day(self.today, self.site.calendar)
            selection = Selection(sites=[self.site.pk], spans=[span], queues=[*asked])
            return offered_by_queue(selection, "interval")

        found: tuple[Mapping[int, Mapping[datetime, int]], datetime] = self.kept.for_a_while(
            ("offered today", self.site.pk, asked, self.today),
            self.fresh.counted_at,
            LINE_LIFE,
            self.now,
            read,
        )
        return found

    def in_line(self, tile: Tile) -> InLine:
        """Callers waiting on the queues of a tile."""
        return in_line(self.floor, self.shown_queues(tile).keys(), self.live_at)

    def callbacks_due(self, tile: Tile) -> Due:
        """Call backs on the queues of a tile, read once in ten seconds for all sites."""
        moment = int(self.now.timestamp()) // 10
        found: Mapping[int, Mapping[int | None, Due]] = self.kept.get(
            "callbacks due", moment, self.now, lambda: due(self.now)
        )
        queues = self.queues(tile)
        of_site = found.get(self.site.pk, {})
        return together(one for queue, one in of_site.items() if queues is None or queue in queues)

    def threshold(self, tile: Tile) -> int:
        """Within how many seconds calls on the queues of a tile are to be answered."""
        queues = self.queues(tile)
        queue = queues[0] if queues is not None and len(queues) == 1 else None
        kpi, _variant = parse("service_level")
        return self.choices.of(kpi, self.site.pk, queue)[1].threshold_seconds

    def rows(self) -> list[Queue]:
        """The queues of its site, as far as their names go."""
        return [Queue(pk=pk, name=name, site_id=self.site.pk) for pk, name in self.names.items()]


COMPARED = ("service_level", "abandon_rate", "asa", "aht", "csat", "answered")
"""What Home holds against usual; what is going on now has no usual yet."""
