"""Rejected rows on their way out, to be corrected, and back: in the shape of their source.

A table goes out with its own header and delimiter and four columns more, which tell where each
row stood and why it was rejected. A log of lines, and a table of fixed width below its header, has
a line before each row that says it, a JSON record a member; what was to be one and is no object
goes out in such a member. On the way back (`returned`) all of that is dropped, so what is read is
as the source wrote it. Pure but for the file that `restore` rewrites.

A spreadsheet would take some cells for formulas, so those go out with an apostrophe in front, and
every cell that looks as if it had been through this gets one more: what comes back is exact. A
row whose cells cannot be told apart goes out whole, in the first column.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from ccm.exports import FORMULA
from ccm.imports.records import Shape

COLUMNS = ("ccm_line", "ccm_column", "ccm_value", "ccm_reason")
MEMBER = "_ccm"
# Where that member keeps a record that could not be read as one.
UNREAD = "record"
COMMENT = "#ccm "
# Rows that nobody corrected are dropped after this long: they may hold callers' numbers.
KEPT = timedelta(days=30)
_DELIMITERS = (",", ";", "\t", "|", ":", "~")
_HEAD = 1 << 20
_GUARDED = re.compile(f"'*[{re.escape(''.join(FORMULA))}]")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected row and what was wrong with it: columns, values and reasons side by side.

    `line` is where it stood first; null where it was none of the rows that were to be corrected.
    """

    line: int | None
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
            place = "" if row.line is None else f"line {row.line}, "
            yield f"{COMMENT}{place}{' '.join(why.split())}\n{row.text}\n"


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
        COLUMNS[0].encode() in head.lower() and header_of(head.decode(errors="replace")) is not None
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
                found = header_of(text)
                assert found is not None
                delimiter, kept = found
            plain.write(restored(text, delimiter, kept) + "\n")


def shape_of(path: Path) -> Shape:
    """The shape that the rows of a table of rejected rows had at their source."""
    with path.open(encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        head = next(line for line in file if line.strip()).rstrip("\r\n")
    found = header_of(head)
    assert found is not None
    return Shape("table", restored(head.removeprefix("\ufeff"), *found), found[0])


def header_of(head: str) -> tuple[str, list[bool]] | None:
    """The delimiter of a table of rejected rows, and which of its columns are the source's."""
    first = next((line for line in head.split("\n") if line.strip()), "")
    for delimiter in _DELIMITERS:
        names = [cell.strip().lower() for cell in cells_of(first, delimiter) or []]
        if COLUMNS[0] in names:
            return delimiter, [name not in COLUMNS for name in names]
    return None


def restored(text: str, delimiter: str, kept: Sequence[bool]) -> str:
    """A row of a table of rejected rows as its source had it."""
    cells = cells_of(text, delimiter) if text.strip() else None
    if cells is None or len(cells) != len(kept):
        return text
    own = [_unguarded(cell) for cell, is_own in zip(cells, kept, strict=True) if is_own]
    if _is_whole(own, delimiter) or len(own) == 1:
        return own[0]
    return _line(own, delimiter)


def _table(rows: Iterable[Rejected], shape: Shape) -> Iterator[str]:
    delimiter = shape.delimiter
    header = cells_of(shape.header, delimiter) or [shape.header]
    # Spreadsheets take a file for UTF-8 only when it begins so.
    yield "\ufeff" + _line([*map(_guarded, header), *COLUMNS], delimiter) + "\n"
    for row in rows:
        cells = cells_of(row.text, delimiter)
        if cells is None or len(cells) != len(header) or _is_whole(cells, delimiter):
            cells = [row.text] + [""] * (len(header) - 1)
        place = "" if row.line is None else str(row.line)
        notes = [place, *("; ".join(one) for one in (row.columns, row.values, row.reasons))]
        yield _line([_guarded(cell) for cell in [*cells, *notes]], delimiter) + "\n"


def _with_member(row: Rejected) -> str:
    """The record with what is wrong with it as one more member, which holds what is no object."""
    text = row.text.strip()
    why = {
        "line": row.line, "column": "; ".join(row.columns), "value": "; ".join(row.values),
        "reason": "; ".join(row.reasons),
    }  # fmt: skip
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        return json.dumps({MEMBER: why | {UNREAD: row.text}}, ensure_ascii=False)
    told = f"{json.dumps(MEMBER)}: {json.dumps(why, ensure_ascii=False)}"
    return f"{text[:-1]}{', ' if record else ''}{told}}}"


def _is_whole(cells: Sequence[str], delimiter: str) -> bool:
    """Whether a row reads as a whole line in its first cell."""
    return len(cells) > 1 and delimiter in cells[0] and not any(cells[1:])


def cells_of(text: str, delimiter: str) -> list[str] | None:
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
