"""What the tiles of all boards are drawn from, read once and kept as long as it holds.

Counts hold until the site is counted anew; what takes longer to read, and says little more after a
minute, is kept for a while and tells how old it is.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from ccm.intervals import day_of
from ccm.models import Site
from kpis import usual
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.dimensions import By
from kpis.freshness import Freshness
from kpis.reads.lately import TOLD, Lately, lately
from kpis.reads.reading import Selection
from kpis.report.cells import cells
from kpis.sums.counts import Counts

# What nothing has asked for since is let go.
_UNUSED = timedelta(minutes=10)
_CHOSEN_FOR = timedelta(minutes=1)
ADDS_UP: frozenset[Need] = frozenset({"open", "outbound"})
"""What is counted, beside calls, of several queues as of each of them: such figures are all made of
one reading of a site's queues."""
_Told = tuple[dict[int | None, Counts], dict[Need, str]]


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
    _of_sites: dict[Any, dict[int, _Entry]] = field(default_factory=dict)
    _fresh: Mapping[int, Freshness] = field(default_factory=dict)
    _choices: dict[date, tuple[datetime, Choices]] = field(default_factory=dict)

    def begin(self, now: datetime, fresh: Mapping[int, Freshness]) -> None:
        """New frames are drawn, of sites that are counted up to `fresh`: let go of what was not
        asked for lately."""
        self._fresh = fresh
        for key in [key for key, one in self._entries.items() if now - one.used_at > _UNUSED]:
            del self._entries[key]
        for entries in self._of_sites.values():
            for site in [site for site, one in entries.items() if now - one.used_at > _UNUSED]:
                del entries[site]

    def get(self, key: Any, holds: Any, now: datetime, read: Callable[[], Any]) -> Any:
        """What `read` gave the last time if that still holds, else what it gives now."""
        entry = self._entries.get(key)
        if entry is None or entry.holds != holds:
            entry = self._entries[key] = _Entry(holds, read(), now, now)
        entry.used_at = now
        return entry.value

    def of_sites(
        self,
        key: Any,
        site: int,
        holds: Callable[[int], Any],
        now: datetime,
        read: Callable[[Sequence[int]], Mapping[int, Any]],
    ) -> Any:
        """As `get` of one of several sites: those of which the like was asked for lately, and does
        not hold either, are read with it."""
        entries = self._of_sites.setdefault(key, {})
        entry = entries.get(site)
        if entry is None or entry.holds != holds(site):
            others = [one for one, kept in entries.items() if kept.holds != holds(one)]
            for one, value in read(sorted({site, *others})).items():
                used_at = entries[one].used_at if one in entries else now
                entries[one] = _Entry(holds(one), value, now, used_at)
            entry = entries[site]
        entry.used_at = now
        return entry.value

    def for_a_while(
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
        now: datetime,
    ) -> tuple[Counts, dict[Need, str]]:
        """Counts of some days of a site, or of some of its queues together, and what cannot be told
        of them, with why."""
        if not ADDS_UP.issuperset(needs):
            return self._counts_apart(site, queues, first, last, frozenset(needs), now)
        by: tuple[By, ...] = ("site",) if queues is None else ("site", "queue")

        def read(sites: Sequence[int]) -> Mapping[int, _Told]:
            found, untold = cells(Selection(sites=sites, first=first, last=last), by, ADDS_UP)
            told: dict[int, _Told] = {one: ({}, untold) for one in sites}
            for (one, *queue), counts in found.items():
                told[one][0][queue[0] if queue else None] = counts
            return told

        found: _Told = self.of_sites(
            ("counts", first, last, by), site.pk, self._counted_at, now, read
        )
        each, untold = found
        return _together(each, queues), untold

    def _counts_apart(
        self,
        site: Site,
        queues: Sequence[int] | None,
        first: date,
        last: date,
        needs: frozenset[Need],
        now: datetime,
    ) -> tuple[Counts, dict[Need, str]]:
        """The same where it needs what does not add up over queues."""
        asked = None if queues is None else tuple(queues)

        def read() -> tuple[Counts, dict[Need, str]]:
            selection = Selection(
                sites=[site.pk], first=first, last=last, queues=None if asked is None else [*asked]
            )
            found, untold = cells(selection, ("total",), needs)
            (counts,) = found.values() or [Counts()]
            return counts, untold

        found: tuple[Counts, dict[Need, str]] = self.get(
            ("counts", site.pk, asked, first, last, needs), self._counted_at(site.pk), now, read
        )
        return found

    def lately(self, site: int, needs: Collection[Need], now: datetime) -> Lately:
        """Counts of the last minutes up to this second, read once in it and when a source told
        something: frames may come more often."""
        told = frozenset(needs) & TOLD

        def read(sites: Sequence[int]) -> Mapping[int, Lately]:
            return dict.fromkeys(sites, lately(sites, now, needs=told))

        def holds(site: int) -> tuple[int, datetime | None]:
            return int(now.timestamp()), self._fresh_of(site).heard_at

        found: Lately = self.of_sites(("lately", told), site, holds, now, read)
        return found

    def alike(
        self,
        site: Site,
        queues: Sequence[int] | None,
        days: Sequence[date],
        until: datetime,
        needs: Collection[Need],
        now: datetime,
    ) -> dict[date, Counts]:
        """Counts of today and of the days before that it is compared with, each up to the same time
        of the clock (`kpis.usual`). Those before are read anew when one of them was counted."""
        today, *before = days
        fresh = self._fresh_of(site.pk)
        asked, wanted = None if queues is None else tuple(queues), frozenset(needs)

        def of(some: Sequence[date], holds: Any) -> dict[date, Counts]:
            def read() -> Any:
                return usual.counted_until(site, some, until, wanted, by_queue=queues is not None)

            def picked() -> dict[date, Counts]:
                each = self.get(("alike", site.pk, asked is None, wanted, *some), holds, now, read)
                found = {day for counted in each.values() for day in counted}
                return {
                    day: _together(
                        {queue: by_day[day] for queue, by_day in each.items() if day in by_day},
                        queues,
                    )
                    for day in found
                }

            told: dict[date, Counts] = self.get(
                ("alike of", site.pk, asked, wanted, *some), holds, now, picked
            )
            return told

        return of(before, (until, fresh.past_at)) | of([today], (until, fresh.counted_at))

    def _fresh_of(self, site: int) -> Freshness:
        return self._fresh.get(site, Freshness())

    def _counted_at(self, site: int) -> datetime | None:
        return self._fresh_of(site).counted_at


def _together(each: Mapping[int | None, Counts], queues: Sequence[int] | None) -> Counts:
    if queues is None:
        return each.get(None, Counts())
    if len(queues) == 1:
        return each.get(queues[0], Counts())
    return Counts.sum(each[queue] for queue in queues if queue in each)
