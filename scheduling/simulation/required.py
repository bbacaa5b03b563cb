"""The fewest people with whom every queue meets what is asked of it, by playing days.

A formula tells where to begin: so many in each interval as each pool would take of its own queues
alone. From there each pool grows or shrinks as a whole, one person (or some, far off) in all the
intervals in which it is open: the one that helps the most for each hour, until all is met; then
those go who are not needed. All trials play the same days, with the same callers, so that they
differ by their people alone; what comes of the people found is told by other days.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from scheduling.simulation import playing
from scheduling.simulation.centre import Centre
from scheduling.simulation.outcome import VARIANTS, Outcome
from scheduling.staffing import requirement

People = tuple[NDArray[np.int64], ...]
# Within so much of all targets (a share, weighted by calls) people come and go one by one; further
# off by a tenth of a pool.
_NEAR = 0.1
_STRIDE = 10


@dataclass(frozen=True, slots=True)
class Aim:
    """The service level that a queue is to have, 0 to 1, of a variant SL1 to SL4."""

    service_level: float
    variant: str = "SL4"


@dataclass(frozen=True, slots=True, eq=False)
class Required:
    """`people` of each pool by interval; `formula` is where it began."""

    people: People
    formula: People
    is_enough: bool
    """Whether all targets are met in the days of the trials, as surely as was asked."""
    is_fewest: bool
    """Whether one less in any pool misses one. False where the trials ran out before."""
    trials: int
    sure: Mapping[int, float]
    """Of each queue with an aim, the service level that is so surely exceeded."""
    outcome: Outcome
    """Other days, with these people."""


def required(
    centre: Centre,
    aims: Mapping[int, Aim],
    *,
    sureness: float = 0.95,
    days: int = 100,
    seed: int = 1,
    most_trials: int = 300,
    first: int = 0,
) -> Required:
    """The fewest people of a centre's pools; where these have nobody they are closed, and stay so.

    A target is met when the mean of so many days lies above it with this sureness, by Student's t
    on one side; intervals before the `first` do not count. After `most_trials` it ends with what it
    has.

    Raises ValueError of aims that are none, of fewer than two days, and of no sureness between a
    half and 1.
    """
    if not aims or any(not 0 <= line < len(centre.lines) for line in aims):
        raise ValueError("a target is asked of a queue of the centre")
    if any(not 0 < aim.service_level < 1 or aim.variant not in VARIANTS for aim in aims.values()):
        raise ValueError("a service level is above 0, below 1, and SL1 to SL4")
    if days < 2 or not 0.5 <= sureness < 1 or most_trials < 1:
        raise ValueError("it takes two days, a trial, and a sureness from a half to 1")
    search = _Search(centre, aims, sureness, days, seed, most_trials, first)
    at = tuple(0 for _pool in centre.pools)
    is_fewest = False
    try:
        at = search.climbed(at)
        at = search.trimmed(at)
        is_fewest = search.tried(at).short == 0
    except _TrialsRanOut:
        at = search.best
    found = search.tried(at)
    people = search.people(at)
    return Required(
        people=people,
        formula=search.formula,
        is_enough=found.short == 0,
        is_fewest=is_fewest,
        trials=len(search.tries),
        sure=found.sure,
        outcome=playing.played(staffed(centre, people), days, seed + 1),
    )


def staffed(centre: Centre, people: People) -> Centre:
    """The centre with other people."""
    pools = [replace(pool, people=own) for pool, own in zip(centre.pools, people, strict=True)]
    return Centre(centre.lines, pools, centre.interval_seconds, centre.lists)


def by_formula(centre: Centre, aims: Mapping[int, Aim]) -> People:
    """What each pool takes in each interval it is open in, if its queues were one and its own:
    those that it would rather serve than others would, in equal parts with its equals. Chats are as
    much shorter as are held at once, and longer by what holding them costs."""
    shape = len(centre.pools), centre.length
    calls, seconds = np.zeros(shape), np.zeros(shape)
    is_open = np.array([pool.people > 0 for pool in centre.pools])
    for number, line in enumerate(centre.lines):
        rather = np.array([pool.skills.get(number, 0) for pool in centre.pools], float)
        level = np.where(is_open & (rather > 0)[:, None], rather[:, None], np.inf)
        own = np.isfinite(level) & (level == level.min(axis=0))
        part = own * line.calls / np.maximum(own.sum(axis=0), 1)
        calls += part
        seconds += part * line.handle.mean * (1 + line.stretch * (line.slots - 1)) / line.slots
    found = []
    for number, pool in enumerate(centre.pools):
        aim = _strictest(centre, [line for line in pool.skills if line in aims], aims)
        aht = np.where(calls[number] > 0, seconds[number] / np.maximum(calls[number], 1e-300), 1.0)
        load = seconds[number] / centre.interval_seconds
        found.append(np.ceil(load).astype(np.int64) if aim is None else aim.fewest(load, aht))
    return tuple(found)


def _strictest(
    centre: Centre, lines: Sequence[int], aims: Mapping[int, Aim]
) -> requirement.Aim | None:
    """What is asked of any of some queues, asked of all of them."""
    if not lines:
        return None
    patience = [centre.lines[line].patience for line in lines]
    means = [one.mean for one in patience if one is not None and one.mean > 0]
    return requirement.Aim(
        service_level=max(aims[line].service_level for line in lines),
        target_seconds=min(centre.lines[line].target_seconds for line in lines),
        variant=aims[lines[0]].variant,
        patience_seconds=float(np.mean(means)) if len(means) == len(lines) else None,
    )


class _TrialsRanOut(Exception):
    pass


@dataclass(frozen=True, slots=True)
class _Tried:
    short: float
    """By how much the targets are missed, weighted by calls; 0: all are met."""
    spare: float
    """By how much the nearest of them is met."""
    sure: dict[int, float]


# By how many people each pool differs from the formula.
_At = tuple[int, ...]


class _Search:
    def __init__(
        self, centre: Centre, aims: Mapping[int, Aim], sureness: float, days: int, seed: int,
        most_trials: int, first: int,
    ) -> None:  # fmt: skip
        self.centre, self.aims, self.days, self.seed = centre, aims, days, seed
        self.most_trials, self.first = most_trials, first
        self.factor = float(stdtrit(days - 1, sureness)) / sqrt(days)
        self.is_open = [pool.people > 0 for pool in centre.pools]
        self.formula = by_formula(centre, aims)
        self.tries: dict[_At, _Tried] = {}
        self.best: _At = tuple(0 for _pool in centre.pools)

    def people(self, at: _At) -> People:
        return tuple(
            np.where(is_open, np.maximum(own + more, 0), 0)
            for own, more, is_open in zip(self.formula, at, self.is_open, strict=True)
        )

    def tried(self, at: _At) -> _Tried:
        if at in self.tries:
            return self.tries[at]
        if len(self.tries) >= self.most_trials:
            raise _TrialsRanOut
        days = playing.played(staffed(self.centre, self.people(at)), self.days, self.seed)
        sure = {line: self._sure(days, line, aim) for line, aim in self.aims.items()}
        calls = {line: float(days.of("offered", self.first)[:, line].sum()) for line in sure}
        every = sum(calls.values()) or 1.0
        gaps = {line: sure[line] - aim.service_level for line, aim in self.aims.items()}
        short = sum(max(-gaps[line], 0.0) * calls[line] / every for line in gaps)
        found = self.tries[at] = _Tried(short, min(gaps.values()), sure)
        best = self.tries.get(self.best)
        if best is None or (short, self._paid(at)) < (best.short, self._paid(self.best)):
            self.best = at
        return found

    def _sure(self, days: Outcome, line: int, aim: Aim) -> float:
        level = days.service_level(aim.variant, self.first)[:, line]
        offered = days.of("offered", self.first)[:, line]
        # Of no calls nothing is missed; of calls of which none was answered all is.
        level = np.where(np.isnan(level), np.where(offered > 0, 0.0, 1.0), level)
        return float(level.mean() - self.factor * level.std(ddof=1))

    def _paid(self, at: _At) -> int:
        """Intervals of people."""
        return int(sum(int(own.sum()) for own in self.people(at)))

    def climbed(self, at: _At) -> _At:
        """With people more, until all is met."""
        while (now := self.tried(at)).short > 0:
            others = [*self._others(at, 1, now.short)]
            if not others:
                raise _TrialsRanOut  # nobody is there who could ever serve it
            gained = [
                (now.short - self.tried(one).short) / max(self._paid(one) - self._paid(at), 1)
                for one in others
            ]
            if max(gained) > 0:
                at = others[int(np.argmax(gained))]
            else:
                # One alone changes nothing yet, as where hours are missing: all grow.
                at = tuple(max(each) for each in zip(*others, strict=True))
        return at

    def trimmed(self, at: _At) -> _At:
        """Without those who are not needed: who leaves the most to spare for each hour goes first.
        Whom one trial needs the next may not, so that it ends when nobody can go."""
        while True:
            fewer = [one for one in self._others(at, -1, 0.0) if self.tried(one).short == 0]
            if not fewer:
                return at
            lost = [
                (self.tried(at).spare - self.tried(one).spare)
                / max(self._paid(at) - self._paid(one), 1)
                for one in fewer
            ]
            at = fewer[int(np.argmin(lost))]

    def _others(self, at: _At, sign: int, short: float) -> Iterator[_At]:
        """With each pool larger or smaller, where that makes a difference."""
        for pool, own in enumerate(self.people(at)):
            if not self.is_open[pool].any():
                continue
            step = max(1, int(own.max()) // _STRIDE) if short > _NEAR else 1
            other = (*at[:pool], at[pool] + sign * step, *at[pool + 1 :])
            if self._paid(other) != self._paid(at):
                yield other
