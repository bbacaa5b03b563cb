"""How far the counts of a site are whole, and since when they lag."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q

from ccm.intervals import DAY, day_of
from ccm.models import DirtyDay, LiveSource, Site
from kpis.models import FillMark
from kpis.reads.anew import of_site, record
from kpis.reads.reach import of_queues

# Counts that lag by more are said to.
LATE = timedelta(seconds=20)
# A source that is silent for so long, in opening hours, may have stopped.
SILENT = timedelta(minutes=15)
# A call is on the record within so long of its offer.
_SETTLES = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far what is known of a site goes, today."""

    now: datetime
    newest_at: datetime | None
    """The newest moment that a call of it shows; None: there is no record."""
    heard_at: datetime | None
    """When one of its live sources last said something."""
    behind_since: datetime | None
    """Since when today's counts lag; None: they do not."""

    @property
    def until(self) -> datetime | None:
        """All that was offered before is counted; None where there is no record."""
        known = [one for one in (self.newest_at, self.heard_at) if one is not None]
        if self.newest_at is None or not known:
            return None
        ends = [max(known), self.now - _SETTLES]
        return min(ends if self.behind_since is None else [*ends, self.behind_since])

    def until_of(self, queue: int, own: Mapping[int, datetime]) -> datetime | None:
        """The same of a queue, by how far each reaches on its own (`own_reach`)."""
        whole = self.until
        return None if whole is None else min(whole, own.get(queue, whole))


def reach(site: Site, now: datetime) -> Reach:
    """How far a site is known. One query."""
    marks = DirtyDay.objects.filter(day=day_of(now, site.calendar))
    told: Any = Site.objects.annotate(**record(), behind_since=of_site(marks, Min("marked_at")))
    row = told.get(pk=site.pk)
    return _reach(now, row.newest_at, row.heard_at, row.behind_since)


def own_reach(site: Site, known: Reach, queues: Iterable[int]) -> dict[int, datetime]:
    """How far the sources reach that tell of each of some queues; of one that is not among them,
    as far as its site. One query; none where there is no record."""
    if known.newest_at is None:
        return {}
    asked = [*queues]
    whole = max(known.newest_at, known.heard_at or known.newest_at)
    return of_queues(site, whole, asked[0] if len(asked) == 1 else None)


def known_to(now: datetime, newest_at: datetime | None) -> Reach:
    """How far a site is known by the newest moment of its calls alone."""
    return _reach(now, newest_at, None, None)


def _reach(
    now: datetime,
    newest_at: datetime | None,
    heard_at: datetime | None,
    behind_since: datetime | None,
) -> Reach:
    """By a clock that is ahead the newest call is still to come."""
    newest = None if newest_at is None else min(newest_at, now)
    return Reach(now, newest, heard_at, behind_since)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far a site's counts are whole, and since when how many days lag (None: none does)."""

    counted_at: datetime | None = None
    newest_at: datetime | None = None
    behind_since: datetime | None = None
    days_behind: int = 0
    heard_at: datetime | None = None
    """When one of its live sources last said something, by our clock; None: it has none."""
    past_at: datetime | None = None
    """When a day that was over was last counted."""
    behind_on: Mapping[date, datetime] = field(default_factory=dict)
    """Since when those of the days lag that are today somewhere."""

    def reach(self, today: date, now: datetime) -> Reach:
        """How far the site is known, on the day that it is there."""
        return _reach(now, self.newest_at, self.heard_at, self.behind_on.get(today))


def freshness(now: datetime) -> dict[int, Freshness]:
    """Every site's, by id. Two queries."""
    marks = FillMark.objects.values("site").annotate(
        counted=Max("counted_at"),
        newest=Max("newest_at"),
        past=Max("past_at"),
        heard=of_site(LiveSource.objects.all(), Max("heard_at"), "site"),
    )
    utc = now.astimezone(UTC).date()
    around = {"before": utc - DAY, "same": utc, "after": utc + DAY}
    marked = (
        DirtyDay.objects.order_by()
        .values("site")
        .annotate(
            since=Min("marked_at"),
            days=Count("day", distinct=True),
            **{name: Min("marked_at", filter=Q(day=day)) for name, day in around.items()},
        )
    )
    behind = {row["site"]: row for row in marked}
    return {row["site"]: _of(row, behind.get(row["site"]), around) for row in marks}


def _of(
    marks: Mapping[str, Any], behind: Mapping[str, Any] | None, around: Mapping[str, date]
) -> Freshness:
    lag = behind or {}
    return Freshness(
        marks["counted"],
        marks["newest"],
        lag.get("since"),
        lag.get("days", 0),
        marks["heard"],
        marks["past"],
        {day: lag[name] for name, day in around.items() if lag.get(name) is not None},
    )
