import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from qa.sampling import halving


def by_trying(n, calls, most):
    """One more, and one more."""
    half = student.ppf(0.975, n - 1) * math.sqrt(1 / n - 1 / calls) / 2
    for m in range(1, min(most, calls - n) + 1):
        if student.ppf(0.975, n + m - 1) * math.sqrt(1 / (n + m) - 1 / calls) <= half:
            return m
    return None


@pytest.mark.parametrize(
    ("n", "calls", "expected"),
    [
        # t of a printed table. 2.776 sqrt(1/5 - 1/100) / 2 = .6050.
        # 11: 2.228 sqrt(1/11 - 1/100) = .6337. 12: 2.201 sqrt(1/12 - 1/100) = .5960.
        (5, 100, 7),
        # 2.262 sqrt(1/10 - 1/60) / 2 = .3265.
        # 24: 2.069 sqrt(1/24 - 1/60) = .3271. 25: 2.064 sqrt(1/25 - 1/60) = .3153.
        (10, 60, 15),
        # Of 6 calls 5 are reviewed: the last leaves no width.
        (5, 6, 1),
        # 12.706 sqrt(1/2 - 1/50) / 2 = 4.401; 3: 4.303 sqrt(1/3 - 1/50) = 2.408.
        (2, 50, 1),
    ],
)
def test_how_many_more_is_as_worked_by_hand(n, calls, expected):
    assert halving(n, calls) == expected


@given(st.integers(2, 30), st.integers(0, 120), st.integers(0, 150))
def test_it_is_the_first_found_by_trying_one_after_the_other(n, more, most):
    assert halving(n, n + more, most) == by_trying(n, n + more, most)


def test_where_no_more_can_be_reviewed_it_is_not_reachable():
    assert halving(5, 5) is None  # all calls: nothing to narrow
    assert halving(5, 100, most=6) is None
    assert halving(5, 100, most=7) == 7
    assert halving(5, 100, most=0) is None


@pytest.mark.parametrize(("n", "calls"), [(1, 100), (0, 100), (6, 5)])
def test_what_has_no_width_is_refused(n, calls):
    with pytest.raises(ValueError, match="halve"):
        halving(n, calls)
