"""What a log format hands to `load`: calls, rings, states, answers, and every line's fate.

A format reads its file in chunks. A chunk is treated as a small file of its own: a call cut
by the chunk's edge comes out as two halves and `load` joins them, exactly as it joins the
halves of a call cut by a file's edge. So a killed import resumes at a chunk and memory is
bounded at any file size.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")
Columns = dict[str, "pl.DataType | type[pl.DataType]"]

# One row a visit. Null is unknown, never 0. `line` is the first source line of the visit,
# `lines` how many of this chunk's lines helped to make it; a line that tells several visits
# counts for the first. `birth_ms` is the visit's birth as the source wrote it, in milliseconds, a
# wall clock read as if it were UTC: the identity is made of it, so no later zone or skew
# correction changes it. `entry_known` is False for a half whose queue entry this chunk did not
# show. `revision` grows with each version of a call that a source exports again: of two the newer
# one stands, whichever is read first. Of a call told by the rows of its legs it is the rank of the
# leg that tells most (`legs`). `extra` is a JSON object or null; the members of its `legs` are
# gathered from all that is read of the call. `caller_email` never becomes a column of the record:
# where a rule asks by mail it is kept enciphered beside the call (`ccm.addresses`).
_calls: Columns = {
    "line": pl.UInt32,
    "lines": pl.UInt32,
    "external_id": pl.String,
    "linked_id": pl.String,
    "channel": pl.String,
    "direction": pl.String,
    "queue": pl.String,
    "agent": pl.String,
    "topic": pl.String,
    "caller": pl.String,
    "birth_ms": pl.Int64,
    "entry_known": pl.Boolean,
    "offered_at": UTC_TIME,
    "answered_at": UTC_TIME,
    "ended_at": UTC_TIME,
    "wrapup_ended_at": UTC_TIME,
    "time_precision": pl.String,
    "ivr_ms": pl.Int64,
    "wait_ms": pl.Int64,
    "ring_ms": pl.Int64,
    "talk_ms": pl.Int64,
    "hold_ms": pl.Int64,
    "acw_ms": pl.Int64,
    "outcome": pl.String,
    "ended_by": pl.String,
    "transfer_kind": pl.String,
    "transfer_target": pl.String,
    "resolved": pl.Boolean,
    "resolvable": pl.Boolean,
    "extra": pl.String,
    "disposition": pl.String,
    "consent": pl.Boolean,
    "recording": pl.String,
    "transcript": pl.String,
    "sale_value": pl.Float64,
    "pipeline_value": pl.Float64,
    "revision": pl.Int64,
    "caller_email": pl.String,
}
CALLS = pl.Schema(_calls)

# One ring of one call at one agent; `call` is the row number in the chunk's calls.
# `ended_ms` is when the source logged it, as `birth_ms` is written; it identifies the ring.
_offers: Columns = {
    "call": pl.UInt32,
    "agent": pl.String,
    "ended_ms": pl.Int64,
    "starts_at": UTC_TIME,
    "ring_ms": pl.Int64,
    "outcome": pl.String,
}
OFFERS = pl.Schema(_offers)

# One spell of one agent in one state; a half has only one end and `load` joins it.
_states: Columns = {
    "line": pl.UInt32,
    "lines": pl.UInt32,
    "agent": pl.String,
    "state": pl.String,
    "reason": pl.String,
    "starts_at": UTC_TIME,
    "ends_at": UTC_TIME,
    "extra": pl.String,
}
STATES = pl.Schema(_states)

# One answered question. `call` is the row number in the chunk's calls; null where a row tells
# of an answer alone. Then `external_id` and `birth_ms` identify it, as they do a call,
# `call_ref` is the call's id at its source where the row names one, and `line` and `lines` say
# where it stood; of an answer told by a call's own row all of these are null.
_surveys: Columns = {
    "call": pl.UInt32,
    "kind": pl.String,
    "scale_min": pl.Int32,
    "scale_max": pl.Int32,
    "score": pl.Float64,
    "comment": pl.String,
    "answered_at": UTC_TIME,
    "line": pl.UInt32,
    "lines": pl.UInt32,
    "external_id": pl.String,
    "birth_ms": pl.Int64,
    "call_ref": pl.String,
    "agent": pl.String,
    "queue": pl.String,
    "extra": pl.String,
}
SURVEYS = pl.Schema(_surveys)

# Totals of a span of time, of sources that tell no single calls: never mixed into counts of
# calls. Sums, not averages: `wait_ms` and `talk_ms` are over the answered.
_counts: Columns = {
    "line": pl.UInt32,
    "lines": pl.UInt32,
    "queue": pl.String,
    "agent": pl.String,
    "starts_at": UTC_TIME,
    "ends_at": UTC_TIME,
    "offered": pl.Int64,
    "answered": pl.Int64,
    "abandoned": pl.Int64,
    "wait_ms": pl.Int64,
    "talk_ms": pl.Int64,
    "handle_ms": pl.Int64,
    "answered_within": pl.Int64,
    "threshold_seconds": pl.Int32,
    "extra": pl.String,
}
COUNTS = pl.Schema(_counts)

# A moment by which what the source still shows as open is over: the switch started anew (agent
# null: calls, sessions and pauses), or an agent left (that agent's pauses).
_cutoffs: Columns = {"agent": pl.String, "at": UTC_TIME}
CUTOFFS = pl.Schema(_cutoffs)

REJECTED, IGNORED, NOTED = "rejected", "ignored", "noted"


@dataclass(frozen=True, slots=True)
class Issue:
    """What was wrong with a line (or, for a rule that drops many, `count` lines from `line` on)."""

    line: int
    column: str
    value: str
    rule: str
    message: str
    fate: str = REJECTED
    count: int = 1


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line that no rule knows, kept as it came."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of a file stand in it, so that some of them can be given back as they came.

    `kind` is "table" (cells between `delimiter`, named by the line `header`), "lines" (of a log, or
    of columns of fixed width that begin at `edges`, from 1, and may have a `header`) or "json"
    (records).
    """

    kind: str
    header: str = ""
    delimiter: str = ""
    edges: tuple[int, ...] = ()


