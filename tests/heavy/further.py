"""The suite's random tests of the whole program, with many more examples than it has time for, and
others each time; and those that look at a part of what there is, at all of it:
`python -m tests.heavy.further --times 20 [-k WORDS]`.

What fails is printed with the example that it fails on, as pytest does.
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
WHOLE = (
    "kpis/test_reports_apart.py"
    "::test_every_passport_that_the_api_gives_opens_for_whoever_is_given_it",
)
RANDOM = re.compile(r"max_examples=examples\(\d+\)[\s\S]*?\ndef (test_\w+)")


def addresses() -> list[str]:
    """Of each test that says how many examples it takes of those of the suite."""
    found = [
        f"{file}::{name}"
        for file in sorted(TESTS.rglob("test_*.py"))
        for name in RANDOM.findall(file.read_text(encoding="utf-8"))
    ]
    assert found, "no test says how many examples it takes"
    return [*found, *(str(TESTS / one) for one in WHOLE)]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--times", type=int, default=20, help="as many examples as the suite's")
    asked.add_argument("-k", dest="words", default="", help="only these, as pytest has it")
    told = asked.parse_args()
    words = [sys.executable, "-m", "pytest", "--durations=0", *addresses()]
    if told.words:
        words += ["-k", told.words]
    return subprocess.run(
        words, env=os.environ | {"CCM_EXAMPLES_TIMES": str(told.times)}, cwd=TESTS.parent
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
