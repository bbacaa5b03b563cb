"""Rights of roles at every address of the matrix: `python -m tests.heavy.rights`.

For each role with all of its actions taken, and for those that may be given some with them given.
The suite walks a part (`tests/ccm/rights`).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> int:
    words = [sys.executable, "-m", "pytest", "-n0", "-q", "--tb=short", "-p", "no:logging"]
    words += [str(ROOT / "tests/ccm/rights/test_rights.py"), *sys.argv[1:]]
    environment = os.environ | {"CCM_EXAMPLES_TIMES": "2"}
    return subprocess.run(words, env=environment, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main())
