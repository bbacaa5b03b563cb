"""What is expected of a day, which an app above tells: calls, and the positions that they take, by
the quarter hour. Nobody imports upward, so it is registered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from ccm.intervals import QUARTER
from ccm.models import Site


@dataclass(frozen=True, slots=True)
class Expected:
    """Of a queue, by the start of each quarter hour that is open."""

    calls: Mapping[datetime, float]
    low: Mapping[datetime, float]
    """Between `low` and `high` calls lie on 80 of 100 days; empty: it is not known."""
    high: Mapping[datetime, float]
    required: Mapping[datetime, int]
    """Positions; without those of which it is not known."""


Teller: TypeAlias = Callable[[Site, Sequence[int], date], Mapping[int, Expected]]
"""What is expected of some queues of a site on one of its days, by their ids; of one of which
nothing is, nothing. Asks the same of few as of many."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    _tellers.append(teller)


def of_day(site: Site, queues: Iterable[int], day: date) -> dict[int, Expected]:
    asked = list(queues)
    found: dict[int, Expected] = {}
    for teller in _tellers:
        found |= teller(site, asked, day)
    return found


def together(every: Iterable[Expected]) -> Expected:
    """Of several queues. Bands of several do not add up: there is one where it is of a single."""
    many = list(every)
    if len(many) == 1:
        return many[0]
    return Expected(
        _sums([one.calls for one in many]), {}, {}, _sums([one.required for one in many])
    )


_N = TypeVar("_N", int, float)


def _sums(every: Sequence[Mapping[datetime, _N]]) -> dict[datetime, _N]:
    found: dict[datetime, _N] = {}
    for one in every:
        for start, value in one.items():
            found[start] = found[start] + value if start in found else value
    return found


def by_now(one: Expected, now: datetime) -> float:
    """Calls that were expected until a moment, of the quarter hour that is going on its share."""
    return sum(
        calls * min(max((now - start) / QUARTER, 0.0), 1.0) for start, calls in one.calls.items()
    )
