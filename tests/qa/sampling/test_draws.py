import subprocess
import sys
from collections import Counter
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.sampling import Drawn, Eligible, Fixed, Proportional, Shares, draw, layers, swap
from tests.qa.sampling.fair import CALLS, fairness, p_of

SEED = "week 48 of 2026"
STRATA = st.sampled_from(["a", "b", "c", ("long", 3), None])
ALLOCATIONS = st.one_of(
    st.builds(Proportional, st.integers(1, 30)),
    st.builds(Fixed, st.integers(1, 5), st.dictionaries(STRATA, st.integers(1, 9))),
    st.builds(Shares, st.integers(1, 30), st.dictionaries(STRATA, st.floats(0.01, 0.19))),
)
POPULATIONS = st.dictionaries(
    st.text("abcdef0123456789", min_size=1, max_size=6), STRATA, max_size=60
).map(lambda of: [Eligible(call, stratum) for call, stratum in of.items()])


def of_strata(**sizes):
    """Calls a-1, a-2, ... of the strata of these sizes."""
    return [
        Eligible(f"{name}-{number}", name)
        for name, size in sizes.items()
        for number in range(1, size + 1)
    ]


def calls_of(made):
    return [one.call for one in made.drawn]


def taken(made):
    """How many calls were drawn of which strata."""
    return {frozenset(layer.strata): len(layer.taken) for layer in made.layers}


@given(POPULATIONS, ALLOCATIONS, st.randoms(use_true_random=False))
def test_the_same_calls_give_the_same_draw_in_any_order(calls, how, random):
    shuffled = random.sample(calls, len(calls))
    assert draw(SEED, shuffled, how) == draw(SEED, calls, how)


@given(POPULATIONS, ALLOCATIONS)
def test_every_call_can_be_drawn_and_none_twice(calls, how):
    made = draw(SEED, calls, how)
    drawn = calls_of(made)
    assert len(set(drawn)) == len(drawn)
    assert sorted(call for layer in made.layers for call in layer.calls) == sorted(
        one.call for one in calls
    )
    assert all(layer.taken for layer in made.layers)
    assert all(0 < one.probability <= 1 for one in made.drawn)
    # Weights of 1 / probability count all calls: the sum over a layer is n_h N_h / n_h.
    assert sum(1 / one.probability for one in made.drawn) == pytest.approx(len(calls))
    if not isinstance(how, Fixed):
        assert len(drawn) == min(how.n, len(calls))


def test_the_draw_is_that_of_a_hash_anybody_can_compute():
    key = blake2b(SEED.encode()).digest()

    def by_hash(call):
        return blake2b(call.encode(), digest_size=16, key=key, person=b"draw").digest()

    made = draw(SEED, map(Eligible, CALLS), Proportional(7))
    assert calls_of(made) == sorted(CALLS, key=by_hash)[:7]


def test_another_process_with_other_hashes_of_python_draws_the_same():
    code = (
        "from tests.qa.sampling.test_draws import *\n"
        "print(calls_of(draw(SEED, of_strata(a=20, b=20, c=20, d=3), Proportional(10))))"
    )
    here = calls_of(draw(SEED, of_strata(a=20, b=20, c=20, d=3), Proportional(10)))
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert there.stdout.strip() == str(here)


def test_another_seed_draws_others_and_no_seed_is_refused():
    calls = [*map(Eligible, CALLS)]
    assert calls_of(draw("1", calls, Proportional(9))) != calls_of(
        draw("2", calls, Proportional(9))
    )
    with pytest.raises(ValueError, match="seed"):
        draw("", calls, Proportional(9))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_layers_of_a_draw_are_known_without_drawing(n):
    calls = [Eligible(call, place % 7 % 3) for place, call in enumerate(CALLS)]
    made = draw(SEED, calls, Proportional(n))
    assert layers(SEED, calls, Proportional(n)) == tuple(one.strata for one in made.layers)
    assert sorted(one for layer in made.layers for one in layer.strata) == [0, 1, 2]


def test_a_call_less_leaves_the_order_of_the_others():
    made = draw(SEED, map(Eligible, CALLS), Proportional(10))
    gone = calls_of(made)[3]
    again = draw(SEED, (Eligible(call) for call in CALLS if call != gone), Proportional(10))
    assert calls_of(again)[:9] == [call for call in calls_of(made) if call != gone]


