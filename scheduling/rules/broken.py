"""A rule that a roster breaks."""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.rules.names import MAY_BE_SOFT, Rule
from scheduling.shifts import HARD, Problem


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule broken once: facts, from which words can be made in any language.

    `person` is None where a rule is of all together. `day` is the day to look at and `days` all
    that it is about; days before the span are below 0. `weight` is what it costs, 0 if it is hard.
    `amount` is what there is and `limit` what was allowed, in the unit of the rule's name; None
    where a rule counts nothing. `what` names what else it is about: a shape, a template, a pause or
    an activity, the other one of a pair.
    """

    rule: Rule
    person: str | None
    day: int | None
    days: tuple[int, ...]
    is_hard: bool
    weight: int
    amount: float | None = None
    limit: float | None = None
    what: str = ""


def broken(
    problem: Problem,
    rule: Rule,
    person: str | None,
    days: Iterable[int],
    *,
    day: int | None = None,
    amount: float | None = None,
    limit: float | None = None,
    what: str = "",
) -> Broken:
    """A rule broken once, with what that costs in this problem. The day to look at is the last of
    those it is about, where none is said."""
    days = tuple(days)
    weight = problem.weights.weight(rule) if rule in MAY_BE_SOFT else HARD
    return Broken(
        rule=rule,
        person=person,
        day=days[-1] if day is None and days else day,
        days=days,
        is_hard=weight is HARD,
        weight=0 if weight is HARD else weight,
        amount=amount,
        limit=limit,
        what=what,
    )
