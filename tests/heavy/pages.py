"""Every page in Chromium, as each role that may open it, in three looks (light 1,920 and 1,280 px,
dark 390 px), each read by axe for barriers: `python -m tests.heavy.pages [-k WORDS]`.

The suite opens each page once, in one look, and reads every fourth (`tests/browser/test_pages.py`).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    words = [sys.executable, "-m", "pytest", "-n0", "-q", "--tb=short", "-p", "no:logging"]
    words += ["--durations=0", str(ROOT / "tests/browser/test_pages.py"), *sys.argv[1:]]
    environment = os.environ | {"CCM_EXAMPLES_TIMES": "2"}
    return subprocess.run(words, env=environment, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
