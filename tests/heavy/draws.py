"""Whether draws are fair, over many: `python -m tests.heavy.draws`.

By X2 = (N-1) / (N (1 - n/N)) sum (O-E)^2 / E on N - 1 degrees, over `--draws` draws of the same
calls by seeds that follow each other; p of fair ones is even from 0 to 1. And how often a bias of a
tenth, planted on a part of the calls, is caught at p < 0.001 (docs/quality-sampling.md).
"""

import argparse
import os
import time
from collections import Counter

import numpy as np

from qa.sampling import Eligible, Proportional, Shares, draw, swap
from tests.qa.sampling.fair import CALLS, p_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    draws = options.draws

    found = {}
    for n in (5, 10, 50):
        came: Counter[str] = Counter()
        for number in range(draws):
            made = draw(f"{options.seed} {number}", map(Eligible, CALLS), Proportional(n))
            came.update(one.call for one in made.drawn)
        found[f"{n} of 100"] = p_of([came[call] for call in CALLS], draws, n)

    # Two strata, of 60 calls and of 40.
    strata = {"a": CALLS[:60], "b": CALLS[60:]}
    calls = [Eligible(call, name) for name, members in strata.items() for call in members]
    for name, how, ns in (
        ("in proportion", Proportional(10), {"a": 6, "b": 4}),
        ("oversampled", Shares(10, {"b": 0.8}), {"a": 2, "b": 8}),
    ):
        came = Counter()
        for number in range(draws):
            came.update(one.call for one in draw(f"{options.seed} {number}", calls, how).drawn)
        for stratum, members in strata.items():
            p = p_of([came[call] for call in members], draws, ns[stratum])
            found[f"{ns[stratum]} of {len(members)}, {name}"] = p

    # Every fifth call has no recording.
    left = [call for place, call in enumerate(CALLS) if place % 5]
    away = dict.fromkeys(set(CALLS) - set(left), "no recording")
    came = Counter()
    for number in range(draws):
        made = draw(f"{options.seed} {number}", map(Eligible, CALLS), Proportional(10))
        came.update(one.call for one in swap(made, away).draw.drawn)
    found["10 of 80 after swaps"] = p_of([came[call] for call in left], draws, 10)
    for name, p in found.items():
        print(f"{draws} draws of {name}: p {p:.3f}", flush=True)

    drawing = np.random.default_rng(options.seed)
    for part in (50, 20, 10, 1):
        ps = [planted(part, draws, drawing) for _ in range(20)]
        caught = np.mean([p < 0.001 for p in ps])
        print(f"{part} of 100 calls come a tenth less often: caught {100 * caught:.0f} % of times")
        if part >= 10:
            assert caught == 1
    print(f"{(time.monotonic() - began) / 60:.1f} min on {os.cpu_count()} cores")
    assert all(p > 0.001 for p in found.values())


def planted(part: int, draws: int, drawing: np.random.Generator) -> float:
    """The p of draws of 10 of 100 by weights of .9 for so many calls."""
    weights = np.where(np.arange(100) < part, 0.9, 1.0)
    times = drawing.exponential(size=(draws, 100)) / weights
    drawn = np.argpartition(times, 10, axis=1)[:, :10]
    return p_of(np.bincount(drawn.ravel(), minlength=100).tolist(), draws, 10)


if __name__ == "__main__":
    main()
