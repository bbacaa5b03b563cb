"""Shares of a score as the API tells them: rounded once, as pages do."""

from decimal import Decimal
from fractions import Fraction

from qa.scoring import percent


def of_hundred(share: Fraction | Decimal | None) -> float | None:
    found = percent(share)
    return None if found is None else float(found)
