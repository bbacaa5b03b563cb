"""Rows that tell the totals of a day or an interval. Sums, not means, come out."""

from datetime import timedelta

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.mapping.cellwise import Read, When, begun
from ccm.imports.records import CALLS, COUNTS, Chunk, whole


def chunk(read: Read) -> Chunk:
    """The totals of a stretch of rows, a row each."""
    when = read.when()
    offered, answered, abandoned = (
        read.count(name) for name in ("offered", "answered_count", "abandoned_count")
    )
    weight = answered if read.profile.has("answered_count") else offered
    level = read.number("service_level")
    sums = {name: (read.duration(f"{name}_mean") * weight) for name in ("wait", "talk", "handle")}
    first = read.profile.column("offered") or read.profile.column("answered_count")
    if first is not None and read.profile.has("offered") and read.profile.has("answered_count"):
        message = _("More were answered than offered.")
        read.cells.reject(answered > offered, first.label, "range", message)
    column = read.profile.column("service_level")
    # 0.9 may be a share, but 0.9 % is none.
    percent = level > 1
    if column is not None and column.scale:
        percent = pl.repeat(column.scale[1] > 1, len(level), dtype=pl.Boolean, eager=True)
    if column is not None:
        percent |= read.cells.rows[column.label].str.contains("%", literal=True)
    share = columns.pick(percent, level / 100, level)
    if column is not None:
        message = _("It is no share of calls.")
        read.cells.reject((share < 0) | (share > 1), column.label, "range", message)
    counted = offered if read.profile.has("offered") else answered
    frame = pl.DataFrame(
        {
            "line": read.cells.rows["line"],
            "lines": pl.repeat(1, read.cells.rows.height, eager=True),
            "queue": read.queue(),
            "agent": read.words("agent", 160),
            "starts_at": when.utc,
            "ends_at": _span_ends(read, when),
            "offered": offered,
            "answered": answered,
            "abandoned": abandoned,
            "wait_ms": sums["wait"],
            "talk_ms": sums["talk"],
            "handle_ms": sums["handle"],
            # The share of a whole number of calls, so its count is the nearest one.
            "answered_within": (share * counted).round(0).cast(pl.Int64, strict=False),
            "extra": read.extra(),
        }
    )
    if column is not None:
        frame = frame.with_columns(threshold_seconds=read.profile.threshold_seconds)
    frame = frame.filter(~read.cells.bad)
    made = columns.chunk(read.stretch, read.cells, pl.DataFrame(schema=CALLS))
    made.counts = whole(frame, COUNTS)
    return made


def _span_ends(read: Read, when: When) -> pl.Series:
    minutes = read.profile.minutes
    length = timedelta(minutes=minutes)
    if minutes % 1440:
        return when.utc + length
    # Days end at the site's midnight, also where its clocks change.
    zone, ends = read.zone(), when.wall + length
    local = columns.local_to_utc(begun(ends, when.has_clock, zone), zone)[0]
    return columns.pick(when.naive & local.is_not_null(), local, when.utc + length)
