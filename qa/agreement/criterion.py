"""How far raters agree on one criterion, and what that says of the criterion.

Alpha alone condemns criteria that nearly everyone passes, so Gwet's coefficient and percent
agreement stand beside it: only what is low by both is to be written anew, and only what is low by
neither holds. A criterion that nobody fails is another finding: raters may agree on it perfectly,
and it tells no agent from another.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from kpis.noise.intervals import LEVEL, wilson
from qa.agreement.alpha import alphas
from qa.agreement.gwet import Weights, acs, percent_agreement, percents, weights_of
from qa.agreement.ratings import Ratings
from qa.agreement.resampling import RESAMPLES, Estimate, Why, estimates

FEWEST_DOUBLED = 20
"""Double-scored calls from which coefficients are told."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one criterion. `calls` have a rating at least, `doubled` of them two or more; `raters`
    gave them. `percent` is how often pairs of raters agree to the value, `weighted` how near they
    come by `weights`; `ac` is AC1 where these are `identity`, else AC2."""

    calls: int
    doubled: int
    raters: int
    weights: Weights
    alpha: Estimate
    ac: Estimate
    percent: Estimate
    weighted: Estimate


def agreement(
    ratings: Ratings,
    *,
    seed: int,
    weights: Weights | None = None,
    fewest: int = FEWEST_DOUBLED,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> Agreement:
    """How far raters agree on a criterion, each figure with its interval over calls.

    None `weights`: those of the metric (`gwet.weights_of`). With fewer than `fewest` double-scored
    calls there is neither alpha nor AC ("too few"), and percent agreement has no interval; where
    all values are equal there is no alpha. The ratings are those that were given blind: an answer
    that was agreed on, or given after others were known, is no rating. Raises ValueError as
    `gwet.weight_matrix` and `resampling.estimates`, and for a `fewest` below 2.
    """
    if fewest < 2:
        raise ValueError(f"{fewest} double-scored calls show no agreement")
    weights = weights or weights_of(ratings.metric)
    doubled = int(ratings.doubled.sum())
    told = partial(Agreement, len(ratings.counts), doubled, ratings.raters, weights)
    if doubled < fewest:
        few = Estimate(None, why=Why.TOO_FEW)
        return told(
            few,
            few,
            Estimate(percent_agreement(ratings), why=Why.TOO_FEW),
            Estimate(percent_agreement(ratings, weights), why=Why.TOO_FEW),
        )
    return told(
        *estimates(
            ratings,
            (
                alphas,
                partial(acs, weights=weights),
                partial(percents, weights=Weights.IDENTITY),
                partial(percents, weights=weights),
            ),
            seed,
            resamples,
            level,
        )
    )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is low, and what is hardly ever failed.

    `alpha`: below .667 data allow not even tentative conclusions (Krippendorff 2004, "Content
    Analysis", 2nd ed., p. 241). `ac`: below .60 agreement is at most "moderate" (Landis & Koch
    1977, "The measurement of observer agreement for categorical data"; Altman 1991, "Practical
    statistics for medical research", has the same limit). `fails`: the share of calls that fail a
    criterion up to which it is hardly ever failed; this one is ours: at one call in twenty, five
    reviews of an agent hold no failed one in three cases of four (.95^5 = .77).
    """

    alpha: float = 0.667
    ac: float = 0.60
    fails: float = 0.05


class Rewrite(StrEnum):
    """Whether a criterion asks to be written anew."""

    NO = "no"
    """Neither alpha nor AC is low, and one of them surely is not."""
    UNSURE = "unsure"
    """One of them is low, and the other is not; or neither is, and both may be."""
    SEEMS = "seems"
    """Alpha and AC are both low."""
    SURELY = "surely"
    """The upper ends of both intervals are."""
    UNKNOWN = "unknown"
    """There is no telling: too few calls, or nothing that varies."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What agreement and outcomes say of a criterion. `nobody_fails` is None of a bonus, which
    takes nothing, and where so few calls were scored that even none failed would not show it."""

    rewrite: Rewrite
    nobody_fails: bool | None


def verdict(
    found: Agreement,
    failed: int,
    scored: int,
    thresholds: Thresholds | None = None,
    *,
    is_critical: bool = False,
    is_bonus: bool = False,
) -> Verdict:
    """The verdict on a criterion; None `thresholds`: those of `Thresholds`.

    `failed` of the `scored` calls lost points on it; a call that several people scored counts once.
    Nobody fails it where the upper end of that share is at most `thresholds.fails` with 95 %
    (Wilson, one-sided): 0 of 52, 1 of 87. A critical criterion is there for the rare call: of it
    that is said only where no call at all failed; of a bonus, which cannot be failed, never. Raises
    ValueError when `failed` is negative or more than `scored`.
    """
    limits = thresholds or Thresholds()
    share = wilson(failed, scored, level=0.90)
    never = wilson(0, scored, level=0.90)
    nobody = None
    if not is_bonus and share is not None and never is not None and never.high <= limits.fails:
        nobody = share.high <= limits.fails and not (is_critical and failed)
    return Verdict(_rewrite(found, limits), nobody)


def _rewrite(found: Agreement, limits: Thresholds) -> Rewrite:
    both = ((found.alpha, limits.alpha), (found.ac, limits.ac))
    known = [(one, one.value, limit) for one, limit in both if one.value is not None]
    if len(known) < len(both):
        return Rewrite.UNKNOWN
    low = [(one, limit) for one, value, limit in known if value < limit]
    if not low:
        is_sure = any(one.low is None or one.low >= limit for one, _value, limit in known)
        return Rewrite.NO if is_sure else Rewrite.UNSURE
    if len(low) < len(both):
        return Rewrite.UNSURE
    if all(one.high is not None and one.high < limit for one, limit in low):
        return Rewrite.SURELY
    return Rewrite.SEEMS
