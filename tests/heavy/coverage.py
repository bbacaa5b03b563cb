"""Which branches of a part of the code its own tests take: `python -m tests.heavy.coverage PART`.

The parts are those in which a branch that nobody took costs most: who sees what, what comes in,
what is counted and what is told of it. Prints each file with what was not taken; ends with an
error where that is anything.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORMULAS = (
    "formulas", "adherence", "money", "people", "presence", "ramp", "repeats", "survival", "paid",
)  # fmt: skip
# Of each part its code, and the tests that are about it.
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "access": (
        ["ccm/access.py", "qa/access.py", "scheduling/access.py", "coaching/access.py"],
        ["tests/test_access.py", "tests/ccm/accounts", "tests/ccm/test_navigation.py"],
    ),
    "imports": (
        ["ccm/imports/*"],
        ["tests/ccm/imports", "tests/ccm/live", "tests/ccm/erasure", "tests/ccm/retention"]
        + ["tests/ccm/test_addresses.py"]
        + [f"tests/ccm/test_pages_{one}.py" for one in ("imports", "mapping", "layouts")]
        + [f"tests/ccm/test_pages_{one}.py" for one in ("names", "plans")]
        + [f"tests/ccm/test_api_{one}.py" for one in ("uploads", "posts", "events")],
    ),
    "rollups": (["kpis/rollups/*"], ["tests/kpis"]),
    "formulas": (["kpis/formulas/*"], [f"tests/kpis/test_{one}.py" for one in FORMULAS]),
}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", choices=PARTS)
    asked.add_argument("tests", nargs="*", help="these tests instead of the part's")
    told = asked.parse_args()
    code, tests = PARTS[told.part]
    with tempfile.TemporaryDirectory() as place:
        settings = Path(place) / "coverage"
        settings.write_text(
            "[run]\nbranch = true\nconcurrency = thread\n"
            f"data_file = {place}/data\ninclude =\n" + "".join(f"    {one}\n" for one in code)
        )
        words = [sys.executable, "-m", "pytest", "-n0", "-q", "-p", "no:cacheprovider"]
        words += ["--cov", f"--cov-config={settings}", "--cov-report=term-missing:skip-covered"]
        words += ["--cov-fail-under=100", *(told.tests or tests)]
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(words, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
