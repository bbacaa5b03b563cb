"""What callers say who are asked after their call: one mood lies behind all of their answers.

Everybody who answers is asked how satisfied they are and whether their matter was settled; some
are asked one question more, or two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ccm.demo.arrivals import Floats, Ints

Bools = npt.NDArray[np.bool_]

# The ends of each question's scale, by its kind, in the order in which they are asked.
SCALES = {"csat": (1, 5), "fcr": (0, 1), "nps": (0, 10), "ces": (1, 7)}
ANSWERS_SURVEY = 0.17
AFTER_MS = 20_000
WITHIN_MS = 480_000
# Of those who answer every so many-th caller of a day is asked this, too.
ONE_IN = {"nps": 3, "ces": 4}
# Not all see it as their agent does: whose matter is settled may say no, and whose is not, yes.
SAYS_NO, SAYS_YES = 0.05, 0.28
# What an even mood answers, what a point of mood adds, and what is of the question alone.
_EVEN = 4.05
_NPS = (7.9, 1.45, 1.3)
_CES = (5.2, 0.95, 0.8)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the caller of each visit would answer, if they do, and when (ms since 1970).

    `scores` are by kind, -1 where that is not asked.
    """

    given: Bools
    at: Ints
    scores: Mapping[str, Ints]


def answers(
    draws: dict[str, Floats], number: Ints, solved: Bools, quality: Floats, wait_seconds: Floats,
    ended: Ints,
) -> Answers:  # fmt: skip
    """The answers of one visit each; `number` is the contact's of its day."""
    felt = _EVEN + 0.26 * quality + np.where(solved, 0.35, -1.25)
    felt -= np.minimum(np.maximum(wait_seconds - 30, 0) / 150, 1.4)
    mood = felt + 0.85 * draws["score"]
    satisfied = _on_scale("csat", mood)
    settled = np.where(solved, draws["fcr"] >= SAYS_NO, draws["fcr"] < SAYS_YES)
    scores = {"csat": satisfied, "fcr": settled.astype(np.int64)}
    for kind, (even, point, own) in (("nps", _NPS), ("ces", _CES)):
        said = _on_scale(kind, even + point * (mood - _EVEN) + own * draws[kind])
        scores[kind] = np.where(number % ONE_IN[kind] == 0, said, -1)
    # The very pleased and the very cross answer more readily.
    extreme = (satisfied == 1) | (satisfied == 5)
    part = draws["survey"] / (ANSWERS_SURVEY * np.where(extreme, 1.15, 0.85))
    at = ended + AFTER_MS + (np.minimum(part, 1) * WITHIN_MS).astype(np.int64)
    return Answers(part < 1, at, scores)


def _on_scale(kind: str, felt: Floats) -> Ints:
    return np.clip(np.rint(felt), *SCALES[kind]).astype(np.int64)
