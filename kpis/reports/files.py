"""Reports to take along: CSV, and a workbook with what its figures mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kpis import definitions
from kpis.definitions import parse
from kpis.dimensions import machine_name
from kpis.report import Figure, Question, Row
from kpis.reports.comparing import Beside, Compared
from kpis.reports.links import Link

# How a workbook shows the numbers, which are kept in their unit and unrounded.
FORMATS = {
    "count": "#,##0.##",
    "seconds": "#,##0.0",
    "fraction": "0.0%",
    "score": "0.00",
    "points": "0.000",
}
_WIDTH, _WIDE = 18, 60


def lines(
    question: Question, rows: Sequence[Row], link: Link, compared: Compared | None = None
) -> Iterator[list[Any]]:
    """The header, then a line a row: its keys, then of each KPI its value in its unit, unrounded,
    n, the variant and where it explains itself; and what stands beside it, where it is compared."""
    keys = [machine_name(by) for by in (question.by, question.across) if by != "total"]
    header: list[Any] = [*keys]
    for words in question.kpis:
        told = {row.figures[words].unit_told for row in rows} - {"money"}
        # Money is in one currency, or the column tells none.
        unit = told.pop() if len(told) == 1 else parse(words)[1].unit
        header += [f"{words} ({unit})", f"{words} n", f"{words} variant"]
        if compared is not None:
            header += [f"{words} compared with", f"{words} more than noise"]
        header.append(f"{words} passport_url")
    yield header
    for row in rows:
        line: list[Any] = [row.key[key] for key in keys]
        for words in question.kpis:
            figure = row.figures[words]
            line += [figure.value, figure.n, figure.variant.id]
            if compared is not None:
                beside = compared.get((row.id, words), Beside(None))
                said = "" if beside.p is None else ("yes" if beside.marked else "no")
                line += [beside.value, said]
            line.append(link(row, words))
        yield line


def about(
    question: Question,
    rows: Sequence[Row],
    told: Sequence[tuple[str, str]],
    now: datetime,
) -> list[tuple[str, ...]]:
    """What a report's figures are of and what they mean, a line each: facts as (name, words), then
    each KPI with its variant, its formula in words, as written, and where that comes from."""
    facts: list[tuple[str, ...]] = [*told, (_("Made"), now.isoformat(timespec="seconds"))]
    facts += [(), (_("KPI"), _("Variant"), _("In words"), _("Formula"), _("Source"))]
    for words in question.kpis:
        kpi, variant = parse(words)
        figure: Figure | None = rows[0].figures[words] if rows else None
        variant = figure.variant if figure else variant
        parameters = figure.parameters if figure else None
        facts.append(
            (
                str(kpi.name),
                variant.id,
                definitions.passport(kpi, variant, parameters),
                variant.formula,
                str(variant.source),
            )
        )
    return facts


def workbook(
    title: str,
    units: Mapping[int, str],
    made: Iterable[Sequence[Any]],
    facts: Iterable[Sequence[str]],
) -> bytes:
    """A workbook of `lines` and, on a second sheet, of `about`.

    Numbers are numbers, shown by the format of their unit: `units` by the place of a column. Words
    are words, whatever they begin with: a spreadsheet reads none of them as a formula.
    """
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(title))
    sheet.freeze_panes = "A2"
    header, *rows = made
    for place in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
    sheet.append([_cell(sheet, word, bold=True) for word in header])
    for row in rows:
        sheet.append(
            [
                _cell(sheet, value, FORMATS.get(units.get(place, "")))
                for place, value in enumerate(row)
            ]
        )
    beside = book.create_sheet(_sheet_name(_("About")))
    for place, width in enumerate((_WIDTH * 2, _WIDTH, _WIDE, _WIDE, _WIDE), start=1):
        beside.column_dimensions[get_column_letter(place)].width = width
    for fact in facts:
        beside.append([_cell(beside, word) for word in fact])
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def units_of(header: Sequence[str]) -> dict[int, str]:
    """The unit of each column of values, which its heading tells: "service_level (fraction)"."""
    return {
        place: word.rpartition("(")[2].rstrip(")")
        for place, word in enumerate(header)
        if word.endswith(")")
    }


def _cell(sheet: Any, value: Any, number_format: str | None = None, bold: bool = False) -> Any:
    if value is None or isinstance(value, int | float):
        cell = WriteOnlyCell(sheet, value=value)
        if number_format:
            cell.number_format = number_format
        return cell
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", str(value)))
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell


def _sheet_name(title: str) -> str:
    """A title as the name of a sheet: 31 characters, none of those that mean something there."""
    return "".join(" " if one in "[]:*?/\\" else one for one in title)[:31].strip("' ") or "Report"
