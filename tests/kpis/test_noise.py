import math

import numpy as np
import pytest

from kpis.noise import (
    Kind,
    Verdict,
    adjusted_wald,
    benjamini_hochberg,
    cluster_ratio,
    judge,
    pooled_spread,
    qn,
    usual,
    wilson,
)
from tests.kpis.queue_simulation import coverage, erlang_a_days, marked_tiles

# Eight weeks of an average wait, and the quarter hours before and after.
WEEKS = [18.0, 22.0, 20.0, 25.0, 16.0, 21.0, 19.0, 23.0]
BESIDE = ([20.0, 24.0, 19.0, 26.0, 17.0, 21.0, 18.0, 25.0], [16.0] * 4 + [19.0] * 4)


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ([3, 1, 2, 9, 5, 4], 3.5),
        ([3, 1, 2, 9, 5, 4, 4], 4.0),
        ([3, 1, 2, 9, 5], None),  # five weeks are too few to say
        ([], None),
    ],
)
def test_usual_is_the_median_of_at_least_six_weeks(past, expected):
    assert usual(past) == expected


def test_too_short_a_past_says_nothing():
    assert judge(500, WEEKS[:5], Kind.TIME) == Verdict()


def test_qn_of_a_sample_worked_by_hand():
    # Distances of 1 2 4 8 16: 1 2 3 4 6 7 8 12 14 15. h = 3, the C(3,2) = 3rd smallest is 3.
    assert qn([4, 1, 16, 2, 8]) == pytest.approx(0.844 * 2.2219 * 3)
    assert qn([7]) == 0


def test_qn_is_the_standard_deviation_of_normal_values():
    random = np.random.default_rng(11)
    for size in (6, 7, 8, 9, 12, 13):
        spreads = [qn(row) for row in random.normal(50, 4, (3000, size)).tolist()]
        assert np.mean(spreads) == pytest.approx(4, rel=0.03), size


def test_qn_does_not_mind_wild_values():
    calm = [10.0, 10.5, 11.0, 9.5, 9.0, 10.2, 9.8, 10.7]
    assert qn([*calm[:6], 900.0, 1200.0]) < 2.5 * qn(calm)


def test_neighbours_of_another_level_share_only_their_spread():
    ten, thousand = [1.0, 2.0, 4.0, 8.0, 16.0], [1001.0, 1002.0, 1004.0, 1008.0, 1016.0]
    pooled = pooled_spread([ten, thousand, [5.0]])
    assert pooled.s == pytest.approx(0.844 * 2.2219 * 3)
    assert pooled.degrees == 8
    assert pooled_spread([[5.0], []]).s == 0


def test_the_band_of_eight_weeks_is_251_hundredths_of_the_spread():
    verdict = judge(20.5, WEEKS, Kind.TIME, neighbours=BESIDE)
    s = pooled_spread([[math.log(one + 1) for one in group] for group in (WEEKS, *BESIDE)]).s
    assert verdict.usual == 20.5
    reach = pytest.approx(2.51 * s, rel=0.001)
    assert math.log(verdict.high + 1) - math.log(21.5) == reach
    assert math.log(21.5) - math.log(verdict.low + 1) == reach
    assert not verdict.unusual


def test_a_wait_is_marked_where_it_leaves_the_band_and_only_there():
    band = judge(None, WEEKS, Kind.TIME, neighbours=BESIDE)
    assert not band.unusual
    for today, unusual in (
        (band.low + 0.01, False),
        (band.low - 0.01, True),
        (band.high - 0.01, False),
        (band.high + 0.01, True),
    ):
        assert judge(today, WEEKS, Kind.TIME, neighbours=BESIDE).unusual is unusual, today


def test_alone_a_past_is_less_sure_than_with_its_neighbours_alike():
    alone = judge(20, WEEKS, Kind.TIME)
    beside = judge(20, WEEKS, Kind.TIME, neighbours=[WEEKS, WEEKS])
    assert alone.high > beside.high


