"""Twilio's calls: legs and their parents, durations written as text, dates of two kinds."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import exports
from tests.exports import chunk_of_records
from tests.logs import DATA, chunk_of, opened

FORM = "twilio_calls"
RECORDS = json.loads((DATA / f"{FORM}.json").read_text())["calls"]


def at(clock):
    return datetime.fromisoformat(f"2025-03-04T{clock}+00:00")


@pytest.fixture
def calls(tmp_path):
    plain = opened(tmp_path, (DATA / f"{FORM}.json").read_bytes())
    rows = chunk_of(plain, FORM, queue="hotline").calls.rows(named=True)
    return {row["external_id"]: row for row in rows}


def test_a_call_that_came_in_is_answered_by_what_the_number_does(calls):
    one = calls["CA1"]
    assert (one["direction"], one["queue"], one["outcome"]) == ("inbound", "hotline", "answered")
    assert (one["offered_at"], one["ended_at"]) == (at("09:00:00"), at("09:02:00"))
    assert (one["talk_ms"], one["wait_ms"], one["agent"]) == (120_000, None, None)
    assert (one["caller"], json.loads(one["extra"])["line"]) == ("+15550100142", "+15550100001")


def test_a_leg_at_an_agent_is_internal_and_linked_to_its_parent(calls):
    taken, missed = calls["CA2"], calls["CA3"]
    assert taken["linked_id"] == missed["linked_id"] == "CA1"
    assert (taken["direction"], taken["queue"], taken["agent"]) == ("internal", None, "ada")
    assert (taken["talk_ms"], taken["answered_at"]) == (100_000, at("09:00:20"))
    assert (missed["outcome"], missed["agent"], missed["talk_ms"]) == ("other", "bela", None)
    # The leg shows the caller's number as its own: it is kept as a caller, and nowhere else.
    assert taken["caller"] == "+15550100142"
    assert "142" not in taken["extra"]


def test_queue_time_is_milliseconds_before_a_call_asked_for_is_dialled(calls):
    assert calls["CA4"]["wait_ms"] == 2_500
    assert calls["CA2"]["wait_ms"] is None


def test_dates_are_of_two_kinds_and_of_any_zone(calls):
    one = calls["CA4"]  # 10:30:05+01:00
    assert (one["offered_at"], one["ended_at"]) == (at("09:30:05"), at("09:31:05"))
    assert (one["answered_at"], one["talk_ms"]) == (at("09:30:20"), 45_000)
    assert calls["CA5"]["offered_at"] == at("09:40:00")  # Tue, 04 Mar 2025 09:40:00 +0000


def test_calls_that_go_on_are_open(calls):
    talking, waiting = calls["CA7"], calls["CA8"]
    assert (talking["outcome"], talking["ended_at"], talking["talk_ms"]) == ("answered", None, None)
    assert (waiting["outcome"], waiting["offered_at"]) == ("in_progress", at("09:55:00"))


@pytest.mark.parametrize(
    ("status", "inbound", "outbound"),
    [
        ("queued", "in_progress", "in_progress"),
        ("ringing", "in_progress", "in_progress"),
        ("in-progress", "answered", "answered"),
        ("completed", "answered", "answered"),
        ("busy", "busy", "busy"),
        ("failed", "failed", "failed"),
        ("no-answer", "abandoned", "other"),
        ("canceled", "abandoned", "abandoned"),
    ],
)
def test_what_each_status_means(tmp_path, status, inbound, outbound):
    came, went = RECORDS[0] | {"status": status}, RECORDS[4] | {"status": status}
    chunk = chunk_of_records(tmp_path, FORM, [came, went])
    assert chunk.calls["outcome"].to_list() == [inbound, outbound]


def test_the_birth_of_a_call_is_when_it_was_asked_for(tmp_path):
    queued = RECORDS[7]
    dialled = queued | {
        "status": "completed",
        "start_time": "Tue, 04 Mar 2025 09:56:00 +0000",
        "end_time": "Tue, 04 Mar 2025 09:57:00 +0000",
        "date_updated": "Tue, 04 Mar 2025 09:57:00 +0000",
        "duration": "50",
    }
    before, after = (chunk_of_records(tmp_path, FORM, [one]).calls for one in (queued, dialled))
    assert before["birth_ms"].to_list() == after["birth_ms"].to_list()
    late = chunk_of_records(tmp_path, FORM, [dialled | {"date_created": "2025-02-28T09:00:00Z"}])
    assert late.calls["birth_ms"].to_list() == [int(at("09:56:00").timestamp() * 1000)]
    both = chunk_of_records(tmp_path, FORM, [dialled, queued])
    assert (both.duplicate, both.calls["outcome"].to_list()) == (1, ["answered"])


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"sid": ""}, "sid", "missing"),
        ({"direction": "up"}, "direction", "choice"),
        ({"status": "lost"}, "status", "choice"),
        ({"duration": "long"}, "duration", "number"),
        ({"start_time": "03/04/2025"}, "start_time", "time"),
        ({"start_time": None, "date_created": None}, "start_time", "missing"),
        ({"end_time": "2025-03-04T08:00:00Z"}, "end_time", "order"),
    ],
)
def test_a_wrong_member_is_rejected_by_its_name(tmp_path, changes, column, rule):
    chunk = chunk_of_records(tmp_path, FORM, [RECORDS[0] | changes])
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


# What follows reads other people's logs, which are not part of this repository.


def test_the_real_calls_tell_what_was_computed_apart(sample_data, tmp_path):
    folder = sample_data / "calllogs" / FORM
    truth = json.loads((folder / "truths.json").read_text())["calls_2023-03-15.json"]
    plain = opened(tmp_path, (folder / "calls_2023-03-15.json").read_bytes())
    calls = chunk_of(plain, FORM).calls
    assert calls.height == truth["calls"]
    assert calls.filter(outcome="answered").height == truth["answered"]
    assert calls.filter(outcome="busy").height == truth["busy"]
    assert (calls["talk_ms"].sum() or 0) == truth["total_duration"]
    ways = {json.loads(extra)["direction"] for extra in calls["extra"]}
    assert ways == {truth["direction"]}
    assert truth["queue_time_is"].startswith("milliseconds (6000 = 6 s)")
    assert calls["wait_ms"].to_list() == [0, 0, 0, 6_000]
