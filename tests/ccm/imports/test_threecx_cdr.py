"""3CX's CDR: a call a row, and which side is the agent's."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened

FORM = "threecx_cdr"
REAL = "calllogs/threecx_cdr/cdr_2024-06-17.csv"
NINE = datetime(2021, 1, 4, 9, tzinfo=UTC)
OUT, QUEUED, MISSED, INSIDE = (DATA / "threecx_cdr.csv").read_text().splitlines()


def second(count):
    return NINE + timedelta(seconds=count)


def read(tmp_path, *rows):
    return chunk_of_text(tmp_path, FORM, "\n".join(rows) + "\n", "Europe/London")


def test_each_row_is_a_call_with_its_agent_on_the_inside():
    chunk = chunk_of(DATA / "threecx_cdr.csv", FORM, "Europe/London")
    shown = chunk.calls.select(
        "external_id", "linked_id", "direction", "agent", "caller", "outcome", "ring_ms",
        "wait_ms", "talk_ms", "ended_by",
    )  # fmt: skip
    assert shown.rows() == [
        ("abc_1", "Call 101", "outbound", "201", "+15550100150", "answered", 9_000, None, 25_000,
         "agent"),
        ("abc_2", "Call 102", "inbound", "202", "+15550100142", "answered", 20_000, 20_000, 60_000,
         "caller"),
        ("abc_3", "Call 103", "inbound", None, "+15550100143", "abandoned", 15_000, 15_000, None,
         "caller"),
        ("abc_4", "Call 104", "internal", "201", None, "busy", 5_000, None, None, None),
    ]  # fmt: skip
    first = chunk.calls.row(0, named=True)
    assert (first["offered_at"], first["answered_at"], first["ended_at"]) == (
        NINE, second(9), second(34),
    )  # fmt: skip
    assert chunk.calls["queue"].null_count() == 4  # a CDR is no queue statistics
    assert json.loads(chunk.calls["extra"][1]) == {
        "reason_changed": "ReplacedDst", "queue_called": "Ext.800",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("TerminatedBySrc", "TerminatedByDst", "refused"),
        ("TerminatedBySrc", "NoAnswer", "timed_out"),
        ("TerminatedBySrc", "Failed_Cancelled", "failed"),
    ],
)
def test_an_unanswered_call_is_told_by_why_it_ended(tmp_path, old, new, outcome):
    assert read(tmp_path, MISSED.replace(old, new)).calls["outcome"].to_list() == [outcome]


def test_what_voicemail_took_is_no_answer_of_an_agent(tmp_path):
    line = QUEUED.replace("Queue,Extension", "Extension,VoiceMail")
    [call] = read(tmp_path, line).calls.rows(named=True)
    assert (call["outcome"], call["agent"], call["talk_ms"]) == ("voicemail", None, None)


def test_another_list_of_columns_is_read_by_its_header(tmp_path):
    text = (
        "time-start,time-end,from-no,reason-terminated,callid\n"
        "2021/01/04 09:00:00,2021/01/04 09:00:15,+15550100143,TerminatedBySrc,abc_3\n"
    )
    [call] = read(tmp_path, text).calls.rows(named=True)
    assert (call["direction"], call["outcome"], call["wait_ms"]) == ("inbound", "abandoned", 15_000)


def test_another_list_without_a_header_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="callid"):
        read(tmp_path, OUT.partition(",")[2])


def test_a_comma_at_the_end_of_each_row_is_no_column(tmp_path):
    assert read(tmp_path, f"{OUT},", f"{MISSED},").calls.height == 2


@pytest.mark.parametrize(
    ("old", "new", "column", "rule"),
    [
        ("09:00:34", "08:59:00", "time_end", "order"),
        ("2021/01/04 09:00:34", "2022/01/04 09:00:34", "time_end", "range"),
        ("2021/01/04 09:00:00", "2021/02/30 09:00:00", "time_start", "time"),
        ("abc_1", "", "callid", "missing"),
        ("00:00:25", "long", "duration", "clock"),
    ],
)
def test_a_wrong_cell_rejects_its_row(tmp_path, old, new, column, rule):
    chunk = read(tmp_path, MISSED, OUT.replace(old, new))
    told = [(issue.line, issue.column, issue.rule) for issue in chunk.issues]
    assert (2, column, rule) in told
    assert (chunk.rejected, chunk.calls.height) == (1, 1)


def test_rows_of_one_call_that_disagree_leave_the_first(tmp_path):
    chunk = read(tmp_path, OUT, OUT.replace("00:00:25", "00:00:26"))
    assert (chunk.calls["talk_ms"].to_list(), chunk.rejected) == ([25_000], 1)


def test_the_zone_must_be_said():
    with pytest.raises(FileRefused, match="no zone"):
        chunks_of(DATA / "threecx_cdr.csv", FORM)


def test_the_real_row_gives_its_truths(sample_data, tmp_path):
    truths = json.loads((sample_data / REAL).with_name("truths.json").read_text())
    truth = truths["cdr_2024-06-17.csv"]
    chunk = chunk_of(opened(tmp_path, (sample_data / REAL).read_bytes()), FORM, "Europe/Stockholm")
    [call] = chunk.calls.rows(named=True)
    assert chunk.read == truth["rows"] == 1
    assert call["ring_ms"] == truth["ring_seconds"] * 1000
    assert call["talk_ms"] == truth["talk_seconds"] * 1000
    lasted = call["ended_at"] - call["offered_at"]
    assert lasted == timedelta(seconds=truth["total_seconds"])
    assert truth["direction"].startswith(call["direction"])
    assert (truth["ended_by"], call["ended_by"]) == ("source", "agent")  # the agent called
    assert call["offered_at"] == datetime(2024, 6, 17, 3, 59, 49, tzinfo=UTC)
