"""How often intervals of kappa hold the truth: `python -m tests.heavy.checks`.

Beside those of the standard error of large samples (docs/quality-checks.md).
"""

import argparse
import time

import numpy as np

from qa.checks import kappa
from tests.qa.checks.cohen import standard_error, true_kappa

# Shares of calls that are broken to both, to the rule alone, to people alone, to neither.
KINDS = {
    "one in eight broken, close": (0.10, 0.02, 0.03, 0.85),
    "one in four broken, close": (0.20, 0.05, 0.05, 0.70),
    "one in fourteen broken, half are wrong": (0.05, 0.05, 0.02, 0.88),
    "one in ten broken, very close": (0.09, 0.005, 0.01, 0.895),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=500, help="of each kind and size")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    began = time.monotonic()
    for name, shares in KINDS.items():
        truth = true_kappa(*shares)
        for calls in (50, 100, 200):
            drawn = np.random.default_rng(asked.seed).multinomial(calls, shares, asked.samples)
            told = [(one, row) for row in drawn.tolist() if (one := kappa(*row)) is not None]
            holds = np.mean([one.low <= truth <= one.high for one, _ in told])
            over = np.mean([one.low > truth for one, _ in told])
            normal = np.mean(
                [abs(one.value - truth) <= 1.96 * standard_error(*row) for one, row in told]
            )
            width = np.mean([one.high - one.low for one, _ in told])
            print(
                f"{name}, kappa {truth:.2f}, {calls} calls: holds {100 * holds:.1f} %, low end "
                f"above {100 * over:.1f} %, {width:.2f} wide; by standard error "
                f"{100 * normal:.1f} %; told {100 * len(told) / asked.samples:.1f} %",
                flush=True,
            )
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
