"""A report made: answered for its reader as far as it can be, drawn as tables, put into files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from ccm.dirty import Notice
from ccm.exports import lines as csv_lines
from kpis import recorded, report
from kpis.choices import Choices
from kpis.choosing import marks
from kpis.dimensions import IN_TIME
from kpis.reads import reading
from kpis.report import Question, Row, Unanswerable
from kpis.report.told import day_only_words
from kpis.reports import (
    aimed,
    charts,
    comparing,
    files,
    form,
    holidays,
    links,
    made_by,
    partial,
    shapes,
)  # fmt: skip
from kpis.reports import together as together_
from kpis.reports.asked import Asked
from kpis.reports.comparing import Comparison
from kpis.reports.links import Link
from kpis.reports.partial import Todays
from kpis.reports.reach import Answerable
from kpis.reports.together import Together

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(slots=True)
class Made:
    """A report, answered as far as it can be: `problems` say what could not."""

    asked: Asked
    question: Question
    choices: Choices
    rows: list[Row] = field(default_factory=list)
    together: Together | None = None
    """The row of the whole, below the others."""
    comparison: Comparison = field(default_factory=Comparison)
    problems: list[str] = field(default_factory=list)
    counting: list[Notice] = field(default_factory=list)
    is_refused: bool = False
    """It is more than can be read or shown, makes no sense, or nothing is left of what it is of:
    there are no rows, and why not is among the problems."""
    day_only: int | None = 0
    changed: list[str] = field(default_factory=list)
    """The definitions that changed meanwhile, in words."""
    todays: Todays = field(default_factory=dict)
    apart: str = ""
    """Which days it is of, where its period is of others at some site."""

    @property
    def is_aimed(self) -> bool:
        """Whether targets stand beside its figures."""
        return self.asked.compare == "target"

    def is_untold(self, words: str) -> bool:
        """Whether none of its rows ever tells a KPI, which says so itself."""
        return bool(self.rows) and all(row.figures[words].is_untold for row in self.rows)

    @property
    def file_name(self) -> str:
        """Without its ending."""
        return f"report_{self.question.first.isoformat()}_{self.question.last.isoformat()}"

    @property
    def nothing(self) -> str:
        """What stands in the place of its rows where it has none; empty where it has some, or is
        refused."""
        if self.rows or self.is_refused:
            return ""
        asked = self.question
        unknown = recorded.why_none(asked.records, asked.sites, asked.last)
        return recorded.nothing_words(unknown)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What it is of: names and words."""
        is_beside = self.asked.compare == "target" or bool(self.comparison.how)
        return form.told(self.asked, self.question, is_beside)

    @property
    def told(self) -> list[tuple[str, str]]:
        """The same for its files, with what is to be known."""
        days = _of_days(self)
        apart = [self.apart] if self.apart else []
        visits = made_by.in_visits_note(self.question, self.rows)
        nothing = [self.nothing] if self.nothing else []
        said = (
            *map(str, self.counting), *self.problems, *nothing, *apart, *_added(self),
            *self.comparison.notes, *days, *visits,
        )  # fmt: skip
        problems = [(_("Note"), words) for words in said]
        changed = [(_("Changed"), words) for words in self.changed]
        return [*self.facts, *problems, *changed, *_age(self.question)]


def make(asked: Asked, answerable: Answerable) -> Made:
    """Answer what is left of a question."""
    question = answerable.question
    choices = Choices(question.last)
    made = Made(
        asked, question, choices, problems=list(answerable.problems),
        counting=answerable.counting, todays=answerable.todays, apart=answerable.apart,
    )  # fmt: skip
    if answerable.is_of_nothing:
        made.is_refused = True
        return made
    try:
        made.rows = report.answer(question, choices)
    except Unanswerable as refusal:
        made.problems.append(str(refusal))
        made.is_refused = True
        return made
    made.day_only = report.day_only(question, made.rows)
    made.changed = [str(one) for one in marks.of_question(question, made.rows, choices)]
    if made.changed and (whole := marks.of_several_days(question)):
        made.changed.append(whole)
    if asked.compare and not made.is_aimed and made.rows:
        try:
            made.comparison = comparing.compared(
                question,
                made.rows,
                asked.compare,
                asked.like or asked.period,
                answerable.now,
                choices,
            )
        except Unanswerable as refusal:
            made.problems.append(str(refusal))
    is_compared = made.comparison.how != ""
    made.together = together_.of(question, made.rows, choices, is_compared)
    return made


