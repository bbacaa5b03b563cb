"""Tables of calls, csv or xlsx: rows in, columns of text out, each row with its line number."""

import csv
import io
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import openpyxl
import polars as pl
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.exceptions import InvalidFileException

from ccm.imports.files import corrections, lines, scratch
from ccm.imports.files.opening import is_workbook
from ccm.imports.records import IGNORED, FileRefused, Issue, RawLine, Shape

BLANK_WITHIN = 100
# Lines that may not fit before the first one that does, in a format without headers.
ODD_WITHIN = 20
WIDEST = 256
SHEET_ROWS = 1_048_576
VALUE_SHOWN = 200
# The rule that rejects rows with another number of cells than their header.
WIDTH = "columns"
# A group in what `Layout.mend` writes, which polars and Python spell differently.
_GROUP = re.compile(r"\$\{(\d)\}")


def plain_name(label: str) -> str:
    """A column's label without case, spaces and signs, so that spellings of one name meet."""
    return re.sub(r"[^a-z0-9]", "", label.lower())


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns a format knows.

    `names` maps each column to the plain spellings of its label, in the order of the original
    export. `shapes` tells a first row of data from a header: a piece cut from the middle of a
    file has no header, and is taken when every cell has the shape of its column.

    `orders` are those of a format whose files have no header, as it is written by differently
    configured servers; the first of the right width and shape is taken. Such a file may begin
    with lines that do not fit, as a piece does whose first line was cut. `mend` is what
    a format's own quoting gets wrong (a pattern) and what to write instead (groups as `${1}`).
    """

    names: Mapping[str, tuple[str, ...]]
    optional: frozenset[str]
    delimiters: tuple[str, ...]
    shapes: Mapping[str, re.Pattern[str]]
    orders: tuple[tuple[str, ...], ...] = ()
    mend: tuple[str, str] | None = None

    def columns(self, labels: list[str]) -> list[str] | None:
        """The name of each labelled column, or None when a needed one is missing.

        A column this layout does not know keeps its label, made unlike the known ones.
        """
        spelled = {word: name for name, words in self.names.items() for word in words}
        columns: list[str] = []
        for number, label in enumerate(labels, 1):
            name = spelled.get(plain_name(label), "")
            if not name or name in columns:
                name = f"?{label.strip() or number}"
            while name in columns:
                name += f" ({number})"
            columns.append(name)
        return columns if set(self.names) - self.optional <= set(columns) else None

    def fits(self, cells: list[str]) -> list[str] | None:
        """The columns of a row of data without a header, each of the right shape, or None.

        An empty cell more than an order has is the comma that some exports end each row with.
        A layout that knows no shapes is told by its header alone.
        """
        if not self.shapes:
            return None
        for order in self.orders or (tuple(self.names),):
            more = len(cells) - len(order)
            if (more == 0 or (more == 1 and self.orders and not cells[-1])) and all(
                self.shapes[name].fullmatch(cell.strip()) is not None
                for name, cell in zip(order, cells, strict=False)
                if name in self.shapes
            ):
                return [*order, "?"][: len(cells)]
        return None

    def cells(self, text: str, delimiter: str) -> list[str]:
        """The cells of one line, without the space and quotation marks around them."""
        if '"' not in text:
            return [cell.strip() for cell in text.split(delimiter)]
        if self.mend:
            text = re.sub(self.mend[0], _GROUP.sub(r"\\\1", self.mend[1]), text)
        try:
            cells = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error:
            cells = text.split(delimiter)
        return [cell.strip(' "') for cell in cells]


@dataclass(slots=True)
class Rows:
    """A stretch of a table. `frame` has `line` (UInt32) and the columns as text, null if empty;
    `texts` the whole `text` of every `line` that is not blank.

    read = rows of the frame + duplicate + rejected + ignored. `position` and `done` are how
    many lines and bytes of the file lie behind its end.
    """

    position: int
    done: int
    frame: pl.DataFrame
    texts: pl.DataFrame
    read: int = 0
    duplicate: int = 0
    rejected: int = 0
    ignored: int = 0
    issues: list[Issue] = field(default_factory=list)

    def as_they_came(self, numbers: Iterable[int]) -> list[RawLine]:
        """The rows of these lines."""
        wanted = pl.Series(sorted(set(numbers)), dtype=pl.UInt32)
        if wanted.is_empty():
            return []
        found = self.texts.filter(pl.col("line").is_in(wanted.implode()))
        return [RawLine(line, text, "") for line, text in found.iter_rows()]


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table's data begin (after `line`, 0 if it has no header) and what they are called.

    `text` is the header as it stands, or one that the layout knows where there is none.
    """

    line: int
    text: str
    delimiter: str
    labels: list[str]
    columns: list[str]


