"""Who chooses when, and which line each gets."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.bids.awarding import Bidder, Criterion, Why, award, draw, ordered

SENIORITY, TURN, DRAW = Criterion.SENIORITY, Criterion.TURN, Criterion.DRAW
FAIRNESS = Criterion.FAIRNESS


def a_bidder(person, ranked=(), lines=(1, 2, 3), *, own=None, **more):
    """Somebody whose own line has their number."""
    own = own or person
    return Bidder(id=person, own=own, open=frozenset({*lines, own}), ranked=tuple(ranked), **more)


def in_turn(*bidders):
    """Places in the order in which they stand: the first was hired first."""
    dated = [
        Bidder(one.id, one.own, one.open, one.ranked, date(2020, 1, 1 + number))
        for number, one in enumerate(bidders)
    ]
    return ordered(dated, [SENIORITY], 1)


def lines_of(found):
    return {one.place.bidder.id: one.line for one in found}


def test_who_was_hired_first_chooses_first_and_whose_day_nobody_knows_last():
    people = [
        a_bidder(1, hired_on=None),
        a_bidder(2, hired_on=date(2021, 5, 3)),
        a_bidder(3, hired_on=date(2019, 9, 1)),
    ]
    places = ordered(people, [SENIORITY], 1)
    assert [(one.bidder.id, one.number, one.by) for one in places] == [
        (3, 1, (SENIORITY,)),
        (2, 2, (SENIORITY,)),
        (1, 3, (SENIORITY,)),
    ]


def test_who_chose_last_in_the_round_before_chooses_first_and_who_was_in_none_last():
    people = [a_bidder(1, turn=None), a_bidder(2, turn=0.0), a_bidder(3, turn=1.0)]
    assert [one.bidder.id for one in ordered(people, [TURN], 1)] == [3, 2, 1]


def test_who_bore_most_beyond_their_fair_share_chooses_first_and_who_is_not_counted_last():
    people = [
        a_bidder(1, beyond=None),
        a_bidder(2, beyond=-0.5),
        a_bidder(3, beyond=1.5),
        a_bidder(4, beyond=0.0),
    ]
    places = ordered(people, [FAIRNESS], 1)
    assert [(one.bidder.id, one.by) for one in places] == [
        (3, (FAIRNESS,)), (4, (FAIRNESS,)), (2, (FAIRNESS,)), (1, (FAIRNESS,)),
    ]  # fmt: skip


def test_who_bore_the_same_is_told_apart_by_the_next():
    people = [
        a_bidder(1, beyond=1.5, hired_on=date(2021, 1, 1)),
        a_bidder(2, beyond=1.5, hired_on=date(2020, 1, 1)),
    ]
    places = ordered(people, [FAIRNESS, SENIORITY], 1)
    assert [(one.bidder.id, one.by) for one in places] == [
        (2, (FAIRNESS, SENIORITY)), (1, (FAIRNESS, SENIORITY)),
    ]  # fmt: skip


def test_equals_by_one_criterion_are_told_apart_by_the_next_and_say_so():
    day = date(2020, 1, 1)
    people = [
        a_bidder(1, hired_on=day, turn=0.0),
        a_bidder(2, hired_on=day, turn=1.0),
        a_bidder(3, hired_on=date(2021, 1, 1), turn=1.0),
    ]
    places = ordered(people, [SENIORITY, TURN], 1)
    assert [(one.bidder.id, one.by) for one in places] == [
        (2, (SENIORITY, TURN)),
        (1, (SENIORITY, TURN)),
        (3, (SENIORITY,)),
    ]


def test_the_draw_is_the_hash_of_seed_and_person_so_that_anybody_can_repeat_it():
    # printf '7:1' | sha256sum, and so on.
    assert draw(7, 1).startswith("d7a0cee7b61e")
    assert draw(7, 2).startswith("8d8ea3758174")


def test_who_else_takes_part_changes_nothing_about_a_draw():
    whole = [one.bidder.id for one in ordered([a_bidder(n) for n in range(1, 9)], [DRAW], 5)]
    some = [one.bidder.id for one in ordered([a_bidder(n) for n in (2, 5, 7)], [DRAW], 5)]
    assert some == [one for one in whole if one in (2, 5, 7)]


def test_what_is_stated_behind_a_draw_decides_nothing():
    people = [a_bidder(n, hired_on=date(2020, 1, n)) for n in range(1, 9)]
    assert ordered(people, [DRAW, SENIORITY], 5) == ordered(people, [DRAW], 5)


def test_each_gets_the_best_of_their_ranking_that_is_left():
    """The first takes 2; the second wanted that, and gets 1; the third is left with 3."""
    found = award(in_turn(a_bidder(1, [2, 1]), a_bidder(2, [2, 1, 3]), a_bidder(3, [1, 2, 3])))
    assert lines_of(found) == {1: 2, 2: 1, 3: 3}
    assert found[1].choices == ((2, Why.TAKEN), (1, Why.GIVEN))
    assert found[2].choices == ((1, Why.TAKEN), (2, Why.TAKEN), (3, Why.GIVEN))


def test_a_line_that_is_not_open_to_somebody_is_passed_over():
    found = award(in_turn(a_bidder(1, [3, 2], lines=(1, 2)), a_bidder(2), a_bidder(3)))
    assert found[0].choices == ((3, Why.NOT_OPEN), (2, Why.GIVEN))


def test_the_only_line_that_somebody_behind_can_work_is_left_to_them():
    """The third can work 3 alone."""
    found = award(in_turn(a_bidder(1, [3, 2]), a_bidder(2, [3]), a_bidder(3, lines=(3,))))
    assert found[0].choices == ((3, Why.NEEDED), (2, Why.GIVEN))
    assert found[1].choices == ((3, Why.NEEDED),)
    assert lines_of(found) == {1: 2, 2: 1, 3: 3}


def test_others_move_up_so_that_a_line_can_be_given():
    """1 takes 3; 3 can have 2 alone beside its own, 2 can have 1: all have one."""
    people = [a_bidder(1, [3]), a_bidder(2, lines=(1, 2)), a_bidder(3, lines=(2, 3))]
    assert lines_of(award(in_turn(*people))) == {1: 3, 2: 1, 3: 2}


def test_who_ranks_nothing_comes_last_and_keeps_their_own_where_it_is_left():
    found = award(in_turn(a_bidder(1), a_bidder(2, [3]), a_bidder(3)))
    assert lines_of(found) == {1: 1, 2: 3, 3: 2}
    assert [one.is_placed for one in found] == [True, False, True]


def test_who_ranks_nothing_takes_nothing_from_those_who_do():
    """The first would keep their own, which the last has chosen."""
    found = award(in_turn(a_bidder(1), a_bidder(2), a_bidder(3, [1])))
    assert lines_of(found)[3] == 1
    assert found[0].is_placed


def test_whose_choices_are_all_gone_is_placed_with_what_is_left():
    found = award(in_turn(a_bidder(1, [2]), a_bidder(2, [2]), a_bidder(3, [3])))
    assert found[1].choices == ((2, Why.TAKEN),)
    assert found[1].is_placed
    assert found[1].line == 1


@pytest.mark.parametrize(
    "people",
    [
        [a_bidder(1), a_bidder(2, own=1)],
        [Bidder(1, own=1, open=frozenset({2}))],
    ],
)
def test_lines_that_are_nobodys_own_cannot_be_given_out(people):
    with pytest.raises(ValueError, match="line"):
        award(ordered(people, [DRAW], 1))


def test_two_of_one_id_cannot_take_part():
    with pytest.raises(ValueError, match="one id"):
        ordered([a_bidder(1), a_bidder(1, own=2)], [DRAW], 1)


@st.composite
def rounds(draw_: st.DrawFn) -> list[Bidder]:
    many = draw_(st.integers(1, 7))
    lines = list(range(1, many + 1))
    own = draw_(st.permutations(lines))
    return [
        Bidder(
            id=person,
            own=own[person],
            open=frozenset({*draw_(st.sets(st.sampled_from(lines))), own[person]}),
            ranked=tuple(draw_(st.lists(st.sampled_from(lines), unique=True))),
        )
        for person in range(many)
    ]


def can_all_have_one(people: list[Bidder], lines: set[int]) -> bool:
    """By trying every way there is."""
    if not people:
        return True
    return any(can_all_have_one(people[1:], lines - {one}) for one in people[0].open & lines)


@settings(max_examples=300, deadline=None)
@given(rounds(), st.integers(0, 1000))
def test_everybody_gets_one_line_that_is_open_to_them(people, seed):
    found = award(ordered(people, [DRAW], seed))
    assert sorted(one.line for one in found) == sorted(one.own for one in people)
    assert all(one.line in one.place.bidder.open for one in found)


@settings(max_examples=300, deadline=None)
@given(rounds(), st.integers(0, 1000))
def test_nobody_envies_a_line_of_somebody_behind_unless_it_is_not_open_or_was_needed(people, seed):
    found = award(ordered(people, [DRAW], seed))
    chosen = [one for one in found if not one.is_placed]
    for one in found:
        before = [other for other in chosen if other.place.number < one.place.number]
        rest = [other.place.bidder for other in found if other not in before and other is not one]
        left = {other.own for other in people} - {other.line for other in before}
        better = one.choices if one.is_placed else one.choices[:-1]
        for line, why in better:
            if why is Why.NOT_OPEN:
                assert line not in one.place.bidder.open
            elif why is Why.TAKEN:
                assert line in {other.line for other in before}
            else:
                assert not can_all_have_one(rest, left - {line})
        assert {line for line, _why in better} == {
            line
            for line in one.place.bidder.ranked
            if one.is_placed
            or one.place.bidder.ranked.index(line) < one.place.bidder.ranked.index(one.line)
        }


@settings(max_examples=100, deadline=None)
@given(rounds(), st.integers(0, 1000))
def test_a_round_comes_out_the_same_each_time(people, seed):
    again = award(ordered(list(reversed(people)), [DRAW], seed))
    assert award(ordered(people, [DRAW], seed)) == again
