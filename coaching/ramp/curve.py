"""The ramp curve: of those hired, their middle figure in each week since. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

FEW = 5
"""The middle of fewer people is pale: one of them moves it."""
MOST_WEEKS = 52


@dataclass(frozen=True, slots=True)
class Week:
    """A week of somebody: a figure, and the band of the tenured it is held against, if any."""

    figure: float
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """Of the week `number` since hire (1 is the first whole one): how many have come to its end
    (`reached`), of how many of them there is a figure (`n`), and the median of these; None: of
    nobody. The band is the median of the low and of the high ends that they were held against.
    `is_hidden`: it is not told, for it would tell of a few."""

    number: int
    reached: int
    n: int
    middle: float | None
    low: float | None
    high: float | None
    is_hidden: bool = False

    @property
    def is_of_few(self) -> bool:
        return 0 < self.n < FEW

    @property
    def is_inside(self) -> bool | None:
        """None: there is nothing to hold it against."""
        if self.middle is None or self.low is None or self.high is None:
            return None
        return self.low <= self.middle <= self.high


def tells_of_a_few(many: int, own: int) -> bool:
    """Whether what so many have together would tell whoever knows those of `own` of a few."""
    return 0 < many - own < FEW


def open_to(points: Sequence[Point], own: Sequence[Point]) -> list[Point]:
    """The points that somebody may be told who knows the figures of some of the people, whose own
    points are given; others are hidden."""
    known = {one.number: one.n for one in own}
    return [
        replace(one, middle=None, low=None, high=None, is_hidden=True)
        if tells_of_a_few(one.n, known.get(one.number, 0))
        else one
        for one in points
    ]


Weeks = Sequence[Week | None]
"""Somebody's whole weeks since hire that are over, in order; None: no figure of that week."""


def curve(people: Sequence[Weeks], most: int = MOST_WEEKS) -> list[Point]:
    """A point for each week that anybody has come to the end of, at most so many.

    Weeks without a figure are skipped in the median and counted by `reached` less `n`: somebody who
    took no calls is neither slow nor fast.
    """
    longest = min(most, max((len(one) for one in people), default=0))
    points = []
    for at in range(longest):
        there = [one[at] for one in people if at < len(one)]
        known = [one for one in there if one is not None]
        bands = [one.band for one in known if one.band is not None]
        points.append(
            Point(
                number=at + 1,
                reached=len(there),
                n=len(known),
                middle=median(one.figure for one in known) if known else None,
                low=median(low for low, _high in bands) if bands else None,
                high=median(high for _low, high in bands) if bands else None,
            )
        )
    return points
