"""Records of one JSON object a line, their members read by name with units and limits.

Names told twice: the last counts. NaN and Infinity are unknown. Of text no database can hold
(NUL, half a surrogate pair) a replacement character remains. MongoDB's {"$date": ...} and its
kin are read as what they wrap.
"""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ccm.identity import EPOCH, milliseconds
from ccm.imports.cells.columns import EARLIEST, FUTURE, LONGEST_SECONDS
from ccm.imports.files import lines
from ccm.imports.files.corrections import MEMBER, without_member
from ccm.imports.files.opening import is_workbook
from ccm.imports.files.tables import VALUE_SHOWN
from ccm.imports.records import NOTED, RECORDS, Chunk, FileRefused, Issue, RawLine, Reading

# A number of more digits is none that a call log needs, and would only take long to work out.
LONGEST_NUMBER = 30
# Read into objects a record takes ten times its bytes.
STRETCH_BYTES = 8 << 20
EARLIEST_MS = milliseconds(EARLIEST)
_NAME = re.compile(rb'"([A-Za-z_$][\w$]{0,60})"\s*:')
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII | re.IGNORECASE,
)
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3}, )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UTC)",
    re.ASCII,
)
_DECIMAL = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


class Unreadable(Exception):
    """Why a record cannot be read: column, value, rule and words."""


def names_in(head: bytes) -> frozenset[str]:
    """The members' names, at any depth, in the first lines of a file of records."""
    if b"{" not in head[:4096]:
        return frozenset()
    return frozenset(name.decode() for name in _NAME.findall(head))


@dataclass(slots=True)
class Record:
    """One object of a file, as it came in `raw`; or one inside it, to which `where` leads."""

    line: int
    said: dict[str, Any]
    reading: Reading
    raw: str = ""
    where: str = ""
    notes: list[Issue] = field(default_factory=list)

    def get(self, path: str) -> Any:
        """The member at a dotted path; None where it, or what holds it, is not there or empty."""
        found = self.said.get(path)
        if "." in path:
            found = self.said
            for name in path.split("."):
                found = found.get(name) if isinstance(found, dict) else None
        return None if found == "" else found

    def inner(self, path: str) -> "list[Record]":
        """The objects in the array at a path."""
        found = self.get(path)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self.bad(path, "array", _("It is no array."))
        return [
            Record(self.line, one, self.reading, "", f"{self.where}{path}[{place}].", self.notes)
            for place, one in enumerate(found)
            if isinstance(one, dict)
        ]

    def text(self, path: str, limit: int = 120) -> str | None:
        """A word, or a whole number as one."""
        found = self.get(path)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise self.bad(path, "text", _("It is no text."))
        word = str(found).strip()
        if len(word) > limit:
            raise self.bad(path, "too_long", _("It is longer than %d characters.") % limit)
        return word or None

    def needed(self, path: str, limit: int = 120) -> str:
        """A word that must be there."""
        found = self.text(path, limit)
        if found is None:
            raise self.bad(path, "missing", _("It is empty."))
        return found

    def flag(self, path: str) -> bool | None:
        """Yes or no; null for anything else."""
        found = self.get(path)
        return found if isinstance(found, bool) else None

    def moment(self, path: str) -> int | None:
        """Milliseconds since 1970 of an ISO 8601 or RFC 2822 time, one without zone in ours."""
        found = self.get(path)
        if found is None:
            return None
        if not isinstance(found, str):
            raise self.bad(path, "time", _("It is no date and time."))
        try:
            moment = self._moment(found.strip())
        except (ValueError, OverflowError) as error:
            raise self.bad(path, "time", _("It is no date and time.")) from error
        if moment < EARLIEST_MS:
            raise self.bad(path, "too_early", _("It is before 1990."))
        if moment > milliseconds(self.reading.now + FUTURE):
            raise self.bad(path, "future", _("It lies in the future."))
        return moment

    def _moment(self, text: str) -> int:
        """Raises ValueError where it is no time."""
        if hit := _ISO.fullmatch(text):
            zone = (hit[4] or "").upper().replace("UTC", "Z")
            moment = datetime.fromisoformat(f"{hit[1]}T{hit[2]}{zone}")
            moment += timedelta(microseconds=int(f"{hit[3] or 0:0<6}"[:6]))
        elif _RFC_2822.fullmatch(text):
            moment = parsedate_to_datetime(text)
        else:
            raise ValueError(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.reading.zone or UTC)
        return (moment - EPOCH) // timedelta(milliseconds=1)

    def needed_moment(self, path: str) -> int:
        """A moment that must be there."""
        found = self.moment(path)
        if found is None:
            raise self.bad(path, "missing", _("It is empty."))
        return found

    def precision(self, path: str) -> str:
        """Whether a moment tells parts of a second."""
        hit = _ISO.fullmatch(str(self.get(path)).strip())
        return "ms" if hit and hit[3] else "second"

    def ms(self, path: str, unit: int = 1000) -> int | None:
        """A duration in milliseconds, of a number of `unit` milliseconds each."""
        found = self.get(path)
        if found is None:
            return None
        found = _told_number(found)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise self.bad(path, "number", _("It is no duration."))
        if found < 0:
            raise self.bad(path, "range", _("It is below 0."))
        if found * unit > LONGEST_SECONDS * 1000:
            raise self.bad(path, "range", _("It is longer than three weeks."))
        return round(found * unit)

    def bad(self, path: str, rule: str, message: str) -> Unreadable:
        """The reason, to be raised, why this member makes the record unreadable."""
        found = self.get(path)
        return Unreadable(f"{self.where}{path}", "" if found is None else str(found), rule, message)

    def note(self, path: str, rule: str, message: str) -> None:
        """Say what was assumed about a member."""
        value = str(self.get(path))[:VALUE_SHOWN]
        self.notes.append(Issue(self.line, f"{self.where}{path}", value, rule, message, NOTED))


