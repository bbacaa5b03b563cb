"""Files have one manner: yes or no, parts of a whole as hundredths with one decimal."""

from decimal import Decimal
from fractions import Fraction

import pytest

from kpis.noise.intervals import Interval
from qa.cells import estimate, hundredths, interval, yes


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, None),
        (0.9565, "95.7"),  # as a float a little more than a half
        (Fraction(13, 16), "81.3"),  # 81.25: half goes away from zero
        (Fraction(-13, 16), "-81.3"),
        (Decimal("0.7184"), "71.8"),
        (1.0, "100.0"),
    ],
)
def test_a_part_of_a_whole_is_rounded_once_as_pages_round_it(share, expected):
    assert hundredths(share) == (None if expected is None else Decimal(expected))


def test_what_is_not_known_is_empty():
    assert (yes(True), yes(False), yes(None)) == ("yes", "no", None)
    assert interval(None) == (None, None)
    assert estimate(None) == (None, None, None)
    assert estimate(Interval(0.5, 0.25, 0.75)) == (Decimal(50), Decimal(25), Decimal(75))
