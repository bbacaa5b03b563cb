"""Why a wish was not granted: a rule that would be broken, or what it would have cost."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scheduling.roster import conflicts, exact
from scheduling.roster.conflicts import Rule
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Bools, Grid, Ints, grid_of, value
from scheduling.roster.tour import Tours
from scheduling.shifts import Person, Problem, Roster, Wish

# As dear as nothing is: it is chosen only where nothing else may be.
_NEVER = np.int64(1) << 40


@dataclass(frozen=True, slots=True)
class Refusal:
    """A wish that was not granted. `rules` of the person's own refuse it, whoever else works what;
    where there are none, granting it would have made the roster dearer by `dearer`, everyone
    else's shifts being as they are and the rest of the person's the best there is."""

    person: str
    wish: Wish
    rules: tuple[Rule, ...] = ()
    dearer: float = 0.0


def refusals_of(
    problem: Problem,
    roster: Roster,
    *,
    seconds: float = math.inf,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Refusal, ...]:
    """The wishes that a roster refuses, and why: as many as are found out in time, before somebody
    says stop."""
    until = time.monotonic() + seconds
    grid = grid_of(problem)
    tours, cover = Tours(grid), Cover(grid, grid.chosen(roster))
    found: list[Refusal] = []
    for number, person in enumerate(problem.people):
        for wish in person.wishes:
            if not 0 <= wish.day < len(problem.days) or _is_granted(grid, cover, number, wish):
                continue
            if stop() or time.monotonic() > until:
                return tuple(found)
            found.append(_why(problem, grid, tours, cover, number, wish))
    return tuple(found)


def _is_granted(grid: Grid, cover: Cover, person: int, wish: Wish) -> bool:
    option = cover.chosen[person, wish.day]
    return bool(option != OFF and _suits(grid, wish)[option]) is wish.wants


def _suits(grid: Grid, wish: Wish) -> Bools:
    """Options: whether they are what is wished for, or not to be."""
    shapes = [grid.problem.shapes[n] for n in grid.option_shape]
    return np.array([wish.what in ("", one.id, one.template) for one in shapes], np.bool_)


def _why(
    problem: Problem, grid: Grid, tours: Tours, cover: Cover, person: int, wish: Wish
) -> Refusal:
    name, had = grid.people[person].id, cover.chosen[person].copy()
    cover.take_out(person)
    prices, off = cover.prices(person)
    barred = prices.copy()
    wrong = ~_suits(grid, wish) if wish.wants else _suits(grid, wish)
    barred[wish.day, wrong] += _NEVER
    kept_off = off.copy()
    if wish.wants:
        kept_off[wish.day] += _NEVER
    made = exact.cheapest(grid, tours, person, barred, kept_off)
    same = _same(grid, tours, person, had, prices, off)
    cover.give(person, had)
    if made is None or value(made, barred, kept_off) >= _NEVER // 2:
        return Refusal(name, wish, rules=_rules(problem, grid, person, wish))
    dearer = value(made, prices, off) - value(same, prices, off)
    if tie := _tied(grid, cover, person, made, dearer):
        return Refusal(name, wish, rules=(tie,))
    return Refusal(name, wish, dearer=dearer / grid.parts)


def _tied(grid: Grid, cover: Cover, person: int, made: Ints, dearer: int) -> Rule | None:
    """The hard rule between people that granting a wish would break, where it would one: with whom
    somebody is to work, or not to; else how many who are not new are to be there."""
    name = grid.people[person].id
    # Such a rule costs more than anything else; what is granted takes a little from that.
    weight = grid.problem.weights.weight
    if weight("pairing") is None and 2 * dearer >= grid.pair_price:
        mine = grid.shapes_of(made)
        for other, together in grid.partners[person]:
            theirs = grid.shapes_of(cover.chosen[other])
            is_same = mine == theirs
            if np.any(~is_same if together else is_same & (mine != OFF)):
                return Rule("pairing", name, what=grid.people[other].id)
    if grid.problem.mix is not None and weight("mix") is None and 2 * dearer >= grid.mix_price:
        return Rule("mix", name)
    return None


def _same(grid: Grid, tours: Tours, person: int, had: Ints, prices: Ints, off: Ints) -> Ints:
    """The same shifts, with pauses where they are cheapest: those that would grant a wish are told
    with theirs there, too."""
    held = grid.shapes_of(had)
    is_other = grid.option_shape[None, :] != held[:, None]
    costs = np.where(is_other, prices + _NEVER, prices)
    made = exact.cheapest(grid, tours, person, costs, np.where(held != OFF, off + _NEVER, off))
    if made is None or value(made, prices, off) >= value(had, prices, off):
        return had
    return made if np.array_equal(grid.shapes_of(made), held) else had


def _rules(problem: Problem, grid: Grid, person: int, wish: Wish) -> tuple[Rule, ...]:
    """The rules that no shift can keep that would grant the wish."""
    one = grid.people[person]
    shapes = [
        shape.id
        for shape in problem.shapes
        if (wish.what in ("", shape.id, shape.template)) is wish.wants
    ]
    tried: list[str | None] = [*shapes] if wish.wants else [None, *shapes]
    best: tuple[Rule, ...] = ()
    for shape in tried:
        granted = replace(one, fixed={**one.fixed, wish.day: shape})
        rules = tuple(
            rule
            for rule in conflicts.rules_of(_with(problem, granted), one.id)
            if (rule.name, rule.day) != ("fixed", wish.day)
        )
        if rules and (not best or len(rules) < len(best)):
            best = rules
        if len(best) == 1:
            break
    return best


def _with(problem: Problem, person: Person) -> Problem:
    people = tuple(person if one.id == person.id else one for one in problem.people)
    return replace(problem, people=people)
