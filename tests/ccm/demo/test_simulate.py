"""The simulator: what it posts, once folded, is what a centre loaded later would hold."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIRequestFactory

from ccm.api.events import EventsView
from ccm.demo import load, simulate
from ccm.demo.centre import make_centre
from ccm.demo.load import Wanted
from ccm.demo.simulate import Away, Outbox, Player, Simulator, Tokens, Web
from ccm.demo.story import Due
from ccm.live import folding
from ccm.models import AgentState, ApiToken, Call, LiveEvent, Offer, SurveyResponse
from tests.ccm.demo.test_load import quick_passwords  # noqa: F401

NOW = datetime(2025, 6, 11, 14, 0, tzinfo=UTC)  # a Wednesday: Leeds 15:00, Bogotá 09:00
SMALL = Wanted(seed=2, days=2, agents=48)


class Inside(Web):
    """The endpoint without a network, folding what came as the live process does."""

    def __init__(self):
        super().__init__(port=0)
        self.away = False
        self.posted = []

    def post(self, events, token, patience=5.0):
        if self.away:
            raise Away("nobody there")
        request = APIRequestFactory().post(
            "/api/v1/events/", json.dumps(events), content_type="application/json",
            HTTP_AUTHORIZATION=f"Bearer {token}",
        )  # fmt: skip
        answer = EventsView.as_view()(request)
        assert answer.status_code == 202, answer.data
        assert answer.data["rejected"] == []
        self.posted += events
        while folding.fold_batch(NOW):
            pass
        return answer.data


class Clock:
    def __init__(self, at=NOW):
        self.at = at

    def __call__(self):
        return self.at


@pytest.fixture
def demo(db):
    load.load(SMALL, NOW)
    return load.loaded_demo()


def watched(player, web, clock, minutes, step=timedelta(minutes=2)):
    """Let a simulator run; the outbox as it is then."""
    with Tokens() as tokens:
        outbox = Outbox(web, tokens)
        simulator = Simulator(player, clock)
        end = clock.at + timedelta(minutes=minutes)
        while clock.at <= end:
            simulator.step(outbox)
            clock.at += step
        clock.at = end
        return simulator, outbox


def calls_of_record():
    fields = (
        "external_id", "linked_id", "queue__name", "outcome", "offered_at", "answered_at",
        "ended_at", "wrapup_ended_at", "wait_ms", "talk_ms", "hold_ms", "acw_ms", "ring_ms",
        "transfer_kind", "transfer_target", "resolved",
    )  # fmt: skip
    rows = Call.objects.exclude(outcome="left_ivr").filter(direction="inbound").values_list(*fields)
    return {row[0]: row for row in rows}


def calls_of_centre(now):
    fields = (
        "external_id", "linked_id", "queue", "outcome", "offered_at", "answered_at", "ended_at",
        "wrapup_ended_at", "wait_ms", "talk_ms", "hold_ms", "acw_ms", "ring_ms", "transfer_kind",
        "transfer_target", "resolved",
    )  # fmt: skip
    centre = make_centre(SMALL.seed, SMALL.days, SMALL.agents, NOW.date(), now)
    found = {}
    for record in centre.records.values():
        for row in record.calls.select(fields).iter_rows():
            if row[3] != "left_ivr":
                plain = (*row[:13], row[13] or "", row[14] or "", row[15])
                found[row[0]] = plain
    return found, centre


def answers_of_record(calls):
    rows = SurveyResponse.objects.filter(call__external_id__in=calls).values_list(
        "call__external_id", "kind", "score", "scale_min", "scale_max"
    )
    return sorted(rows)


def answers_of_centre(calls):
    """All that the callers of these calls say, up to eight minutes after."""
    _found, centre = calls_of_centre(NOW + timedelta(hours=2))
    told = []
    for record in centre.records.values():
        names = record.calls["external_id"].to_list()
        for call, *answer in record.surveys.select(
            "call", "kind", "score", "scale_min", "scale_max"
        ).iter_rows():
            if names[call] in calls:
                told.append((names[call], *answer))
    return sorted(told)


def test_what_is_posted_makes_the_record_of_a_centre_loaded_later(demo):
    before = Call.objects.filter(direction="inbound").count()
    open_before = Call.objects.filter(ended_at=None).count()
    assert open_before > 0
    watched(Player(demo.payload), Inside(), Clock(), minutes=40)
    expected, centre = calls_of_centre(NOW + timedelta(minutes=40))
    found = calls_of_record()
    assert len(found) > before - Call.objects.filter(outcome="left_ivr").count()
    over = {
        name for name, row in expected.items() if row[6] and row[6] < NOW + timedelta(minutes=38)
    }
    assert len(over) > 100
    for name in over:
        assert found[name] == expected[name]
    assert found.keys() == expected.keys()
    answers = answers_of_record(over)
    assert answers == answers_of_centre(over)
    assert {kind for _call, kind, *_score in answers} == {"csat", "fcr", "nps", "ces"}
    rings = sum(len(record.offers) for record in centre.records.values())
    assert abs(Offer.objects.count() - rings) <= 10


def test_whoever_is_at_work_is_logged_in_once(demo):
    watched(Player(demo.payload), Inside(), Clock(), minutes=5)
    there = AgentState.objects.filter(state="logged_in", ends_at=None)
    assert there.count() == there.values("agent").distinct().count() > 5
    # The spells of the loaded day ended when the live ones began.
    for spell in there.filter(starts_at=NOW):
        before = AgentState.objects.filter(agent=spell.agent, state="logged_in", ends_at=NOW)
        assert before.count() == 1


def test_the_end_says_goodbye_for_everyone(demo):
    clock = Clock()
    web = Inside()

    class Ticking(threading.Event):
        """Every wait is a minute of the clock; the tenth is the last."""

        def wait(self, timeout=None):
            clock.at += timedelta(minutes=1)
            if clock.at >= NOW + timedelta(minutes=10):
                self.set()
            return self.is_set()

    stop = Ticking()
    Simulator(Player(demo.payload), clock).run(web, stop)
    assert not Call.objects.filter(ended_at=None).exists()
    assert not AgentState.objects.filter(state="logged_in", ends_at=None).exists()
    assert not ApiToken.objects.filter(revoked_at=None).exists()


def test_while_the_web_is_away_events_wait(demo):
    web, clock = Inside(), Clock()
    web.away = True
    player = Player(demo.payload)
    with Tokens() as tokens:
        outbox = Outbox(web, tokens)
        simulator = Simulator(player, clock)
        for _ in range(5):
            simulator.step(outbox)
            clock.at += timedelta(minutes=1)
        waiting = sum(map(len, outbox.waiting.values()))
        assert waiting >= 15
        assert not LiveEvent.objects.exists()
        web.away = False
        simulator.step(outbox)
        assert LiveEvent.objects.count() >= waiting
        assert not any(outbox.waiting.values())


def test_what_waited_too_long_is_let_go(demo):
    web = Inside()
    web.away = True
    with Tokens() as tokens:
        outbox = Outbox(web, tokens)
        for minute in range(40):
            at = NOW + timedelta(minutes=minute)
            event = {"kind": "agent.login", "agent": "Agent/1001", "at": at.isoformat()}
            outbox.add([Due(at, minute, "leeds", event)])
            outbox.send(at)
        kept = [at for at, _event in outbox.waiting["leeds"]]
        assert kept == [NOW + timedelta(minutes=minute) for minute in range(24, 40)]


def test_a_start_the_next_day_ends_what_the_night_left_open(demo):
    left = set(Call.objects.filter(ended_at=None).values_list("external_id", flat=True))
    assert left
    watched(Player(demo.payload), Inside(), Clock(NOW + timedelta(days=1)), minutes=1)
    ended = Call.objects.filter(external_id__in=left)
    assert ended.count() == len(left)
    assert not ended.filter(ended_at=None).exists()
    # Five minutes after the last that was known of them, not a day.
    assert max(call.ended_at for call in ended) <= NOW + timedelta(minutes=5)
    answered = ended.exclude(answered_at=None)
    assert set(answered.values_list("outcome", flat=True)) == {"answered"}


def test_a_second_start_does_not_tell_a_call_that_is_over_again(demo):
    clock, web = Clock(), Inside()
    _simulator, outbox = watched(Player(demo.payload), web, clock, minutes=10)
    with Tokens() as tokens:
        outbox.tokens = tokens
        outbox.farewell(clock())
    ended = dict(Call.objects.exclude(ended_at=None).values_list("pk", "ended_at"))
    clock.at += timedelta(minutes=1)
    watched(Player(demo.payload), web, clock, minutes=10)
    again = dict(Call.objects.filter(pk__in=ended).values_list("pk", "ended_at"))
    assert again == ended


def test_a_new_stretch_is_played_when_one_ends(demo, monkeypatch):
    monkeypatch.setattr(simulate, "STRETCH", timedelta(minutes=20))
    watched(Player(demo.payload), Inside(), Clock(), minutes=42)
    expected, _centre = calls_of_centre(NOW + timedelta(minutes=42))
    assert calls_of_record().keys() == expected.keys()


def test_at_night_somebody_still_calls(demo):
    night = datetime(2025, 6, 12, 1, 30, tzinfo=UTC)  # every office is shut
    web = Inside()
    watched(Player(demo.payload), web, Clock(night), minutes=60)
    offered = [event for event in web.posted if event["kind"] == "call.offered"]
    # What yesterday left open is told again, to be ended.
    new = [one for one in offered if datetime.fromisoformat(one["at"]) >= night]
    assert {event["queue"] for event in new} == {"Roadside"}


def test_a_refused_post_is_away():
    with pytest.raises(Away):
        Web(port=1).post([], "ccm_x", patience=0.2)
