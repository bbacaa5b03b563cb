"""Simulates what the suite simulates, longer: `python -m tests.heavy.noise`.

How often intervals hold the truth, how many tiles of a steady centre are marked, how much of the
lists of changes is chance, and how often rank ranges hold the true ranks (docs/proof.md).
"""

import argparse
import os
import resource
import time
from collections.abc import Callable

from tests.kpis.queue_simulation import (
    answer_coverage,
    coverage,
    lists_of_changes,
    marked_tiles,
    rank_coverage,
)

# Lists of changes are simulated so many at a time, for memory.
BATCH = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10, help="how much longer than usual")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    times, seed = asked.times, asked.seed
    began = time.monotonic()

    found = {"by days": 0.0, "as if calls were independent": 0.0}
    for part in range(times):
        one = coverage(400, seed + 10 * part)
        found["by days"] += one.by_days / times
        found["as if calls were independent"] += one.by_calls / times
    for name, share in found.items():
        say(f"{400 * times} months of 20 days, interval {name}: covers", share)

    for agents in (3, 8, 30):
        share = answer_coverage(2000 * times, seed, agents)
        say(f"{2000 * times} surveys pooled over {agents} agents: covers", share)

    marked = mean_of(times, lambda part: marked_tiles(1000, seed + part))
    for name, share in marked.items():
        say(f"{1000 * times} steady tiles of {name}: marked", share)

    for changed in (3, 0):
        lists = mean_of(times, lambda part, changed=changed: false_and_found(part, seed, changed))
        for name, share in lists.items():
            say(
                f"{BATCH * times} lists of 40 changes, {changed} of 10 queues changed: {name}",
                share,
            )

    for answers in (False, True):
        for apart in (0.0, 0.5):
            for days in (10, 20, 60):
                one = rank_coverage(200 * times, seed, days=days, answers=answers, apart=apart)
                what = "answers" if answers else "calls"
                how = f"{200 * times} teams of 16, {days} days of {what}, {apart} apart"
                say(f"{how}: all ranges hold", one.teams)
                say(f"{how}: an agent's range holds", one.agents)
                say(f"{how}: ranges narrow enough to show", one.shown)

    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} min on {os.cpu_count()} cores, {memory_mb:.0f} MB at most")


def false_and_found(part: int, seed: int, changed: int) -> dict[str, float]:
    one = lists_of_changes(BATCH, seed + 100 * part, changed=changed)
    return {"chance among the told": one.false, "true changes told": one.found}


def mean_of(times: int, run: Callable[[int], dict[str, float]]) -> dict[str, float]:
    """The mean of each named share over `times` runs."""
    together: dict[str, float] = {}
    for part in range(times):
        for name, share in run(part).items():
            together[name] = together.get(name, 0.0) + share / times
    return together


def say(what: str, share: float) -> None:
    print(f"{what} {100 * share:.1f} %", flush=True)


if __name__ == "__main__":
    main()
