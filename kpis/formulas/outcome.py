"""What callers said in surveys."""

import re
from collections.abc import Sequence

from kpis.formulas.ratios import Ratio, share
from kpis.sums.counts import ScaleSums

_SCALE = re.compile(r"(-?[\d.]+)-(-?[\d.]+)")


def good_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Share of good scores (CSAT C1, CES E2), over all scales: `counts.EDGES` says which are."""
    return share(sum(scale.top for scale in scales), sum(scale.n for scale in scales))


def bad_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Share of bad scores, over all scales."""
    return share(sum(scale.bottom for scale in scales), sum(scale.n for scale in scales))


def score_mean(scale: ScaleSums) -> Ratio:
    """Mean score on its scale (CSAT C2, CES E1). Different scales are not pooled."""
    return Ratio(scale.score_sum, scale.n)


def net_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Good share less bad share, -1.0 to 1.0 (CSAT C3, NPS)."""
    net = sum(scale.top - scale.bottom for scale in scales)
    return Ratio(net, sum(scale.n for scale in scales))


def turned_round(score: float, scale: str) -> float:
    """A score on a scale ("1-7", "-2-2") as it would be were high low: 2 of 1 to 7 is 6."""
    ends = _SCALE.fullmatch(scale)
    if ends is None:
        raise ValueError(f"{scale!r} is no scale")
    return float(ends[1]) + float(ends[2]) - score
