"""Posted events become rows of the record, and the inbox is kept small."""

import random
from datetime import timedelta

import pytest
from django.db import OperationalError

from ccm.live import events, folding, inbox
from ccm.models import (
    AgentState,
    Call,
    DirtyDay,
    LiveEvent,
    Offer,
    Outcome,
    RawEvent,
    SurveyResponse,
)
from tests.builders import a_site
from tests.ccm.live.words import NINE, at, posted

pytestmark = pytest.mark.django_db
NOON = NINE + timedelta(hours=3)

# A call that Ann answers after Bob let it ring, and Ann's morning.
STORY = [
    posted("agent.login", -600, "1", agent="Ann"),
    posted("call.offered", 0, "2", call="c1", queue="Sales", caller="0113 496 0123"),
    posted("call.ringing", 5, "3", call="c1", agent="Bob"),
    posted("call.no_answer", 17, "4", call="c1", agent="Bob"),
    posted("call.ringing", 18, "5", call="c1", agent="Ann"),
    posted("call.answered", 20, "6", call="c1", agent="Ann"),
    posted("call.held", 50, "7", call="c1"),
    posted("call.retrieved", 60, "8", call="c1"),
    posted("call.ended", 200, "9", call="c1", ended_by="caller"),
    posted("agent.state", 200, "10", agent="Ann", state="acw"),
    posted(
        "call.wrapped_up", 215, "11", call="c1", agent="Ann", topic="Refund", resolved=True,
        survey={"kind": "csat", "score": 5, "min": 1, "max": 5},
    ),
    posted("agent.state", 215, "12", agent="Ann", state="available"),
    posted("agent.state", 900, "13", agent="Ann", state="paused", reason="Break"),
    posted("agent.logout", 1200, "14", agent="Ann"),
]  # fmt: skip

# Harder to tell in pieces: every event names the queue, Ann is rung twice, Bob is out of reach,
# the caller is passed on and comes back, and answers twice.
HARD = [
    posted("call.offered", 0, "h1", call="c2", queue="Sales"),
    posted("call.ringing", 5, "h2", call="c2", queue="Sales", agent="Ann"),
    posted("call.no_answer", 10, "h3", call="c2", queue="Sales", agent="Ann"),
    posted("call.ringing", 11, "h4", call="c2", queue="Sales", agent="Bob"),
    posted("call.no_answer", 11, "h5", call="c2", queue="Sales", agent="Bob"),
    posted("call.ringing", 12, "h6", call="c2", queue="Sales", agent="Ann"),
    posted("call.ringing", 12, "h7", call="c2", queue="Sales", agent="Cyd"),
    posted("call.answered", 15, "h8", call="c2", queue="Sales", agent="Ann"),
    posted("call.transferred", 60, "h9", call="c2", queue="Sales", target="Technical"),
    posted("call.offered", 60, "h10", call="c2", queue="Technical"),
    posted("call.ringing", 61, "h11", call="c2", queue="Technical", agent="Dot"),
    posted("call.declined", 63, "h12", call="c2", queue="Technical", agent="Dot"),
    posted("call.ended", 90, "h13", call="c2", queue="Technical", outcome="abandoned"),
    posted(
        "call.wrapped_up", 70, "h14", call="c2", queue="Sales", agent="Ann",
        survey={"kind": "csat", "score": 2, "min": 1, "max": 5},
    ),
    posted(
        "call.wrapped_up", 80, "h15", call="c2", queue="Sales", agent="Ann",
        survey={"kind": "csat", "score": 1, "min": 1, "max": 5},
    ),
]  # fmt: skip


def put(site, *said, source="pbx", now=NOON):
    return inbox.put([events.read(one, now) for one in said], site, source, now)


def fold(now=NOON):
    """Fold all there is."""
    while folding.fold_batch(now):
        pass


