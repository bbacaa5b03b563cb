"""Turnover: who left over how many there were."""

from kpis.formulas.ratios import Ratio

YEAR_DAYS = 365
LEAST_DAYS = 90


def turnover(left: int, opening: int, closing: int) -> Ratio:
    """Leavers over the mean of opening and closing headcount: 20 of 100 and 120 are 18.18 %.

    Whoever comes and goes within the span is in neither headcount, so it may pass 1. Twice both
    sides, for the mean of two counts need not be whole.
    Raises ValueError for a negative count.
    """
    _refuse_negative(left, opening, closing)
    return Ratio(2 * left, opening + closing)


def turnover_of_opening(left: int, opening: int) -> Ratio:
    """Leavers over opening headcount; it may pass 1. Raises ValueError for a negative count."""
    _refuse_negative(left, opening)
    return Ratio(left, opening)


def annualised(rate: float, days: int) -> float:
    """A rate of some days as it would be of a year.

    Raises ValueError for fewer days than a rate of a year can be told from.
    """
    if days < LEAST_DAYS:
        raise ValueError(f"{days} days do not tell a year's rate: at least {LEAST_DAYS} do")
    return rate * YEAR_DAYS / days


def _refuse_negative(*counts: int) -> None:
    if min(counts) < 0:
        raise ValueError(f"counts of people cannot be negative: {counts}")
