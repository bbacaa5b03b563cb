"""People who are alike in all that binds them and in all that their shifts cost and cover."""

from collections.abc import Iterable

from scheduling.roster.grid import Grid


def classes_of(grid: Grid, people: Iterable[int]) -> tuple[tuple[int, ...], ...]:
    """People (by number) who can take each other's spans, and nothing is dearer or cheaper for it.

    Mixes and pairs are left out: where there are any, nobody takes another's place.
    """
    found: dict[tuple[object, ...], list[int]] = {}
    for person in people:
        one = grid.people[person]
        key = (
            repr(one.limits), one.before, one.present, one.away,
            tuple(sorted(one.credited.items())),
            grid.allowed[person].tobytes(), grid.may_be_off[person].tobytes(),
            grid.unary[person].tobytes(), grid.off_cost[person].tobytes(),
            grid.fills[person].tobytes(),
        )  # fmt: skip
        found.setdefault(key, []).append(person)
    return tuple(tuple(some) for some in found.values())
