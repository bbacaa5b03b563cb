"""The effect of coaching on a figure, by two estimators side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from coaching.progress.courses import FEWEST_COACHED, FEWEST_COMPARED, Course, how_many
from coaching.progress.fits import Estimate, Fit, Floats


class Refused(StrEnum):
    """Why no effect is told."""

    FEW_COACHED = "few_coached"
    FEW_COMPARED = "few_compared"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Effect:
    """What coaching changed: by covariances (the one to read), by differences beside it."""

    covariances: Estimate
    differences: Estimate
    coached: int
    compared: int


def effect(some: Sequence[Course]) -> Effect | Refused:
    """The effect over all courses, in the unit of the figure; or why there is none to tell."""
    coached, compared = how_many(some)
    if coached < FEWEST_COACHED:
        return Refused.FEW_COACHED
    if compared < FEWEST_COMPARED:
        return Refused.FEW_COMPARED
    try:
        return Effect(by_covariances(some), by_differences(some), coached, compared)
    except ValueError:
        return Refused.ALIKE


def by_covariances(some: Sequence[Course]) -> Estimate:
    """ANCOVA: the figure after, given the trigger period and the earlier mean. Who is coached is
    chosen by these, so given them the choice says nothing more of what comes after."""
    after = np.array([one.after for one in some])
    before = known_before(some, tells_tenure(some))
    return _of_dose(some, np.column_stack([_coached(some), before]), after)


def by_differences(some: Sequence[Course]) -> Estimate:
    """Difference in differences: the change from the earlier mean against that of colleagues."""
    change = np.array([one.after - one.earlier for one in some])
    return _of_dose(some, _coached(some)[:, None], change)


def _of_dose(some: Sequence[Course], known: Floats, values: Floats) -> Estimate:
    """What coached time gives: the difference of who is coached (the first column) over their
    difference in coached time, which colleagues with talks of their own make less than 1.

    So `values` less the effect of everybody's dose do not differ between them (g-estimation of a
    structural nested mean model, Robins 1994, "Correcting for non-compliance in randomized
    trials"); the error is that of those values.
    """

    def fitted(of: Floats) -> Fit:
        return Fit(known, of, [one.cell for one in some], [one.agent for one in some])

    dose = np.array([one.dose for one in some])
    more = float(fitted(dose).slopes[0])
    value = float(fitted(values).slopes[0]) / more
    undone = fitted(values - value * dose).estimate(0)
    return Estimate(value, undone.error / more, undone.degrees)


def known_before(some: Sequence[Course], tenure: bool) -> Floats:
    """What is known of each before: trigger, earlier mean, and, where it is asked for, tenure (its
    logarithm: who is new learns fast)."""
    columns = [[one.trigger for one in some], [one.earlier for one in some]]
    if tenure:
        columns.append([float(np.log1p(one.months)) for one in some])
    return np.array(columns, np.float64).T


def tells_tenure(some: Sequence[Course]) -> bool:
    """Whether tenure tells colleagues apart: not where nobody says since when they are there."""
    of_cell: dict[object, float] = {}
    return any(of_cell.setdefault(one.cell, one.months) != one.months for one in some)


def _coached(some: Sequence[Course]) -> Floats:
    return np.array([float(one.is_coached) for one in some])
