"""The rest of a day by what came of it, and how that of past days would have been told: worked by
hand, by other ways to reckon the same, and on days that were made as they are taken to be."""

from datetime import date

import numpy as np
import pytest
from numpy.random import default_rng

from scheduling.forecast import evaluate, intraday, rest
from scheduling.forecast.intraday import Fading

EXPECTED = np.full((60, 2), 100.0)


def test_where_days_go_on_as_they_began_the_trades_ratio_is_right_and_ours_nearly():
    """Days have half as many calls more or fewer, in both their intervals."""
    actual = EXPECTED * np.tile([[1.5], [0.5]], (30, 1))
    found = rest.told(EXPECTED, actual, 40, [1])[1]
    # Without an update each day is 50 off. The ratio so far is what the rest has.
    assert (found.by_interval.trade_ratio, found.days) == (0, 20)
    assert found.by_interval.ratio < 0.15


def test_where_a_beginning_is_luck_the_trades_ratio_makes_it_worse_and_ours_does_not():
    """The first interval has 150 or 50, the second 110 or 90 whatever the first had."""
    first, second = np.array([150.0, 50, 150, 50]), np.array([110.0, 110, 90, 90])
    actual = np.tile(np.column_stack([first, second]), (15, 1))
    found = rest.told(EXPECTED, actual, 40, [1])[1]
    # Each day 10 off without; by the ratio 40, 60, 60, 40.
    assert found.by_interval.trade_ratio == pytest.approx(5)
    assert found.by_interval.ratio == pytest.approx(1, abs=0.05)


def test_of_days_that_were_told_as_they_came_nothing_is_a_share():
    found = rest.told(EXPECTED, EXPECTED, 50, [1])[1]
    assert (found.by_interval, found.days) == (rest.Rest(None, None), 10)


def test_what_is_left_may_be_told_right_where_its_intervals_are_not():
    """Of what is left one interval has 20 more and the other 20 fewer than was expected; the first
    had what was expected, so that the trade's ratio changes nothing."""
    expected = np.full((60, 3), 100.0)
    actual = expected + np.tile([[0.0, 20.0, -20.0]], (60, 1))
    actual[::2] = actual[::2][:, [0, 2, 1]]
    found = rest.told(expected, actual, 40, [1])[1]
    assert found.by_interval.trade_ratio == pytest.approx(1)
    assert found.together == rest.Rest(None, None)


# Fading, the way that is learned.


def test_a_day_that_never_fades_is_believed_by_the_calls_that_tell_of_it():
    """Bühlmann's credibility: of E calls by chance alone, on days whose busyness has the variance
    v, E / (E + 1 / v). Here v = 0.04, so that 25 calls are believed by half, and 75 by 3 in 4."""
    way = Fading(0.04, 1.0, np.ones(4))
    expected = np.array([25.0, 50.0, 10.0, 40.0])
    came = np.array([30.0, 60.0, 0.0, 0.0])  # a fifth more
    assert way.rest(expected, came, 1) == pytest.approx([55.0, 11.0, 44.0])
    assert way.rest(expected, came, 2) == pytest.approx([11.5, 46.0])
    assert way.rest(expected, came, 0) == pytest.approx(expected)


def test_what_fades_is_half_as_much_an_interval_later():
    way = Fading(0.04, 0.5, np.ones(4))
    told = way.rest(np.full(4, 25.0), np.array([30.0, 0, 0, 0]), 1)
    # Believed by half: 1.1 then, and half of that more with each interval.
    assert told == pytest.approx([25 * 1.05, 25 * 1.025, 25 * 1.0125])


def test_where_an_interval_has_more_luck_than_calls_alone_it_is_believed_less():
    """Three times the variance of calls alone: 75 of them tell as much as 25 would."""
    told = Fading(0.04, 1.0, np.array([3.0, 1.0])).rest(
        np.array([75.0, 10.0]), np.array([90.0, 0.0]), 1
    )
    assert told == pytest.approx([11.0])


def test_interval_by_interval_it_comes_to_what_all_at_once_does():
    """The mean of a normal x by the covariance of all intervals, solved as one system."""
    rng = default_rng(2)
    expected, luck = rng.uniform(0, 60, 12), rng.uniform(1, 3, 12)
    expected[4] = 0.0  # closed
    came = rng.poisson(expected * 1.3).astype(float)
    size, keeps = 0.05, 0.8
    alike = size * keeps ** np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    for known in (1, 5, 11):
        of = expected[:known]
        both = of[:, None] * alike[:known, :known] * of + np.diag(luck[:known] * of)
        x = (alike[known:, :known] * of) @ np.linalg.pinv(both) @ (came[:known] - of)
        told = Fading(size, keeps, luck).rest(expected, came, known)
        assert told == pytest.approx(expected[known:] * (1 + x))


