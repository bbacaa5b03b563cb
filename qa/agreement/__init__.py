"""Whether reviewers mean the same: agreement beyond chance by criterion, and who is harder.

Pure. Ratings of one criterion by several people on the same calls make Krippendorff's alpha, Gwet's
AC1 or AC2 and percent agreement, each with its interval (`agreement`), and a verdict on the
criterion (`verdict`). Blind double scores make each reviewer's severity beside the others
(`severities`), and who drifts (`drift`). docs/quality-agreement.md says where each comes from.
"""

from qa.agreement.alpha import alpha
from qa.agreement.criterion import (
    FEWEST_DOUBLED,
    Agreement,
    Rewrite,
    Thresholds,
    Verdict,
    agreement,
    verdict,
)
from qa.agreement.gwet import Weights, ac, percent_agreement, weights_of
from qa.agreement.ratings import Metric, Rating, Ratings, Scale, pooled
from qa.agreement.resampling import Estimate, Why
from qa.agreement.severity import (
    FEWEST_PERIODS,
    FEWEST_SHARED,
    Compared,
    Drift,
    Score,
    Severity,
    Trend,
    Unknown,
    drift,
    severities,
)

__all__ = [
    "FEWEST_DOUBLED",
    "FEWEST_PERIODS",
    "FEWEST_SHARED",
    "Agreement",
    "Compared",
    "Drift",
    "Estimate",
    "Metric",
    "Rating",
    "Ratings",
    "Rewrite",
    "Scale",
    "Score",
    "Severity",
    "Thresholds",
    "Trend",
    "Unknown",
    "Verdict",
    "Weights",
    "Why",
    "ac",
    "agreement",
    "alpha",
    "drift",
    "percent_agreement",
    "pooled",
    "severities",
    "verdict",
    "weights_of",
]
