"""What an import did to each queue's site days, counted while it writes.

Rows that could not be read have no queue and no day that one could trust, and agents' states and
answers told alone are of no queue's day: they are what the books of the whole have beyond these.
"""

from collections import defaultdict
from datetime import date, datetime

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.identity import id_floor
from ccm.imports.storing.target import Target
from ccm.intervals import DAY, day_of, site_days

_COUNT = """(SELECT count(*) FROM ccm_call c
    WHERE {} AND c.id >= u.low AND c.id < u.high
      AND c.offered_at >= u.start AND c.offered_at < u.stop)"""
_BEFORE = f"""
INSERT INTO ccm_importday (batch_id, queue, day, stored, updated, duplicate, made, before)
SELECT %(batch)s, u.queue, u.day, 0, 0, 0, 0,
    CASE WHEN u.id IS NULL THEN {_COUNT.format("c.site_id = %(site)s AND c.queue_id IS NULL")}
         ELSE {_COUNT.format("c.queue_id = u.id")} END
FROM unnest(%(queues)s, %(ids)s::bigint[], %(days)s::date[], %(starts)s::timestamptz[],
            %(stops)s::timestamptz[], %(lows)s::uuid[], %(highs)s::uuid[])
    AS u(queue, id, day, start, stop, low, high)
WHERE NOT EXISTS (
    SELECT FROM ccm_importday d
    WHERE d.batch_id = %(batch)s AND d.queue = u.queue AND d.day = u.day
)
"""
_ADD = """
UPDATE ccm_importday d SET stored = d.stored + u.stored, updated = d.updated + u.updated,
    duplicate = d.duplicate + u.duplicate, made = d.made + u.made
FROM unnest(%s, %s::date[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
    AS u(queue, day, stored, updated, duplicate, made)
WHERE d.batch_id = %s AND d.queue = u.queue AND d.day = u.day
"""
_FATES = ("stored", "updated", "duplicate")


class Days:
    """The queue days of a chunk's calls (`id`, `queue`, `queue_id`, `offered_at`); without an
    import there is nobody to tell, and nothing is counted."""

    def __init__(self, calls: pl.DataFrame, target: Target) -> None:
        self.target = target
        self.days: dict[datetime, date] = {}
        if target.batch_id is None:
            return
        self.calls = calls.select(
            pl.col("id").alias("made"),
            pl.col("queue").fill_null(""),
            "queue_id",
            # Days begin on a quarter hour everywhere.
            quarter=pl.col("offered_at").dt.truncate("15m"),
        )
        quarters = self.calls["quarter"].unique()
        self.days = {moment: day_of(moment, target.site.calendar) for moment in quarters}

    def count_before(self, cursor: CursorWrapper) -> None:
        """Count the calls that are there, of days which the import did not come to before."""
        if not self.days:
            return
        spots = {
            (queue, number, self.days[quarter])
            for queue, number, quarter in self.calls.select("queue", "queue_id", "quarter")
            .unique()
            .iter_rows()
        }
        queues, ids, days = zip(*spots, strict=True)
        spans = [site_days(day, day, self.target.site.calendar) for day in days]
        cursor.execute(
            _BEFORE,
            {
                "batch": self.target.batch_id,
                "site": self.target.site.pk,
                "queues": list(queues),
                "ids": list(ids),
                "days": list(days),
                "starts": [span.start for span in spans],
                "stops": [span.end for span in spans],
                "lows": [str(id_floor(span.start - DAY)) for span in spans],
                "highs": [str(id_floor(span.end + DAY)) for span in spans],
            },
        )

    def add(self, cursor: CursorWrapper, changed: pl.DataFrame) -> None:
        """Add what became of the calls: a frame of (made, fate, lines), one row a call."""
        if not self.days:
            return
        counted = (
            changed.join(self.calls.unique("made"), on="made", how="left")
            .group_by("queue", "quarter", "fate")
            .agg(pl.col("lines").sum(), pl.len().alias("calls"))
        )
        lines: dict[tuple[str, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for queue, quarter, fate, count, calls in counted.iter_rows():
            spot = lines[queue, self.days[quarter]]
            spot[fate] += count
            spot["made"] += calls if fate == "stored" else 0
        queues, days = zip(*lines, strict=True)
        columns = [[spot[name] for spot in lines.values()] for name in (*_FATES, "made")]
        cursor.execute(_ADD, [list(queues), list(days), *columns, self.target.batch_id])
