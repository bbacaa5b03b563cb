"""Days of live events at random, at length: `python -m tests.heavy.rebuilt --seeds 100`.

Each comes at once, and then shuffled, doubled, in random batches, and with a quarter of it late.
The record must be the same to the column, and what is shown of now what is reckoned from the events
alone (`tests/ccm/live/test_rebuilt.py`), whether entries alone name their queue or all events do.
"""

import argparse
import os
from pathlib import Path

import pytest

CASES = Path(__file__).parents[1] / "ccm" / "live" / "test_rebuilt.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    os.environ["REBUILT_SEEDS"] = str(parser.parse_args().seeds)
    return int(pytest.main(["-n0", "-q", str(CASES)]))


if __name__ == "__main__":
    raise SystemExit(main())
