"""What is played: queues with their callers, pools of people with their skills."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

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


@dataclass(frozen=True, slots=True)
class CallBack:
    """Who may be called back instead of waiting: of those who have waited for `after_seconds`, or
    come when that is to be expected, a share says yes."""

    share: float
    after_seconds: float = 60.0
    when: Literal["waited", "expected"] = "waited"
    """What is to be expected is the wait, so far, of who has stood longest in the queue."""
    priority: int | None = None
    """Among the queues' priorities; None: the place in the queue is kept."""


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
    slots: int = 1
    """So many of them fill one person, as of chats; of 1, as of calls, one does."""
    stretch: float = 0.0
    """By which share of itself each further contact that its person holds makes it longer."""
    again: float = 0.0
    """Of those who leave, the share that calls again, so long after on average:"""
    again_seconds: float = 600.0
    call_back: CallBack | None = None
    spread: float = 0.0
    """How much whole days move beyond chance, as a share of their calls."""


@dataclass(frozen=True, slots=True)
class Break:
    """So many people are away for a while; who is on a call ends it first. From the start on."""

    starts: float
    seconds: float
    people: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """People to be called out to: so many more from the start of each interval on, those that were
    not reached yet beside; None: without an end."""

    handle: Times
    dials: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pool:
    """People who can do the same.

    `people` are those that are there in each interval. `skills` are the queues they serve, by the
    place in the centre, with how much rather: 1 before 2. They call out from `lists`, by the place
    in the centre and in this order, as long as `kept_free` of them stay free.
    """

    people: NDArray[np.int64]
    skills: Mapping[int, int]
    most_at_once: int | None = None
    """Contacts that one of them holds at most, whatever the queues allow; None: as these do."""
    breaks: Sequence[Break] = ()
    lists: Sequence[int] = ()
    kept_free: int = 0


# Of contacts that fill a person in different parts the least common multiple is reckoned in.
MOST_SLOTS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Centre:
    """Queues and pools in intervals of one length. Raises ValueError where they do not fit."""

    lines: Sequence[Line]
    pools: Sequence[Pool]
    interval_seconds: float
    lists: Sequence[Listed] = ()
    length: int = field(init=False)
    """How many intervals."""

    def __post_init__(self) -> None:
        if not self.lines or not self.pools or self.interval_seconds <= 0:
            raise ValueError("a centre has a queue, a pool, and intervals that last")
        limited = [one.dials for one in self.lists if one.dials is not None]
        lengths = {
            *(len(line.calls) for line in self.lines),
            *(len(one.people) for one in self.pools),
            *(len(dials) for dials in limited),
        }
        if len(lengths) != 1:
            raise ValueError("queues, pools and lists have as many intervals as each other")
        for line in self.lines:
            _refuse_line(line)
        for pool in self.pools:
            self._refuse_pool(pool)
        if any((dials < 0).any() for dials in limited):
            raise ValueError("people to be called out to are 0 or more")
        if any(one.dials is None and one.handle.mean <= 0 for one in self.lists):
            raise ValueError("calls out take some time")
        object.__setattr__(self, "length", lengths.pop())

    def _refuse_pool(self, pool: Pool) -> None:
        if any(not 0 <= line < len(self.lines) for line in pool.skills):
            raise ValueError("a skill is a queue of the centre")
        if any(rather < 1 for rather in pool.skills.values()):
            raise ValueError("how much rather is 1 or more")
        if any(not 0 <= one < len(self.lists) for one in pool.lists):
            raise ValueError("a pool calls out from lists of the centre")
        if len({*pool.lists}) != len(pool.lists):
            raise ValueError("a pool calls out from a list once")
        if (pool.people < 0).any() or pool.kept_free < 0:
            raise ValueError("people are 0 or more")
        if pool.most_at_once is not None and pool.most_at_once < 1:
            raise ValueError("who is there holds at least one contact")

    @property
    def seconds(self) -> float:
        return self.length * self.interval_seconds

    def at_once(self) -> NDArray[np.int64]:
        """Of each pool, how many contacts its queues let one person hold. Of more than one its
        people are followed one by one."""
        found = [max([1, *(self.lines[one].slots for one in own.skills)]) for own in self.pools]
        return np.array(found, np.int64)


def _refuse_line(line: Line) -> None:
    if (line.calls < 0).any() or not np.isfinite(line.calls).all():
        raise ValueError("calls are numbers of 0 or more")
    if not 1 <= line.slots <= MOST_SLOTS:
        raise ValueError(f"a person holds 1 to {MOST_SLOTS} contacts of a queue")
    if line.stretch < 0:
        raise ValueError("contacts beside make none shorter")
    shares = [line.again, 0.0 if line.call_back is None else line.call_back.share]
    if any(not 0 <= one <= 1 for one in shares):
        raise ValueError("shares of callers are 0 to 1")
