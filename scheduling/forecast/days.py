"""What a calendar knows of a day, before anything is counted."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class Day:
    """A site's day."""

    date: date
    holiday: str = ""
    """Its name; "": it is none."""
    before: bool = False
    """The day before a holiday, or before days off that begin with one."""
    after: bool = False
    """The first day after a holiday that is none."""
    bridge: bool = False
    """A working day between a holiday and a day off."""

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.date.weekday()

    @property
    def is_plain(self) -> bool:
        """Whether nothing but its weekday and its place in the month is special of it."""
        return not (self.holiday or self.before or self.after or self.bridge)


def known(
    dates: Iterable[date], named: Mapping[date, str], off: Collection[int] = (_SATURDAY, _SUNDAY)
) -> tuple[Day, ...]:
    """Days with what the holidays around them make of them. `named` has the name of each holiday
    among the dates and of those a few days around them; `off` are weekdays without work."""

    def rests(day: date) -> bool:
        return day in named or day.weekday() in off

    found = []
    for one in dates:
        before, after = _runs(one, rests, named, -1), _runs(one, rests, named, 1)
        works = not rests(one)
        found.append(
            Day(
                one,
                named.get(one, ""),
                before=works and after,
                after=works and before,
                bridge=works
                and rests(one - _DAY)
                and rests(one + _DAY)
                and (one - _DAY in named or one + _DAY in named),
            )
        )
    return tuple(found)


def _runs(day: date, rests: Callable[[date], bool], named: Mapping[date, str], step: int) -> bool:
    """Whether a holiday is among the days without work next to this one on that side."""
    one = day + step * _DAY
    while rests(one):
        if one in named:
            return True
        one += step * _DAY
    return False
