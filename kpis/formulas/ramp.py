"""Ramp time: how long until whoever is new works as the tenured of the team do.

Pure: weeks and figures in, places and waits out. How many of those hired are there by when is
`kpis.formulas.survival`.
"""

import math
from collections.abc import Sequence

RUN_WEEKS = 4
"""So many weeks in a row inside the middle make it."""
LEAST_TENURED = 5
"""The middle of fewer is anybody's week."""
_OUTSIDE = 0.1


def middle(figures: Sequence[float]) -> tuple[float, float] | None:
    """The lowest and highest of the middle 80 % of the tenured, by nearest rank, both inside; None
    of fewer than `LEAST_TENURED`."""
    n = len(figures)
    if n < LEAST_TENURED:
        return None
    ordered = sorted(figures)
    # Ranks by whole tenths: 0.9 * 10 in floats need not be 9.
    return ordered[math.ceil(n / 10) - 1], ordered[math.ceil(9 * n / 10) - 1]


def first_run(inside: Sequence[bool]) -> tuple[int, bool]:
    """The place of the week that begins the first run of `RUN_WEEKS` inside, and True.

    Where there is none yet: the place at which one may still begin, that of the weeks inside that
    go on to the end, else the one after the last; and False.
    """
    begun = 0
    for place, is_in in enumerate(inside):
        if not is_in:
            begun = place + 1
        elif place - begun + 1 == RUN_WEEKS:
            return begun, True
    return begun, False
