"""How many positions the days of a forecast take, by what planners say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ccm.models import Queue
from scheduling.forecast.history import Array
from scheduling.models import Forecast, ForecastDay, StaffingPlan
from scheduling.models.forecasts import DayTold
from scheduling.requirements import aims
from scheduling.staffing.requirement import Aim, Requirement, required_for


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
            # Nothing is added to the word where no more is staffed for than comes.
            told[row] = np.maximum(by + (told[row] - expected[row]), 0.0)
    return told


@dataclass(frozen=True, slots=True)
class Busiest:
    """The interval that takes the most people, the first of several."""

    day: date
    place: int
    positions: int
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class Takes:
    """What some days of a queue's forecast take."""

    days: Sequence[ForecastDay]
    calls: Array
    """What they are staffed for, days x intervals."""
    made: Requirement

    @property
    def hours_of_days(self) -> list[float]:
        """Paid hours of each."""
        return [float(self.made.paid_hours([row])) for row in range(len(self.days))]

    @property
    def paid_hours(self) -> float:
        return float(self.made.paid_hours())

    @property
    def hours(self) -> float:
        """Hours of positions, which are paid hours without shrinkage."""
        of_each = self.made.positions * self.made.there
        return float(of_each.sum()) * self.made.interval_seconds / 3600

    @property
    def busiest(self) -> Busiest | None:
        """None: no interval takes anybody."""
        if not self.made.positions.any():
            return None
        row, place = divmod(int(self.made.positions.argmax()), self.made.positions.shape[1])
        told = self.made.told(row, place)
        return Busiest(self.days[row].day, place, told.positions or 0, told.people or 0)


def takes(
    queue: Queue,
    forecast: Forecast,
    days: Sequence[ForecastDay],
    planned: Mapping[date, Array],
    aim: Aim,
) -> Takes | None:
    """Some of its days; None where no number of positions meets the aim."""
    calls = planned_calls(days, aims.plan_of(queue), planned)
    try:
        made = of_days(days, forecast.interval_minutes, aim, calls)
    except ValueError:
        return None
    return Takes(days, calls, made)


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
