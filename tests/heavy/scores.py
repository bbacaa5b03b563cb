"""How often scores hold the truth: `python -m tests.heavy.scores`.

Teams whose true scores are known (`tests/qa/sampling/simulated.py`): what share of 95 % intervals
holds an agent's true score, share of failed calls, and ranks, and how wide these are
(docs/quality-sampling.md).
"""

import argparse
import os
import time
from itertools import product

from tests.qa.sampling.simulated import Setting, held

NAMES = (
    "pooled", "own", "pooled, worst", "own, worst", "pooled, best", "own, best", "failing", "rank",
    "all ranks of a team",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    kinds = [
        Setting(agents, *reviews, apart, alike)
        for agents, reviews, apart, alike in product(
            (8, 15), ((5, 5), (5, 20), (20, 20)), (0.0, 0.02, 0.05, 0.08), (6.0, 20.0)
        )
    ]
    # Strata that differ, drawn from in proportion; then agents of whom some are more even.
    kinds += [Setting(12, 5, 20, apart, 10.0, 1.0, 3, 0.06) for apart in (0.02, 0.05)]
    kinds += [Setting(12, 5, 20, apart, 10.0, 2.0) for apart in (0.02, 0.05)]
    missed = []
    for kind in kinds:
        found = held(kind, options.teams, options.seed)
        print(
            f"{kind.agents} agents {kind.least}-{kind.most} reviews, {kind.apart} apart, "
            f"a + b = {kind.alike:.0f} uneven by {kind.uneven:.0f}, {kind.strata} strata:"
        )
        for name in NAMES:
            width = f", width {100 * found.width(name):.1f}" if found.width(name) else ""
            print(f"  {name}: holds {100 * found.share(name):.1f} %{width}", flush=True)
        # Where agents hardly differ intervals are wider than they need be.
        most = 0.98 if kind.apart >= 0.05 else 1.0
        if not 0.92 <= found.share("pooled") <= most:
            missed.append(kind)
        assert found.share("failing") > 0.94
    print(f"{(time.monotonic() - began) / 60:.1f} min on {os.cpu_count()} cores")
    assert not missed, missed


if __name__ == "__main__":
    main()
