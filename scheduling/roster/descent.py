"""Everyone in turn works the best span that there is while all others' stays: what names people.

A person is there once in a slot, so what their shifts cost, given everyone else's, is a sum over
their days, and `tour` finds the cheapest exactly. No turn makes a roster dearer; where nobody's
does anything any more, two at a time or parts of the whole have to change (`search`).
"""

from collections.abc import Callable, Iterable

import numpy as np

from scheduling.roster import exact
from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Grid, Ints, value
from scheduling.roster.tour import Tours


def begun(grid: Grid, tours: Tours, order: Iterable[int]) -> tuple[Ints, list[int]]:
    """A roster, person by person, each the best beside those before; and who has no span at all.

    `order` names people by number; whoever has few choices is better taken early.
    """
    cover = Cover(grid, np.full(grid.size[:2], OFF, np.int64))
    cover.out.update(range(grid.size[0]))
    without: list[int] = []
    for person in order:
        made = exact.cheapest(grid, tours, person, *cover.prices(person))
        if made is None:
            without.append(person)
        else:
            cover.give(person, made)
    return cover.chosen, without


def sweep(
    cover: Cover, tours: Tours, order: Iterable[int], goes_on: Callable[[], bool] = lambda: True
) -> int:
    """One turn for each; how many changed. Somebody for whom no span is found keeps theirs."""
    changed = 0
    for person in order:
        if not goes_on():
            break
        had = cover.chosen[person].copy()
        cover.take_out(person)
        prices, off = cover.prices(person)
        made = tours.cheapest(person, prices, off)
        if made is None or value(made, prices, off) >= value(had, prices, off):
            cover.give(person, had)
        else:
            cover.give(person, made)
            changed += 1
    return changed
