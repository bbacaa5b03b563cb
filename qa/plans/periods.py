"""The periods of a plan, days [first, next) of its site. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

WEEKLY, BIWEEKLY, MONTHLY = "weekly", "biweekly", "monthly"
_DAYS = {WEEKLY: timedelta(days=7), BIWEEKLY: timedelta(days=14)}


class Period(NamedTuple):
    """Days from `first` up to but not including `next`."""

    first: date
    next: date

    @property
    def last(self) -> date:
        return self.next - timedelta(days=1)


def periods(cadence: str, starts_on: date, ended_on: date | None, until: date) -> Iterator[Period]:
    """Those that are over on the day `until`, the oldest first.

    Weeks begin on the weekday that the plan does. Months are those of the calendar: of a plan that
    begins within one the first period is the rest of it. Of a plan that ended, only those that
    were over by that day.
    """
    end = until if ended_on is None else min(until, ended_on)
    first = starts_on
    while (following := _following(cadence, first)) <= end:
        yield Period(first, following)
        first = following


def current(cadence: str, starts_on: date, today: date) -> Period:
    """The period that holds a day; before the plan begins, its first."""
    first = starts_on
    while (following := _following(cadence, first)) <= today:
        first = following
    return Period(first, following)


def latest(cadence: str, starts_on: date, today: date) -> Period:
    """The newest whole period before a day, whether or not the plan had begun by then: what a
    preview is shown of."""
    if cadence == MONTHLY:
        this_month = today.replace(day=1)
        return Period((this_month - timedelta(days=1)).replace(day=1), this_month)
    length = _DAYS[cadence]
    since = today - starts_on
    next_day = starts_on + (since // length) * length
    return Period(next_day - length, next_day)


def _following(cadence: str, first: date) -> date:
    if cadence != MONTHLY:
        return first + _DAYS[cadence]
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)
