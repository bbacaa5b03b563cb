"""Money over what it was spent on, or earned by."""

from decimal import Decimal

from kpis.formulas.ratios import Ratio


def money_per(amount: Decimal, n: int) -> Ratio:
    """An amount over how many it was for, in its currency; below 0 where it was credited.

    Raises ValueError for a negative n.
    """
    if n < 0:
        raise ValueError(f"{n} is no number of anything")
    return Ratio(float(amount), n)
