from dataclasses import replace

import pytest
from hypothesis import given

from kpis import formulas
from kpis.formulas import Ratio, Split, split
from kpis.parameters import DEFAULTS, Parameters
from kpis.sums.agent_time import AgentTime
from kpis.sums.counts import ACW, HOLD, TALK, Counts
from kpis.sums.surveys import ScaleSums
from tests.kpis.visits import EVERY_PARAMETERS, VISITS, counts_of, some

LEVELS = {
    "SL1": formulas.service_level_sl1,
    "SL2": formulas.service_level_sl2,
    "SL3": formulas.service_level_sl3,
    "SL4": formulas.service_level_sl4,
    "SL5": formulas.service_level_sl5,
    "SL6": formulas.service_level_sl6,
    "SL7": formulas.service_level_sl7,
    "SL7b": formulas.service_level_sl7b,
    "SL8": formulas.service_level_sl8,
}
# 1000 answered, 860 of them within 20 s; 60 abandoned, 20 within 20 s, 10 of those short.
A_DAY = (
    some("answered", 860, 12)
    + some("answered", 140, 45)
    + some("abandoned", 10, 4)
    + some("abandoned", 10, 15)
    + some("abandoned", 40, 70)
)
EVICTED = some("timed_out", 100, 300)
LOST_OFF = Parameters(lost=False)


def level(name, visits, parameters=DEFAULTS):
    return LEVELS[name](split(counts_of(visits), parameters), parameters)


def percent(ratio):
    return round(100 * ratio.value, 2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SL1", 83.02),
        ("SL2", 86.00),
        ("SL3", 81.13),
        ("SL4", 82.69),
        ("SL5", 82.08),
        ("SL6", 81.90),
        ("SL7", 83.02),
        ("SL7b", 81.13),  # 860 of 1060: nobody asked for a call back
        ("SL8", 86.00),  # 860 of 1000: no phone rang when somebody left
    ],
)
def test_the_eight_service_levels_of_one_day(name, expected):
    assert percent(level(name, A_DAY)) == expected


@pytest.mark.parametrize(("name", "expected"), [("SL3", 74.14), ("SL4", 75.44), ("SL2", 86.00)])
def test_a_queue_cannot_look_good_by_evicting_its_worst_waits(name, expected):
    assert percent(level(name, A_DAY + EVICTED)) == expected


def test_with_lost_off_the_evicted_are_not_seen():
    assert percent(level("SL4", A_DAY + EVICTED, LOST_OFF)) == 82.69


def test_the_lost_split_at_the_threshold_like_the_abandoned():
    # 10 of 20 answered in time; 5 left by key early, 5 late.
    visits = (
        some("answered", 10, 5)
        + some("answered", 10, 60)
        + some("key_exit", 5, 8)
        + some("key_exit", 5, 40)
    )
    assert level("SL1", visits) == Ratio(15, 30)
    assert level("SL3", visits) == Ratio(10, 30)
    assert level("SL4", visits) == Ratio(10, 25)
    assert level("SL1", visits, LOST_OFF) == Ratio(10, 20)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SL1", Ratio(10, 20)),
        ("SL2", Ratio(10, 20)),
        ("SL3", Ratio(10, 20)),
        ("SL4", Ratio(10, 20)),
        ("SL5", Ratio(10, 20)),
        ("SL6", Ratio(10, 30)),
        ("SL7", Ratio(16, 30)),
        ("SL7b", Ratio(16, 30)),
        ("SL8", Ratio(10, 20)),
    ],
)
def test_a_request_for_a_call_back_ends_the_wait(name, expected):
    visits = (
        some("answered", 10, 5)
        + some("answered", 10, 60)
        + some("callback_requested", 6, 15)
        + some("callback_requested", 4, 90)
    )
    assert level(name, visits) == expected


def test_a_request_for_a_call_back_may_count_as_an_answer():
    visits = (
        some("answered", 10, 5)
        + some("answered", 10, 60)
        + some("answered", 3, None)
        + some("callback_requested", 6, 15)
        + some("callback_requested", 4, 90)
    )
    as_answer = Parameters(callbacks="success")
    assert level("SL2", visits, as_answer) == Ratio(16, 30)
    assert level("SL6", visits, as_answer) == Ratio(16, 30)
    assert level("SL7", visits, as_answer) == Ratio(16, 30)


