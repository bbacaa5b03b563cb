"""The chart of scores by month."""

import json
from datetime import date

import pytest

from qa.insight import drawn
from qa.insight.told import Line, Month
from qa.insight.weighted import Mean, Rate

MONTHS = [date(2026, 3, 1), date(2026, 4, 1)]


def a_team(name, reviews):
    line = Line(None, name, Mean(reviews, 5, 0.8), Rate(reviews, 0))
    return Month(None, name, reviews, dict.fromkeys(MONTHS, line))


@pytest.mark.parametrize(
    ("place", "many", "expected"),
    [(0, 1, 0), (0, 2, -0.05), (1, 2, 0.05), (0, 6, -0.25), (5, 6, 0.25), (7, 8, 0.2625)],
)
def test_points_of_teams_stand_beside_each_other_and_near_their_month(place, many, expected):
    assert drawn.beside(place, many) == pytest.approx(expected)


def test_the_teams_with_the_most_reviews_are_drawn_in_the_order_of_the_table():
    teams = [a_team(f"Team {number}", 20 + number) for number in range(10)]
    found = drawn.trend(teams, MONTHS)
    assert [name for _tone, name in found["legend"]] == [
        f"Team {number}" for number in range(2, 10)
    ]
    first = json.loads(found["json"])["data"][0]
    assert first["x"] == [-0.263, 0.738]  # each 3.5 x .075 before its month


def test_one_month_makes_no_line():
    assert drawn.trend([a_team("North", 20)], MONTHS[:1]) is None
