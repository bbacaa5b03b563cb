"""How many positions the days of a forecast take, by what planners say of them."""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from scheduling.forecast.history import Array
from scheduling.models import ForecastDay, StaffingPlan
from scheduling.models.forecasts import DayTold
from scheduling.requirement import Aim, Requirement, required_for


def planned_calls(
    days: Sequence[ForecastDay], plan: StaffingPlan, planned: Mapping[date, Array]
) -> Array:
    """Calls that days are staffed for, days x intervals: those expected, or those that nine of ten
    days stay below; where planners say otherwise as much more or less."""
    expected = np.array([one.calls for one in days], float)
    # Nine of ten days stay below the upper edge of the band of 80 %. Where there is no band, it is
    # what is expected.
    surely = plan.sure != StaffingPlan.Sure.EVEN
    told = np.array([one.high80 for one in days], float) if surely else expected
    told = np.where(np.isnan(told), expected, told)
    for row, day in enumerate(days):
        if (by := planned.get(day.day)) is not None:
            told[row] = np.maximum(told[row] + by - expected[row], 0.0)
    return told


def of_days(
    days: Sequence[DayTold], interval_minutes: int, aim: Aim, calls: Array | None = None
) -> Requirement:
    """For these calls, by default those that are expected. Raises ValueError where no number of
    positions meets the aim."""
    return required_for(
        np.array([one.calls for one in days], float) if calls is None else calls,
        np.array([one.aht_seconds for one in days], float),
        interval_minutes * 60,
        aim,
        np.array([one.open for one in days], float),
    )