LINES, RECORDS = Shape("lines"), Shape("json")


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of a list (`ccm.imports.facts`): its kind, a frame with `line`, `lines` and a column for
    each thing that is told, what the file calls the column of each, and the rows as they came."""

    kind: str
    frame: pl.DataFrame
    labels: dict[str, str]
    rows: list[RawLine] = field(default_factory=list)


@dataclass(slots=True)
class Chunk:
    """A stretch of a file: its records and the fate of each line that made none.

    `read` counts the non-blank lines (rows of a sheet) of the stretch. The lines that made
    records are counted by the records' `lines`; the rest are here:
    read = sum of `lines` + duplicate + rejected + ignored.
    `facts` are the rows of a list, which tells of no calls.
    `position` is where the next chunk starts, in lines from the top, for resuming.
    `rejected_rows` are the rejected ones as they came (of a workbook, the row as csv).
    """

    position: int
    read: int
    duplicate: int = 0
    rejected: int = 0
    ignored: int = 0
    calls: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CALLS))
    offers: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OFFERS))
    states: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=STATES))
    surveys: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SURVEYS))
    counts: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=COUNTS))
    cutoffs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CUTOFFS))
    facts: Facts | None = None
    issues: list[Issue] = field(default_factory=list)
    raw: list[RawLine] = field(default_factory=list)
    rejected_rows: list[RawLine] = field(default_factory=list)
    shape: Shape = LINES

    def helped(self) -> int:
        """Lines that helped to make a record."""
        told = [self.calls, self.states, self.surveys, self.counts]
        if self.facts is not None:
            told.append(self.facts.frame)
        return sum(int(frame["lines"].sum() or 0) for frame in told)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the person importing said: the zone of naive times, the queue of a log without one.

    Times more than a day after `now` (aware) are refused. `date_order` is "dmy" or "mdy" where
    a file's dates do not tell it themselves, else empty. `progress` is called with the bytes
    read so far; `start` is the `Chunk.position` to go on from. `most_rows` is for a look: what lies
    further down need not be read.
    """

    zone: ZoneInfo | None
    now: datetime
    queue: str = ""
    date_order: str = ""
    start: int = 0
    chunk_lines: int = 50_000
    most_rows: int | None = None
    progress: Callable[[int], None] | None = None

    def passed(self, bytes_read: int) -> None:
        """Tell how much of the file is read."""
        if self.progress is not None:
            self.progress(bytes_read)


class FileRefused(Exception):
    """The file as a whole cannot be imported; the words say why and what to do."""


class Unknown(FileRefused):
    """The file is of no format known here; what its columns mean may yet be said."""


class Format(Protocol):
    """A log format. Modules of this package provide one object each, listed in `formats`."""

    name: str
    label: str
    """For people: the system whose export this is."""
    zone: str | None
    """The one zone files of this format are written in, when known; "UTC" for epoch times."""
    needs_zone: bool
    """Times are naive and the zone is not implied: it must be said."""
    has_queue: bool

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether a file with these first (up to 64 KiB, decompressed) bytes is of this format."""
        ...

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of the (already decompressed) file, from `reading.start` on.

        Raises FileRefused when the file is not of this format at all.
        """
        ...


def frame_of(rows: Sequence[Sequence[Any]], schema: pl.Schema) -> pl.DataFrame:
    """Rows in the order of a schema as a frame of it; those that end early lack the last columns.

    All rows are of one length. Moments are aware datetimes.
    """
    width = len(rows[0]) if rows else len(schema)
    told = dict(list(schema.items())[:width])
    return whole(pl.DataFrame(rows, schema=told, orient="row"), schema)


def frame_of_ms(rows: Sequence[Sequence[Any]], schema: pl.Schema) -> pl.DataFrame:
    """As `frame_of`, for rows whose moments are milliseconds since 1970."""
    width = len(rows[0]) if rows else len(schema)
    told = {
        name: pl.Int64 if kind == UTC_TIME else kind for name, kind in list(schema.items())[:width]
    }
    moments = [name for name in told if schema[name] == UTC_TIME]
    frame = pl.DataFrame(rows, schema=told, orient="row")
    return whole(frame.with_columns((pl.col(moments) * 1000).cast(UTC_TIME)), schema)


def whole(frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """A frame with all columns of a schema: those it lacks are null."""
    if frame.schema == schema:
        return frame
    absent = {name: kind for name, kind in schema.items() if name not in frame.columns}
    more = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in absent.items())
    return more.select(schema.names()).cast(schema)


def extra_json(**words: Any) -> str | None:
    """The `extra` column of a record: only what is known, or null."""
    known = {key: value for key, value in words.items() if value not in (None, "")}
    return json.dumps(known, ensure_ascii=False, sort_keys=True) if known else None
