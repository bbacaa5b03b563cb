"""What the tiles of all boards are drawn from, read once and kept as long as it holds.

Counts hold until the site is counted anew; what takes longer to read, and says little more after a
minute, is kept for a while and tells how old it is.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ccm.intervals import day_of
from ccm.models import Site
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.freshness import Freshness
from kpis.reads.reading import Selection
from kpis.report.cells import cells
from kpis.sums.counts import Counts

# What nothing has asked for since is let go.
_UNUSED = timedelta(minutes=10)
_CHOSEN_FOR = timedelta(minutes=1)


def days_of(window: str, site: Site, now: datetime) -> tuple[date, date]:
    """The first and the last day of a window (`layout.WINDOWS`), which ends today."""
    today = day_of(now, site.calendar)
    if window == "week":
        return today - timedelta(days=today.weekday()), today
    return (today.replace(day=1) if window == "month" else today), today


@dataclass(slots=True)
class _Entry:
    holds: Any
    """By what it holds: another value, and it is read anew."""
    value: Any
    read_at: datetime
    used_at: datetime


@dataclass(slots=True)
class Kept:
    """Readings by key. Not for several threads at once."""

    _entries: dict[Any, _Entry] = field(default_factory=dict)
    _choices: dict[date, tuple[datetime, Choices]] = field(default_factory=dict)

    def begin(self, now: datetime) -> None:
        """A new frame is drawn: let go of what was not asked for lately."""
        for key in [key for key, one in self._entries.items() if now - one.used_at > _UNUSED]:
            del self._entries[key]

    def get(self, key: Any, holds: Any, now: datetime, read: Callable[[], Any]) -> Any:
        """What `read` gave the last time if that still holds, else what it gives now."""
        entry = self._entries.get(key)
        if entry is None or entry.holds != holds:
            entry = self._entries[key] = _Entry(holds, read(), now, now)
        entry.used_at = now
        return entry.value

    def lately(
        self, key: Any, holds: Any, life: timedelta, now: datetime, read: Callable[[], Any]
    ) -> tuple[Any, datetime]:
        """The same of what may be old by `life`, and when it was read. What was read for another
        `holds` goes on for as long, too: a busy site is counted every second."""
        entry = self._entries.get(key)
        is_old = entry is not None and not timedelta() <= now - entry.read_at < life
        if entry is None or (is_old and entry.holds != holds):
            entry = self._entries[key] = _Entry(holds, read(), now, now)
        elif is_old:
            # Nothing was counted since: it is as true as then.
            entry.read_at = now
        entry.used_at = now
        return entry.value, entry.read_at

    def chosen(self, today: date, now: datetime) -> Choices:
        """Definitions in force, read anew each minute."""
        kept = self._choices.get(today)
        if kept is None or now - kept[0] > _CHOSEN_FOR:
            self._choices = {
                day: one for day, one in self._choices.items() if now - one[0] <= _CHOSEN_FOR
            }
            kept = self._choices[today] = (now, Choices(today))
        return kept[1]

    def counts(
        self,
        site: Site,
        queues: Sequence[int] | None,
        first: date,
        last: date,
        needs: Collection[Need],
        fresh: Freshness,
        now: datetime,
        by: tuple[Any, ...] = ("total",),
    ) -> tuple[dict[tuple[Any, ...], Counts], dict[Need, str]]:
        """Counts of some days of a site by keys, and what cannot be told of them, with why."""
        asked = None if queues is None else tuple(queues)
        wanted = frozenset(needs)

        def read() -> Any:
            selection = Selection(
                sites=[site.pk], first=first, last=last, queues=None if asked is None else [*asked]
            )
            return cells(selection, by, wanted)

        found: tuple[dict[tuple[Any, ...], Counts], dict[Need, str]] = self.get(
            ("counts", site.pk, asked, first, last, wanted, by), fresh.counted_at, now, read
        )
        return found
