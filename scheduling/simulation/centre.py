"""What is played: queues with their callers, pools of people with their skills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Lengths of time that are drawn by chance, in seconds: exponential around `mean`, or as in
    `observed`, each as likely as the next."""

    mean: float
    observed: Array | None = None

    @classmethod
    def of(cls, observed: Sequence[float] | Array) -> Self:
        """As they were. Raises ValueError of none, and of one below 0 or that is no number."""
        values = np.asarray(observed, float)
        if not len(values) or not np.isfinite(values).all() or (values < 0).any():
            raise ValueError("lengths of time are numbers of 0 or more, and at least one")
        return cls(float(values.mean()), values)

    def drawn(self, rng: Generator, many: int) -> Array:
        if self.observed is None:
            return rng.exponential(self.mean, many)
        return self.observed[rng.integers(len(self.observed), size=many)]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Line:
    """A queue. `calls` are those that are expected in each interval."""

    calls: Array
    handle: Times
    patience: Times | None = None
    """None: nobody leaves."""
    target_seconds: float = 20.0
    priority: int = 0
    """Lower goes first, whoever waits longer."""
    again: float = 0.0
    """Of those who leave, the share that calls again, so long after on average:"""
    again_seconds: float = 600.0
    call_back: float = 0.0
    """Of those who have waited for so long, the share that asks to be called back:"""
    call_back_seconds: float = 60.0
    spread: float = 0.0
    """How much whole days move beyond chance, as a share of their calls."""


@dataclass(frozen=True, slots=True)
class Break:
    """So many people are away for a while; who is on a call ends it first. From the start on."""

    starts: float
    seconds: float
    people: int = 1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pool:
    """People who can do the same.

    `people` are those that are there in each interval. `skills` are the queues they serve, by the
    place in the centre, with how much rather: 1 before 2. Each serves `at_once` contacts, as of
    chats. Where `out` is told they call out while more than `kept_free` of them are free.
    """

    people: NDArray[np.int64]
    skills: Mapping[int, int]
    at_once: int = 1
    breaks: Sequence[Break] = ()
    out: Times | None = None
    kept_free: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """Queues and pools in intervals of one length. Raises ValueError where they do not fit."""

    lines: Sequence[Line]
    pools: Sequence[Pool]
    interval_seconds: float
    length: int = field(init=False)
    """How many intervals."""

    def __post_init__(self) -> None:
        lengths = {len(line.calls) for line in self.lines} | {len(one.people) for one in self.pools}
        if len(lengths) != 1:
            raise ValueError("queues and pools have as many intervals as each other")
        if any(not 0 <= line < len(self.lines) for one in self.pools for line in one.skills):
            raise ValueError("a skill is a queue of the centre")
        if any((line.calls < 0).any() or np.isnan(line.calls).any() for line in self.lines):
            raise ValueError("calls are numbers of 0 or more")
        if any((one.people < 0).any() or one.at_once < 1 for one in self.pools):
            raise ValueError("people are 0 or more, and serve at least one at once")
        if any(one.out is not None and one.out.mean <= 0 for one in self.pools):
            raise ValueError("calls out take some time")
        object.__setattr__(self, "length", lengths.pop())

    @property
    def seconds(self) -> float:
        return self.length * self.interval_seconds
