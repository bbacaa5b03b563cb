"""A report for machines: what the API answers and `callcenter report --json` prints, alike."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ccm import periods
from kpis import report
from kpis.choices import Choices
from kpis.choosing import marks
from kpis.report import Question, Row, told
from kpis.reports import aimed, comparing, form, partial
from kpis.reports.comparing import Comparison
from kpis.reports.links import Link
from kpis.reports.partial import Todays


def compared(
    question: Question, rows: Sequence[Row], how: str, now: datetime, choices: Choices
) -> Comparison:
    """What stands beside rows of days that have no other name. Raises Unanswerable."""
    if how in ("", "target") or not rows:
        return Comparison()
    return comparing.compared(question, rows, how, periods.CUSTOM, now, choices)


def notes(
    question: Question, rows: Sequence[Row], how: str, made: Comparison, added: Sequence[str]
) -> list[str]:
    """What is to be known of an answer: KPIs that were `added`, and what stands beside it."""
    said = [form.added_words(added)] if added else []
    return [*said, *made.notes, *(aimed.notes(question, rows) if how == "target" else ())]


def as_json(
    question: Question,
    rows: Sequence[Row],
    choices: Choices,
    how: str,
    made: Comparison,
    link: Link,
    todays: Todays,
    counting: Sequence[str],
    added: Sequence[str] = (),
    read_at: datetime | None = None,
) -> dict[str, Any]:
    """Rows as they were asked for, compared `how`. `read_at`: when their calls were read, where
    that was not now."""
    partly = partial.of_rows(question, rows, todays)
    answer = told.as_json(rows, report.day_only(question, rows), link, partly)
    if how:
        beside = aimed.as_json(rows) if how == "target" else comparing.as_json(made, rows)
        answer["compared"] = beside
    return answer | {
        "changes": marks.as_json(question, rows, choices),
        "counting": list(counting),
        "notes": notes(question, rows, how, made, added),
        "read_at": read_at,
    }
