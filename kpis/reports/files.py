"""Reports to take along: CSV, and a workbook with what its figures mean."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from ccm.dirty import Notice
from kpis import definitions
from kpis.choices import Choices
from kpis.choosing import marks
from kpis.choosing.words import Shorts
from kpis.definitions import parse
from kpis.dimensions import machine_name
from kpis.report import Question, Row
from kpis.reports import aimed, made_by
from kpis.reports.comparing import Comparison
from kpis.reports.links import Link
from kpis.standing import against

# How a workbook shows the numbers, which are kept in their unit and unrounded.
FORMATS = {
    "count": "#,##0.##",
    "seconds": "#,##0.0",
    "fraction": "0.0%",
    "score": "0.00",
    "points": "0.000",
}
_WIDTH, _WIDE = 18, 60
# No spreadsheet keeps more in a cell.
_LONGEST = 32_767
# Between several sites, zones, changes or reasons in one cell.
_SEPARATOR = "; "
NOTHING = Comparison()
"""Stands beside figures that are compared with nothing."""


def lines(
    question: Question,
    rows: Sequence[Row],
    link: Link,
    choices: Choices,
    compared: Comparison = NOTHING,
    partly: Sequence[str] = (),
    counting: Sequence[Notice] = (),
    problems: Sequence[str] = (),
    picked: Sequence[tuple[str, str]] = (),
    link_before: Link | None = None,
    is_aimed: bool = False,
) -> Iterator[list[Any]]:
    """The header, then a line a row: its keys, its sites, days and zones, whether contacts or
    visits are counted and, where anything is, what is `picked`; then of each KPI its
    value in its unit, unrounded, of money in several currencies that, n, of shares of time in
    seconds, the variant, the definition in words and where it explains itself; and what stands
    beside it, where it is compared, or where targets are (`is_aimed`) its own and how it stands to
    that. Last, which days that is of, what of the row is not whole (`partly`, where the asker
    knows), which of `choices` changed on its days, why there is no value where there is none, and,
    where anything is, how far what is not known exactly is, what is being counted anew, and what
    could not be answered as it was asked (`problems`)."""
    keys = [machine_name(by) for by in (question.by, question.across) if by != "total"]
    with_site = "site" not in keys
    is_cut = bool(compared.cut) or any(one.now is not None for one in compared.found.values())
    header: list[Any] = [*keys, *(["site"] if with_site else []), "from", "to", "zone"]
    # Alike on each line, so that it is told wherever a line ends up.
    of_what = {"counted_in": made_by.counted_in(question, rows)}
    if picked:
        of_what["picked"] = _SEPARATOR.join(f"{name}: {words}" for name, words in picked)
    header += of_what
    # Money is in the one currency of its heading, or has its own beside it.
    currencies = {words: _currencies(words, rows, compared) for words in question.kpis}
    for words in question.kpis:
        told = {row.figures[words].unit_told for row in rows} - {"money"} | currencies[words]
        unit = told.pop() if len(told) == 1 else parse(words)[1].unit
        in_time = any(row.figures[words].variant.n_unit == "seconds" for row in rows)
        n = f"{words} n (seconds)" if in_time else f"{words} n"
        in_which = [f"{words} currency"] if len(currencies[words]) > 1 else []
        header += [f"{words} ({unit})", *in_which, n, f"{words} variant", f"{words} definition"]
        if compared.how:
            header += [f"{words} compared with", f"{words} more than noise"]
        if is_aimed:
            header += [f"{words} target", f"{words} against target"]
        if link_before is not None and compared.before is not None:
            header.append(f"{words} compared passport_url")
        if is_cut:
            header.append(f"{words} up to then")
        header.append(f"{words} passport_url")
    if compared.how:
        header += ["compared from", "compared to", "compared until", "compared not_whole"]
    if partly:
        header.append("not_whole")
    is_rough = any(figure.precision for row in rows for figure in row.figures.values())
    of_all = {"being counted anew": counting, "not_as_asked": problems}
    said = {name: _SEPARATOR.join(map(str, many)) for name, many in of_all.items() if many}
    yield [*header, "changes", "reasons", *(["precision"] if is_rough else []), *said]
    short = Shorts()
    changes = marks.of_rows(question, rows, choices)
    for place, (row, changed) in enumerate(zip(rows, changes, strict=True)):
        sites = [site for site in question.sites if row.site in (None, site.pk)]
        line: list[Any] = [row.key[key] for key in keys]
        reasons, rough = [], []
        if with_site:
            line.append(_SEPARATOR.join(site.name for site in sites))
        line += [day.isoformat() for day in question.days_of(row)]
        line.append(_SEPARATOR.join(dict.fromkeys(site.days_words for site in sites)))
        line += of_what.values()
        for words in question.kpis:
            figure = row.figures[words]
            definition = short(figure.kpi, figure.variant, figure.parameters)
            beside = compared.get(row.id, words)
            in_which = [figure.currency or beside.currency] if len(currencies[words]) > 1 else []
            line += [figure.value, *in_which, figure.n, figure.variant.id, definition]
            if figure.why_none:
                reasons.append(f"{words}: {figure.why_none}")
            if figure.precision:
                rough.append(f"{words}: {figure.precision}")
            if compared.how:
                is_more = "" if beside.p is None else ("yes" if beside.marked else "no")
                line += [beside.value, is_more]
            if is_aimed:
                aim = against(figure)
                line += [None, ""] if aim is None else [aim.target, aim.word]
                if why := aimed.why_none(figure):
                    reasons.append(f"{words} target: {why}")
            if link_before is not None and compared.before is not None:
                line.append(link_before(row, words))
            if beside.reason:
                reasons.append(f"{words} compared with: {beside.reason}")
            if is_cut:
                line.append(beside.now)
            line.append(link(row, words))
        if compared.how:
            partly_before = compared.partly.get(row.site, "")
            line += [*compared.days(row.id), compared.until(row), partly_before]
        if partly:
            line.append(partly[place])
        line += [_SEPARATOR.join(changed), _SEPARATOR.join(reasons)]
        if is_rough:
            line.append(_SEPARATOR.join(rough))
        yield [*line, *said.values()]


def _currencies(words: str, rows: Sequence[Row], compared: Comparison) -> set[str]:
    """In which a KPI is told of any of the rows, and of what stands beside them."""
    told = {row.figures[words].currency for row in rows}
    return (told | {compared.get(row.id, words).currency for row in rows}) - {""}


def about(
    question: Question,
    rows: Sequence[Row],
    told: Sequence[tuple[str, str]],
    now: datetime,
) -> list[tuple[str, ...]]:
    """What a report's figures are of and what they mean, a line each: facts as (name, words), then
    each KPI with each definition that rows of it are made by: which rows, its formula in words, as
    written, and where that comes from."""
    facts: list[tuple[str, ...]] = [*told, (_("Made"), now.isoformat(timespec="seconds"))]
    heading = (_("KPI"), _("Definition"), _("Rows"), _("In words"), _("Formula"), _("Source"))
    facts += [(), heading]
    for words in question.kpis:
        kpi, variant = parse(words)
        if not rows:
            means = (variant.id, "", definitions.passport(kpi, variant, None))
            facts.append((str(kpi.name), *means, variant.formula, str(variant.source)))
        for one in made_by.used(question, rows, words):
            made = one.definition.figure.variant
            means = (one.definition.words, one.where or _("all"), one.definition.in_full)
            facts.append((str(kpi.name), *means, made.formula, str(made.source)))
    return facts


def of_whole(whole: Row, kpis: Iterable[str], link: Link, is_aimed: bool) -> list[tuple[Any, ...]]:
    """The figures of the whole of a report's `kpis`, a line each, which stand in no row: a column
    there adds up."""
    names = (_("Target"), _("Against target")) if is_aimed else ()
    heading = (whole.name, _("Value"), "n", _("Definition"), *names, _("Passport"), _("Reason"))
    lines: list[tuple[Any, ...]] = [(), heading]
    short = Shorts()
    for words in kpis:
        one = whole.figures.get(words)
        if one is None:
            unit = parse(words)[1].unit
            nothing = (None, None, "", *("" for _name in names), "", _("it is told of no row"))
            lines.append((f"{words} ({unit})", *nothing))
            continue
        aim = against(one)
        aims = (aim and aim.target, aim and aim.word) if is_aimed else ()
        definition = short(one.kpi, one.variant, one.parameters)
        told = (one.value, one.n, definition, *aims, link(whole, words), one.why_none)
        lines.append((f"{words} ({one.unit_told})", *told))
    return lines


def workbook(
    title: str,
    units: Mapping[int, str],
    made: Iterable[Sequence[Any]],
    facts: Iterable[Sequence[Any]],
) -> bytes:
    """A workbook of `lines` and, on a second sheet, of `about` and `of_whole`.

    Numbers are numbers, shown by the format of their unit: `units` by the place of a column; on the
    second sheet that of the line, which begins with it. Words
    are words, whatever they begin with: a spreadsheet reads none of them as a formula.
    """
    kept = BytesIO()
    book = xlsxwriter.Workbook(kept, {"constant_memory": True})
    formats = {unit: book.add_format({"num_format": shown}) for unit, shown in FORMATS.items()}
    sheet = book.add_worksheet(_sheet_name(title))
    sheet.freeze_panes(1, 0)
    header, *rows = made
    sheet.set_column(0, len(header) - 1, _WIDTH)
    bold = book.add_format({"bold": True})
    for place, word in enumerate(header):
        _write(sheet, 0, place, word, bold)
    of_places = [formats.get(units.get(place, "")) for place in range(len(header))]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, of_places[place])
    beside = book.add_worksheet(_sheet_name(_("About")))
    for place, width in enumerate((_WIDTH * 2, _WIDTH * 2, *[_WIDE] * 4)):
        beside.set_column(place, place, width)
    for number, fact in enumerate(facts):
        own = formats.get(units_of(fact[:1]).get(0, ""))
        for place, word in enumerate(fact):
            _write(beside, number, place, word, own if place == 1 else None)
    book.close()
    return kept.getvalue()


def units_of(header: Sequence[str]) -> dict[int, str]:
    """The unit of each column of values, which its heading tells: "service_level (fraction)"."""
    return {
        place: word.rpartition("(")[2].rstrip(")")
        for place, word in enumerate(header)
        if word.endswith(")")
    }


def _write(sheet: Any, number: int, place: int, value: Any, shown: Any = None) -> None:
    """A cell in row `number` and column `place`: a number as `shown`, or words."""
    if value is None:
        # A cell without a number is shown as those beside it, whoever writes one there.
        sheet.write_blank(number, place, None, shown)
    elif isinstance(value, int | float):
        sheet.write_number(number, place, value, shown)
    elif value != "":
        words = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_LONGEST]
        sheet.write_string(number, place, words, shown)


def _sheet_name(title: str) -> str:
    """A title as the name of a sheet: 31 characters, none of those that mean something there."""
    return "".join(" " if one in "[]:*?/\\" else one for one in title)[:31].strip("' ") or "Report"
