"""Agreement of rules with people, by published figures and by searching all shares."""

import math

import numpy as np
import pytest

from qa.checks import Limits, Measure, Prefill, is_doubtful, kappa, may_prefill, measure
from tests.qa.checks.cohen import standard_error


def pairs(both, rule_alone, people_alone, neither):
    return (
        [(True, True)] * both
        + [(True, False)] * rule_alone
        + [(False, True)] * people_alone
        + [(False, False)] * neither
    )


def test_kappa_of_the_usual_example():
    # 20 both, 5 and 10 alone, 15 neither: (.7 - .5) / (1 - .5).
    assert kappa(20, 5, 10, 15).value == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("counts", "value"),
    # Feinstein & Cicchetti 1990, "High agreement but low kappa", of 100 each.
    [
        ((40, 9, 6, 45), 0.70),
        ((80, 10, 5, 5), 0.32),
        ((45, 15, 25, 15), 0.13),
        ((25, 35, 5, 35), 0.26),
    ],
)
def test_published_kappas(counts, value):
    assert kappa(*counts).value == pytest.approx(value, abs=0.005)


@pytest.mark.parametrize(
    "counts", [(2000, 500, 1000, 1500), (400, 90, 60, 4500), (300, 400, 350, 900)]
)
def test_of_many_calls_the_ends_are_those_of_the_published_standard_error(counts):
    found = kappa(*counts)
    reach = 1.959964 * standard_error(*counts)
    assert found.low == pytest.approx(found.value - reach, abs=0.03 * reach + 1e-3)
    assert found.high == pytest.approx(found.value + reach, abs=0.03 * reach + 1e-3)


def searched(counts, steps=240):
    """The ends by looking at shares of all kinds: which kappas are likely enough under any."""
    n = sum(counts)
    found = np.array(counts) / n
    best = sum(one * math.log(one) for one in found if one)
    limit = best - 1.959964**2 / (2 * n)
    grid = np.linspace(0, 1, steps + 1)
    a, b, c = np.meshgrid(grid, grid[: steps // 3], grid[: steps // 3], indexing="ij")
    d = 1 - a - b - c
    with np.errstate(all="ignore"):
        parts = [
            np.where(f > 0, f * np.log(p), 0) for f, p in zip(found, (a, b, c, d), strict=True)
        ]
        likelihood = np.where(d >= -1e-12, sum(parts), -np.inf)
        chance = (a + b) * (a + c) + (d + b) * (d + c)
        kappas = (a + d - chance) / (1 - chance)
    near = kappas[(likelihood >= limit) & np.isfinite(kappas)]
    return near.min(), near.max()


@pytest.mark.parametrize("counts", [(10, 0, 0, 50), (12, 2, 3, 33), (5, 1, 0, 54), (3, 3, 4, 20)])
def test_of_few_calls_the_ends_are_those_that_a_search_finds(counts):
    low, high = searched(counts)
    found = kappa(*counts)
    assert found.low == pytest.approx(low, abs=0.03)
    assert found.high == pytest.approx(high, abs=0.03)


def test_where_all_agree_there_is_still_a_lower_end():
    few, many = kappa(10, 0, 0, 50), kappa(100, 0, 0, 500)
    assert few.value == many.value == few.high == 1
    assert few.low < many.low < 1


def test_where_one_says_the_same_of_all_there_is_no_kappa():
    assert kappa(0, 0, 5, 20) is None
    assert kappa(5, 20, 0, 0) is None
    assert kappa(0, 0, 0, 0) is None
    with pytest.raises(ValueError, match="-1"):
        kappa(1, -1, 2, 3)


def test_opposite_answers():
    found = kappa(0, 30, 30, 0)
    assert (found.value, found.low) == (-1, -1)
    assert found.high < -0.8


def test_a_measure_of_pairs():
    found = measure(pairs(18, 2, 6, 74))
    assert (found.both, found.rule_alone, found.people_alone, found.neither) == (18, 2, 6, 74)
    assert (found.calls, found.broken) == (100, 24)
    # Wilson's ends of 18 of 20 and 18 of 24, worked by hand with z = 1.96:
    # (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n).
    assert found.precision.value == 0.9
    assert found.precision.low == pytest.approx(0.6990, abs=5e-4)
    assert found.precision.high == pytest.approx(0.9721, abs=5e-4)
    assert found.recall.value == 0.75
    assert found.recall.low == pytest.approx(0.5510, abs=5e-4)
    # po .92, pe .2 x .24 + .8 x .76 = .656
    assert found.kappa.value == pytest.approx((0.92 - 0.656) / (1 - 0.656))


def test_a_rule_that_never_says_broken_has_no_precision():
    found = measure(pairs(0, 0, 10, 60))
    assert (found.precision, found.recall.value, found.kappa) == (None, 0, None)
    assert may_prefill(found) is Prefill.NO


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [
        ((9, 0, 0, 100), Prefill.TOO_FEW),
        ((10, 0, 0, 39), Prefill.TOO_FEW),
        ((16, 0, 0, 84), Prefill.YES),
        ((10, 0, 0, 90), Prefill.NO),  # 10 of 10 are .72 at the lower end of precision
        ((60, 2, 4, 134), Prefill.YES),
        ((60, 2, 40, 98), Prefill.NO),  # too much is missed
        ((60, 40, 2, 98), Prefill.NO),  # too much is wrong
    ],
)
def test_a_rule_may_prefill_from_lower_ends_alone(counts, wanted):
    assert may_prefill(measure(pairs(*counts))) is wanted


def test_limits_can_be_others():
    found = measure(pairs(10, 0, 0, 90))
    assert may_prefill(found, Limits(precision=0.7, recall=0.7)) is Prefill.YES


def test_nothing_at_all_is_too_few():
    assert measure([]) == Measure(0, 0, 0, 0, None, None, None)
    assert may_prefill(measure([])) is Prefill.TOO_FEW


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((5, 15, 15, 25), True),  # kappa -.125 of 60 calls
        ((0, 0, 20, 80), True),  # it calls nothing broken, people 20 of 100
        ((60, 0, 0, 0), False),  # all are broken for both: nothing is told of agreement
        ((0, 0, 60, 0), True),  # all are broken for people, and none for it
        ((0, 60, 0, 0), False),  # none are broken for people: too few to condemn it
        ((55, 0, 5, 0), False),  # it finds 55 of 60: kappa tells nothing, and it is right
        ((55, 5, 0, 0), True),  # it calls all broken, whatever people say
        ((0, 0, 9, 300), False),  # nine are too few to condemn it
        ((0, 20, 10, 19), False),  # 49 calls, too
        ((20, 5, 10, 15), False),  # kappa .4 of 50: it may be more
        ((30, 5, 5, 60), False),  # kappa .78
    ],
)
def test_a_rule_is_doubtful_where_people_surely_say_something_else(counts, expected):
    assert is_doubtful(measure(pairs(*counts))) is expected
