"""How often the effect of coaching holds the truth: `python -m tests.heavy.coaching`.

Centres whose coaching has a known effect (`tests/coaching/progress/simulated.py`), with talks given
at random and to those whose last period was worst: what share of 95 % intervals holds the effect,
how far estimates lie from it in standard errors, and how often coaching that does nothing is called
effective (docs/coaching-effect.md).
"""

import argparse
import os
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from coaching.progress.courses import courses
from coaching.progress.effects import Effect, effect
from coaching.progress.placebo import singles
from coaching.progress.pooling import group_ranks, pooled
from tests.coaching.progress.simulated import World, simulated

WORLDS = {
    "a centre of 120": World(),
    "moods that stay": World(kept=0.9),
    "many who are new": World(new_share=0.6, learns=12.0),
    "queues far apart": World(queue_apart=20.0),
    "a centre of 300, a year": World(agents=300, periods=13),
}
EFFECTS = (0.0, 2.0)
COACHES = World(agents=150, periods=9, effects=(0.0, 2.0, 4.0), uneven=1.0)


@dataclass
class Tally:
    """What came of one estimator in many centres of one kind; `values` are off the truth by."""

    values: list[float] = field(default_factory=list)
    held: int = 0
    above: int = 0

    def add(self, interval: tuple[float, float], truth: float, value: float) -> None:
        low, high = interval
        self.values.append(value - truth)
        self.held += low <= truth <= high
        self.above += low > 0

    def says(self) -> str:
        values = np.array(self.values)
        many = len(values)
        if not many:
            return "nothing told"
        if not values.any():
            return f"{100 * self.held / many:.1f} % of {many}"
        bias = values.mean() / values.std()
        return (
            f"holds {100 * self.held / many:.1f} %, off by {bias:+.2f} standard errors, "
            f"called effective {100 * self.above / many:.1f} %, of {many}"
        )


def one(world: World, seed: int) -> dict[str, list[tuple[float, tuple[float, float], float]]]:
    """(truth, interval, value) by estimator, in one centre."""
    centre = simulated(world, seed)
    some = courses(centre.standings, centre.talks)
    found = effect(some)
    if not isinstance(found, Effect):
        return {}
    told = defaultdict(list)
    whole = float(np.mean(world.effects))
    if len(world.effects) == 1:
        for name in ("covariances", "differences"):
            estimate = getattr(found, name)
            told[name].append((whole, estimate.interval(), estimate.value))
    of_talks = found.covariances.value
    each = singles(some, of_talks)
    for single, course in zip(each.each, each.courses, strict=True):
        coach = course.talk.group
        if single.interval is not None and not world.uneven:
            told["single agents"].append((world.effects[coach], single.interval, single.value))
    if len(world.effects) > 1:
        for coach, mean in pooled(each, of_talks).items():
            if mean is not None:
                truth = world.effects[coach]
                told[f"coach of {truth:.0f}"].append((truth, mean.interval(), mean.value))
        ranks = group_ranks(each, of_talks, more_is_better=True)
        order = sorted(ranks, key=lambda coach: -world.effects[coach])
        right = [
            rank is None or rank.best <= order.index(coach) + 1 <= rank.worst
            for coach, rank in ranks.items()
        ]
        told["ranks, all right"].append((0.0, (0.0, 0.0 if all(right) else -1.0), 0.0))
        told["ranks, any told"].append((0.0, (0.0, 0.0 if any(ranks.values()) else -1.0), 0.0))
    return told


def tried(pool: ProcessPoolExecutor, world: World, runs: int) -> tuple[dict[str, Tally], int]:
    """The tallies of so many centres, and of how many no effect was told."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    refused = 0
    for told in pool.map(partial(one, world), range(runs), chunksize=20):
        refused += not told
        for name, results in told.items():
            for truth, interval, value in results:
                tallies[name].add(interval, truth, value)
    return tallies, refused


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="centres of each kind")
    options = parser.parse_args()
    began = time.monotonic()
    missed = []
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for name, world in WORLDS.items():
            for is_triggered in (False, True):
                for truth in EFFECTS:
                    kind = replace(world, is_triggered=is_triggered, effects=(truth,))
                    tallies, refused = tried(pool, kind, options.runs)
                    how = "the worst" if is_triggered else "at random"
                    print(f"{name}, {how}, effect {truth:.0f}, {refused} refused:")
                    for of, tally in tallies.items():
                        print(f"  {of}: {tally.says()}", flush=True)
                    main_one = tallies["covariances"]
                    many = len(main_one.values)
                    bias = abs(np.mean(main_one.values) / np.std(main_one.values))
                    if not 0.93 <= main_one.held / many <= 0.97 or bias > 0.15:
                        missed.append((name, how, truth))
                    if not truth and main_one.above / many > 0.035:
                        missed.append((name, how, "called effective"))
        for is_triggered in (False, True):
            tallies, _refused = tried(
                pool, replace(COACHES, is_triggered=is_triggered), options.runs
            )
            print(f"three coaches, {'the worst' if is_triggered else 'at random'}:")
            for of, tally in tallies.items():
                print(f"  {of}: {tally.says()}", flush=True)
    print(f"{(time.monotonic() - began) / 60:.1f} min on {os.cpu_count()} cores")
    assert not missed, missed


if __name__ == "__main__":
    main()
