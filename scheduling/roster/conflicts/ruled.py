"""A problem as one model in which each rule holds only where it is assumed: which rules contradict
each other is asked of it again and again without writing anything down anew.

What a rule of single shifts bars is read off the problem with that rule alone, so that the words of
a rule have one meaning in all searches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster import model
from scheduling.roster.conflicts import possible
from scheduling.roster.conflicts.possible import Time
from scheduling.roster.conflicts.rules import Rule, all_without, pieces
from scheduling.roster.grid import grid_of
from scheduling.shifts import Limits, Pairing, Person, Problem

# Of what binds single shifts: contracts' part of it, what is one rule, and what is one of each day.
_OF_SHIFTS = ("fewest_day_minutes", "most_day_minutes", "pause_after", "longest_without_pause")
_ONE = ("templates", "earliest_start", "latest_end")
_OF_DAYS = ("days_off", "rotation", "fixed")
# What shifts and days are, and no rule that could be left out.
_ALWAYS = ("overlap", "follows")
# An answer is waited for as many times as long as all took to be written down, and as long at least
# in seconds; then what is asked is written down alone.
_TIMES, _AT_LEAST = 2.0, 0.2


class Ruled:
    """The rules of a problem that has neither demand nor soft rules (`possible.bound`)."""

    def __init__(self, problem: Problem, clock: Time) -> None:
        """Raises NotKnown where writing it down would take too long."""
        self.rules = tuple(dict.fromkeys(pieces(problem)))
        self.problem, self._clock = problem, clock
        left = clock.left()
        self._literals: dict[Rule, Any] = {}
        self._number = {one.id: n for n, one in enumerate(problem.people)}
        free = tuple(_free(one) for one in problem.people)
        self._grid = grid_of(replace(problem, people=free, pairings=()))
        self._model = cp_model.CpModel()
        self._part = possible.written(self._grid, clock, self._under, self._model)
        for name, people in _barring(problem.people):
            if people:
                self._bar(name, replace(problem, people=people, pairings=(), mix=None))
        for person in problem.people:
            for template, most in person.limits.most_of_template.items():
                self._of_template(person, template, most)
        for pairing in problem.pairings:
            self._pair(pairing)
        self._at_once = max(_TIMES * (left - clock.left()), _AT_LEAST)

    def contradiction(self, rules: Iterable[Rule]) -> tuple[Rule, ...] | None:
        """Some of these rules that contradict each other, not always the fewest; None where all can
        be kept. Raises NotKnown."""
        asked = frozenset(rules)
        held = [rule for rule in self.rules if rule in asked and rule in self._literals]
        self._model.clear_assumptions()
        self._model.add_assumptions([self._literals[rule] for rule in held])
        solver = possible.solver_of(self._at_once, self._clock)
        # Most answers come in less time than making the model smaller would take.
        solver.parameters.cp_model_presolve = False
        solver.parameters.linearization_level = 0
        status = solver.solve(self._model)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        if status == cp_model.INFEASIBLE:
            core = set(solver.sufficient_assumptions_for_infeasibility())
            return tuple(rule for rule in held if self._literals[rule].index in core)
        # Without what is not asked about it is a smaller problem.
        left_out = [rule for rule in self.rules if rule not in asked]
        alone = all_without(self.problem, left_out)
        is_possible = possible.kept(alone, self._clock) is not None
        return None if is_possible else tuple(held)

    def _literal(self, rule: Rule) -> Any:
        if rule not in self._literals:
            self._literals[rule] = self._model.new_bool_var("")
        return self._literals[rule]

    def _under(self, name: str, person: int) -> Any:
        """What a rule of a contract, or `mix`, holds under, as `model` asks."""
        if name in _ALWAYS:
            return None
        return self._literal(Rule(name, "" if name == "mix" else self._grid.people[person].id))

    def _bar(self, name: str, alone: Problem) -> None:
        """What people cannot work by one rule of each, which is all that they have."""
        grid = grid_of(alone)
        for n, person in enumerate(alone.people):
            number = self._number[person.id]
            barred = self._grid.allowed[number] & ~grid.allowed[n]
            for day in np.flatnonzero(barred.any(axis=1) | ~grid.may_be_off[n]).tolist():
                literal = self._literal(_rule(name, person, day))
                options = np.flatnonzero(barred[day]).tolist()
                given = [self._part.given[number, day, option] for option in options]
                if given:
                    self._model.add(sum(given) == 0).only_enforce_if(literal)
                if not grid.may_be_off[n, day]:
                    works = self._part.works[number, day]
                    self._model.add(works == 1).only_enforce_if(literal)

    def _of_template(self, person: Person, template: str, most: int) -> None:
        if template not in self._grid.templates:
            return
        which = self._grid.template == self._grid.templates.index(template)
        number = self._number[person.id]
        given = [x for (who, _day, option), x in self._part.given.items()
                 if who == number and which[option]]  # fmt: skip
        literal = self._literal(Rule("most_of_template", person.id, what=template))
        self._model.add(sum(given) <= most).only_enforce_if(literal)

    def _pair(self, pairing: Pairing) -> None:
        literal = self._literal(Rule("pairing", pairing.one, what=pairing.other))
        one, other = self._number[pairing.one], self._number[pairing.other]
        model.pair(self._part, pairing, one, other, lambda _name, _person: literal)


def _free(person: Person) -> Person:
    """Somebody without what binds single shifts, and how many of a kind they may have."""
    none: dict[str, Any] = {**dict.fromkeys(_OF_SHIFTS), "pause_after": (), "most_of_template": {}}
    return replace(
        person, limits=replace(person.limits, **none), closed=(), days_off=frozenset(),
        rotation={}, fixed={}, templates=None, earliest_start=None, latest_end=None,
    )  # fmt: skip


def _barring(people: Sequence[Person]) -> Iterator[tuple[str, tuple[Person, ...]]]:
    """Rules that bar shifts, each with those who have it, and nothing else."""
    none: tuple[Any, ...] = (None, (), {}, frozenset())
    for name in _OF_SHIFTS:
        has = [one for one in people if getattr(one.limits, name) not in none]
        yield name, tuple(_with(one, limits=_limit(one.limits, name)) for one in has)
    for name in (*_ONE, *_OF_DAYS):
        # Who may have no template at all is bound by that.
        has = [one for one in people
               if getattr(one, name) not in (none[:1] if name in _ONE else none)]  # fmt: skip
        yield name, tuple(_with(one, **{name: getattr(one, name)}) for one in has)
    for nth in range(max((len(one.closed) for one in people), default=0)):
        has = [one for one in people if len(one.closed) > nth]
        yield "closed", tuple(_with(one, closed=(one.closed[nth],)) for one in has)


def _with(person: Person, **said: Any) -> Person:
    free = replace(_free(person), limits=Limits(), present=None)
    return replace(free, **said)


def _limit(limits: Limits, name: str) -> Limits:
    one: dict[str, Any] = {name: getattr(limits, name)}
    return Limits(**one)


def _rule(name: str, person: Person, day: int) -> Rule:
    """Which rule it is that somebody has alone."""
    if name == "closed":
        return Rule(name, person.id, span=person.closed[0])
    return Rule(name, person.id, day=day if name in _OF_DAYS else None)
