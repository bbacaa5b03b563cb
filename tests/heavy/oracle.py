"""Compares with the polars oracle at length: `python -m tests.heavy.oracle --centres 1000`.

Made-up centres, each with switches of its own; as many whose callers come again, as many whose
agents tell their time, and as many with sales, costs, and people who come and go. With
`--demo-days N` so many days of the demo centre, with `--demo-days whole` all that
`callcenter demo` loads: every figure of its sites, queues and agents, in all and by day, of sites
and queues by quarter hour, of agents by quarter hour on the last three days; who came again within
seven days and how long matters took; agents' time; money and turnover. Each part is told when it is
done.

Every cell of every figure that both sides have must be the same; how many there were is printed.
"""

import argparse
import os
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("oracle_cases.py")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--centres", type=int, default=0)
    parser.add_argument("--demo-days", default="")
    asked = parser.parse_args()
    os.environ["ORACLE_CENTRES"] = str(asked.centres)
    os.environ["ORACLE_DEMO_DAYS"] = asked.demo_days
    of_centres = (
        "test_made_up_centres", "test_who_came_again", "test_agents_time", "test_money_and_people"
    )  # fmt: skip
    tests = [f"{CASES}::{one}" for one in of_centres if asked.centres]
    tests += [f"{CASES}::test_the_demo_centre"] * bool(asked.demo_days)
    return int(pytest.main(["-n0", "-q", "-s", *tests]))


if __name__ == "__main__":
    raise SystemExit(main())
