"""How a team keeps to its rhythm, day by day: dates counted by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.rhythm.counting import Cover, Life, Rule, Span, cover, due, moved, walk

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)
WEEKLY = [Rule(date(2026, 1, 1), 7)]
THERE = (Span(date(2026, 1, 1)),)


def on(day):
    return MONDAY + day * DAY


def states(life, rules, first, last):
    return [one.state for one in walk(life, rules, first, last)]


def test_a_week_after_a_session_the_next_is_due_and_the_day_after_it_is_late():
    life = Life(THERE, held={MONDAY})
    days = list(walk(life, WEEKLY, MONDAY, on(8)))
    assert [one.state for one in days] == ["covered"] * 8 + ["late"]
    assert [one.left for one in days] == [7, 6, 5, 4, 3, 2, 1, 0, -1]
    # Tuesday: since the Monday before it is late, and it was due then.
    assert due(life, days[-1]) == on(7)
    assert {due(life, one) for one in days} == {on(7)}


def test_days_of_absence_do_not_count_and_who_is_away_is_not_late():
    # A week of leave from Wednesday on: due on the Monday after the next instead.
    life = Life(THERE, (Span(on(2), on(9)),), {MONDAY})
    told = list(walk(life, WEEKLY, on(1), on(15)))
    assert [one.state for one in told] == ["covered"] + ["away"] * 7 + ["covered"] * 6 + ["late"]
    assert due(life, told[0]) == on(14)


def test_nobody_can_say_when_it_is_due_of_who_comes_back_nobody_knows_when():
    life = Life(THERE, (Span(on(1)),), {MONDAY})
    (day,) = walk(life, WEEKLY, on(30), on(30))
    assert (day.state, due(life, day)) == ("away", None)


def test_of_a_newcomer_nothing_is_asked_until_their_first_time_is_over():
    life = Life((Span(MONDAY),))
    # The day of joining counts: the seventh day is Sunday.
    assert states(life, WEEKLY, MONDAY, on(7)) == ["new"] * 7 + ["late"]


def test_who_left_counts_until_they_did_and_who_comes_back_is_new():
    life = Life((Span(MONDAY, on(3)), Span(on(10))), held={MONDAY})
    assert states(life, WEEKLY, MONDAY, on(11)) == (["covered"] * 3 + ["none"] * 7 + ["new"] * 2)


def test_a_shorter_rhythm_gives_everybody_its_whole_time_and_a_longer_one_forgives():
    rules = [Rule(date(2026, 1, 1), 31), Rule(on(10), 7)]
    life = Life(THERE, held={MONDAY})
    told = {one.day: one for one in walk(life, rules, MONDAY, on(20))}
    assert told[on(10)].left == 6
    assert told[on(16)].state == "covered"
    assert told[on(17)].state == "late"
    longer = [Rule(date(2026, 1, 1), 7), Rule(on(10), 31)]
    assert states(life, longer, on(9), on(10)) == ["late", "covered"]
    ended = [Rule(date(2026, 1, 1), 7), Rule(on(10), None)]
    assert states(life, ended, on(9), on(10)) == ["late", "none"]


def test_absence_moves_the_day_that_a_session_is_due_by():
    life = Life(THERE, (Span(on(1), on(3)), Span(on(9), on(12))), {MONDAY})
    told = {one.day: one for one in walk(life, WEEKLY, MONDAY, on(14))}
    # Two days of seven are away, so that it is the ninth day; on the next three nobody is asked.
    assert due(life, told[on(5)]) == on(12)
    assert moved(life, told[on(5)], on(12)) == 5
    assert due(life, told[on(13)]) == on(12)
    assert moved(life, told[on(13)], on(12)) == 5


def test_cover_is_the_share_of_days_on_which_a_session_could_be_asked_for():
    life = Life(THERE, (Span(on(1), on(3)),), {MONDAY})
    # Two days away of eleven; due on the ninth, late on the tenth.
    told = cover(list(walk(life, WEEKLY, MONDAY, on(10))))
    assert told == Cover(covered=8, late=1, new=0, away=2)
    assert told.share == pytest.approx(8 / 9)
    assert Cover(new=3, away=2).share is None


spans = st.builds(
    lambda first, length: Span(on(first), None if length is None else on(first + length)),
    st.integers(-40, 40), st.none() | st.integers(1, 30),
)  # fmt: skip
lives = st.builds(
    Life,
    st.lists(spans, min_size=1, max_size=2),
    st.lists(spans, max_size=2),
    st.frozensets(st.integers(-30, 60).map(on), max_size=6),
)


@given(lives, st.integers(0, 30), st.integers(0, 30))
def test_a_day_is_told_the_same_from_wherever_one_begins_to_look(life, first, more):
    whole = list(walk(life, WEEKLY, on(0), on(first + more)))
    assert list(walk(life, WEEKLY, on(first), on(first + more))) == whole[first:]


@given(lives)
def test_what_is_due_lies_where_the_count_says(life):
    for one in walk(life, WEEKLY, on(0), on(20)):
        until = due(life, one)
        if one.state in ("covered", "new") and until is not None:
            assert until >= one.day
            there = [one.day + n * DAY for n in range(1, (until - one.day).days + 1)]
            assert sum(life.counts(day) for day in there) == one.left
        if one.state == "late":
            assert one.left < 0