RETURN = Parameters(callbacks="return")
# 10 of 20 answered in time; of ten who asked for a call back, three had it within T, two later,
# and five have not had it yet.
RETURNED = (
    some("answered", 10, 5)
    + some("answered", 10, 60)
    + some("abandoned", 5, 30)
    + [replace(one, back_after_ms=8_000) for one in some("callback_requested", 3, 12)]
    + [replace(one, back_after_ms=600_000) for one in some("callback_requested", 2, 12)]
    + some("callback_requested", 5, 12)
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SL1", Ratio(13, 30)),
        ("SL2", Ratio(13, 25)),
        ("SL3", Ratio(13, 30)),
        ("SL4", Ratio(13, 30)),
        ("SL5", Ratio(13, 30)),
        ("SL6", Ratio(13, 30)),
    ],
)
def test_who_is_called_back_may_wait_until_then_and_who_is_not_yet_counts_nowhere(name, expected):
    assert level(name, RETURNED, RETURN) == expected


def test_who_waits_for_a_call_back_did_not_leave_before_the_clock_started():
    # 12 s to the request, 8 s more to the call back: 5 s on a clock that starts after 15 s.
    clock = Parameters(callbacks="return", clock_start_seconds=15, threshold_seconds=5)
    ended = split(counts_of(RETURNED), clock)
    assert (ended.callback, ended.returned, ended.returned_within) == (10, 5, 3)


def test_missed_are_the_abandoned_who_left_while_a_phone_rang():
    # 6 of 8 answered in time. Of five abandoned a phone rang for three: in time, late, unknown.
    visits = (
        some("answered", 6, 10)
        + some("answered", 2, 90)
        + [replace(one, ringing=True) for one in some("abandoned", 1, 20)]
        + [replace(one, ringing=True) for one in some("abandoned", 1, 21)]
        + [replace(one, ringing=True) for one in some("abandoned", 1, None)]
        + some("abandoned", 2, 5)
    )
    assert level("SL8", visits) == Ratio(7, 11)


def test_an_abandoned_visit_of_unknown_wait_counts_as_longer_than_the_threshold():
    visits = some("answered", 8, 5) + some("abandoned", 2, None)
    assert level("SL1", visits) == Ratio(8, 10)
    assert level("SL4", visits) == Ratio(8, 10)
    assert level("SL6", visits) == Ratio(8, 10)  # not short either


def test_an_answered_visit_of_unknown_wait_leaves_both_sides():
    visits = some("answered", 8, 5) + some("answered", 2, 60) + some("answered", 5, None)
    for name in LEVELS:
        assert level(name, visits) == Ratio(8, 10), name


def test_the_threshold_itself_is_within_at_most_but_not_within_less_than():
    visits = some("answered", 3, 20) + some("answered", 1, 20.001)
    assert level("SL2", visits) == Ratio(3, 4)
    assert level("SL2", visits, Parameters(boundary="<")) == Ratio(0, 4)


def test_a_later_clock_forgives_the_announcement():
    # The announcement lasts 10 s: who left during it never waited for an agent.
    visits = (
        some("answered", 2, 4)  # picked up during it: waited 0 s
        + some("answered", 3, 30)  # 20 s on the clock
        + some("answered", 1, 31)
        + some("abandoned", 5, 9.999)
        + some("abandoned", 2, 15)  # 5 s on the clock: short
        + some("abandoned", 1, 15.5)
        + some("timed_out", 1, 3)
    )
    clock = Parameters(clock_start_seconds=10)
    assert split(counts_of(visits), clock) == Split(
        answered=6,
        answered_within=5,
        abandoned=3,
        abandoned_within=3,
        short=2,
        before_clock=6,
    )
    assert level("SL3", visits, clock) == Ratio(5, 9)
    assert formulas.abandon_rate_a1(split(counts_of(visits), clock)) == Ratio(1, 7)


def test_visits_transferred_in_leave_both_sides_when_they_do_not_count():
    direct = some("answered", 4, 5) + some("abandoned", 1, 60)
    of_unknown_wait = some("abandoned", 2, None)
    passed_on = [
        replace(one, transferred_in=True) for one in some("answered", 5, 50) + of_unknown_wait
    ]
    assert level("SL4", direct + passed_on) == Ratio(4, 12)
    assert level("SL4", direct + passed_on, Parameters(transfers_in=False)) == Ratio(4, 5)
    apart = split(counts_of(direct + passed_on), Parameters(transfers_in=False))
    assert apart.transferred_in == 5 + 2


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, Ratio(860, 1060)), (5, Ratio(870, 1060)), (15, Ratio(880, 1060))],
)
def test_short_abandons_are_up_to_a_limit_and_zero_turns_them_off(seconds, expected):
    assert level("SL5", A_DAY, Parameters(short_abandon_seconds=seconds)) == expected


