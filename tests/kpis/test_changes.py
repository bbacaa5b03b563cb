import math

import numpy as np
import pytest

from kpis.noise import Change, Part, change, discoveries, interval
from tests.kpis.queue_simulation import answer_coverage, lists_of_changes

# Ten calls a day: seven within on average, each day one call off; then six.
SEVEN = [Part(6, 10), Part(8, 10)] * 4
SIX = [Part(5, 10), Part(7, 10)] * 4
# t(14) = 2.145 and t(7) = 2.365: printed tables.


def test_the_change_of_a_ratio_worked_by_hand():
    # Each variance is 8/7 * 8 / 80**2; equal ones have Welch's 2 * 7 = 14 degrees of freedom.
    found = change("cluster_ratio", SEVEN, SIX)
    reach = 2.145 * math.sqrt(2 * 8 / 7 * 8) / 80
    assert (found.now, found.before) == (0.7, 0.6)
    assert found.difference.value == pytest.approx(0.1)
    assert found.difference.low == pytest.approx(0.1 - reach, abs=1e-4)
    assert found.difference.high == pytest.approx(0.1 + reach, abs=1e-4)
    assert found.direction == "noise"
    assert 0.05 < found.p < 0.10  # t = 1.87 lies between the table's 1.761 and 2.145


def test_a_change_has_a_direction_where_its_interval_leaves_out_nothing():
    fewer = [Part(2, 10), Part(4, 10)] * 4
    assert change("cluster_ratio", SEVEN, fewer).direction == "up"
    assert change("cluster_ratio", fewer, SEVEN).direction == "down"
    assert change("cluster_ratio", SEVEN, fewer).p < 0.001


def test_seven_days_on_a_side_tell_no_change_from_noise():
    found = change("cluster_ratio", SEVEN, [*SIX[:7], Part(0, 0)])
    assert (found.difference, found.p, found.direction) == (None, None, "unknown")
    assert found.now == 0.7


@pytest.mark.parametrize("method", ["none", "cluster_ratio", "wilson", "adjusted_wald"])
def test_a_span_without_anything_has_no_change(method):
    assert change(method, SEVEN, []) == Change(0.7, None)


def test_days_that_never_vary_tell_no_change_from_noise():
    assert change("cluster_ratio", [Part(5, 10)] * 8, [Part(6, 10)] * 8).direction == "unknown"


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    [
        # Newcombe 1998, table II, method 10.
        (Part(56, 70), Part(48, 80), 0.0524, 0.3339),
        (Part(9, 10), Part(3, 10), 0.1705, 0.8090),
        (Part(6, 7), Part(2, 7), 0.0582, 0.8062),
        (Part(5, 56), Part(0, 29), -0.0381, 0.1926),
        (Part(0, 10), Part(0, 20), -0.1611, 0.2775),
    ],
)
def test_the_change_of_a_share_of_answers_is_newcombes(now, before, low, high):
    found = change("wilson", [now], [before])
    assert (round(found.difference.low, 4), round(found.difference.high, 4)) == (low, high)
    assert (found.p < 0.05) == (low > 0)


def test_the_p_of_a_change_is_of_the_interval_that_just_leaves_out_nothing():
    """5 % where the 95 % interval ends at 0: 20 of 30, and so many of 30 that it does so."""
    ps = [change("wilson", [Part(20, 30)], [Part(good, 30)]) for good in range(5, 21)]
    for one in ps:
        assert (one.p < 0.05) == (one.direction != "noise")
    assert ps[-1].p == pytest.approx(1, abs=1e-6)
    assert [one.p for one in ps] == sorted(one.p for one in ps)


def test_the_change_of_a_net_score():
    # Of 97 answers and the 3 thought beside them: (60.75 - 20.75) / 100 and (40.75 - 40.75) / 100.
    now, before = Part(40, 97, bad=20), Part(0, 97, bad=40)
    found = change("adjusted_wald", [now], [before])
    error = math.sqrt((0.6075 + 0.2075 - 0.4**2) / 100 + (2 * 0.4075) / 100)
    assert found.difference.value == pytest.approx(40 / 97)
    assert found.difference.low == pytest.approx(0.4 - 1.96 * error, abs=1e-4)
    assert found.difference.high == pytest.approx(0.4 + 1.96 * error, abs=1e-4)
    assert found.direction == "up"


def test_answers_of_agents_who_differ_are_worth_fewer():
    # Ten good of ten, none of ten: distances 5 and 5, twice 50 for two clusters, against 20
    # answers half a point off each: 5. Twenty times the variance, so the 20 are worth 1.
    apart = interval("wilson", [Part(10, 10), Part(0, 10)])
    assert (apart.value, apart.high - apart.low) == (0.5, pytest.approx(0.997, abs=1e-3))
    alike = interval("wilson", [Part(5, 10), Part(5, 10)])
    # t(1) = 12.71 stands for what two agents tell.
    assert alike.low == pytest.approx(0.5 - 0.5 * 12.706 / math.sqrt(20 + 12.706**2), abs=1e-4)


def test_answers_of_one_agent_are_independent():
    assert interval("wilson", [Part(81, 263)]) == interval("wilson", [], Part(81, 263))
    assert round(interval("wilson", [Part(81, 263)]).low, 4) == 0.2553  # Newcombe 1998
    assert interval("wilson", []) is None
    assert interval("none", [Part(81, 263)]) is None


def test_answers_that_name_no_agent_stand_each_for_itself():
    nameless = interval("wilson", [Part(10, 10), Part(0, 10)], Part(100, 200))
    agents = interval("wilson", [Part(10, 10), Part(0, 10)])
    assert nameless.value == 0.5
    assert nameless.high - nameless.low < agents.high - agents.low
    independent = interval("wilson", [], Part(110, 220))
    assert nameless.high - nameless.low > independent.high - independent.low


@pytest.mark.parametrize("agents", [3, 8, 30])
def test_the_interval_of_pooled_answers_covers_what_it_says(agents):
    """Agents who differ: 0.8 on the logit scale, 25 answers each."""
    assert 0.92 <= answer_coverage(600, seed=4, agents=agents) <= 1


def test_what_to_tell_of_many_changes():
    # Benjamini and Hochberg at 10 %: 0.02 <= 0.1 * 1 / 3 and 0.06 <= 0.1 * 2 / 3.
    p_values = {"asa": 0.06, "aht": 0.4, "offered": None, "csat": 0.02}
    assert discoveries(p_values) == ["asa", "csat"]
    assert discoveries({"asa": 0.06, "aht": 0.4}) == []
    assert discoveries({}) == []


def test_of_lists_of_changes_a_tenth_at_most_is_chance():
    """Forty months of four KPIs of ten queues, three of which lose one of six agents."""
    lists = lists_of_changes(40, seed=100)
    assert lists.false <= 0.10
    assert lists.found >= 0.8
    assert lists_of_changes(40, seed=200, changed=0).false <= 0.10


def test_changes_of_a_steady_centre_are_noise_in_95_of_100():
    random = np.random.default_rng(3)
    rates = 0.7 + 0.08 * random.standard_normal((400, 40))
    within = random.binomial(100, rates.clip(0, 1)).tolist()
    spans = [[Part(one, 100) for one in row] for row in within]
    noise = sum(change("cluster_ratio", one[:20], one[20:]).direction == "noise" for one in spans)
    assert 0.92 <= noise / 400 <= 0.98