@pytest.mark.parametrize(
    ("how", "sizes", "expected"),
    [
        # 10 of 100: quotas 6.0, 3.0, 1.0.
        (Proportional(10), {"a": 60, "b": 30, "c": 10}, {"a": 6, "b": 3, "c": 1}),
        # 10 of 100: 4.7, 2.9, 2.4; the two left go to .9 and .7.
        (Proportional(10), {"a": 47, "b": 29, "c": 24}, {"a": 5, "b": 3, "c": 2}),
        # 5 of 100: 4.0, .6, .4; the one left goes to .6 and c is drawn with b, the smaller.
        (Proportional(5), {"a": 80, "b": 12, "c": 8}, {"a": 4, "bc": 1}),
        # 5 of 100: 4.8, .2. The one stratum that is left has both.
        (Proportional(5), {"a": 96, "b": 4}, {"ab": 5}),
        # No more than there are.
        (Proportional(50), {"a": 3, "b": 4}, {"a": 3, "b": 4}),
        (Fixed(2), {"a": 90, "b": 5, "c": 1}, {"a": 2, "b": 2, "c": 1}),
        (Fixed(2, {"a": 4}), {"a": 90, "b": 5}, {"a": 4, "b": 2}),
        # Half of 10 goes to the 20 unhappy; 5 of the other 80.
        (Shares(10, {"u": 0.5}), {"a": 48, "b": 32, "u": 20}, {"a": 3, "b": 2, "u": 5}),
        # Only 3 are unhappy: all of them, and 7 of the rest by 48 : 32, 4.2 and 2.8.
        (Shares(10, {"u": 0.5}), {"a": 48, "b": 32, "u": 3}, {"a": 4, "b": 3, "u": 3}),
        # A stratum that is named and has no calls takes nothing.
        (Shares(10, {"u": 0.5}), {"a": 48, "b": 32}, {"a": 6, "b": 4}),
        # Quotas .4, 3.42 and .18: b, at .18 of 5, is drawn with a, at 3.42 of 95 just as often;
        # u, drawn most often, with what is left.
        (Shares(4, {"u": 0.1}), {"a": 95, "b": 5, "u": 5}, {"abu": 4}),
    ],
)
def test_numbers_of_strata_are_those_worked_by_hand(how, sizes, expected):
    made = draw(SEED, of_strata(**sizes), how)
    assert taken(made) == {frozenset(strata): n for strata, n in expected.items()}


def test_a_tie_goes_to_either_of_two_strata_alike():
    """Quotas 2.5 and 2.5 of 5: whoever has the third call, by the seed, has it in half of draws.
    Of 400 fair ones 200, give or take 2.6 * 10."""
    calls = of_strata(a=20, b=20)
    third = Counter(
        stratum
        for seed in range(400)
        for layer in draw(str(seed), calls, Proportional(5)).layers
        for stratum in layer.strata
        if len(layer.taken) == 3
    )
    assert third.total() == 400
    assert 174 <= third["a"] <= 226


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Proportional(0),
        lambda: Fixed(0),
        lambda: Fixed(1, {"a": 0}),
        lambda: Shares(0, {}),
        lambda: Shares(9, {"a": 1.0}),
        lambda: Shares(9, {"a": 0.5, "b": 0.5}),
        lambda: Drawn("a-1", 0, 0, 5),
        lambda: Drawn("a-1", 0, 6, 5),
        lambda: draw(SEED, [Eligible("a"), Eligible("a", 1)], Proportional(1)),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):  # noqa: PT011
        wrong()


def test_of_no_calls_nothing_is_drawn():
    assert draw(SEED, [], Proportional(5)).drawn == ()


def test_the_statistic_is_the_one_that_is_worked_by_hand():
    """3 calls, 1 drawn, 30 times: came 12, 9, 9 of 10. sum (O-E)^2/E = (4 + 1 + 1)/10 = .6, times
    2 / (3 * 2/3) = 1. On 2 degrees p is exp(-.3)."""
    assert p_of([12, 9, 9], 30, 1) == pytest.approx(np.exp(-0.3))


def test_draws_are_fair():
    calls = [*map(Eligible, CALLS)]
    p = fairness(lambda seed: calls_of(draw(seed, calls, Proportional(10))), 1500, 10)
    assert 0.001 < p < 0.999