def test_an_idle_queue_has_no_level():
    for name in LEVELS:
        assert level(name, some("in_progress", 3, None)).value is None


@given(VISITS, EVERY_PARAMETERS)
def test_a_service_level_lies_between_none_and_all(visits, parameters):
    ended = split(counts_of(visits), parameters)
    for name, formula in LEVELS.items():
        value = formula(ended, parameters).value
        assert value is None or 0 <= value <= 1, name


@given(VISITS)
def test_a_longer_threshold_never_lowers_the_level(visits):
    counts = counts_of(visits)
    splits = [split(counts, Parameters(threshold_seconds=seconds)) for seconds in range(0, 45, 5)]
    for name, formula in LEVELS.items():
        shares = [formula(one, DEFAULTS).value or 0 for one in splits]
        assert shares == sorted(shares), name


@pytest.mark.parametrize(
    "parts",
    [
        {"callback": 2, "returned": 3},
        {"abandoned": 1, "missed": 2},
        {"answered": 1, "answered_within": 2},
        {"answered": 1, "answered_unknown": -1},
        {"lost": 2, "lost_within": 1, "lost_unknown": 2},
        {"abandoned": 1, "short": 2},
    ],
)
def test_a_split_that_contradicts_itself_is_refused(parts):
    with pytest.raises(ValueError, match=r"of \d"):
        Split(**parts)


def test_more_waits_than_visits_are_refused():
    counts = counts_of(some("answered", 3, 5))
    with pytest.raises(ValueError, match="3 within and -1 unknown of 2 answered"):
        split(Counts(offered=2, answered=2, wait_hist=counts.wait_hist), DEFAULTS)


@pytest.mark.parametrize(
    ("visits", "a1", "a2", "a4"),
    [
        # (60 - 10) / (1060 - 10); 60 / 1060
        (A_DAY, 4.76, 5.66, 5.66),
        # (60 - 10) / (1160 - 10); 60 / 1160; 160 / 1160
        (A_DAY + EVICTED, 4.35, 5.17, 13.79),
    ],
)
def test_abandon_rates(visits, a1, a2, a4):
    ended = split(counts_of(visits), DEFAULTS)
    assert percent(formulas.abandon_rate_a1(ended)) == a1
    assert percent(formulas.abandon_rate_a2(ended)) == a2
    assert percent(formulas.abandon_rate_a4(ended)) == a4


def test_the_rate_over_all_inbound_counts_those_who_never_entered():
    ended = split(counts_of(A_DAY), DEFAULTS)
    assert formulas.abandon_rate_a3(ended, refused=30, left_ivr=110) == Ratio(60, 1200)


def test_a_share_refuses_what_is_no_share():
    with pytest.raises(ValueError, match="3 is no part of 2"):
        formulas.share(3, 2)
    with pytest.raises(ValueError, match="negative"):
        formulas.share(-1, 2)
    assert formulas.share(0, 0).value is None


def test_a_mean_is_in_seconds_and_refuses_time_of_nobody():
    assert formulas.mean_seconds(90_500, 2).value == 45.25
    assert formulas.mean_seconds(0, 0).value is None
    assert formulas.mean_seconds(0, 4).value == 0  # all answered at once
    with pytest.raises(ValueError, match="over no visit"):
        formulas.mean_seconds(1, 0)
    with pytest.raises(ValueError, match="negative"):
        formulas.mean_seconds(-1, 1)


