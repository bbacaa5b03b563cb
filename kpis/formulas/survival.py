"""How long until something happens, where it has not happened to everybody yet.

Product-limit estimate of Kaplan and Meier 1958; with an event that rules out the one waited for,
the cumulative incidence of Aalen and Johansen 1978. Pure: durations in any unit, medians in the
same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

End = Literal["happened", "ruled_out", "open"]
"""How the wait of one ended: by the event; by another that rules it out; or not yet (censored)."""


class Wait(NamedTuple):
    """How long one was watched, and how that ended."""

    duration: float
    end: End


@dataclass(frozen=True, slots=True)
class Step:
    """At a duration at which something happened: how many were watched up to it, to how many it
    happened, and what share it has not happened to yet, nor was ruled out (`surviving`), and has
    happened to (`happened`)."""

    duration: float
    at_risk: int
    events: int
    surviving: float
    happened: float


def curve(waits: Iterable[Wait] | Mapping[Wait, int]) -> list[Step]:
    """The estimate after each duration at which it happened to somebody or was ruled out; of waits
    one by one, or of how many there are of each.

    Who is censored at a duration at which it happens to others was still watched then.
    Raises ValueError for a negative duration.
    """
    ends: dict[float, Counter[End]] = {}
    at_risk = 0
    for wait, n in Counter(waits).items():
        if wait.duration < 0:
            raise ValueError(f"a duration of {wait.duration:g} is none")
        ends.setdefault(wait.duration, Counter())[wait.end] += n
        at_risk += n
    surviving, happened = 1.0, 0.0
    steps = []
    for duration in sorted(ends):
        count = ends[duration]
        gone = count["happened"] + count["ruled_out"]
        if gone:
            # A sum of thirds may end a bit above the whole.
            happened = min(1.0, happened + surviving * count["happened"] / at_risk)
            surviving *= 1 - gone / at_risk
            steps.append(Step(duration, at_risk, count["happened"], surviving, happened))
        at_risk -= count.total()
    return steps


def median(waits: Iterable[Wait] | Mapping[Wait, int]) -> float | None:
    """The first duration by which it has happened to at least half; None: to fewer so far, or, with
    those to whom it can no longer happen, for ever."""
    for step in curve(waits):
        # Half of them to the last bit: products of thirds are not exact.
        if step.happened >= 0.5 - 1e-12:
            return step.duration
    return None
