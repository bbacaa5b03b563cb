"""Events become visits and spells, whatever order they come in."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccm.imports.records import CALLS, OFFERS, STATES, SURVEYS
from ccm.live.events import KINDS, Event, Survey
from ccm.live.state import chunk_of, fold_spells, fold_visits, unplaced
from tests.ccm.live.words import NINE, agent, at, call


def one(*events: Event):
    [visit] = fold_visits(events)
    return visit


# One call in full: rings Bob in vain, then Ann; she holds twice, hangs up, wraps up.
FULL = [
    call("offered", 0, queue="Sales", caller="+441134960123", linked="contact-7"),
    call("ringing", 5, agent="Bob"),
    call("no_answer", 17, agent="Bob"),
    call("ringing", 18.5, agent="Ann"),
    call("answered", 20, agent="Ann"),
    call("held", 50),
    call("retrieved", 60),
    call("held", 100),
    call("retrieved", 104.25),
    call("ended", 200, ended_by="caller", topic="Refund"),
    call("wrapped_up", 215, agent="Ann", resolved=True, survey=Survey("csat", 4, 1, 5, "friendly")),
]


def test_a_whole_call_is_one_visit_with_every_duration():
    visit = one(*FULL)
    assert (visit.external_id, visit.linked_id, visit.queue) == ("c1", "contact-7", "Sales")
    assert (visit.outcome, visit.agent, visit.ended_by) == ("answered", "Ann", "caller")
    assert (visit.offered_at, visit.answered_at) == (at(0), at(20))
    assert (visit.ended_at, visit.wrapup_ended_at) == (at(200), at(215))
    assert visit.wait_ms == 20_000
    assert visit.ring_ms == 1_500
    assert visit.hold_ms == 14_250  # 10 s and 4.25 s
    assert visit.talk_ms == 165_750  # 180 s less the hold
    assert visit.acw_ms == 15_000
    assert (visit.topic, visit.resolved, visit.caller) == ("Refund", True, "+441134960123")
    assert visit.events == 11
    assert [(ring.agent, ring.ring_ms, ring.outcome) for ring in visit.rings] == [
        ("Bob", 12_000, "no_answer"),
        ("Ann", 1_500, "answered"),
    ]
    assert visit.surveys == ((Survey("csat", 4, 1, 5, "friendly"), at(215)),)


def test_a_call_still_waiting_is_open_and_has_no_durations():
    visit = one(call("offered", 0, queue="Sales"), call("ringing", 3, agent="Ann"))
    assert visit.outcome == "in_progress"
    assert (visit.answered_at, visit.ended_at, visit.wait_ms) == (None, None, None)
    assert visit.rings == ()  # nobody knows yet how it ends


def test_a_call_still_talking_has_a_wait_and_no_end():
    visit = one(call("offered", 0, queue="Sales"), call("answered", 8, agent="Ann"))
    assert (visit.outcome, visit.wait_ms) == ("answered", 8_000)
    assert (visit.ended_at, visit.talk_ms, visit.hold_ms, visit.acw_ms) == (None,) * 4


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"outcome": "abandoned"}, "abandoned"),
        ({"outcome": "timed_out"}, "timed_out"),
        ({"outcome": "callback_requested"}, "callback_requested"),
        ({"ended_by": "caller"}, "abandoned"),
        ({}, "other"),  # nobody says who or why
    ],
)
def test_a_call_nobody_answered_ends_as_the_source_says(said, outcome):
    visit = one(call("offered", 0, queue="Sales"), call("ended", 42, **said))
    assert (visit.outcome, visit.wait_ms, visit.agent) == (outcome, 42_000, None)
    assert (visit.talk_ms, visit.hold_ms) == (None, None)


def test_a_call_nobody_held_was_on_hold_for_no_time():
    visit = one(
        call("offered", 0, queue="Sales"), call("answered", 8, agent="Ann"), call("ended", 68)
    )
    assert (visit.hold_ms, visit.talk_ms) == (0, 60_000)


def test_hanging_up_on_hold_ends_the_hold():
    visit = one(
        call("offered", 0, queue="Sales"),
        call("answered", 10, agent="Ann"),
        call("held", 30),
        call("ended", 50),
    )
    assert (visit.hold_ms, visit.talk_ms) == (20_000, 20_000)


@pytest.mark.parametrize(
    "holds",
    [
        [("retrieved", 30)],
        [("held", 20), ("held", 40), ("retrieved", 45), ("retrieved", 46), ("retrieved", 47)],
        [("held", 20), ("held", 25), ("retrieved", 30), ("retrieved", 35)],
    ],
)
def test_holds_that_do_not_pair_up_are_unknown_not_guessed(holds):
    visit = one(
        call("offered", 0, queue="Sales"),
        call("answered", 10, agent="Ann"),
        *(call(what, seconds) for what, seconds in holds),
        call("ended", 50),
    )
    assert (visit.hold_ms, visit.talk_ms) == (None, None)


def test_a_ring_of_no_length_reached_nobody():
    visit = one(
        call("offered", 0, queue="Sales"),
        call("ringing", 4, agent="Bob"),
        call("no_answer", 4, agent="Bob"),
    )
    assert [(ring.outcome, ring.ring_ms) for ring in visit.rings] == [("unreachable", 0)]


def test_when_all_ring_at_once_the_others_rings_are_cancelled():
    visit = one(
        call("offered", 0, queue="Sales"),
        call("ringing", 2, agent="Ann"),
        call("ringing", 2, agent="Bob"),
        call("answered", 6, agent="Ann"),
        call("ended", 30),
    )
    assert [(ring.agent, ring.outcome) for ring in visit.rings] == [
        ("Ann", "answered"),
        ("Bob", "cancelled"),
    ]


def test_a_transfer_ends_one_visit_and_the_next_queue_begins_another():
    first, second = fold_visits(
        [
            call("offered", 0, queue="Sales"),
            call("answered", 10, agent="Ann"),
            call("transferred", 70, transfer="attended", target="Technical"),
            call("offered", 70, queue="Technical"),
            call("answered", 85, agent="Bob"),
            call("wrapped_up", 90, agent="Ann"),
            call("ended", 185, ended_by="agent"),
            call("wrapped_up", 195, agent="Bob"),
        ]
    )
    assert (first.queue, first.agent, first.ended_at) == ("Sales", "Ann", at(70))
    assert (first.transfer_kind, first.transfer_target) == ("attended", "Technical")
    assert (first.talk_ms, first.acw_ms) == (60_000, 20_000)
    assert (second.queue, second.agent, second.wait_ms) == ("Technical", "Bob", 15_000)
    assert (second.talk_ms, second.acw_ms, second.transfer_kind) == (100_000, 10_000, None)
    assert first.linked_id == second.linked_id == "c1"


def test_coming_back_to_a_queue_is_another_visit():
    visits = fold_visits(
        [
            call("offered", 0, queue="Sales"),
            call("ended", 60, queue="Sales", outcome="timed_out"),
            call("offered", 300, queue="Sales"),
            call("ended", 320, queue="Sales", outcome="abandoned"),
        ]
    )
    assert [(one.offered_at, one.outcome) for one in visits] == [
        (at(0), "timed_out"),
        (at(300), "abandoned"),
    ]


def test_without_its_entry_a_call_is_a_half_with_no_wait():
    visit = one(call("answered", 30, agent="Ann", queue="Sales"), call("ended", 90))
    assert (visit.entry_known, visit.offered_at, visit.wait_ms) == (False, at(30), None)
    assert (visit.outcome, visit.talk_ms) == ("answered", 60_000)


def test_events_that_name_no_queue_wait_for_one_that_does():
    answered = call("answered", 30, agent="Ann")
    assert fold_visits([answered]) == []
    assert unplaced([answered]) == [answered]
    entry = call("offered", 10, queue="Sales")
    assert one(answered, entry).wait_ms == 20_000
    assert unplaced([answered, entry]) == []


def test_clocks_that_disagree_give_no_negative_time():
    visit = one(
        call("offered", 10, queue="Sales"),
        call("answered", 9.8, agent="Ann"),
        call("ended", 9.9),
        call("wrapped_up", 9.7, agent="Ann"),
    )
    assert visit.answered_at == visit.ended_at == visit.wrapup_ended_at == at(10)
    assert (visit.wait_ms, visit.talk_ms, visit.acw_ms) == (0, 0, 0)


def test_what_only_an_answered_call_can_do_is_no_abandonment():
    visit = one(
        call("offered", 0, queue="Sales"),
        call("held", 30),
        call("retrieved", 40),
        call("ended", 60, ended_by="caller"),
    )
    assert visit.outcome == "other"


def test_an_agents_day():
    spells = fold_spells(
        [
            agent("login", 0),
            agent("state", 0, state="available"),
            agent("state", 600, state="acw"),
            agent("state", 630, state="available"),
            agent("state", 3600, state="paused", reason="Lunch"),
            agent("state", 5400, state="available"),
            agent("state", 7200, state="paused", reason="Training"),
            agent("logout", 9000),
        ]
    )
    assert [(s.state, s.reason, s.starts_at, s.ends_at) for s in spells] == [
        ("logged_in", "", at(0), at(9000)),
        ("acw", "", at(600), at(630)),
        ("paused", "Lunch", at(3600), at(5400)),
        ("paused", "Training", at(7200), at(9000)),
    ]


def test_an_agent_who_is_here_has_open_spells():
    spells = fold_spells([agent("login", 0), agent("state", 60, state="paused", reason="Break")])
    assert [(s.state, s.starts_at, s.ends_at) for s in spells] == [
        ("logged_in", at(0), None),
        ("paused", at(60), None),
    ]


def test_a_logout_alone_is_the_half_of_a_session():
    [half] = fold_spells([agent("logout", 500)])
    assert (half.state, half.starts_at, half.ends_at) == ("logged_in", None, at(500))


def test_a_second_logout_says_nothing_new():
    spells = fold_spells([agent("login", 0), agent("logout", 500), agent("logout", 510)])
    assert [(s.starts_at, s.ends_at) for s in spells] == [(at(0), at(500))]


def test_logging_in_again_ends_the_session_before():
    spells = fold_spells([agent("login", 0), agent("login", 500)])
    assert [(s.starts_at, s.ends_at) for s in spells] == [(at(0), at(500)), (at(500), None)]


def test_folded_records_fit_the_loaders_columns():
    chunk = chunk_of(fold_visits(FULL), fold_spells([agent("login", 0)]))
    assert chunk.calls.schema == CALLS
    assert chunk.offers.schema == OFFERS
    assert chunk.states.schema == STATES
    assert chunk.surveys.schema == SURVEYS
    row = chunk.calls.row(0, named=True)
    assert row["birth_ms"] == 1_777_885_200_000  # date -d 2026-05-04T09:00Z +%s
    assert (row["entry_known"], row["time_precision"], row["lines"]) == (True, "ms", 11)
    assert chunk.offers.row(1, named=True) == {
        "call": 0, "agent": "Ann", "ended_ms": 1_777_885_220_000, "starts_at": at(18.5),
        "ring_ms": 1_500, "outcome": "answered",
    }  # fmt: skip
    assert chunk.surveys.row(0, named=True)["score"] == 4.0


moments = st.integers(0, 40).map(lambda n: NINE + timedelta(milliseconds=250 * n))
call_events = st.builds(
    Event,
    id=st.integers(0, 10_000).map(str),
    kind=st.sampled_from([kind for kind in KINDS if kind.startswith("call.")]),
    at=moments,
    call=st.just("c1"),
    queue=st.sampled_from(["", "Sales", "Technical"]),
    agent=st.sampled_from(["", "Ann", "Bob"]),
    outcome=st.sampled_from(["", "abandoned", "timed_out"]),
    topic=st.sampled_from(["", "Refund", "Order"]),
    resolved=st.sampled_from([None, True, False]),
).map(lambda e: replace(e, queue=e.queue or "Sales") if e.kind == "call.offered" else e)
agent_events = st.builds(
    Event,
    id=st.integers(0, 10_000).map(str),
    kind=st.sampled_from(["agent.login", "agent.state", "agent.logout"]),
    at=moments,
    agent=st.just("Ann"),
    state=st.sampled_from(["available", "paused", "acw"]),
    reason=st.sampled_from(["", "Lunch"]),
)


def unique(events):
    return st.lists(events, max_size=14, unique_by=lambda event: event.id)


@given(unique(call_events), st.data())
def test_order_and_repetition_change_no_visit(events, data):
    shuffled = data.draw(st.permutations(events + events))
    assert fold_visits(shuffled) == fold_visits(events)


@given(unique(agent_events), st.data())
def test_order_and_repetition_change_no_spell(events, data):
    shuffled = data.draw(st.permutations(events + events))
    assert fold_spells(shuffled) == fold_spells(events)


@given(unique(call_events))
def test_no_gap_gives_a_negative_duration_or_breaks_a_constraint(events):
    visits = fold_visits(events)
    for one in visits:
        durations = [one.wait_ms, one.ring_ms, one.talk_ms, one.hold_ms, one.acw_ms]
        durations += [ring.ring_ms for ring in one.rings]
        assert all(ms is None or ms >= 0 for ms in durations)
        assert one.ended_at is None or one.ended_at >= one.offered_at
        assert one.answered_at is None or one.answered_at >= one.offered_at
        assert (one.outcome == "answered") == (one.answered_at is not None)
        assert one.outcome != "in_progress" or one.ended_at is None
        if one.talk_ms is not None:
            parts = one.wait_ms or 0, one.hold_ms, one.talk_ms
            start = one.offered_at if one.entry_known else one.answered_at
            assert sum(parts) == (one.ended_at - start) / timedelta(milliseconds=1)
    told = sum(one.events for one in visits) + len(unplaced(events))
    assert told == len(events)  # each event is part of one visit, or waits


@given(unique(agent_events))
def test_spells_never_run_backwards_and_each_start_is_one(events):
    spells = fold_spells(events)
    assert all(one.starts_at or one.ends_at for one in spells)
    assert all(one.ends_at >= one.starts_at for one in spells if one.starts_at and one.ends_at)
    starts = [(one.state, one.starts_at) for one in spells]
    assert len(starts) == len(set(starts))


@given(unique(agent_events), st.data())
def test_later_news_only_ends_a_known_spell_sooner(events, data):
    some = data.draw(st.permutations(events)).copy()[: len(events) // 2]
    whole = {(one.state, one.starts_at): one.ends_at for one in fold_spells(events)}
    for spell in fold_spells(some):
        if spell.starts_at is None:
            continue  # a half is completed, which the loader does
        end = whole[spell.state, spell.starts_at]
        assert spell.ends_at is None or (end is not None and end <= spell.ends_at)
