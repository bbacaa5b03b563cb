"""Corrected rows as they come back: where each stood at first, and what it says without the notes.

The way back from `corrections`, whatever the shape. A table tells a row's first line in a column,
a JSON record in a member, a log or a table of fixed width in the line before the row. Pure but for
the file that `write` makes.
"""

import json
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ccm.imports.files import corrections, lines
from ccm.imports.files.corrections import COLUMNS, COMMENT, MEMBER
from ccm.imports.records import RECORDS, Shape

_NOTE = re.compile(rf"{COMMENT}line (\d{{1,18}})\b")
# A date, a clock or both: what spreadsheets write in another way than they read it.
_STAMP = re.compile(r"(\d{1,4}([-/.])\d{1,2}\2\d{1,4})?[ T]?(\d{1,3}:\d{2}(?::\d{2})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """A row that came back. `origin` is the line where it was rejected, null where it says none."""

    line: int
    origin: int | None
    text: str


def shape_of(path: Path, gone_out: Iterable[Shape]) -> Shape | None:
    """The shape of a text file of corrected rows, of those in which they went out.

    None where it is a table that no longer says where its rows stood.
    """
    if corrections.is_noted(path):
        return corrections.shape_of(path)
    others = {shape.kind: shape for shape in gone_out if shape.kind != "table"}
    if "json" in others and lines.head(path).lstrip().startswith(b"{"):
        return RECORDS
    return others.get("lines") or others.get("json")


def rows(path: Path, shape: Shape) -> Iterator[Row]:
    """The rows of a file of corrected rows, without what was added to them."""
    if shape.kind == "table":
        yield from _of_table(path)
    elif shape.kind == "json":
        for number, text in _texts(path):
            yield Row(number, *_of_record(text))
    else:
        origin = None
        for number, text in _texts(path):
            if corrections.is_note(text.strip()):
                told = _NOTE.match(text.strip())
                origin = int(told[1]) if told else None
            elif number > 1 or not shape.header:
                yield Row(number, origin, text)
                origin = None


def notes(path: Path, shape: Shape) -> list[int]:
    """The lines of a file of corrected rows that only say why the row after them was rejected."""
    if shape.kind != "lines":
        return []
    return [number for number, text in _texts(path) if corrections.is_note(text.strip())]


def write(path: Path, out: Path, shape: Shape, without: Container[int]) -> None:
    """Write the file anew as it is to be read: some lines blank, each other in its place.

    A table keeps the columns that were added, which `corrections.restore` takes out.
    """
    with path.open("rb") as file, out.open("wb") as plain:
        for number, line in enumerate(file, 1):
            if number in without:
                line = b"\n"
            elif shape.kind == "json":
                text = line.decode(errors="backslashreplace").rstrip("\r\n")
                line = _of_record(text)[1].encode() + b"\n"
            plain.write(line)


def alike(one: str, other: str, shape: Shape) -> bool:
    """Whether two rows say the same, however a spreadsheet or an editor has written it anew."""
    if shape.kind == "table":
        mine, theirs = (corrections.cells_of(text, shape.delimiter) for text in (one, other))
        if mine is None or theirs is None or len(mine) != len(theirs):
            return one.strip() == other.strip()
        return all(map(_same_cell, mine, theirs))
    if shape.kind == "json":
        with suppress(ValueError, RecursionError):
            same: bool = json.loads(one) == json.loads(other)
            return same
    return one.strip() == other.strip()


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers, without their ends."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line.rstrip("\r\n")


def _of_table(path: Path) -> Iterator[Row]:
    texts = _texts(path)
    _number, head = next(texts)
    found = corrections.header_of(head)
    assert found is not None
    delimiter, kept = found
    names = [cell.strip().lower() for cell in corrections.cells_of(head, delimiter) or []]
    place = names.index(COLUMNS[0])
    for number, text in texts:
        cells = corrections.cells_of(text, delimiter) or []
        told = cells[place].strip() if place < len(cells) else ""
        origin = int(told) if told.isdecimal() and len(told) < 19 else None
        yield Row(number, origin, corrections.restored(text, delimiter, kept))


def _of_record(text: str) -> tuple[int | None, str]:
    """The line where a JSON record was rejected, and its own text.

    One that could not be read as an object went out inside of its note. It is what the note holds,
    unless it was given members of its own.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None, text
    if not isinstance(record, dict) or MEMBER not in record:
        return None, text
    note = record[MEMBER] if isinstance(record[MEMBER], dict) else {}
    line = note.get("line")
    origin = line if type(line) is int and 0 < line < 10**18 else None
    own = corrections.without_member(record)
    if not own and isinstance(note.get(corrections.UNREAD), str):
        return origin, " ".join(note[corrections.UNREAD].splitlines())
    return origin, _cut(text, own) or json.dumps(own, ensure_ascii=False)


def _cut(text: str, own: dict[str, object]) -> str | None:
    """A record's text as its source wrote it, where the note still is its last member."""
    before = text[: text.rfind(json.dumps(MEMBER))].rstrip().removesuffix(",") + "}"
    with suppress(ValueError):
        if json.loads(before) == own:
            return before
    return None


def _same_cell(one: str, other: str) -> bool:
    mine, theirs = (" ".join(cell.split()) for cell in (one, other))
    if mine == theirs:
        return True
    with suppress(ValueError):
        return float(mine) == float(theirs)
    first, second = _STAMP.fullmatch(mine), _STAMP.fullmatch(theirs)
    return first is not None and second is not None and _same_stamp(first, second)


def _same_stamp(one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two stamps may be of one moment: a date that is written with other signs may have
    its parts in another order."""
    days = [[int(part) for part in re.findall(r"\d+", stamp[1] or "")] for stamp in (one, other)]
    if one[2] != other[2]:
        days = [sorted(day) for day in days]
    clocks = [[int(part) for part in (stamp[3] or "").split(":") if part] for stamp in (one, other)]
    ends = [clock + [0] * (3 - len(clock)) for clock in clocks]
    return days[0] == days[1] and ends[0] == ends[1]
