"""The suite's attacks, many more of them: `python -m tests.heavy.attacks probes`.

They are others than the suite's. Each (`tests/attacks/test_KIND.py`; of `policy` it is in
`tests/browser`) prints what it tried, as whom, and how much of it was answered as it should not be;
SECURITY.md has the figures.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
# Those that are elsewhere than among the attacks.
ELSEWHERE = {"policy": "browser"}
# So many times as many as the suite has time for.
TIMES = {
    "schema": 400, "beside": 90, "probes": 25, "inputs": 40, "bombs": 20, "answers": 2, "files": 2,
    "methods": 2, "stored": 2, "lent": 2, "kept": 6, "logged": 6, "policy": 150, "two_people": 8,
}  # fmt: skip


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kind", choices=TIMES)
    asked.add_argument("--times", type=int, help="as many as the suite's, so many times")
    asked.add_argument("-k", dest="words", default="", help="only these, as pytest has it")
    told = asked.parse_args()
    file = str(TESTS / ELSEWHERE.get(told.kind, "attacks") / f"test_{told.kind}.py")
    words = [sys.executable, "-m", "pytest", "-n0", "-q", "-s", "--tb=short"]
    # What is logged is kept to be shown, of ten thousands of requests; but for who reads it.
    words += [] if told.kind == "logged" else ["-p", "no:logging"]
    words += [file, *(["-k", told.words] if told.words else [])]
    environment = os.environ | {"CCM_EXAMPLES_TIMES": str(told.times or TIMES[told.kind])}
    return subprocess.run(words, env=environment, cwd=TESTS.parent).returncode


if __name__ == "__main__":
    sys.exit(main())
