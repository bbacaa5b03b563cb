import numpy as np
import pytest

from kpis.noise import Part, Rank, Work, rank_ranges
from kpis.noise.ranks import Pair, _by_answers, _by_days, _holm
from tests.kpis.queue_simulation import rank_coverage


def work(*agents):
    """Each agent's queues, each with its days as Parts or (numerator, denominator)."""
    parts = np.array([[[Part(*day) for day in queue] for queue in agent] for agent in agents])
    return Work(*(parts[..., place] for place in range(3)))


def days(rate, late=0, calls=20):
    """Ten days, five one call over the rate and five one under it, from a later day on."""
    good = round(rate * calls)
    half = [(good + 1, calls)] * 5 + [(good - 1, calls)] * 5
    return half[late:] + half[:late]


def test_ranks_of_a_team_of_five():
    rates = (0.7, 0.9, 0.7, 0.3, 0.7)
    team = work(*([days(rate, late)] for late, rate in enumerate(rates)))
    assert rank_ranges(team, "cluster_ratio", more_is_better=True) == [
        Rank(2, 4, 5), Rank(1, 1, 5), Rank(2, 4, 5), Rank(5, 5, 5), Rank(2, 4, 5),
    ]  # fmt: skip
    assert rank_ranges(team, "cluster_ratio", more_is_better=False)[3] == Rank(1, 1, 5)


def test_a_range_over_half_the_team_is_wide():
    assert Rank(2, 4, 5).is_wide
    assert not Rank(2, 4, 6).is_wide
    assert not Rank(1, 1, 5).is_wide


def test_four_people_are_not_ranked_and_who_has_no_figure_is_not():
    idle = [[(0, 0)] * 10]
    four = [[days(rate, late)] for late, rate in enumerate((0.9, 0.7, 0.5, 0.3))]
    assert rank_ranges(work(*four, idle), "cluster_ratio", more_is_better=True) == [None] * 5
    five = rank_ranges(work(*four, idle, [days(0.1, 5)]), "cluster_ratio", more_is_better=True)
    assert five[4] is None
    assert five[5] == Rank(5, 5, 5)


def test_nobody_ranks_low_for_serving_the_hard_queue():
    """Ann reaches 90 % and 50 % where the others reach 80 % and 40 %, but serves the hard queue
    mostly: her plain figure is 58 %, theirs 72 %."""
    ann = [days(0.9, 2, calls=20), days(0.5, 2, calls=80)]
    other = [days(0.8, calls=80), days(0.4, calls=20)]
    found = rank_ranges(work(other, other, ann, other, other), "cluster_ratio", more_is_better=True)
    assert found == [Rank(2, 5, 5), Rank(2, 5, 5), Rank(1, 1, 5), Rank(2, 5, 5), Rank(2, 5, 5)]


def test_the_difference_of_two_agents_worked_by_hand():
    # Ratios 0.5 and 0.4; each day one call of ten off, both on the same days of one queue: the
    # differences of a day's distances are all 0 or all 2 calls.
    one, other = [(4, 10), (6, 10)] * 4, [(5, 10), (3, 10)] * 4
    difference, p = _by_days(work([one], [other]))(0, 1)
    assert difference == pytest.approx(0.1)
    # A distance of 0.2 a day over 8 days: variance 8/7 * 8 * 0.2**2 / 64, so 0.1 is 1.32 errors
    # off; t(7) is beyond 1.119 in 30 %, beyond 1.415 in 20 % of cases (printed table).
    assert 0.20 < p < 0.30
    together, certain = _by_days(work([one], [[(3, 10), (5, 10)] * 4]))(0, 1)
    assert together == pytest.approx(0.1)
    assert certain is None  # what each day did to both is no difference: nothing varies


def test_who_worked_seven_days_or_shares_no_queue_cannot_be_told_apart():
    seven = [*days(0.2)[:7], *[(0, 0)] * 3]
    assert _by_days(work([days(0.9)], [seven]))(0, 1).p is None
    idle = [(0, 0)] * 10
    assert _by_days(work([days(0.9), idle], [idle, days(0.1)]))(0, 1).p is None
    assert _by_answers(work([days(0.9), idle], [idle, days(0.1)]))(0, 1).p is None


def test_a_queue_of_a_single_day_tells_nothing():
    # Of the second queue Bob had one day, on which all went wrong.
    ann, bob = [days(0.7), days(0.7)], [days(0.7), [(0, 20), *[(0, 0)] * 9]]
    assert _by_days(work(ann, bob))(0, 1).difference == pytest.approx(0)


def test_answers_of_two_agents_worked_by_hand():
    # 10 of 10 good against 4 of 10: 3 more than the 7 expected, variance 10 * 10 * 14 * 6 /
    # (20 ** 2 * 19) = 1.105; less half an answer that is 2.378 errors, which the normal passes
    # in 1.74 % of cases (Fisher's exact test: 1.08 %).
    more, p = _by_answers(work([[(10, 10)]], [[(4, 10)]]))(0, 1)
    assert more == pytest.approx(3)
    assert p == pytest.approx(0.0174, abs=1e-4)
    assert _by_answers(work([[(10, 10)]], [[(5, 5)]]))(0, 1).p is None  # all good: nothing varies


def test_bad_answers_count_against():
    good, bad = [[(10, 20, 0)]], [[(-10, 20, 10)]]
    more, p = _by_answers(work(good, bad))(0, 1)
    assert more == pytest.approx(10)
    assert p < 0.001


def test_holm_stops_at_the_first_that_does_not_stand():
    # 0.05 over 4, 3, 2, 1: 0.0125, 0.0167, 0.025, 0.05.
    pairs = [Pair(0.01, 0, 1), Pair(0.03, 0, 2), Pair(0.016, 0, 3), Pair(0.04, 1, 2)]
    assert _holm(pairs) == [Pair(0.01, 0, 1), Pair(0.016, 0, 3)]
    assert _holm([]) == []


@pytest.mark.parametrize("apart", [0.0, 0.5])
@pytest.mark.parametrize("answers", [False, True])
def test_all_ranges_of_a_team_hold_the_true_ranks(answers, apart):
    """Sixteen agents on three queues, the better on the harder ones; 95 % of teams at least."""
    found = rank_coverage(60, seed=5, answers=answers, apart=apart)
    assert found.teams >= 0.93  # 95 %, and what chance leaves 60 teams: the long run has more
    assert found.agents >= 0.95
