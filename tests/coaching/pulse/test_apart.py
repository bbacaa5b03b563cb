"""Which groups may be asked beside others, and what is told of how many."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.pulse import summing
from coaching.pulse.apart import Answered, leaves_a_few, told

SITE = frozenset(range(20))
TEAM, OTHER = frozenset(range(8)), frozenset(range(8, 17))


@pytest.mark.parametrize(
    ("asked", "others", "expected"),
    [
        (SITE, [], False),
        (TEAM, [SITE], False),  # twelve are left
        (SITE, [frozenset(range(17))], True),  # three are left
        (frozenset(range(17)), [SITE], True),  # whichever came first
        (SITE, [SITE], False),  # the same people
        (OTHER, [TEAM], False),  # no part of each other
        (OTHER, [SITE, TEAM], True),  # together they leave three of the site
        (SITE, [TEAM, OTHER], True),
        (frozenset(range(8, 20)), [SITE, TEAM], False),  # together they are all of it
    ],
)
def test_no_subtraction_leaves_a_few(asked, others, expected):
    assert leaves_a_few(asked, others, 5) is expected


@given(
    st.lists(st.frozensets(st.integers(0, 12), min_size=5), min_size=2, max_size=5),
)
def test_of_what_is_let_through_no_group_less_another_is_of_a_few(groups):
    """One after the other they are asked, each that is not refused."""
    asked = []
    for one in groups:
        if not leaves_a_few(one, asked, 5):
            asked.append(one)
    for whole in asked:
        for part in asked:
            if part < whole:
                assert len(whole - part) >= 5


DAY, WITHIN = timedelta(days=1), timedelta(days=90)


def over(*said, apart=1):
    """Surveys over one after the other, `apart` days between: each (team, whom it asked, how many
    answered), with its place from 1 as its id."""
    begins = date(2026, 3, 2)
    for pk, (team, asked, many) in enumerate(said, start=1):
        day = begins + pk * apart * DAY
        yield Answered(pk, team, asked, day, day, many)


LATER = frozenset(range(8, 15))


@pytest.mark.parametrize(
    ("surveys", "expected"),
    [
        ([(None, SITE, 4)], set()),
        ([(None, SITE, 12), (1, TEAM, 8)], {1}),  # four are left
        ([(1, TEAM, 8), (None, SITE, 12)], {1}),  # whichever was first
        ([(None, SITE, 13), (1, TEAM, 8)], {1, 2}),  # five are left
        ([(None, SITE, 8), (1, TEAM, 8)], {1, 2}),  # nobody need be left
        ([(None, SITE, 7), (1, TEAM, 8)], {1, 2}),  # who was, nobody knows
        ([(1, TEAM, 8), (1, TEAM, 7)], {1, 2}),  # the same people again
        ([(1, TEAM, 8), (2, LATER, 7)], {1, 2}),  # no part of each other
        ([(None, SITE, 18), (1, TEAM, 8), (2, LATER, 7)], {1, 2}),  # together they leave three
        ([(1, TEAM, 8), (2, LATER, 7), (None, SITE, 18)], {1, 2}),
        # Together they are all of it, and leave nobody.
        ([(None, SITE, 20), (1, TEAM, 8), (2, SITE - TEAM, 11)], {1, 2, 3}),
        # What is not told itself takes nothing from others.
        ([(1, TEAM, 4), (None, SITE, 8)], {2}),
    ],
)
def test_nothing_is_told_that_leaves_a_few_who_answered(surveys, expected):
    assert told(over(*surveys), 5, WITHIN) == expected


def test_what_lies_a_season_apart_is_told_whatever_it_leaves():
    assert told(over((None, SITE, 12), (1, TEAM, 8), apart=91), 5, WITHIN) == {1, 2}
    assert told(over((None, SITE, 12), (1, TEAM, 8), apart=90), 5, WITHIN) == {1}


@given(st.lists(st.tuples(st.sampled_from([None, 1, 2]), st.integers(0, 20)), max_size=6))
def test_of_what_is_told_no_site_less_a_team_is_of_a_few(said):
    groups = {None: SITE, 1: TEAM, 2: OTHER}
    surveys = {one.pk: one for one in over(*((team, groups[team], n) for team, n in said))}
    known = [surveys[pk] for pk in told(surveys.values(), 5, WITHIN)]
    assert all(one.many >= 5 for one in known)
    for whole in known:
        for part in known:
            if whole.team is None and part.team is not None:
                assert not 0 < whole.many - part.many < 5


def test_a_mean_is_told_of_five_and_more_with_how_many_in_steps_of_five():
    assert summing.mean({9: 2, 7: 2}, (0, 10), 5) is None
    told = summing.mean({9: 3, 7: 3, 4: 1}, (0, 10), 5)
    # 3 x 9 + 3 x 7 + 4 = 52; of 7 people, told as 5 or more, without an interval of so few.
    assert (told.value, told.at_least, told.interval) == (7.4, 5, None)
    with pytest.raises(ValueError, match="from 1 to 5"):
        summing.mean({0: 9}, (1, 5), 5)


def test_a_mean_of_eight_has_the_interval_of_a_mean():
    """1, 2, 3, 4, 4, 4, 5, 5: mean 3.5, variance 14 / 7, t(7) = 2.3646."""
    told = summing.mean({1: 1, 2: 1, 3: 1, 4: 3, 5: 2}, (1, 5), 5)
    assert told.value == 3.5
    assert told.interval.low == pytest.approx(3.5 - 2.3646 * 0.5, abs=1e-3)
    assert told.interval.high == pytest.approx(3.5 + 2.3646 * 0.5, abs=1e-3)
    # The ends stay on the scale, and where all say the same nobody knows how far others are.
    assert summing.mean({5: 7, 1: 2}, (1, 5), 5).interval.high == 5
    assert summing.mean({5: 9}, (1, 5), 5).interval is None


def test_a_change_is_told_beyond_noise_alone():
    low, high = {2: 5, 3: 5}, {8: 5, 9: 5}
    assert summing.changed(high, low, 5).direction == "up"
    assert summing.changed(low, high, 5).direction == "down"
    assert summing.changed({2: 5, 3: 6}, low, 5).direction == "noise"
    assert summing.changed({2: 3, 3: 3}, low, 5).direction == "unknown"
    assert summing.changed({2: 4}, low, 5) is None
