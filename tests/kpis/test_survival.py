"""Product-limit estimates against a published trial and against plain counting."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.formulas.survival import Wait, curve, median

# Weeks of remission of leukaemia (Freireich et al. 1963, as Cox 1972 prints them), of 21 patients
# each. "+": still in remission when the trial ended.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def waits(text):
    return [
        Wait(float(one.rstrip("+")), "open" if one.endswith("+") else "happened")
        for one in text.split()
    ]


def test_the_published_curve_of_the_treated():
    steps = [
        (step.duration, step.at_risk, step.events, round(step.surviving, 3))
        for step in curve(waits(TREATED))
    ]
    assert steps == [
        (6, 21, 3, 0.857),
        (7, 17, 1, 0.807),
        (10, 15, 1, 0.753),
        (13, 12, 1, 0.690),
        (16, 11, 1, 0.627),
        (22, 7, 1, 0.538),
        (23, 6, 1, 0.448),
    ]


def test_the_published_medians():
    assert (median(waits(TREATED)), median(waits(PLACEBO))) == (23, 8)


def test_where_it_happened_to_fewer_than_half_there_is_no_median():
    assert median([Wait(1, "happened"), Wait(2, "open"), Wait(2, "open")]) is None
    assert median([]) is None


def test_what_rules_the_event_out_keeps_it_from_ever_happening():
    """Of four, one at 1 and one at 3; one is ruled out at 2, one is not yet. Shares: 1/4 after 1;
    at 3 two are left of whom 1/2 of the surviving half, 1/4 more: 1/2 by 3. Were the one ruled out
    taken as censored, it would be 1/4 + 3/4 x 1/2 = 5/8."""
    told = [Wait(1, "happened"), Wait(2, "ruled_out"), Wait(3, "happened"), Wait(4, "open")]
    assert [(step.duration, step.happened) for step in curve(told)] == [
        (1, 0.25),
        (2, 0.25),
        (3, 0.5),
    ]
    assert median(told) == 3
    two_gone = [Wait(1, "happened"), Wait(2, "ruled_out"), Wait(2, "ruled_out"), Wait(9, "open")]
    assert median(two_gone) is None


def test_a_wait_cannot_be_negative():
    with pytest.raises(ValueError, match="none"):
        median([Wait(-1, "happened")])


@given(st.lists(st.integers(0, 50), min_size=1))
def test_without_anybody_censored_the_curve_is_the_plain_share(durations):
    n = len(durations)
    for step in curve([Wait(one, "happened") for one in durations]):
        left = sum(one > step.duration for one in durations)
        assert step.surviving == pytest.approx(left / n)
        assert step.happened == pytest.approx(1 - left / n)


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.sampled_from(("happened", "ruled_out", "open"))),
        min_size=1,
    )
)
def test_shares_never_leave_one_to_zero_and_only_grow_or_shrink(told):
    steps = curve([Wait(*one) for one in told])
    for before, after in pairwise(steps):
        assert after.surviving <= before.surviving + 1e-12
        assert after.happened >= before.happened - 1e-12
    for step in steps:
        assert -1e-9 <= step.surviving <= 1
        assert -1e-9 <= step.happened <= 1
        assert step.surviving + step.happened <= 1 + 1e-9


def test_thirds_never_add_up_to_more_than_the_whole():
    assert all(
        curve([Wait(one, "happened") for one in range(n)])[-1].happened <= 1 for n in range(1, 200)
    )
