"""How often means over agents hold the truth: `python -m tests.heavy.insight`.

Teams whose truth is known (`tests/qa/insight/simulated.py`): docs/quality-insight.md has the table.
"""

import argparse
import time
from itertools import product

from tests.qa.insight.simulated import Setting, held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=2000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    for agents, (least, most), apart in product(
        (4, 8, 15, 60), ((5, 5), (5, 20)), (0.0, 0.05, 0.08)
    ):
        found = held(Setting(agents, least, most, apart), options.teams, options.seed)
        print(
            f"{agents} agents, {least}-{most} reviews, {apart} apart: "
            f"agents like these {100 * found.likes:.1f}, these calls {100 * found.calls:.1f}, "
            f"failing {100 * found.failing:.1f}, wide {100 * found.width:.1f}, "
            f"a difference by chance {100 * found.wrong:.1f}",
            flush=True,
        )
        assert found.likes >= 0.92, found
        assert found.failing > 0.93, found
        assert found.wrong < 0.07, found
    print(f"{(time.monotonic() - began) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
