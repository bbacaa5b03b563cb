"""What is noise: how sure a figure is, what is usual, what has changed, who ranks where.

The one home of all four. A closed span's figure is a census and exact. What is here is for
inference: is today unlike other weeks, would next month be like this one, is one agent better
than another. Calls in a queue are not independent, since a bad half hour is bad for all who wait
in it, so where a figure is made of calls the day, not the call, is what was drawn.
"""

from kpis.noise.changes import Change, Direction, benjamini_hochberg, change, discoveries
from kpis.noise.intervals import (
    FEWEST_DAYS,
    LEVEL,
    Interval,
    Method,
    Part,
    adjusted_wald,
    cluster_ratio,
    interval,
    wilson,
)
from kpis.noise.ranks import FEWEST_RANKED, Rank, Work, rank_ranges
from kpis.noise.usual import FEWEST_PAST, Kind, Verdict, judge, pooled_spread, qn, usual

__all__ = [
    "FEWEST_DAYS",
    "FEWEST_PAST",
    "FEWEST_RANKED",
    "LEVEL",
    "Change",
    "Direction",
    "Interval",
    "Kind",
    "Method",
    "Part",
    "Rank",
    "Verdict",
    "Work",
    "adjusted_wald",
    "benjamini_hochberg",
    "change",
    "cluster_ratio",
    "discoveries",
    "interval",
    "judge",
    "pooled_spread",
    "qn",
    "rank_ranges",
    "usual",
    "wilson",
]
