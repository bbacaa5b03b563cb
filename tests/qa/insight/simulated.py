"""Teams whose true mean and share of failing calls are known: for the suite and tests/heavy.

Each agent has 60 to 400 calls, of which 4 % fail; marks are beta distributed around the agent's own
level, which is normal around .85. What is true is of agents like these, and of these agents' calls.
"""

from dataclasses import dataclass

import numpy as np

from qa.insight.weighted import difference, mean, rate

LEVEL, FAILING = 0.85, 0.04
FEWEST_CALLS, MOST_CALLS = 60, 400


@dataclass(frozen=True, slots=True)
class Setting:
    """`agents` are `apart` (the standard deviation of their levels) and have `least` to `most`
    reviews each; `alike` is the beta's a + b."""

    agents: int
    least: int = 5
    most: int = 20
    apart: float = 0.05
    alike: float = 10.0


@dataclass(frozen=True, slots=True)
class Held:
    """How often intervals of teams hold what is true of agents like these, of these agents' calls,
    of the share of calls that fail; how wide means' are; and how often a difference that is none is
    taken for one."""

    likes: float
    calls: float
    failing: float
    width: float
    wrong: float


def held(setting: Setting, teams: int, seed: int) -> Held:
    random = np.random.default_rng(seed)
    likes, calls, failing, widths, wrong = [], [], [], [], []
    true = float(np.clip(random.normal(LEVEL, setting.apart, 1_000_000), 0.02, 0.98).mean())
    for _ in range(teams):
        levels = np.clip(random.normal(LEVEL, setting.apart, setting.agents), 0.02, 0.98)
        values, weights, agents, fails, every = [], [], [], [], []
        for agent, level in enumerate(levels):
            many = int(random.integers(FEWEST_CALLS, MOST_CALLS + 1))
            marks = random.beta(level * setting.alike, (1 - level) * setting.alike, many)
            failed = random.random(many) < FAILING
            n = int(random.integers(setting.least, setting.most + 1))
            drawn = random.choice(many, n, replace=False)
            values.append(marks[drawn])
            fails.append(failed[drawn])
            weights.append(np.full(n, many / n))
            agents.append(np.full(n, agent))
            every.append(marks[~failed])
        y, w, of, bad = map(np.concatenate, (values, weights, agents, fails))
        found = mean(y[~bad], w[~bad], of[~bad])
        assert found.interval is not None
        low, high = found.interval
        likes.append(low <= true <= high)
        calls.append(low <= float(np.concatenate(every).mean()) <= high)
        widths.append(high - low)
        share = rate(bad, w, of).interval
        assert share is not None
        failing.append(share.low <= FAILING <= share.high)
        # Whether a criterion was met, by chance alone: most of it, as most are.
        met = random.random(len(y)) < 0.8
        apart = difference(y, met, w, of)
        wrong.append(apart.p is not None and apart.p < 0.05)
    return Held(*(float(np.mean(one)) for one in (likes, calls, failing, widths, wrong)))
