"""A roster mended with the fewest changes: after an absence, or where a rule is broken."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduling.roster.grid import Grid
from scheduling.roster.search import Progress
from scheduling.roster.solve import Solved, solve
from scheduling.shifts import Person, Problem, Roster, Wish


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody worked on a day, and works now; None: a day off."""

    person: str
    day: int
    before: str | None
    after: str | None


def repaired(
    problem: Problem,
    roster: Roster,
    price: int,
    seconds: float,
    seed: int = 1,
    tell: Callable[[Progress, Grid], None] = lambda _progress, _grid: None,
    stop: Callable[[], bool] = lambda: False,
) -> Solved:
    """The roster again, by rules that changed since: whoever is away now is so by the problem.

    Each shift that is another or on another day costs `price`, in the measure of the problem, so
    that nobody's day is changed for less. What has to change does.
    """
    kept = replace(
        problem, people=tuple(_keeping(one, problem, roster, price) for one in problem.people)
    )
    return solve(kept, seconds, seed, start=roster, tell=tell, stop=stop)


def _keeping(person: Person, problem: Problem, roster: Roster, price: int) -> Person:
    mine = roster.of.get(person.id, {})
    stays = tuple(
        Wish(day, wants=True, weight=price, what=mine[day].shape)
        if day in mine
        else Wish(day, wants=False, weight=price)
        for day in range(len(problem.days))
    )
    return replace(person, wishes=(*person.wishes, *stays))


def changes(problem: Problem, before: Roster, after: Roster) -> tuple[Change, ...]:
    """Whose days are others now, person by person."""
    found = []
    for person in problem.people:
        for day in range(len(problem.days)):
            had, has = before.on(person.id, day), after.on(person.id, day)
            if (had and had.shape) != (has and has.shape):
                found.append(
                    Change(person.id, day, had.shape if had else None, has.shape if has else None)
                )
    return tuple(found)
