"""What a file of rows looks like before anybody says what its columns mean.

`seen` looks at an upload: encoding, line ends, delimiter or fixed columns, the header's row, the
sheet. Each can be said otherwise by a person; `Dialect` is what a reading then goes by.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from ccm.imports.files import lines, multiline, opening, tables
from ccm.imports.records import FileRefused

DELIMITED, FIXED, SHEET, JSON = "delimited", "fixed", "sheet", "json"
DELIMITERS = (",", ";", "\t", "|", ":", "~")
ENCODINGS = (
    "utf-8", "cp1252", "iso-8859-15", "cp1250", "cp1251", "cp437", "cp850", "mac-roman",
    "shift-jis", "gb18030", "utf-16-le", "utf-16-be",
)  # fmt: skip
LOOKED_AT = 200
LOOKED_AT_CHARACTERS = 1 << 18
_TYPE_WORDS = re.compile(
    r"(?:var|n|long)?char(?:\(\d+\))?|(?:big|small|tiny)?int(?:eger)?(?:\(\d+\))?|text|string"
    r"|date(?:time)?|timestamp|uniqueidentifier|float|double|decimal(?:\(.*\))?|bool(?:ean)?",
    re.I,
)

# Of so many lines one may have a cell too long for its column; of fewer lines than that one, where
# there are enough to tell an odd line from the usual.
ODD_ONE_IN = 10
FEWEST_LINES = 5

_DAY = re.compile(r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$")
_CLOCK = re.compile(r"\b\d{1,2}(?::\d\d){1,2}\b")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file's rows are to be read. Lines, rows and columns count from 1.

    `header` is the line of the column names, 0 where there is none; data begin after it and
    after a line of types below it (`types`). `edges` are the first characters of fixed columns.
    """

    kind: str = DELIMITED
    encoding: str = ""
    delimiter: str = ","
    header: int = 1
    types: bool = False
    sheet: str = ""
    edges: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Dialect":
        """Raises ValueError for what no dialect has."""
        known = {one.name for one in fields(cls)}
        wrong = ValueError(_("It does not say how a file's rows are read."))
        try:
            made = cls(**{key: value for key, value in said.items() if key in known})
            made = replace(
                made,
                header=int(made.header),
                types=bool(made.types),
                sheet=str(made.sheet),
                edges=tuple(int(one) for one in made.edges),
            )
        except (TypeError, ValueError, AttributeError) as no_number:
            raise wrong from no_number
        if (
            made.kind not in (DELIMITED, FIXED, SHEET, JSON)
            or made.delimiter not in DELIMITERS
            or made.encoding not in ("", *ENCODINGS)
            or not 0 <= made.header <= tables.BLANK_WITHIN
            or not all(0 < edge <= opening.LINE_LIMIT for edge in made.edges)
            or list(made.edges) != sorted(set(made.edges))
            or (made.kind == FIXED and not made.edges)
        ):
            raise wrong
        return made


@dataclass(frozen=True, slots=True)
class Seen:
    """What an upload was found to be, in words for people beside the dialect they make."""

    dialect: Dialect
    encoding: str
    bom: bool
    line_ends: str
    sheets: tuple[str, ...] = ()
    top: tuple[str, ...] = field(default=())
    """The first lines as they are."""


def seen(upload: Path, plain: Path) -> Seen:
    """What an upload is; `plain` is what `opening.plain_file` made of it.

    Raises FileRefused where there is nothing in it.
    """
    if opening.is_workbook(plain):
        return _seen_workbook(plain)
    raw = opening.first_bytes(upload)
    encoding, bom = _encoding(raw)
    texts = _first_lines(plain)
    if not any(text.strip() for text in texts):
        raise FileRefused(_("There is nothing in it."))
    ends = _line_ends(raw)
    if _is_json(texts):
        return Seen(Dialect(JSON, header=0), encoding, bom, ends, top=tuple(texts[:5]))
    dialect = delimited(texts)
    return Seen(dialect, encoding, bom, ends, top=tuple(texts[:5]))


def _first_lines(plain: Path) -> list[str]:
    stretch = next(lines.stretches(plain, 0, LOOKED_AT), None)
    if stretch is None:
        return []
    text = stretch.text()
    # Of very long lines fewer tell enough.
    cut = text.rfind("\n", 0, LOOKED_AT_CHARACTERS) if len(text) > LOOKED_AT_CHARACTERS else -1
    return (text[:cut] if cut > 0 else text).split("\n")


