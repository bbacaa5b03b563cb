"""By which definitions the figures of a report are made: which of its rows by which, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kpis.choosing import apart
from kpis.choosing.apart import Definition
from kpis.definitions import parse
from kpis.dimensions import IN_TIME
from kpis.figures import adds_up_queues
from kpis.report import Question, Row

# So many rows are named, then it is said how many more there are.
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Used:
    """A definition of a report's KPI, and the rows made by it in words; "": all of them."""

    definition: Definition
    where: str = ""


def used(question: Question, rows: Sequence[Row], asked: str) -> list[Used]:
    """The definitions that the figures of a KPI are made by, that of most cells first."""
    found = apart.of(rows, asked)
    if len(found) < 2:
        return [Used(one) for one in found]
    return [Used(one, _where(question, rows, one.places)) for one in found]


def notes(question: Question, rows: Sequence[Row]) -> list[str]:
    """What a reader of the table has to know: which rows of a column are made otherwise."""
    said = []
    for asked in question.kpis:
        found = used(question, rows, asked)
        if len(found) < 2:
            continue
        first = found[0].definition
        one = _("%(where)s by %(definition)s")
        others = [
            one % {"where": other.where, "definition": other.definition.words}
            for other in found[1:]
        ]
        words = _("%(kpi)s is made by %(definition)s, but %(others)s.") % {
            "kpi": first.figure.kpi.name,
            "definition": first.words,
            "others": "; ".join(others),
        }
        said.append(words)
    return said


def in_visits(question: Question, rows: Sequence[Row]) -> list[str]:
    """Which of its KPIs are counted in visits where the others are in contacts, by the words that
    they were asked for with. Matters are neither, and say so."""
    if not question.counts_contacts or not rows:
        return []
    able = [words for words in question.kpis if "matter" in parse(words)[0].default.uses]
    figures = {words: rows[0].figures[words] for words in able}
    return [
        words
        for words, one in figures.items()
        if adds_up_queues(one) and "matters" not in one.variant.needs
    ]


def counted_in(question: Question, rows: Sequence[Row]) -> str:
    """In which units a report is counted, for machines: "contacts", "visits", or "contacts; visits
    of fcr"."""
    if not question.counts_contacts:
        return "visits"
    others = in_visits(question, rows)
    return f"contacts; visits of {', '.join(others)}" if others else "contacts"


def in_visits_note(question: Question, rows: Sequence[Row]) -> list[str]:
    names = [str(parse(words)[0].name) for words in in_visits(question, rows)]
    if not names:
        return []
    words = _(
        "Counted in visits: %(kpis)s. The same matter is the same queue there, and a site adds up"
        " its queues."
    )
    return [words % {"kpis": ", ".join(dict.fromkeys(names))}]


def precisions(question: Question, rows: Sequence[Row]) -> list[str]:
    """Which of its KPIs are not known exactly, and how far they are."""
    found: dict[str, list[str]] = {}
    # Lengths of time alone are: of other KPIs no figure is made to see.
    for asked in (one for one in question.kpis if parse(one)[1].unit == "seconds"):
        for precision in sorted({row.figures[asked].precision for row in rows} - {""}):
            found.setdefault(precision, []).append(str(rows[0].figures[asked].kpi.name))
    said = _("Known %(precision)s: %(kpis)s.")
    return [
        said % {"precision": precision, "kpis": ", ".join(dict.fromkeys(names))}
        for precision, names in found.items()
    ]


def _where(question: Question, rows: Sequence[Row], places: Sequence[int]) -> str:
    """The names of rows, or of columns, where whole ones are meant; else those of cells."""
    mine = [rows[place] for place in places]
    if question.across == "total":
        return _listed([row.name for row in rows], {row.name for row in mine}, question.by)
    of_rows, of_columns = {row.id for row in mine}, {row.column_id for row in mine}
    if sum(row.id in of_rows for row in rows) == len(mine):
        return _listed([row.name for row in rows], {row.name for row in mine}, question.by)
    if sum(row.column_id in of_columns for row in rows) == len(mine):
        ordered = sorted(rows, key=lambda row: (row.column_place is not None, row.column_place))
        names = [row.column for row in ordered]
        return _listed(names, {row.column for row in mine}, question.across)
    by_column: dict[str, set[str]] = {}
    for row in mine:
        by_column.setdefault(row.column, set()).add(row.name)
    names = [row.name for row in rows]
    return _cut(
        [f"{column} × {_listed(names, meant, question.by)}" for column, meant in by_column.items()]
    )


def _listed(names: Iterable[str], meant: set[str], by: str) -> str:
    """Names in their order; of those that follow each other in time the first and the last."""
    if by not in IN_TIME:
        return _cut([one for one in dict.fromkeys(names) if one in meant])
    runs: list[list[str]] = []
    follows = False
    for one in dict.fromkeys(names):
        if one in meant and follows:
            runs[-1].append(one)
        elif one in meant:
            runs.append([one])
        follows = one in meant
    return _cut([" – ".join(dict.fromkeys((run[0], run[-1]))) for run in runs])


def _cut(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    if more <= 0:
        return ", ".join(names)
    words = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
    return ", ".join((*names[:_MOST_NAMED], words))
