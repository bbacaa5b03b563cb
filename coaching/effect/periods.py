"""Time in periods of four weeks, the same for every site and every day that anybody asks on.

A period begins on a Monday and has a number. So what was told of coaching yesterday is told today.
"""

from datetime import date, timedelta

DAYS = 28
MONTH_DAYS = 30.4
"""Of a mean month."""


def number_of(day: date) -> int:
    """The period that holds a day."""
    return (day.toordinal() - 1) // DAYS  # the first day that there is was a Monday


def first_day(number: int) -> date:
    return date.fromordinal(number * DAYS + 1)


def last_day(number: int) -> date:
    return first_day(number + 1) - timedelta(days=1)


def last_over(until: date) -> int:
    """The last period that is over where `until` is the last day that is."""
    return number_of(until + timedelta(days=1)) - 1


def rest(day: date) -> float:
    """How much of its period comes after a day: 0 to below 1."""
    return (last_day(number_of(day)) - day).days / DAYS
