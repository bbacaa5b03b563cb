"""Who is there, slot by slot, and what one person more or less would cost."""

import numpy as np

from scheduling.compiled import compiled
from scheduling.roster.grid import OFF, Grid, Ints

# Roster, wish and soft rule costs are whole numbers; a sum of them stays far below this.
FORBIDDEN = np.int64(1) << 50


class Cover:
    """What people choose, and what it covers. Changed person by person."""

    def __init__(self, grid: Grid, chosen: Ints) -> None:
        self.grid = grid
        self.chosen = np.full(grid.size[:2], OFF, np.int64)
        self.there = np.zeros(grid.required.shape, np.int64)
        self.given = np.zeros(grid.need.shape, np.int64)
        for person in range(len(grid.people)):
            self.give(person, chosen[person])

    def give(self, person: int, options: Ints) -> None:
        """Let somebody work these options (days; OFF) in place of what they had."""
        for sign, mine in ((-1, self.chosen[person]), (1, options)):
            _add(
                self.there, self.given, sign, mine, self.grid.fills[person], self.grid.parts,
                self.grid.first, self.grid.slot, self.grid.part, self.grid.option_shape,
            )  # fmt: skip
        self.chosen[person] = options

    def prices(self, person: int) -> tuple[Ints, Ints]:
        """What each option on each day would cost if somebody who is off worked it, wishes and
        burdens included (days x options), and what a day off does (days)."""
        grid = self.grid
        covering = _prices(
            self.there, self.given, grid.fills[person], grid.required, grid.parts, grid.under,
            grid.over, grid.first, grid.slot, grid.part, grid.option_shape, grid.need,
            grid.need_under, grid.need_over,
        )  # fmt: skip
        return covering + grid.unary[person], grid.off_cost[person]

    def cost(self) -> int:
        """What the whole costs, soft rules left out."""
        grid = self.grid
        days = np.arange(self.chosen.shape[1])
        own = 0
        for person, options in enumerate(self.chosen):
            is_off = options == OFF
            own += int(grid.off_cost[person][is_off].sum())
            own += int(grid.unary[person, days[~is_off], options[~is_off]].sum())
        return own + int(
            _slots_cost(self.there, grid.required, grid.under, grid.over)
            + _needs_cost(self.given, grid.need, grid.need_under, grid.need_over)
        )


@compiled
def _add(
    there: Ints, given: Ints, sign: int, options: Ints, fills: Ints, parts: int,
    first: Ints, slot: Ints, part: Ints, option_shape: Ints,
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
