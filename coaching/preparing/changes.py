"""Which changes of an agent's figures a session is opened with, and in what order. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kpis.noise import LEVEL, Change, discoveries

MOST_STRENGTHS, MOST_OTHERS = 3, 3

Word = Literal["better", "worse", "more", "less"]
Against = Literal["own", "team"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A KPI: which way is good ("up", "down", else neither), and its change against the agent's own
    past and against colleagues; of either there may be none."""

    kpi: str
    good: str
    against: Mapping[Against, Change]


@dataclass(frozen=True, slots=True)
class Shown:
    """A KPI with its changes that are more than noise, in a word each."""

    kpi: str
    words: Mapping[Against, Word]
    p: float

    @property
    def is_strength(self) -> bool:
        """Better than before; where that is not told, better than colleagues."""
        leading = self.words.get("own") or self.words.get("team")
        return leading == "better"

    @property
    def is_worse(self) -> bool:
        return not self.is_strength and "worse" in self.words.values()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, strengths first, and how many more there are."""

    shown: Sequence[Shown]
    more: int


def choose(measured: Sequence[Measured]) -> Chosen:
    """The changes to talk about: more than noise each (95 %), and so that of all that are ever
    shown at most one in ten is chance.

    Strengths stand first, then what is worse, then what is neither; within each the surest first,
    three strengths and three others at most.
    """
    ps = {(one.kpi, which): change.p for one in measured for which, change in one.against.items()}
    sure = {key for key in discoveries(ps) if (ps[key] or 0) < 1 - LEVEL}
    found: list[Shown] = []
    for one in measured:
        words: dict[Against, Word] = {
            which: word
            for which, change in one.against.items()
            if (one.kpi, which) in sure and (word := _word(one.good, change)) is not None
        }
        if words:
            least = min(ps[one.kpi, which] or 0.0 for which in words)
            found.append(Shown(one.kpi, words, least))
    found.sort(key=lambda one: one.p)
    strengths = [one for one in found if one.is_strength]
    others = sorted((one for one in found if not one.is_strength), key=lambda one: not one.is_worse)
    shown = [*strengths[:MOST_STRENGTHS], *others[:MOST_OTHERS]]
    return Chosen(shown, len(found) - len(shown))


def _word(good: str, change: Change) -> Word | None:
    if change.direction not in ("up", "down"):
        return None
    if good not in ("up", "down"):
        return "more" if change.direction == "up" else "less"
    return "better" if change.direction == good else "worse"
