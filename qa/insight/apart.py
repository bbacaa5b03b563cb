"""Teams and agents that stand apart from the others beyond noise, with allowance for all that are
compared (Holm 1979, "A simple sequentially rejective multiple test procedure"). Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qa.insight.reads import Review
from qa.insight.weighted import Difference, difference, of_one
from qa.sampling import LEVEL


@dataclass(frozen=True, slots=True)
class Apart:
    """A team, or an agent, whose score lies above or below that of all others together."""

    id: int
    name: str
    beside: Difference


def teams(some: Sequence[Review]) -> list[Apart]:
    """Teams that stand apart, the surest first."""
    return _apart(some, lambda one: one.team, lambda one: one.team_name, difference)


def agents(some: Sequence[Review]) -> list[Apart]:
    """Agents who stand apart, the surest first; never the reader."""
    found = _apart(some, lambda one: one.agent, lambda one: one.agent_name, of_one)
    own = {one.agent for one in some if one.is_own}
    return [one for one in found if one.id not in own]


def _apart(
    some: Sequence[Review],
    of_what: Callable[[Review], int | None],
    name: Callable[[Review], str],
    compared: Callable[..., Difference],
) -> list[Apart]:
    """Of reviews by several scorecards nobody: their scores mean two things."""
    if len({one.card for one in some}) != 1:
        return []
    good = [one for one in some if not one.is_failed]
    shares = np.array([one.share for one in good])
    weights = np.array([one.weight for one in good])
    people = np.array([one.agent for one in good])
    places = np.array([of_what(one) or 0 for one in good])
    names = {of_what(one): name(one) for one in good}
    found = [
        Apart(pk, names[pk], compared(shares, places == pk, weights, people))
        for pk in sorted({*places.tolist()} - {0})
    ]
    return _surely([one for one in found if one.beside.p is not None])


def _surely(found: Sequence[Apart]) -> list[Apart]:
    ordered = sorted(found, key=lambda one: one.beside.p or 0.0)
    for place, one in enumerate(ordered):
        if (one.beside.p or 0.0) > (1 - LEVEL) / (len(ordered) - place):
            return ordered[:place]
    return ordered
