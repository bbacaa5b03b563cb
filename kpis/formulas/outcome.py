"""What callers said in surveys."""

from collections.abc import Sequence

from kpis.formulas.ratios import Ratio, share
from kpis.sums.surveys import ScaleSums


def good_share(scales: Sequence[ScaleSums]) -> Ratio:
    """Share of good scores (CSAT C1, CES E2), over all scales: `surveys.EDGES` says which are."""
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
