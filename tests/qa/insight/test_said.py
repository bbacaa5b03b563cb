"""What insight says in words."""

import pytest

from qa.agreement import Severity, Trend
from qa.insight import words
from qa.insight.reviewers import Judged, Reviewer
from tests.builders import NINE

TREND = Trend(9, 0.0, -1.0, 1.0)


def reviewer(pk, value, low, high):
    return Reviewer(pk, 40, Severity(30, value, low, high), TREND)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (3.3, 1.7, 4.9, "3.3 points harder (1.7 to 4.9)"),
        (-2.9, -4.7, -1.1, "2.9 points milder (1.1 to 4.7)"),
        # Where it may be nothing, it is neither.
        (0.04, -1.6, 1.5, "not told apart from the others (1.6 milder to 1.5 harder)"),
        (2.0, -0.5, 4.5, "not told apart from the others (0.5 milder to 4.5 harder)"),
        (2.0, None, None, "2.0 points harder"),
    ],
)
def test_who_may_be_as_the_others_is_neither_harder_nor_milder(value, low, high, expected):
    assert words.severity(Severity(30, value, low, high)) == expected


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (2.1, 1.4, 2.8, "2.1 points a month harder (1.4 to 2.8)"),
        (0.0, -1.7, 1.7, "no change told (1.7 milder to 1.7 harder a month)"),
    ],
)
def test_a_trend_that_may_be_none_is_no_change(value, low, high, expected):
    assert words.trend(Trend(30, value, low, high)) == expected


def test_who_is_surely_harder_or_milder_stands_apart():
    people = [reviewer(1, 3.3, 1.7, 4.9), reviewer(2, -2.9, -4.7, -1.1), reviewer(3, 0.4, -1, 2)]
    assert [one.id for one in Judged(people, 90, NINE.date()).apart] == [1, 2]
