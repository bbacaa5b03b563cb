"""Who has reached what. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

Month = tuple[int, int]
"""Year and month."""


def anniversary(hired_on: date, years: int) -> date:
    """The day after so many years; who was hired on 29 February has it on 1 March of other
    years."""
    try:
        return hired_on.replace(year=hired_on.year + years)
    except ValueError:
        return date(hired_on.year + years, 3, 1)


def has_years(hired_on: date | None, years: int, today: date) -> bool:
    return hired_on is not None and anniversary(hired_on, years) <= today


def months_reached(
    shares: Mapping[Month, Sequence[float]], least: float, fewest: int, months: int, last: Month
) -> Month | None:
    """The month that is the last of the first so many in a row, up to `last` at the latest, of each
    of which there are `fewest` reviews or more and none is below `least`; None: there are not so
    many. Shares are 0 to 1."""
    run, before = 0, None
    for month in sorted(one for one in shares if one <= last):
        its = shares[month]
        is_good = len(its) >= fewest and all(share >= least for share in its)
        follows = before is not None and month == _next(before)
        run = (run + 1 if follows or not run else 1) if is_good else 0
        before = month
        if run >= months:
            return month
    return None


def end_of(month: Month) -> date:
    """Its last day."""
    year, number = _next(month)
    return date(year, number, 1) - timedelta(days=1)


def reached_at(by_day: Mapping[date, int], number: int) -> date | None:
    """The day on which counts of days came to a number together; None: they did not."""
    many = 0
    for day in sorted(by_day):
        many += by_day[day]
        if many >= number:
            return day
    return None


def _next(month: Month) -> Month:
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)