def the_record():
    """What the story left in the record, without keys made by the database."""
    calls = Call.objects.values_list(
        "external_id", "queue__name", "agent__name", "outcome", "offered_at", "answered_at",
        "ended_at",
        "wrapup_ended_at", "wait_ms", "ring_ms", "talk_ms", "hold_ms", "acw_ms", "topic__name",
        "resolved", "ended_by", "transfer_target", "entry_known",
    )  # fmt: skip
    offers = Offer.objects.values_list(
        "call__queue__name", "agent__name", "starts_at", "ring_ms", "outcome"
    )
    states = AgentState.objects.values_list(
        "agent__name", "state", "reason", "starts_at", "ends_at"
    )
    surveys = SurveyResponse.objects.values_list(
        "call__queue__name", "kind", "score", "agent__name"
    )
    return [sorted(rows, key=str) for rows in (calls, offers, states, surveys)]


def test_a_story_is_told_by_the_record():
    site = a_site()
    put(site, *STORY)
    fold()
    call = Call.objects.get()
    assert (call.site, call.queue.name, call.agent.name) == (site, "Sales", "Ann")
    assert (call.source, call.external_id, call.outcome) == ("pbx", "c1", Outcome.ANSWERED)
    assert (call.wait_ms, call.ring_ms, call.hold_ms) == (20_000, 2_000, 10_000)
    assert (call.talk_ms, call.acw_ms) == (170_000, 15_000)
    assert (call.topic.name, call.resolved, call.ended_by) == ("Refund", True, "caller")
    assert call.caller_masked.endswith("123")
    rings = Offer.objects.values_list("agent__name", "outcome", "ring_ms")
    assert set(rings) == {("Bob", "no_answer", 12_000), ("Ann", "answered", 2_000)}
    spells = AgentState.objects.order_by("starts_at")
    assert list(spells.values_list("state", "reason", "starts_at", "ends_at")) == [
        ("logged_in", "", at(-600), at(1200)),
        ("acw", "", at(200), at(215)),
        ("paused", "Break", at(900), at(1200)),
    ]
    assert SurveyResponse.objects.get().score == 5
    assert {str(one.day) for one in DirtyDay.objects.all()} == {"2026-05-04"}
    assert not LiveEvent.objects.filter(folded_at=None).exists()
    assert not RawEvent.objects.exists()


@pytest.mark.parametrize("story", [STORY, HARD], ids=["story", "hard"])
@pytest.mark.parametrize("seed", range(6))
def test_the_record_is_the_same_in_whatever_order_and_batches_events_come(seed, story):
    chance = random.Random(seed)
    shuffled = story + story
    chance.shuffle(shuffled)
    whole, pieces = a_site(), a_site()
    put(whole, *story)
    fold()
    at_once = the_record()
    for model in (Offer, SurveyResponse, AgentState, Call, LiveEvent):
        model.objects.all().delete()
    while shuffled:
        size = chance.randint(1, 6)
        put(pieces, *shuffled[:size])
        del shuffled[:size]
        fold()
    assert the_record() == at_once


def test_a_call_is_seen_waiting_then_talking_then_done():
    site = a_site()
    seen = []
    for story in (STORY[1:4], STORY[4:6], STORY[6:9]):
        put(site, *story)
        fold()
        call = Call.objects.get()
        seen.append((call.outcome, call.answered_at is not None, call.ended_at is not None))
    assert seen == [
        ("in_progress", False, False),
        ("answered", True, False),
        ("answered", True, True),
    ]


def test_folding_again_changes_nothing():
    put(a_site(), *STORY)
    fold()
    before = the_record()
    LiveEvent.objects.update(folded_at=None)
    fold()
    assert the_record() == before


def test_two_sites_and_two_sources_do_not_meet():
    one, two = a_site(), a_site()
    put(one, *STORY)
    put(two, *STORY, source="other pbx")
    fold()
    assert set(Call.objects.values_list("site", "source", "queue__site")) == {
        (one.pk, "pbx", one.pk),
        (two.pk, "other pbx", two.pk),
    }


