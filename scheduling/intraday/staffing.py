"""How many positions the rest of a day takes, as it was told in the morning and as it is now."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduling.forecast.history import Array
from scheduling.intraday.reads import Today
from scheduling.models import StaffingPlan
from scheduling.staffing.requirement import Aim, Requirement, required_for


@dataclass(frozen=True, slots=True, eq=False)
class Staffing:
    """Of the intervals of a day that are left."""

    morning: Requirement
    updated: Requirement

    @property
    def hours(self) -> tuple[float, float]:
        """Paid hours of the rest: as in the morning, and now."""
        return float(self.morning.paid_hours()), float(self.updated.paid_hours())

    @property
    def is_known(self) -> bool:
        """Whether it is known of all calls that are left how long they take: else hours of some are
        missing in those of all."""
        return not (self.morning.unknown.any() or self.updated.unknown.any())

    @property
    def most_more(self) -> tuple[int, int]:
        """In which of the intervals that are left the most positions are more than in the morning
        (fewer, where none has more), and how many."""
        more = self._more()
        place = int(more.argmax()) if more.max() > 0 else int(more.argmin())
        return place, int(more[place])

    def _more(self) -> NDArray[np.int64]:
        found: NDArray[np.int64] = (self.updated.positions - self.morning.positions)[0]
        return found


def of_rest(today: Today, aim: Aim, plan: StaffingPlan) -> Staffing | None:
    """None where no number of positions meets the aim."""
    begun = today.begun
    left = slice(begun.known, None)
    more = above(today, plan)[left]
    aht = np.array(today.row.aht_seconds, float)[None, left]
    there = np.array(today.row.open, float)[None, left]
    try:
        return Staffing(
            *(
                required_for(_raised(calls, more), aht, today.minutes * 60, aim, there)
                for calls in (begun.morning(), begun.updated())
            )
        )
    except ValueError:
        return None


def above(today: Today, plan: StaffingPlan) -> Array:
    """How many calls more than expected people are reckoned for, by intervals of the day. Nine of
    ten days stay below the upper edge of the band of 80 %, which goes where the calls go."""
    if plan.sure == StaffingPlan.Sure.EVEN:
        return np.zeros_like(today.begun.expected)
    found: Array = np.nan_to_num(today.high80 - today.begun.expected)
    return found


def _raised(calls: Array, by: Array) -> Array:
    found: Array = np.where(calls > 0, np.maximum(calls + by, 0.0), 0.0)[None]
    return found
