"""Which questions an attempt asks, in which order, and which answers are right. Pure.

Order comes of a seed by SHA-256 alone, not of a generator that another version of a language may
change: an attempt of years ago is shown as it was.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Literal

Kind = Literal["single", "multiple", "number", "text"]
Fault = Literal["few", "none_right", "several_right", "twice", "no_number", "nothing"]
CHOICES: tuple[Kind, ...] = ("single", "multiple")
_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,6})?")
LEAST_ASKED = 10
"""Of fewer people a question says nothing of itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    words: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: of a choice all its answers, of a number the right one, of a text each that is
    taken. `tolerance` is how far a number may be off, both ends in."""

    kind: Kind
    answers: tuple[Answer, ...]
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Score:
    right: int
    asked: int
    passed: bool


def drawn(seed: str, bank: Sequence[int], many: int | None, *, shuffled: bool) -> tuple[int, ...]:
    """The questions that an attempt asks, of a bank of them by their ids in its order: as many as
    there are where `many` is null or more; in an order of chance where it is `shuffled`."""
    ranked = sorted(bank, key=lambda one: _rank(seed, "question", one))
    chosen = ranked if many is None else ranked[:many]
    if shuffled:
        return tuple(chosen)
    there = set(chosen)
    return tuple(one for one in bank if one in there)


def ordered(seed: str, question: int, many: int, *, shuffled: bool) -> tuple[int, ...]:
    """The places (from 0) of the answers of a choice, in the order in which they are shown."""
    places = range(many)
    if not shuffled:
        return tuple(places)
    return tuple(sorted(places, key=lambda one: _rank(seed, f"answer {question}", one)))


def is_right(question: Asked, said: Sequence[str]) -> bool:
    """Whether an answer is right: places of a choice, or one word. What cannot be read is wrong."""
    if question.kind in CHOICES:
        right = {str(at) for at, one in enumerate(question.answers) if one.is_right}
        return set(said) == right
    if len(said) != 1:
        return False
    if question.kind == "number":
        number, right_one = number_of(said[0]), number_of(question.answers[0].words)
        if number is None or right_one is None:
            return False
        return abs(number - right_one) <= question.tolerance
    return plain(said[0]) in {plain(one.words) for one in question.answers}


def score(right: Sequence[bool], pass_percent: int) -> Score:
    """Of questions that were asked, whether each was answered right. Without questions it is
    passed: there was nothing to ask.

    Raises ValueError for a pass mark that is no percentage from 1 to 100.
    """
    if not 1 <= pass_percent <= 100:
        raise ValueError("a pass mark lies between 1 and 100 %")
    n = sum(right)
    return Score(n, len(right), n * 100 >= pass_percent * len(right))


def needed(asked: int, pass_percent: int) -> int:
    """How many of so many questions have to be right."""
    return -(-asked * pass_percent // 100)


def asks_all(bank: int, many: int | None) -> bool:
    """Whether each attempt asks all questions of a bank: the next one the same as the last."""
    return bank > 0 and (many is None or many >= bank)


def number_of(words: str) -> Decimal | None:
    """A number as it is written, with a point before its decimals; None: it is none."""
    said = words.strip()
    return Decimal(said) if _NUMBER.fullmatch(said) and said.isascii() else None


def plain(words: str) -> str:
    """Words as they are compared: any space between them is one, none is around them, and their
    case does not matter."""
    return unicodedata.normalize("NFC", " ".join(words.split())).casefold()


def faults(question: Asked) -> tuple[Fault, ...]:
    """Why a question cannot be asked."""
    found: list[Fault] = []
    if question.kind in CHOICES:
        right = sum(one.is_right for one in question.answers)
        if len(question.answers) < 2:
            found.append("few")
        if not right:
            found.append("none_right")
        if right > 1 and question.kind == "single":
            found.append("several_right")
        if len({plain(one.words) for one in question.answers}) < len(question.answers):
            found.append("twice")
    elif question.kind == "number":
        if len(question.answers) != 1 or number_of(question.answers[0].words) is None:
            found.append("no_number")
    elif not any(plain(one.words) for one in question.answers):
        found.append("nothing")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many people were asked a question in their first attempt, and answered it right."""

    asked: int
    right: int

    @property
    def verdict(self) -> Literal["", "few", "nobody_fails", "everybody_fails"]:
        """What it says of the question itself; "": it tells people apart."""
        if self.asked < LEAST_ASKED:
            return "few"
        if self.right == self.asked:
            return "nobody_fails"
        return "" if self.right else "everybody_fails"


def rates(answers: Mapping[int, Sequence[bool]]) -> dict[int, Rate]:
    """By question, of whether each person answered it right."""
    return {question: Rate(len(said), sum(said)) for question, said in answers.items()}


def _rank(seed: str, what: str, number: int) -> bytes:
    return sha256(f"{seed} {what} {number}".encode()).digest()