def drawn(made: Made, link: Link, base: str = "") -> list[Any]:
    """Its tables: one with a column a KPI, or one for each KPI; none of what was not answered.
    Addresses of the passports of the whole, and of what stands beside, begin with `base`."""
    if made.is_refused:
        return []
    question = made.question
    marks_ = partial.marks(question, made.rows, made.todays)
    if question.across == "total":
        how = "target" if made.is_aimed else made.comparison.how
        before = links.before(question, made.comparison, made.todays, made.choices, base)
        table = shapes.table(question, made.rows, link, how, made.comparison, marks_, before)
        if made.together is not None:
            whole = made.together
            shapes.add_together(table, whole.row, made.rows, links.of(whole.question, base))
        if question.by in IN_TIME:
            earlier: list[str] = []
            changes = marks.of_rows(question, made.rows, made.choices)
            for row, changed in zip(table.data.data, changes, strict=True):
                # The first row of the day says it.
                new = [one for one in changed if one not in earlier]
                row["mark"] = "; ".join(one for one in (row["mark"], *new) if one)
                earlier = changed
        return [table]
    return list(shapes.pivots(question, made.rows, link, marks_)) if made.rows else []


def chart(made: Made) -> dict[str, Any] | None:
    """Its line, where it is one of time."""
    if not made.rows:
        return None
    question = made.question
    parts = partial.parts(question, question.by, made.rows, made.todays)
    changes = marks.in_short(question, made.rows, made.choices)
    return charts.line(question, made.rows, parts, changes)


def notes(made: Made) -> list[str]:
    """What is to be known of its figures, in words."""
    said = [made.apart] if made.apart else []
    if made.nothing and made.question.across != "total":
        # No table says it.
        said.append(made.nothing)
    if made.day_only:
        said.append(day_only_words(made.day_only))
    said += _added(made)
    said += made.comparison.notes
    if made.is_aimed:
        said += aimed.notes(made.question, made.rows)
    said += _of_days(made)
    said += made.changed
    said += made_by.notes(made.question, made.rows)
    said += _untold(made)
    said += made_by.precisions(made.question, made.rows)
    said += made_by.in_visits_note(made.question, made.rows)
    said += links.without(made.question, made.rows)
    said += _of_whole(made)
    said += partial.notes(made.question, made.rows, made.todays)
    if not made.comparison.how:
        # What it is compared up to says so too.
        said += partial.today_notes(made.question, made.rows, made.todays)
    if made.question.across != "total" and shapes.column_count(made.rows) > shapes.MOST_COLUMNS:
        words = _("The first %(count)d columns are drawn; the files have all of them.")
        said.append(words % {"count": shapes.MOST_COLUMNS})
    return said


def _added(made: Made) -> list[str]:
    """Which KPIs stand in it that nobody asked for, and why."""
    return [form.added_words(made.asked.added)] if made.asked.added else []


def _untold(made: Made) -> list[str]:
    """Which of its figures are told by none of its rows and columns, and why not."""
    kpis: dict[str, list[str]] = {}
    for words in filter(made.is_untold, made.question.kpis):
        reason = made.rows[0].figures[words].reason
        kpis.setdefault(reason, []).append(form.kpi_words(words))
    told = _("%(kpis)s: %(why)s.")
    return [told % {"kpis": ", ".join(names), "why": why} for why, names in kpis.items()]


def _of_whole(made: Made) -> list[str]:
    """What is to be known of the row of the whole."""
    if made.together is None:
        return []
    name, question, row = made.together.row.name, made.together.question, made.together.row
    said = []
    if not links.without(made.question, made.rows):
        said += [f"{name}: {words}" for words in links.without(question, [row])]
    return said


def _of_days(made: Made) -> list[str]:
    """What is to be known of its days beside what a comparison says of them."""
    said = partial.record_notes(made.question, made.rows)
    if not made.comparison.how:
        said += holidays.gathered(made.question, made.rows)
    return said + partial.clock_notes(made.question, made.rows)


def lines(made: Made, base: str) -> Iterator[list[Any]]:
    """Its header and its lines for a file; `base` begins the addresses of passports."""
    link = links.of(made.question, base)
    partly = partial.of_rows(made.question, made.rows, made.todays)
    return files.lines(
        made.question, made.rows, link, made.choices, made.comparison, partly, made.counting,
        made.problems, form.picked(made.asked, made.question),
        links.before(made.question, made.comparison, made.todays, made.choices, base),
        made.is_aimed,
    )  # fmt: skip


def csv(made: Made, base: str) -> bytes:
    header, *rows = lines(made, base)
    return "".join(csv_lines(header, rows)).encode()


def workbook(made: Made, base: str, now: datetime) -> bytes:
    """Its lines and, on a second sheet, what they are of and mean."""
    header, *rows = lines(made, base)
    facts: list[Any] = files.about(made.question, made.rows, made.told, now)
    if made.together is not None:
        whole = made.together
        # Beside other days some of its figures are missing, and say why.
        kpis = made.question.kpis if made.comparison.how else whole.question.kpis
        link = links.of(whole.question, base)
        facts += files.of_whole(whole.row, kpis, link, made.is_aimed)
    return files.workbook(_("Report"), files.units_of(header), [header, *rows], facts)


def _age(question: Question) -> list[tuple[str, str]]:
    counted_at, newest_at = reading.newest([site.pk for site in question.sites])
    return [
        (words, moment.astimezone(question.tz).isoformat(timespec="seconds"))
        for words, moment in ((_("Newest call"), newest_at), (_("Counted"), counted_at))
        if moment is not None
    ]