def find_header(texts: Iterable[str], layout: Layout) -> Header | None:
    """The header in the first line that is not blank, if the layout knows it.

    Without one, the columns of the first row of data: the first line again, or one of the first
    few of a format whose files have no header.
    """
    told = [(number, text) for number, text in enumerate(texts, 1) if text.strip()]
    for place, (number, text) in enumerate(told[:ODD_WITHIN]):
        for delimiter in layout.delimiters:
            if text.count(delimiter) >= WIDEST:
                continue
            labels = layout.cells(text.strip("\r\n"), delimiter)
            if place == 0 and (columns := layout.columns(labels)):
                return Header(number, text.strip("\r\n"), delimiter, labels, columns)
            if columns := layout.fits(labels):
                before = 0 if layout.orders else number - 1
                # A place that no name is known of keeps the sign that holds it.
                plain = delimiter.join(layout.names.get(name, (name,))[0] for name in columns)
                return Header(before, plain, delimiter, list(columns), columns)
        if not layout.orders:
            break
    return None


def heads(path: Path) -> list[bytes]:
    """What a file begins with; of a workbook each sheet's first rows, as tab-separated text."""
    if not is_workbook(path):
        return [lines.head(path)]
    sheets = first_rows(path, BLANK_WITHIN)
    return ["\n".join(map(_tabbed, rows)).encode() for _name, rows in sheets]


def head_fits(head: bytes, layout: Layout) -> bool:
    """Whether a table that begins like this is one the layout knows."""
    return find_header(head.decode(errors="replace").split("\n"), layout) is not None


@contextmanager
def opened(path: Path, layout: Layout) -> Iterator["Table"]:
    """The table in a csv file, or in the first sheet of a workbook, that the layout knows.

    One of rejected rows that were corrected is read as its source had it. Raises FileRefused
    when there is none.
    """
    in_sheet = is_workbook(path)
    if not in_sheet and not corrections.is_noted(path):
        yield Table(path, layout)
        return
    with scratch.folder() as folder:
        text = folder / "sheet.tsv" if in_sheet else path
        if in_sheet:
            _first_known_sheet(path, layout, text)
        if corrections.is_noted(text):
            corrections.restore(text, folder / "restored")
            text = folder / "restored"
        yield Table(text, layout, path.stat().st_size / max(1, text.stat().st_size))


def _first_known_sheet(path: Path, layout: Layout, text: Path) -> None:
    """Write the first sheet that the layout knows as text. Raises FileRefused for none."""
    with _workbook(path) as book:
        for sheet in range(len(book.worksheets)):
            if find_header([_first_row(book, sheet)], layout):
                _write_as_text(book, sheet, text)
                return
    raise _no_header(layout)


def write_noted_sheet(path: Path, delimiter: str, text: Path) -> bool:
    """Write the sheet of a workbook that holds corrected rows as text; False where none does."""
    with _workbook(path) as book:
        for sheet in range(len(book.worksheets)):
            head = _first_row(book, sheet)
            if corrections.header_of(head) is not None:
                _write_as_text(book, sheet, text, delimiter=delimiter)
                return True
    return False


