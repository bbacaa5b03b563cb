"""From positions that are filled to people who are paid, and when to round.

Positions are whole in each interval, people are rounded up once after shrinkage, and what is added
up over intervals and queues stays a fraction until the end. In exact decimals: 21 positions at 30 %
are 30 people, where binary fractions say 31.
"""

from decimal import Decimal
from fractions import Fraction


def with_shrinkage(positions: int | Fraction, shrinkage: Decimal) -> Fraction:
    """People for so many positions when this share of their paid time is not for calls; exactly.

    Raises ValueError of a share below 0, or of 1 or more.
    """
    if not 0 <= shrinkage < 1:
        raise ValueError("shrinkage is a share of 0 or more and less than 1")
    return Fraction(positions) / (1 - Fraction(shrinkage))


def people(exact: Fraction) -> int:
    """Whole people: up."""
    return -(-exact.numerator // exact.denominator)


def scheduled(positions: int, shrinkage: Decimal) -> int:
    """Whole people of one interval.

    Raises ValueError as `with_shrinkage`.
    """
    return people(with_shrinkage(positions, shrinkage))
