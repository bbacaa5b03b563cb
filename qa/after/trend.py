"""How somebody's marks on a criterion went: the latest beside those before, and whether that is
more than chance. Pure.

The latest are compared with the ones before by a permutation test of the difference of their means
(Fisher 1935; Pitman 1937): how often marks that come in any order differ at least as much. It takes
no shape of the marks, which are often all alike but for one. Of several criteria the surest must
pass .05 divided by how many there are (Holm 1979).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LATEST = 8
BEFORE = 24
FEWEST = 5
"""On either side; of fewer nothing is compared."""
_TRIES = 4000
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Trend:
    """The mean share of the `n` latest marks, and of the `n_before` before them (None: too few to
    compare). `direction` is "up" or "down" where the difference is more than chance, "steady" where
    it may be chance, and "" where nothing is compared."""

    n: int
    mean: float
    n_before: int
    before: float | None
    direction: str


def trends(marks: Mapping[Hashable, Sequence[float]]) -> dict[Hashable, Trend]:
    """The trend of each criterion, of its marks from the oldest to the newest; none of one without
    marks."""
    compared: dict[Hashable, tuple[float, float]] = {}
    parts = {key: _parts(values) for key, values in marks.items() if values}
    for key, (latest, before) in parts.items():
        if len(latest) >= FEWEST and len(before) >= FEWEST:
            compared[key] = _p(latest, before), _mean(latest) - _mean(before)
    sure = _sure({key: p for key, (p, _by) in compared.items()})
    found = {}
    for key, (latest, before) in parts.items():
        direction = ""
        if key in compared:
            direction = "steady"
            if key in sure:
                direction = "up" if compared[key][1] > 0 else "down"
        told = _mean(before) if key in compared else None
        found[key] = Trend(len(latest), _mean(latest), len(before), told, direction)
    return found


def _parts(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float]]:
    return values[-LATEST:], values[-LATEST - BEFORE : -LATEST]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _p(latest: Sequence[float], before: Sequence[float]) -> float:
    """How often marks in any order differ as much; the stated order is one of the tries."""
    both = np.array([*latest, *before], np.float64)
    seen = abs(_mean(latest) - _mean(before))
    if not np.ptp(both):
        return 1.0
    draws = np.random.RandomState(0).random_sample((_TRIES, len(both)))
    mixed = both[draws.argsort(axis=1)]
    apart = np.abs(mixed[:, : len(latest)].mean(axis=1) - mixed[:, len(latest) :].mean(axis=1))
    return float(((apart >= seen - 1e-9).sum() + 1) / (_TRIES + 1))


def _sure(ps: Mapping[Hashable, float]) -> set[Hashable]:
    """Those that are more than chance, by Holm's procedure."""
    sure: set[Hashable] = set()
    for place, key in enumerate(sorted(ps, key=lambda one: ps[one])):
        if ps[key] > _LEVEL / (len(ps) - place):
            break
        sure.add(key)
    return sure