def write_workbook(rows: Iterable[str], delimiter: str, out: BinaryIO) -> None:
    """Write the lines of a table as a workbook of one sheet, every cell as text: so nothing is
    taken for a formula, a date or a number by whatever opens it."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in csv.reader(rows, delimiter=delimiter):
        cells = [WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", one)) for one in row]
        for cell in cells:
            cell.data_type, cell.number_format = "s", "@"
        sheet.append(cells)
    book.save(out)


def _too_wide() -> FileRefused:
    return FileRefused(_("It has more than %d columns, as no log of calls does.") % WIDEST)


def _no_header(layout: Layout) -> FileRefused:
    needed = ", ".join(name for name in layout.names if name not in layout.optional)
    return FileRefused(_("It has no header with the columns %s.") % needed)


class Table:
    """A csv file whose first row a layout knows as a header (or as data).

    `scale` is how many bytes of the file as it came lie behind one of this one.
    """

    # Whether rows alike in every cell are so many calls, and not one told again.
    twins = False
    mend: tuple[str, str] | None = None

    def __init__(self, path: Path, layout: Layout, scale: float = 1.0) -> None:
        self.path = path
        self.scale = scale
        top = next(lines.stretches(path, 0, BLANK_WITHIN), None)
        header = find_header(top.text().split("\n"), layout) if top else None
        if not header:
            first = next(filter(str.strip, top.text().split("\n")), "") if top else ""
            if any(first.count(delimiter) >= WIDEST for delimiter in layout.delimiters):
                raise _too_wide()
            raise _no_header(layout)
        self.header_line, self.delimiter = header.line, header.delimiter
        self.labels, self.columns = header.labels, header.columns
        self.mend = layout.mend
        self.shape = Shape("table", header.text, header.delimiter)
        self.written = self.labels

    def label(self, column: str) -> str:
        """What the file calls a column."""
        return self.labels[self.columns.index(column)] if column in self.columns else column

    def stretches(self, start: int, most: int, *columns: str) -> Iterator[Rows]:
        """The table's rows from physical line `start` (0-based) on; of some columns, if named."""
        for stretch in lines.stretches(self.path, start, most):
            first = stretch.position + 1
            text = pl.Series([stretch.text()]).str.split("\n").explode()
            behind = stretch.position + stretch.count
            numbered = pl.DataFrame(
                {
                    "line": pl.int_range(first, behind + 1, dtype=pl.UInt32, eager=True),
                    "text": text.str.strip_chars_end("\r"),
                }
            ).filter(pl.col("line") > self.header_line, pl.col("text").str.contains(r"\S"))
            done = int(stretch.done * self.scale)
            rows = Rows(behind, done, numbered, numbered, read=numbered.height)
            if self.mend and b'"' in stretch.data:
                numbered = numbered.with_columns(pl.col("text").str.replace_all(*self.mend))
            if columns:
                rows.frame = self._split(self._well_formed(rows, numbered), columns)
            else:
                fresh = numbered
                if not self.twins:
                    fresh = numbered.filter(pl.col("text").is_first_distinct())
                rows.duplicate = numbered.height - fresh.height
                rows.frame = self._split(self._well_formed(rows, fresh))
                _sort_out(rows, self)
            yield rows

    def _well_formed(self, rows: Rows, numbered: pl.DataFrame) -> pl.DataFrame:
        """The lines with as many cells as the header; the others rejected into `rows`."""
        text, comma = numbered["text"], self.delimiter
        quoted = text.str.contains('"', literal=True)
        if quoted.any():
            cell = f'(?:"(?:[^"]|"")*"|[^"{comma}]*)'
            comma = re.escape(comma)
            good = ~quoted | text.str.contains(f"^{cell}(?:{comma}{cell})*$")
            _reject_lines(
                rows, numbered.filter(~good), "quotes",
                _("Its quotation marks do not match, so its cells cannot be told apart."),
            )  # fmt: skip
            numbered, quoted = numbered.filter(good), quoted.filter(good)
            bare = (
                pl.when(quoted)
                .then(pl.col("text").str.replace_all(r'"(?:[^"]|"")*"', ""))
                .otherwise(pl.col("text"))
            )
        else:
            bare = pl.col("text")
        signs = bare.str.count_matches(self.delimiter, literal=True)
        numbered = self._as_wide(numbered.with_columns(cells=signs.cast(pl.Int64) + 1))
        right = pl.col("cells") == len(self.columns)
        wrong = numbered.filter(~right)
        rows.rejected += wrong.height
        for line, text, cells in wrong.select("line", "text", "cells").iter_rows():
            message = _wrong_width(cells, len(self.columns))
            rows.issues.append(Issue(line, "", text[:VALUE_SHOWN], WIDTH, message))
        return numbered.filter(right).drop("cells")

    def _as_wide(self, numbered: pl.DataFrame) -> pl.DataFrame:
        """The lines with what makes no difference to the number of their `cells` mended."""
        return numbered

    def _split(self, numbered: pl.DataFrame, columns: Sequence[str] = ()) -> pl.DataFrame:
        wanted = [name for name in self.columns if not columns or name in columns]
        if not numbered.height:
            return pl.DataFrame(schema={"line": pl.UInt32} | dict.fromkeys(wanted, pl.String))
        # A line of which mending leaves nothing is a row of one empty cell, but to polars none.
        numbered = numbered.with_columns(pl.col("text").replace("", '""'))
        # It takes a mark of byte order off the start: this one, not one in the first cell.
        text = "\ufeff" + numbered["text"].str.join("\n").item()
        body = io.BytesIO(text.encode())
        frame = pl.read_csv(
            body,
            has_header=False,
            separator=self.delimiter,
            infer_schema=False,
            columns=[self.columns.index(name) for name in wanted],
            quote_char='"',
        )
        frame.columns = wanted
        frame.insert_column(0, numbered["line"])
        # Space beside a cell's end, or quotes that may hold some: else there is nothing to strip.
        end = re.escape(self.delimiter)
        loose = numbered["text"].str.contains(rf'^\s|\s$|{end}[^\S{end}]|[^\S{end}]{end}|"').any()
        return _tidy(frame) if loose else frame


