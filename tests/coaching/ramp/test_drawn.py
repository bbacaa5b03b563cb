"""What the chart of the ramp curve draws."""

import json
from dataclasses import replace

from coaching.ramp import drawn
from coaching.ramp.curve import Point
from coaching.ramp.reads import Shown, Side
from kpis.measures import Value
from tests.builders import JANUARY


def a_point(number, middle, n):
    return Point(number=number, reached=n, n=n, middle=middle, low=500.0, high=620.0)


def test_a_median_of_few_is_a_pale_point_and_marks_are_whole_minutes_about_the_curve():
    points = [a_point(1, 700.0, 5), a_point(2, 640.0, 4), a_point(3, 610.0, 6)]
    new = Side(JANUARY, JANUARY, 6, points, Value(None, 0), None)
    made = json.loads(drawn.chart(Shown(new, replace(new, points=[]), []))["json"])
    named = [one for one in made["data"] if one["name"] == "New"]
    known, few = (list(one["hovertext"]) for one in named)
    assert known == ["11:40", "–", "10:10"]
    assert few == ["–", "10:40", "–"]
    assert named[1]["mode"] == "markers"
    # From 8:20 to 11:40 by the minute.
    assert made["layout"]["yaxis"]["ticktext"] == ["8:00", "9:00", "10:00", "11:00", "12:00"]
