"""Cisco's CDR: columns by name, causes as numbers, and files that hold no calls."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of

FORM = "cisco_cucm_cdr"
FOLDER = "calllogs/cisco_cucm_cdr"
NAME = "cdr_StandAloneCluster_02_201510091036_254831"
NINE = datetime(2021, 1, 4, 9, tzinfo=UTC)
HEADER, TYPES, *ROWS = (DATA / "cisco_cucm_cdr.csv").read_text().splitlines()
COLUMNS = [label.strip('"') for label in HEADER.split(",")]
FIRST = dict(zip(COLUMNS, ROWS[0].split(","), strict=True))


def second(count):
    return NINE + timedelta(seconds=count)


def read(tmp_path, **cells):
    line = ",".join((FIRST | cells).values())
    return chunk_of_text(tmp_path, FORM, f"{HEADER}\n{TYPES}\n{line}\n")


def test_legs_of_one_call_are_one_call_told_by_the_longest_conversation():
    chunk = chunk_of(DATA / "cisco_cucm_cdr.csv", FORM)
    shown = chunk.calls.select(
        "external_id", "direction", "agent", "caller", "outcome", "ring_ms", "talk_ms", "lines"
    )
    assert shown.rows() == [
        ("York/2/5001", "inbound", "ben", "5550100142", "answered", 2_000, 100_000, 2),
        ("York/2/5002", "outbound", "ada", "5550100150", "busy", 3_000, None, 1),
        ("York/2/5003", "internal", "ada", None, "timed_out", 20_000, None, 1),
        ("York/2/5004", "inbound", None, "5550100143", "abandoned", 12_000, None, 1),
    ]
    first = chunk.calls.row(0, named=True)
    assert (first["offered_at"], first["answered_at"], first["ended_at"]) == (
        second(70), second(72), second(172),
    )  # fmt: skip
    assert first["ended_by"] == "caller"
    legs = sorted(json.loads(first["extra"])["legs"].values(), key=lambda leg: leg["at"])
    assert legs[0] == {
        "at": "2021-01-04T09:00:00Z", "orig_cause": 0, "dest_cause": 16, "duration": 60,
        "hunt_pilot": "8000", "queued_seconds": 7,
    }  # fmt: skip
    assert chunk.calls["queue"].null_count() == 4


def test_the_line_of_types_and_rows_of_quality_are_ignored_by_a_rule():
    chunk = chunk_of(DATA / "cisco_cucm_cdr.csv", FORM)
    assert (chunk.read, chunk.ignored, chunk.rejected) == (7, 2, 0)
    assert [(issue.line, issue.rule, issue.fate) for issue in chunk.issues] == [
        (2, "types", "ignored"),
        (8, "quality", "ignored"),
    ]


def test_a_file_of_quality_is_refused_in_words():
    with pytest.raises(FileRefused, match="how well the voice came through"):
        chunks_of(DATA / "cisco_cucm_cmr.csv", FORM)


@pytest.mark.parametrize(
    ("near", "far", "outcome"),
    [
        ("16", "0", "abandoned"),
        ("0", "17", "busy"),
        ("0", "18", "timed_out"),
        ("0", "19", "timed_out"),
        ("0", "21", "refused"),
        ("16", "17", "busy"),  # the called side rules
        ("0", "38", "failed"),
        ("0", "0", "other"),
    ],
)
def test_a_call_that_was_not_connected_is_told_by_its_cause(tmp_path, near, far, outcome):
    cells = {"dateTimeConnect": "0", "duration": "0", "dateTimeDisconnect": "1609750815"}
    [call] = read(tmp_path, origCause_value=near, destCause_value=far, **cells).calls.rows(
        named=True
    )
    assert (call["outcome"], call["agent"], call["talk_ms"]) == (outcome, None, None)
    assert (call["wait_ms"], call["ended_at"]) == (15_000, second(15))


@pytest.mark.parametrize(
    ("cells", "direction", "agent", "ended_by"),
    [
        ({}, "inbound", "ada", "agent"),  # the called side has the cause
        ({"origCause_value": "16", "destCause_value": "0"}, "inbound", "ada", "caller"),
        ({"origCause_value": "16"}, "inbound", "ada", None),  # both have one
        ({"finalCalledPartyUnicodeLoginUserID": ""}, "inbound", "2001", "agent"),
        ({"origDeviceName": "CSFbob", "callingPartyNumber": "2005"}, "internal", "2005", None),
        ({"origDeviceName": "SEP1", "callingPartyNumber": "2005", "destDeviceName": "Trunk"},
         "outbound", "2005", "caller"),
        ({"destDeviceName": "Trunk"}, "inbound", None, "agent"),
    ],
)  # fmt: skip
def test_devices_tell_who_called_whom(tmp_path, cells, direction, agent, ended_by):
    [call] = read(tmp_path, **cells).calls.rows(named=True)
    assert (call["direction"], call["agent"], call["ended_by"]) == (direction, agent, ended_by)


def test_columns_are_found_by_name_in_any_case_and_order(tmp_path):
    labels, cells = list(FIRST), list(FIRST.values())
    text = ",".join(reversed(labels)).upper() + ",moreOfALaterRelease\n"
    text += ",".join(reversed(cells)) + ",1\n"
    chunk = chunk_of_text(tmp_path, FORM, text)
    assert chunk.calls["talk_ms"].to_list() == [60_000]


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"dateTimeOrigination": "0"}, "dateTimeOrigination", "range"),
        ({"dateTimeOrigination": ""}, "dateTimeOrigination", "missing"),
        ({"dateTimeOrigination": "9"}, "dateTimeOrigination", "too_early"),
        ({"dateTimeDisconnect": "1709750815"}, "dateTimeDisconnect", "range"),
        ({"duration": "x"}, "duration", "number"),
        ({"globalCallID_callId": ""}, "globalCallID_callId", "missing"),
        ({"cdrRecordType": "9"}, "cdrRecordType", "choice"),
    ],
)
def test_a_wrong_cell_rejects_its_row(tmp_path, cells, column, rule):
    chunk = read(tmp_path, **cells)
    told = [(i.line, i.column, i.rule) for i in chunk.issues if i.fate == "rejected"]
    assert (3, column, rule) in told
    assert (chunk.rejected, chunk.calls.height) == (1, 0)


def test_the_real_file_gives_its_truths(sample_data):
    truth = json.loads((sample_data / FOLDER / "truths.json").read_text())[NAME]
    chunk = chunk_of(sample_data / FOLDER / NAME, FORM)
    calls = chunk.calls
    assert calls.height == truth["records"] == 3
    assert (chunk.read, chunk.ignored) == (4, 1)  # the line of types
    assert [talk // 1000 for talk in calls["talk_ms"]] == truth["durations"]
    assert calls["talk_ms"].sum() == truth["total_duration"] * 1000
    talked = (calls["ended_at"] - calls["answered_at"]).dt.total_seconds()
    assert talked.to_list() == truth["connect_to_disconnect"]
    assert [ring // 1000 for ring in calls["ring_ms"]] == truth["ring_seconds"]
    starts = calls["offered_at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert starts.to_list() == truth["start_utc"]
    legs = [leg for text in calls["extra"] for leg in json.loads(text)["legs"].values()]
    assert [str(leg["orig_cause"]) for leg in legs] == truth["orig_cause"]
    assert [str(leg["dest_cause"]) for leg in legs] == truth["dest_cause"]


def test_the_real_file_of_quality_is_refused(sample_data):
    with pytest.raises(FileRefused, match="CMR"):
        chunks_of(sample_data / FOLDER / NAME.replace("cdr_", "cmr_", 1), FORM)
