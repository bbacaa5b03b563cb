"""Whether coaching worked: agents before and after, beside colleagues who were not coached.

    courses      who is compared with whom, over which periods
    effects      the effect of all talks: by covariances, by differences beside it
    placebo      one agent, against what chance does to colleagues
    pooling      the effect of each kind of talk and each coach, and their ranks as ranges
    fits         least squares of few agents, with errors that hold

Numbers alone: no database, clock or settings. The method and its figures in simulated centres are
in docs/coaching-effect.md.
"""

from coaching.progress.courses import (
    EARLIER,
    FEWEST_COACHED,
    FEWEST_COMPARED,
    Course,
    Standing,
    Talk,
    Why,
    counted,
    courses,
    how_many,
    narrowed,
    passed_over,
)
from coaching.progress.effects import Effect, Refused, effect
from coaching.progress.fits import Estimate
from coaching.progress.placebo import Single, Singles, singles
from coaching.progress.pooling import group_ranks, pooled, told_by

__all__ = [
    "EARLIER",
    "FEWEST_COACHED",
    "FEWEST_COMPARED",
    "Course",
    "Effect",
    "Estimate",
    "Refused",
    "Single",
    "Singles",
    "Standing",
    "Talk",
    "Why",
    "counted",
    "courses",
    "effect",
    "group_ranks",
    "how_many",
    "narrowed",
    "passed_over",
    "pooled",
    "singles",
    "told_by",
]