# Longer than the record can hold in milliseconds: it is stored by no means.
ENDLESS = [
    posted("call.offered", -90 * 86_400, "x1", call="endless", queue="Sales"),
    posted("call.ended", 0, "x2", call="endless", outcome="abandoned"),
]


def test_an_event_that_cannot_be_stored_stops_no_other():
    put(a_site(), *ENDLESS, *STORY)
    fold()
    assert Call.objects.get().external_id == "c1"
    assert AgentState.objects.count() == 3
    assert RawEvent.objects.count() == 2
    kept = RawEvent.objects.order_by("text").first()
    assert kept.source == "pbx"
    assert "range" in kept.reason
    assert '"endless"' in kept.text
    assert not LiveEvent.objects.filter(folded_at=None).exists()


def test_a_busy_database_blames_no_event(monkeypatch):
    put(a_site(), *STORY)

    def away(*_):
        raise OperationalError("the database system is shutting down")

    with monkeypatch.context() as patched:
        patched.setattr(folding, "store", away)
        with pytest.raises(OperationalError):
            folding.fold_batch(NOON)
    assert LiveEvent.objects.filter(folded_at=None).count() == len(STORY)
    assert not RawEvent.objects.exists()
    fold()
    assert Call.objects.count() == 1


def test_a_batch_has_its_size_and_no_call_is_cut_by_it(monkeypatch):
    monkeypatch.setattr(folding, "BATCH", 4)
    put(a_site(), *STORY)
    assert [folding.fold_batch(NOON) for _ in range(5)] == [4, 4, 4, 2, 0]
    assert Call.objects.get().talk_ms == 170_000


def test_the_inbox_forgets_what_was_folded_two_days_ago():
    site = a_site()
    put(site, *STORY, now=NOON)
    fold()
    put(site, posted("agent.login", 3600, "later", agent="Ann"), now=NOON + timedelta(days=1))
    late = NOON + timedelta(days=2, seconds=1)
    assert folding.prune(NOON + timedelta(days=2, seconds=-1)) == 0
    assert folding.prune(late) == len(STORY)
    assert LiveEvent.objects.get().event_id == "later"  # and that is not folded yet
    assert folding.prune(late + timedelta(days=5)) == 0
    assert Call.objects.count() == 1
    assert not RawEvent.objects.exists()


def test_events_whose_queue_nobody_told_are_kept_when_the_inbox_forgets_them():
    site = a_site()
    lost = posted("call.answered", 0, "lost", call="c9", agent="Ann")
    put(site, lost, *STORY)
    fold()
    assert Call.objects.count() == 1
    folding.prune(NOON + timedelta(days=3))
    kept = RawEvent.objects.get()
    assert '"lost"' in kept.text
    assert "queue" in kept.reason


def test_a_late_event_completes_a_call_that_the_inbox_forgot():
    site = a_site()
    put(site, *STORY[1:9])
    fold()
    folding.prune(NOON + timedelta(days=3))
    put(site, STORY[10] | {"queue": "Sales"})
    fold()
    call = Call.objects.get()
    assert (call.outcome, call.wait_ms, call.talk_ms) == ("answered", 20_000, 170_000)
    assert (call.topic.name, call.resolved) == ("Refund", True)


def test_an_old_event_posted_again_takes_nothing_from_its_call():
    site = a_site()
    put(site, *STORY)
    fold()
    before = Offer.objects.count(), SurveyResponse.objects.count()
    assert before == (2, 1)
    later = NOON + timedelta(days=3)
    folding.prune(later)
    assert not LiveEvent.objects.exists()
    put(site, STORY[1])
    folding.fold_batch(later)
    assert (Offer.objects.count(), SurveyResponse.objects.count()) == before
    assert Call.objects.get().outcome == Outcome.ANSWERED


