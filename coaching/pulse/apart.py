"""Which groups may be asked beside others, so that no subtraction tells of a few. Pure.

Whoever knows what a site says and what a part of it says knows what the rest says. So beside each
group nothing may be asked that leaves of another a rest of fewer than five people: not by one part,
and not by all its parts together (`leaves_a_few`); and nothing is told that leaves of another a
rest of fewer than five who have answered (`told`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

Group = frozenset[int]


@dataclass(frozen=True, slots=True)
class Answered:
    """A survey that is over: of a team (None: of all of its site), whom it asked on which days, and
    how many of them have answered."""

    pk: int
    team: int | None
    asked: Group
    opens_on: date
    closes_on: date
    many: int

    def is_beside(self, other: "Answered", within: timedelta) -> bool:
        """Whether one begins within so many days of the other's end."""
        return (
            self.opens_on <= other.closes_on + within and other.opens_on <= self.closes_on + within
        )


def leaves_a_few(asked: Group, others: Iterable[Group], fewest: int) -> bool:
    """Whether a group, asked beside others at about the same time, leaves a few of one alone.

    The same group twice is no part of itself; what people say of both times is kept apart by time.
    """
    every = {*others, asked}
    for whole in every:
        parts = [one for one in every if one < whole]
        if asked == whole or asked in parts:
            rests = [whole - one for one in parts if asked in (whole, one)]
            if parts:
                rests.append(whole - frozenset().union(*parts))
            if any(0 < len(rest) < fewest for rest in rests):
                return True
    return False


def told(surveys: Iterable[Answered], fewest: int, within: timedelta) -> frozenset[int]:
    """Which surveys of a site may be told, by their ids, the first that was over first.

    Few may have answered of a group that is large enough. So none is told where, beside those that
    are told already, so few more answered of the site than of one of its teams, or of all those
    teams together, that what they said could be reckoned.
    """
    known: list[Answered] = []
    for one in sorted(surveys, key=lambda each: (each.closes_on, each.pk)):
        beside = [each for each in known if each.is_beside(one, within)]
        if one.many >= fewest and not _tells_of_a_few(one, beside, fewest):
            known.append(one)
    return frozenset(one.pk for one in known)


def _tells_of_a_few(new: Answered, beside: Collection[Answered], fewest: int) -> bool:
    """Whether of the site so few more answered than of a team or of all teams that were asked."""
    wholes = [one for one in (new, *beside) if one.team is None]
    parts = [one for one in (*beside, new) if one.team is not None]
    # Of each team the last time that it was asked.
    last = {one.team: one for one in parts}.values()
    for whole in wholes:
        told = [[one] for one in parts if new in (whole, one)]
        if new is whole or new.team is not None:
            told.append(list(last))
        for some in told:
            rest = whole.asked.difference(*(one.asked for one in some))
            if rest and 0 < whole.many - sum(one.many for one in some) < fewest:
                return True
    return False


def is_enough(group: Collection[int], fewest: int) -> bool:
    return len(group) >= fewest
