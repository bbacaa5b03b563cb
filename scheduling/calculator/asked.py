"""One queue in one interval: how many positions it takes, and what each number would give."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from scheduling.erlang import Callers, Expected, erlang_b, required
from scheduling.erlang.gamma import Array
from scheduling.erlang.positions import scheduled
from scheduling.erlang.required import Targets
from scheduling.staffing.shrinkage import NONE, Shrinkage

VARIANTS = ("SL4", "SL1", "SL2", "SL3")
"""Of the service level, those that formulas tell apart."""
MOST_ERLANGS = 20_000
_HOUR = 3600.0
# So many numbers of positions are shown on either side.
_AROUND = 7
# What one more position changes goes by the root of their number: of many, steps are wider.
_STEPS_A_ROOT = 7


class Unanswerable(ValueError):
    """What is asked has no answer; `field` is what is to blame."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A queue in an interval. Shares are 0 to 1; what is None is not asked for."""

    calls: float
    interval_seconds: float = _HOUR
    aht_seconds: float
    service_level: float | None = 0.80
    target_seconds: float = 20.0
    variant: str = VARIANTS[0]
    patience_seconds: float | None = None
    """The mean patience; None: nobody leaves."""
    again: float = 0.0
    """Of those who leave, the share that calls again."""
    asa_seconds: float | None = None
    abandonment: float | None = None
    occupancy: float | None = None
    shrinkage: Shrinkage = NONE
    cost_per_hour: float | None = None
    """Of a paid person."""
    positions: int | None = None
    """As many as there are."""
    busy: float = 0.01
    """The share of callers who may find all lines taken."""

    @property
    def load(self) -> float:
        """Erlangs of the calls that come the first time."""
        return self.calls * self.aht_seconds / self.interval_seconds

    @property
    def callers(self) -> Callers:
        return Callers(self.target_seconds, self.patience_seconds, self.again)

    @property
    def model(self) -> str:
        """The formula that what is known of callers takes."""
        return self.callers.model

    @property
    def targets(self) -> Targets:
        return Targets(
            self.service_level,
            self.variant.lower(),
            self.asa_seconds,
            abandonment=self.abandonment,
            occupancy=self.occupancy,
        )

    @property
    def aims(self) -> bool:
        """Whether anything is asked that a number of positions meets or misses."""
        return {self.service_level, self.asa_seconds, self.abandonment, self.occupancy} != {None}

    def fewest(self) -> int:
        """Positions that meet all that is asked. Raises ValueError where no number does."""
        return int(self.callers.fewest(self.load, self.targets, self.aht_seconds))


@dataclass(frozen=True, slots=True)
class Step:
    """What a number of positions would give."""

    positions: int
    people: int
    """On the roster, after shrinkage."""
    cost_per_hour: float | None
    expected: Expected
    level: float
    """The service level of the variant that is asked for."""
    is_enough: bool

    @property
    def is_endless(self) -> bool:
        """Whether more calls come than can be answered, and the wait grows without an end."""
        return math.isinf(self.expected.w2)


@dataclass(frozen=True, slots=True)
class Answer:
    asked: Asked
    needed: Step | None
    """The fewest that meet all that is asked; None: nothing is."""
    given: Step | None
    """Of the positions that there are, if they are told."""
    steps: tuple[Step, ...]
    """Of numbers of positions around these, in order."""
    lines: int
    """To the network, so that no more callers than may find all taken."""

    @property
    def shown(self) -> Step:
        """What the answer is about: the positions there are, else those that are needed."""
        found = self.given or self.needed
        assert found is not None, "one of them was asked for"
        return found

    @property
    def level_is_met(self) -> bool | None:
        """Whether the service level is as it is asked for; None: it is not asked for, or there is
        none."""
        asked, level = self.asked.service_level, self.shown.level
        return None if asked is None or math.isnan(level) else level >= asked

    @property
    def lacking(self) -> int:
        """Positions that lack of what is needed."""
        if self.needed is None or self.given is None:
            return 0
        return max(0, self.needed.positions - self.given.positions)


def answer(asked: Asked) -> Answer:
    """What is asked for, and how more or fewer positions would do.

    Raises Unanswerable.
    """
    if not asked.aims and asked.positions is None:
        raise Unanswerable("service_level", "Nothing is asked for.")
    if asked.load > MOST_ERLANGS:
        raise Unanswerable("calls", f"{asked.load:.0f} erlangs are more than {MOST_ERLANGS}.")
    needed = _needed(asked) if asked.aims else None
    middles = [one for one in (asked.positions, needed) if one is not None]
    steps = {one.positions: one for one in _steps(asked, _around(middles))}
    shown = steps[middles[0]]
    return Answer(
        asked,
        None if needed is None else steps[needed],
        None if asked.positions is None else steps[asked.positions],
        tuple(steps.values()),
        _lines(asked, shown.positions, shown.expected),
    )


_NOTHING = Expected(**dict.fromkeys(Expected.__slots__, math.nan))


def _needed(asked: Asked) -> int:
    try:
        return asked.fewest()
    except ValueError as fault:
        raise Unanswerable("service_level", "No number of positions meets all of it.") from fault


def _around(middles: Iterable[int]) -> list[int]:
    """Numbers of positions on either side of each of some, and these."""
    found = set[int]()
    for middle in middles:
        apart = max(1, round(math.sqrt(middle) / _STEPS_A_ROOT))
        found |= {middle + apart * step for step in range(-_AROUND, _AROUND + 1)}
    return sorted(one for one in found if one >= 0)


def _steps(asked: Asked, numbers: list[int]) -> Iterable[Step]:
    told = asked.callers.expected(asked.load, np.array(numbers, float), asked.aht_seconds)
    # Without calls nobody lacks anybody, and there is nothing to tell.
    enough = asked.targets.met(told) | (asked.load == 0)
    share = asked.shrinkage.share
    for place, number in enumerate(numbers):
        one = _one(told, place) if asked.load else _NOTHING
        people = scheduled(number, share)
        cost = None if asked.cost_per_hour is None else people * asked.cost_per_hour
        level = float(getattr(one, asked.variant.lower()))
        yield Step(number, people, cost, one, level, bool(enough[place]))


def _one(told: Expected, place: int) -> Expected:
    """What is told of one of several numbers of positions."""
    return Expected(**{name: float(getattr(told, name)[place]) for name in Expected.__slots__})


def _lines(asked: Asked, positions: int, told: Expected) -> int:
    """Lines that so many calls take, each from its first second to its last: while it waits too,
    and, for it is not told apart, while the agent writes it up. Where the wait has no end, all
    calls of the interval wait."""
    if not asked.load:
        return 0
    busy = float(told.occupancy) * positions
    held = busy + min(float(told.queue_length), asked.calls)
    return int(required.positions(held, Targets(abandonment=asked.busy), _turned_away))


def _turned_away(load: Array, lines: Array) -> Expected:
    """Erlang B, by the terms of a queue: who finds no line free is gone at once."""
    lost = erlang_b(load, lines)
    one, none = np.ones_like(lost), np.zeros_like(lost)
    answered = 1 - np.asarray(lost)
    return Expected(
        p_wait=lost, sl1=one, sl2=one, sl3=answered, sl4=one, p_virtual=answered, w1=none, w2=none,
        occupancy=none, p_abandon=lost, queue_length=none,
    )  # fmt: skip
