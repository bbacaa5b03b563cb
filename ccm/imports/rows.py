"""The rows of a file whose dialect and columns somebody said: a table, whatever the file is."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from ccm.imports import corrections, lines, opening, scratch, tables
from ccm.imports import dialect as dialects
from ccm.imports.dialect import FIXED, JSON, SHEET, Dialect
from ccm.imports.records import LINES, RECORDS, FileRefused, Issue, Shape
from ccm.imports.tables import VALUE_SHOWN, Rows, Table

# Members of a JSON record beyond these are kept with the rest of what no column names.
MOST_COLUMNS = 256


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
    if not workbook:
        if dialect.kind in (JSON, FIXED) or not corrections.is_noted(plain):
            yield table_of(plain, dialect, twins=twins)
            return
        with scratch.folder() as folder:
            corrections.restore(plain, folder / "restored")
            yield table_of(folder / "restored", dialect, twins=twins)
        return
    with scratch.folder() as folder:
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
    for number, label in enumerate(labels, 1):
        name = " ".join(label.split()) or _("column %d") % number
        while name in made:
            name += f" ({number})"
        made.append(name[:120])
    return made


class SaidTable(Table):
    """Delimited text, read as a dialect says. Columns are named by their labels, made unlike."""

    def __init__(
        self, path: Path, dialect: Dialect, delimiter: str, *, twins: bool, scale: float = 1.0
    ) -> None:
        self.path, self.dialect, self.delimiter = path, dialect, delimiter
        self.twins, self.scale = twins, scale
        self.header_line = dialect.header + dialect.types if dialect.header else 0
        self.written = self._written()
        self.labels = unlike(self.written)
        if not self.labels:
            raise FileRefused(_("There is nothing in it."))
        if len(self.labels) > tables.WIDEST:
            raise FileRefused(
                _("It has %(count)d columns; a call log has at most %(most)d.")
                % {"count": len(self.labels), "most": tables.WIDEST}
            )
        self.columns = list(self.labels)
        self.shape = self._shape()

    def _shape(self) -> Shape:
        top = self._top()
        named = self.dialect.header and self.dialect.header <= len(top)
        header = top[self.dialect.header - 1].strip("\r\n") if named else ""
        return Shape("table", header, self.delimiter)

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
        return LINES

    def _cells(self, text: str) -> list[str]:
        return dialects.cut(text, self.dialect.edges)

    def _well_formed(self, rows: Rows, numbered: pl.DataFrame) -> pl.DataFrame:
        return numbered

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
        records = [flat(_object(text) or {}) for text in numbered["text"]]
        cells = {name: [record.get(name) for record in records] for name in wanted}
        frame = pl.DataFrame(cells, schema=dict.fromkeys(wanted, pl.String))
        return frame.insert_column(0, numbered["line"])


def _object(text: str) -> dict[str, Any] | None:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return corrections.without_member(made) if isinstance(made, dict) else None


def flat(record: dict[str, Any], before: str = "") -> dict[str, str | None]:
    """The members of a record as text, those of inner records named `outer.inner`."""
    found: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        match value:
            case dict():
                found |= flat(value, f"{name}.")
            case None | "":
                found[name] = None
            case bool():
                found[name] = "true" if value else "false"
            case str():
                found[name] = value.strip() or None
            case list():
                found[name] = json.dumps(value, ensure_ascii=False)
            case _:
                found[name] = str(value)
    return found
