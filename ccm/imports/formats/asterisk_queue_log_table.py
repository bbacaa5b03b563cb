"""The queue_log as a table of a database, exported: Asterisk's own (Wazo, FreePBX), PBXware's.

Asterisk's realtime table has the columns time, callid, queuename, agent, event and data1 to
data5; an older one has `data` with bars, as the log. Its times are the server's local time or
UTC, which the table does not say, or epochs. PBXware calls the agent `type`, and has what an
event tells in columns of its own: positions, hold and talk in seconds, but milliseconds in the
hold of a ring. Its date_time is an epoch. `queue_log_events` knows the events.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from django.utils.translation import gettext as _

from ccm.identity import milliseconds
from ccm.imports.cells.columns import local_to_utc
from ccm.imports.files import tables
from ccm.imports.files.tables import VALUE_SHOWN, Layout, Rows, Table
from ccm.imports.formats.queue_log_events import BadCell, Events, Line, epoch_ms
from ccm.imports.records import NOTED, REJECTED, Chunk, FileRefused, Issue, Reading

_EPOCH = re.compile(r"\d{9,11}(?:\.\d+)?", re.ASCII)
_CLOCK = re.compile(
    r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?) ?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_SHAPES = {
    "id": re.compile(r"\d+", re.ASCII),
    "time": re.compile(f"{_EPOCH.pattern}|{_CLOCK.pattern}", re.ASCII),
    "callid": re.compile(r"[^|]+"),
    "event": re.compile(r"[A-Z][A-Z0-9_]+", re.ASCII),
}
_SPELLINGS = {
    "time": ("time", "datetime", "timestamp"),
    "callid": ("callid", "uniqueid"),
    "queuename": ("queuename", "queue"),
}
_EACH = ("data1", "data2", "data3", "data4", "data5")
# How databases write an empty cell.
_NULLS = ("NULL", r"\N")


def _asterisk(first: tuple[str, ...], data: tuple[str, ...]) -> Layout:
    names = (*first, "time", "callid", "queuename", "agent", "event", *data)
    return Layout(
        names={name: _SPELLINGS.get(name, (name,)) for name in names},
        optional=frozenset(first) | frozenset(data[1:]),
        delimiters=(",", ";", "\t"),
        shapes=_SHAPES,
    )


PBXWARE = Layout(
    names={
        "uid": ("uid",),
        "date_time": ("datetime",),
        "callid": ("callid",),
        "queue_name": ("queuename",),
        "type": ("type",),
        "event": ("event",),
        **{name: (name,) for name in ("param1", "param2", "param3")},
        **{name: (name,) for name in ("entpos", "expos", "htime", "ttime", "time")},
    },
    optional=frozenset({"uid", "time"}),
    delimiters=(",", ";", "\t"),
    shapes={
        "uid": _SHAPES["id"],
        "date_time": _EPOCH,
        "event": _SHAPES["event"],
        **dict.fromkeys(("entpos", "expos", "htime", "ttime"), re.compile(r"-?\d+", re.ASCII)),
    },
)
LAYOUTS = (
    PBXWARE,
    *(_asterisk(first, data) for data in (_EACH, ("data",)) for first in (("id",), ())),
)
# Where PBXware keeps what an event tells in queue_log; "" is told nowhere.
_LEFT = ("expos", "entpos", "htime")
_PARAMS = ("param1", "param2", "param3")
_MOVED = ("param2", "param3", "htime", "ttime", "entpos")
PBXWARE_DATA: dict[str, tuple[str, ...]] = {
    "ENTERQUEUE": ("", "param1", "entpos"),
    "CONNECT": ("htime", "param2", "param3"),
    **dict.fromkeys(("COMPLETEAGENT", "COMPLETECALLER"), ("htime", "ttime", "entpos")),
    **dict.fromkeys(("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY"), _LEFT),
    "EXITWITHKEY": ("param2", *_LEFT),
    **dict.fromkeys(("TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"), _MOVED),
    **dict.fromkeys(("RINGNOANSWER", "RINGCANCELED"), ("htime",)),
    **dict.fromkeys(("OUTANSWER", "OUTTRANSFER"), ("param1", "param2", "htime", "ttime")),
    **dict.fromkeys(("OUTCANCEL", "OUTCHANUNAVAIL", "OUTCONGESTION"), ("param1", "htime")),
}


class AsteriskQueueLogTable:
    name = "asterisk_queue_log_table"
    label = "Asterisk queue_log table"
    zone: str | None = None
    needs_zone = True
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        return _layout_of([head]) is not None

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of events. Raises FileRefused for a strange header, or naive times without a
        zone."""
        layout = _layout_of(tables.heads(path)) or LAYOUTS[1]
        with tables.opened(path, layout) as table:
            for rows in table.stretches(reading.start, reading.chunk_lines):
                reading.passed(rows.done)
                yield self._chunk(rows, table, reading)

    def _chunk(self, rows: Rows, table: Table, reading: Reading) -> Chunk:
        made = Chunk(
            position=rows.position,
            read=rows.read,
            duplicate=rows.duplicate,
            rejected=rows.rejected,
            ignored=rows.ignored,
            issues=list(rows.issues),
        )
        events = Events(made, reading.now)
        pbxware = "type" in table.columns
        times = _Times(rows.frame["date_time" if pbxware else "time"], reading.zone)
        if note := times.told_twice(rows.frame["line"]):
            made.issues.append(note)
        for number, row in enumerate(rows.frame.iter_rows(named=True)):
            cells = {name: "" if text in _NULLS else text or "" for name, text in row.items()}
            come = table.delimiter.join(str(row[name] or "") for name in table.columns)
            try:
                callid, queue, agent, event, data = (
                    _of_pbxware(cells) if pbxware else _of_asterisk(cells)
                )
                at, stamp = times.of(number)
                ahead = times.ahead(number)
                events.add(
                    Line(row["line"], at, stamp, callid, queue, agent, event, data, come, ahead)
                )
            except BadCell as bad:
                column, *rest = bad.args
                where = _column(column, cells["event"], pbxware)
                events.reject(row["line"], BadCell(table.label(where), *rest))
        wrong = (issue.line for issue in made.issues if issue.fate == REJECTED)
        made.rejected_rows, made.shape = rows.as_they_came(wrong), table.shape
        return events.chunk()


