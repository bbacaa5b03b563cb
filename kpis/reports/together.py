"""The whole of what a report's rows tell: one row more, asked for as a question of its own."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from kpis import report
from kpis.choices import Choices
from kpis.dimensions import OF_CALLS, OF_VISITS, By
from kpis.figures import Figure
from kpis.named import ROWS
from kpis.report import Question, Row
from kpis.sums.counts import Counts


@dataclass(frozen=True, slots=True)
class Together:
    """The row of the whole, and its question, which its figures explain themselves by."""

    question: Question
    row: Row


def of(
    question: Question, rows: list[Row], choices: Choices, is_compared: bool = False
) -> Together | None:
    """The whole of a report whose columns are the KPIs. None of fewer than two rows, and of inbound
    beside outbound, which are never one.

    Of days that add up it is made of what they were made of; else it is asked for. Where the rows
    are compared their counts are read already. What is told of no agent and no team is not told of
    all of them either.
    """
    if question.across != "total" or question.by == "direction" or len(rows) < 2:
        return None
    whole = _whole(question, rows)
    if not whole.kpis:
        return None
    untold = _untold(question, rows)
    asked = replace(whole, kpis=[one for one in whole.kpis if one not in untold])
    if not asked.kpis:
        row = Row({}, "", None, Counts(), {})
    elif question.by == "day":
        by_day = replace(question, kpis=asked.kpis)
        figures = report.total_of_days(by_day, rows, choices)
        site = whole.sites[0].pk if len(whole.sites) == 1 else None
        row = Row({}, "", None, Counts(), dict(figures), site=site)
    else:
        read = {(None, None): Counts.sum(row.counts for row in rows)} if is_compared else None
        (row,) = report.answer(asked, choices, read)
    name = _("Together") if whole.counts_contacts else _("Together, in visits")
    return Together(whole, replace(row, name=name, figures={**row.figures, **untold}))


def _untold(question: Question, rows: list[Row]) -> dict[str, Figure]:
    """Figures, which say why they have no value, of the KPIs that no agent or team has."""
    if question.by not in ("agent", "team"):
        return {}
    return {
        words: rows[0].figures[words]
        for words in question.kpis
        if all(row.figures[words].is_untold for row in rows)
    }


def _whole(question: Question, rows: list[Row]) -> Question:
    """The same question for the whole, in the units of its rows: of what a contact has several of,
    or none, picked by the keys of all rows; of what only calls tell, by all queues and none, which
    are counted already."""
    over_all = report.over_all(question)
    if question.by not in OF_VISITS or question.by in question.selection.picked:
        return over_all
    only: dict[By, Any] = {**question.only, question.by: [row.id for row in rows]}
    if question.by in OF_CALLS:
        # What is told of no topic has no whole, though of the queues it could be told.
        told = {
            one for row in rows for one, figure in row.figures.items() if figure.value is not None
        }
        over_all = replace(over_all, kpis=[one for one in question.kpis if one in told])
        if not over_all.counts_contacts:
            return over_all
        queues = ROWS["queue"].filter(site__in=[site.pk for site in question.sites])
        only = {**question.only, "queue": [*queues.values_list("pk", flat=True), None]}
    return replace(over_all, only=only)
