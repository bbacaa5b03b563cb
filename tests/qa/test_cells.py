"""Files have one manner: yes or no, parts of a whole as hundredths with one decimal."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from kpis.noise.intervals import Interval
from qa.cells import coefficient, estimate, hundredths, interval, p, when, yes


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


def test_times_are_to_the_second_by_the_sites_clock():
    finished = datetime(2025, 7, 1, 5, 6, 44, 8678, tzinfo=UTC)
    assert when(finished, ZoneInfo("Europe/London")).isoformat() == "2025-07-01T06:06:44+01:00"
    assert when(None, ZoneInfo("Europe/London")) is None


@pytest.mark.parametrize(
    ("value", "as_p", "as_coefficient"),
    [
        (None, None, None),
        (0.005512345, "0.0055", "0.006"),
        (1.0, "1.0000", "1.000"),
        (-0.0421, "-0.0421", "-0.042"),
    ],
)
def test_chances_have_four_decimals_and_coefficients_three(value, as_p, as_coefficient):
    said = tuple(None if one is None else str(one) for one in (p(value), coefficient(value)))
    assert said == (as_p, as_coefficient)