def _sort_out(rows: Rows, table: Table) -> None:
    """Leave repeated headers and rows of empty cells out, counted."""
    named = zip(table.columns, table.written, strict=True)
    frame = rows.frame
    first = table.written[0].strip() or None
    # A cheap look at one column spares most stretches the look at all.
    if (frame[table.columns[0]].eq_missing(pl.Series([first], dtype=pl.String))).any():
        header = frame.select(
            pl.all_horizontal(pl.col(one).eq_missing(pl.lit(label or None)) for one, label in named)
        ).to_series()
        message = _("The header again, as in joined files.")
        ignore_lines(rows, frame.filter(header), "header", message)
        frame = frame.filter(~header)
    if frame[table.columns[0]].null_count():
        empty = frame.select(pl.all_horizontal(pl.col(table.columns).is_null())).to_series()
        ignore_lines(rows, frame.filter(empty), "empty_row", _("Rows of empty cells."))
        frame = frame.filter(~empty)
    rows.frame = frame


def _reject_lines(rows: Rows, wrong: pl.DataFrame, rule: str, message: str) -> None:
    rows.rejected += wrong.height
    rows.issues += [
        Issue(line, "", text[:VALUE_SHOWN], rule, message)
        for line, text in wrong.select("line", "text").iter_rows()
    ]


def ignore_lines(rows: Rows, which: pl.DataFrame, rule: str, message: str) -> None:
    if which.height:
        rows.ignored += which.height
        first = which["line"][0]
        rows.issues.append(Issue(first, "", "", rule, message, IGNORED, which.height))


def _wrong_width(cells: int, header: int) -> str:
    return _("It has %(cells)d cells, the header %(header)d.") % {
        "cells": cells, "header": header,
    }  # fmt: skip


