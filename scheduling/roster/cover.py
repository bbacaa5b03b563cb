"""Who is there, slot by slot, and what one person more or less would cost."""

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled
from scheduling.roster.grid import OFF, Grid, Ints


class Cover:
    """What people choose, and what it covers. Changed person by person.

    Somebody who is taken out has no shifts, and nobody has to work with them or without them.
    """

    def __init__(self, grid: Grid, chosen: Ints) -> None:
        self.grid = grid
        self.chosen = np.full(grid.size[:2], OFF, np.int64)
        self.there = grid.ahead.copy()
        self.given = np.zeros(grid.need.shape, np.int64)
        # Those who are not new where somebody new is, beyond what is asked, step by step.
        self.balance = np.zeros(int(grid.mix_slot.max(initial=-1)) + 1, np.int64)
        self.out: set[int] = set()
        self._off = np.full(grid.size[1], OFF, np.int64)
        self._has_mix = bool(grid.mix.any())
        for person in range(len(grid.people)):
            self.give(person, chosen[person])

    def give(self, person: int, options: Ints) -> None:
        """Let somebody work these options (days; OFF) in place of what they had."""
        self.out.discard(person)
        for sign, mine in ((-1, self.chosen[person]), (1, options)):
            _add(
                self.there, self.given, sign, mine, self.grid.fills[person], self.grid.parts,
                self.grid.first, self.grid.slot, self.grid.part, self.grid.option_shape,
            )  # fmt: skip
            if self._has_mix:
                _balance(
                    self.balance, sign, mine, self.grid.mix[person], self.grid.size[2],
                    self.grid.mix_first, self.grid.mix_slot,
                )  # fmt: skip
        self.chosen[person] = options

    def take_out(self, person: int) -> None:
        self.give(person, self._off)
        self.out.add(person)

    def prices(self, person: int) -> tuple[Ints, Ints]:
        """What each option on each day would cost if somebody who is taken out worked it, wishes
        and burdens included (days x options), and what a day off does (days)."""
        grid = self.grid
        prices = _prices(
            self.there, self.given, grid.fills[person], grid.required, grid.parts, grid.under,
            grid.over, grid.first, grid.slot, grid.part, grid.option_shape, grid.need,
            grid.need_under, grid.need_over,
        )  # fmt: skip
        if self._has_mix:
            prices += _mix_prices(
                self.balance, grid.mix[person], grid.mix_price, prices.shape[0], prices.shape[1],
                grid.mix_first, grid.mix_slot,
            )  # fmt: skip
        prices += grid.unary[person]
        off = grid.off_cost[person]
        for other, together in grid.partners[person]:
            if other not in self.out:
                is_same = self._is_same(self.chosen[other])
                if together:
                    prices[~is_same] += grid.pair_price
                    off = off + grid.pair_price * (self.chosen[other] != OFF)
                else:
                    prices[is_same] += grid.pair_price
        return prices, off

    def _is_same(self, options: Ints) -> NDArray[np.bool_]:
        """Days x options: whether an option is of the shape that is worked."""
        worked = self.grid.shapes_of(options)
        return np.asarray(self.grid.option_shape[None, :] == worked[:, None])

    def cost(self) -> int:
        """What the whole costs, soft rules of single people left out."""
        grid = self.grid
        people, days = np.nonzero(self.chosen != OFF)
        own = grid.unary[people, days, self.chosen[people, days]].sum()
        own += grid.off_cost[self.chosen == OFF].sum()
        return (
            int(own)
            + self._pairs_cost()
            + int(
                _slots_cost(self.there, grid.required, grid.under, grid.over)
                + _needs_cost(self.given, grid.need, grid.need_under, grid.need_over)
                + _mix_cost(self.balance, grid.mix_price)
            )
        )

    def by_day(self) -> NDArray[np.float64]:
        """What each day costs: what is missing or too many in what begins on it, and refused."""
        grid = self.grid
        days = np.zeros(grid.size[1])
        lacks = np.maximum((grid.required - self.there).max(axis=0, initial=0), 0)
        beyond = self.there[-1] - grid.required[-1] + lacks
        slots = grid.under * lacks + grid.over * beyond
        if slots.size:
            assert grid.problem.demand is not None
            begins = [day.start // grid.problem.demand.slot_minutes for day in grid.problem.days]
            days += np.add.reduceat(slots, np.minimum(begins, slots.size - 1))
        short = np.maximum(grid.need - self.given, 0) * np.maximum(grid.need_under, 0)
        over = np.maximum(self.given - grid.need, 0) * np.maximum(grid.need_over, 0)
        days += np.where(grid.need >= 0, short + over, 0).sum(axis=1)
        people, worked = np.nonzero(self.chosen != OFF)
        np.add.at(days, worked, grid.unary[people, worked, self.chosen[people, worked]])
        return days + np.where(self.chosen == OFF, grid.off_cost, 0).sum(axis=0)

    def broken(self) -> tuple[int, int]:
        """How often hard rules between people are broken, and what the search takes for that."""
        weights, grid = self.grid.problem.weights, self.grid
        many = costs = 0
        if weights.weight("pairing") is None:
            many, costs = self._pairs_broken(), self._pairs_cost()
        if weights.weight("mix") is None:
            lacks = int(_mix_cost(self.balance, grid.mix_price))
            many, costs = many - (-lacks // grid.mix_price), costs + lacks
        return many, costs

    def _pairs_cost(self) -> int:
        return self._pairs_broken() * self.grid.pair_price

    def _pairs_broken(self) -> int:
        broken = 0
        for person, mine in enumerate(self.grid.partners):
            for other, together in mine:
                if other <= person or {person, other} & self.out:
                    continue
                one, two = (self.grid.shapes_of(self.chosen[who]) for who in (person, other))
                is_same = one == two
                wrong = ~is_same if together else is_same & (one != OFF)
                broken += int(wrong.sum())
        return broken


@compiled
def _add(
    there: Ints, given: Ints, sign: int, options: Ints, fills: Ints, parts: int, first: Ints,
    slot: Ints, part: Ints, option_shape: Ints,
) -> None:  # fmt: skip
    many = option_shape.shape[0]
    for day in range(options.shape[0]):
        option = options[day]
        if option < 0:
            continue
        given[day, option_shape[option]] += sign
        at = day * many + option
        for entry in range(first[at], first[at + 1]):
            for some in range(fills.shape[0]):
                there[some, slot[entry]] += sign * (fills[some] * part[entry] // parts)


@compiled
def _slot_cost(
    there: Ints, required: Ints, at: int, fills: Ints, part: int, parts: int, under: int, over: int
) -> int:
    """What a slot costs with so much of somebody more."""
    sets = there.shape[0]
    short = 0
    for some in range(sets):
        lacks = required[some, at] - there[some, at] - fills[some] * part // parts
        if lacks > short:
            short = lacks
    last = sets - 1
    beyond = there[last, at] + fills[last] * part // parts - required[last, at] + short
    return under * short + over * beyond


@compiled
def _prices(
    there: Ints, given: Ints, fills: Ints, required: Ints, parts: int, under: int, over: int,
    first: Ints, slot: Ints, part: Ints, option_shape: Ints, need: Ints, need_under: Ints,
    need_over: Ints,
) -> Ints:  # fmt: skip
    days, many = need.shape[0], option_shape.shape[0]
    slots = there.shape[1]
    prices = np.zeros((days, many), np.int64)
    now = np.zeros(slots, np.int64)
    whole = np.zeros(slots, np.int64)
    for at in range(slots):
        now[at] = _slot_cost(there, required, at, fills, 0, parts, under, over)
        whole[at] = _slot_cost(there, required, at, fills, parts, parts, under, over) - now[at]
    for day in range(days):
        for option in range(many):
            at = day * many + option
            cost = np.int64(0)
            for entry in range(first[at], first[at + 1]):
                if part[entry] == parts:
                    cost += whole[slot[entry]]
                else:
                    cost += (
                        _slot_cost(
                            there, required, slot[entry], fills, part[entry], parts, under, over
                        )
                        - now[slot[entry]]
                    )
            shape = option_shape[option]
            if need[day, shape] >= 0:
                if given[day, shape] < need[day, shape]:
                    cost -= need_under[day, shape]
                else:
                    cost += need_over[day, shape]
            prices[day, option] = cost
    return prices


@compiled
def _slots_cost(there: Ints, required: Ints, under: int, over: int) -> int:
    total = 0
    nobody = np.zeros(there.shape[0], np.int64)
    for at in range(there.shape[1]):
        total += _slot_cost(there, required, at, nobody, 0, 1, under, over)
    return total


@compiled
def _needs_cost(given: Ints, need: Ints, need_under: Ints, need_over: Ints) -> int:
    total = 0
    for day in range(need.shape[0]):
        for shape in range(need.shape[1]):
            if need[day, shape] < 0:
                continue
            beyond = given[day, shape] - need[day, shape]
            if beyond < 0:
                total += -beyond * need_under[day, shape]
            else:
                total += beyond * need_over[day, shape]
    return total


@compiled
def _balance(
    balance: Ints, sign: int, options: Ints, mix: int, many: int, first: Ints, slot: Ints
) -> None:
    for day in range(options.shape[0]):
        if options[day] >= 0:
            at = day * many + options[day]
            for entry in range(first[at], first[at + 1]):
                balance[slot[entry]] += sign * mix


@compiled
def _mix_prices(
    balance: Ints, mix: int, price: int, days: int, many: int, first: Ints, slot: Ints
) -> Ints:
    prices = np.zeros((days, many), np.int64)
    for day in range(days):
        for option in range(many):
            at = day * many + option
            for entry in range(first[at], first[at + 1]):
                now = min(balance[slot[entry]], 0)
                then = min(balance[slot[entry]] + mix, 0)
                prices[day, option] += (now - then) * price // 100
    return prices


@compiled
def _mix_cost(balance: Ints, price: int) -> int:
    total = 0
    for at in range(balance.shape[0]):
        total -= min(balance[at], 0) * price // 100
    return total
