"""The additive model, against least squares with every call's effect written out."""

import numpy as np
import pytest
from scipy import optimize, stats

from qa.agreement import additive
from qa.agreement.additive import Block, Fit


@pytest.fixture
def nothing_far(monkeypatch):
    """Every difference counts as it is: least squares."""
    monkeypatch.setattr(additive, "_NEAR", 1.0)


def some_blocks(random, people, calls, sizes=(2, 3, 4)):
    """Calls with scores of two to four of the people, and who gave them."""
    blocks, who = [], []
    for _ in range(calls):
        some = random.choice(people, random.choice(sizes), replace=False)
        blocks.append(Block(np.eye(people)[some], random.normal(0, 1, len(some)) + some))
        who.append(some)
    return blocks, who


def written_out(blocks, columns, contrast):
    """Bell & McCaffrey's CR2 and Satterthwaite's degrees of freedom as they are defined, with a
    column for each call: (effect, standard error, degrees)."""
    cluster = np.repeat(np.arange(len(blocks)), [len(block.values) for block in blocks])
    known = np.vstack([block.known for block in blocks])
    design = np.hstack([known, np.eye(len(blocks))[cluster]])
    values = np.concatenate([block.values for block in blocks])
    weights = np.concatenate([contrast, np.zeros(len(blocks))])
    bread = np.linalg.pinv(design.T @ design)
    hat = design @ bread @ design.T
    left = np.eye(len(values)) - hat
    residuals = left @ values
    pulls, vectors = [], []
    for one in range(len(blocks)):
        rows = cluster == one
        eigenvalues, directions = np.linalg.eigh(left[np.ix_(rows, rows)])
        is_left = eigenvalues > 1e-8
        power = np.where(is_left, np.where(is_left, eigenvalues, 1) ** -0.5, 0)
        adjust = (directions * power) @ directions.T
        along = adjust @ design[rows] @ bread @ weights
        pulls.append(along @ residuals[rows])
        vectors.append(left[:, rows] @ along)
    crossed = np.array(vectors) @ np.array(vectors).T
    return (
        weights @ bread @ design.T @ values,
        np.sqrt(np.sum(np.square(pulls))),
        np.trace(crossed) ** 2 / np.sum(crossed**2),
    )


@pytest.mark.usefixtures("nothing_far")
@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_least_squares_with_an_effect_of_each_call_makes(seed):
    random = np.random.default_rng(seed)
    blocks, _who = some_blocks(random, 5, 30)
    fit = Fit(blocks, 5)
    assert fit.used == list(range(30))
    for contrast in (np.array([1, -1, 0, 0, 0.0]), np.array([-1, 0.25, 0.25, 0.25, 0.25])):
        found = fit.contrast(contrast)
        value, error, degrees = written_out(blocks, 5, contrast)
        assert found.value == pytest.approx(value)
        assert found.error == pytest.approx(error)
        assert found.degrees == pytest.approx(degrees)


def test_what_is_far_off_is_cut_as_huber_has_it():
    """His loss of all differences, squares within four fifths of them and straight beyond, is least
    where the effects are: by a search that knows nothing of how they were found."""
    blocks, who = some_blocks(np.random.default_rng(3), 4, 40)
    blocks[5] = Block(blocks[5].known, blocks[5].values * 9)
    pairs = [
        (one, other, block.values[a] - block.values[b], 1 / len(some))
        for block, some in zip(blocks, who, strict=True)
        for a, one in enumerate(some)
        for b, other in enumerate(some)
        if a < b
    ]

    def apart(effects):
        return np.array([more - effects[one] + effects[other] for one, other, more, _w in pairs])

    weights = np.array([weight for *_pair, weight in pairs])

    def loss(effects, far):
        off = np.abs(apart(effects))
        return float(
            weights
            @ np.where(
                off <= far, off**2 / 2, np.minimum(far, 1e9) * (off - np.minimum(far, 1e9) / 2)
            )
        )

    def least(start, far):
        return optimize.minimize(loss, start, far, method="BFGS", options={"gtol": 1e-9}).x

    squares = found = least(np.zeros(4), 1e4)
    for _round in range(4):
        order = np.argsort(np.abs(apart(found)))
        place = np.searchsorted(np.cumsum(weights[order]), 0.8 * weights.sum() - 1e-9)
        found = least(found, np.abs(apart(found))[order[place]])
    fit = Fit(blocks, 4)
    for one in range(1, 4):
        against = np.eye(4)[one] - np.eye(4)[0]
        assert fit.contrast(against).value == pytest.approx(found[one] - found[0], abs=1e-4)
        assert fit.contrast(against).value != pytest.approx(squares[one] - squares[0], abs=0.05)


def test_one_wild_call_of_ten_moves_the_others_as_far_as_it_may_and_no_further():
    """Nine calls at 3 to 5 points, and one at 4, at 30, at 80: it counts as one at 5, a difference
    that four of five do not pass, as far as it is from 4.1 or so."""

    def of(last):
        differences = [3, 5, 4, 3, 5, 4, 3, 5, 4, last]
        blocks = [Block(np.eye(2), np.array([80.0 + more, 80.0])) for more in differences]
        return Fit(blocks, 2).contrast(np.array([1.0, -1]))

    assert of(4).value == pytest.approx(4)
    assert of(30).value == pytest.approx(of(80).value, rel=0.5)
    assert of(80).value < 4.7  # the mean is 11.6
    assert of(80).error < 1


