"""Forecasts of made-up centres whose course is known, reckoned by hand or by simulation."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.forecast import backtest, bands, intraday, profile, scores, totals
from scheduling.forecast.days import Day, known
from scheduling.forecast.history import History, from_counts
from scheduling.forecast.methods import MEAN, MEDIAN, NAIVE, USUAL, blended

MONDAY = date(2026, 1, 5)
DAY = timedelta(days=1)


def dates(count, since=MONDAY):
    return [since + number * DAY for number in range(count)]


def days(count, since=MONDAY, **named):
    holidays = {date.fromisoformat(day.replace("_", "-")): name for day, name in named.items()}
    return known(dates(count, since), holidays)


# What a calendar knows.


def test_days_around_holidays_are_known_for_what_they_are():
    """Thursday the 14th is off: the day before, the bridge of Friday, and Monday after."""
    found = known(dates(14, date(2026, 5, 4)), {date(2026, 5, 14): "Ascension"})
    said = {
        day.date.day: (day.holiday, day.before, day.after, day.bridge)
        for day in found
        if not day.is_plain
    }
    assert said == {
        13: ("", True, False, False),
        14: ("Ascension", False, False, False),
        15: ("", False, True, True),
    }


def test_a_holiday_on_a_monday_makes_the_friday_before_and_the_tuesday_after_it_special():
    found = known(dates(12, date(2026, 5, 21)), {date(2026, 5, 25): "Whit Monday"})
    assert [day.date.day for day in found if day.before] == [22]
    assert [day.date.day for day in found if day.after] == [26]
    assert not any(day.bridge for day in found)


# Totals of days.


def test_a_week_that_always_goes_alike_is_told_as_it_is():
    week = np.array([1000.0, 900, 800, 850, 950, 300, 200])
    seen = days(70)
    found = totals.forecast(seen, np.tile(week, 10), days(7, MONDAY + 70 * DAY))
    # A little nearer to each other: a weekday is held back by a third of a day.
    assert found == pytest.approx(week, rel=0.05)


def test_a_holiday_that_was_never_seen_is_like_the_quietest_day_of_the_week():
    week = np.array([1000.0, 1000, 1000, 1000, 1000, 300, 100])
    ahead = days(7, MONDAY + 70 * DAY, **{"2026_03_18": "Founders"})
    found = totals.forecast(days(70), np.tile(week, 10), ahead)
    assert found[2] == pytest.approx(100, rel=0.1)
    assert found[3] == pytest.approx(1000, rel=0.25)  # the day after: nobody knows yet


def test_holidays_that_were_seen_are_believed():
    week = np.tile([1000.0, 1000, 1000, 1000, 1000, 300, 100], 20)
    off = [10, 31, 52, 73, 94, 115]
    week[off] = 500.0
    named = {MONDAY + number * DAY: "Off" for number in (*off, 143)}
    seen, ahead = known(dates(140), named), known(dates(7, MONDAY + 140 * DAY), named)
    found = totals.forecast(seen, week, ahead)
    assert 300 < found[3] < 520


def with_closed_holidays():
    """Twelve weeks of 600 a day, 300 on Saturdays and 100 on Sundays, of which four Mondays are
    holidays on which nobody calls; and the week after, of which Tuesday is one."""
    week = np.tile([600.0, 600, 600, 600, 600, 300, 100], 12)
    off = [14, 28, 49, 63]
    week[off] = 0
    named = {MONDAY + number * DAY: "Off" for number in (*off, 85)}
    return known(dates(84), named, {6}), week, known(dates(7, MONDAY + 84 * DAY), named, {6})


def test_holidays_on_which_nobody_calls_make_no_other_day_quieter():
    """Sundays are what Sundays were, and the eve of a holiday is no more than a Monday."""
    seen, week, ahead = with_closed_holidays()
    found = totals.forecast(seen, week, ahead)
    assert ahead[0].before
    assert found[[0, 2, 3, 4, 5, 6]] == pytest.approx([600, 600, 600, 600, 300, 100], rel=0.08)
    assert found[1] < 20
    assert np.abs(totals.surprises(seen, week)[[day.is_plain for day in seen]]).max() < 1


def test_after_a_holiday_that_was_quieter_than_was_known_the_level_is_what_it_was():
    week = np.tile([600.0, 600, 600, 600, 600, 300, 100], 12)[:-6]
    week[-1] = 0
    named = {MONDAY + 77 * DAY: "The first"}
    seen, ahead = known(dates(78), named, {6}), known(dates(7, MONDAY + 78 * DAY), named, {6})
    found = totals.forecast(seen, week, ahead)
    assert found == pytest.approx([600, 600, 600, 600, 300, 100, 600], rel=0.08)


def test_a_level_that_rose_is_followed_and_comes_back_slowly():
    flat = np.full(70, 1000.0)
    flat[-5:] = 1200
    found = totals.forecast(days(70), flat, days(40, MONDAY + 70 * DAY))
    assert 1050 < found[0] < 1250
    assert found[0] > found[20] > found[39]


def test_few_calls_are_told_by_their_mean_and_not_by_that_of_their_logarithms():
    """A day in three has a call."""
    chance = np.random.default_rng(3)
    came = chance.poisson(1 / 3, 210).astype(float)
    found = totals.forecast(days(210), came, days(28, MONDAY + 210 * DAY))
    assert found.mean() == pytest.approx(came.mean(), rel=0.35)


def test_of_nothing_nothing_is_expected():
    assert totals.forecast([], np.array([]), days(3)).tolist() == [0, 0, 0]
    assert totals.forecast(days(5), np.zeros(5), days(3)).tolist() == [0, 0, 0]


# Courses of days.


def two_courses(count):
    """Weekdays in a hill, weekends in the evening; 4 of 6 intervals are ever open."""
    hill, evening = np.array([0, 1, 4, 2, 1, 0]) / 8, np.array([0, 0, 0, 1, 3, 0]) / 4
    seen = days(count)
    calls = [400 * (evening if day.weekday > 4 else hill) for day in seen]
    return from_counts(seen, np.array(calls)), hill, evening


def test_weekdays_and_weekends_have_courses_of_their_own():
    history, hill, evening = two_courses(56)
    found = profile.forecast(history, days(7, MONDAY + 56 * DAY))
    assert found.sum(axis=1) == pytest.approx(np.ones(7))
    assert found[0] == pytest.approx(hill, abs=0.03)
    assert found[6] == pytest.approx(evening, abs=0.03)
    # What was never open stays closed, and is not smoothed over.
    assert not found[:, [0, 5]].any()


def test_noise_of_a_weekday_is_not_taken_for_its_course():
    chance = np.random.default_rng(1)
    course = np.array([1, 3, 6, 8, 6, 4, 3, 2, 1, 1]) / 35
    seen = days(35)
    calls = chance.poisson(60 * course, (35, 10)).astype(float)
    found = profile.forecast(from_counts(seen, calls), days(7, MONDAY + 35 * DAY))
    own = np.array([calls[day::7].sum(axis=0) / calls[day::7].sum() for day in range(7)])
    assert np.abs(found - course).mean() < np.abs(own - course).mean()


# Methods.


def test_the_naive_forecast_is_the_same_weekday_of_the_last_week_that_has_it():
    seen = [day for day in days(15) if day.date != MONDAY + 9 * DAY]  # one Wednesday is missing
    calls = np.array([[float((day.date - MONDAY).days)] for day in seen])
    found = NAIVE.forecast(from_counts(seen, calls), days(7, MONDAY + 15 * DAY))
    # Tuesday, Wednesday of the week before, ..., and Monday, which is the last day known.
    assert found[:, 0].tolist() == [8, 2, 10, 11, 12, 13, 14]


def test_means_leave_out_what_was_special_and_holidays_are_a_share_of_them():
    seen = days(70, **{"2026_02_04": "Off"})
    calls = np.full((70, 2), 50.0)
    calls[30] = 10  # Wednesday the 4th of February
    calls[29] = calls[31] = 500  # before and after it
    history = from_counts(seen, calls)
    ahead = days(7, MONDAY + 70 * DAY, **{"2026_03_18": "Off"})
    for method in (MEAN, MEDIAN):
        found = method.forecast(history, ahead)
        assert found[0] == pytest.approx([50, 50])
        # 20 of 100 were seen, beside half of a usual day, which has 8,720 / 70 calls.
        usual = 8720 / 70
        assert found[2].sum() == pytest.approx(100 * (20 + usual / 2) / (100 + usual))


def test_a_weekday_of_which_no_day_is_known_is_like_all_days():
    """The only Sunday was kept out: what it had is not known, and is not nothing."""
    calls, there = np.full((13, 2), 50.0), np.ones((13, 2))
    calls[6] = there[6] = 0
    found = MEAN.forecast(History(days(13), calls, there), days(1, MONDAY + 13 * DAY))
    assert found[0] == pytest.approx([50, 50])


@pytest.mark.parametrize("method", [NAIVE, MEAN, MEDIAN, USUAL])
def test_a_clock_that_was_set_changes_no_rate(method):
    """At one Sunday an hour was skipped, at another one was there twice, with twice the calls."""
    seen, calls, there = days(70), np.full((70, 24), 10.0), np.ones((70, 24))
    there[41, 2], calls[41, 2] = 0, 0
    there[62, 2], calls[62, 2] = 2, 20
    found = method.forecast(History(seen, calls, there), days(7, MONDAY + 70 * DAY))
    assert found[:, 2] == pytest.approx(np.full(7, 10.0), rel=0.05)


def test_a_day_that_was_open_in_part_says_how_a_whole_one_would_have_been():
    seen, calls, there = days(63), np.full((63, 10), 20.0), np.ones((63, 10))
    there[62, 4:], calls[62, 4:] = 0, 0  # today, until noon
    found = USUAL.forecast(History(seen, calls, there), days(7, MONDAY + 63 * DAY))
    assert found == pytest.approx(np.full((7, 10), 20.0), rel=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(21, 90), st.sampled_from([0.0, 0.02, 1.0, 80.0]))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_whatever_came_a_forecast_is_a_number_of_calls(seed, count, rate):
    chance = np.random.default_rng(seed)
    calls = chance.poisson(rate, (count, 12)).astype(float)
    there = (chance.random((count, 12)) < 0.9).astype(float)
    history = History(days(count), calls * there, there)
    every = [NAIVE, MEAN, MEDIAN, USUAL, blended([NAIVE, USUAL])]
    for method in every:
        found = method.forecast(history, days(30, MONDAY + count * DAY))
        assert found.shape == (30, 12)
        assert np.isfinite(found).all()
        assert (found >= 0).all()


# How sure they are.


@pytest.mark.parametrize(
    ("count", "level", "own"),
    [(39, 0.95, True), (38, 0.95, False), (9, 0.8, True), (8, 0.8, False)],
)
def test_so_many_days_are_enough_for_a_band(count, level, own):
    """Of 39 days the largest error has the rank of 39 / 40, which is 97.5 %."""
    errors = np.arange(count, dtype=float)[:, None] - count / 2
    found = bands.tails(errors, level)
    assert found.own is own
    if own and count == 39:
        assert (found.low, found.high) == (errors.min(), errors.max())


def test_a_day_counts_as_one_however_many_intervals_it_has():
    errors = np.full((10, 100), np.nan)
    errors[:9, 0] = np.arange(9)
    errors[9] = 1000.0
    assert bands.tails(errors, 0.6).high < 1000


def test_bands_hold_as_often_as_they_say_also_where_days_share_their_luck():
    """Simulated: days are 15 % up or down as a whole, and calls come by chance within them."""
    chance = np.random.default_rng(5)
    count, course = 240, np.array([5.0, 20, 60, 80, 50, 20])
    factor = np.exp(0.15 * chance.standard_normal((count, 1)))
    history = from_counts(days(count), chance.poisson(course * factor).astype(float))
    made = backtest.run(MEAN, history, range(14, count), 2)
    sure = bands.rolled(made)
    late = made.origins >= 80
    for level in bands.LEVELS:
        held = scores.covers(made.actual()[late], sure.low[level][late], sure.high[level][late])
        assert held == pytest.approx(level, abs=0.035)
    poisson = np.abs(made.actual() - made.expected)[late] <= 1.2816 * np.sqrt(made.expected[late])
    told = ~np.isnan(made.actual()[late])
    assert poisson[told].mean() < 0.68  # chance of single calls alone says too little


def test_a_band_is_of_errors_that_were_known_when_it_was_told():
    """What comes later changes no band that was told."""
    chance = np.random.default_rng(2)
    calls = chance.poisson(40, (90, 4)).astype(float)
    before = bands.rolled(backtest.run(MEAN, from_counts(days(90), calls), range(14, 60), 7))
    calls[60:] *= 9
    after = bands.rolled(backtest.run(MEAN, from_counts(days(90), calls), range(14, 60), 7))
    for level in bands.LEVELS:
        assert np.array_equal(before.low[level], after.low[level], equal_nan=True)
        assert np.array_equal(before.high[level], after.high[level], equal_nan=True)


# The rest of a day.


def a_past(shared, seed=4, count=120):
    """Days whose intervals share so much of their luck."""
    chance = np.random.default_rng(seed)
    expected = np.tile([20.0, 40, 80, 80, 60, 40, 20], (count, 1))
    factor = np.exp(shared * chance.standard_normal((count, 1)))
    return expected, chance.poisson(expected * factor).astype(float)


def test_where_days_go_as_they_began_the_beginning_is_believed():
    name, update = intraday.learned(*a_past(0.3))
    assert name == "fading"
    expected = np.array([20.0, 40, 80, 80, 60, 40, 20])
    rest = update.rest(expected, 1.3 * expected, 3)
    assert rest == pytest.approx(1.3 * expected[3:], rel=0.08)


def test_where_a_beginning_is_luck_it_changes_nothing():
    _name, update = intraday.learned(*a_past(0.0))
    expected = np.array([20.0, 40, 80, 80, 60, 40, 20])
    came = 1.3 * expected
    assert update.rest(expected, came, 2) == pytest.approx(expected[2:], rel=0.06)
    assert intraday.Trade().rest(expected, came, 2) == pytest.approx(came[2:])


def test_of_few_days_nothing_is_learned():
    expected, actual = a_past(0.3, count=9)
    assert intraday.learned(expected, actual)[0] == "unmoved"


# Scores.


def test_scores_by_hand():
    actual, expected = np.array([10.0, 20, np.nan, 0]), np.array([12.0, 15, 9, 1])
    assert scores.wape(actual, expected) == pytest.approx(8 / 30)
    assert scores.bias(actual, expected) == pytest.approx(-2 / 30)
    assert scores.covers(actual, expected - 1, expected + 2) == pytest.approx(1 / 3)
    assert scores.wape(np.zeros(2), np.ones(2)) is None
    assert scores.covers(np.array([np.nan]), np.zeros(1), np.ones(1)) is None


def test_a_history_is_of_days_in_order():
    with pytest.raises(ValueError, match="in order"):
        from_counts([Day(MONDAY), Day(MONDAY)], np.ones((2, 3)))
    with pytest.raises(ValueError, match="same days"):
        from_counts([Day(MONDAY)], np.ones((2, 3)))
