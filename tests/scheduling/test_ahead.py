"""Which method a queue is forecast by, and what its days to come lie between."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from numpy.random import default_rng

from scheduling.forecast import ahead, backtest, bands, choosing
from scheduling.forecast.backtest import Backtest
from scheduling.forecast.days import known
from scheduling.forecast.history import History, from_counts
from scheduling.forecast.methods import AUTO, MEAN, NAIVE, Method

MONDAY = date(2025, 1, 6)
COURSE = np.array([1.0, 3.0, 2.0, 4.0])
WEEK = np.array([10.0, 9.0, 8.0, 8.0, 9.0, 3.0, 1.0])


def days(many, start=MONDAY):
    return known([start + timedelta(days=number) for number in range(many)], {})


def expected(many, level=1.0):
    return level * WEEK[np.arange(many) % 7][:, None] * COURSE


def a_history(many, seed=1, level=1.0):
    return from_counts(days(many), default_rng(seed).poisson(expected(many, level)).astype(float))


def coming(history, many):
    return days(many, history.days[-1].date + timedelta(days=1))


def told(history, many=28, **more):
    return ahead.forecast(history, coming(history, many), np.ones((many, 4)), **more)


def part_of(one):
    return ahead.Part(one.open, one.intervals.expected, one.made.asked)


def test_a_queue_that_does_the_same_each_week_is_forecast_so():
    found = told(a_history(182, level=20))
    assert found.totals.expected == pytest.approx(expected(28, 20).sum(axis=1), rel=0.08)
    assert found.made.by_trial
    errors = [trial.wape for trial in found.made.trials]
    assert errors == sorted(errors)
    assert found.made.trials[-1].method == "naive"  # which takes one week's luck for the next's


def test_the_method_is_the_one_that_was_nearest():
    """One that knows what comes is chosen, and nothing is blended into it."""
    history = a_history(140)

    def knows(past, asked):
        return history.calls[len(past) : len(past) + len(asked)]

    oracle = Method("oracle", 7, knows)
    chosen = choosing.chosen(history, [NAIVE, oracle, MEAN])
    assert chosen.method.id == "oracle"
    assert chosen.trials[0].wape == 0


def test_two_that_are_wrong_either_way_are_blended():
    history = a_history(140, level=50)

    def times(share):
        return lambda past, asked: share * history.calls[len(past) : len(past) + len(asked)]

    high, low = Method("high", 7, times(1.2)), Method("low", 7, times(0.8))
    chosen = choosing.chosen(history, [high, low])
    assert {*chosen.method.id.split("+")} == {"high", "low"}
    assert chosen.trials[0].wape == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("many", [1, 6, 7, 13, 20, 27])
def test_of_few_days_the_best_that_they_can_tell_is_told(many):
    found = told(a_history(many), many=10)
    assert (found.made.method, found.made.by_trial) == (AUTO, False)
    assert (found.intervals.expected >= 0).all()
    assert not any(found.intervals.own.values())


def test_all_methods_are_asked_on_the_same_weeks():
    found = choosing.chosen(a_history(60))
    assert len({trial.origins for trial in found.trials}) == 1


def test_closed_intervals_have_no_calls_and_lie_between_nothing():
    history = a_history(182)
    is_open = np.ones((14, 4))
    is_open[6], is_open[13, 2] = 0, 0
    found = ahead.forecast(history, coming(history, 14), is_open)
    for banded in (found.intervals.expected, *found.intervals.low.values()):
        assert not banded[6].any()
    for high in found.intervals.high.values():
        assert not high[6].any()
        assert high[13, 2] == 0
        assert high[13, 1] > 0
    assert (found.totals.expected[6], found.totals.high[0.95][6]) == (0, 0)


def test_an_hour_that_comes_twice_has_twice_the_calls():
    history = a_history(182, level=20)
    once, twice = np.ones((7, 4)), np.ones((7, 4))
    twice[3, 1] = 2
    found = [
        ahead.forecast(history, coming(history, 7), one).intervals.expected for one in (once, twice)
    ]
    assert found[1][3, 1] == pytest.approx(2 * found[0][3, 1])


def test_bands_of_days_to_come_hold_as_often_as_they_say():
    """Sixty histories, each with four weeks after it: intervals, days and weeks."""
    held = {name: {0.80: [], 0.95: []} for name in ("intervals", "totals", "weeks")}
    for seed in range(60):
        rng = default_rng(seed)
        moves = rng.gamma(100, 0.01, 210)[:, None]
        came = rng.poisson(expected(210, 20) * moves).astype(float)
        history = from_counts(days(182), came[:182])
        found = told(history, made=choosing.given(history, MEAN))
        after = came[182:]
        actual = {
            "intervals": after,
            "totals": after.sum(axis=1),
            "weeks": after.sum(axis=1).reshape(4, 7).sum(axis=1),
        }
        for name, by_level in held.items():
            banded = getattr(found, name)
            for level, shares in by_level.items():
                within = (actual[name] >= banded.low[level]) & (actual[name] <= banded.high[level])
                shares.append(within.mean())
    for by_level in held.values():
        assert np.mean(by_level[0.80]) == pytest.approx(0.80, abs=0.06)
        assert np.mean(by_level[0.95]) == pytest.approx(0.95, abs=0.04)


def test_a_wider_level_has_wider_bands_and_what_is_expected_lies_within():
    found = told(a_history(182, level=20))
    for banded in (found.intervals, found.totals, found.weeks):
        assert (banded.low[0.95] <= banded.low[0.80] + 1e-9).all()
        assert (banded.high[0.95] >= banded.high[0.80] - 1e-9).all()
    assert len(found.weeks.expected) == 4
    assert found.weeks.expected == pytest.approx(found.totals.expected.reshape(4, 7).sum(axis=1))


def test_further_ahead_than_was_tried_bands_are_as_wide_as_at_the_last():
    """Of a queue that is closed at night and at the weekend, interval by interval."""
    history = a_history(182, level=20)
    there = np.array([[float(day.weekday < 5)] * 2 + [0.0] * 2 for day in history.days])
    history = replace(history, calls=history.calls * there, open=there)
    following = coming(history, 91)
    is_open = np.array([[float(day.weekday < 5)] * 2 + [0.0] * 2 for day in following])
    found = ahead.forecast(history, following, is_open)
    for banded in (found.intervals, found.totals):
        width = banded.high[0.80] - banded.low[0.80]
        assert width[28:33] == pytest.approx(width[21:26], rel=0.3)
        assert width[84:89] == pytest.approx(width[21:26], rel=0.3)


def test_the_further_ahead_the_wider_are_bands_of_a_level_that_drifts():
    """A day has the calls of the day before, and what chance adds: after d days it is off by the
    root of d as much. Days 22 to 28 lie the mean of their roots by that of days 1 to 7 as far."""
    widths, roots = np.zeros(28), np.sqrt(np.arange(1, 29))
    held = []

    def stays(history, asked):
        return np.full((len(asked), 1), history.calls[-1])

    method = Method("stays", 7, stays)
    for seed in range(40):
        level = 10_000 + 50 * np.cumsum(default_rng(seed).standard_normal(210))[:, None]
        history = from_counts(days(182), level[:182])
        found = ahead.forecast(
            history, coming(history, 28), np.ones((28, 1)), choosing.given(history, method)
        )
        low, high = found.totals.low[0.80], found.totals.high[0.80]
        widths += high - low
        held.append(((level[182:, 0] >= low) & (level[182:, 0] <= high)).mean())
    by_week, of_theory = (one.reshape(4, 7).mean(axis=1) for one in (widths, roots))
    assert by_week / by_week[0] == pytest.approx(of_theory / of_theory[0], rel=0.15)
    assert np.mean(held) == pytest.approx(0.80, abs=0.06)


@pytest.mark.parametrize(
    "course",
    [
        np.full(48, 0.1),
        np.full(48, 0.6),
        np.concatenate([np.full(24, 0.05), np.linspace(0.1, 0.8, 24)]),
    ],
    ids=["one in ten", "three in five", "few by night"],
)
def test_bands_of_hardly_any_calls_hold_whole_numbers_as_often_as_they_say(course):
    """Half hours of less than a call each, twelve histories with four weeks after each. Pooled over
    a day: that of its quiet hours more are held than of its busy ones is not made up for."""
    held, above = {0.80: [], 0.95: []}, {0.80: [], 0.95: []}
    for seed in range(12):
        calls = default_rng(seed).poisson(np.tile(course, (210, 1))).astype(float)
        history = from_counts(days(182), calls[:182])
        found = ahead.forecast(
            history, coming(history, 28), np.ones((28, 48)), choosing.given(history, MEAN)
        ).intervals
        for level in held:
            over = calls[182:] > found.high[level]
            held[level].append((~over & (calls[182:] >= found.low[level])).mean())
            above[level].append(over.mean())
    assert 0.75 <= np.mean(held[0.80]) <= 0.87
    assert 0.92 <= np.mean(held[0.95]) <= 0.98
    # Nor is it by what lies below alone, where a band that ends at none misses nothing.
    assert np.mean(above[0.80]) <= 0.13
    assert np.mean(above[0.95]) <= 0.04


def test_a_queue_without_calls_is_forecast_to_have_none():
    history = from_counts(days(120), np.zeros((120, 4)))
    found = told(history, many=7)
    assert not found.intervals.expected.any()
    assert found.totals.high[0.95].max() < 5


def test_days_that_do_not_follow_are_refused():
    history = a_history(60)
    with pytest.raises(ValueError, match="follow"):
        ahead.forecast(history, history.days[-2:], np.ones((2, 4)))
    with pytest.raises(ValueError, match="open"):
        ahead.forecast(history, coming(history, 2), np.ones((3, 4)))


def test_weeks_of_a_back_test_are_its_days_added_up():
    history = a_history(150)
    asked = backtest.run(NAIVE, history, [150 - 7 * back for back in range(6, 0, -1)], 28)
    weeks, _none = ahead._by_week(asked, np.zeros((0, 4)))
    assert isinstance(weeks, Backtest)
    days_sums = np.nansum(asked.actual(), axis=2)
    first = days_sums[0].reshape(4, 7).sum(axis=1)
    assert weeks.actual()[0, :, 0].tolist() == first.tolist()
    assert np.isnan(weeks.actual()[-1, 1:]).all()


def test_a_part_open_interval_is_known_as_if_it_were_whole():
    history = a_history(28, level=20)
    opened = history.open.copy()
    opened[:, 0] = 0.5
    half = replace(history, calls=history.calls * opened, open=opened)
    assert half.rates() == pytest.approx(history.rates())
    assert isinstance(half, History)


def test_calls_of_an_event_move_the_bands_with_them():
    found = told(a_history(182, level=20), many=14)
    more = found.intervals.expected.copy()
    more[2] += 10
    moved = ahead.shifted(found, more)
    assert moved.totals.expected[2] == pytest.approx(found.totals.expected[2] + 40)
    assert moved.totals.high[0.80][2] == pytest.approx(found.totals.high[0.80][2] + 40)
    assert moved.weeks.expected.tolist() == pytest.approx(
        [found.weeks.expected[0] + 40, found.weeks.expected[1]]
    )
    none = ahead.shifted(found, np.zeros_like(more))
    assert (none.totals.low[0.95] >= 0).all()


def test_where_its_own_errors_are_too_few_the_outer_band_borrows_those_of_similar_queues():
    """Thirty days tell no quantile of 97.5 %. Those of a queue whose days move much more do."""
    short, alike = a_history(45, seed=3, level=20), a_history(240, seed=4, level=20)
    wild = from_counts(
        alike.days, alike.calls * default_rng(5).lognormal(0, 0.6, (240, 1)).round(2)
    )
    method = choosing.given(short, MEAN)
    alone = told(short, made=method)
    calm = told(short, made=method, similar=[choosing.given(alike, MEAN).asked])
    with_wild = told(short, made=method, similar=[choosing.given(wild, MEAN).asked])
    assert not any(one.totals.own[0.95] for one in (alone, calm, with_wild))
    width = [one.totals.high[0.95][:7].sum() for one in (alone, calm, with_wild)]
    assert width[2] > width[1]
    # The inner band of a week is of its own errors all the same.
    assert with_wild.totals.high[0.80][:7] == pytest.approx(alone.totals.high[0.80][:7])


def test_a_queue_with_errors_enough_borrows_nothing():
    own, other = a_history(240, seed=6, level=20), a_history(240, seed=7, level=20)
    method = choosing.given(own, MEAN)
    alone, beside = (
        told(own, made=method, similar=similar)
        for similar in ([], [choosing.given(other, MEAN).asked])
    )
    assert beside.totals.high[0.95][:28] == pytest.approx(alone.totals.high[0.95][:28])
    assert beside.totals.own[0.95]


def test_several_queues_as_one_are_expected_to_have_what_they_have_together():
    one, other = a_history(210, seed=8, level=20), a_history(140, seed=9, level=5)
    # Both end on one day.
    other = replace(other, days=one.days[-140:])
    parts = [told(one), told(other)]
    both = ahead.together(parts[0].days, [part_of(one) for one in parts])
    for name in ("intervals", "totals", "weeks"):
        sums = sum(getattr(part, name).expected for part in parts)
        assert getattr(both, name).expected == pytest.approx(sums)
    # Of the weeks in which both were asked, which the shorter history has fewer of.
    asked = both.made.asked
    assert len(asked.history) == 140
    assert asked.actual()[0, 0].sum() == pytest.approx(
        one.calls[-140:][asked.origins[0]].sum() + other.calls[asked.origins[0]].sum()
    )
    # What moves queues by luck of their own moves them less together.
    apart = sum(part.totals.high[0.80] - part.totals.low[0.80] for part in parts)
    width = both.totals.high[0.80] - both.totals.low[0.80]
    assert width[:7].sum() < apart[:7].sum()


def test_queues_whose_histories_end_on_other_days_are_no_one():
    one, other = told(a_history(140)), told(a_history(147))
    with pytest.raises(ValueError, match="one day"):
        ahead.together(one.days, [part_of(one), part_of(other)])


def test_a_method_of_which_nothing_was_tried_borrows_its_bands_from_the_first_day_on():
    history, alike = a_history(60, seed=10, level=20), a_history(240, seed=11, level=20)
    untried = choosing.given(history, MEAN, tried=False)
    alone = told(history, made=untried)
    assert np.isnan(alone.totals.high[0.80]).all() or np.isinf(alone.totals.high[0.80]).all()
    beside = told(history, made=untried, similar=[choosing.given(alike, MEAN).asked])
    for level in (0.80, 0.95):
        low, high = beside.totals.low[level], beside.totals.high[level]
        assert (low <= beside.totals.expected).all()
        assert np.isfinite(high).all()
        assert (high >= beside.totals.expected).all()
    assert not beside.totals.own[0.80]


def test_a_shift_asks_for_more_than_the_known_days_tell_also_further_ahead_than_was_tried():
    """A hundred a day as was said, until of the last three weeks it is half as much again. That is
    missed until the errors tell of it: the level goes up, and beyond what the days known have a
    rank for. Of the fourth week ahead these are 70, for those of the last three of 13 weekly
    origins are yet to come; 95 % takes 39."""
    calls = np.full((140, 1), 100.0) + np.tile([-1.0, 1.0], 70)[:, None]
    calls[-21:] = 150.0
    history = from_counts(days(140), calls)
    constant = Method("constant", 7, lambda _history, asked: np.full((len(asked), 1), 100.0))
    made = choosing.given(history, constant)
    found = ahead.forecast(history, coming(history, 63), np.ones((63, 1)), made)
    for banded in (found.intervals, found.totals):
        assert (banded.own[0.95], banded.days[0.95]) == (False, 10 * 7)
        # What is expected is alike, and so is the band: the level holds further ahead, too.
        width = (banded.high[0.95] - banded.low[0.95]).ravel()
        assert width[28:] == pytest.approx(np.full(35, width[27]))
        # Student's t goes further than the largest error, which was 50.
        assert width[27] > 2 * 50


def test_of_too_few_days_it_says_of_how_many():
    """Seven weekly origins, each of 28 days ahead; of the fourth week ahead those of the last three
    are yet to come."""
    history = a_history(63, level=20)
    made = choosing.given(history, MEAN)
    assert len(made.asked.origins) == 7
    found = told(history, made=made)
    assert (found.totals.own[0.95], found.totals.days[0.95]) == (False, 4 * 7)


@pytest.mark.parametrize(("level", "days"), [(0.95, 39), (0.8, 9), (0.99, 199)])
def test_a_band_takes_so_many_days(level, days):
    """Of n days the largest has the rank n / (n + 1)."""
    assert bands.fewest(level) == days


def test_what_is_kept_of_a_back_test_makes_the_same_bands():
    history = a_history(240, seed=12, level=20)
    asked = choosing.given(history, MEAN).asked
    kept_asked = backtest.recent(asked)
    assert len(kept_asked.history) == 14 * 7
    assert kept_asked.actual() == pytest.approx(asked.actual(), nan_ok=True)
    parts = [ahead.Part(np.ones((28, 4)), expected(28, 20), one) for one in (asked, kept_asked)]
    whole, part = (ahead.together(coming(history, 28), [one, one]) for one in parts)
    for name in ("intervals", "totals", "weeks"):
        for level in bands.LEVELS:
            assert getattr(part, name).high[level] == pytest.approx(
                getattr(whole, name).high[level]
            )
            assert getattr(part, name).low[level] == pytest.approx(getattr(whole, name).low[level])