def of_two(*differences):
    """What one of two gives more, of so many calls of each difference: {points: calls}."""
    blocks = [
        Block(np.eye(2), np.array([80.0 + more, 80.0]))
        for some in differences
        for more, calls in some.items()
        for _call in range(calls)
    ]
    return Fit(blocks, 2).contrast(np.array([1.0, -1]))


def test_where_most_calls_got_the_same_score_twice_the_others_count_in_full():
    """85 of 100 calls are alike, on 15 one gives 20 points more: 3 on average. Their squares are
    85 x 9 + 15 x 17^2 = 5100, so that the error is sqrt(5100 / (99 x 100)) = .7177, and the ends
    are 1.984 of it away: Student's t of 99 degrees."""
    found = of_two({0: 85, 20: 15})
    assert found.value == pytest.approx(3)
    assert found.error == pytest.approx(0.7177, abs=1e-4)
    assert found.interval(0.95) == pytest.approx((1.576, 4.424), abs=1e-3)


def test_differences_both_ways_among_calls_that_are_alike_are_not_told_as_alike():
    """8 and 8 of 100 calls by 20 points: 16 x 400 / (99 x 100) = .804 squared."""
    found = of_two({0: 84, 20: 8, -20: 8})
    assert found.value == pytest.approx(0)
    assert found.error == pytest.approx(0.804, abs=1e-3)


def test_calls_that_all_differ_by_as_much_hide_none_that_differ_by_more():
    """85 by 5 points and 15 by 25: 8 on average, as sure as if they were 0 and 20."""
    found = of_two({5: 85, 25: 15})
    assert found.value == pytest.approx(8)
    assert found.interval(0.95) == pytest.approx((6.576, 9.424), abs=1e-3)


def test_what_is_wild_among_calls_that_are_alike_is_cut():
    """Of 15 calls that are not alike 12 differ by 10 points and three by 80. What 12 of 15 do not
    pass is 10 less the value, and a step of the scores is 10, so they are cut at 10:
    12 x (10 - value) + 3 x 10 = 85 x value, that is 150 / 97, and not the mean, 3.6."""
    found = of_two({0: 85, 10: 12, 80: 3})
    assert found.value == pytest.approx(150 / 97)
    low, high = found.interval(0.95)
    assert low < 1 < 2 < high < 3


@pytest.mark.usefixtures("nothing_far")
def test_of_two_people_it_is_students_t_of_the_pairs():
    random = np.random.default_rng(1)
    blocks, _who = some_blocks(random, 2, 12, sizes=(2,))
    differences = [block.known.T[0] @ block.values - block.known.T[1] @ block.values
                   for block in blocks]  # fmt: skip
    found = Fit(blocks, 2).contrast(np.array([1.0, -1.0]))
    theirs = stats.ttest_1samp(differences, 0)
    low, high = theirs.confidence_interval()
    assert found.degrees == pytest.approx(11)
    assert found.interval(0.95) == pytest.approx((low, high))
    assert found.p == pytest.approx(theirs.pvalue)


def test_what_no_call_links_is_not_told():
    blocks, _who = some_blocks(np.random.default_rng(1), 2, 12, sizes=(2,))
    wider = [Block(np.hstack([one.known, np.zeros((2, 2))]), one.values) for one in blocks]
    others = [Block(np.hstack([np.zeros((2, 2)), one.known]), one.values) for one in blocks]
    fit = Fit(wider + others, 4)
    assert fit.contrast(np.array([1.0, 0, -1, 0])) is None
    assert fit.contrast(np.array([1.0, -1, 0, 0])).value == pytest.approx(
        Fit(blocks, 2).contrast(np.array([1.0, -1])).value
    )


def test_a_call_on_which_alone_a_link_hangs_is_left_out():
    blocks, _who = some_blocks(np.random.default_rng(1), 2, 12, sizes=(2,))
    wider = [Block(np.hstack([one.known, np.zeros((2, 2))]), one.values) for one in blocks]
    others = [Block(np.hstack([np.zeros((2, 2)), one.known]), one.values) for one in blocks]
    bridge = Block(np.eye(4)[[1, 2]], np.array([80.0, 70.0]))
    one = Fit([*wider, bridge, *others], 4)
    assert one.used == [*range(12), *range(13, 25)]
    assert one.contrast(np.array([1.0, 0, -1, 0])) is None
    # Two such calls tell each other's error.
    two = Fit([*wider, bridge, bridge._replace(values=np.array([90.0, 85.0])), *others], 4)
    assert len(two.used) == 26
    assert two.contrast(np.array([0, 1.0, -1, 0])).value == pytest.approx(7.5)


def test_differences_that_never_vary_have_no_error():
    blocks = [Block(np.eye(2), np.array([80.0 + call, 77.0 + call])) for call in range(9)]
    found = Fit(blocks, 2).contrast(np.array([1.0, -1.0]))
    assert found.value == pytest.approx(3)
    assert (found.error, found.p, found.interval(0.95)) == (0, None, None)


def test_of_no_calls_nothing_is_told():
    assert Fit([], 3).contrast(np.array([1.0, -1, 0])) is None


def test_a_call_with_one_score_is_refused():
    with pytest.raises(ValueError, match="one score"):
        Fit([Block(np.eye(2)[:1], np.array([80.0]))], 2)
