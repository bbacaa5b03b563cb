"""Rejected rows on their way out, to be corrected, and back: in the shape of their source.

A table goes out with its own header and delimiter and four columns more, which tell where each
row stood and why it was rejected. A log of lines, and a table of fixed width below its header, has
a line before each row that says it, a JSON record a member. On the way back all of that is
dropped, so what is read is as the source wrote it. Pure but for the file that `restore` rewrites.

A spreadsheet would take some cells for formulas, so those go out with an apostrophe in front, and
every cell that looks as if it had been through this gets one more: what comes back is exact. A
row whose cells cannot be told apart goes out whole, in the first column.
"""

import csv
import json
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from ccm.exports import FORMULA
from ccm.imports.records import Shape

COLUMNS = ("ccm_line", "ccm_column", "ccm_value", "ccm_reason")
MEMBER = "_ccm"
COMMENT = "#ccm "
# Rows that nobody corrected are dropped after this long: they may hold callers' numbers.
KEPT = timedelta(days=30)
_DELIMITERS = (",", ";", "\t", "|", ":", "~")
_HEAD = 1 << 20
_GUARDED = re.compile(f"'*[{re.escape(''.join(FORMULA))}]")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected row and what was wrong with it: columns, values and reasons side by side."""

    line: int
    text: str
    columns: tuple[str, ...]
    values: tuple[str, ...]
    reasons: tuple[str, ...]


def written(rows: Iterable[Rejected], shape: Shape) -> Iterator[str]:
    """The lines, with their ends, of a file of rejected rows in their source's shape."""
    if shape.kind == "table":
        yield from _table(rows, shape)
    elif shape.kind == "json":
        for row in rows:
            yield _with_member(row) + "\n"
    else:
        if shape.header:
            yield shape.header + "\n"
        for row in rows:
            told = zip(row.columns, row.reasons, strict=True)
            why = "; ".join(f"column {name}: {words}" if name else words for name, words in told)
            yield f"{COMMENT}line {row.line}, {' '.join(why.split())}\n{row.text}\n"


def is_note(line: str) -> bool:
    """Whether a line of a log is one that `written` put there, and not the source's."""
    return line.startswith(COMMENT)


def without_member(record: dict[str, Any]) -> dict[str, Any]:
    """A JSON record without what `written` added to it."""
    return {name: value for name, value in record.items() if name != MEMBER}


def is_noted(path: Path) -> bool:
    """Whether a text file is a table of rejected rows."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return (
        COLUMNS[0].encode() in head.lower() and _header(head.decode(errors="replace")) is not None
    )


def restore(path: Path, out: Path) -> None:
    """Write the table in `path` anew as its source had it, row for row in the same line."""
    with (
        path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as file,
        out.open("w", encoding="utf-8", newline="\n") as plain,
    ):
        delimiter = ""
        kept: list[bool] = []
        for line in file:
            text = line.removesuffix("\n")
            if not delimiter and text.strip():
                found = _header(text)
                assert found is not None
                delimiter, kept = found
            plain.write(_restored(text, delimiter, kept) + "\n")


def noted_rows(path: Path) -> Iterator[tuple[int, int | None, str]]:
    """The rows of a table of rejected rows: line here, line where it was rejected (null where it
    says none), and the row as its source had it."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        found = None
        for number, line in enumerate(file, 1):
            text = line.removesuffix("\n")
            if not text.strip():
                continue
            if found is None:
                found = _header(text)
                assert found is not None
                names = [cell.strip().lower() for cell in _cells(text, found[0]) or []]
                place = names.index(COLUMNS[0])
                continue
            cells = _cells(text, found[0]) or []
            told = cells[place].strip() if place < len(cells) else ""
            origin = int(told) if told.isdecimal() and len(told) < 19 else None
            yield number, origin, _restored(text.removesuffix("\r"), *found)


def shape_of(path: Path) -> Shape:
    """The shape that the rows of a table of rejected rows had at their source."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        head = next(line for line in file if line.strip()).rstrip("\r\n")
    found = _header(head)
    assert found is not None
    return Shape("table", _restored(head.removeprefix("\ufeff"), *found), found[0])


def without_rows(path: Path, out: Path, lines: Container[int]) -> None:
    """Write the file anew with these lines blank."""
    with path.open("rb") as file, out.open("wb") as plain:
        for number, line in enumerate(file, 1):
            plain.write(b"\n" if number in lines else line)


def _header(head: str) -> tuple[str, list[bool]] | None:
    """The delimiter of a table of rejected rows, and which of its columns are the source's."""
    first = next((line for line in head.split("\n") if line.strip()), "")
    for delimiter in _DELIMITERS:
        names = [cell.strip().lower() for cell in _cells(first, delimiter) or []]
        if COLUMNS[0] in names:
            return delimiter, [name not in COLUMNS for name in names]
    return None


def _restored(text: str, delimiter: str, kept: Sequence[bool]) -> str:
    cells = _cells(text, delimiter) if text.strip() else None
    if cells is None or len(cells) != len(kept):
        return text
    own = [_unguarded(cell) for cell, is_own in zip(cells, kept, strict=True) if is_own]
    if _is_whole(own, delimiter) or len(own) == 1:
        return own[0]
    return _line(own, delimiter)


def _table(rows: Iterable[Rejected], shape: Shape) -> Iterator[str]:
    delimiter = shape.delimiter
    header = _cells(shape.header, delimiter) or [shape.header]
    # Spreadsheets take a file for UTF-8 only when it begins so.
    yield "\ufeff" + _line([*map(_guarded, header), *COLUMNS], delimiter) + "\n"
    for row in rows:
        cells = _cells(row.text, delimiter)
        if cells is None or len(cells) != len(header) or _is_whole(cells, delimiter):
            cells = [row.text] + [""] * (len(header) - 1)
        notes = [str(row.line), *("; ".join(one) for one in (row.columns, row.values, row.reasons))]
        yield _line([_guarded(cell) for cell in [*cells, *notes]], delimiter) + "\n"


def _with_member(row: Rejected) -> str:
    """The record with what is wrong with it as one more member; what is no object stays."""
    text = row.text.strip()
    try:
        record = json.loads(text)
    except ValueError:
        return row.text
    if not isinstance(record, dict):
        return row.text
    why = {
        "line": row.line, "column": "; ".join(row.columns), "value": "; ".join(row.values),
        "reason": "; ".join(row.reasons),
    }  # fmt: skip
    told = f"{json.dumps(MEMBER)}: {json.dumps(why, ensure_ascii=False)}"
    return f"{text[:-1]}{', ' if record else ''}{told}}}"


def _is_whole(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a row reads as a whole line in its first cell."""
    return len(cells) > 1 and delimiter in cells[0] and not any(cells[1:])


def _cells(text: str, delimiter: str) -> list[str] | None:
    """A line's cells, or None where its quotation marks do not match."""
    if text.count('"') % 2:
        return None
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _line(cells: Sequence[str], delimiter: str) -> str:
    line = StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if _GUARDED.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _GUARDED.match(cell) else cell
