"""Marks the days whose counts no longer hold, in the transaction that changed their calls."""

from collections.abc import Sequence
from datetime import date

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.models import Site

# Marks are made in one order, so that two writers never wait for each other in a circle.
_DIRTY = (
    "INSERT INTO ccm_dirtyday AS d (site_id, queue_id, day, marked_at)"
    " SELECT site, queue, day, clock_timestamp() FROM ("
)
_AGAIN = (
    ") AS marks(site, queue, day) ORDER BY site, queue NULLS FIRST, day"
    # An update that changes nothing, for its lock: see DirtyDay.
    " ON CONFLICT (site_id, queue_id, day) DO UPDATE SET marked_at = d.marked_at"
)


def touched(calls: pl.DataFrame, site: Site) -> list[tuple[int | None, date]]:
    """The queue days that calls were offered on."""
    day = pl.col("offered_at").dt.convert_time_zone(site.zone).dt.date()
    return calls.select("queue_id", day).unique().rows()


def mark_days(cursor: CursorWrapper, site: Site, days: Sequence[tuple[int | None, date]]) -> None:
    """Mark days of queues (None: calls on no queue)."""
    if not days:
        return
    queues, dates = zip(*days, strict=True)
    cursor.execute(
        f"{_DIRTY} SELECT %s::bigint, q, d FROM unnest(%s::bigint[], %s::date[]) AS u(q, d)"
        f" {_AGAIN}",
        [site.pk, list(queues), list(dates)],
    )


def mark_staged(cursor: CursorWrapper, site: Site, span: dict[str, str]) -> None:
    """Mark the days of what changed: where it is, where it was, and, after a transfer, where
    the contact went on."""
    cursor.execute(
        f"""{_DIRTY}
        SELECT site_id, queue_id, (moment AT TIME ZONE %(zone)s)::date
        FROM staged, LATERAL (VALUES (offered_at), (old_offered_at)) AS v(moment)
        WHERE fate <> 'duplicate' AND moment IS NOT NULL
        UNION
        SELECT c.site_id, c.queue_id, (c.offered_at AT TIME ZONE %(zone)s)::date
        FROM staged s, LATERAL (
            SELECT * FROM ccm_call c
            WHERE c.linked_id = s.linked_id AND c.source = s.source
              AND c.id BETWEEN %(low)s AND %(high)s
            OFFSET 0
        ) AS c
        WHERE s.fate <> 'duplicate' AND s.transfer_kind <> ''
        {_AGAIN}""",
        span | {"zone": site.zone},
    )


def mark_gained(cursor: CursorWrapper, site: Site, ids: list[str]) -> None:
    """Mark the days of calls that gained a ring or an answer."""
    if not ids:
        return
    cursor.execute(
        f"""{_DIRTY}
        SELECT DISTINCT site_id, queue_id, (offered_at AT TIME ZONE %s)::date
        FROM ccm_call WHERE id = ANY(%s::uuid[])
        {_AGAIN}""",
        [site.zone, ids],
    )
