"""Rosters of whole spans that are chosen together: as many as a linear program asks for.

The program over spans (`master`) is solved, its prices ask for the next spans, and again, until no
span of anybody would make it any cheaper: what it costs then is a bound that few others come near.
Prices leap from one extreme to the other at first, so that spans are asked for by those half way to
the ones that gave the best bound yet (Wentges 1997). Then it dives: spans that are worked almost
whole are worked for certain, spans are asked for beside them, and so on until all are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor

import numpy as np

from scheduling.roster.classes import classes_of
from scheduling.roster.grid import Grid, Ints
from scheduling.roster.master import FINE, Master, Prices
from scheduling.roster.tour import Tours

_SMALL = 1e-6
# While it dives, so many times are spans asked for between those that are worked for certain.
_ROUNDS = 6
# Spans are asked for so many times, most often; after the first few it is seen how long that takes.
_USUAL = 30
_SOON = 4
# A span that is worked so much is worked for certain, and of some that are worked most, one that is
# worked by half.
_NEARLY = 0.8
_HALF = 0.5
# It is to come to its end in about so many steps.
_STEPS = 8
# So many spans of a class are handed on, those that cost least.
_HANDED_ON = 60
# Rows of a program that is solved again and again.
_MOST_ROWS = 6_000


def fits(grid: Grid, people: Iterable[int]) -> bool:
    """Whether spans can be chosen together: nothing binds people to each other but what is asked
    for, and that is not too much for a linear program."""
    rows = int((grid.need >= 0).sum()) + int((grid.required > 0).sum())
    is_bound = grid.mix.any() or any(grid.partners[person] for person in people)
    return not is_bound and 0 < rows <= _MOST_ROWS


class Columns:
    """The spans of some people, the linear program over them, and what is known by it.

    What takes time raises `Unsolved` where `left`, in seconds, does not suffice.
    """

    def __init__(
        self, grid: Grid, tours: Tours, chosen: Ints, people: Iterable[int],
        left: Callable[[], float], chance: np.random.Generator, pool: Executor,
    ) -> None:  # fmt: skip
        self._left, self._chance, self._pool = left, chance, pool
        self.classes = classes_of(grid, people)
        self._master = Master(grid, tours, chosen, self.classes)
        self.bound: int | None = None
        """No roster costs less; None: not known."""
        self._best = -(1 << 60)
        self._centre: Prices | None = None
        self.know(chosen)

    def know(self, chosen: Ints) -> None:
        """Take the spans of a roster for columns."""
        for group, some in enumerate(self.classes):
            for person in some:
                self._master.add(group, chosen[person])

    def handed(self, spans: Mapping[int, Sequence[Ints]]) -> None:
        """Take what is known of others, by person."""
        for group, some in enumerate(self.classes):
            for options in spans.get(some[0], ()):
                self._master.add(group, options)

    def good(self, room: int) -> dict[int, list[Ints]]:
        """By person, spans that a roster may have which costs at most `room` more than the bound:
        the cheapest of them."""
        made: dict[int, list[Ints]] = {}
        if self._centre is None:
            return made
        for group, some in enumerate(self.classes):
            found = [
                (self._master.span_cost(group, one.options, self._centre), n, one.options)
                for n, one in enumerate(self._master.columns)
                if one.group == group
            ]
            found.sort(key=lambda one: one[:2])
            most = found[0][0] + room * FINE
            kept = [options for cost, _n, options in found[:_HANDED_ON] if cost <= most]
            made |= dict.fromkeys(some, kept)
        return made

    def settle(self) -> bool:
        """Ask for spans until none makes the program cheaper; whether it came so far. Given up at
        once where it would take longer than there is time."""
        begun, rounds = self._left(), 0
        while self._left() > 0:
            cost = self._master.solve(self._left())
            if not self._ask() or cost * FINE - self._best < 1:
                return True
            rounds += 1
            if rounds == 1:  # when what takes time only once is over
                begun = self._left()
            elif rounds == _SOON and (begun - self._left()) * _USUAL > begun * (_SOON - 1):
                return False
        return False

    def dive(self, worth: float) -> Ints | None:
        """A roster, from the program as it is; None where it would cost more than `worth`."""
        try:
            return self._dived(worth)
        finally:
            for column in self._master.columns:
                if column.sure:
                    self._master.fix(column, 0)

    def _dived(self, worth: float) -> Ints | None:
        while self._left() > 0:
            cost, rounds = self._master.solve(self._left()), 0
            while (rounds < _ROUNDS or cost > worth + _SMALL) and self._ask():
                cost, rounds = self._master.solve(self._left()), rounds + 1
            if cost > worth + _SMALL:
                break
            if self._fix():
                return self._roster()
        return None

    def _ask(self) -> int:
        """Ask once for spans of those whose are not all certain; how many new ones there are."""
        prices = self._master.prices()
        added = 0
        if self._centre is not None:
            added = self._asked(prices, prices.towards(self._centre, 0.5))
        return added or self._asked(prices, prices)

    def _asked(self, prices: Prices, by: Prices) -> int:
        """New spans that are the cheapest by some prices, and cheap by those of the program."""
        master, added, bound = self._master, 0, self._master.asked(by)
        sure = self._sure()
        is_whole, is_exact = not any(sure), True
        groups = [n for n, some in enumerate(self.classes) if sure[n] < len(some)]

        def asked(group: int) -> tuple[Ints | None, bool]:
            return master.cheapest(group, by) if self._left() > 0 else (None, False)

        for group, (made, is_least) in zip(groups, self._pool.map(asked, groups), strict=True):
            is_exact = is_exact and is_least
            if made is None:
                is_whole = False
                continue
            bound += master.span_cost(group, made, by) * len(self.classes[group])
            if master.span_cost(group, made, prices) < prices.classes[group] - 1:
                added += master.add(group, made)
        if is_whole and bound > self._best:
            self._best, self._centre = bound, by
            if is_exact:  # costs are whole numbers
                self.bound = -(-bound // FINE)
        return added

    def _sure(self) -> list[int]:
        """Classes: how many have a span that is certain."""
        sure = [0] * len(self.classes)
        for column in self._master.columns:
            sure[column.group] += column.sure
        return sure

    def _fix(self) -> bool:
        """Let more be worked for certain; whether all of it is."""
        partly: list[tuple[float, int]] = []
        columns = self._master.columns
        for n, share in enumerate(self._master.shares()):
            column = columns[n]
            if (whole := int(share + _SMALL)) > column.sure:
                self._master.fix(column, whole)
            if share - column.sure > _SMALL:
                partly.append((share - column.sure, n))
        if not partly:
            return True
        # The largest, or nearly so, that no two dives are the same.
        partly.sort(key=lambda one: -one[0] * self._chance.uniform(0.8, 1))
        many = max(sum(map(len, self.classes)) // _STEPS, 1)
        sure = self._sure()
        for at, (share, n) in enumerate(partly):
            group = columns[n].group
            is_much = at == 0 or share > (_HALF if at < many else _NEARLY)
            if is_much and sure[group] < len(self.classes[group]):
                self._master.fix(columns[n], columns[n].sure + 1)
                sure[group] += 1
        return False

    def _roster(self) -> Ints:
        """What is worked for certain, each span by somebody of its class."""
        made = self._master.others.chosen.copy()
        given = [list(some) for some in self.classes]
        for column in self._master.columns:
            for _ in range(column.sure):
                made[given[column.group].pop()] = column.options
        return made