def _encoding(raw: bytes) -> tuple[str, bool]:
    """The encoding of the first bytes, and whether a byte order mark said so."""
    for mark, name in opening.MARKS.items():
        if raw.startswith(mark):
            return name, True
    try:
        raw[: raw.rfind(b"\n") + 1 or None].decode()
    except UnicodeDecodeError:
        return "Windows-1252", False
    return ("ASCII" if raw.isascii() else "UTF-8"), False


def _line_ends(raw: bytes) -> str:
    if raw.startswith(tuple(opening.BOMS_16)):
        raw = raw.replace(b"\0", b"")
    both = raw.count(b"\r\n")
    counts = {"CRLF": both, "LF": raw.count(b"\n") - both, "CR": raw.count(b"\r") - both}
    told = [name for name, count in counts.items() if count]
    return ", ".join(told) or _("none")


def _is_json(texts: list[str]) -> bool:
    first = next((text for text in texts if text.strip()), "")
    if not first.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def delimited(texts: list[str]) -> Dialect:
    """The dialect of text lines: the delimiter that cuts most of them into equally many cells."""
    best, delimiter = (0.0, 0), ""
    for sign in DELIMITERS:
        if sign in ":~" and best[0] == 1:
            break
        full = [text for text in whole_rows(texts, sign) if text.strip()]
        widths = Counter(len(row) for row in split(full, sign))
        width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
        # A sign of clocks and words counts only where it cuts every line alike.
        if width > 1 and (sign not in ":~" or count == len(full)):
            best, delimiter = max((best, delimiter), ((count / len(full), width), sign))
    full = [text for text in texts if text.strip()]
    of_clocks = delimiter == ":" and not any(":" in _CLOCK.sub("", text) for text in full)
    if not delimiter or best[0] < 0.5 or of_clocks:
        edges = fixed_edges(full)
        if len(edges) > 1:
            return _with_header(Dialect(FIXED, edges=edges), texts)
        delimiter = delimiter or ","
    return _with_header(Dialect(DELIMITED, delimiter=delimiter), whole_rows(texts, delimiter))


def whole_rows(texts: list[str], delimiter: str) -> list[str]:
    """Lines, of which those that a quotation mark holds together are one, and then empty ones."""
    if not any('"' in text for text in texts):
        return texts
    return [one.decode() for one in multiline.joined((one.encode() for one in texts), delimiter)]


