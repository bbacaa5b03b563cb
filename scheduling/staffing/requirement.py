"""How many positions and people a forecast takes, interval by interval. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scheduling.erlang import Callers, Expected
from scheduling.erlang.positions import people, with_shrinkage
from scheduling.erlang.required import Targets

Array = NDArray[np.float64]
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is asked of a queue, and what is known of its callers. Shares are 0 to 1."""

    service_level: float
    target_seconds: float
    variant: str
    """SL1 to SL4."""
    patience_seconds: float | None = None
    """None: nobody leaves."""
    asa_seconds: float | None = None
    """At most, as W1."""
    abandonment: float | None = None
    """At most; where nobody leaves it is met."""
    occupancy: float | None = None
    shrinkage: Decimal = Decimal(0)
    slots: int = 1
    """Contacts that a person holds at once."""
    stretch: float = 0.0
    """By so much of its handle time a contact takes longer for each that is held beside it."""

    @property
    def model(self) -> str:
        return self.callers.model

    @property
    def pace(self) -> float:
        """How much longer a contact takes where its person holds as many as may be."""
        return 1 + self.stretch * (self.slots - 1)

    @property
    def has_limits(self) -> bool:
        """Whether anything is asked beside the service level."""
        return {self.asa_seconds, self.abandonment, self.occupancy} != {None}

    @property
    def callers(self) -> Callers:
        return Callers(self.target_seconds, self.patience_seconds)

    @property
    def targets(self) -> Targets:
        return Targets(
            self.service_level,
            self.variant.lower(),
            self.asa_seconds,
            abandonment=self.abandonment,
            occupancy=self.occupancy,
        )

    def fewest(self, load: Array, aht: Array) -> NDArray[np.int64]:
        """Positions that meet it. Raises ValueError where no number does.

        A person's slots count as so many servers, who are all held: what a formula can say of
        contacts at once.
        """
        servers = self.callers.fewest(load * self.pace, self.targets, aht * self.pace)
        return self.of_servers(servers)

    def of_servers(self, servers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Whole people who have so many slots."""
        return -(-servers // self.slots)

    def expected(self, load: Array, positions: Array, aht: Array) -> Expected:
        """What so many positions give."""
        return self.callers.expected(load * self.pace, positions * self.slots, aht * self.pace)


class Interval(NamedTuple):
    """Positions, people on the roster, and the service level that they give. None of each: nothing
    tells how long its calls take; of the level: no calls come."""

    positions: int | None
    people: int | None
    level: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """Of days x intervals."""

    positions: NDArray[np.int64]
    level: Array
    """The service level that they give, of the aim's variant; nan where no calls come, and where
    it is not known how long they take."""
    aim: Aim
    interval_seconds: int
    unknown: NDArray[np.bool_]
    """Where calls come of which it is not known how long they take."""
    there: Array
    """How often each interval is there: 0 closed, less than 1 in part, 2 where the clock shows it
    twice."""

    def told(self, day: int, interval: int) -> Interval:
        """What is known of an interval."""
        if self.unknown[day, interval]:
            return Interval(None, None, None)
        positions, level = int(self.positions[day, interval]), float(self.level[day, interval])
        return Interval(
            positions,
            people(with_shrinkage(positions, self.aim.shrinkage)),
            None if np.isnan(level) else level,
        )

    def paid_hours(self, days: Sequence[int] | None = None) -> Fraction:
        """Of some days by number, else of all, exactly: a sum is a fraction until it is shown."""
        chosen = slice(None) if days is None else list(days)
        of_each = self.positions[chosen] * self.there[chosen]
        # Quarters of hours and twice an hour are exact in binary.
        whole = sum((Fraction(float(one)) for one in of_each.sum(axis=1)), Fraction())
        return with_shrinkage(whole, self.aim.shrinkage) * self.interval_seconds / _HOUR


def required_for(
    calls: Array,
    aht_seconds: Array,
    interval_seconds: int,
    aim: Aim,
    there: Array | None = None,
) -> Requirement:
    """The fewest positions of each interval, days x intervals; 0 where no calls come, or where it
    is not known how long they take. `there` is how often each interval is, by default once: calls
    are of all its times together.

    Raises ValueError where no number of positions meets the aim.
    """
    known, load, aht = _work(calls, aht_seconds, interval_seconds, there)
    there = np.ones_like(calls) if there is None else there
    positions = aim.fewest(load, aht)
    told = aim.expected(load, positions.astype(float), aht)
    level = np.where(known, np.asarray(getattr(told, aim.variant.lower())), np.nan)
    unknown = (calls > 0) & np.isnan(aht_seconds)
    return Requirement(positions, level, aim, interval_seconds, unknown, there)


class Given(NamedTuple):
    """What positions give, interval by interval: the service level of the aim's variant, and the
    share of their time with a call. nan where no calls come, or where it is not known how long they
    take; of the share, where nobody is there, too."""

    level: Array
    occupancy: Array


def given_by(
    positions: Array,
    calls: Array,
    aht_seconds: Array,
    interval_seconds: int,
    aim: Aim,
    there: Array | None = None,
) -> Given:
    """What so many positions give where so many calls come; the other arguments as `required_for`
    takes them. Of twelve and a half, for half of the time twelve are there and else thirteen."""
    known, load, aht = _work(calls, aht_seconds, interval_seconds, there)
    fewer = np.floor(positions)
    part = positions - fewer
    level: Any = 0.0
    busy: Any = 0.0
    for whole, share in ((fewer, 1 - part), (fewer + 1, part)):
        told = aim.expected(load, whole, aht)
        level = level + share * np.asarray(getattr(told, aim.variant.lower()))
        busy = busy + share * whole * np.asarray(told.occupancy)
    some = np.where(positions > 0, positions, 1.0)
    return Given(
        np.where(known, level, np.nan), np.where(known & (positions > 0), busy / some, np.nan)
    )


def _work(
    calls: Array, aht_seconds: Array, interval_seconds: int, there: Array | None
) -> tuple[NDArray[np.bool_], Array, Array]:
    """Where calls come of which it is known how long they take, their load in erlangs, and how long
    they take."""
    there = np.ones_like(calls) if there is None else there
    calls = calls / np.where(there > 0, there, 1.0)
    known = (calls > 0) & ~np.isnan(aht_seconds)
    load = np.where(known, calls * np.nan_to_num(aht_seconds) / interval_seconds, 0.0)
    return known, load, np.where(known, np.nan_to_num(aht_seconds), 1.0)
