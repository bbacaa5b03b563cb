"""Targets beside a report's figures, for machines; and which figures have none."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kpis.figures import Figure
from kpis.report import Question, Row
from kpis.reports.form import kpi_words
from kpis.standing import against, unaimed_words


def why_none(figure: Figure) -> str:
    """Why no target stands beside a figure; empty where one does."""
    return "" if against(figure) else unaimed_words(figure) or _("it has no target")


def notes(question: Question, rows: Sequence[Row]) -> list[str]:
    """Which KPIs have no target in any row: an empty place would say it to nobody. What none of the
    rows tells at all says why itself."""
    told = [
        words
        for words in question.kpis
        if rows and not all(row.figures[words].is_untold for row in rows)
    ]
    without = [words for words in told if all(why_none(row.figures[words]) for row in rows)]
    if not without:
        return []
    if len(without) == len(question.kpis):
        return [_("These figures have no target.")]
    return [_("Without a target: %(kpis)s.") % {"kpis": ", ".join(map(kpi_words, without))}]


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The target of each figure of each row and how it stands to that, in the shape of
    `comparing.as_json`: of no other days."""
    return [
        {
            "key": row.key,
            "first": None,
            "last": None,
            "until": None,
            "kpis": {words: _told(one) for words, one in row.figures.items()},
        }
        for row in rows
    ]


def _told(figure: Figure) -> dict[str, Any]:
    aim = against(figure)
    return {
        "value": aim and aim.target,
        "now": figure.value,
        "more_than_noise": None,
        "level": aim and aim.level,
        "state": aim and aim.word,
        "reason": why_none(figure),
    }
