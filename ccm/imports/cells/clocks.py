"""What the ids of a table tell of its clock.

Asterisk names a channel by the second it was made in, since 1970, and a number: 1706362044.123.
Beside the naive local time of the same moment that tells how far the switch's clock is ahead of
UTC, and which number of a date is the day. What all rows tell is not asked for, and said in a
note. Nothing is taken from a single row: a leg may begin long after its channel was made.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns
from ccm.imports.cells.columns import Cells
from ccm.imports.files.tables import Table
from ccm.imports.records import NOTED, UTC_TIME, FileRefused, Issue, Reading

EPOCH = r"(?:^|-)(\d{9,10})\.\d+$"

_QUARTER = 900
# A channel's first row begins with it, to a few seconds.
_NEAR_SECONDS = 3
_FURTHEST_SECONDS = 14 * 3600
# Of all channels; the others are cut from their first rows, or follow a correction of the clock.
_MOST = 0.9
# The rule of the note that ids told the clock; its value is how far that is ahead of UTC.
ZONE_TOLD = "zone_told"


@dataclass(frozen=True, slots=True)
class Clock:
    """How a table's naive times are read: the order of their dates, and the zone they are in.

    `ahead` of UTC, where it is known and the zone does not fit, rules over the zone.
    """

    order: str
    zone: ZoneInfo | None
    ahead: timedelta | None = None
    notes: list[Issue] = field(default_factory=list)

    def moment(
        self, cells: Cells, column: str, wall: pl.Series, made: pl.Series, now: datetime
    ) -> pl.Series:
        """UTC moments of local times; wrong ones are refused as `Cells.moment` does.

        Nothing begins before its id was `made` (seconds since 1970, or null): that tells the
        second pass of an hour that the clocks told twice.
        """
        if self.ahead is None:
            assert self.zone is not None
            first, twice = columns.local_to_utc(wall, self.zone)
            early = twice & (first.dt.epoch("s") + _NEAR_SECONDS < made).fill_null(False)
            utc = cells.local(column, columns.pick(~early, wall), self.zone)
            if early.any():
                again = [one and _second_pass(one, self.zone) for one in columns.pick(early, wall)]
                utc = utc.fill_null(pl.Series(again, dtype=UTC_TIME))
        else:
            utc = wall.dt.replace_time_zone("UTC") - self.ahead
        cells.bounded(column, utc, now)
        return utc


def _second_pass(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def epochs(ids: pl.Series) -> pl.Series:
    """The seconds since 1970 (Int64) in ids that hold them, null for others."""
    return ids.str.extract(EPOCH, 1).cast(pl.Int64)


def told(table: Table, stamp: str, ids: str, reading: Reading) -> Clock:
    """The clock of a table whose column `stamp` is local time and whose column `ids` has epochs.

    Raises FileRefused where ids are silent and the zone or the order of the dates is not said,
    and where the ids tell of several offsets from UTC that are not those of the zone.
    """
    count = _count(table, stamp, ids, reading.zone) if ids in table.columns else _Count()
    zone, notes = reading.zone, []
    decided = {order for order, number in count.orders.items() if number}
    if len(decided) == 1:
        [order] = decided
        words = {
            "dmy": _("By the times in its ids, day comes before month in its dates."),
            "mdy": _("By the times in its ids, month comes before day in its dates."),
        }
        notes.append(Issue(1, table.label(stamp), "", "date_order_told", words[order], NOTED))
    elif count.year_last is False:
        order = ""
    else:
        order = columns.date_order(table, stamp, reading.date_order)
    read_as = order or "dmy"
    seen = count.channels[read_as]
    if not seen:
        if zone is None:
            raise FileRefused(_("Its times name no zone: say which one they are in."))
        return Clock(order, zone, None, notes)
    if zone is not None and count.fitting[read_as] >= _MOST * seen:
        return Clock(order, zone, None, notes)
    [(offset, number)] = count.ahead[read_as].most_common(1)
    if number < _MOST * seen:
        raise FileRefused(
            _(
                "By the times in its ids its clock was at several distances from UTC, and not at "
                "those of %(zone)s: say which zone its times are in."
            )
            % {"zone": zone or _("a known zone")}
        )
    hours = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02}:{abs(offset) // 60 % 60:02}"
    message = _("By the times in its ids its clock is at UTC%s: read so.") % hours
    notes.append(Issue(1, table.label(stamp), hours, ZONE_TOLD, message, NOTED))
    return Clock(order, zone, timedelta(seconds=offset), notes)


@dataclass(slots=True)
class _Count:
    """Channels whose first row is there, by the order their dates are read in.

    `ahead` are seconds ahead of UTC, `fitting` how many are as far ahead as the zone said is,
    `orders` how many tell the order because read in the other one they mean another day.
    `year_last` is whether any date has an order to tell, None where that was not looked at.
    """

    channels: Counter[str] = field(default_factory=Counter)
    fitting: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    year_last: bool | None = None
    ahead: dict[str, Counter[int]] = field(
        default_factory=lambda: {"dmy": Counter(), "mdy": Counter()}
    )


def _count(table: Table, stamp: str, ids: str, zone: ZoneInfo | None) -> _Count:
    count = _Count(year_last=False)
    for rows in table.stretches(0, 200_000, stamp, ids):
        texts = rows.frame[stamp]
        made = epochs(rows.frame[ids])
        plain = columns.stamps(texts, "")
        year_last = plain.null_count() > texts.null_count()
        count.year_last = count.year_last or year_last
        walls = [columns.stamps(texts, order) if year_last else plain for order in ("dmy", "mdy")]
        differ = walls[0].ne_missing(walls[1])
        for order, wall in zip(("dmy", "mdy"), walls, strict=True):
            first = _first_rows(rows.frame[ids], made, wall, differ)
            count.channels[order] += first.height
            count.orders[order] += int(first["differ"].sum())
            for offset, number in first["ahead"].value_counts().iter_rows():
                count.ahead[order][offset] += number
            if zone is not None and first.height:
                count.fitting[order] += int((first["ahead"] == _ahead(first["made"], zone)).sum())
    return count


def _first_rows(
    ids: pl.Series, made: pl.Series, wall: pl.Series, differ: pl.Series
) -> pl.DataFrame:
    """Channels whose first row is there, with how far `ahead` of UTC its clock was, in seconds."""
    apart = pl.col("wall") - pl.col("made")
    return (
        pl.DataFrame(
            {"id": ids, "made": made, "wall": wall.dt.epoch("s"), "differ": differ},
        )
        .drop_nulls()
        .group_by("id")
        .agg(pl.col("made", "differ").first(), pl.col("wall").min())
        .with_columns(ahead=(apart + _NEAR_SECONDS) // _QUARTER * _QUARTER)
        .filter(
            apart - pl.col("ahead") <= _NEAR_SECONDS,
            pl.col("ahead").abs() <= _FURTHEST_SECONDS,
        )
    )


def _ahead(made: pl.Series, zone: ZoneInfo) -> pl.Series:
    """How many seconds a zone's clock is ahead of UTC at moments since 1970."""
    quarters = made // _QUARTER * _QUARTER
    known = {}
    for one in quarters.unique():
        offset = datetime.fromtimestamp(one, zone).utcoffset()
        assert offset is not None
        known[one] = int(offset.total_seconds())
    return quarters.replace_strict(known, return_dtype=pl.Int64)