def split(texts: list[str], delimiter: str) -> list[list[str]]:
    """Lines as cells. A quotation mark that never closes stays within its line."""
    rows: list[list[str]] = []
    for text in texts:
        try:
            rows.append(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
        except csv.Error:
            rows.append(text.split(delimiter))
    return rows


def fixed_edges(texts: list[str]) -> tuple[int, ...]:
    """Where fixed columns begin (from 1): after places that are blank in every line, or in all but
    a few whose cell is too long for its column (`_hidden_edges`).

    A single blank may be one within a cell, as of a date and its time: it parts nothing where the
    first line names but one of its sides, or where no other line has anything on one of them.
    """
    edges = {*_clear_edges(texts)}
    # No table has more columns than the widest.
    hidden = [one for one in islice(_hidden_edges(texts), tables.WIDEST) if one[0] not in edges]
    begins = sorted(edges.union(edge for edge, _others in hidden))
    for edge, others in hidden:
        start = max((one for one in edges if one < edge), default=1)
        end = next((one for one in begins if one > edge), None)
        if _part(others, start - 1, edge - 1, end and end - 1):
            edges.add(edge)
    return tuple(sorted(edges))


def _hidden_edges(texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    """The edges that show once the few lines are put aside that run over them, and the others."""
    few = len(texts) // ODD_ONE_IN or int(len(texts) >= FEWEST_LINES)
    if not few:
        return
    filled = Counter(at for text in texts for at, sign in enumerate(text) if sign != " ")
    width = max(map(len, texts), default=0)
    for is_thin, places in groupby(range(width), lambda at: filled[at] <= few):
        thinnest = min(places, key=lambda at: filled[at])
        if not is_thin or not filled[thinnest]:
            continue
        others = [text for text in texts if not _full(text, thinnest)]
        begins = (at for at in range(thinnest, width) if any(_full(text, at) for text in others))
        if (edge := next(begins, None)) is not None:
            yield edge + 1, others


def _part(texts: list[str], start: int, middle: int, end: int | None) -> bool:
    """Whether what is before and after a place of lines are two cells, both there in most lines:
    the thin end of a column of long texts is no column."""
    both = sum(bool(one[start:middle].strip() and one[middle:end].strip()) for one in texts)
    wide = not any(_full(text, middle - 2) for text in texts)
    return both * 2 > len(texts) and (wide or not _one_cell(texts, start, middle, end))


def _full(text: str, at: int) -> bool:
    return text[at : at + 1] not in ("", " ")


def _clear_edges(texts: list[str]) -> tuple[int, ...]:
    """Where columns begin that no line runs over."""
    width = max((len(text) for text in texts), default=0)
    blank = [all(len(text) <= at or text[at] == " " for text in texts) for at in range(width)]
    begin = [at + 1 for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    edges = begin[:1]
    for place, edge in enumerate(begin[1:], 1):
        wide = edge < 3 or blank[edge - 3]
        end = begin[place + 1] - 1 if place + 1 < len(begin) else None
        if wide or not _one_cell(texts, edges[-1] - 1, edge - 1, end):
            edges.append(edge)
    return tuple(edges)


def _one_cell(texts: list[str], start: int, middle: int, end: int | None) -> bool:
    """Whether what is before and after a place of lines, parted by one blank, is one cell."""
    sides = [(text[start:middle].strip(), text[middle:end].strip()) for text in texts]
    if not all(sides[0]) or not all(any(side) for side in zip(*sides[1:], strict=True)):
        return True
    return all(_DAY.search(one) and _CLOCK.fullmatch(other) for one, other in sides)


def cut(text: str, edges: tuple[int, ...]) -> list[str]:
    """A line of fixed columns as cells."""
    ends = [*(edge - 1 for edge in edges[1:]), None]
    return [text[edge - 1 : end].strip() for edge, end in zip(edges, ends, strict=True)]


def _with_header(dialect: Dialect, texts: list[str]) -> Dialect:
    rows = [
        cut(text, dialect.edges) if dialect.kind == FIXED else split([text], dialect.delimiter)[0]
        for text in texts
    ]
    return header_in(dialect, rows)


def header_in(dialect: Dialect, rows: list[list[str]]) -> Dialect:
    """The dialect with its header found: the first row as wide as most whose cells are words."""
    widths = Counter(_width(row) for row in rows if any(cell.strip() for cell in row))
    usual = max(widths, key=lambda width: (widths[width], width)) if widths else 0
    for number, row in enumerate(islice(rows, tables.BLANK_WITHIN), 1):
        full = [cell for cell in row if cell.strip()]
        if len(full) < max(1, usual * 0.6):
            continue
        named = sum(_is_name(cell) for cell in full)
        if (
            not all(_may_be_name(cell) for cell in full)
            or named < len(full) * 0.6
            or len(set(full)) < len(full) * 0.8
        ):
            return replace(dialect, header=0)
        below = rows[number] if number < len(rows) else []
        types = bool(below) and all(
            _TYPE_WORDS.fullmatch(cell.strip()) for cell in below if cell.strip()
        ) and any(cell.strip() for cell in below)  # fmt: skip
        return replace(dialect, header=number, types=types)
    return replace(dialect, header=0)


def _width(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_name(cell: str) -> bool:
    """Whether a cell looks like a column's name: words, with no more digits than letters."""
    letters = sum(one.isalpha() for one in cell)
    digits = sum(one.isdigit() for one in cell)
    return letters > digits and not re.fullmatch(r"\S+@\S+\.\S+", cell.strip())


def _may_be_name(cell: str) -> bool:
    """Whether a cell could be a column's name among others, as P95 and SL 20 could."""
    plain = cell.strip()
    return _is_name(cell) or (plain[:1].isalpha() and len(plain) < 12)


def _seen_workbook(path: Path) -> Seen:
    """A workbook: the sheet with most rows of equal width among its first ones."""
    best, chosen, names = -1, Dialect(SHEET), []
    for name, rows in tables.first_rows(path, LOOKED_AT):
        names.append(name)
        widths = Counter(_width(row) for row in rows if _width(row) > 1)
        size = max((count * min(width, 30) for width, count in widths.items()), default=0)
        if size > best:
            best, chosen = size, header_in(Dialect(SHEET, sheet=name), rows)
    if best <= 0:
        raise FileRefused(_("There is nothing in it."))
    return Seen(chosen, "UTF-8", False, _("none"), tuple(names))