def test_one_late_call_after_perfect_weeks_is_not_unusual():
    assert not judge(29 / 30, [1.0] * 8, Kind.RATE, n=30).unusual
    assert judge(15 / 30, [1.0] * 8, Kind.RATE, n=30).unusual
    assert judge(1.0, [1.0] * 8, Kind.RATE, n=30).high == 1.0


def test_four_calls_after_weeks_of_three_are_not_unusual():
    assert not judge(4, [3] * 8, Kind.COUNT).unusual
    assert judge(30, [3] * 8, Kind.COUNT).unusual
    assert judge(0, [0] * 8, Kind.COUNT) == judge(0, [0] * 6 + [0, 0], Kind.COUNT)


def test_times_that_never_varied_mark_nothing():
    assert judge(60, [30.0] * 8, Kind.TIME) == Verdict(usual=30.0)


def test_a_rate_needs_the_number_of_its_calls():
    with pytest.raises(ValueError, match="n is missing"):
        judge(0.8, [0.8] * 8, Kind.RATE)
    assert judge(None, [0.8] * 8, Kind.RATE) == Verdict(usual=0.8)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_band_of_a_rate_stays_a_rate(rate):
    verdict = judge(0.5, [rate] * 8, Kind.RATE, n=200)
    assert 0 <= verdict.low <= rate <= verdict.high <= 1
    assert verdict.unusual


def marked(rows, kind, sizes=None, neighbours=2):
    """The share of steady tiles that are marked: each row is 8 weeks, today, then neighbours."""
    verdicts = [
        judge(
            row[8],
            row[:8],
            kind,
            neighbours=[row[9 + 8 * one : 17 + 8 * one] for one in range(neighbours)],
            n=sizes and sizes[at],
        )
        for at, row in enumerate(rows.tolist())
    ]
    return sum(verdict.unusual for verdict in verdicts) / len(verdicts)


@pytest.mark.parametrize("neighbours", [0, 2])
def test_a_steady_queue_gets_few_marked_service_levels(neighbours):
    days = erlang_a_days(25 * 600, seed=7)
    levels = (days.within / days.offered).reshape(600, 25)
    sizes = days.offered.reshape(600, 25)[:, 8].tolist()
    assert marked(levels, Kind.RATE, sizes, neighbours) <= 0.06


@pytest.mark.parametrize("neighbours", [0, 2])
@pytest.mark.parametrize("calls", [2, 25, 400])
def test_a_steady_queue_gets_few_marked_volumes(calls, neighbours):
    random = np.random.default_rng(8)
    rates = calls * (1 + 0.08 * random.standard_normal((1000, 25)))
    assert marked(random.poisson(rates), Kind.COUNT, neighbours=neighbours) <= 0.06


@pytest.mark.parametrize("neighbours", [0, 2])
@pytest.mark.parametrize("variation", [0.1, 0.6])
def test_a_steady_queue_gets_few_marked_waits(variation, neighbours):
    random = np.random.default_rng(9)
    waits = 30 * np.exp(variation * random.standard_normal((1000, 25)))
    assert marked(waits, Kind.TIME, neighbours=neighbours) <= 0.06


@pytest.mark.parametrize("share", [0.02, 0.85, 0.98])
@pytest.mark.parametrize("calls", [10, 100])
def test_a_small_steady_queue_gets_few_marked_rates(calls, share):
    random = np.random.default_rng(10)
    centre = math.log(share / (1 - share))
    chances = 1 / (1 + np.exp(-centre - 0.3 * random.standard_normal((1000, 25))))
    rates = random.binomial(calls, chances) / calls
    assert marked(rates, Kind.RATE, [calls] * 1000) <= 0.06


def test_a_steady_centre_gets_few_marked_tiles():
    marked = marked_tiles(600, seed=3)
    assert set(marked) == {"service_level", "abandon_rate", "asa", "aht", "offered"}
    assert max(marked.values()) <= 0.06, marked