def test_draws_from_two_strata_are_fair_within_each():
    calls = of_strata(a=60, b=20)
    for name, size, n in (("a", 60, 6), ("b", 20, 2)):
        within = [f"{name}-{number}" for number in range(1, size + 1)]

        def of_one(seed, name=name):
            made = calls_of(draw(seed, calls, Proportional(8)))
            return [call for call in made if call.startswith(name)]

        assert 0.001 < fairness(of_one, 800, n, within) < 0.999


def test_a_bias_of_ten_percent_is_caught():
    """Half of all calls come a tenth less often than they should: with N - 1 = 99 degrees, and
    counts of 1000 in 10,000 draws, sum (O-E)^2/E is 100 * 50^2 / 1000 = 250 more."""
    drawing = np.random.default_rng(1)
    weights = np.where(np.arange(100) < 50, 0.9, 1.0)
    counts = np.zeros(100, int)
    for _ in range(10_000):
        # The ten smallest of exponential times are a draw with these weights.
        counts[np.argpartition(drawing.exponential(size=100) / weights, 10)[:10]] += 1
    assert p_of(counts.tolist(), 10_000, 10) < 1e-6


def test_plain_pearson_would_never_fail():
    """Of 50 drawn of 100 its mean is half its degrees: p of fair draws is always near 1."""
    calls = [*map(Eligible, CALLS)]
    came = Counter(
        call for seed in range(300) for call in calls_of(draw(str(seed), calls, Proportional(50)))
    )
    plain = sum((came[call] - 150) ** 2 / 150 for call in CALLS)
    assert plain < 75  # of 99 degrees
    assert 0.001 < p_of([came[call] for call in CALLS], 300, 50) < 0.999


def test_instead_of_a_call_comes_the_next_of_its_stratum():
    made = draw(SEED, of_strata(a=30, b=30), Proportional(6))
    layer = made.layers[0]
    swapped = swap(made, {layer.calls[1]: "no recording"})
    (one,) = swapped.swaps
    assert (one.out, one.reason, one.instead) == (layer.calls[1], "no recording", layer.calls[3])
    assert swapped.draw.layers[0].taken == (layer.calls[0], layer.calls[2], layer.calls[3])
    assert swapped.draw.layers[1] == made.layers[1]
    # 3 of the 29 that can be reviewed; of the other stratum it is 3 of 30 still.
    assert {one.probability for one in swapped.draw.drawn if one.layer == 0} == {3 / 29}
    assert {one.probability for one in swapped.draw.drawn if one.layer == 1} == {3 / 30}


@given(POPULATIONS, ALLOCATIONS, st.data())
def test_swaps_give_the_same_whatever_their_order(calls, how, data):
    made = draw(SEED, calls, how)
    known = [one.call for one in calls]
    away = data.draw(st.lists(st.sampled_from(known), unique=True) if known else st.just([]))
    at_once = swap(made, dict.fromkeys(away, "no recording")).draw
    one_by_one = made
    for call in data.draw(st.permutations(away)):
        one_by_one = swap(one_by_one, {call: "no recording"}).draw
    assert one_by_one == at_once
    assert not set(away) & set(calls_of(at_once))


def test_swaps_are_as_if_those_calls_had_never_been_eligible():
    away = set(CALLS[::3])
    made = draw(SEED, map(Eligible, CALLS), Proportional(10))
    swapped = swap(made, dict.fromkeys(away, "no recording")).draw
    anew = draw(SEED, (Eligible(call) for call in CALLS if call not in away), Proportional(10))
    assert swapped.drawn == anew.drawn


def test_where_nothing_is_left_fewer_are_reviewed_and_all_surely():
    made = draw(SEED, of_strata(a=3), Proportional(2))
    first, second, third = made.layers[0].calls
    swapped = swap(made, {first: "no recording", third: "no consent"})
    assert [(one.out, one.instead) for one in swapped.swaps] == [(first, None)]
    assert [(one.call, one.probability) for one in swapped.draw.drawn] == [(second, 1.0)]
    assert swapped.draw.reasons == {first: "no recording", third: "no consent"}


def test_a_swap_needs_its_reason_and_a_call_of_the_draw():
    made = draw(SEED, of_strata(a=3), Proportional(2))
    with pytest.raises(ValueError, match="not said"):
        swap(made, {"a-1": " "})
    with pytest.raises(ValueError, match="not eligible"):
        swap(made, {"z-1": "no recording"})
