"""Targets beside a report's figures, for machines."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from kpis.figures import Figure
from kpis.report import Row
from kpis.standing import against


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
        "reason": "" if aim else _("it has no target"),
    }
