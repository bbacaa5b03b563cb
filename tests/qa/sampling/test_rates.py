import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from qa.sampling import rate_interval


def by_definition(had, drawn, calls):
    """All numbers of failing calls that 2.5 % of draws, or more, are at least as extreme for."""
    held = [
        having
        for having in range(calls + 1)
        if hypergeom.cdf(had, calls, having, drawn) > 0.025
        and hypergeom.sf(had - 1, calls, having, drawn) > 0.025
    ]
    return min(held) / calls, max(held) / calls


@pytest.mark.parametrize("calls", [7, 60, 101])
@pytest.mark.parametrize("drawn", [1, 5, 7])
def test_it_is_all_numbers_that_could_well_have_been_drawn_from(drawn, calls):
    for had in range(drawn + 1):
        found = rate_interval(had / drawn, drawn, calls)
        assert found == pytest.approx(by_definition(had, drawn, calls))


def test_a_case_by_hand():
    """1 of 3 of 4 calls. Having 1: three of four draws have it. Having 2: at most one in two draws
    of C(2,1) C(2,2) = 2 of 4. Having 3: no draw of 3 has one only, C(3,1) C(1,2) = 0. Having 0:
    none has. So 1 or 2 of 4."""
    assert rate_interval(1 / 3, 3, 4) == (0.25, 0.5)


def test_of_all_calls_it_is_the_share():
    assert rate_interval(0.3, 10, 10) == (0.3, 0.3)
    assert rate_interval(0.0, 10, 10) == (0.0, 0.0)


def test_of_endless_calls_it_is_that_of_clopper_and_pearson():
    """0 of 20: 1 - .025^(1/20) = .1684; published tables say .168. 2 of 20: .012 to .317."""
    assert rate_interval(0.0, 20, 10**6).high == pytest.approx(1 - 0.025 ** (1 / 20), abs=1e-4)
    assert rate_interval(0.1, 20, 10**6) == pytest.approx((0.0123, 0.3170), abs=1e-4)


@given(st.integers(1, 25), st.integers(0, 40), st.integers(0, 65))
def test_it_holds_the_truth_in_95_of_100_draws_whatever_it_is(drawn, more, having):
    calls = drawn + more
    having = min(having, calls)
    holds = math.fsum(
        hypergeom.pmf(had, calls, having, drawn)
        for had in range(drawn + 1)
        for low, high in [rate_interval(had / drawn, drawn, calls)]
        if low - 1e-9 <= having / calls <= high + 1e-9
    )
    assert holds >= 0.95 - 1e-9


@given(st.floats(0, 1), st.floats(1, 30), st.integers(30, 200))
def test_between_whole_numbers_it_lies_between_theirs(share, n, calls):
    low, high = rate_interval(share, n, calls)
    assert 0 <= low <= high <= 1
    around = [
        rate_interval(had / drawn, drawn, calls)
        for drawn in {math.floor(n), math.ceil(n)}
        for had in {math.floor(share * drawn + 1e-9), math.ceil(share * drawn - 1e-9)}
    ]
    assert min(one.low for one in around) - 1e-9 <= low <= max(one.low for one in around) + 1e-9
    assert min(one.high for one in around) - 1e-9 <= high <= max(one.high for one in around) + 1e-9


@pytest.mark.parametrize(
    ("share", "n", "calls"), [(-0.1, 5, 9), (1.1, 5, 9), (0, 0, 9), (0, 10, 9)]
)
def test_what_cannot_be_is_refused(share, n, calls):
    with pytest.raises(ValueError, match=r"drawn of|0 to 1"):
        rate_interval(share, n, calls)
