"""Days played through: the calls that came, and who was there. Pure.

As many calls come in each quarter hour as came, when in it by chance; they take as long as calls of
their queue took, and their callers are as patient as theirs were. Who serves several queues takes
calls first of the one that takes most of the time, and others' while it has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator, SeedSequence, default_rng
from numpy.typing import NDArray

from scheduling.proving import fits
from scheduling.simulation import drawing, engine, outcome, playing
from scheduling.simulation.centre import Array, Centre, Line, Pool, Times

QUARTER = 900.0
# So often each day is played: by chance a day of some hundred calls is off by a few hundredths.
TIMES = 8


@dataclass(frozen=True, slots=True, eq=False)
class Callers:
    """What is known of a queue's calls: how long they took, how patient callers were (None: nobody
    leaves), and within how many seconds they are to be answered."""

    handle_seconds: Array
    patience: fits.Patience | None
    target_seconds: float


def played(
    calls: NDArray[np.int64],
    callers: Sequence[Callers],
    pools: Mapping[tuple[int, ...], Array],
    seed: Sequence[int],
    times: int = TIMES,
) -> dict[str, Array]:
    """What became of a day's calls (queues x quarter hours) on the mean of so many times, by the
    names of `scheduling.simulation.outcome.COUNTS`. `pools` are people of each quarter hour, by the
    queues they serve. The same seed plays the same.

    Raises ValueError of no pools, and of queues of whose handle times nothing is known.
    """
    if not pools:
        raise ValueError("nobody is there")
    if any(not len(one.handle_seconds) for one in callers):
        raise ValueError("it is not known how long calls take")
    centre = _centre(calls, callers, pools)
    staff = _staff(list(pools.values()))
    targets = np.array([one.target_seconds for one in callers])
    # Nobody calls out, so that no chance is in them.
    rules = playing.rules(centre, default_rng(0))
    sums: dict[str, Array] = {}
    for own in SeedSequence(list(seed)).spawn(times):
        rng = default_rng(own)
        drawn = _calls(calls, callers, rng)
        by_line = np.argsort(drawn.line, kind="stable")
        first = np.searchsorted(drawn.line[by_line], np.arange(len(callers) + 1))
        done = engine.play(
            drawn, staff, rules, by_line, first, centre.seconds,
            int(rng.integers(2**31)),
        )  # fmt: skip
        told = outcome.tallied(done, centre, targets)
        for name in outcome.COUNTS:
            sums[name] = sums.get(name, 0.0) + told[name] / times
    return sums


def _centre(
    calls: NDArray[np.int64], callers: Sequence[Callers], pools: Mapping[tuple[int, ...], Array]
) -> Centre:
    lines = [
        Line(
            calls=mine.astype(float),
            handle=Times.of(one.handle_seconds),
            target_seconds=one.target_seconds,
        )
        for mine, one in zip(calls, callers, strict=True)
    ]
    served = [
        Pool(
            people=np.ceil(people).astype(np.int64),
            skills={queue: 1 if place == 0 else 2 for place, queue in enumerate(skills)},
        )
        for skills, people in pools.items()
    ]
    return Centre(lines, served, QUARTER)


def _calls(calls: NDArray[np.int64], callers: Sequence[Callers], rng: Generator) -> drawing.Calls:
    at, line, handle, patience = [], [], [], []
    for number, (mine, one) in enumerate(zip(calls, callers, strict=True)):
        quarters = np.repeat(np.arange(len(mine)), mine)
        many = len(quarters)
        at.append((quarters + rng.random(many)) * QUARTER)
        line.append(np.full(many, number, np.int64))
        handle.append(rng.choice(one.handle_seconds, many))
        stays = np.full(many, np.inf) if one.patience is None else one.patience.drawn(rng, many)
        patience.append(stays)
    moments = np.concatenate(at)
    order = np.argsort(moments, kind="stable")
    return drawing.Calls(
        moments[order],
        np.concatenate(line)[order],
        np.concatenate(handle)[order].astype(float),
        np.concatenate(patience)[order],
    )


def _staff(pools: Sequence[Array]) -> drawing.Staff:
    """Of 3.4 people in a quarter hour the fourth is there for its first 40 %."""
    at, pool, places = [], [], []
    for number, people in enumerate(pools):
        before = -1
        for quarter, here in enumerate(people.tolist()):
            whole = int(here)
            part = here - whole
            steps = [(0.0, whole + 1), (part, whole)] if part > 1e-9 else [(0.0, whole)]
            for since, count in steps:
                if count != before:
                    at.append((quarter + since) * QUARTER)
                    pool.append(number)
                    places.append(count)
                    before = count
    order = np.argsort(at, kind="stable")
    return drawing.Staff(
        np.array(at)[order], np.array(pool, np.int64)[order], np.array(places, np.int64)[order]
    )