def test_a_beginning_however_bad_leaves_a_tenth():
    told = Fading(25.0, 1.0, np.ones(2)).rest(np.array([99.0, 50.0]), np.zeros(2), 1)
    assert told == pytest.approx([5.0])


def drifting(days, intervals, size, keeps, calls=40.0, seed=1, luck=1.0):
    """Days that are as busy as `Fading` has it; of more luck than calls alone by groups of them."""
    rng = default_rng(seed)
    x = np.zeros((days, intervals))
    x[:, 0] = rng.normal(0, size**0.5, days)
    for place in range(1, intervals):
        anew = rng.normal(0, (size * (1 - keeps**2)) ** 0.5, days)
        x[:, place] = keeps * x[:, place - 1] + anew
    expected = np.full((days, intervals), calls)
    return expected, luck * rng.poisson(expected * np.maximum(1 + x, 0.05) / luck)


def test_how_much_days_differ_and_what_is_luck_is_found_of_days_that_do():
    expected, actual = drifting(4000, 24, 0.04, 0.9, luck=2.0)
    found = Fading.learned(expected, actual, 0.9)
    assert found.size == pytest.approx(0.04, rel=0.1)
    assert found.luck == pytest.approx(np.full(24, 2.0), rel=0.15)


def test_of_days_that_differ_by_luck_alone_next_to_nothing_is_learned():
    """A beginning tells nothing. Told by it the rest is no more than a hundredth further off than
    without, and on the whole not at all; by the trade's ratio it is."""
    ours, trade = [], []
    for seed in range(8):
        expected, actual = drifting(110, 48, 0.0, 1.0, calls=4.0, seed=seed)
        found = rest.told(expected, actual, 91, [4, 8])
        ours += [one.by_interval.ratio for one in found.values()]
        trade += [one.by_interval.trade_ratio for one in found.values()]
    assert max(ours) < 1.01
    assert np.mean(ours) == pytest.approx(1.0, abs=0.003)
    assert min(trade) > 1.03


def test_what_lasts_for_hours_is_not_told_of_the_evening():
    """Differences that fade in two hours. An hour after four the update moves, twelve it does not:
    nearer than the trade, which moves all."""
    keeps = float(np.exp(-0.5 / 2))
    expected, actual = drifting(180, 48, 0.09, keeps)
    name, update = intraday.learned(expected[:91], actual[:91])
    assert name == "fading"
    came = expected[0].copy()
    came[4:8] *= 1.5
    told = update.rest(expected[0], came, 8) / expected[0][8:]
    assert told[0] > 1.15
    assert told[24] == pytest.approx(1.0, abs=0.02)
    found = rest.told(expected, actual, 91, [8])[8].by_interval
    assert found.ratio < 0.99
    assert found.trade_ratio > 1.1


def test_the_longer_is_taken_only_where_it_is_surely_nearer():
    """Five days. Both ways are nearer than none by a tenth on the mean; the first on every day as
    much, the second by nothing on four and half on one."""
    none = np.ones((5, 1, 1))
    first, second = np.full((5, 1, 1), 0.9), np.array([1.0, 1, 1, 1, 0.5]).reshape(5, 1, 1)
    assert intraday._plainest(np.concatenate([none, first], axis=2))[0] == 0
    # One standard error of the five is a tenth: it may be luck.
    assert intraday._plainest(np.concatenate([none, second], axis=2))[0] == -1
    # After the last interval nothing is left to be told.
    assert intraday._plainest(np.concatenate([none, first], axis=2))[1] == -1


@pytest.mark.parametrize("count", [10, 40])
def test_days_of_which_nothing_was_expected_teach_nothing(count):
    zero = np.zeros((count, 4))
    assert intraday.learned(zero, zero)[0] == "unmoved"
    closed = np.tile([0.0, 30.0, 0.0, 0.0], (count, 1))
    _name, update = intraday.learned(closed, closed + np.array([0.0, 5.0, 0.0, 0.0]))
    assert update.rest(closed[0], closed[0], 2) == pytest.approx([0, 0])


BANKS = [
    ("bank_calls_dev.csv.gz", "US", date(2003, 6, 27)),
    ("anonymous_bank_1999_dev.csv.gz", "IL", date(1999, 4, 12)),
]


def test_the_rest_of_real_days_is_nearer_after_four_hours_and_never_further_off(sample_data):
    """Of two banks, each told by its own past alone: after two hours no further off than without,
    after four a tenth nearer, both together."""
    after_four = []
    for name, country, since in BANKS:
        series = evaluate.read(sample_data / "wfm" / name, 30)
        found = evaluate.rests(series, country, since, 7 * 60, [2, 4])
        assert found[2].by_interval.ratio <= 1.0, name
        assert found[4].by_interval.ratio <= 0.95, name
        assert found[4].by_interval.ratio < found[4].by_interval.trade_ratio
        after_four.append(found[4].by_interval.ratio)
    assert np.mean(after_four) <= 0.9
