"""Drawing calls fairly, and what a draw says of an agent.

Pure. Calls are drawn by a recorded seed from an agent's eligible calls (`draw`), those that cannot
be reviewed are swapped for the next (`swap`), and the drawn ones are shared over reviewers
(`assign`). From their reviews, and no others, come scores with intervals (`scores`), the ranks that
agents may have (`rank_ranges`), and how many more reviews would halve an interval (`halving`).
"""

from qa.sampling.allocation import Allocation, Fixed, Proportional, Shares
from qa.sampling.coverage import Coverage, Due, coverage, together
from qa.sampling.draws import Draw, Drawn, Eligible, Layer, Swap, Swapped, draw, layers, swap
from qa.sampling.further import halving
from qa.sampling.hajek import Mean, Reviewed, Sample, hajek
from qa.sampling.rates import LEVEL, Interval, rate_interval
from qa.sampling.scores import (
    FEWEST_RANKED,
    FEWEST_REVIEWS,
    Estimate,
    Failing,
    Lack,
    Rank,
    Score,
    rank_ranges,
    scores,
)
from qa.sampling.workload import (
    Missing,
    Review,
    Reviewer,
    Task,
    Why,
    Workload,
    assign,
    doubles,
)

__all__ = [
    "FEWEST_RANKED",
    "FEWEST_REVIEWS",
    "LEVEL",
    "Allocation",
    "Coverage",
    "Draw",
    "Drawn",
    "Due",
    "Eligible",
    "Estimate",
    "Failing",
    "Fixed",
    "Interval",
    "Lack",
    "Layer",
    "Mean",
    "Missing",
    "Proportional",
    "Rank",
    "Review",
    "Reviewed",
    "Reviewer",
    "Sample",
    "Score",
    "Shares",
    "Swap",
    "Swapped",
    "Task",
    "Why",
    "Workload",
    "assign",
    "coverage",
    "doubles",
    "draw",
    "hajek",
    "halving",
    "layers",
    "rank_ranges",
    "rate_interval",
    "scores",
    "swap",
    "together",
]
