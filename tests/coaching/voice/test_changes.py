"""Shares of comments and their changes, by hand and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.voice import changes
from coaching.voice.changes import Share


def test_a_share_of_comments_on_nobody_has_wilsons_interval():
    # 20 of 100: Wilson 1927, as tables have it, 13.3 % to 28.9 %.
    one = changes.share({None: 20}, {None: 100})
    assert one.value == pytest.approx(0.2)
    assert one.interval is not None
    # 100 clusters of one comment each: t of 99 degrees instead of the normal, a little wider.
    assert one.interval.low == pytest.approx(0.1334, abs=0.002)
    assert one.interval.high == pytest.approx(0.2888, abs=0.003)


def test_comments_that_agents_have_alike_are_worth_fewer():
    apart = changes.share({1: 10, 2: 10, 3: 10, 4: 10}, {1: 20, 2: 20, 3: 20, 4: 20})
    alike = changes.share({1: 20, 2: 20}, {1: 20, 2: 20, 3: 20, 4: 20})
    assert apart.value == alike.value == 0.5
    assert alike.interval.high - alike.interval.low > 2 * (apart.interval.high - apart.interval.low)


def test_of_no_comments_nothing_is_told():
    none = changes.share({}, {})
    some = changes.share({None: 1}, {None: 2})
    assert none.value is None
    assert none.interval is None
    for now, before in ((none, some), (some, none), (none, none)):
        told = changes.changed(now, before)
        assert told.difference is None
        assert told.direction == "unknown"


def test_more_that_have_it_than_there_are_are_refused():
    with pytest.raises(ValueError, match="more comments"):
        changes.share({1: 3}, {1: 2})


@pytest.mark.parametrize(("now", "direction"), [(60, "up"), (22, "noise"), (2, "down")])
def test_a_change_is_told_beyond_chance_alone(now, direction):
    before = changes.share({None: 20}, {None: 100})
    assert changes.changed(changes.share({None: now}, {None: 100}), before).direction == direction


def test_of_many_changes_those_are_told_that_are_not_all_chance():
    before = changes.share({None: 20}, {None: 100})
    made = {
        1: changes.changed(changes.share({None: 60}, {None: 100}), before),
        2: changes.changed(changes.share({None: 21}, {None: 100}), before),
        3: changes.changed(Share(), before),
    }
    assert changes.told_of(made) == {1}


counts = st.dictionaries(
    st.one_of(st.none(), st.integers(1, 5)),
    st.tuples(st.integers(0, 30), st.integers(0, 30)).map(sorted),
    max_size=6,
)


@given(counts)
def test_a_share_lies_within_its_interval_and_both_within_0_and_1(said):
    one = changes.share({k: v[0] for k, v in said.items()}, {k: v[1] for k, v in said.items()})
    if one.value is None:
        assert one.interval is None
    else:
        near = 1e-9
        assert -near <= one.interval.low <= one.value + near
        assert one.value - near <= one.interval.high <= 1 + near


@given(counts, counts)
def test_a_change_back_is_the_same_the_other_way(here, there):
    one, other = (
        changes.share({k: v[0] for k, v in said.items()}, {k: v[1] for k, v in said.items()})
        for said in (here, there)
    )
    on, back = changes.changed(one, other), changes.changed(other, one)
    assert (on.difference is None) == (back.difference is None)
    if on.difference is not None:
        assert on.difference.value == pytest.approx(-back.difference.value)
        assert on.difference.low == pytest.approx(-back.difference.high)
