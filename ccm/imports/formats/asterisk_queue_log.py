"""Asterisk's queue_log: lines of events in, visits, rings, outbound calls and spells out.

    epoch | callid | queue | agent | event | data...

Lines may come unordered and doubled. Epochs are UTC. `queue_log_events` knows the events.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from ccm.imports.files import lines
from ccm.imports.files.corrections import is_note
from ccm.imports.files.lines import Stretch
from ccm.imports.files.opening import is_workbook
from ccm.imports.formats.queue_log_events import (
    NOBODY,
    BadCell,
    Events,
    Line,
    epoch_ms,
    of_an_agent,
)
from ccm.imports.records import Chunk, FileRefused, RawLine, Reading

LINE = re.compile(rb"\d{9,11}(\.\d*)?\|[^|\n]*\|[^|\n]*\|[^|\n]*\|[A-Z]{2,}")


class AsteriskQueueLog:
    name = "asterisk_queue_log"
    label = "Asterisk queue_log"
    zone: str | None = "UTC"
    needs_zone = False
    has_queue = True

    def recognises(self, head: bytes, filename: str) -> bool:
        """Whether most of the first lines look like queue_log."""
        some = [line for line in head.split(b"\n")[:200] if line.strip()]
        return 2 * sum(LINE.match(line) is not None for line in some) > len(some)

    def read(self, path: Path, reading: Reading) -> Iterator[Chunk]:
        """Chunks of events. Raises FileRefused when no line at the beginning is one."""
        top = b"" if is_workbook(path) else lines.head(path)
        if is_workbook(path) or (top.strip() and not any(map(LINE.match, top.split(b"\n")))):
            raise FileRefused(_("No line of it reads epoch|callid|queue|agent|event."))
        for stretch in lines.stretches(path, reading.start, reading.chunk_lines):
            reading.passed(stretch.done)
            yield chunk_of(stretch, reading.now)


def chunk_of(stretch: Stretch, now: datetime) -> Chunk:
    """The records of some lines, and what became of each. Times past the day after `now` are
    refused."""
    made = Chunk(position=stretch.position + stretch.count, read=0)
    events = Events(made, now)
    seen: set[str] = set()
    last = stretch.position + stretch.count if stretch.cut else 0
    for number, raw in enumerate(stretch.text().split("\n"), stretch.position + 1):
        text = raw.strip()
        if not text:
            continue
        made.read += 1
        if is_note(text):
            events.left_out["ccm_note", ""].append(number)
            continue
        if text in seen:
            made.duplicate += 1
            continue
        seen.add(text)
        try:
            events.add(_line(number, text, number == last))
        except BadCell as bad:
            events.reject(number, bad)
            made.rejected_rows.append(RawLine(number, raw, ""))
    return events.chunk()


def told_of(line: str) -> tuple[int, str] | None:
    """When a line was written, in seconds since 1970, and of whom it tells: the agent of a state,
    else the call. None where it tells of neither, or cannot be read."""
    stamp, callid, _queue, agent, event = [*line.split("|", 5), *[""] * 5][:5]
    whole = stamp.strip().partition(".")[0]
    of_agent = of_an_agent(event.strip())
    whom = (agent if of_agent else callid).strip()
    if whom in NOBODY or not (whole.isascii() and whole.isdigit() and len(whole) < 13):
        return None
    return int(whole), ("agent " if of_agent else "call ") + whom


def begins_line(before: bytes, data: bytes) -> bool:
    """Whether bytes after some that have no end begin with a line, not with the rest of that one.

    The rest of a line looks like one only where its time was cut.
    """
    if before.isdigit() and LINE.match(before + data):
        return False
    return LINE.match(data) is not None


def _line(number: int, text: str, cut: bool) -> Line:
    """A line's parts. Raises BadCell for one that has too few, or no time."""
    parts = text.split("|")
    if len(parts) < 5:
        raise BadCell("", text, "columns", _("It has fewer than five parts between bars."))
    if " |" in text or "| " in text:
        parts = [part.strip() for part in parts]
    stamp, callid, queue, agent, name, *data = parts
    at = epoch_ms(stamp)
    return Line(number, at, stamp, callid, queue, agent, name, data, text, cut=cut)


FORMAT = AsteriskQueueLog()
