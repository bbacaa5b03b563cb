"""Where the parts of a call lie on a line of time: lengths of the source, places of the stamps."""

from datetime import timedelta
from uuid import uuid4

import pytest

from ccm import timeline
from ccm.models import Call, Offer
from tests.builders import NINE

SECOND = timedelta(seconds=1)
NOW = NINE + timedelta(hours=1)
NAMES = {1: "Ann", 2: "Bob"}


def a_visit(**known):
    """A call that is in no database, offered at nine."""
    return Call(**{"offered_at": NINE, "outcome": "answered", "time_precision": "second"} | known)


def an_answered(**known):
    """Waited 30 s, talked 60 s to Ann."""
    return a_visit(
        **{
            "answered_at": NINE + 30 * SECOND,
            "ended_at": NINE + 90 * SECOND,
            "wait_ms": 30_000,
            "talk_ms": 60_000,
            "agent_id": 1,
        }
        | known
    )


def a_ring(agent, starts, ring_ms, outcome="no_answer"):
    return Offer(id=uuid4(), agent_id=agent, starts_at=starts, ring_ms=ring_ms, outcome=outcome)


def drawn(call, *rings, now=NOW):
    """Lanes as (who, [(looks, left %, width %)])."""
    made = timeline.picture(call, timeline.parts(call, rings, NAMES, now))
    return made and [
        (lane.who, [(bar.part.looks, bar.left, bar.width) for bar in lane.bars])
        for lane in made.lanes
    ]


def test_a_call_is_drawn_in_lanes_of_caller_and_agents():
    """100 s in all: 10 of menu, 30 of waiting, 60 of talk; so a second is a percent."""
    call = an_answered(ivr_ms=10_000)
    rings = [
        a_ring(2, NINE + 5 * SECOND, 10_000),
        a_ring(1, NINE + 20 * SECOND, 10_000, "answered"),
    ]
    assert drawn(call, *rings) == [
        ("Caller", [("menu", 0, 10), ("waiting", 10, 30), ("talk", 40, 60)]),
        ("Bob", [("missed", 15, 10)]),
        ("Ann", [("ring", 30, 10), ("talk", 40, 60)]),
    ]


def test_a_ring_of_no_length_is_a_stroke_and_one_without_a_place_is_not_drawn():
    call = an_answered()
    rings = [a_ring(2, NINE + 9 * SECOND, 0, "unreachable"), a_ring(2, None, 5000)]
    assert drawn(call, *rings)[1] == ("Bob", [("missed", 10, 0)])


def test_agents_without_a_name_for_the_reader_keep_lanes_of_their_own():
    rings = [a_ring(7, NINE, 9000), a_ring(8, NINE, 9000)]
    lanes = drawn(a_visit(outcome="abandoned", wait_ms=90_000, ended_at=NINE + 90 * SECOND), *rings)
    assert [who for who, _bars in lanes] == ["Caller", "another agent", "another agent"]


def test_lengths_are_the_sources_even_where_its_stamps_differ():
    """Stamps say 30 s of waiting, the source wrote 29: said is 29, and talk still follows."""
    call = an_answered(wait_ms=29_000)
    waiting = timeline.parts(call, [], NAMES, NOW)[0]
    assert waiting.seconds == 29
    assert drawn(call)[0] == ("Caller", [("waiting", 0, 33.333), ("talk", 33.333, 66.667)])


@pytest.mark.parametrize(("hold_ms", "seconds"), [(None, None), (0, 0), (12_500, 12.5)])
def test_hold_is_a_sum_without_a_place(hold_ms, seconds):
    call = an_answered(hold_ms=hold_ms)
    hold = next(one for one in timeline.parts(call, [], NAMES, NOW) if one.kind == "hold")
    assert (hold.seconds, hold.starts_at) == (seconds, None)
    assert all(bar[0] != "hold" for _who, bars in drawn(call) for bar in bars)


@pytest.mark.parametrize(
    ("known", "seconds"),
    [
        ({"acw_ms": 7000}, 7),
        ({"wrapup_ended_at": NINE + 100 * SECOND}, 10),
        ({"acw_ms": 7000, "wrapup_ended_at": NINE + 100 * SECOND}, 7),
        ({}, None),
    ],
)
def test_wrapup_is_what_the_source_wrote_else_by_its_stamp_else_not_known(known, seconds):
    call = an_answered(**known)
    wrapup = timeline.parts(call, [], NAMES, NOW)[-1]
    assert (wrapup.kind, wrapup.seconds) == ("wrapup", seconds)


def test_a_call_still_talked_on_lasts_until_now():
    call = an_answered(ended_at=None, talk_ms=None)
    talk = timeline.parts(call, [], NAMES, NINE + 90 * SECOND)[1]
    assert (talk.seconds, talk.going_on) == (60, True)


def test_a_call_left_open_for_years_ends_nobody_knows_when():
    """100 s of waiting are known; the talk after them gets 15 % more of room, and no length."""
    call = an_answered(
        answered_at=NINE + 100 * SECOND, wait_ms=100_000, ended_at=None, talk_ms=None
    )
    years_later = NINE + timedelta(days=2000)
    talk = timeline.parts(call, [], NAMES, years_later)[1]
    assert (talk.seconds, talk.going_on) == (None, True)
    (_caller, [_waiting, (looks, left, width)]), _agent = drawn(call, now=years_later)
    assert (looks, left, width) == ("talk", pytest.approx(86.957), pytest.approx(13.043))


@pytest.mark.parametrize("outcome", ["left_ivr", "refused", "busy"])
def test_who_never_entered_the_queue_never_waited(outcome):
    call = a_visit(outcome=outcome, ivr_ms=5000, ended_at=NINE)
    assert [part.kind for part in timeline.parts(call, [], NAMES, NOW)] == ["menu"]


@pytest.mark.parametrize("precision", ["minute", "day"])
def test_where_times_are_coarse_the_parts_stand_in_a_row_by_their_lengths(precision):
    """100 s in all: 30 of waiting, 40 of talk and 10 of hold, 20 of wrap-up."""
    call = an_answered(time_precision=precision, talk_ms=40_000, hold_ms=10_000, acw_ms=20_000)
    assert drawn(call) == [
        ("Caller", [("waiting", 0, 30), ("talk", 30, 50)]),
        ("Ann", [("talk", 30, 50), ("wrapup", 80, 20)]),
    ]
    made = timeline.picture(call, timeline.parts(call, [], NAMES, NOW))
    assert [tick.seconds for tick in made.ticks] == [0, 30, 60]


def test_what_comes_after_a_length_that_is_not_known_has_no_place_where_times_are_coarse():
    assert drawn(an_answered(time_precision="minute", wait_ms=None)) is None
    assert drawn(an_answered(time_precision="minute", talk_ms=None)) == [
        ("Caller", [("waiting", 0, 100)])
    ]


def test_what_takes_no_time_is_not_drawn():
    assert drawn(a_visit(ended_at=NINE, wait_ms=0)) is None


def test_ticks_are_round_moments_with_room_for_their_words():
    call = an_answered(offered_at=NINE + 10 * SECOND, ended_at=NINE + 600 * SECOND)
    made = timeline.picture(call, timeline.parts(call, [], NAMES, NOW))
    # 590 s: four at most, so every five minutes would be two and every two minutes too many.
    assert [tick.at for tick in made.ticks] == [NINE + 300 * SECOND]
    assert made.ticks[0].left == pytest.approx(290 / 590 * 100, abs=0.001)