def test_a_queue_that_lost_an_agent_is_marked():
    """Silence is no virtue by itself: 5 agents usually, 3 today."""
    usual_days = erlang_a_days(24 * 200, seed=12)
    short_days = erlang_a_days(200, seed=13, agents=3)
    weeks = (usual_days.within / usual_days.offered).reshape(200, 24)
    today = (short_days.within / short_days.offered)[:, None]
    rows = np.concatenate([weeks[:, :8], today, weeks[:, 8:]], axis=1)
    assert marked(rows, Kind.RATE, short_days.offered.tolist()) >= 0.8


def test_findings_by_benjamini_and_hochberg():
    # Their own example (1995, table 1): at 5 % the four smallest of fifteen stand.
    p_values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
        0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    assert benjamini_hochberg(p_values, rate=0.05) == [True] * 4 + [False] * 11
    assert benjamini_hochberg(p_values[::-1], rate=0.05) == [False] * 11 + [True] * 4


def test_no_findings_among_none_and_no_p_outside_its_range():
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([0.5, 0.9]) == [False, False]
    with pytest.raises(ValueError, match="between 0 and 1"):
        benjamini_hochberg([1.2])


def test_the_interval_of_a_ratio_worked_by_hand():
    # Ten calls a day; 6 8 6 8 6 8 6 8 within: 0.7, each day one call off its share.
    # variance = 8/7 * 8 / 80**2; t(7) = 2.365 (printed table).
    interval = cluster_ratio([6, 8] * 4, [10] * 8)
    reach = 2.365 * math.sqrt(8 / 7 * 8) / 80
    assert interval.value == 0.7
    assert interval.low == pytest.approx(0.7 - reach, abs=1e-4)
    assert interval.high == pytest.approx(0.7 + reach, abs=1e-4)


def test_seven_open_days_make_no_interval():
    assert cluster_ratio([5] * 7, [10] * 7) is None
    assert cluster_ratio([5] * 7 + [0] * 3, [10] * 7 + [0] * 3) is None


@pytest.mark.parametrize("within", [0, 20, 7])
def test_days_that_are_all_alike_make_no_interval(within):
    """None of 200, all of them, 7 of 20 each day: a width of nothing would be sure of the next."""
    assert cluster_ratio([within] * 10, [20] * 10, ceiling=1) is None


def test_the_interval_of_a_rate_stays_a_rate():
    interval = cluster_ratio([10] * 7 + [5], [10] * 8, ceiling=1)
    assert interval.high == 1
    assert cluster_ratio([0] * 7 + [1], [10] * 8).low == 0


@pytest.mark.parametrize(("numerators", "denominators"), [([1], [1, 2]), ([1], [-1])])
def test_days_that_do_not_fit_are_refused(numerators, denominators):
    with pytest.raises(ValueError, match="denominators"):
        cluster_ratio(numerators, denominators)


def test_wilsons_interval_worked_by_hand():
    # 81 of 263 (Newcombe 1998, table I, method 3): 0.2553 to 0.3662.
    interval = wilson(81, 263)
    assert (round(interval.low, 4), round(interval.high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


def test_day_clusters_cover_a_months_service_level_and_wilson_does_not():
    """Erlang A, 8 % variation from day to day, 20 days a month, 400 months."""
    found = coverage(400, seed=1)
    assert 0.92 <= found.by_days <= 0.98
    assert found.by_calls < 0.60


def test_the_interval_of_a_net_score_covers_what_it_says_on_few_answers_too():
    """Of 3,000 surveys of 30 answers, 45 % of them good and 20 % bad, about 95 % hold the 25
    points. Without the answers thought beside them, few of one kind would have no width at all."""
    random = np.random.default_rng(1)
    drawn = random.multinomial(30, [0.45, 0.20, 0.35], size=3000)
    within = sum(
        one.low <= 0.25 <= one.high
        for one in (adjusted_wald(int(good), int(bad), 30) for good, bad, _rest in drawn)
    )
    assert 0.93 <= within / 3000 <= 0.975
    all_good = adjusted_wald(5, 0, 5)
    assert (all_good.value, all_good.high) == (1.0, 1.0)
    assert all_good.low < 0.6
    assert adjusted_wald(0, 0, 0) is None
    with pytest.raises(ValueError, match="3 good and 3 bad of 5"):
        adjusted_wald(3, 3, 5)
