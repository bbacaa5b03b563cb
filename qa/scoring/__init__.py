"""Scorecards and what answers on them are worth, as numbers alone.

A form (`form`) has sections of criteria. Answers (`answers`) say which of them are shown, open or
wrong. A score (`score`) is reckoned exactly and rounded once, where it is shown (`percent`).
"""

from qa.scoring.answers import NOT_APPLICABLE, Value, missing, shown, wrong
from qa.scoring.form import CHOSEN, Condition, Criterion, Fails, Form, Kind, Option, Section, faults
from qa.scoring.score import Part, Score, SectionScore, percent, score

__all__ = [
    "CHOSEN",
    "NOT_APPLICABLE",
    "Condition",
    "Criterion",
    "Fails",
    "Form",
    "Kind",
    "Option",
    "Part",
    "Score",
    "Section",
    "SectionScore",
    "Value",
    "faults",
    "missing",
    "percent",
    "score",
    "shown",
    "wrong",
]