def test_a_survey_stays_one_when_an_earlier_event_moves_a_half_visit():
    site = a_site()
    survey = {"kind": "csat", "score": 5, "min": 1, "max": 5}
    put(
        site,
        posted("call.answered", 20, "2", call="c1", queue="Sales", agent="Ann"),
        posted("call.ended", 200, "3", call="c1", queue="Sales", survey=survey),
    )
    fold()
    put(site, posted("call.ringing", 5, "1", call="c1", queue="Sales", agent="Ann"))
    fold()
    assert Call.objects.count() == 1
    assert SurveyResponse.objects.count() == 1


def states():
    told = AgentState.objects.order_by("starts_at", "state")
    return list(told.values_list("state", "reason", "starts_at", "ends_at"))


def test_two_logins_within_two_seconds_are_two_however_they_come():
    site = a_site()
    put(site, posted("agent.login", 0, "1", agent="Ann"))
    fold()
    put(site, posted("agent.login", 1, "2", agent="Ann"))
    fold()
    assert states() == [("logged_in", "", at(0), at(1)), ("logged_in", "", at(1), None)]
    assert not RawEvent.objects.exists()


def test_a_pause_that_ends_and_begins_again_within_two_seconds_is_two():
    site = a_site()
    for number, state in enumerate(("paused", "available", "paused")):
        put(site, posted("agent.state", number, f"s{number}", agent="Ann", state=state))
        fold()
    assert states() == [("paused", "", at(0), at(1)), ("paused", "", at(2), None)]


def test_a_logout_that_came_before_the_session_it_did_not_end_is_no_session():
    site = a_site()
    put(site, posted("agent.logout", 100, "3", agent="Ann"))
    fold()
    assert states() == [("logged_in", "", None, at(100))]
    put(
        site,
        posted("agent.login", 30, "1", agent="Ann"),
        posted("agent.logout", 60, "2", agent="Ann"),
    )
    fold()
    assert states() == [("logged_in", "", at(30), at(60))]


def test_what_was_laid_to_another_visit_of_a_call_is_taken_back():
    """Ann's wrap-up came before the call that she handed on was known to enter Technical from her:
    only Technical was known by then, and Dot has answered there."""
    site = a_site()
    put(
        site,
        posted("call.offered", 60, "5", call="c1", queue="Technical"),
        posted("call.answered", 70, "6", call="c1", agent="Dot"),
        posted("call.ended", 300, "7", call="c1", ended_by="caller"),
        posted("call.wrapped_up", 320, "4", call="c1", agent="Ann", resolved=True),
    )
    fold()
    assert Call.objects.get().acw_ms == 20_000
    put(
        site,
        posted("call.offered", 0, "1", call="c1", queue="Sales"),
        posted("call.answered", 10, "2", call="c1", agent="Ann"),
        posted("call.transferred", 60, "3", call="c1"),
    )
    fold()
    told = Call.objects.order_by("offered_at")
    assert list(told.values_list("queue__name", "agent__name", "acw_ms", "resolved")) == [
        ("Sales", "Ann", 260_000, True),
        ("Technical", "Dot", None, None),
    ]


def test_what_a_person_or_another_door_said_of_a_call_is_not_taken_back():
    site = a_site()
    put(
        site,
        posted("call.offered", 60, "5", call="c1", queue="Technical"),
        posted("call.answered", 70, "6", call="c1", agent="Dot"),
        posted("call.wrapped_up", 320, "4", call="c1", agent="Ann", resolved=True),
    )
    fold()
    Call.objects.update(noted=["resolved"], resolved=True, hold_ms=5)
    put(
        site,
        posted("call.offered", 0, "1", call="c1", queue="Sales"),
        posted("call.answered", 10, "2", call="c1", agent="Ann"),
        posted("call.transferred", 60, "3", call="c1"),
    )
    fold()
    call = Call.objects.get(queue__name="Technical")
    assert (call.resolved, call.hold_ms, call.wrapup_ended_at) == (True, 5, None)
