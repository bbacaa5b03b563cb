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

from ccm.models import Site
from kpis.reads import anew

GONE = timedelta(days=63)
"""A source that is so far behind its site has stopped: none that comes each month is."""
# Two sources of one queue that were there together for longer are beside each other; else the later
# one has followed.
_FOLLOWS = timedelta(days=7)

# What sources lately told of each queue, and how far they reach by their imports and live. Of one
# queue its own calls of long, and of all others those of a day.
_TOLD = """
SELECT c.queue_id, c.source, min(c.offered_at),
    max(greatest(c.offered_at, c.answered_at, c.ended_at))
FROM kpis_fillmark f CROSS JOIN LATERAL (
    SELECT * FROM ccm_call c
    WHERE c.queue_id = f.queue_id AND c.offered_at > f.newest_at - CASE
        WHEN %(queue)s::bigint IS NULL OR f.queue_id = %(queue)s THEN %(back)s
        ELSE interval '1 day' END OFFSET 0
) AS c
WHERE f.site_id = %(site)s AND f.queue_id IS NOT NULL
GROUP BY c.queue_id, c.source
UNION ALL SELECT NULL, source, NULL, max(last_at) FROM ccm_importbatch
    WHERE site_id = %(site)s AND NOT dry_run AND undone_at IS NULL GROUP BY source
UNION ALL SELECT NULL, source, NULL, heard_at FROM ccm_livesource WHERE site_id = %(site)s
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


def of_queues(
    site: Site, whole: datetime | None = None, queue: int | None = None
) -> dict[int, datetime]:
    """How far each queue of a site is known, or that one, by id; none of a site without a record,
    and none of a queue that no source ever told of, of which the site's reach holds. Two queries;
    one where it is known how far the `whole` site is."""
    whole = whole or of_sites([site.pk]).get(site.pk)
    if whole is None:
        return {}
    told: dict[int, dict[str, Told]] = defaultdict(dict)
    reach: dict[str, datetime] = {}
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"site": site.pk, "back": GONE + _FOLLOWS, "queue": queue}
        cursor.execute(_TOLD, asked)
        for pk, source, first, last in cursor.fetchall():
            if pk is not None and queue in (None, pk):
                told[pk][source] = Told(first, last)
            if last is not None:
                reach[source] = max(last, reach.get(source, last))
    return {pk: until(lately, reach, whole) for pk, lately in told.items()}


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
