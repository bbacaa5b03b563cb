"""The same mix of queues, and which days are held against which."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coaching.measured.alike import alike
from coaching.measured.spans import since_agreed, since_last
from kpis.noise import Part

FIRST_OF_MARCH = date(2026, 3, 1)


def test_colleagues_count_in_each_queue_for_as_much_as_it_is_of_the_agents_work():
    # 30 of the agent's 40 calls are Billing: 0.75 * 100 s + 0.25 * 300 s = 150 s.
    own = {"billing": {1: Part(3600, 30)}, "claims": {1: Part(2800, 10)}}
    theirs = {
        "billing": {1: Part(1000, 10), 2: Part(1000, 10)},
        "claims": {1: Part(30_000, 100), 2: Part(24_000, 80)},
    }
    found = alike(own, theirs)
    assert ratio(found.own) == pytest.approx(6400 / 40)
    assert ratio(found.theirs) == pytest.approx(150)
    # Kish: 1 / (0.75² / 20 + 0.25² / 180) = 35.12; without weights they would be 200.
    assert sum(part.denominator for part in found.theirs) == pytest.approx(35.12, abs=0.01)


def test_queues_that_nobody_else_works_are_left_out_and_most_must_be_shared():
    theirs = {"billing": {1: Part(5, 10)}}
    found = alike({"billing": {1: Part(6, 10)}, "claims": {1: Part(0, 9)}}, theirs)
    assert (ratio(found.own), ratio(found.theirs)) == (0.6, pytest.approx(0.5))
    assert alike({"billing": {1: Part(6, 10)}, "claims": {1: Part(0, 11)}}, theirs) is None
    assert alike({}, theirs) is None
    assert alike({"billing": {1: Part(6, 10)}}, {}) is None


_WORK = st.dictionaries(
    st.sampled_from("abc"),
    st.dictionaries(
        st.integers(0, 5),
        st.tuples(st.integers(0, 50), st.integers(1, 50)).map(lambda one: Part(min(one), one[1])),
        min_size=1,
    ),
    min_size=1,
)


@given(own=_WORK, theirs=_WORK)
def test_what_is_held_against_lies_between_the_queues_and_is_worth_no_more_than_it_is(own, theirs):
    found = alike(own, theirs)
    if found is None:
        return
    shared = [one for one in own if one in theirs]
    ratios = [ratio(theirs[one].values()) for one in shared]
    assert min(ratios) - 1e-9 <= ratio(found.theirs) <= max(ratios) + 1e-9
    there = sum(part.denominator for one in shared for part in theirs[one].values())
    assert sum(part.denominator for part in found.theirs) <= there + 1e-6


@given(own=_WORK)
def test_an_agent_against_the_same_work_is_no_other(own):
    found = alike(own, own)
    assert ratio(found.own) == pytest.approx(ratio(found.theirs))


@pytest.mark.parametrize(
    ("held_on", "first", "before_first", "why"),
    [
        (None, date(2026, 2, 2), date(2026, 1, 5), "first"),
        (date(2026, 2, 9), date(2026, 2, 9), date(2026, 1, 12), "since"),  # 21 days, 28 before
        (date(2026, 2, 20), date(2026, 2, 2), date(2026, 1, 5), "short"),  # 10 days
        (date(2025, 6, 1), date(2025, 12, 1), date(2025, 9, 1), "long"),  # 91 days and 91
    ],
)
def test_the_days_since_the_last_session_and_those_before(held_on, first, before_first, why):
    spans = since_last(held_on, FIRST_OF_MARCH)
    assert (spans.now.first, spans.now.last, spans.why) == (first, FIRST_OF_MARCH, why)
    assert spans.before.first == before_first
    assert (first - spans.before.last).days == 1


def test_a_step_is_held_against_as_long_before_it_was_agreed_on():
    assert since_agreed(FIRST_OF_MARCH, FIRST_OF_MARCH) is None
    spans = since_agreed(date(2026, 2, 15), FIRST_OF_MARCH)
    assert (spans.now.first, spans.now.many, spans.before.many) == (date(2026, 2, 16), 14, 14)
    assert spans.before.last == date(2026, 2, 15)


def ratio(parts):
    parts = list(parts)
    return sum(part.numerator for part in parts) / sum(part.denominator for part in parts)