def _layout_of(heads: list[bytes]) -> Layout | None:
    fitting = (one for one in LAYOUTS if any(tables.head_fits(head, one) for head in heads))
    return next(fitting, None)


def _of_asterisk(cells: dict[str, Any]) -> tuple[str, str, str, str, list[str]]:
    """Callid, queue, agent, event and data of a row. What did not fit into five columns stands
    in the last, with bars."""
    data = "|".join(cells.get(name, "") for name in ("data", *_EACH) if name in cells)
    parts = data.rstrip("|").split("|")
    return cells["callid"], cells["queuename"], cells["agent"], cells["event"], parts


def _of_pbxware(cells: dict[str, Any]) -> tuple[str, str, str, str, list[str]]:
    where = PBXWARE_DATA.get(cells["event"], _PARAMS)
    data = [cells[name] if name else "" for name in where]
    return cells["callid"], cells["queue_name"], cells["type"], cells["event"], data


def _column(column: str, event: str, pbxware: bool) -> str:
    """The table's column of what `queue_log_events` says is wrong."""
    if not pbxware:
        return {"queue": "queuename"}.get(column, column)
    where = PBXWARE_DATA.get(event, _PARAMS)
    named = {"queue": "queue_name", "agent": "type", "time": "date_time"}
    return (named | dict(zip_longest(_EACH, where[:5], fillvalue=""))).get(column, column)


class _Times:
    """The moments in a column of text: epochs, times with their offset, or local times."""

    def __init__(self, texts: pl.Series, zone: ZoneInfo | None) -> None:
        self.texts = [text or "" for text in texts]
        self.zone = zone
        walls = [_wall(text) for text in self.texts]
        naive = [wall if wall is not None and wall.tzinfo is None else None for wall in walls]
        if zone is None and any(naive):
            raise FileRefused(_("Its times are local, and it does not say where: say the zone."))
        self.walls = walls
        series = pl.Series(naive, dtype=pl.Datetime("us"))
        self.utc, self.twice = local_to_utc(series, zone or ZoneInfo("UTC"))

    def of(self, number: int) -> tuple[int, str]:
        """Milliseconds (UTC) and the text of a row's time. Raises BadCell where it is none."""
        text, wall = self.texts[number], self.walls[number]
        if _EPOCH.fullmatch(text):
            return epoch_ms(text), text
        if wall is None:
            message = _("It is no time written as 2026-01-31 13:05:00, or in seconds since 1970.")
            raise BadCell("time", text, "time", message)
        moment = self.utc[number] if wall.tzinfo is None else wall
        if moment is None:
            message = _("The clocks of %s skipped this time.") % self.zone
            raise BadCell("time", text, "skipped_hour", message)
        return milliseconds(moment), text

    def ahead(self, number: int) -> int:
        """How far the clock that wrote a row was ahead of UTC, in milliseconds."""
        wall = self.walls[number]
        if wall is None:
            return 0
        return milliseconds(wall.replace(tzinfo=ZoneInfo("UTC"))) - self.of(number)[0]

    def told_twice(self, lines: pl.Series) -> Issue | None:
        """A note on the rows of an hour that the clocks told twice."""
        if not self.twice.any():
            return None
        first = self.twice.arg_max() or 0
        message = _("The clocks of %s told this hour twice: read as the first.") % self.zone
        return Issue(
            lines[first], "time", self.texts[first][:VALUE_SHOWN], "hour_told_twice", message,
            NOTED, int(self.twice.sum()),
        )  # fmt: skip


def _wall(text: str) -> datetime | None:
    """The time on the clock that wrote it, with an offset where it has one; None for an epoch or
    what is no time."""
    hit = _CLOCK.fullmatch(text)
    if not hit:
        return None
    try:
        return datetime.fromisoformat(f"{hit[1]}T{hit[2].replace(',', '.')}{hit[3] or ''}")
    except ValueError:
        return None


FORMAT = AsteriskQueueLogTable()
