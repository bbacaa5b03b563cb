"""The effect of coaching on one agent, against what chance does to colleagues.

The agent's figure after is held against what colleagues' courses foretell of it. How far such a
foretelling errs where nobody was coached is seen on the colleagues themselves, each foretold from
all the others: placebo differences (Conley & Taber 2011, "Inference with difference in differences
with a small number of policy changes"). The interval takes their quantiles as they are, so that
figures with heavy tails are not taken for effects.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from coaching.progress.courses import Course, Talk
from coaching.progress.effects import known_before, tells_tenure
from coaching.progress.fits import Fit, Floats

LEVEL = 0.95
FEWEST_PLACEBOS = math.ceil(2 / (1 - LEVEL)) - 1
"""Of fewer the most extreme is not rare enough to bound an interval."""


@dataclass(frozen=True, slots=True)
class Single:
    """One coached course: what it differs by from what was foretold, in which interval the effect
    lies (none where colleagues are too few), and how often placebo differences are as large."""

    agent: Hashable
    value: float
    interval: tuple[float, float] | None
    p: float


@dataclass(frozen=True, slots=True)
class Singles:
    """All coached courses of a comparison.

    `plain` are their differences from what was foretold by colleagues as they are; `dosed` what
    each hour of coached time of colleagues adds to that, [course, colleague], where `talks` are the
    colleagues' own. `shared` is the covariance that comes from the same colleagues, [course,
    course]; `spread` the standard deviation of a course by itself, with `left` degrees of freedom.
    """

    each: tuple[Single, ...]
    courses: tuple[Course, ...]
    plain: Floats
    dosed: Floats
    talks: tuple[Talk | None, ...]
    shared: Floats
    spread: float
    left: int


def singles(some: Sequence[Course], of_talks: float = 0.0) -> Singles:
    """The coached courses of `some`, in their order. `of_talks`: what talks give on the whole, as
    far as known; it is reckoned out of colleagues with a talk of their own in the period after.

    Raises ValueError where colleagues are too few or too alike to foretell from.
    """
    coached = [one for one in some if one.is_coached]
    others = [one for one in some if not one.is_coached]
    dose = np.array([one.dose for one in others])
    after = np.array([one.after for one in others])
    cells, agents = [one.cell for one in others], [one.agent for one in others]
    tenure = tells_tenure(others)
    fit = Fit(known_before(others, tenure), after - of_talks * dose, cells, agents)
    weights = fit.foretelling(known_before(coached, tenure), [one.cell for one in coached])
    plain = np.array([one.after for one in coached]) - weights @ after
    dosed = weights * dose
    left = fit.left_out()
    placebos = np.sort(left[~np.isnan(left)])
    values = plain + of_talks * dosed.sum(axis=1)
    each = tuple(
        Single(one.agent, value, _interval(value, placebos), _p(value, placebos))
        for one, value in zip(coached, values.tolist(), strict=True)
    )
    return Singles(
        each, tuple(coached), plain, dosed, tuple(one.talk for one in others),
        fit.together(weights), fit.spread(), fit.left,
    )  # fmt: skip


def _interval(value: float, placebos: Floats) -> tuple[float, float] | None:
    count = len(placebos)
    if count < FEWEST_PLACEBOS:
        return None
    # The place from either end that one more draw lies beyond in at most 2.5 % of cases.
    beyond = math.floor((count + 1) * (1 - LEVEL) / 2 + 1e-9)
    return value - float(placebos[-beyond]), value - float(placebos[beyond - 1])


def _p(value: float, placebos: Floats) -> float:
    as_large = int((np.abs(placebos) >= abs(value)).sum())
    return (1 + as_large) / (1 + len(placebos))
