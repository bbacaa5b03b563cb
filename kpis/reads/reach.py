"""How far what is known of each queue goes: as far as the sources reach that tell of its calls.

A site may have several sources, and they come when they come: one is heard live, one is read each
night, one each week. Where one falls silent its queues have not had no calls, they are not known.
A source reaches to the newest moment that a call or an import of it shows, or to when it was last
heard live, whichever queue that was of: so a queue without calls whose source goes on has none.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from ccm.models import ImportBatch, LiveSource, Site
from kpis.reads import anew

GONE = timedelta(days=63)
"""A source that is so far behind its site has stopped: none that comes each month is."""
# Two sources of one queue that were there together for longer are beside each other; else the later
# one has followed.
_FOLLOWS = timedelta(days=7)

_TOLD = """
SELECT c.queue_id, c.source, min(c.offered_at),
    max(greatest(c.offered_at, c.answered_at, c.ended_at))
FROM kpis_fillmark f CROSS JOIN LATERAL (
    SELECT * FROM ccm_call c
    WHERE c.queue_id = f.queue_id AND c.offered_at > f.newest_at - %(back)s OFFSET 0
) AS c
WHERE f.site_id = %(site)s AND f.queue_id IS NOT NULL
GROUP BY c.queue_id, c.source
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a source lately told of a queue: its first and its newest moment."""

    first: datetime
    last: datetime


def of_sites(sites: Iterable[int]) -> dict[int, datetime]:
    """How far each site is known: to the newest moment that its calls show, or to when one of its
    live sources was last heard. None of a site without a record. One query."""
    rows: Any = Site.objects.filter(pk__in=list(sites)).annotate(**anew.record())
    return {
        row.pk: max(record.newest_at, row.heard_at or record.newest_at)
        for row in rows
        if (record := anew.record_of(row)) is not None
    }


def of_queues(site: Site) -> dict[int, datetime]:
    """How far each queue of a site is known, by id; none of a site without a record, and none of a
    queue that no source ever told of, of which the site's reach holds. Four queries."""
    whole = of_sites([site.pk]).get(site.pk)
    if whole is None:
        return {}
    told: dict[int, dict[str, Told]] = defaultdict(dict)
    reach: dict[str, datetime] = {}
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"site": site.pk, "back": GONE + _FOLLOWS}
        cursor.execute(_TOLD, asked)
        for queue, source, first, last in cursor.fetchall():
            told[queue][source] = Told(first, last)
            reach[source] = max(last, reach.get(source, last))
    batches = ImportBatch.objects.filter(site=site, dry_run=False, undone_at=None)
    heard = LiveSource.objects.filter(site=site).order_by().values_list("source", "heard_at")
    for source, moment in [
        *batches.order_by().values_list("source").annotate(Max("last_at")),
        *heard,
    ]:
        if moment is not None:
            reach[source] = max(moment, reach.get(source, moment))
    return {queue: until(lately, reach, whole) for queue, lately in told.items()}


def until(told: Mapping[str, Told], reach: Mapping[str, datetime], whole: datetime) -> datetime:
    """How far a queue is known that these sources told of, of a site that is known to `whole`.

    As far as all of them reach, but for those that are over: which another has followed, or which
    are so far behind the site that they have stopped. Where all of them are, as far as the site.
    """
    standing = [
        reach[one]
        for one in told
        if whole - reach[one] <= GONE
        and not any(
            _follows(told[other], told[one]) and reach[other] > reach[one] for other in told
        )
    ]
    return min([whole, *standing])


def _follows(one: Told, other: Told) -> bool:
    """Whether a source began to tell of a queue when another ended."""
    return one.first > other.last - _FOLLOWS and one.last > other.last
