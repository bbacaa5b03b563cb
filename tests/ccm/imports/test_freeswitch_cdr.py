"""FreeSWITCH's CDR: two legs of a call, and causes instead of outcomes."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened

FORM = "freeswitch_cdr"
REAL = "calllogs/freeswitch_cdr/Master_2020-02.csv"
NINE = datetime(2021, 1, 4, 9, tzinfo=UTC)
A, B = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"


def second(count):
    return NINE + timedelta(seconds=count)


def row(**cells):
    """An inbound call that nobody answered in 20 s."""
    line = {
        "name": "Caller", "source": "5550100142", "destination": "1001", "context": "default",
        "start": "2021-01-04 09:00:00", "answer": "", "end": "2021-01-04 09:00:20",
        "duration": "20", "billsec": "0", "cause": "ORIGINATOR_CANCEL", "uuid": A, "bleg": "",
        "account": "", "read": "PCMA", "write": "PCMA",
    } | cells  # fmt: skip
    return ",".join(f'"{cell}"' for cell in line.values())


def read(tmp_path, *rows, **reading):
    return chunk_of_text(tmp_path, FORM, "\n".join(rows) + "\n", "Europe/London", **reading)


def test_both_legs_are_one_call_told_by_the_one_that_knows_the_agent():
    chunk = chunk_of(DATA / "freeswitch_cdr.csv", FORM, "Europe/London")
    shown = chunk.calls.select(
        "external_id", "direction", "agent", "caller", "outcome", "ring_ms", "talk_ms", "lines"
    )
    assert shown.rows() == [
        ("bbbbbbbb-0001-4000-8000-000000000001", "inbound", "1001", "5550100142", "answered",
         8_000, 120_000, 2),
        ("aaaaaaaa-0002-4000-8000-000000000002", "outbound", "1002", "5550100150", "timed_out",
         30_000, None, 1),
        ("aaaaaaaa-0003-4000-8000-000000000003", "internal", "1002", None, "busy", 3_000, None, 1),
        ("aaaaaaaa-0004-4000-8000-000000000004", "inbound", None, "5550100143", "abandoned",
         25_000, None, 1),
        # One uuid with two causes: it had been answered.
        ("aaaaaaaa-0005-4000-8000-000000000005", "internal", "1002", None, "answered", 3_000,
         61_000, 2),
    ]  # fmt: skip
    first = chunk.calls.row(0, named=True)
    assert (first["offered_at"], first["answered_at"], first["ended_at"]) == (
        second(2), second(10), second(130),
    )  # fmt: skip
    assert chunk.calls["time_precision"].to_list() == ["second"] * 4 + ["minute"]
    assert chunk.calls["queue"].null_count() == 5


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        ("NORMAL_CLEARING", "abandoned"),
        ("NO_ANSWER", "timed_out"),
        ("USER_BUSY", "busy"),
        ("CALL_REJECTED", "refused"),
        ("LOSE_RACE", "other"),  # another phone was faster
        ("NO_USER_RESPONSE", "failed"),
        ("SOMETHING_NEW", "failed"),
    ],
)
def test_a_call_without_an_answer_is_told_by_its_cause(tmp_path, cause, outcome):
    [call] = read(tmp_path, row(cause=cause)).calls.rows(named=True)
    assert (call["outcome"], call["answered_at"], call["talk_ms"]) == (outcome, None, None)
    assert (call["wait_ms"], call["ended_at"]) == (20_000, second(20))


def test_a_call_with_an_answer_is_answered_whatever_ended_it(tmp_path):
    [call] = read(
        tmp_path,
        row(answer="2021-01-04 09:00:05", billsec="15", cause="RECOVERY_ON_TIMER_EXPIRE"),
    ).calls.rows(named=True)
    assert (call["outcome"], call["agent"], call["answered_at"]) == ("answered", "1001", second(5))


def test_the_template_that_is_built_in_is_read_with_its_odd_space(tmp_path):
    parts = row(bleg=B).split(",")[:13]
    [call] = read(tmp_path, f"{','.join(parts[:12])}, {parts[12]}").calls.rows(named=True)
    assert (call["external_id"], call["outcome"]) == (B, "abandoned")


def test_legs_on_both_sides_of_an_edge_are_two_calls(tmp_path):
    # The identity is of a third of a day, as nothing in a B leg tells when its call began.
    before, after = "2021-01-04 07:59:59", "2021-01-04 08:00:01"
    legs = [row(start=before, bleg=B), row(start=after, uuid=B)]
    assert read(tmp_path, *legs).calls.height == 2
    legs = [row(start=before, bleg=B), row(start=before, uuid=B)]
    assert read(tmp_path, *legs).calls["lines"].to_list() == [2]


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"start": "2021-13-04 09:00:00"}, "start_stamp", "time"),
        ({"answer": "soon"}, "answer_stamp", "time"),
        ({"billsec": "-5"}, "billsec", "range"),
        ({"uuid": ""}, "uuid", "missing"),
        ({"cause": ""}, "hangup_cause", "missing"),
    ],
)
def test_a_wrong_cell_rejects_its_row(tmp_path, cells, column, rule):
    chunk = read(tmp_path, row(), row(**cells))
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (2, column, rule)
    assert (chunk.rejected, chunk.calls.height) == (1, 1)


def test_the_zone_must_be_said():
    with pytest.raises(FileRefused, match="no zone"):
        chunks_of(DATA / "freeswitch_cdr.csv", FORM)


def test_the_real_log_gives_its_true_totals(sample_data, tmp_path):
    data = (sample_data / REAL).read_bytes()
    truths = json.loads((sample_data / REAL).with_name("truths.json").read_text())
    truth = truths["Master_2020-02.csv"]
    chunk = chunk_of(opened(tmp_path, data), FORM, "Asia/Shanghai")
    assert chunk.read == truth["rows"] == 10
    assert chunk.calls.height == truth["distinct_uuid"] == 8
    assert chunk.calls["talk_ms"].sum() == truth["total_billsec_distinct_uuid"] * 1000
    legs = [leg for text in chunk.calls["extra"] for leg in json.loads(text)["legs"].values()]
    # One row is there twice, word by word.
    assert chunk.duplicate == 1
    again = {"NORMAL_CLEARING": 1}
    causes = Counter(leg["cause"] for leg in legs) + Counter(again)
    assert causes == truth["causes"]
    assert sum(leg["billsec"] for leg in legs) + 20 == truth["total_billsec"]
    assert set(chunk.calls["time_precision"]) == {"minute"}