def _tidy(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells without the space around them; an empty one is null."""
    text = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(text != "").then(text))


@contextmanager
def _workbook(path: Path) -> Iterator[openpyxl.Workbook]:
    """A workbook open for reading; what is wrong with it inside comes out as FileRefused."""
    try:
        # From the open file: by path, openpyxl would judge it by its name.
        with path.open("rb") as file, warnings.catch_warnings():
            # Of what it cannot write again, such as slicers; nothing is written here.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                yield book
            finally:
                book.close()
    except (
        InvalidFileException, BadZipFile, DefusedXmlException, ParseError,
        KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError, zlib.error,
    ) as damage:  # fmt: skip
        raise FileRefused(_("The workbook is damaged (%s).") % damage) from damage


def _first_row(book: openpyxl.Workbook, sheet: int) -> str:
    """A sheet's first row that is not empty, as tab-separated text."""
    for row in islice(_sheet_rows(book, sheet), BLANK_WITHIN):
        if cells := _row_cells(row):
            return _tabbed(cells)
    return ""


def _tabbed(cells: list[str]) -> str:
    return "\t".join(cell.replace("\t", " ") for cell in cells)


def first_rows(path: Path, most: int) -> Iterator[tuple[str, list[list[str]]]]:
    """The name of each sheet of a workbook and its first rows, as text."""
    with _workbook(path) as book:
        for number, sheet in enumerate(book.worksheets):
            rows = islice(_sheet_rows(book, number), most)
            yield sheet.title, [_row_cells(row) for row in rows]


def write_sheet(path: Path, sheet: str, header: int, out: Path, most: int) -> None:
    """A named sheet of a workbook as tab-separated text, a line a row, as wide as its header.

    At most so many rows of it.

    Raises FileRefused where there is no such sheet.
    """
    with _workbook(path) as book:
        names = [one.title for one in book.worksheets]
        if sheet not in names:
            raise FileRefused(
                _("It has no sheet named %(name)s, but %(others)s.")
                % {"name": sheet, "others": ", ".join(names)}
            )
        number = names.index(sheet)
        top = [_row_cells(row) for row in islice(_sheet_rows(book, number), BLANK_WITHIN)]
        width = len(top[header - 1]) if 0 < header <= len(top) else max(map(len, top), default=0)
        _write_as_text(book, number, out, width, most)


def _row_cells(row: tuple[Any, ...]) -> list[str]:
    """A row's cells as text on one line, without the empty ones at its end."""
    cells = [_cell_text(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _write_as_text(
    book: openpyxl.Workbook,
    sheet: int,
    path: Path,
    width: int = 0,
    most: int = SHEET_ROWS,
    delimiter: str = "\t",
) -> None:
    """A sheet as delimited text, one line a row, so that line numbers are row numbers.

    Rows are cut at a `width` that is given; else the first one that is not empty tells it.
    """
    cut = width or None
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
        for row in islice(_sheet_rows(book, sheet), most):
            cells = _row_cells(row[:cut])
            width = width or len(cells)
            if cells:
                writer.writerow(cells + [""] * (width - len(cells)))
            else:
                file.write("\n")


def _sheet_rows(book: openpyxl.Workbook, sheet: int) -> Iterator[tuple[Any, ...]]:
    """A sheet's rows from the first. Raises FileRefused for one with more than WIDEST cells."""
    page = book.worksheets[sheet]
    # The size a sheet declares is often wrong, and a wrong one would hide or invent rows.
    page.reset_dimensions()
    for number, row in enumerate(page.iter_rows(values_only=True), 1):
        if number > SHEET_ROWS:
            raise FileRefused(_("The sheet claims more rows than a workbook can hold."))
        # Styles make cells of nothing far to the right.
        if len(row) > WIDEST and any(value is not None for value in row[WIDEST:]):
            raise _too_wide()
        yield row[:WIDEST]


def _cell_text(value: Any) -> str:
    """A typed cell as the text it would have in a csv: ISO dates, h:mm:ss clocks, plain numbers."""
    match value:
        case None:
            return ""
        case str():
            return " ".join(value.split())
        case bool():
            return "Y" if value else "N"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.year < 1901:
            # A clock of more than a day counts from the workbook's first day.
            return _clock(value - datetime(1899, 12, 31))  # noqa: DTZ001 sheets have no zone
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds")
        case time():
            return _clock(
                timedelta(
                    hours=value.hour,
                    minutes=value.minute,
                    seconds=value.second,
                    microseconds=value.microsecond,
                )
            )
        case timedelta():
            return _clock(value)
    return str(value).strip()


def _clock(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
