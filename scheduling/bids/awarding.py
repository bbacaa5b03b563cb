"""Who chooses when, and which line of shifts each gets. Pure.

One after the other gets the best line of their ranking that is still there: a serial dictatorship
(Abdulkadiroglu and Sonmez 1998), in which nobody gains by ranking otherwise than they like. Here
not every line is open to everyone, so a line is given only if everybody behind can still have one
that is open to them; a perfect matching of people and lines is kept along, and mended by one
augmenting path for each line that is tried (Berge 1957).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256


class Criterion(StrEnum):
    """What says who chooses before whom."""

    # Who was hired first; whose day nobody knows comes last.
    SENIORITY = "seniority"
    # Who chose last in the round before; who was in none comes after those who were.
    TURN = "turn"
    # Who bore most beyond their fair share of burdens; who is in no ledger comes last.
    FAIRNESS = "fairness"
    DRAW = "draw"


class Why(StrEnum):
    """What became of a choice."""

    GIVEN = "given"
    # Somebody who chose before has it.
    TAKEN = "taken"
    # It breaks a rule of theirs.
    NOT_OPEN = "not_open"
    # Without it somebody would be left with no line that is open to them.
    NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class Bidder:
    """Somebody who takes part. `open` are the lines that they can work, their `own` among them: the
    one that the roster has given them. `ranked` are those they chose, the best first. `turn` is
    when they chose in the round before: 0 for the first, up to 1 for the last; None: in none.
    `beyond` are the burdens that they bore more than their fair share; None: nobody counts them."""

    id: int
    own: int
    open: frozenset[int]
    ranked: tuple[int, ...] = ()
    hired_on: date | None = None
    turn: float | None = None
    beyond: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Whose turn it is. `by` are the criteria that it took to tell them from all others."""

    bidder: Bidder
    number: int
    by: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Award:
    """The line that somebody gets, and what became of their choices down to it. `is_placed`: none
    of their choices was left, or they made none."""

    place: Place
    line: int
    choices: tuple[tuple[int, Why], ...]

    @property
    def is_placed(self) -> bool:
        return not self.choices or self.choices[-1][1] is not Why.GIVEN


def ordered(
    bidders: Iterable[Bidder], criteria: Sequence[Criterion], seed: int
) -> tuple[Place, ...]:
    """Who chooses when: by the first of the criteria, among equals by the next, and at last by a
    draw, which the seed makes repeatable and which does not depend on who else takes part.

    Raises ValueError for two of one id.
    """
    people = list(bidders)
    if len({one.id for one in people}) < len(people):
        raise ValueError("two who take part have one id")
    stated = [*dict.fromkeys((*criteria, Criterion.DRAW))]
    stated = stated[: stated.index(Criterion.DRAW) + 1]
    keys = {one.id: tuple(_key(one, by, seed) for by in stated) for one in people}
    people.sort(key=lambda one: (keys[one.id], one.id))
    places = []
    for number, one in enumerate(people):
        beside = [people[at] for at in (number - 1, number + 1) if 0 <= at < len(people)]
        told = max((_alike(keys[one.id], keys[other.id]) for other in beside), default=0) + 1
        places.append(Place(one, number + 1, tuple(stated[:told])))
    return tuple(places)


def draw(seed: int, person: int) -> str:
    """The lot of somebody; the least is drawn first."""
    return sha256(f"{seed}:{person}".encode()).hexdigest()


def award(places: Sequence[Place]) -> tuple[Award, ...]:
    """Which line each gets, in the order of their places.

    Those of whose choices none is left, and who made none, come behind all others, in their order:
    each keeps their own line where it is still there and nobody needs it, and else has the first
    that is left.

    Raises ValueError where two have one line of their own, or somebody's own line is not open to
    them.
    """
    everyone = [place.bidder for place in places]
    lines = {one.own for one in everyone}
    if len(lines) < len(everyone):
        raise ValueError("two have one line of their own")
    if any(one.own not in one.open for one in everyone):
        raise ValueError("somebody's own line is not open to them")
    left = _Left(everyone)
    found: dict[int, tuple[int, tuple[tuple[int, Why], ...]]] = {}
    behind: list[tuple[Bidder, tuple[tuple[int, Why], ...]]] = []
    for one in everyone:
        tried: list[tuple[int, Why]] = []
        for line in one.ranked:
            why = left.give(one, line)
            tried.append((line, why))
            if why is Why.GIVEN:
                found[one.id] = (line, tuple(tried))
                break
        else:
            behind.append((one, tuple(tried)))
    for one, refused in behind:
        line = next(
            line
            for line in (one.own, *sorted(one.open - {one.own}))
            if left.give(one, line) is Why.GIVEN
        )
        found[one.id] = (line, refused)
    return tuple(Award(place, *found[place.bidder.id]) for place in places)


class _Left:
    """Who has no line yet, and one for each of them that is open to them: at first their own."""

    def __init__(self, everyone: Iterable[Bidder]) -> None:
        self.people = {one.id: one for one in everyone}
        self.of = {one.id: one.own for one in self.people.values()}
        self.holder = {line: person for person, line in self.of.items()}

    def give(self, bidder: Bidder, line: int) -> Why:
        """Give somebody a line, where that can be; what becomes of it."""
        if line not in bidder.open:
            return Why.NOT_OPEN
        if line not in self.holder:
            return Why.TAKEN
        if self.of[bidder.id] != line:
            moves = self._moves(self.holder[line], self.of[bidder.id], bidder.id, line)
            if moves is None:
                return Why.NEEDED
            for person, other in moves:
                self.of[person], self.holder[other] = other, person
        del self.people[bidder.id], self.of[bidder.id], self.holder[line]
        return Why.GIVEN

    def _moves(
        self, start: int, free: int, without: int, taken: int
    ) -> list[tuple[int, int]] | None:
        """Who takes which line instead, so that one has another line than the `taken` and only the
        `free` one more is used: the shortest way through lines and their holders, breadth first."""
        came: dict[int, tuple[int, int]] = {}
        queue, seen = [start], {taken}
        for person in queue:
            for line in sorted(self.people[person].open - seen):
                if line not in self.holder:
                    continue
                seen.add(line)
                if line == free:
                    moves = [(person, line)]
                    while person != start:
                        person, line = came[person]
                        moves.append((person, line))
                    return moves
                holder = self.holder[line]
                if holder != without:
                    came[holder] = (person, line)
                    queue.append(holder)
        return None


def _key(one: Bidder, by: Criterion, seed: int) -> tuple[bool, object]:
    if by is Criterion.SENIORITY:
        return one.hired_on is None, one.hired_on or date.max
    if by is Criterion.TURN:
        return one.turn is None, -(one.turn or 0.0)
    if by is Criterion.FAIRNESS:
        return one.beyond is None, -(one.beyond or 0.0)
    return False, draw(seed, one.id)


def _alike(mine: Sequence[object], other: Sequence[object]) -> int:
    """By how many criteria, from the first on, two are equal."""
    many = 0
    for one, another in zip(mine, other, strict=True):
        if one != another:
            break
        many += 1
    return min(many, len(mine) - 1)
