"""Columns of text become what a mapping says they mean: one stretch of rows, target by target.

Series are aligned with the rows; null where there is no such column. What a cell cannot be is an
issue of its row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from django.utils.translation import gettext as _

from ccm.exports import GUARD
from ccm.imports.cells import columns, times
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.files import rows
from ccm.imports.files.rows import SaidTable
from ccm.imports.files.tables import Rows as Stretch
from ccm.imports.mapping.namer import ID, Namer
from ccm.imports.mapping.profile import NO_QUEUE, Profile
from ccm.imports.mapping.targets import KEEP, LEFT_OUT
from ccm.imports.mapping.words import NO, YES
from ccm.imports.records import UTC_TIME, Reading
from ccm.names import INVISIBLE
from ccm.phones import hidden_cells

LONGEST_MS = LONGEST_SECONDS * 1_000
# Of one span. More would not be counts, and their sums of durations more than a database holds.
MOST_CALLS = 1_000_000_000
# A stamp without a date that lies so far before the call's start is of the next day.
NEXT_DAY_SECONDS = 12 * 3600
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class When:
    """Moments of a column: as written (`wall`), in UTC, whether they leave their zone to be said
    (`naive`), and whether they tell a time of day."""

    wall: pl.Series
    utc: pl.Series
    naive: pl.Series
    has_clock: pl.Series
    has_seconds: pl.Series


class Read:
    """One stretch of rows as its profile reads them."""

    def __init__(
        self,
        profile: Profile,
        table: SaidTable,
        stretch: Stretch,
        reading: Reading,
        namer: Namer | None,
    ) -> None:
        self.profile, self.stretch, self.reading = profile, stretch, reading
        frame = _as_written(stretch.frame) if profile.rows.is_list else stretch.frame
        if namer:
            texts = frame.select("line").join(stretch.texts, on="line", maintain_order="left")
            frame = frame.with_columns(pl.Series(ID, namer.names(texts["text"]), dtype=pl.String))
        self.cells = Cells(_without_nulls(profile, frame), table)

    def leave_out(self) -> None:
        """Ignore the rows whose words mean that they are to be left out."""
        for one in self.profile.columns:
            words = [word for word, meaning in one.meanings.items() if meaning == LEFT_OUT]
            if not words or one.label not in self.cells.rows.columns:
                continue
            which = self.cells.rows[one.label].str.to_lowercase().is_in(words).fill_null(False)
            message = _("Left out, as the mapping says of this value.")
            self.stretch.ignored += self.cells.ignore(which, one.label, "left_out", message)
            self.cells = self.cells.without(which)

    def words(self, target: str, limit: int = 120, *, required: bool = False) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.String)
        words = self.cells.text(column.label, limit=limit, required=required)
        if column.parted:
            parts = words.str.split(column.parted)
            words = parts.list.eval(pl.element().str.strip_chars()).list.join(" / ")
        return words

    def yes_no(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.Boolean)
        said = {word: meaning == "yes" for word, meaning in column.meanings.items()}
        known = dict.fromkeys(NO, False) | dict.fromkeys(YES, True) | said
        return self.cells.choice(column.label, known, required=False)

    def choice(self, target: str, *, required: bool = False) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.String)
        choices = self.profile.targets[target].choices or {}
        known = {name: name for name in choices if name != LEFT_OUT} | dict(column.meanings)
        return self.cells.choice(column.label, known, required=required)

    def duration(self, target: str) -> pl.Series:
        """Milliseconds; what is below 0 is unknown."""
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.Int64)
        slow = partial(times.duration_ms, unit=column.unit, decimal=column.decimal)
        message = _("It is no duration in %s.") % times.unit_words()[column.unit]
        value = self.cells.parsed(column.label, pl.Int64, slow, "duration", message)
        message = _("It is longer than 24 days.")
        self.cells.reject(value > LONGEST_MS, column.label, "range", message)
        below = (value < 0).fill_null(False)
        self.cells.note(below, column.label, "negative", _("It is negative: taken as unknown."))
        return columns.pick(~below, value)

    def number(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.Float64)
        slow = partial(times.number, decimal=column.decimal)
        return self.cells.parsed(column.label, pl.Float64, slow, "number", _("It is no number."))

    def count(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        value = self.number(target)
        if column is not None:
            wrong = (value < 0) | (value != value.floor()) | (value > MOST_CALLS)
            self.cells.reject(wrong, column.label, "range", _("It is no count."))
        return value.cast(pl.Int64, strict=False)

    def none(self, kind: type[pl.DataType]) -> pl.Series:
        return pl.repeat(None, self.cells.rows.height, dtype=kind, eager=True)

    def when(self) -> When:
        """When each row's thing happened. Rows without it are rejected."""
        whole_column, day = self.profile.column("moment"), self.profile.column("date")
        column = whole_column or day
        assert column is not None
        read = self.cells.moments(column.label, column.spelling, required=True)
        clock = self.profile.column("time")
        if whole_column is None and clock is not None:
            seconds = self.cells.clocks(clock.label, required=True)
            midnight = read["wall"].dt.truncate("1d")
            wall = midnight + span(seconds * 1_000)
            seconds_told = self.cells.rows[clock.label].str.count_matches(r"[:h.m]") >= 2
            read = read.with_columns(
                wall=wall, has_clock=pl.lit(True), has_seconds=seconds_told.fill_null(False)
            )
        utc = self._utc(column.label, read)
        naive = read["offset_s"].is_null()
        return When(read["wall"], utc, naive, read["has_clock"], read["has_seconds"])

    def _utc(self, label: str, read: pl.DataFrame) -> pl.Series:
        """UTC of moments: by what the cell itself says, the row's zone, or the reading's."""
        told = read["offset_s"]
        shifted = read["wall"].dt.replace_time_zone("UTC") - span(told.fill_null(0) * 1_000)
        naive = columns.pick(told.is_null(), read["wall"])
        utc = pl.Series([None], dtype=UTC_TIME).new_from_index(0, len(naive))
        if naive.null_count() < len(naive):
            utc = self._local(label, naive, read["has_clock"])
        utc = columns.pick(told.is_null(), utc, shifted.cast(UTC_TIME))
        self.cells.bounded(label, utc, self.reading.now)
        return utc

    def zone(self) -> ZoneInfo:
        """The zone of naive times where no row names its own."""
        assert self.reading.zone is not None
        return self.reading.zone

    def _local(self, label: str, wall: pl.Series, has_clock: pl.Series) -> pl.Series:
        by_row = self.profile.column("zone")
        if by_row is None:
            zone = self.zone()
            return self.cells.local(label, begun(wall, has_clock, zone), zone)
        names = self.words("zone")
        utc = pl.Series([None], dtype=UTC_TIME).new_from_index(0, len(wall))
        unknown = []
        for name in names.drop_nulls().unique():
            try:
                zone = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                unknown.append(name)
                continue
            here = (names == name).fill_null(False)
            wall_begun = begun(columns.pick(here, wall), has_clock, zone)
            utc = columns.pick(here, self.cells.local(label, wall_begun, zone), utc)
        message = _("It is no time zone of the IANA list, such as Europe/Paris.")
        wrong = names.is_in(unknown) | (names.is_null() & wall.is_not_null())
        self.cells.reject(wrong, by_row.label, "zone", message)
        return utc

    def later(self, target: str, when: When) -> pl.Series:
        """UTC of a later moment of the same row: a stamp of its own, or a clock alone, which
        far before the start is of the next day."""
        column = self.profile.column(target)
        if column is None:
            return self.none(pl.Int64).cast(UTC_TIME)
        if column.spelling != times.CLOCK:
            return self._utc(column.label, self.cells.moments(column.label, column.spelling))
        seconds = self.cells.clocks(column.label)
        midnight = when.wall.dt.truncate("1d")
        start = (when.wall - midnight).dt.total_seconds()
        over = (start - seconds > NEXT_DAY_SECONDS).fill_null(False)
        gone = columns.pick(over, seconds + DAY_SECONDS, seconds) - start
        fraction = when.wall.dt.microsecond().cast(pl.Int64) // 1_000
        later = when.utc + span(gone * 1_000 - fraction)
        if self.profile.has("zone") or not when.naive.any():
            return later
        # A call that goes on through a change of the clocks ends by the new ones.
        end = midnight + span((start + gone) * 1_000)
        here, twice = columns.local_to_utc(end, self.zone())
        second = twice & (here < when.utc)
        here = columns.pick(second, here + span(pl.Series([3_600_000])), here)
        return columns.pick((when.naive & here.is_not_null()).fill_null(False), here, later)

    def queue(self) -> pl.Series:
        """The queue of each row: the one it names, else that of all of them."""
        named = self.words("queue")
        if self.profile.queue and self.profile.queue != NO_QUEUE:
            return named.fill_null(self.profile.queue)
        return named

    def ids(self, birth_column: str) -> pl.Series:
        if ID in self.cells.rows.columns:
            return self.cells.rows[ID]
        return self.cells.joined(*(one.label for one in self.profile.every(birth_column)))

    def linked(self) -> pl.Series:
        names = [one.label for one in self.profile.every("linked_id")]
        if len(names) > 1:
            return self.cells.joined(*names)
        return self.words("linked_id")

    def id_label(self) -> str:
        column = self.profile.column("external_id")
        return column.label if column else self.cells.table.labels[0]

    def extra(self, others: Mapping[str, pl.Series] | None = None, **named: pl.Series) -> pl.Series:
        """What is kept beside, a JSON object a row: columns as they are, those of `others` by
        their labels, and what is `named` by the record itself."""
        kept = [
            columns.json_member(one.label, hidden_cells(self.cells.rows[one.label], one.label))
            for one in self.profile.columns
            if one.target == KEEP and one.label in self.cells.rows.columns
        ]
        mapped = {one.label for one in self.profile.columns}
        kept += [
            columns.json_member(label, hidden_cells(self.cells.rows[label], label))
            for label in self.cells.table.labels
            if label not in mapped
        ]
        if rows.REST in self.cells.rows.columns:
            kept.append(columns.json_member(_("others"), self.cells.rows[rows.REST]))
        kept += [
            columns.json_member(label, hidden_cells(cells, label))
            for label, cells in (others or {}).items()
        ]
        kept += [columns.json_member(name, value) for name, value in named.items()]
        return columns.json_object(kept, self.cells.rows.height)


def begun(wall: pl.Series, has_clock: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Local times, of which a day whose midnight the clocks skipped begins when they went on."""
    if has_clock.all():
        return wall
    skipped = columns.local_to_utc(wall, zone)[0].is_null() & wall.is_not_null()
    return columns.pick(skipped & ~has_clock, wall.dt.offset_by("1h"), wall)


def span(ms: pl.Series) -> pl.Series:
    """Milliseconds as lengths of time."""
    return (ms.cast(pl.Int64) * 1_000).cast(pl.Duration("us"))


def _as_written(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells of a list as somebody sees them, and as they were before an export made them
    harmless in a spreadsheet: what is exported can be imported again."""
    cells = pl.col(pl.String).str.replace_all(INVISIBLE, "").str.replace(GUARD, "$1")
    return frame.with_columns(cells.replace("", None))


def _without_nulls(profile: Profile, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the words that mean nothing made null."""
    gone: Mapping[str, tuple[str, ...]] = {
        one.label: one.nulls for one in profile.columns if one.nulls and one.label in frame.columns
    }
    return frame.with_columns(
        pl.when(~pl.col(label).is_in(list(words))).then(label).alias(label)
        for label, words in gone.items()
    )
