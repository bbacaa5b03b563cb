"""Teams whose true scores are known: for the suite and tests/heavy.

Each agent has 60 to 400 calls. Marks are beta distributed, skewed, around the agent's own level,
which is normal around .85; 4 % of calls fail. Calls are drawn by `draw` and judged by `scores`.
"""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qa.sampling import (
    Drawn,
    Eligible,
    Proportional,
    Reviewed,
    Sample,
    draw,
    rank_ranges,
    scores,
)

LEVEL = 0.85
FAILING = 0.04
FEWEST_CALLS, MOST_CALLS = 60, 400


@dataclass(frozen=True, slots=True)
class Setting:
    """`agents` of a team, of whom each has `least` to `most` reviews, are `apart` (the standard
    deviation of their levels); `alike` is the beta's a + b: the fewer, the more calls differ. Some
    agents' calls differ more: theirs is up to `uneven` times fewer, or more. Calls are of `strata`,
    of which each is as much above the last as `steps` says."""

    agents: int = 12
    least: int = 5
    most: int = 20
    apart: float = 0.05
    alike: float = 10.0
    uneven: float = 1.0
    strata: int = 1
    steps: float = 0.0


@dataclass(slots=True)
class Held:
    """How often what was said held: shares of agents, or of teams for ranks."""

    counts: Counter[str] = field(default_factory=Counter)
    widths: Counter[str] = field(default_factory=Counter)

    def add(self, what: str, holds: bool, width: float = 0.0) -> None:
        self.counts[what] += 1
        self.counts[what, True] += bool(holds)
        self.widths[what] += width

    def share(self, what: str) -> float:
        return self.counts[what, True] / self.counts[what]

    def width(self, what: str) -> float:
        return self.widths[what] / self.counts[what]


@dataclass(frozen=True, slots=True)
class Centre:
    """A team's reviews and the truth: of calls that do not fail the mean, and how many fail."""

    team: list[Sample]
    means: dict[str, float]
    failing: dict[str, float]


def centre(setting: Setting, drawing: np.random.Generator, seed: str) -> Centre:
    team, means, failing = [], {}, {}
    for number in range(setting.agents):
        agent = f"agent {number}"
        n = int(drawing.integers(setting.least, setting.most + 1))
        size = int(drawing.integers(FEWEST_CALLS, MOST_CALLS + 1))
        stratum = drawing.integers(setting.strata, size=size)
        middle = (setting.strata - 1) / 2
        level = np.clip(
            drawing.normal(LEVEL, setting.apart) + setting.steps * (stratum - middle), 0.4, 0.98
        )
        alike = setting.alike * setting.uneven ** drawing.uniform(-1, 1)
        marks: NDArray[np.float64] = drawing.beta(level * alike, (1 - level) * alike)
        fails = drawing.random(size) < FAILING
        calls = [Eligible(f"{agent}-{at}", int(stratum[at])) for at in range(size)]
        drawn = draw(f"{seed} {agent}", calls, Proportional(n)).drawn
        team.append(Sample(agent, tuple(_reviewed(one, marks, fails) for one in drawn)))
        means[agent] = float(marks[~fails].mean())
        failing[agent] = float(fails.mean())
    return Centre(team, means, failing)


def _reviewed(one: Drawn, marks: NDArray[np.float64], fails: NDArray[np.bool_]) -> Reviewed:
    at = int(one.call.rpartition("-")[2])
    return Reviewed(one, float(marks[at]), bool(fails[at]))


def held(setting: Setting, teams: int, seed: int) -> Held:
    """Simulates so many teams."""
    drawing = np.random.default_rng(seed)
    found = Held()
    for number in range(teams):
        made = centre(setting, drawing, f"{seed} {number}")
        told = scores(made.team)
        means = {agent: made.means[agent] for agent, one in told.items() if one.pooled}
        worst, best = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        for agent, truth in means.items():
            one = told[agent]
            for name, estimate in (("pooled", one.pooled), ("own", one.own)):
                low, high = estimate.interval
                is_held = low <= truth <= high
                found.add(name, is_held, high - low)
                if agent == worst:
                    found.add(f"{name}, worst", is_held)
                if agent == best:
                    found.add(f"{name}, best", is_held)
        for agent, one in told.items():
            low, high = one.failing.interval
            found.add("failing", low <= made.failing[agent] <= high, high - low)
        _ranks(made, means, found)
    return found


def _ranks(made: Centre, means: dict[str, float], found: Held) -> None:
    ordered = sorted(means, key=means.__getitem__, reverse=True)
    ranges = rank_ranges(made.team)
    holds = [
        ranges[agent].best <= place <= ranges[agent].worst for place, agent in enumerate(ordered, 1)
    ]
    found.add("all ranks of a team", all(holds))
    for agent, is_held in zip(ordered, holds, strict=True):
        one = ranges[agent]
        found.add("rank", is_held, (one.worst - one.best + 1) / one.ranked)
