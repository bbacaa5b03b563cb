"""How much there is to a finding: against published tails of the binomial distribution."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.triggers import surprise


def test_a_p_is_told_as_how_many_noughts_it_has():
    assert surprise.of_p(0.01) == pytest.approx(2)
    assert surprise.of_p(1) == 0
    assert surprise.of_p(0) == surprise.MOST
    with pytest.raises(ValueError, match="no p"):
        surprise.of_p(1.1)


@pytest.mark.parametrize(
    ("times", "of", "usual", "tail"),
    [
        # Tables of the cumulative binomial: P(X >= k), n and p.
        (8, 10, 0.5, 0.0547),
        (3, 5, 0.1, 0.0086),
        (5, 20, 0.1, 0.0432),
        (0, 10, 0.3, 1.0),
    ],
)
def test_a_count_is_told_by_how_seldom_so_many_come(times, of, usual, tail):
    assert 10 ** -surprise.of_counts(times, of, usual) == pytest.approx(tail, abs=5e-5)


def test_counts_that_contradict_each_other_are_refused():
    for said in ((4, 3, 0.5), (-1, 3, 0.5), (1, 3, 1.5)):
        with pytest.raises(ValueError, match="usually"):
            surprise.of_counts(*said)


@given(st.integers(1, 40), st.floats(0.01, 0.99))
def test_more_is_never_less_surprising(of, usual):
    told = [surprise.of_counts(n, of, usual) for n in range(of + 1)]
    assert all(math.isfinite(one) for one in told)
    assert all(one <= other + 1e-9 for one, other in pairwise(told))
