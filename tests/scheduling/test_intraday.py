"""A day that has begun, in numbers: what came, what is left by each way, and how each would do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ccm.intervals import Calendar
from scheduling.forecast import choosing
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.days import Day
from scheduling.forecast.history import History
from scheduling.forecast.intraday import ByHour, Fading, Unmoved
from scheduling.forecast.methods import NAIVE
from scheduling.intraday import trials, weights
from scheduling.intraday.day import Begun, Face
from scheduling.intraday.learning import asked_daily, past_days
from scheduling.intraday.reads import Reach, end_of, known_intervals
from scheduling.intraday.trials import Trial, believed_from, known_after, tried
from scheduling.known.past import grid

OPEN = np.array([0.0, 1, 1, 1, 1, 0])
EXPECTED = np.array([0.0, 10, 20, 30, 40, 0])


def begun(known, came=(0, 15, 0, 0, 0, 0), update=None, is_open=OPEN):
    return Begun(EXPECTED, is_open, np.array(came, float), known, update or Unmoved())


@pytest.mark.parametrize(
    ("known", "face"),
    [
        (0, Face.BEFORE),
        (1, Face.BEFORE),  # what is over was closed
        (2, Face.RUNNING),
        (4, Face.RUNNING),
        (5, Face.OVER),
        (6, Face.OVER),
    ],
)
def test_a_day_runs_from_its_first_open_interval_that_is_over_to_its_last(known, face):
    assert begun(known).face == face
    assert begun(known, is_open=np.zeros(6)).face == Face.CLOSED


def test_the_full_ratio_multiplies_what_is_left_and_ours_less():
    """15 came of 10: half as many more. Days that differ by a third of their calls, as often as
    luck of ten calls does, are believed by half."""
    half_believed = ByHour([Fading(0.1, 1.0, np.ones(6))], [0] * 6)
    day = begun(2, update=half_believed)
    assert (day.came_so_far, day.expected_so_far) == (15, 10)
    assert day.morning() == pytest.approx([20, 30, 40, 0])
    assert day.trade() == pytest.approx([30, 45, 60, 0])
    assert day.updated() == pytest.approx([25, 37.5, 50, 0])


def test_where_nothing_was_expected_yet_the_rest_is_as_it_was():
    day = begun(1, came=(9, 0, 0, 0, 0, 0), update=ByHour([Fading(0.1, 1.0, np.ones(6))], [0] * 6))
    assert day.updated() == pytest.approx([10, 20, 30, 40, 0])


@pytest.mark.parametrize(
    "way",
    [
        ("unmoved", Unmoved()),
        (
            "fading",
            ByHour(
                [Fading(0.1, 0.7, np.arange(1.0, 7)), Fading(0.2, 1.0, np.full(6, 1 / 0.7))],
                [-1, 0, 1, 0, 0, -1],
            ),
        ),
    ],
)
def test_a_way_that_was_kept_tells_what_it_told(way):
    name, update = way
    again = weights.unpacked(name, weights.packed(update))
    assert type(again) is type(update)
    came = np.array([0, 15.0, 18, 0, 0, 0])
    for known in range(7):
        told = update.rest(EXPECTED, came, known)
        assert again.rest(EXPECTED, came, known) == pytest.approx(told, abs=1e-3)


# How each way would have done.


def test_a_beginning_that_says_nothing_makes_the_full_ratio_wrong_and_nothing_else():
    """Twelve for ten in the first hour, then as expected: the ratio of 1.2 tells 12 for 10 in each
    of three hours, that of 22 by 20 after the second 11 in each of two."""
    expected = np.full((10, 4), 10.0)
    actual = np.tile([12.0, 10, 10, 10], (10, 1))
    first, second = tried(expected, actual, np.ones((10, 4)), 60)
    assert (first.hours, first.days, first.came) == (1, 10, 300)
    assert (first.morning, first.updated, first.trade) == (0, 0, 60)
    assert (first.whole_morning, first.whole_trade) == (0, 60)
    assert (second.hours, second.came, second.trade) == (2, 200, 20)
    assert first.nearest == second.nearest == "morning"
    assert believed_from([first, second]) is None
    assert first.shares[2] == ("trade", pytest.approx(0.2))


def test_where_whole_days_are_busier_the_update_is_nearer():
    chance = np.random.default_rng(3)
    expected = np.tile([20.0, 40, 60, 60, 40, 30, 20, 10], (80, 1))
    factor = np.exp(0.3 * chance.standard_normal((80, 1)))
    actual = chance.poisson(expected * factor).astype(float)
    found = tried(expected, actual, np.ones((80, 8)), 60)
    assert [one.hours for one in found] == [1, 2, 4, 6]
    for one in found[1:]:
        assert one.updated < 0.9 * one.morning
        assert one.nearest in ("updated", "trade")
    assert believed_from(found) in (1, 2)


def test_off_in_some_intervals_this_way_and_in_others_that_a_rest_may_be_right_as_a_whole():
    expected = np.full((10, 3), 10.0)
    actual = np.tile([10.0, 13, 7], (10, 1))
    [first, _second] = tried(expected, actual, np.ones((10, 3)), 60)
    assert (first.morning, first.whole_morning) == (60, 0)


def test_of_few_days_nothing_is_said():
    assert tried(np.ones((9, 4)), np.ones((9, 4)), np.ones((9, 4)), 60) == []


@pytest.mark.parametrize(
    ("hours", "known"),
    [
        (1, 3),  # opened with the second half hour
        (2, 5),
        (4, None),  # it was closed by then
    ],
)
def test_hours_are_counted_from_opening(hours, known):
    is_open = np.array([0.0, 1, 1, 1, 1, 1, 1, 0])
    assert known_after(is_open, hours, 30) == known
    assert known_after(np.zeros(8), hours, 30) is None


def a_trial(hours, morning, updated, trade):
    return Trial(hours, 10, 100.0, morning, updated, trade, 0.0, 0.0, 0.0)


def test_the_update_is_believed_from_where_it_is_never_worse_again():
    one, two, four = a_trial(1, 10, 9, 30), a_trial(2, 10, 11, 20), a_trial(4, 10, 8, 9)
    assert believed_from([one, two, four]) == 4  # after two hours it was worse
    assert believed_from([one, four]) == 1
    assert believed_from([four, two]) is None
    assert trials.HOURS == (1, 2, 4, 6)


@pytest.mark.parametrize(
    ("off", "nearest"),
    [
        ((100, 99.5, 99.5), "morning"),
        ((100, 90, 89.5), "updated"),
        ((100, 90, 80), "trade"),
        ((100, 120, 98), "trade"),
        ((0, 0, 0), "morning"),
    ],
)
def test_of_two_within_a_hundredth_the_plainer_is_the_nearest(off, nearest):
    assert a_trial(1, *off).nearest == nearest


def test_past_days_are_those_that_were_forecast_open_and_over():
    """Origins after 3, 4 and 11 days of a history of twelve, of which the fifth was closed; and one
    at its end, whose day is yet to come."""
    days = tuple(Day(date(2026, 1, 5 + place)) for place in range(12))
    is_open = np.ones((12, 2))
    is_open[4] = 0
    history = History(days, np.arange(24.0).reshape(12, 2) * is_open, is_open)
    asked = Backtest(history, np.array([3, 4, 11, 12]), np.full((4, 1, 2), 5.0))
    expected, actual, there = past_days(asked)
    assert actual.tolist() == [[6, 7], [22, 23]]
    assert expected.tolist() == [[5, 5], [5, 5]]
    assert len(there) == 2


def test_each_day_is_told_of_what_was_known_the_day_before():
    """Ten calls more each day; the naive says what came a week before."""
    days = tuple(Day(date(2026, 1, 5) + timedelta(days=place)) for place in range(30))
    calls = np.repeat(10.0 * np.arange(1, 31)[:, None], 2, axis=1)
    chosen = choosing.given(History(days, calls, np.ones((30, 2))), NAIVE)
    expected, actual, _there = past_days(asked_daily(chosen))
    # The first week has none before, but the last known day stands in; the first day nothing.
    assert len(actual) == 29
    assert (actual - expected)[7:].tolist() == [[70.0, 70.0]] * 22
    assert (actual - expected)[0].tolist() == [10, 10]


# What is over.

BERLIN = Calendar(ZoneInfo("Europe/Berlin"))


def at(hour, minute=0, day=25, month=10):
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "known"),
    [
        (at(23, 59, 24), 3),  # 1:59 in summer time
        (at(0), 4),
        (at(1), 4),  # the clock shows 2:00 again: that half hour comes once more
        (at(1, 29), 4),
        (at(1, 30), 5),
        (at(2), 6),
        (at(23), 48),
        (at(12, 0, 23), 0),  # the record ends on a day before
        (None, 0),
    ],
)
def test_an_interval_that_the_clock_shows_twice_is_over_after_the_second(until, known):
    on = grid(date(2026, 10, 25), date(2026, 10, 25), BERLIN, 30)
    assert known_intervals(on, until) == known


def test_an_hour_that_the_clock_skips_is_over_when_the_next_begins():
    on = grid(date(2026, 3, 29), date(2026, 3, 29), BERLIN, 30)
    assert known_intervals(on, at(0, 59, 29, 3)) == 3
    assert known_intervals(on, at(1, 0, 29, 3)) == 6
    assert end_of(on, 6) == at(1, 0, 29, 3)


def test_a_day_that_begins_at_six_counts_from_there():
    on = grid(date(2026, 7, 1), date(2026, 7, 1), Calendar(ZoneInfo("Europe/Berlin"), 6), 60)
    # 3:00 on the clock, of the next date, is its twenty-second hour.
    assert known_intervals(on, datetime(2026, 7, 2, 1, 0, tzinfo=UTC)) == 21
    assert end_of(on, 0) == datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("newest", "heard", "behind", "until"),
    [
        (at(11), None, None, at(11)),  # read from a file that ends there
        (at(11), at(12), None, at(11, 59)),  # heard just now: quiet, not silent
        (at(12), at(12), None, at(11, 59)),  # a call takes a moment to be written
        (at(12), at(12), at(11, 40), at(11, 40)),  # its counts lag
        (None, at(12), None, None),
    ],
)
def test_the_record_reaches_as_far_as_it_was_heard_and_counted(newest, heard, behind, until):
    assert Reach(at(12), newest, heard, behind).until == until
