"""Figures as people read them. Expected words are worked by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.template import Context, Template
from django.utils.translation import override

from ccm.templatetags import figures

# A figure and its unit are held together by a no-break space.
NBSP = "\u00a0"
NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.814, "81.4 %"),
        (0.0, "0.0 %"),
        (1, "100.0 %"),
        (0.8145, "81.5 %"),  # a half goes up
        (0.2845, "28.5 %"),  # also where 0.2845 * 100 is 28.449999999999996 in floats
        (66 / 74, "89.2 %"),
        (-0.0381, "−3.8 %"),
        (-0.0004, "0.0 %"),  # no negative zero
        (Decimal("0.9995"), "100.0 %"),
        (np.float64(0.814), "81.4 %"),
        (12.5, "1,250.0 %"),
    ],
)
def test_a_fraction_is_shown_in_percent(value, words):
    assert figures.percent(value) == words.replace(" ", NBSP)


def test_percent_takes_the_decimals_it_is_asked_for():
    assert figures.percent(0.8, 0) == f"80{NBSP}%"
    assert figures.percent(0.825, 0) == f"83{NBSP}%"
    assert figures.percent(0.114791, 2) == f"11.48{NBSP}%"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0:00"),
        (0.5, "0:01"),  # a half goes up
        (0.49, "0:00"),
        (44.0909, "0:44"),
        (59.5, "1:00"),
        (102, "1:42"),
        (3599.4, "59:59"),
        (3599.6, "1:00:00"),
        (1002 * 3600 + 47 * 60 + 31, "1,002:47:31"),
        (3723, "1:02:03"),
        (90_061, "25:01:01"),  # hours go on: a day is no unit of waiting
        (-38, "−0:38"),
        (-0.4, "0:00"),
        (Decimal("286.5"), "4:47"),
    ],
)
def test_seconds_are_shown_as_a_clock(seconds, words):
    assert figures.clock(seconds) == words


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (86_399, "seconds", "23:59:59"),
        (86_400, "seconds", "24.0 h"),
        (22_092_960, "seconds", "6,136.9 h"),  # 6136:56:00
        (None, "seconds", figures.DASH),
        (1284, "count", "1,284"),
    ],
)
def test_a_sum_of_time_of_a_day_and_more_is_told_in_hours(value, unit, words):
    assert figures.summed(value, unit).replace("\N{NO-BREAK SPACE}", " ") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (412, "412"),
        (1284, "1,284"),
        (1_234_567, "1,234,567"),
        (-1284, "−1,284"),
        (12.25, "12.3"),  # calls per agent: one decimal, a half goes up
        (2**53 + 1, "9,007,199,254,740,993"),
    ],
)
def test_counts_are_grouped(value, words):
    assert figures.count(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.038, "0.038"),
        (0.0384, "0.038"),
        (0.04, "0.040"),
        (0.0996, "0.10"),
        (0.1, "0.1"),
        (0.38, "0.4"),
        (-0.0123, "−0.012"),
        (0.0, "0.0"),
        (1e-17, "0.0"),  # what is left of a subtraction
        (np.float64(0.00512), "0.0051"),
    ],
)
def test_a_rate_below_a_tenth_is_shown_with_two_digits_that_say_something(value, words):
    assert figures.figure(value, "count") == words
    assert figures.parts(value, "count") == (words, "")
    assert figures.big_figure(value, "count") == words


def test_separators_follow_the_language_of_the_reader():
    with override("de"):
        assert figures.count(1284) == "1.284"
        assert figures.percent(0.814) == f"81,4{NBSP}%"


@pytest.mark.parametrize("nothing", [None, "", float("nan"), float("inf")])
@pytest.mark.parametrize("unit", ["count", "seconds", "fraction", "score", "points"])
def test_no_value_is_a_dash_and_never_nought(nothing, unit):
    assert figures.figure(nothing, unit) == "–"
    assert figures.big_figure(nothing, unit, "/5") == "–"


@pytest.mark.parametrize(
    ("value", "unit", "words", "big"),
    [
        (1284, "count", "1,284", "1,284"),
        (326.4, "seconds", "5:26", "5:26"),
        (0.814, "fraction", "81.4 %", "81.4<small>%</small>"),
        (3.4036, "score", "3.40", "3.40<small>/5</small>"),
        (-0.1234, "points", "−12.3 pts", "−12.3<small>pts</small>"),
    ],
)
def test_a_figure_is_shown_in_its_unit(value, unit, words, big):
    assert figures.figure(value, unit) == words.replace(" ", NBSP)
    assert figures.big_figure(value, unit, "/5" if unit == "score" else "") == big


def test_a_figure_of_no_known_unit_is_an_error():
    with pytest.raises(ValueError, match="furlongs"):
        figures.figure(3, "furlongs")


def test_what_stands_beside_a_figure_is_text():
    assert "<i>" not in figures.big_figure(4.3, "score", "<i>5")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s ago"),  # two clocks differ
        (0, "0 s ago"),
        (12.9, "12 s ago"),
        (59, "59 s ago"),
        (60, "1 min ago"),
        (119, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_399, "23 h ago"),
        (86_400, "1 d ago"),
        (400 * 86_400, "400 d ago"),
    ],
)
def test_age_is_said_in_its_largest_unit(seconds, words):
    assert figures.age(NOON - timedelta(seconds=seconds), NOON) == words.replace(" ", NBSP)


def test_no_moment_has_no_age():
    assert figures.age(None, NOON) == "–"
    assert figures.local_time(None, "Europe/London") == "–"


def test_a_time_is_that_of_its_site_and_names_the_zone():
    # Clocks in Leeds went forward at 01:00 UTC that morning: noon UTC is 13:00 there.
    leeds = figures.local_time(NOON, "Europe/London", "H:i:s")
    assert leeds == (
        '<time datetime="2026-03-29T13:00:00+01:00" title="Europe/London">13:00:00</time>'
    )
    before = figures.local_time(NOON - timedelta(hours=12), ZoneInfo("Europe/London"))
    assert '+00:00" title="Europe/London">00:00</time>' in before
    # Lord Howe's half-hour: summer time there, eleven hours ahead, until 5 April.
    assert ">23:00<" in figures.local_time(NOON, "Australia/Lord_Howe")
    assert ">22:30<" in figures.local_time(NOON + timedelta(days=7), "Australia/Lord_Howe")


def test_a_time_that_the_clock_shows_twice_has_its_offset_beside_it():
    """Clocks in London went back from 02:00 to 01:00 at 01:00 UTC of 26 October 2025; those of Lord
    Howe by half an hour, at 15:00 UTC of 5 April 2025, from 02:00 to 01:30."""
    half_past = [datetime(2025, 10, 26, hour, 31, tzinfo=UTC) for hour in (0, 1, 2)]
    words = [figures.local_time(one, "Europe/London", "H:i:s") for one in half_past]
    told = ["01:31:00 BST", "01:31:00 GMT", "02:31:00"]
    assert [f">{one}<" in shown for one, shown in zip(told, words, strict=True)] == [True] * 3
    assert ">26 Oct 2025 01:31 BST<" in figures.local_time(
        half_past[0], "Europe/London", "j M Y H:i"
    )
    # A day alone is no time that comes twice.
    assert ">26 Oct<" in figures.local_time(half_past[0], "Europe/London", "j M")
    before = figures.local_time(datetime(2025, 4, 5, 14, 45, tzinfo=UTC), "Australia/Lord_Howe")
    after = figures.local_time(datetime(2025, 4, 5, 15, 15, tzinfo=UTC), "Australia/Lord_Howe")
    assert ">01:45 UTC+11:00<" in before
    assert ">01:45 UTC+10:30<" in after


def test_the_age_words_of_the_script_are_those_of_the_server():
    block = figures.age_words()
    assert block.startswith('<script id="age-words" type="application/json">')
    assert '[60, "{n} min ago"]' in block


def test_a_figure_as_json_cannot_end_its_own_block():
    block = figures.json_block('{"name": "</script><b>&"}', "c-figure")
    assert block.count("</script>") == 1
    assert r'"\u003C/script\u003E\u003Cb\u003E\u0026"' in block


def test_filters_are_there_for_templates():
    page = Template(
        "{% load figures %}{{ a|percent }} {{ b|clock }} {{ c|count }}"
        " {{ d|figure:'fraction' }} {{ gone|percent }}"
    )
    words = page.render(Context({"a": 0.5, "b": 75, "c": 1000, "d": None}))
    assert words == f"50.0{NBSP}% 1:15 1,000 – –"


def paths(svg: str, kind: str) -> list[str]:
    """The drawn paths of one kind, as a reader of the SVG would list them."""
    return [part.split('"')[0] for part in svg.split(f'<path class="spark-{kind}" d="')[1:]]


def test_a_sparkline_runs_from_left_to_right_and_low_is_down():
    svg = figures.sparkline([0, 5, 10])
    # The box is 200 by 34 with 3 at top and bottom: 0 lies at 31, 10 at 3.
    assert paths(svg, "line") == ["M0.0,31.0L100.0,17.0L200.0,3.0"]
    assert 'aria-hidden="true"' in svg


def test_a_missing_value_is_a_gap_and_a_lone_one_a_dot():
    svg = figures.sparkline([1, 2, None, 3, None, None, 1, 1])
    assert [line.count("L") for line in paths(svg, "line")] == [1, 0, 1]
    assert paths(svg, "line")[1].endswith("h0")


def test_the_target_is_in_the_picture():
    svg = figures.sparkline([4, 4], target=10)
    assert paths(svg, "target") == ["M0.0,3.0L200.0,3.0"]
    assert paths(svg, "line") == ["M0.0,31.0L200.0,31.0"]


def test_a_target_that_changes_is_a_step_halfway_between_two_values():
    svg = figures.sparkline([5, 5, 5], target=[0, 0, 10])
    assert paths(svg, "target") == ["M0.0,31.0L100.0,31.0L150.0,31.0L150.0,3.0L200.0,3.0"]
    began = figures.sparkline([5, 5, 5], target=[None, 10, 10])
    assert paths(began, "target") == ["M100.0,3.0L200.0,3.0"]


def test_a_target_of_one_value_alone_is_a_stroke_halfway_to_those_beside_it():
    """Of three values, at 0, 100 and 200: one from the last on, and one of the middle."""
    last = figures.sparkline([5, 5, 5], target=[None, None, 10])
    assert paths(last, "target") == ["M150.0,3.0L200.0,3.0"]
    middle = figures.sparkline([5, 5, 5], target=[None, 10, None])
    assert paths(middle, "target") == ["M50.0,3.0L150.0,3.0"]


@pytest.mark.parametrize("values", [[], [None, None], [float("nan")]])
def test_a_sparkline_of_nothing_keeps_its_place_and_draws_nothing(values):
    svg = figures.sparkline(values)
    assert "<svg" in svg
    assert "<path" not in svg


def test_a_level_line_lies_in_the_middle():
    assert paths(figures.sparkline([7, 7]), "line") == ["M0.0,17.0L200.0,17.0"]


@pytest.mark.parametrize(
    ("milliseconds", "words"), [(0, "0.0"), (5_400_000, "1.5"), (4_500_000_000, "1,250.0")]
)
def test_hours_of_milliseconds(milliseconds, words):
    assert figures.hours(milliseconds) == words


@pytest.mark.parametrize(
    ("value", "unit", "number"),
    [
        (0.7625, "fraction", "0.763"),
        (10 / 11, "fraction", "0.909"),
        (-0.0204, "points", "-0.020"),
        (573.5, "seconds", "574"),
        (4.235, "score", "4.24"),
        (12, "count", "12"),
        (3.25, "count", "3.3"),
        (0.03844, "count", "0.038"),
        (1.005, "money", "1.01"),
    ],
)
def test_the_number_that_is_shown_is_the_one_that_is_written(value, unit, number):
    assert str(figures.shown(value, unit)) == number
    # Written itself it is the same; of counts only what is no decimal has decimals.
    again = float(number) if unit == "count" and "." in number else figures.shown(value, unit)
    assert figures.figure(again, unit) == figures.figure(value, unit)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0 s"),
        (59.6, "1 min 0 s"),
        (3048, "50 min 48 s"),
        (3599, "59 min 59 s"),
        (7140, "1 h 59 min"),
        (7199, "2 h 0 min"),
        (7_236_000, "2,010 h 0 min"),
    ],
)
def test_how_long_something_lasted_is_told_with_its_units(seconds, words):
    assert figures.lasting(seconds).replace("\xa0", " ") == words
