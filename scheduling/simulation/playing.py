"""Many days of a centre, each drawn and played by itself, side by side."""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

import numpy as np
from numpy.random import SeedSequence, default_rng
from numpy.typing import NDArray

from scheduling.simulation import drawing, engine, outcome
from scheduling.simulation.centre import Array, CallBack, Centre
from scheduling.simulation.engine import Rules
from scheduling.simulation.outcome import Outcome

# Lengths of calls out that are drawn for a list; then they come round.
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
    lines, pools = centre.lines, centre.pools
    level = np.zeros((len(pools), len(lines)), np.int64)
    for number, pool in enumerate(pools):
        for line, rather in pool.skills.items():
            level[number, line] = rather
    backs = [line.call_back or CallBack(0.0) for line in lines]
    first = [line.priority for line in lines]
    then = [
        line.priority if back.priority is None else back.priority
        for line, back in zip(lines, backs, strict=True)
    ]
    # Turns are numbers from 1 on: by priority, then by how much rather.
    order = sorted({(one, rather) for one in {*first, *then} for rather in {*level.ravel()}})

    def turns(priorities: list[int]) -> NDArray[np.int64]:
        found = [
            [order.index((one, rather)) + 1 if rather else 0 for one, rather in each]
            for each in (zip(priorities, row, strict=True) for row in level)
        ]
        return np.array(found, np.int64)

    def of_lines(name: str) -> Array:
        return np.array([getattr(line, name) for line in lines], float)

    slots = np.array([line.slots for line in lines], np.int64)
    whole = int(np.lcm.reduce(slots))
    held = centre.at_once()
    own = [
        one if pool.most_at_once is None else pool.most_at_once
        for pool, one in zip(pools, held, strict=True)
    ]
    calls_from = np.full((len(pools), len(centre.lists)), -1, np.int64)
    for number, pool in enumerate(pools):
        calls_from[number, : len(pool.lists)] = pool.lists
    grows = [
        (interval * centre.interval_seconds, number, int(more))
        for number, one in enumerate(centre.lists)
        if one.dials is not None
        for interval, more in enumerate(one.dials)
        if more
    ]
    return Rules(
        level=level, turn=turns(first), back_turn=turns(then), able=(level > 0).sum(axis=1),
        again=of_lines("again"), again_seconds=of_lines("again_seconds"),
        call_back=np.array([back.share for back in backs], float),
        call_back_seconds=np.array([back.after_seconds for back in backs], float),
        is_expected=np.array([back.when == "expected" for back in backs], np.int64),
        keeps_place=np.array([back.priority is None for back in backs], np.int64),
        takes=whole // slots, whole=whole, stretch=of_lines("stretch"),
        is_shared=(held > 1).astype(np.int64), most=np.minimum(held, own), lists=calls_from,
        kept_free=np.array([pool.kept_free for pool in pools], np.int64),
        out=_lengths_out(centre, rng),
        is_endless=np.array([one.dials is None for one in centre.lists], np.int64),
        listed_at=np.array([one[0] for one in grows], float),
        listed=np.array([one[1] for one in grows], np.int64),
        listed_more=np.array([one[2] for one in grows], np.int64),
    )  # fmt: skip


def _lengths_out(centre: Centre, rng: np.random.Generator) -> Array:
    """Lists x lengths of calls out."""
    if not centre.lists:
        return np.zeros((0, 1))
    return np.array([one.handle.drawn(rng, _CALLS_OUT) for one in centre.lists])