def handled(**by_parts):
    """Counts of answered visits: parts=(how many, their whole handling in seconds)."""
    bits = {"none": 0, "talk": TALK, "talk_hold": TALK | HOLD, "talk_acw": TALK | ACW, "acw": ACW}
    n, ms = [0] * 8, [0] * 8
    for name, (visits, seconds) in by_parts.items():
        n[bits[name]], ms[bits[name]] = visits, seconds * 1000
    return Counts(offered=sum(n), answered=sum(n), handle_n=tuple(n), handle_ms=tuple(ms))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (handled(talk_acw=(4, 1000)), Ratio(1000, 4)),
        # A second source measures talk alone: not pooled, the larger group speaks.
        (handled(talk_acw=(4, 1000), talk=(6, 900)), Ratio(900, 6)),
        # Of equal groups the fuller.
        (handled(talk_acw=(4, 1000), talk=(4, 900)), Ratio(1000, 4)),
        # Wrap-up without talk is no handling time, however many.
        (handled(acw=(9, 90), talk=(1, 60)), Ratio(60, 1)),
        # Zero-talk answers stay in.
        (handled(talk=(5, 0)), Ratio(0, 5)),
        (handled(none=(3, 0)), Ratio(0, 0)),
        (Counts(), Ratio(0, 0)),
    ],
)
def test_aht_pools_only_visits_that_measure_the_same_parts(counts, expected):
    assert formulas.aht_h1(counts) == expected


def test_aht_over_more_calls_leaves_out_whose_handling_is_unknown():
    # 4 measured, 2 not; 10 calls were never served: 1000 s over 14 calls.
    counts = handled(talk_acw=(4, 1000), none=(2, 0))
    assert formulas.aht_over(counts, unserved=10) == Ratio(1000, 14)
    assert formulas.aht_over(Counts(), unserved=10).value is None
    with pytest.raises(ValueError, match="negative"):
        formulas.aht_over(counts, unserved=-1)


def test_aht_with_the_customers_wait_instead_of_hold():
    # Two calls: talk 100 and 200, hold 30 each, ACW 20 each, wait 10 and 40.
    everything = TALK | HOLD | ACW
    n, ms = [0] * 8, [0] * 8
    n[everything], ms[everything] = 2, 400_000
    fields = {
        "offered": 2,
        "answered": 2,
        "talk_ms": 300_000,
        "talk_n": 2,
        "hold_ms": 60_000,
        "hold_n": 2,
        "acw_ms": 40_000,
        "acw_n": 2,
        "answered_wait_ms": 50_000,
        "answered_wait_n": 2,
    }
    counts = Counts(**fields, handle_n=tuple(n), handle_ms=tuple(ms))
    assert formulas.aht_h4(counts) == 195.0  # (300 + 50 + 40) / 2

    one_wait_unknown = fields | {"answered_wait_ms": 10_000, "answered_wait_n": 1}
    assert (
        formulas.aht_h4(Counts(**one_wait_unknown, handle_n=tuple(n), handle_ms=tuple(ms))) is None
    )
    n[TALK] = 1  # a source that knows talk alone came in between
    assert formulas.aht_h4(Counts(**fields, handle_n=tuple(n), handle_ms=tuple(ms))) is None


def test_missing_parts_are_named():
    assert formulas.missing_parts(TALK) == (HOLD, ACW)
    assert formulas.missing_parts(TALK | HOLD | ACW) == ()


def test_satisfaction_over_scales():
    """5, 5, 4, 3, 1 of 1 to 5, and 9, 2, 2 of 0 to 10."""
    five = ScaleSums(n=5, score_sum=18, top=3, bottom=1)
    ten = ScaleSums(n=3, score_sum=13, top=1, bottom=2)
    assert formulas.good_share([five, ten]) == Ratio(4, 8)
    assert formulas.bad_share([five, ten]) == Ratio(3, 8)
    assert formulas.net_share([five, ten]) == Ratio(1, 8)
    assert formulas.score_mean(five).value == 3.6
    assert formulas.score_mean(ScaleSums()).value is None


# ---- agents' time

# Ten minutes of calls, two of ringing, three of lunch, one nobody can place, four ready.
SPENT = AgentTime(
    handling_ms=600_000, ringing_ms=120_000, paused={"Lunch": 180_000}, other_ms=60_000,
    ready_ms=240_000, untold_ms=999_000,
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "ring", "expected"),
    [
        (formulas.occupancy_o1, True, 12 / 16),
        (formulas.occupancy_o1, False, 10 / 16),
        (formulas.occupancy_o2, True, 12 / 20),
        (formulas.occupancy_o2, False, 10 / 20),
    ],
)
def test_occupancy_with_ringing_and_without(formula, ring, expected):
    assert formula(SPENT, Parameters(ring=ring)).value == expected


def test_nobody_there_has_no_occupancy():
    assert formulas.occupancy_o1(AgentTime(), Parameters()).value is None
