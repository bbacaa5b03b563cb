"""What a column's cells can hold, and one thing that a column can mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Cell(StrEnum):
    """What a target's cells hold."""

    WORDS = "words"
    NUMBER = "number"
    COUNT = "count"
    PERCENT = "percent"
    MOMENT = "moment"
    DATE = "date"
    CLOCK = "clock"
    DURATION = "duration"
    CHOICE = "choice"
    YES_NO = "yes_no"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a column can mean. `choices` are the meanings its words can have."""

    name: str
    label: Any
    cell: Cell
    choices: Mapping[str, Any] | None = None
    help: Any = ""
