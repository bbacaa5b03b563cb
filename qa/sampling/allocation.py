"""How many calls are drawn of each stratum.

Quotas are not whole. They are rounded by largest remainder (Hamilton's method: Balinski & Young
1982, "Fair Representation"), so that nobody is off by a whole call; no stratum is asked
for more than it has, and what it cannot give goes to the others. Passed over: Neyman's allocation
(1934), which needs to know how much scores differ within each stratum, and for five calls an agent
nobody does.

A stratum whose quota rounds to nothing would never be drawn, and a score would not speak of its
calls. Such a stratum is joined with another into one layer, the one from which is drawn most alike,
of several alike the smallest (collapsed strata: Cochran 1977, "Sampling Techniques", 5A.12, there
for the sake of variances). So every call can be drawn.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Proportional:
    """`n` calls, of each stratum in proportion to its calls. Raises ValueError for under 1."""

    n: int

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"at least one call is drawn, not {self.n}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """`each` calls of each stratum, and another number `of` those that are named.

    Raises ValueError for a number under 1: calls that nobody wants to draw are not eligible.
    """

    each: int
    of: Mapping[Hashable, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for n in (self.each, *self.of.values()):
            if n < 1:
                raise ValueError(f"at least one call of a stratum is drawn, not {n}")


@dataclass(frozen=True, slots=True)
class Shares:
    """`n` calls, of which strata that are named have these shares, each in (0, 1), however few
    their calls are; what is left goes to the others in proportion to their calls.

    Raises ValueError for `n` under 1, a share out of range, or shares that leave nothing.
    """

    n: int
    shares: Mapping[Hashable, float]

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"at least one call is drawn, not {self.n}")
        if not all(0 < share < 1 for share in self.shares.values()):
            raise ValueError("a share of a draw lies between 0 and 1")
        if sum(map(Fraction, self.shares.values())) >= 1:
            raise ValueError("shares of a draw leave something to the other calls")


Allocation = Proportional | Fixed | Shares


class Part(NamedTuple):
    """Strata that are drawn from as one: how many calls they have, and how many are drawn."""

    strata: tuple[Hashable, ...]
    size: int
    n: int


class _Open(NamedTuple):
    """Strata that a number is yet to be found for. `place`: who comes first where all is alike."""

    strata: tuple[Hashable, ...]
    size: int
    weight: Fraction
    place: int

    def join(self, other: "_Open") -> "_Open":
        first, second = sorted((self, other), key=lambda one: one.place)
        return _Open(
            first.strata + second.strata,
            self.size + other.size,
            self.weight + other.weight,
            first.place,
        )


def allocate(how: Allocation, sizes: Mapping[Hashable, int]) -> list[Part]:
    """The parts to draw from, each with at least one call and at most its size.

    `sizes` has the calls of each stratum, at least 1, in the order in which ties are broken. Parts
    come in that order. Nothing where there is nothing to draw from.
    """
    if isinstance(how, Fixed):
        return [
            Part((stratum,), size, min(how.of.get(stratum, how.each), size))
            for stratum, size in sizes.items()
        ]
    weights = _weights(how, sizes)
    parts = [
        _Open((stratum,), size, weights[stratum], place)
        for place, (stratum, size) in enumerate(sizes.items())
    ]
    while True:
        numbers = apportion(how.n, [one.weight for one in parts], [one.size for one in parts])
        empty = [one for one, n in zip(parts, numbers, strict=True) if not n]
        if not empty:
            return [Part(one.strata, one.size, n) for one, n in zip(parts, numbers, strict=True)]
        parts = _joined(parts, min(empty, key=lambda one: (one.weight, one.size, one.place)))


def _weights(how: Proportional | Shares, sizes: Mapping[Hashable, int]) -> dict[Hashable, Fraction]:
    if isinstance(how, Proportional):
        return {stratum: Fraction(size) for stratum, size in sizes.items()}
    named = {one: Fraction(share) for one, share in how.shares.items() if one in sizes}
    others = sum(size for stratum, size in sizes.items() if stratum not in named)
    left = 1 - sum(map(Fraction, how.shares.values()), Fraction(0))
    return {
        stratum: named[stratum] if stratum in named else left * size / others
        for stratum, size in sizes.items()
    }


def _joined(parts: list[_Open], small: _Open) -> list[_Open]:
    rate = small.weight / small.size
    others = [one for one in parts if one is not small]
    other = min(others, key=lambda one: (abs(one.weight / one.size - rate), one.size, one.place))
    kept = [one for one in others if one is not other]
    return sorted([*kept, small.join(other)], key=lambda one: one.place)


def apportion(n: int, weights: Sequence[Fraction], sizes: Sequence[int]) -> list[int]:
    """`n` in whole numbers in proportion to the weights, none above its size; all of the sizes
    where they are fewer than `n`. Equal remainders go to who comes first."""
    numbers = dict.fromkeys(range(len(sizes)), 0)
    left = min(n, sum(sizes))
    sharing = list(numbers)
    while True:
        whole = sum((weights[at] for at in sharing), Fraction(0))
        quotas = {at: left * weights[at] / whole for at in sharing}
        full = [at for at in sharing if quotas[at] >= sizes[at]]
        if not full:
            break
        for at in full:
            numbers[at] = sizes[at]
            left -= sizes[at]
        sharing = [at for at in sharing if at not in full]
    numbers.update({at: int(quotas[at]) for at in sharing})
    left -= sum(numbers[at] for at in sharing)
    for at in sorted(sharing, key=lambda at: numbers[at] - quotas[at])[:left]:
        numbers[at] += 1
    return list(numbers.values())
