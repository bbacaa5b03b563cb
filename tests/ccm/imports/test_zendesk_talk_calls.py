"""Zendesk Talk's calls: what a status means, what is not told, and calls that come again."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports import run
from ccm.models import Call
from tests import exports
from tests.builders import a_site
from tests.exports import chunk_of_records
from tests.logs import DATA, chunk_of, opened

FORM = "zendesk_talk_calls"
RECORDS = json.loads((DATA / f"{FORM}.json").read_text())["calls"]


def at(clock):
    return datetime.fromisoformat(f"2025-03-04T{clock}+00:00")


def calls_of(tmp_path, records=RECORDS, **reading):
    chunk = chunk_of_records(tmp_path, FORM, records, **reading)
    return {row["external_id"]: row for row in chunk.calls.rows(named=True)}


def test_an_answered_call_is_told_in_its_parts(tmp_path):
    one = calls_of(tmp_path)["1"]
    assert (one["direction"], one["queue"], one["agent"]) == ("inbound", "9", "77")
    assert (one["ivr_ms"], one["wait_ms"]) == (10_000, 25_000)
    assert (one["talk_ms"], one["hold_ms"], one["acw_ms"]) == (140_000, 20_000, 35_000)
    assert (one["offered_at"], one["answered_at"]) == (at("09:00:00"), at("09:00:40"))
    assert (one["ended_at"], one["consent"]) == (at("09:03:20"), True)
    assert one["caller"] == "customer:501"
    assert json.loads(one["extra"])["ticket"] == "31"


def test_how_calls_ended(tmp_path):
    calls = calls_of(tmp_path)
    assert {name: (one["outcome"], one["wait_ms"]) for name, one in calls.items()} == {
        "1": ("answered", 25_000),
        "2": ("abandoned", 55_000),
        "3": ("left_ivr", None),
        "4": ("voicemail", 60_000),
        "5": ("timed_out", 120_000),
        "6": ("callback_requested", 20_000),
        "7": ("answered", None),
        "8": ("failed", None),
    }


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"completion_status": "not_answered"}, "other"),
        ({"completion_status": "abandoned_in_voicemail", "voicemail": True}, "other"),
        ({"completion_status": "pending_voicemail"}, "voicemail"),
        ({"completion_status": "abandoned_on_hold", "agent_id": 5}, "answered"),
        ({"completion_status": None}, "in_progress"),
    ],
)
def test_the_rarer_statuses(tmp_path, changes, outcome):
    [one] = calls_of(tmp_path, [RECORDS[1] | changes]).values()
    assert one["outcome"] == outcome


def test_talk_that_a_lasting_call_does_not_tell_is_unknown_and_noted(tmp_path):
    chunk = chunk_of_records(tmp_path, FORM, RECORDS)
    [one] = chunk.calls.filter(external_id="7").rows(named=True)
    assert (one["talk_ms"], one["agent"]) == (None, "77")
    assert [(issue.rule, issue.fate) for issue in chunk.issues] == [("talk_not_told", "noted")]


def test_calls_without_a_group_lie_in_the_queue_that_the_import_names(tmp_path):
    calls = calls_of(tmp_path, queue="hotline")
    assert (calls["5"]["queue"], calls["4"]["queue"], calls["7"]["queue"]) == ("hotline", "9", None)


def test_a_call_that_comes_again_is_told_by_its_newest_version(tmp_path):
    chunk = chunk_of_records(tmp_path, FORM, RECORDS)
    assert (chunk.read, chunk.duplicate, chunk.calls.height) == (9, 1, 8)
    assert json.loads(chunk.calls.filter(external_id="2")["extra"][0])["ticket"] == "32"


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"id": None}, "id", "missing"),
        ({"created_at": "4.3.2025"}, "created_at", "time"),
        ({"direction": "sideways"}, "direction", "choice"),
        ({"completion_status": "vanished"}, "completion_status", "choice"),
        ({"wait_time": -3}, "wait_time", "range"),
        ({"wait_time": 1e9}, "wait_time", "range"),
        ({"agent_id": True}, "agent_id", "text"),
    ],
)
def test_a_wrong_member_is_rejected_by_its_name(tmp_path, changes, column, rule):
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


def import_of(site, folder, records):
    (folder / "calls.json").write_text(json.dumps({"calls": records}))
    with (folder / "calls.json").open("rb") as log:
        batch = run.start([("calls.json", log)], form="auto", site=site)
    run.run(batch.job_id)
    batch.refresh_from_db()
    return batch.stored, batch.updated, batch.duplicate


@pytest.mark.django_db
def test_an_older_export_takes_nothing_back(tmp_path):
    """The second version of call 2 knows its ticket; the first did not."""
    site = a_site()
    older, newer = RECORDS[1], RECORDS[8]
    assert import_of(site, tmp_path, [older]) == (1, 0, 0)
    assert import_of(site, tmp_path, [newer]) == (0, 1, 0)
    assert import_of(site, tmp_path, [older]) == (0, 0, 1)
    assert Call.objects.get().extra["ticket"] == "32"


# What follows reads other people's logs, which are not part of this repository.


def test_the_real_calls_tell_what_was_computed_apart(sample_data, tmp_path):
    folder = sample_data / "calllogs/zendesk_talk"
    truth = json.loads((folder / "truths.json").read_text())["calls_incremental.json"]
    plain = opened(tmp_path, (folder / "calls_incremental.json").read_bytes())
    chunk = chunk_of(plain, FORM)
    calls = chunk.calls
    assert (chunk.read, calls.height) == (truth["records"], truth["distinct_calls"])
    assert chunk.duplicate == truth["records"] - truth["distinct_calls"]
    outcomes = dict(calls.group_by("outcome").len().iter_rows())
    assert outcomes == {"answered": truth["completed"], "failed": truth["failed"]}
    assert calls.filter(direction="outbound").height == truth["outbound"]
    assert calls.filter(direction="inbound").height == truth["inbound"]
    lasted = (calls["ended_at"] - calls["offered_at"]).dt.total_seconds().sum()
    assert lasted == truth["total_duration_distinct"]
    # Talk of 0 or null, though a call lasts up to 349 s, is talk that is not told.
    assert calls["talk_ms"].null_count() == calls.height
