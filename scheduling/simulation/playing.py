"""Many days of a centre, each drawn and played by itself, side by side."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
from numpy.random import SeedSequence, default_rng

from scheduling.simulation import drawing, engine, outcome
from scheduling.simulation.centre import Array, Centre
from scheduling.simulation.engine import Rules
from scheduling.simulation.outcome import Outcome

# Lengths of calls out that are drawn for a pool; then they come round.
_CALLS_OUT = 20_000


def played(centre: Centre, days: int, seed: int, abreast: int | None = None) -> Outcome:
    """`days` independent days of a centre; the same seed plays the same, however many `abreast`
    (default: as there are processors).

    Raises ValueError of no days.
    """
    if days < 1:
        raise ValueError("at least one day is played")
    seeds = SeedSequence(seed).spawn(days)
    staff = drawing.staff(centre)
    targets = np.array([line.target_seconds for line in centre.lines])

    def one(of_day: SeedSequence) -> dict[str, Array]:
        rng = default_rng(of_day)
        calls = drawing.calls(centre, rng)
        rules_of_day = rules(centre, rng)
        by_line = np.argsort(calls.line, kind="stable")
        first = np.searchsorted(calls.line[by_line], np.arange(len(centre.lines) + 1))
        own = int(rng.integers(2**31))
        done = engine.play(calls, staff, rules_of_day, by_line, first, centre.seconds, own)
        return outcome.tallied(done, centre, targets)

    with ThreadPoolExecutor(abreast or cpu_count() or 1) as pool:
        every = list(pool.map(one, seeds))
    counts = {name: np.array([day[name] for day in every]) for name in every[0]}
    return Outcome(centre, **counts, present_seconds=drawing.present_seconds(centre))


def rules(centre: Centre, rng: np.random.Generator) -> Rules:
    """Who serves what, and what callers of a centre do who wait."""
    pools, lines = len(centre.pools), len(centre.lines)
    level = np.zeros((pools, lines), np.int64)
    for number, pool in enumerate(centre.pools):
        for line, rather in pool.skills.items():
            level[number, line] = rather
    # Turns are numbers from 1 on: by a queue's priority, then by how much rather.
    order = sorted(
        {(line.priority, rather) for line in centre.lines for rather in {*level.ravel().tolist()}}
    )
    turn = np.array(
        [
            [
                order.index((line.priority, int(level[pool, number]))) + 1
                if level[pool, number]
                else 0
                for number, line in enumerate(centre.lines)
            ]
            for pool in range(pools)
        ],
        np.int64,
    )
    calls_out = np.array([one.out is not None for one in centre.pools], np.int64)
    many = _CALLS_OUT if calls_out.any() else 1
    out = np.array(
        [np.zeros(many) if one.out is None else one.out.drawn(rng, many) for one in centre.pools]
    )

    def of_lines(name: str) -> Array:
        return np.array([getattr(line, name) for line in centre.lines], float)

    return Rules(
        level, turn, of_lines("again"), of_lines("again_seconds"), of_lines("call_back"),
        of_lines("call_back_seconds"), out, calls_out,
        np.array([one.kept_free for one in centre.pools], np.int64),
    )  # fmt: skip
