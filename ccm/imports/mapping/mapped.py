"""Files that no named format knows: read as a profile says, whatever system wrote them.

Durations are what the file writes; stamps only fill what it does not. Rows without an id are told
apart by their content and by how many like them came before in the file, so that equal rows are
separate calls and the same file read again is the same calls.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.cells import columns, times
from ccm.imports.cells.columns import LONGEST_SECONDS, Cells
from ccm.imports.facts import reading as lists
from ccm.imports.files import rows, tables
from ccm.imports.files.dialect import LOOKED_AT
from ccm.imports.files.rows import SaidTable
from ccm.imports.files.tables import Rows as Stretch
from ccm.imports.mapping.profile import (
    ALL,
    BY_AGENT,
    BY_COLUMN,
    BY_MOMENT,
    BY_TALK,
    BY_WAIT,
    NO_QUEUE,
    Profile,
)
from ccm.imports.mapping.targets import DROP, KEEP, LEFT_OUT, SURVEY_KINDS, Cell, Rows
from ccm.imports.mapping.words import NO, YES
from ccm.imports.records import (
    CALLS,
    COUNTS,
    STATES,
    SURVEYS,
    UTC_TIME,
    Chunk,
    FileRefused,
    Reading,
    whole,
)

LONGEST_MS = LONGEST_SECONDS * 1_000
# Of one span. More would not be counts, and their sums of durations more than a database holds.
MOST_CALLS = 1_000_000_000
# A stamp without a date that lies so far before the call's start is of the next day.
NEXT_DAY_SECONDS = 12 * 3600
DAY_SECONDS = 86_400
# From what to what an answer may go.
_SCALE = r"^(-?\d{1,9})\s*(?:-|–|\.\.|/|to)\s*(-?\d{1,9})$"


class Mapped:
    """A format made of a profile; see `records.Format`."""

    needs_zone = True
    has_queue = False

    def __init__(self, profile: Profile, name: str, label: str = "") -> None:
        self.profile, self.name, self.label = profile, name, label or name
        self.zone = profile.zone or None

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether the file's header has every column that the mapping gives a meaning.

        A file without a header says too little to be told by it.
        """
        texts = head.decode(errors="replace").split("\n")
        labels = set(rows.unlike(rows.labels_in(texts, self.profile.dialect)))
        meant = {one.label for one in self.profile.columns if one.target not in (KEEP, DROP)}
        return len(meant) > 1 and meant <= labels

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of rows. Raises FileRefused where the file is not as the profile says, or where
        the profile leaves open what it must not."""
        profile = self.profile.on_queue(reading.queue)
        if problems := profile.problems():
            raise FileRefused(" ".join(problems))
        most = tables.SHEET_ROWS if reading.most_rows is None else reading.most_rows + LOOKED_AT
        with rows.opened(path, profile.dialect, twins=profile.nameless, most=most) as table:
            yield from self.chunks(table, reading)

    def chunks(self, table: SaidTable, reading: Reading) -> Iterator[Chunk]:
        """Chunks of a table opened as the profile says. Raises FileRefused as `read` does."""
        profile = self.profile.on_queue(reading.queue)
        if reading.zone is None and not says_zone(profile) and not profile.rows.is_list:
            raise FileRefused(_("Its times name no zone: say which one they are in."))
        _check_columns(profile, table)
        namer = Namer(table, reading.start) if profile.nameless else None
        for stretch in table.stretches(reading.start, reading.chunk_lines):
            reading.passed(stretch.done)
            yield _Read(profile, table, stretch, reading, namer).chunk()


def says_zone(profile: Profile) -> bool:
    when = profile.column("moment")
    return profile.has("zone") or bool(when and when.spelling in (times.EPOCH, times.EPOCH_MS))


def _check_columns(profile: Profile, table: SaidTable) -> None:
    missing = [
        one.label
        for one in profile.columns
        if one.target not in (KEEP, DROP) and one.label not in table.labels
    ]
    if missing:
        raise FileRefused(
            _("It lacks the columns %(missing)s. It has %(there)s.")
            % {"missing": ", ".join(missing), "there": ", ".join(table.labels)}
        )


class Namer:
    """Ids for rows that have none: of their text, and of the how-manieth of its kind it is.

    Only rows whose text comes again in the file need counting: those are found beforehand, so a
    reading that goes on from the middle names them as the first would have.
    """

    def __init__(self, table: SaidTable, start: int) -> None:
        hashes = [text.hash() for text in table.texts()]
        every = pl.concat(hashes) if hashes else pl.Series(dtype=pl.UInt64)
        self.again = set(every.filter(every.is_duplicated()).unique())
        self.seen: Counter[str] = Counter()
        for text in table.texts(start):
            self.names(text)

    def names(self, text: pl.Series) -> list[str]:
        """An id for each text, in the order of the file."""
        made = [blake2b(one.encode(), digest_size=12).hexdigest() for one in text]
        if not self.again:
            return made
        for place, hashed in enumerate(text.hash()):
            if hashed in self.again:
                name = made[place]
                self.seen[name] += 1
                if self.seen[name] > 1:
                    made[place] = f"{name}-{self.seen[name]}"
        return made


@dataclass(frozen=True, slots=True)
class _When:
    """Moments of a column: as written (`wall`), in UTC, whether they leave their zone to be said
    (`naive`), and whether they tell a time of day."""

    wall: pl.Series
    utc: pl.Series
    naive: pl.Series
    has_clock: pl.Series
    has_seconds: pl.Series


class _Read:
    """One stretch of rows becoming records."""

    def __init__(
        self,
        profile: Profile,
        table: SaidTable,
        stretch: Stretch,
        reading: Reading,
        namer: Namer | None,
    ) -> None:
        self.profile, self.stretch, self.reading = profile, stretch, reading
        frame = stretch.frame
        if namer:
            texts = frame.select("line").join(stretch.texts, on="line", maintain_order="left")
            frame = frame.with_columns(
                pl.Series("\0id", namer.names(texts["text"]), dtype=pl.String)
            )
        self.cells = Cells(_without_nulls(profile, frame), table)

    def chunk(self) -> Chunk:
        """The records of the stretch, every row accounted for."""
        self._leave_out()
        if self.profile.rows.is_list:
            return lists.chunk(self.profile, self.cells, self.stretch)
        make = {
            Rows.CALLS: self._calls,
            Rows.ANSWERS: self._answers,
            Rows.STATES: self._states,
            Rows.TOTALS: self._totals,
        }[self.profile.rows]
        return make()

    def _leave_out(self) -> None:
        """Ignore the rows whose words mean that they are to be left out."""
        for one in self.profile.columns:
            words = [word for word, meaning in one.meanings.items() if meaning == LEFT_OUT]
            if not words or one.label not in self.cells.rows.columns:
                continue
            which = self.cells.rows[one.label].str.to_lowercase().is_in(words).fill_null(False)
            message = _("Left out, as the mapping says of this value.")
            self.stretch.ignored += self.cells.ignore(which, one.label, "left_out", message)
            self.cells = self.cells.without(which)

    # Cells of one target, aligned with the rows; null where there is no such column.

    def _words(self, target: str, limit: int = 120, *, required: bool = False) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.String)
        words = self.cells.text(column.label, limit=limit, required=required)
        if column.parted:
            parts = words.str.split(column.parted)
            words = parts.list.eval(pl.element().str.strip_chars()).list.join(" / ")
        return words

    def _yes_no(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.Boolean)
        said = {word: meaning == "yes" for word, meaning in column.meanings.items()}
        known = dict.fromkeys(NO, False) | dict.fromkeys(YES, True) | said
        return self.cells.choice(column.label, known, required=False)

    def _choice(self, target: str, *, required: bool = False) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.String)
        choices = self.profile.targets[target].choices or {}
        known = {name: name for name in choices if name != LEFT_OUT} | dict(column.meanings)
        return self.cells.choice(column.label, known, required=required)

    def _duration(self, target: str) -> pl.Series:
        """Milliseconds; what is below 0 is unknown."""
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.Int64)
        slow = partial(times.duration_ms, unit=column.unit, decimal=column.decimal)
        message = _("It is no duration in %s.") % column.unit
        value = self.cells.parsed(column.label, pl.Int64, slow, "duration", message)
        message = _("It is longer than 24 days.")
        self.cells.reject(value > LONGEST_MS, column.label, "range", message)
        below = (value < 0).fill_null(False)
        self.cells.note(below, column.label, "negative", _("It is negative: taken as unknown."))
        return columns.pick(~below, value)

    def _number(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.Float64)
        slow = partial(times.number, decimal=column.decimal)
        return self.cells.parsed(column.label, pl.Float64, slow, "number", _("It is no number."))

    def _count(self, target: str) -> pl.Series:
        column = self.profile.column(target)
        value = self._number(target)
        if column is not None:
            wrong = (value < 0) | (value != value.floor()) | (value > MOST_CALLS)
            self.cells.reject(wrong, column.label, "range", _("It is no count."))
        return value.cast(pl.Int64, strict=False)

    def _none(self, kind: type[pl.DataType]) -> pl.Series:
        return pl.repeat(None, self.cells.rows.height, dtype=kind, eager=True)

    def _when(self) -> _When:
        """When each row's thing happened. Rows without it are rejected."""
        whole_column, day = self.profile.column("moment"), self.profile.column("date")
        column = whole_column or day
        assert column is not None
        read = self.cells.moments(column.label, column.spelling, required=True)
        clock = self.profile.column("time")
        if whole_column is None and clock is not None:
            seconds = self.cells.clocks(clock.label, required=True)
            midnight = read["wall"].dt.truncate("1d")
            wall = midnight + _span(seconds * 1_000)
            seconds_told = self.cells.rows[clock.label].str.count_matches(r"[:h.m]") >= 2
            read = read.with_columns(
                wall=wall, has_clock=pl.lit(True), has_seconds=seconds_told.fill_null(False)
            )
        utc = self._utc(column.label, read)
        naive = read["offset_s"].is_null()
        return _When(read["wall"], utc, naive, read["has_clock"], read["has_seconds"])

    def _utc(self, label: str, read: pl.DataFrame) -> pl.Series:
        """UTC of moments: by what the cell itself says, the row's zone, or the reading's."""
        told = read["offset_s"]
        shifted = read["wall"].dt.replace_time_zone("UTC") - _span(told.fill_null(0) * 1_000)
        naive = columns.pick(told.is_null(), read["wall"])
        utc = pl.Series([None], dtype=UTC_TIME).new_from_index(0, len(naive))
        if naive.null_count() < len(naive):
            utc = self._local(label, naive, read["has_clock"])
        utc = columns.pick(told.is_null(), utc, shifted.cast(UTC_TIME))
        self.cells.bounded(label, utc, self.reading.now)
        return utc

    def _zone(self) -> ZoneInfo:
        """The zone of naive times where no row names its own."""
        assert self.reading.zone is not None
        return self.reading.zone

    def _local(self, label: str, wall: pl.Series, has_clock: pl.Series) -> pl.Series:
        by_row = self.profile.column("zone")
        if by_row is None:
            zone = self._zone()
            return self.cells.local(label, _begun(wall, has_clock, zone), zone)
        names = self._words("zone")
        utc = pl.Series([None], dtype=UTC_TIME).new_from_index(0, len(wall))
        unknown = []
        for name in names.drop_nulls().unique():
            try:
                zone = ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                unknown.append(name)
                continue
            here = (names == name).fill_null(False)
            begun = _begun(columns.pick(here, wall), has_clock, zone)
            utc = columns.pick(here, self.cells.local(label, begun, zone), utc)
        message = _("It is no time zone of the IANA list, such as Europe/Paris.")
        wrong = names.is_in(unknown) | (names.is_null() & wall.is_not_null())
        self.cells.reject(wrong, by_row.label, "zone", message)
        return utc

    def _later(self, target: str, when: _When) -> pl.Series:
        """UTC of a later moment of the same row: a stamp of its own, or a clock alone, which
        far before the start is of the next day."""
        column = self.profile.column(target)
        if column is None:
            return self._none(pl.Int64).cast(UTC_TIME)
        if column.spelling != times.CLOCK:
            return self._utc(column.label, self.cells.moments(column.label, column.spelling))
        seconds = self.cells.clocks(column.label)
        midnight = when.wall.dt.truncate("1d")
        start = (when.wall - midnight).dt.total_seconds()
        over = (start - seconds > NEXT_DAY_SECONDS).fill_null(False)
        gone = columns.pick(over, seconds + DAY_SECONDS, seconds) - start
        fraction = when.wall.dt.microsecond().cast(pl.Int64) // 1_000
        later = when.utc + _span(gone * 1_000 - fraction)
        if self.profile.has("zone") or not when.naive.any():
            return later
        # A call that goes on through a change of the clocks ends by the new ones.
        end = midnight + _span((start + gone) * 1_000)
        here, twice = columns.local_to_utc(end, self._zone())
        second = twice & (here < when.utc)
        here = columns.pick(second, here + _span(pl.Series([3_600_000])), here)
        return columns.pick((when.naive & here.is_not_null()).fill_null(False), here, later)

    def _ids(self, birth_column: str) -> pl.Series:
        if "\0id" in self.cells.rows.columns:
            return self.cells.rows["\0id"]
        return self.cells.joined(*(one.label for one in self.profile.every(birth_column)))

    def _linked(self) -> pl.Series:
        names = [one.label for one in self.profile.every("linked_id")]
        if len(names) > 1:
            return self.cells.joined(*names)
        return self._words("linked_id")

    def _extra(self, **named: pl.Series) -> pl.Series:
        kept = [
            columns.json_member(one.label, self.cells.rows[one.label])
            for one in self.profile.columns
            if one.target == KEEP and one.label in self.cells.rows.columns
        ]
        mapped = {one.label for one in self.profile.columns}
        kept += [
            columns.json_member(label, self.cells.rows[label])
            for label in self.cells.table.labels
            if label not in mapped
        ]
        if rows.REST in self.cells.rows.columns:
            kept.append(columns.json_member(_("others"), self.cells.rows[rows.REST]))
        kept += [columns.json_member(name, value) for name, value in named.items()]
        return columns.json_object(kept, self.cells.rows.height)

    # Calls

    def _calls(self) -> Chunk:
        when = self._when()
        said_outcome, said_answered = self._choice("outcome"), self._yes_no("answered")
        agent, wait, talk = (
            self._words("agent", 160),
            self._duration("wait"),
            self._duration("talk"),
        )
        queued_at = self._later("queued_at", when)
        rang_at = self._later("rang_at", when)
        answered_at = self._later("answered_at", when)
        ended_at = self._later("ended_at", when)
        lasted = self._duration("duration")
        ended_at = columns.pick(ended_at.is_null(), when.utc + _span(lasted), ended_at)
        outcome = self._outcome(said_outcome, said_answered, answered_at, talk, wait, agent)
        was = (outcome == "answered").fill_null(False)
        queue = self._words("queue")
        if self.profile.queue and self.profile.queue != NO_QUEUE:
            queue = queue.fill_null(self.profile.queue)
        frame = pl.DataFrame(
            {
                "line": self.cells.rows["line"],
                "external_id": self._ids("external_id"),
                "linked": self._linked(),
                "queue": queue,
                "agent": agent,
                "was": was,
                "outcome": outcome,
                "topic": self._words("topic"),
                "disposition": self._words("disposition"),
                "caller": self._words("caller"),
                "direction": self._choice("direction").fill_null("inbound"),
                "channel": self._choice("channel").fill_null("voice"),
                "birth_ms": columns.wall_ms(when.wall),
                "offered_at": columns.pick(
                    (queued_at >= when.utc).fill_null(False), queued_at, when.utc
                ),
                "answered_at": answered_at,
                "ended_at": ended_at,
                "has_clock": when.has_clock,
                "has_seconds": when.has_seconds,
                "wait": wait,
                "talk": talk,
                **{f"{name}_ms": self._duration(name) for name in ("ivr", "ring", "hold", "acw")},
                "rang_at": rang_at,
                "resolved": self._yes_no("resolved"),
                "resolvable": self._yes_no("resolvable"),
                "consent": self._yes_no("consent"),
                "recording": self._words("recording", 300),
                "transcript": self._words("transcript", 300),
                "transfer_target": self._words("transfer_target"),
                "sale_value": self._number("sale_value"),
                "pipeline_value": self._number("pipeline_value"),
                "extra": self._extra(named_agent=columns.pick(~was, agent)),
                **self._scores(),
            }
        )
        frame = self.cells.kept(frame, ["external_id", "queue", "birth_ms"], self._id_label())
        if self.profile.no_wait_left_menu:
            unmet = (pl.col("outcome") == "abandoned") & (pl.col("wait") == 0)
            frame = frame.with_columns(
                outcome=pl.when(unmet).then(pl.lit("left_ivr")).otherwise("outcome")
            )
        calls = self._records(frame)
        answers = self._answers_of(calls, frame)
        return columns.chunk(self.stretch, self.cells, calls, answers)

    def _id_label(self) -> str:
        column = self.profile.column("external_id")
        return column.label if column else self.cells.table.labels[0]

    def _outcome(
        self,
        said: pl.Series,
        answered: pl.Series,
        answered_at: pl.Series,
        talk: pl.Series,
        wait: pl.Series,
        agent: pl.Series,
    ) -> pl.Series:
        """What became of each call, by what the profile says tells it."""
        by = self.profile.answered_by
        if by == BY_COLUMN:
            column = self.profile.column("outcome") or self.profile.column("answered")
            assert column is not None
            flags = columns.pick(
                answered.fill_null(False),
                pl.repeat("answered", len(answered), eager=True),
                pl.repeat("abandoned", len(answered), eager=True),
            )
            outcome = said.fill_null(columns.pick(answered.is_not_null(), flags))
            self.cells.reject(
                outcome.is_null() & ~self.cells.bad, column.label, "outcome",
                _("It does not tell what became of the call."),
            )  # fmt: skip
            return outcome
        evidence = {
            BY_MOMENT: answered_at.is_not_null(),
            BY_TALK: (talk > 0).fill_null(False),
            BY_WAIT: wait.is_not_null(),
            BY_AGENT: agent.is_not_null(),
            ALL: pl.repeat(True, len(agent), dtype=pl.Boolean, eager=True),
        }[by]
        answer = pl.repeat("answered", len(agent), eager=True)
        lost = said.fill_null("abandoned")
        return columns.pick(evidence, answer, columns.pick(lost != "answered", lost, said))

    def _records(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The columns of CALLS. Durations stand as written; stamps fill the others' gaps."""
        was = pl.col("was")
        start = pl.col("offered_at")
        by_stamp = pl.when(pl.col("answered_at") >= start).then(
            (pl.col("answered_at") - start).dt.total_milliseconds()
        )
        gone = pl.when(pl.col("ended_at") >= start).then(
            (pl.col("ended_at") - start).dt.total_milliseconds()
        )
        rang = (pl.coalesce("answered_at", "ended_at") - pl.col("rang_at")).dt.total_milliseconds()
        frame = frame.with_columns(
            wait_ms=pl.coalesce("wait", pl.when(was).then(by_stamp).otherwise(gone)),
            ring_ms=pl.coalesce("ring_ms", pl.when(rang >= 0).then(rang)),
            stamped=pl.col("answered_at").is_not_null() | pl.col("wait").is_not_null(),
        ).with_columns(
            answered_at=pl.when(was).then(
                pl.max_horizontal(
                    start,
                    pl.coalesce("answered_at", _after(start, pl.col("wait_ms").fill_null(0))),
                )
            )
        )
        # Where nothing tells when it was answered, nothing tells how long it was talked.
        served = pl.when("stamped").then(
            (pl.col("ended_at") - pl.col("answered_at")).dt.total_milliseconds()
        )
        frame = frame.with_columns(
            talk_ms=pl.when(was).then(
                pl.coalesce(
                    "talk", pl.when(served >= 0).then(served - pl.col("hold_ms").fill_null(0))
                )
            )
        ).with_columns(talk_ms=pl.when(pl.col("talk_ms") >= 0).then("talk_ms"))
        handled = pl.col("talk_ms") + pl.col("hold_ms").fill_null(0)
        end = pl.coalesce(
            "ended_at",
            pl.when(was).then(_after(pl.col("answered_at"), handled)),
            pl.when(~was).then(_after(start, pl.col("wait_ms"))),
        )
        frame = frame.with_columns(
            # max_horizontal passes over null: an end that nothing tells stays unknown.
            ended_at=pl.when(end.is_not_null()).then(pl.max_horizontal(start, "answered_at", end))
        )
        precision = (
            pl.when(~pl.col("has_clock")).then(pl.lit("day"))
            .when(~pl.col("has_seconds")).then(pl.lit("minute"))
            .otherwise(pl.lit("second"))
        )  # fmt: skip
        left_menu = pl.col("outcome").is_in(["left_ivr", "refused", "busy"])
        return whole(
            frame.with_columns(
                lines=pl.lit(1),
                linked_id=pl.coalesce("linked", "external_id"),
                entry_known=pl.lit(True),
                agent=pl.when(was).then("agent"),
                wait_ms=pl.when(~left_menu).then("wait_ms"),
                hold_ms=pl.when(was).then("hold_ms"),
                acw_ms=pl.when(was).then("acw_ms"),
                wrapup_ended_at=pl.when(was, pl.col("acw_ms").is_not_null()).then(
                    _after(pl.col("ended_at"), pl.col("acw_ms"))
                ),
                transfer_kind=pl.when(pl.col("transfer_target").is_not_null()).then(
                    pl.lit("unknown")
                ),
                time_precision=precision,
            ).drop("wait", "talk"),
            CALLS,
        )

    # Answers

    def _scores(self) -> dict[str, pl.Series]:
        """The score of each kind that has a column, and the comment."""
        made = {kind: self._score(kind) for kind in SURVEY_KINDS}
        return made | {"comment": self._words("comment", 4_000)}

    def _score(self, kind: str) -> pl.Series:
        column = self.profile.column(kind)
        if column is None:
            return self._none(pl.Float64)
        if self.profile.targets[kind].cell == Cell.YES_NO:
            return self._yes_no(kind).cast(pl.Float64)
        value = self._number(kind)
        low, high = column.scale or (0, 0)
        # A 0 below the scale is how some tables write that no answer was given.
        value = columns.pick((value != 0) | pl.Series([low <= 0]), value)
        message = _("It is not on the scale from %(low)d to %(high)d.") % {"low": low, "high": high}
        self.cells.reject(~value.is_between(low, high), column.label, "range", message)
        return value

    def _scale(self, kind: str) -> tuple[int, int]:
        column = self.profile.column(kind)
        return (column and column.scale) or (0, 1)

    def _answers_of(self, calls: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
        """The answers that calls' own rows tell."""
        given = calls.select("answered_at", "ended_at", "offered_at").with_row_index("call")
        given = given.with_columns(frame.select(*SURVEY_KINDS, "comment"))
        parts = [
            given.filter(pl.col(kind).is_not_null()).select(
                "call",
                kind=pl.lit(kind),
                scale_min=pl.lit(self._scale(kind)[0]),
                scale_max=pl.lit(self._scale(kind)[1]),
                score=kind,
                comment="comment",
                answered_at=pl.coalesce("ended_at", "answered_at", "offered_at"),
            )
            for kind in SURVEY_KINDS
            if self.profile.has(kind)
        ]
        return whole(pl.concat(parts), SURVEYS) if parts else pl.DataFrame(schema=SURVEYS)

    def _answers(self) -> Chunk:
        when = self._when()
        queue = self._words("queue")
        if self.profile.queue and self.profile.queue != NO_QUEUE:
            queue = queue.fill_null(self.profile.queue)
        answers = self._scores_of_rows() if self.profile.has("score") else self._scores()
        kinds = [name for name in answers if name in (*SURVEY_KINDS, "score")]
        empty = pl.DataFrame(answers).select(pl.all_horizontal(pl.col(kinds).is_null())).to_series()
        column = next(one for one in map(self.profile.column, kinds) if one)
        frame = pl.DataFrame(
            {
                "line": self.cells.rows["line"],
                "external_id": self._ids("external_id"),
                "birth_ms": columns.wall_ms(when.wall),
                "call_ref": self._words("call_ref"),
                "agent": self._words("agent", 160),
                "queue": queue,
                "answered_at": when.utc,
                "extra": self._extra(),
                **answers,
            }
        )
        identity = ["external_id", "birth_ms", *(["kind"] if "kind" in answers else [])]
        # What else is wrong with a row was told before: a row has one fate.
        empty &= ~self.cells.bad
        message = _("No answer was given.")
        self.stretch.ignored += self.cells.ignore(empty, column.label, "no_answer", message)
        self.cells, frame = self.cells.without(empty), frame.filter(~empty)
        frame = self.cells.kept(frame, identity, self._id_label())
        if "kind" in answers:
            frame = frame.with_columns(lines=pl.lit(1))
        else:
            frame = self._in_rows(frame, kinds)
        made = columns.chunk(self.stretch, self.cells, pl.DataFrame(schema=CALLS))
        made.surveys = whole(frame, SURVEYS)
        return made

    def _in_rows(self, frame: pl.DataFrame, kinds: list[str]) -> pl.DataFrame:
        """Answers that stood in columns beside each other, a row each."""
        parts: list[pl.DataFrame] = []
        told = pl.lit(0)
        for kind in kinds:
            low, high = self._scale(kind)
            parts.append(
                frame.filter(pl.col(kind).is_not_null()).with_columns(
                    kind=pl.lit(kind), scale_min=low, scale_max=high, score=pl.col(kind),
                    # A row is counted once, with the first of its answers.
                    lines=pl.when(told == 0).then(1).otherwise(0),
                    told=told,
                )
            )  # fmt: skip
            told = told + pl.col(kind).is_not_null().cast(pl.Int32)
        return pl.concat(parts, how="diagonal_relaxed")

    def _scores_of_rows(self) -> dict[str, pl.Series]:
        """The score of each row, whose cells say what was asked and on which scale.

        Without a scale an answer to NPS lies on 0 to 10 and one to FCR is yes or no: that is what
        these measures are. Other answers without one are refused.
        """
        column = self.profile.column("score")
        assert column is not None
        kind = self._choice("kind", required=True)
        low, high = self._scales_of_rows(kind)
        yes_no = dict.fromkeys(NO, 0.0) | dict.fromkeys(YES, 1.0)

        def slow(text: str) -> float | None:
            value = times.number(text, column.decimal)
            return yes_no.get(text.lower()) if value is None else value

        score = self.cells.parsed(
            column.label, pl.Float64, slow, "number", _("It is neither a number nor yes or no.")
        )
        given = self.cells.rows[column.label]
        worded = given.str.to_lowercase().is_in([one for one in yes_no if not one.isdigit()])
        self.cells.reject(worded & (kind != "fcr"), column.label, "number", _("It is no number."))
        # What has no answer needs no scale.
        told = score.is_not_null()
        self.cells.reject(
            told & low.is_null(), column.label, "scale",
            _("It does not say from what to what its scale goes."),
        )  # fmt: skip
        self.cells.reject(
            (score < low) | (score > high), column.label, "range", _("It is not on its scale.")
        )
        return {
            "kind": kind, "score": score, "scale_min": low, "scale_max": high,
            "comment": self._words("comment", 4_000),
        }  # fmt: skip

    def _scales_of_rows(self, kind: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Where the scale of each row's answer begins and where it ends."""
        column = self.profile.column("score")
        said = self.profile.column("scale")
        fixed = (column and column.scale) or (None, None)
        usual = {"nps": (0, 10), "fcr": (0, 1)}
        ends = []
        cells = self._words("scale")
        for place in (0, 1):
            known = {name: scale[place] for name, scale in usual.items()}
            by_kind = kind.replace_strict(known, default=fixed[place], return_dtype=pl.Int64)
            ends.append(cells.str.extract(_SCALE, place + 1).cast(pl.Int64, strict=False))
            ends[place] = columns.pick(cells.is_null(), by_kind, ends[place])
        low, high = ends
        if said is not None:
            self.cells.reject(
                cells.is_not_null() & ~((low < high) & (high < 2**31)).fill_null(False),
                said.label, "scale", _("It is no scale written as 1-5."),
            )  # fmt: skip
        return low, high

    # Agents' states

    def _states(self) -> Chunk:
        when = self._when()
        agent = self._words("agent", 160, required=True)
        state = self._choice("state", required=True)
        lasted = self._duration("duration")
        ends = self._later("ended_at", when)
        ends = columns.pick(
            ends.is_null() & lasted.is_not_null(),
            when.utc + _span(lasted),
            ends,
        )
        ended = self.profile.column("ended_at") or self.profile.column("duration")
        if ended is not None:
            message = _("It ends before it starts.")
            self.cells.reject(ends < when.utc, ended.label, "order", message)
        frame = pl.DataFrame(
            {
                "line": self.cells.rows["line"],
                "lines": pl.repeat(1, self.cells.rows.height, eager=True),
                "agent": agent,
                "state": state,
                "reason": self._words("reason", 80),
                "starts_at": when.utc,
                "ends_at": ends,
                "extra": self._extra(),
            }
        ).filter(~self.cells.bad)
        made = columns.chunk(self.stretch, self.cells, pl.DataFrame(schema=CALLS))
        made.states = whole(frame, STATES)
        return made

    # Totals

    def _totals(self) -> Chunk:
        when = self._when()
        offered, answered, abandoned = (
            self._count(name) for name in ("offered", "answered_count", "abandoned_count")
        )
        weight = answered if self.profile.has("answered_count") else offered
        level = self._number("service_level")
        sums = {
            name: (self._duration(f"{name}_mean") * weight) for name in ("wait", "talk", "handle")
        }
        first = self.profile.column("offered") or self.profile.column("answered_count")
        if first is not None and self.profile.has("offered") and self.profile.has("answered_count"):
            message = _("More were answered than offered.")
            self.cells.reject(answered > offered, first.label, "range", message)
        column = self.profile.column("service_level")
        # 0.9 may be a share, but 0.9 % is none.
        percent = level > 1
        if column is not None and column.scale:
            percent = pl.repeat(column.scale[1] > 1, len(level), dtype=pl.Boolean, eager=True)
        if column is not None:
            percent |= self.cells.rows[column.label].str.contains("%", literal=True)
        share = columns.pick(percent, level / 100, level)
        if column is not None:
            message = _("It is no share of calls.")
            self.cells.reject((share < 0) | (share > 1), column.label, "range", message)
        counted = offered if self.profile.has("offered") else answered
        queue = self._words("queue")
        if self.profile.queue and self.profile.queue != NO_QUEUE:
            queue = queue.fill_null(self.profile.queue)
        frame = pl.DataFrame(
            {
                "line": self.cells.rows["line"],
                "lines": pl.repeat(1, self.cells.rows.height, eager=True),
                "queue": queue,
                "agent": self._words("agent", 160),
                "starts_at": when.utc,
                "ends_at": self._span_ends(when),
                "offered": offered,
                "answered": answered,
                "abandoned": abandoned,
                "wait_ms": sums["wait"],
                "talk_ms": sums["talk"],
                "handle_ms": sums["handle"],
                # The share of a whole number of calls, so its count is the nearest one.
                "answered_within": (share * counted).round(0).cast(pl.Int64, strict=False),
                "extra": self._extra(),
            }
        )
        if column is not None:
            frame = frame.with_columns(threshold_seconds=self.profile.threshold_seconds)
        frame = frame.filter(~self.cells.bad)
        made = columns.chunk(self.stretch, self.cells, pl.DataFrame(schema=CALLS))
        made.counts = whole(frame, COUNTS)
        return made

    def _span_ends(self, when: _When) -> pl.Series:
        minutes = self.profile.minutes
        length = timedelta(minutes=minutes)
        if minutes % 1440:
            return when.utc + length
        # Days end at the site's midnight, also where its clocks change.
        zone, ends = self._zone(), when.wall + length
        local = columns.local_to_utc(_begun(ends, when.has_clock, zone), zone)[0]
        return columns.pick(when.naive & local.is_not_null(), local, when.utc + length)


def _begun(wall: pl.Series, has_clock: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Local times, of which a day whose midnight the clocks skipped begins when they went on."""
    if has_clock.all():
        return wall
    skipped = columns.local_to_utc(wall, zone)[0].is_null() & wall.is_not_null()
    return columns.pick(skipped & ~has_clock, wall.dt.offset_by("1h"), wall)


def _span(ms: pl.Series) -> pl.Series:
    """Milliseconds as lengths of time."""
    return (ms.cast(pl.Int64) * 1_000).cast(pl.Duration("us"))


def _after(moment: pl.Expr, ms: pl.Expr) -> pl.Expr:
    return moment + pl.duration(milliseconds=ms)


def _without_nulls(profile: Profile, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the words that mean nothing made null."""
    gone: Mapping[str, tuple[str, ...]] = {
        one.label: one.nulls for one in profile.columns if one.nulls and one.label in frame.columns
    }
    return frame.with_columns(
        pl.when(~pl.col(label).is_in(list(words))).then(label).alias(label)
        for label, words in gone.items()
    )
