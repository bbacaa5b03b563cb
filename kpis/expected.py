"""What is expected of a day, which an app above tells: calls, and the positions that they take, by
the quarter hour. Nobody imports upward, so it is registered."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias, TypeVar

from ccm.intervals import QUARTER
from ccm.models import Direction, Site
from kpis.models import DayStat, Unit

# A queue on which nobody called for so long needs no forecast.
_QUIET = timedelta(weeks=8)


@dataclass(frozen=True, slots=True)
class Expected:
    """Of a queue, by the start of each quarter hour that is open."""

    calls: Mapping[datetime, float]
    low: Mapping[datetime, float]
    """Between `low` and `high` calls lie on 80 of 100 days; empty: it is not known."""
    high: Mapping[datetime, float]
    required: Mapping[datetime, int]
    """Positions; without those of which it is not known."""
    asked: str = ""
    """The service level that they are for, by its variant."""


Teller: TypeAlias = Callable[[Site, Sequence[int], date], Mapping[int, Expected]]
"""What is expected of some queues of a site on one of its days, by their ids; of one of which
nothing is known, nothing. Asks the same of few as of many."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers.append(teller)


@dataclass(frozen=True, slots=True)
class Together:
    """Of several queues together."""

    of: Mapping[int, Expected]
    """Those that have a forecast, by their ids."""
    without: tuple[int, ...]
    """Those that have none though calls come on them: what is expected of all is more."""

    def only(self, queues: Collection[int]) -> "Together":
        """Of some of those that have a forecast: the others are missing, too."""
        return Together(
            {pk: one for pk, one in self.of.items() if pk in queues},
            (*self.without, *(pk for pk in self.of if pk not in queues)),
        )

    @property
    def calls(self) -> Mapping[datetime, float]:
        return _sums(one.calls for one in self.of.values())

    @property
    def band(self) -> tuple[Mapping[datetime, float], Mapping[datetime, float]]:
        """Bands of several do not add up: there is one where it is of a single queue."""
        if len(self.of) != 1:
            return {}, {}
        (one,) = self.of.values()
        return one.low, one.high

    def required(self, start: datetime) -> int | None:
        """Positions of a quarter hour, of those queues of which it is known; None: of none."""
        known = [one.required[start] for one in self.of.values() if start in one.required]
        return sum(known) if known else None

    @property
    def asked(self) -> str:
        """What positions are for, where it is the same of all."""
        every = {one.asked for one in self.of.values()}
        return every.pop() if len(every) == 1 else ""

    def unstaffed(self, start: datetime) -> tuple[int, ...]:
        """The queues of which nobody knows how many positions a quarter hour takes: they have no
        forecast, or nothing tells how long their calls take, or no number meets what is asked."""
        untold = (
            pk for pk, one in self.of.items() if start in one.calls and start not in one.required
        )
        return (*self.without, *untold)


@dataclass(frozen=True, slots=True)
class Day:
    """What is expected of the queues of a site on a day."""

    each: Mapping[int, Expected]
    quiet: frozenset[int]
    """Those without a forecast on which nobody calls either."""

    def of(self, queues: Iterable[int]) -> Together | None:
        """Of some of them; None: none has a forecast."""
        asked = list(queues)
        known = {pk: self.each[pk] for pk in asked if pk in self.each}
        if not known:
            return None
        return Together(
            known, tuple(pk for pk in asked if pk not in known and pk not in self.quiet)
        )


def of_day(site: Site, queues: Iterable[int], day: date) -> Day:
    asked = list(queues)
    found: dict[int, Expected] = {}
    for teller in _tellers:
        found |= teller(site, asked, day)
    left = {pk for pk in asked if pk not in found} if found else set()
    return Day(found, frozenset(left - _called(site, left, day)))


def _called(site: Site, queues: Iterable[int], day: date) -> set[int]:
    """The queues on which anybody called on a day or in the weeks before it. One query."""
    rows = DayStat.objects.filter(
        site=site,
        queue__in=list(queues),
        agent=None,
        unit=Unit.VISIT,
        direction=Direction.INBOUND,
        day__gte=day - _QUIET,
        day__lte=day,
        offered__gt=0,
    )
    return {pk for pk in rows.values_list("queue", flat=True).distinct() if pk is not None}


_N = TypeVar("_N", int, float)


def _sums(every: Iterable[Mapping[datetime, _N]]) -> dict[datetime, _N]:
    found: dict[datetime, _N] = {}
    for one in every:
        for start, value in one.items():
            found[start] = found[start] + value if start in found else value
    return found


def until(calls: Mapping[datetime, _N], moment: datetime) -> float:
    """Calls of the quarter hours that are over by a moment."""
    return sum(many for start, many in calls.items() if start + QUARTER <= moment)
