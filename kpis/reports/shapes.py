"""A report as tables: a column a KPI, or, where columns are something else, a table a KPI."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ccm.tables import WORDS
from ccm.templatetags.figures import DASH
from ccm.templatetags.figures import figure as figure_text
from kpis import recorded
from kpis.choosing import apart, beside
from kpis.choosing.apart import Definition
from kpis.definitions import parse
from kpis.dimensions import MOMENTS, NAMES, OF_DAYS, OF_QUARTERS
from kpis.figures import Figure
from kpis.report import Question, Row
from kpis.reports.comparing import Beside, Comparison
from kpis.reports.links import Link
from kpis.standing import against, beside_value, is_of_few, target_figure
from kpis.tables import (
    KpiColumn,
    KpiRows,
    KpiTable,
    dash,
    drawn,
    few_words,
    figure_or_why,
    heading,
    linked,
    of_words,
    place_name,
    row_of,
    tell_apart,
)

MOST_COLUMNS = 100
"""So many columns are drawn; the files have all of them."""
# Their names are dates and times, which are read as one.
_UNBROKEN = ("day", "week", *MOMENTS)
BESIDE_NAMES = {
    "previous": gettext_lazy("before"),
    "weekdays": gettext_lazy("before"),
    "usual": gettext_lazy("usual"),
    "target": gettext_lazy("target"),
}


class ReportRows(KpiRows):
    """Rows whose names sort as their keys do: time by time."""

    def place_of_name(self, row: dict[str, Any]) -> Any:
        return row["place"]


class CutColumn(KpiColumn):
    """Figures of a day that is not over: beside each, in brackets and where it is another, that of
    the part of it which is compared, with what the clock showed at its end."""

    def __init__(self, asked: str, definition: str, cut: str) -> None:
        super().__init__(asked, definition)
        # The clocks of several sites are named above the table.
        self.until = _("by %(time)s") % {"time": cut} if cut else _("up to then")

    def render(self, value: Figure, record: dict[str, Any]) -> SafeString:
        text = super().render(value, record)
        beside = record["beside"][self.asked]
        now = beside.now
        part = figure_text(now, value.unit)
        if now is None or part == figure_text(value.value, value.unit):
            return text
        until = _("without today") if beside.without_today else self.until
        return format_html("{} <small>({} {})</small>", text, part, until)


class BesideColumn(tables.Column):
    """What a figure is compared with; before it, where the change is more than noise, a word of
    the figure: "less, before 9:37"."""

    def __init__(self, words: str, how: str) -> None:
        self.beside = BESIDE_NAMES[how]
        super().__init__(verbose_name=self.beside, accessor=f"beside__{words}", orderable=False)
        self.asked = words

    def foot(self, reason: str) -> None:
        """Have a dash, and why, below the whole."""
        self._footer = dash(reason)

    def render(self, value: Beside, record: dict[str, Any]) -> SafeString | str:
        figure, beside = record["figures"][self.asked], value
        if beside.value is None:
            return dash(beside.reason)
        said = figure_text(beside_value(figure, beside.value), figure.unit)
        text = linked(said, record["url_before"](self.asked))
        if beside.currency:
            text = format_html("{} <small>{}</small>", text, beside.currency)
        if not beside.marked or figure.value is None:
            return text
        compared = figure if beside.now is None else replace(figure, value=beside.now)
        level, word = change_word(compared, beside.value)
        said = '<span class="state" data-level="{}">{}</span>, {} {}'
        return format_html(said, level, word, self.beside, text)


class TargetColumn(tables.Column):
    """How a figure stands to its target, and that: "below target 80.0 %"."""

    def __init__(self, words: str) -> None:
        super().__init__(
            verbose_name=BESIDE_NAMES["target"], accessor=f"figures__{words}", orderable=False
        )
        self.asked = words

    def render(self, value: Figure) -> SafeString | str:
        aim = against(value)
        if aim is None:
            return ""
        said = '<span class="state" data-level="{}">{}</span> {}'
        return format_html(said, aim.level, aim.word, target_figure(value))

    def foot(self, value: Figure) -> None:
        """Have how the whole stands below how the rows do."""
        self._footer = self.render(value)


def change_word(figure: Figure, before: float | int) -> tuple[str, str]:
    """The level and the word of a change: better or worse where its KPI has a good direction."""
    more = (figure.value or 0) > before
    if figure.kpi.direction not in ("up", "down"):
        return "none", _("more") if more else _("less")
    better = more == (figure.kpi.direction == "up")
    return ("ok", _("better")) if better else ("bad", _("worse"))


def table(
    question: Question,
    rows: Sequence[Row],
    link: Link,
    how: str,
    compared: Comparison,
    marks: Mapping[Any, str],
    link_before: Link,
) -> KpiTable:
    """A row a key, a column a KPI and, beside it, what it is compared with, each with its link.
    `marks` stand beside the names of rows, by their keys."""
    extra: list[tuple[str, tables.Column]] = []
    definitions = beside.headings(rows, question.kpis)
    for words in question.kpis:
        name = place_name(words)
        is_cut = any(compared.get(row.id, words).now is not None for row in rows)
        extra.append(
            (name, CutColumn(words, definitions[words], compared.time))
            if is_cut
            else (name, KpiColumn(words, definitions[words]))
        )
        if how == "target":
            if any(row.figures[words].parameters.target is not None for row in rows):
                extra.append((f"{name}_target", TargetColumn(words)))
        elif how:
            extra.append((f"{name}_beside", BesideColumn(words, how)))
    made = []
    for place, row in enumerate(rows):
        line = row_of(row, question.kpis, partial(link, row), mark=marks.get(row.id, ""))
        line["place"] = place
        line["unbroken"] = question.by in _UNBROKEN
        line["url_before"] = partial(link_before, row)
        line["beside"] = {words: compared.get(row.id, words) for words in question.kpis}
        made.append(line)
    tell_apart(made, question.kpis)
    unknown = recorded.why_none(question.records, question.sites, question.last)
    shown = KpiTable(ReportRows(made), extra_columns=extra)
    shown.say_nothing(unknown)
    shown.columns["name"].column.verbose_name = heading_of(question)
    shown.label = _("Report")
    shown.few = few_words(row.figures[words] for row in rows for words in question.kpis)
    return shown


def add_together(shown: KpiTable, whole: Row, rows: Sequence[Row], link: Link) -> None:
    """Put the row of the whole below all others, on each page of them. Beside its figures stand
    their targets and else nothing, and where something stands beside the others it lacks some:
    dashes say why."""
    shown.columns["name"].column.foot(whole.name)
    columns = [bound.column for bound in shown.columns]
    for column in columns:
        if isinstance(column, BesideColumn):
            words = _("rows alone are compared; the whole is where rows are “%(total)s”")
            column.foot(words % {"total": NAMES["total"]})
        if not isinstance(column, KpiColumn | TargetColumn):
            continue
        if column.asked not in whole.figures:
            continue
        figure = whole.figures[column.asked]
        if isinstance(column, TargetColumn):
            column.foot(figure)
            continue
        other = apart.of_whole(rows, whole, column.asked)
        column.foot(figure, link(whole, column.asked), other)


@dataclass(frozen=True, slots=True)
class Cell:
    """The figure of a row and a column in a table of two sides, asked for by `words`, and its
    shade: its tenth among the others, from 0 to 9; None: not shaded. A `tone` is "shade" where more
    is stronger, and "worse" where worse is."""

    row: Row
    words: str
    link: Link
    shade: int | None = None
    tone: str = "shade"
    made_by: Definition | None = None
    """Its definition, where most cells of the table are made by another."""

    @property
    def figure(self) -> Figure:
        return self.row.figures[self.words]

    @property
    def url(self) -> str:
        """Where it explains itself: told of cells that are drawn, which are few of many."""
        return self.link(self.row, self.words)

    @property
    def value(self) -> float | int | None:
        return self.figure.value


class CellColumn(tables.Column):
    """A column of figures of one KPI. Sorts by value; no value comes last."""

    def __init__(self, name: str, place: int) -> None:
        super().__init__(
            verbose_name=name,
            accessor=f"cells__{place}",
            default=DASH,
            attrs={"td": {"class": self._shade, "title": self._of}},
        )
        self.at = str(place)

    def _of(self, record: dict[str, Any]) -> str | None:
        cell = record["cells"].get(self.at)
        if cell is None:
            return None
        return of_words(cell.figure)

    def _shade(self, record: dict[str, Any]) -> str:
        cell = record["cells"].get(self.at)
        return "" if cell is None or cell.shade is None else f"{cell.tone}-{cell.shade}"

    def render(self, value: Cell) -> SafeString:
        text = figure_or_why(value.figure)
        if value.figure.currency and value.figure.value is not None:
            text = format_html("{} {}", text, value.figure.currency)
        return drawn(value.figure, text, value.url, value.made_by)

    def place(self, row: dict[str, Any], descending: bool) -> tuple[bool, float]:
        """Where a row comes among others."""
        cell = row["cells"].get(self.at)
        value = None if cell is None else cell.value
        return (value is None, 0.0 if value is None else (-value if descending else value))


class PivotTable(tables.Table):
    """One KPI by rows and columns. Built by `pivots`."""

    name = tables.Column(attrs=WORDS)
    render_name = KpiTable.render_name
    export_url = ""
    empty_hint = ""

    def __init__(
        self, heading: str, shading: "Shading | None", few: str, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.heading = self.label = heading
        self.shading = shading
        self.few = few
        """What it says of a cell that it is made of few, in words; empty: none is."""


@dataclass(frozen=True, slots=True)
class Shading:
    """How the cells of a KPI are shaded, in the order of its figures; and what that says."""

    tone: str
    shades: list[int | None]
    words: str


def shading(figures: Sequence[Figure]) -> Shading:
    """Of what has a good direction the worse is the stronger, and what meets its target is not
    shaded; of anything else more is. What is of few is not shaded: it says little."""
    values = [None if is_of_few(one) else one.value for one in figures]
    up = {"up": True, "down": False}.get(figures[0].kpi.direction)
    if up is None:
        return Shading("shade", tenths(values), _("The stronger, the more."))
    targets = {one.parameters.target for one in figures}
    target = targets.pop() if len(targets) == 1 else None
    if target is None:
        bad = [None if one is None else (-one if up else one) for one in values]
        return Shading("worse", tenths(bad), _("The stronger, the worse."))
    missed = [
        None if one is None or (one >= target if up else one <= target) else abs(one - target)
        for one in values
    ]
    words = _("Shaded: off the target of %(target)s, the stronger the further.")
    told = words % {"target": target_figure(figures[0])}
    # Alone, or all as far off, they are off all the same.
    shades = tenths([0.0, *missed])[1:]
    return Shading("worse", shades, told)


def heading_of(question: Question) -> str:
    """What stands over the names of rows."""
    return _("All together") if question.by == "total" else str(NAMES[question.by])


def pivots(
    question: Question, rows: Sequence[Row], link: Link, marks: Mapping[Any, str]
) -> list[PivotTable]:
    """A table for each KPI. Where both sides are time its cells are shaded (`shading`). `marks` as
    in `table`."""
    columns = _columns(rows)
    # A cell that were not there would be looked for, and missed, in so many words.
    nothing = dict.fromkeys(str(place) for place in columns.values())
    heat = {question.by, question.across} <= {*OF_DAYS, *OF_QUARTERS}
    made = []
    definitions = beside.headings(rows, question.kpis)
    for number, words in enumerate(question.kpis):
        shaded = shading([row.figures[words] for row in rows]) if heat else None
        shades = shaded.shades if shaded else [None] * len(rows)
        tone = shaded.tone if shaded else ""
        others = apart.others(rows, words)
        lines: dict[Any, dict[str, Any]] = {}
        for row, shade, other in zip(rows, shades, others, strict=True):
            line = lines.setdefault(
                row.id,
                {
                    "name": row.name, "mark": marks.get(row.id, ""), "place": len(lines),
                    "cells": {**nothing}, "url": "", "unbroken": question.by in _UNBROKEN,
                },
            )  # fmt: skip
            place = columns.get(row.column_id)
            if place is not None:
                cell = Cell(row, words, link, shade, tone, other)
                line["cells"][str(place)] = cell
        names = {row.column_id: row.column for row in rows}
        table_ = PivotTable(
            heading(parse(words)[0], definitions[words]),
            shaded,
            few_words(row.figures[words] for row in rows),
            ReportRows(list(lines.values())),
            extra_columns=[
                (f"c{place}", CellColumn(names[key], place)) for key, place in columns.items()
            ],
            prefix=f"t{number}-",
            empty_text=_("Nothing was counted in this period."),
        )
        table_.columns["name"].column.verbose_name = heading_of(question)
        made.append(table_)
    return made


def _columns(rows: Sequence[Row]) -> dict[Any, int]:
    """The place of each column, in the order of their keys: rows come sorted by both."""
    order: dict[Any, Any] = {}
    for row in rows:
        order.setdefault(row.column_id, row.column_place)
    keys = sorted(order, key=lambda key: order[key])
    return {key: place for place, key in enumerate(keys[:MOST_COLUMNS])}


def column_count(rows: Sequence[Row]) -> int:
    return len({row.column_id for row in rows})


def tenths(values: Sequence[float | int | None]) -> list[int | None]:
    """The tenth that each value is in among all, from 0 to 9; None for none, and where all are
    the same."""
    known = sorted(value for value in values if value is not None)
    if not known or known[0] == known[-1]:
        return [None for _value in values]
    return [
        None if value is None else min(9, 10 * bisect_left(known, value) // len(known))
        for value in values
    ]
