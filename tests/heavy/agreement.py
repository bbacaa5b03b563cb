"""Simulates what the suite simulates, longer: `python -m tests.heavy.agreement`.

How often intervals of alpha, AC and percent agreement hold the truth, beside plain percentiles, and
those of reviewers' severities and slopes; how often a steady reviewer is said to drift, and a
drifting one is found (docs/quality-agreement.md).
"""

import argparse
import os
import resource
import time

from tests.qa.agreement.simulated import (
    FIGURES,
    KINDS,
    Team,
    agreement_coverage,
    percentile_coverage,
    watched,
)

STEADY = {
    "12 calls a month": Team(calls=12),
    "20 calls a month": Team(),
    "40 calls a month": Team(calls=40),
    "15 calls a month, two or three reviewers each": Team(calls=15, three=True),
    "8 reviewers, 40 calls a month": Team((3, -2, 0, 5, -4, 1, 0, 2), calls=40),
    "20 calls a month, 2 % failed outright": Team(fails=0.02),
    "20 calls a month, 85 % of them scored alike": Team(same=0.85),
    "40 calls a month, 85 % of them scored alike": Team(calls=40, same=0.85),
    "12 months of 20 calls": Team(months=12),
    "3 months of 57 calls": Team(months=3, calls=57),
    "3 months of 57 calls, four careless scores": Team(months=3, calls=57, careless=True),
}
DRIFTING = {
    "4 points a year, 20 calls a month": Team(months=12, drift=4 / 11),
    "8 points a year, 20 calls a month": Team(months=12, drift=8 / 11),
    "8 points a year, 40 calls a month": Team(months=12, calls=40, drift=8 / 11),
    "12 points a year, 20 calls a month": Team(months=12, drift=12 / 11),
    "8 points a year, 20 calls, of three reviewers": Team((3, -2, 0), months=12, drift=8 / 11),
    "12 points a year, 20 calls a month, 2 % failed outright": Team(
        months=12, drift=12 / 11, fails=0.02
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=1000, help="of each criterion and size")
    parser.add_argument("--teams", type=int, default=400, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    for kind in KINDS:
        for calls in (20, 40, 100):
            found = agreement_coverage(kind, calls, asked.samples, asked.seed)
            for name in FIGURES:
                one = found[name]
                print(
                    f"{kind.name}, {calls} calls, {name} {one.truth:.3f}: holds "
                    f"{100 * one.holds:.1f} %, {one.width:.2f} wide, told {100 * one.told:.1f} %",
                    flush=True,
                )
    for kind in KINDS:
        for name, holds in percentile_coverage(kind, 20, asked.samples, asked.seed).items():
            print(
                f"{kind.name}, 20 calls, {name}, plain percentiles: hold {100 * holds:.1f} %",
                flush=True,
            )
    for name, team in STEADY.items():
        one = watched(team, asked.teams, asked.seed)
        print(
            f"steady, {name}: severities hold {100 * one.severities:.1f} %, {one.width:.1f} wide, "
            f"told {100 * one.told:.1f} %, slopes hold {100 * one.slopes:.1f} %, anybody drifts "
            f"{100 * (one.first_drifts + one.another_drifts):.1f} %",
            flush=True,
        )
    for name, team in DRIFTING.items():
        one = watched(team, asked.teams, asked.seed)
        print(
            f"drifting, {name}: found {100 * one.first_drifts:.1f} %, another blamed "
            f"{100 * one.another_drifts:.1f} %",
            flush=True,
        )
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} min on {os.cpu_count()} cores, {memory_mb:.0f} MB at most")


if __name__ == "__main__":
    main()
