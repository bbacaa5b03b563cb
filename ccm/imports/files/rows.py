"""The rows of a file whose dialect and columns somebody said: a table, whatever the file is."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports.files import corrections, lines, multiline, opening, scratch, tables
from ccm.imports.files import dialect as dialects
from ccm.imports.files.dialect import DELIMITED, FIXED, JSON, SHEET, Dialect
from ccm.imports.files.tables import VALUE_SHOWN, Rows, Table
from ccm.imports.records import LINES, RECORDS, FileRefused, Issue, Shape

# Members of a JSON record beyond these are kept with the rest of what no column names.
MOST_COLUMNS = 256
# Where that rest is in a frame: no name of a file has such a sign.
REST = "\0rest"
# A frame's own column.
LINE = "line"
LONGEST_LABEL = 120


@contextmanager
def opened(
    plain: Path, dialect: Dialect, *, twins: bool = False, most: int = tables.SHEET_ROWS
) -> Iterator["SaidTable"]:
    """The table in a file, read as the dialect says; of a sheet at most so many rows.

    Raises FileRefused where it cannot be.
    """
    workbook = opening.is_workbook(plain)
    if workbook != (dialect.kind == SHEET):
        raise FileRefused(
            _("It is a workbook, and was to be read as text.")
            if workbook
            else _("It is no workbook, and was to be read as one.")
        )
    if dialect.kind in (FIXED, JSON):
        yield table_of(plain, dialect, twins=twins)
        return
    with scratch.folder() as folder:
        if dialect.kind == DELIMITED:
            if corrections.is_noted(plain):
                corrections.restore(plain, folder / "restored")
                plain = folder / "restored"
            text = multiline.on_one_line(plain, dialect.delimiter, dialect.header, folder)
            yield table_of(text, dialect, twins=twins)
            return
        text = folder / "sheet.tsv"
        tables.write_sheet(plain, dialect.sheet, dialect.header, text, most)
        scale = plain.stat().st_size / max(1, text.stat().st_size)
        yield SaidTable(text, dialect, "\t", twins=twins, scale=scale)


def table_of(plain: Path, dialect: Dialect, *, twins: bool = False) -> "SaidTable":
    """The table in a text file."""
    if dialect.kind == JSON:
        return JsonTable(plain, dialect, "\0", twins=twins)
    if dialect.kind == FIXED:
        return FixedTable(plain, dialect, "\0", twins=twins)
    return SaidTable(plain, dialect, dialect.delimiter, twins=twins)


def unlike(labels: Iterable[str]) -> list[str]:
    """Column labels made unlike each other; an empty one is named for its place."""
    made: list[str] = []
    taken = {LINE}
    for number, label in enumerate(labels, 1):
        plain = " ".join(label.split())[:LONGEST_LABEL] or _("column %d") % number
        numbered = (f"{plain[: LONGEST_LABEL - 12]} ({place})" for place in count(number))
        name = plain if plain not in taken else next(one for one in numbered if one not in taken)
        taken.add(name)
        made.append(name)
    return made


def labels_in(texts: list[str], dialect: Dialect) -> list[str]:
    """The column names in a file's first lines, read as the dialect says; of a sheet its rows as
    tab-separated text. None where it has no header."""
    if dialect.kind == JSON:
        return list(flat(_object(next((one for one in texts if one.strip()), "")) or {}))
    if not 0 < dialect.header <= len(texts):
        return []
    line = texts[dialect.header - 1].strip("\r")
    if dialect.kind == FIXED:
        return dialects.cut(line, dialect.edges)
    return dialects.split([line], "\t" if dialect.kind == SHEET else dialect.delimiter)[0]


class SaidTable(Table):
    """Delimited text, read as a dialect says. Columns are named by their labels, made unlike."""

    def __init__(
        self, path: Path, dialect: Dialect, delimiter: str, *, twins: bool, scale: float = 1.0
    ) -> None:
        self.path, self.dialect, self.delimiter = path, dialect, delimiter
        self.twins, self.scale = twins, scale
        self.header_line = dialect.header + dialect.types if dialect.header else 0
        self.written = self._written()
        if not self.written:
            raise FileRefused(_("There is nothing in it."))
        if len(self.written) > tables.WIDEST:
            raise FileRefused(
                _("It has %(count)d columns; a call log has at most %(most)d.")
                % {"count": len(self.written), "most": tables.WIDEST}
            )
        self.labels = unlike(self.written)
        self.columns = list(self.labels)
        self.narrowest = self._narrowest()
        self.shape = self._shape()

    def _shape(self) -> Shape:
        top = self._top()
        named = self.dialect.header and self.dialect.header <= len(top)
        header = top[self.dialect.header - 1].strip("\r\n") if named else ""
        return Shape("table", header, self.delimiter)

    def _narrowest(self) -> int:
        """How many cells a whole row has at least.

        The last may be missing where it has no name, or where every row of the top lacks it.
        """
        named = len(self.written)
        if not self.dialect.header or self.dialect.kind != DELIMITED:
            return named
        while named > 1 and not self.written[named - 1]:
            named -= 1
        if named < len(self.written):
            return named
        below = dialects.whole_rows(self._top()[self.header_line :], self.delimiter)
        rows = dialects.split([text for text in below if text.strip()], self.delimiter)
        return named - 1 if named > 2 and rows and {*map(len, rows)} == {named - 1} else named

    def _as_wide(self, numbered: pl.DataFrame) -> pl.DataFrame:
        """Rows with empty cells behind the header's last, or without a cell that no row has."""
        width, end = len(self.columns), re.escape(self.delimiter)
        cells, text = pl.col("cells"), pl.col("text")
        for size in numbered["cells"].unique():
            if size > width:
                behind = rf'(?:{end}[^\S{end}]*(?:"")?[^\S{end}]*){{{size - width}}}$'
                whole = (cells == size) & text.str.contains(behind)
                changed = text.str.replace(behind, "")
            elif self.narrowest <= size < width:
                whole = cells == size
                changed = text + self.delimiter * (width - size)
            else:
                continue
            numbered = numbered.with_columns(
                text=pl.when(whole).then(changed).otherwise(text),
                cells=pl.when(whole).then(pl.lit(width, pl.Int64)).otherwise(cells),
            )
        return numbered

    def texts(self, end: int | None = None) -> Iterator[pl.Series]:
        """The text of the lines below the header, to before line `end` (0-based)."""
        for stretch in lines.stretches(self.path, self.header_line, 100_000):
            if end is not None and stretch.position >= end:
                return
            text = pl.Series([stretch.text()]).str.split("\n").explode().str.strip_chars_end("\r")
            yield text if end is None else text.head(end - stretch.position)

    def _top(self) -> list[str]:
        stretch = next(lines.stretches(self.path, 0, dialects.LOOKED_AT), None)
        return stretch.text().split("\n") if stretch else []

    def _written(self) -> list[str]:
        """The column names as the file writes them; of one without a header, empty ones."""
        top = self._top()
        if header := self.dialect.header:
            return self._cells(top[header - 1]) if header <= len(top) else []
        first = next((text for text in top if text.strip()), "")
        return [""] * len(self._cells(first))

    def _cells(self, text: str) -> list[str]:
        rows = dialects.split([text.strip("\r\n")], self.delimiter)
        return [cell.strip() for cell in rows[0]]


