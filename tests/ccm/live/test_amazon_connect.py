"""Amazon Connect's agent events, posted live: the rows that a file of them makes, and no others."""

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from ccm.imports import run
from ccm.imports.storing.target import source_name
from ccm.live import events, folding, inbox
from ccm.live.events import Event
from ccm.live.now import floors
from ccm.live.shapes import amazon_connect
from ccm.models import AgentState, Call, LiveEvent, RawEvent
from tests import exports
from tests.builders import a_site
from tests.logs import DATA

FORM = "amazon_connect_agent_events"
RECORDS = [json.loads(line) for line in (DATA / f"{FORM}.jsonl").read_text().splitlines()]
# The day of the events is long over.
EVENING = datetime(2025, 3, 4, 20, 0, tzinfo=UTC)


def read(value, now=EVENING):
    return amazon_connect.read(value, now)


def comes(site, *records, now=EVENING):
    inbox.put([read(one, now) for one in records], site, source_name(FORM, site), now)
    while folding.fold_batch(now):
        pass


def rows():
    told = AgentState.objects.order_by("starts_at", "state")
    return list(told.values_list("agent_name", "state", "reason", "starts_at", "ends_at"))


def an_import(site):
    with (DATA / f"{FORM}.jsonl").open("rb") as log:
        batch = run.start([("log.jsonl", log)], form=FORM, site=site)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_posted_in_any_order_and_pieces_they_make_the_rows_of_the_file(seed):
    site = a_site()
    an_import(site)
    of_file = rows()
    assert len(of_file) == 7
    AgentState.objects.all().delete()
    chance = random.Random(seed)
    shuffled = RECORDS + RECORDS
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randint(1, 5)
        comes(site, *shuffled[:size])
        del shuffled[:size]
    assert rows() == of_file
    assert not Call.objects.exists()
    assert not RawEvent.objects.exists()
    # And the file after them brings nothing new.
    batch = an_import(site)
    assert (batch.stored, batch.updated, batch.rejected) == (0, 0, 0)
    assert rows() == of_file


@pytest.mark.django_db
def test_they_show_what_an_agent_is_doing_now():
    """Ada logged in, is on a call, then holds it, then is at lunch."""
    site = a_site()
    seen = []
    for upto, clock in ((5, "08:03:30"), (6, "08:04:20"), (10, "12:10:00"), (12, "12:40:00")):
        now = datetime.fromisoformat(f"2025-03-04T{clock}+00:00")
        comes(site, *RECORDS[:upto], now=now)
        floor = floors(now)[site.pk]
        seen.append((floor.talking, dict(floor.paused), floor.available))
    assert seen == [(1, {}, 0), (1, {}, 0), (0, {"Lunch": 1}, 0), (0, {}, 1)]


@pytest.mark.django_db
def test_a_heartbeat_is_heard_though_it_tells_nothing():
    site = a_site()
    beat = next(one for one in RECORDS if one["EventType"] == "HEART_BEAT")
    comes(site, beat, beat)
    assert LiveEvent.objects.get().event_id == beat["EventId"]
    assert not AgentState.objects.exists()


def test_one_without_an_id_is_known_again_by_what_it_says():
    bare = {name: value for name, value in RECORDS[0].items() if name != "EventId"}
    again = dict(reversed(bare.items()))
    assert read(bare).id == read(again).id != read(RECORDS[1] | {"EventId": ""}).id


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),
        ("LOGIN", ""),
        (RECORDS[0] | {"EventType": "NAP"}, "/EventType"),
        (RECORDS[0] | {"EventType": None}, "/EventType"),
        (RECORDS[0] | {"EventTimestamp": "9999-12-31T23:59:59Z"}, "/EventTimestamp"),
        (RECORDS[0] | {"EventTimestamp": 5}, "/EventTimestamp"),
        (RECORDS[0] | {"EventId": "x" * 121}, "/EventId"),
        (
            RECORDS[0] | {"CurrentAgentSnapshot": {"Contacts": [{}, {"State": ["?"]}]}},
            "/CurrentAgentSnapshot/Contacts/1/State",
        ),
    ],
)
def test_what_cannot_be_read_is_pointed_at(value, pointer):
    (fault,) = read(value)
    assert fault.pointer == pointer
    assert fault.message


def test_what_is_nested_too_deep_is_said_to_be():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    (fault,) = read({"EventType": deep})
    assert "deep" in fault.message


@pytest.mark.django_db
def test_texts_that_no_database_can_hold_are_stored_as_of_a_file():
    odd = json.loads(json.dumps(RECORDS[9]).replace("Lunch", "Lu\\u0000n\\ud800ch"))
    comes(a_site(), odd)
    assert (
        AgentState.objects.get().reason == "Lu\N{REPLACEMENT CHARACTER}n\N{REPLACEMENT CHARACTER}ch"
    )


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports.broken(RECORDS))
def test_nothing_breaks_it(data):
    for line in data.decode("utf-8", "replace").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        found = read(value)
        if isinstance(found, Event):
            kept = json.loads(json.dumps(events.payload(found)))
            row = (found.id, found.kind, found.at, found.call, found.agent)
            assert events.restored(*row, kept) == found
            assert all(one.until is None or one.until >= one.since for one in found.shown)
            assert found.at <= EVENING + timedelta(days=1, seconds=1)
        else:
            assert found