def check_head(path: Path, names: frozenset[str]) -> None:
    """Raise FileRefused where a file does not begin with records that have these members."""
    head = b"{" if is_workbook(path) else lines.head(path)
    if head.strip() and not names <= names_in(head):
        raise FileRefused(
            _("It is no JSON whose records have the members %s.") % ", ".join(sorted(names))
        )


def stretches(path: Path, reading: Reading) -> Iterator[tuple[Chunk, list[Record]]]:
    """The records of a file, and for each stretch of them a chunk with its books begun.

    What is no object is rejected, and a record told twice is a duplicate.
    """
    for stretch in lines.stretches(path, reading.start, reading.chunk_lines, STRETCH_BYTES):
        reading.passed(stretch.done)
        made = Chunk(position=stretch.position + stretch.count, read=0, shape=RECORDS)
        records, seen = [], set()
        for number, raw in enumerate(stretch.text().split("\n"), stretch.position + 1):
            text = raw.strip()
            if not text:
                continue
            made.read += 1
            if text in seen:
                made.duplicate += 1
                continue
            seen.add(text)
            try:
                records.append(Record(number, _object(text), reading, text))
            except Unreadable as bad:
                reject(made, Record(number, {}, reading, text), bad)
        yield made, records


def reject(made: Chunk, record: Record, bad: Unreadable) -> None:
    """Account for a record that cannot be read."""
    column, value, rule, message = bad.args
    made.rejected += 1
    made.issues.append(Issue(record.line, column, value[:VALUE_SHOWN], rule, message))
    made.rejected_rows.append(RawLine(record.line, record.raw, message))


def _object(text: str) -> dict[str, Any]:
    """The object that a line is. Raises Unreadable."""
    try:
        found = _DECODER.decode(text)
        if '"$' in text:
            found = _unwrapped(found)
        if "\\u" in text or "\0" in text:
            found = storable(found)
    except RecursionError as error:
        raise Unreadable("", text, "nested", _("It is nested too deep.")) from error
    except ValueError as error:
        words = _("It is no whole JSON object (%s): the file is damaged or cut here.") % error
        raise Unreadable("", text, "json", words) from error
    if not isinstance(found, dict):
        raise Unreadable("", text, "object", _("It is no JSON object."))
    return without_member(found) if MEMBER in found else found


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_NUMBER else digits


def _number(digits: str) -> float | str:
    found = float(digits) if len(digits) <= LONGEST_NUMBER else math.inf
    return found if math.isfinite(found) else digits


_DECODER = json.JSONDecoder(
    strict=False, parse_int=_whole, parse_float=_number, parse_constant=lambda _word: None
)


def _unwrapped(found: Any) -> Any:
    """A value with what MongoDB wraps taken out of its wrapping."""
    if isinstance(found, list):
        return [_unwrapped(one) for one in found]
    if not isinstance(found, dict):
        return found
    if len(found) == 1:
        [(name, inner)] = found.items()
        if name == "$date":
            return _date(_unwrapped(inner))
        if name == "$oid":
            return inner
        if name in ("$numberLong", "$numberInt", "$numberDouble", "$numberDecimal"):
            return _told_number(inner)
    return {name: _unwrapped(one) for name, one in found.items()}


def _told_number(told: Any) -> Any:
    """The number that a word is, or whatever it is instead."""
    if isinstance(told, str) and len(told) <= LONGEST_NUMBER and _DECIMAL.fullmatch(told):
        return float(told) if "." in told else int(told)
    return told


def _date(told: Any) -> Any:
    """A MongoDB date, which may be milliseconds since 1970, as ISO 8601."""
    told = _told_number(told)
    if isinstance(told, bool) or not isinstance(told, int):
        return told
    try:
        moment = EPOCH + timedelta(milliseconds=told)
    except OverflowError:
        return str(told)
    return moment.isoformat(timespec="milliseconds" if told % 1000 else "seconds")


def storable(found: Any) -> Any:
    """A value without the letters that no database text can hold."""
    if isinstance(found, str):
        return _NOT_STORABLE.sub("\N{REPLACEMENT CHARACTER}", found)
    if isinstance(found, list):
        return [storable(one) for one in found]
    if isinstance(found, dict):
        return {storable(name): storable(one) for name, one in found.items()}
    return found
