"""Wishes that were refused, and by which rule."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scheduling.fairness.facts import Asked


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many of somebody's wishes were refused: `rules` says how many by each rule."""

    asked: int = 0
    rules: Mapping[str, int] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        return sum(self.rules.values())

    @property
    def ratio(self) -> float | None:
        """Share of what was asked for, 0.0 to 1.0. None: nothing was asked."""
        return self.refused / self.asked if self.asked else None


def refusals(members: Iterable[str], asked: Iterable[Asked]) -> dict[str, Refusals]:
    """Each member's, those who asked for nothing included. Who is no member is left out."""
    count: Counter[str] = Counter()
    rules: dict[str, Counter[str]] = {one: Counter() for one in members}
    for wish in asked:
        if wish.person not in rules:
            continue
        count[wish.person] += 1
        if wish.rule:
            rules[wish.person][wish.rule] += 1
    return {one: Refusals(count[one], dict(sorted(by.items()))) for one, by in rules.items()}