class FixedTable(SaidTable):
    """Columns of fixed width."""

    def _shape(self) -> Shape:
        return replace(LINES, header=super()._shape().header, edges=self.dialect.edges)

    def _cells(self, text: str) -> list[str]:
        return dialects.cut(text, self.dialect.edges)

    def _well_formed(self, rows: Rows, numbered: pl.DataFrame) -> pl.DataFrame:
        notes = numbered["text"].str.starts_with(corrections.COMMENT)
        message = _("Says why the row after it was rejected: no row of the source.")
        tables.ignore_lines(rows, numbered.filter(notes), "ccm_note", message)
        return numbered.filter(~notes)

    def _split(self, numbered: pl.DataFrame, columns: Sequence[str] = ()) -> pl.DataFrame:
        edges = self.dialect.edges
        ends = [*edges[1:], None]
        wanted = [name for name in self.columns if not columns or name in columns]
        cells = {
            name: pl.col("text")
            .str.slice(edge - 1, None if end is None else end - edge)
            .str.strip_chars()
            for name, edge, end in zip(self.columns, edges, ends, strict=True)
            if name in wanted
        }
        frame = numbered.select("line", **cells)
        return frame.with_columns(
            pl.when(pl.col(name) != "").then(name).alias(name) for name in cells
        )


class JsonTable(SaidTable):
    """One JSON object a line; members of members are columns named with a dot between."""

    def _shape(self) -> Shape:
        return RECORDS

    def _written(self) -> list[str]:
        found: dict[str, None] = {}
        for text in self._top():
            found |= dict.fromkeys(flat(_object(text) or {}))
        return list(found)[:MOST_COLUMNS]

    def _well_formed(self, rows: Rows, numbered: pl.DataFrame) -> pl.DataFrame:
        good = [_object(text) is not None for text in numbered["text"]]
        wrong = numbered.filter(~pl.Series(good, dtype=pl.Boolean))
        rows.rejected += wrong.height
        rows.issues += [
            Issue(line, "", text[:VALUE_SHOWN], "json", _("It is no JSON object."))
            for line, text in wrong.select("line", "text").iter_rows()
        ]
        return numbered.filter(pl.Series(good, dtype=pl.Boolean))

    def _split(self, numbered: pl.DataFrame, columns: Sequence[str] = ()) -> pl.DataFrame:
        wanted = [name for name in self.columns if not columns or name in columns]
        written = dict(zip(self.columns, self.written, strict=True))
        records = [flat(_object(text) or {}) for text in numbered["text"]]
        cells = {name: [record.pop(written[name], None) for record in records] for name in wanted}
        if not columns:
            # What is left are members that the file's first lines do not have.
            cells[REST] = [_json_or_none(record) for record in records]
        frame = pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String))
        return frame.insert_column(0, numbered["line"])


def _json_or_none(record: dict[str, str | None]) -> str | None:
    known = {key: value for key, value in record.items() if value is not None}
    return json.dumps(known, ensure_ascii=False) if known else None


def _object(text: str) -> dict[str, Any] | None:
    """The JSON object in a line, if it is one, and one that is not nested without end."""
    try:
        made = json.loads(text)
        flat(made)
    except (ValueError, RecursionError, AttributeError):
        return None
    return corrections.without_member(made) if isinstance(made, dict) else None


def _as_text(value: str) -> str:
    """Text that a database holds: what JSON can write and no text has is replaced."""
    return value.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


def flat(record: dict[str, Any], before: str = "") -> dict[str, str | None]:
    """The members of a record as text, those of inner records named `outer.inner`."""
    found: dict[str, str | None] = {}
    for key, value in record.items():
        name = _as_text(f"{before}{key}")
        match value:
            case dict():
                found |= flat(value, f"{name}.")
            case None | "":
                found[name] = None
            case bool():
                found[name] = "true" if value else "false"
            case str():
                found[name] = _as_text(value).strip() or None
            case list():
                found[name] = _as_text(json.dumps(value, ensure_ascii=False))
            case _:
                found[name] = str(value)
    return found
