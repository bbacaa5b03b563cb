"""What of a problem is a rule that can be left out, and the problem without it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from scheduling.shifts import Limits, Person, Problem

_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of one person: a field of `Limits` or of `Person`, and which of its days, moments or
    templates where it is only one of them; `pairing` with whom; or `mix`, which is nobody's."""

    name: str
    person: str
    day: int | None = None
    span: tuple[int, int] | None = None
    what: str = ""


def wholes(problem: Problem) -> Iterator[Rule]:
    """Each hard rule of a problem, whole, but for when somebody is employed (`employed`): without
    that, whole weeks would be asked of them that are not."""
    for person in problem.people:
        for name in _PARTS:
            if getattr(person, name):
                yield Rule(name, person.id)
        for name in ("templates", "earliest_start", "latest_end"):
            if getattr(person, name) is not None:
                yield Rule(name, person.id)
        for one in fields(Limits):
            if problem.weights.weight(one.name) is None and getattr(
                person.limits, one.name
            ) not in (None, {}, ()):
                yield Rule(one.name, person.id)
    if problem.weights.weight("pairing") is None:
        for pair in problem.pairings:
            yield Rule("pairing", pair.one, what=pair.other)
    if problem.mix is not None and problem.weights.weight("mix") is None:
        yield Rule("mix", "")


def employed(problem: Problem) -> Iterator[Rule]:
    """When each is employed, of whom something is said."""
    return (Rule("present", one.id) for one in problem.people if one.present is not None)


# What of a person is several rules, each of a day or of moments.
_PARTS = ("closed", "days_off", "rotation", "fixed")


def pieces(problem: Problem) -> Iterator[Rule]:
    """The same, each day and moment by itself."""
    for rule in wholes(problem):
        person = next((one for one in problem.people if one.id == rule.person), None)
        if person is None or rule.name not in (*_PARTS, "most_of_template"):
            yield rule
        elif rule.name == "closed":
            yield from (Rule("closed", person.id, span=span) for span in person.closed)
        elif rule.name == "most_of_template":
            names = person.limits.most_of_template
            yield from (Rule(rule.name, person.id, what=name) for name in names)
        else:
            days = sorted(getattr(person, rule.name))
            yield from (Rule(rule.name, person.id, day=day) for day in days)


def all_without(problem: Problem, rules: Iterable[Rule]) -> Problem:
    """The same without any of these rules."""
    for rule in rules:
        problem = without(problem, rule)
    return problem


def without(problem: Problem, rule: Rule) -> Problem:
    """The same without a rule."""
    if rule.name == "mix":
        return replace(problem, mix=None)
    if rule.name == "pairing":
        left = tuple(
            one for one in problem.pairings if (one.one, one.other) != (rule.person, rule.what)
        )
        return replace(problem, pairings=left)
    return replace(
        problem,
        people=tuple(_freed(one, rule) if one.id == rule.person else one for one in problem.people),
    )


def _freed(person: Person, rule: Rule) -> Person:
    change = _FREED.get(rule.name)
    if change is not None:
        return change(person, rule)
    limits = person.limits
    if rule.name == "most_of_template":
        left = {
            name: most for name, most in limits.most_of_template.items()
            if rule.what and name != rule.what
        }  # fmt: skip
        return replace(person, limits=replace(limits, most_of_template=left))
    if rule.name == "pause_after":
        return replace(person, limits=replace(limits, pause_after=()))
    none: dict[str, Any] = {rule.name: None}
    return replace(person, limits=replace(limits, **none))


_FREED: dict[str, Callable[[Person, Rule], Person]] = {
    "closed": lambda person, rule: replace(
        person, closed=tuple(one for one in person.closed if rule.span and one != rule.span)
    ),
    "days_off": lambda person, rule: replace(
        person, days_off=person.days_off - {rule.day} if rule.day is not None else frozenset()
    ),
    "rotation": lambda person, rule: replace(person, rotation=_less(person.rotation, rule.day)),
    "fixed": lambda person, rule: replace(person, fixed=_less(person.fixed, rule.day)),
    "templates": lambda person, _rule: replace(person, templates=None),
    "earliest_start": lambda person, _rule: replace(person, earliest_start=None),
    "latest_end": lambda person, _rule: replace(person, latest_end=None),
    "present": lambda person, _rule: replace(person, present=None),
}


def _less(said: Mapping[int, _V], day: int | None) -> dict[int, _V]:
    return {one: value for one, value in said.items() if day is not None and one != day}
