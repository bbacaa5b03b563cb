"""Agent events become spells, each told by the events that saw it begin and end."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports import run
from ccm.models import AgentState, Call
from tests import exports
from tests.builders import a_site
from tests.exports import chunk_of_records
from tests.logs import DATA, chunk_of, chunks_of, opened

FORM = "amazon_connect_agent_events"
RECORDS = [json.loads(line) for line in (DATA / f"{FORM}.jsonl").read_text().splitlines()]


def at(clock):
    return datetime.fromisoformat(f"2025-03-04T{clock}+00:00")


def spells_of(chunk):
    shown = chunk.states.sort("starts_at", "state")
    return shown.select("state", "reason", "starts_at", "ends_at").rows()


DAY = [
    ("logged_in", None, at("08:00:00"), at("16:00:00")),
    ("on_call", "inbound", at("08:03:04.500"), at("08:04:04.500")),
    ("hold", "inbound", at("08:04:04.500"), at("08:04:34.500")),
    ("on_call", "inbound", at("08:04:34.500"), at("08:05:04.500")),
    # Wrapped up until the event after which the contact was gone.
    ("acw", "inbound", at("08:05:04.500"), at("08:05:24.750")),
    ("paused", "Lunch", at("12:00:00"), at("12:30:00")),
    # The logout ended what went on.
    ("paused", "Coaching", at("15:30:00"), at("16:00:00")),
]


def test_a_day_of_events_is_a_day_of_spells():
    chunk = chunk_of(DATA / f"{FORM}.jsonl", FORM)
    assert spells_of(chunk) == DAY
    assert chunk.states["agent"].unique().to_list() == ["ada"]
    assert chunk.calls.is_empty()


def test_events_that_tell_of_no_spell_are_ignored_by_a_rule():
    chunk = chunk_of(DATA / f"{FORM}.jsonl", FORM)
    assert (chunk.read, chunk.helped(), chunk.ignored) == (14, 11, 3)
    assert {(one.rule, one.value, one.count) for one in chunk.issues} == {
        ("no_spell", "STATE_CHANGE", 2),
        ("no_spell", "HEART_BEAT", 1),
    }


def test_an_event_told_again_is_a_duplicate_whatever_its_drawing(tmp_path):
    again = dict(reversed(RECORDS[8].items()))
    chunk = chunk_of_records(tmp_path, FORM, [*RECORDS, again])
    assert chunk.duplicate == 1
    assert spells_of(chunk) == DAY


def test_a_spell_whose_end_is_not_shown_stays_open(tmp_path):
    # Ada is on a break when the log ends.
    chunk = chunk_of_records(tmp_path, FORM, RECORDS[9:11])
    assert spells_of(chunk) == [("paused", "Lunch", at("12:00:00"), None)]


def test_a_lost_end_is_not_made_up_from_what_comes_later(tmp_path):
    # The event that ended the break is lost: the next shows Available, and another pause.
    chunk = chunk_of_records(tmp_path, FORM, [RECORDS[9], RECORDS[12]])
    assert spells_of(chunk) == [
        ("paused", "Lunch", at("12:00:00"), None),
        ("paused", "Coaching", at("15:30:00"), None),
    ]


def test_an_older_event_has_no_type_of_its_status(tmp_path):
    event = json.loads(json.dumps(RECORDS[11]))  # from Lunch to Available
    for snapshot in ("CurrentAgentSnapshot", "PreviousAgentSnapshot"):
        del event[snapshot]["AgentStatus"]["Type"]
    chunk = chunk_of_records(tmp_path, FORM, [event])
    assert spells_of(chunk) == [("paused", "Lunch", at("12:00:00"), at("12:30:00"))]


def test_an_agent_without_a_name_is_the_end_of_its_arn(tmp_path):
    event = json.loads(json.dumps(RECORDS[9]))
    for snapshot in ("CurrentAgentSnapshot", "PreviousAgentSnapshot"):
        event[snapshot]["Configuration"] = None
    event["AgentARN"] = "arn:aws:connect:x:1:instance/i/agent/57db-30ae"
    chunk = chunk_of_records(tmp_path, FORM, [event])
    assert chunk.states["agent"].to_list() == ["57db-30ae"]


def test_an_unknown_event_is_kept_as_it_came(tmp_path):
    event = RECORDS[0] | {"EventType": "NAP", "EventId": "e-99"}
    chunk = chunk_of_records(tmp_path, FORM, [event])
    assert (chunk.ignored, chunk.issues[0].rule) == (1, "unknown_event")
    assert json.loads(chunk.raw[0].text) == event


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"EventTimestamp": None}, "EventTimestamp", "missing"),
        ({"EventTimestamp": "yesterday"}, "EventTimestamp", "time"),
        ({"EventType": None}, "EventType", "missing"),
        (
            {"CurrentAgentSnapshot": {"AgentStatus": {"Name": "x", "StartTimestamp": 5}}},
            "CurrentAgentSnapshot.AgentStatus.StartTimestamp",
            "time",
        ),
    ],
)
def test_a_wrong_member_is_rejected_by_its_path(tmp_path, changes, column, rule):
    chunk = chunk_of_records(tmp_path, FORM, [RECORDS[1] | changes])
    assert chunk.rejected == 1
    assert [(one.column, one.rule) for one in chunk.issues] == [(column, rule)]


def test_however_the_file_is_drawn_it_tells_the_same(tmp_path):
    exports.assert_drawing_changes_nothing(tmp_path, FORM, RECORDS)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers())
def test_order_and_repeats_change_nothing(tmp_path, seed):
    exports.assert_order_and_repeats_change_nothing(tmp_path, FORM, RECORDS, seed)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports.broken(RECORDS), st.integers(1, 9))
def test_nothing_breaks_it_and_its_books_always_balance(tmp_path, data, size):
    exports.assert_nothing_breaks_it(tmp_path, FORM, data, size)


def import_of(site, path):
    with path.open("rb") as log:
        batch = run.start([(path.name, log)], form="auto", site=site)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize("cut", [1, 5, 8, 11])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_log_cut_in_two_makes_the_same_spells_in_either_order(tmp_path, cut, backwards):
    site = a_site()
    lines = (DATA / f"{FORM}.jsonl").read_text().splitlines(keepends=True)
    pieces = [lines[:cut], lines[cut:]]
    for piece in reversed(pieces) if backwards else pieces:
        (tmp_path / "log").write_text("".join(piece))
        batch = import_of(site, tmp_path / "log")
        assert batch.rejected == 0
    stored = AgentState.objects.order_by("starts_at", "state")
    shown = [(one.state, one.reason or None, one.starts_at, one.ends_at) for one in stored]
    assert shown == DAY
    assert not Call.objects.exists()
    batch = import_of(site, DATA / f"{FORM}.jsonl")
    assert (batch.stored, batch.updated, batch.duplicate, batch.ignored) == (0, 0, 11, 3)


# What follows reads other people's logs, which are not part of this repository.


def test_the_real_events_tell_what_was_computed_apart(sample_data):
    folder = sample_data / "calllogs" / FORM
    truth = json.loads((folder / "truths.json").read_text())["agent_events_2018-10-25.jsonl"]
    chunk = chunk_of(folder / "agent_events_2018-10-25.jsonl", FORM)
    assert chunk.read == truth["events"]
    lasted = {
        state: (end - start) / timedelta(seconds=1)
        for state, _reason, start, end in spells_of(chunk)
    }
    assert lasted == {"on_call": truth["contact_talk_seconds"], "acw": truth["acw_seconds"]}
    assert chunk.states["reason"].unique().to_list() == [truth["direction"]]


def test_each_event_tells_by_itself(sample_data):
    folder = sample_data / "calllogs" / FORM
    chunks = chunks_of(folder / "agent_events_2018-10-25.jsonl", FORM, chunk_lines=1)
    acw = [row for chunk in chunks for row in spells_of(chunk) if row[0] == "acw"]
    assert [row[3] is None for row in acw] == [True, False]


def test_a_file_cut_inside_an_event_loses_that_event_only(tmp_path):
    data = (DATA / f"{FORM}.jsonl").read_bytes()[:-200]
    chunk = chunk_of(opened(tmp_path, data), FORM)
    assert (chunk.read, chunk.rejected) == (14, 1)
    assert chunk.issues[-1].rule == "json"
