"""Partial pooling of the means of a team.

True means of agents are taken for normal around the team's, with variance tau^2; each is seen with
an error whose variance is known. Each mean is drawn to the team's by error / (error + tau^2): far
where few calls were reviewed or agents hardly differ, and not at all where all calls were (Efron &
Morris 1975, "Data analysis using Stein's estimator and its generalizations").

tau is not known, and with ten agents its best estimate is often 0: then all would get the team's
mean, with intervals that are far too narrow. So it is not estimated but gone over, from 0 up, each
value weighing as much as the means bear it out, none favoured beforehand (Gelman 2006, "Prior
distributions for variance parameters in hierarchical models"; Gelman et al. 2013, "Bayesian Data
Analysis", 5.4). That prior needs three means at least, and is of use from four.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FEWEST_POOLED = 4
"""Fewer agents do not tell how much agents differ."""

_STEPS = 400
# The largest tau gone over, in ranges of the means or of the largest error.
_FAR = 10.0


class Pooled(NamedTuple):
    """A mean after pooling, its standard deviation, and how far it was drawn to the team's: 0 not
    at all, 1 wholly."""

    mean: float
    deviation: float
    drawn_in: float


def pool(means: Sequence[float], variances: Sequence[float]) -> list[Pooled]:
    """Each mean pooled with the others; `variances` are those of their errors, from 0.

    Raises ValueError for fewer than 4 means.
    """
    if len(means) < FEWEST_POOLED:
        raise ValueError(f"{len(means)} means cannot be pooled")
    y, v = np.asarray(means, float), np.asarray(variances, float)
    far = _FAR * max(float(np.ptp(y)), float(np.sqrt(v.max())))
    if not far:
        return [Pooled(mean, 0.0, 0.0) for mean in means]
    # Closer together near 0, where small steps matter; never 0 itself, for exact means. By the
    # squares of an even u, tau = far u^2, a step is as wide as u.
    u = (np.arange(_STEPS) + 0.5) / _STEPS
    tau = far * u**2
    total = v + tau[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    middle = (y / total).sum(axis=1) / precision
    log = (
        -0.5 * np.log(precision)
        - 0.5 * np.log(total).sum(axis=1)
        - 0.5 * ((y - middle[:, None]) ** 2 / total).sum(axis=1)
        + np.log(u)
    )
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    inward = v / total
    mean = inward * middle[:, None] + (1 - inward) * y
    within = (1 - inward) * v + inward**2 / precision[:, None]
    pooled = weight @ mean
    variance = weight @ within + weight @ (mean - pooled) ** 2
    return [
        Pooled(*one)
        for one in zip(
            pooled.tolist(), np.sqrt(variance).tolist(), (weight @ inward).tolist(), strict=True
        )
    ]
