"""Days unlike what they should have been: an outage, a storm, a file that ended at noon.

They are found and shown; whether they are kept is the planner's word, and until there is one they
are kept out. A holiday is meant to be unlike, and is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from scheduling.forecast import profile, totals
from scheduling.forecast.history import History

# Of so few days it is not told what a day should have been.
_FEWEST_DAYS = 28
_FAR = 4.0
# Where a greater share of a weekday is far, it is what is expected of it that is wrong.
_MOST_OF_A_WEEKDAY = 0.25


@dataclass(frozen=True, slots=True)
class Outlier:
    date: date
    calls: float
    deviations: float
    """Robust deviations above what it should have been; negative: below."""


def found(history: History) -> tuple[Outlier, ...]:
    """Days that are far from what their calendar and the weeks around them say, in order."""
    if len(history) < _FEWEST_DAYS:
        return ()
    courses = profile.forecast(history, history.days)
    share = (courses * history.open).sum(axis=1)
    known = share > profile.LEAST_OPEN
    days = [day for day, is_known in zip(history.days, known, strict=True) if is_known]
    calls = history.calls.sum(axis=1)[known]
    away = totals.surprises(days, calls / share[known])
    is_far = (np.abs(away) > _FAR) & [day.is_plain for day in days]
    weekdays = np.array([day.weekday for day in days])
    for one in range(7):
        of_weekday = weekdays == one
        if is_far[of_weekday].sum() > _MOST_OF_A_WEEKDAY * of_weekday.sum():
            is_far &= ~of_weekday
    return tuple(
        Outlier(days[place].date, float(calls[place]), float(away[place]))
        for place in np.flatnonzero(is_far)
    )


def without(history: History, words: Mapping[date, bool]) -> History:
    """A history of which days that are kept out are not known: outliers, unless the planner keeps
    them, and days that the planner keeps out. `words` says of a day whether it is kept."""
    out = {one.date for one in found(history) if words.get(one.date) is not True}
    out |= {day for day, is_kept in words.items() if not is_kept}
    left = np.array([[0.0 if day.date in out else 1.0] for day in history.days]).reshape(-1, 1)
    return replace(history, calls=history.calls * left, open=history.open * left)
