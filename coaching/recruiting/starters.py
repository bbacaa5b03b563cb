"""What those who began well have in common, at the level of groups. Pure.

A trait is told of groups of at least `FEWEST` alone, of all of whom it is known: of those who began
well and the others, and of those with the trait and those without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kpis.noise import Change, Part, change, discoveries

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Starter:
    """Somebody who was hired, how well they began (more is better), and what is known of them: of a
    trait that is `unknown` of them they are on neither side."""

    value: float
    traits: frozenset[str]
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trait:
    """The share of those who began well that has a trait, against the others'; `is_told`: it is one
    of those differences of which at most a tenth is chance."""

    name: str
    change: Change
    is_told: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """How many began well and how many did not, and the traits that may be told, the surest first.
    No traits: too few people, or too few with and without each."""

    well: int
    others: int
    traits: Sequence[Trait]


def profile(starters: Sequence[Starter]) -> Profile:
    """The better half of some starters against the other; those in the very middle are with the
    others. The order of starters does not matter."""
    values = sorted(one.value for one in starters)
    if not values:
        return Profile(0, 0, ())
    middle = values[(len(values) - 1) // 2]
    well = [one for one in starters if one.value > middle]
    others = [one for one in starters if one.value <= middle]
    if min(len(well), len(others)) < FEWEST:
        return Profile(len(well), len(others), ())
    made: dict[str, Change] = {}
    for name in sorted(set().union(*(one.traits for one in starters))):
        now, before = _part(well, name), _part(others, name)
        known = now.denominator + before.denominator
        having = now.numerator + before.numerator
        if min(having, known - having, now.denominator, before.denominator) >= FEWEST:
            made[name] = change("wilson", (), (), single_now=now, single_before=before)
    told = set(discoveries({name: one.p for name, one in made.items()}))
    traits = [Trait(name, one, name in told) for name, one in made.items()]
    traits.sort(key=lambda one: (1.0 if one.change.p is None else one.change.p, one.name))
    return Profile(len(well), len(others), tuple(traits))


def _part(group: Sequence[Starter], name: str) -> Part:
    """Of those of whom it is known."""
    known = [one for one in group if name not in one.unknown]
    return Part(sum(name in one.traits for one in known), len(known))
