"""Agents' figures beyond what their queues explain.

Queues differ in what they ask for, and their mix changes. So the figure of an agent in a part of
time is what they had less what the site's agents together had on the same queues in the same part,
queue by queue, weighted by what the agent was counted over there. Sums are divided, means are not
averaged. Where queues do not differ, next to nothing is taken away, and the same of everybody.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from coaching.effect.periods import MONTH_DAYS
from coaching.progress import Standing

FEWEST = 10
"""Counted over fewer, a figure of a part says little, and is none."""
BANDS = (3, 6, 12, 24)
"""Months since hiring that tell the bands of tenure apart."""
UNKNOWN = -1
"""The band of whom nobody knows since when they are there."""


class Cell(NamedTuple):
    """What an agent did on a queue in a part of time: the figure is `over` / `under`."""

    over: float
    under: float
    calls: int
    """How many were answered: the work is where most are."""


Cells = Mapping[tuple[int, int | None, int], Cell]
"""By agent, queue (None: on no queue) and number of the part."""


def standings(
    cells: Cells, hired: Mapping[int, date | None], begins: Sequence[date]
) -> dict[int, dict[int, Standing]]:
    """Agents by part. `begins` are the first days of the parts 1, 2 and so on; parts are told by
    these numbers. Whoever is not among the `hired` is left out, and so is what was counted over
    fewer than `FEWEST`."""
    usual = _usual(cells)
    of: dict[tuple[int, int], dict[int | None, Cell]] = defaultdict(dict)
    for (agent, queue, part), cell in cells.items():
        if part >= 1 and agent in hired:
            of[agent, part][queue] = cell
    found: dict[int, dict[int, Standing]] = defaultdict(dict)
    for (agent, part), own in of.items():
        under = sum(cell.under for cell in own.values())
        if under < FEWEST:
            continue
        over = sum(cell.over - cell.under * usual[queue, part] for queue, cell in own.items())
        work = max(own, key=lambda queue: (own[queue].calls, own[queue].under, queue or 0))
        band, months = tenure(hired[agent], begins[part - 1])
        found[agent][part] = Standing(over / under, (work, band), months)
    return dict(found)


def _usual(cells: Cells) -> dict[tuple[int | None, int], float]:
    """The figure of all agents of the site on each queue in each part."""
    sums: dict[tuple[int | None, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (_agent, queue, part), cell in cells.items():
        both = sums[queue, part]
        both[0] += cell.over
        both[1] += cell.under
    return {key: over / under if under else 0.0 for key, (over, under) in sums.items()}


def tenure(hired: date | None, day: date) -> tuple[int, float]:
    """The band of tenure on a day, and the months since hiring; of whom nobody knows 0."""
    if hired is None:
        return UNKNOWN, 0.0
    months = max(0.0, (day - hired).days / MONTH_DAYS)
    return sum(months >= edge for edge in BANDS), months
