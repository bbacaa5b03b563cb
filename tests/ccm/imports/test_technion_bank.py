"""The bank's log: durations rule, stamps fill, midnight is crossed."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened, told

FORM = "technion_bank"
HEADER, *ROWS = (DATA / "technion_bank.txt").read_text().splitlines()
FIRST = ROWS[0].split("\t")
COLUMNS = HEADER.split("\t")


def utc(day, hour, minute, second):
    """A moment of February 1999 in Israel, which is two hours ahead."""
    return datetime(1999, 2, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=2)


def a_row(**cells):
    row = dict(zip(COLUMNS, FIRST, strict=True)) | cells
    return "\t".join(row.values())


def read_row(tmp_path, **cells):
    return chunk_of_text(tmp_path, FORM, f"{HEADER}\n{a_row(**cells)}\n")


def test_each_row_is_told_by_its_outcome():
    chunk = chunk_of(DATA / "technion_bank.txt", FORM)
    shown = chunk.calls.select(
        "external_id", "queue", "agent", "outcome", "ivr_ms", "wait_ms", "talk_ms"
    )
    assert shown.rows() == [
        ("AA0101/1001/990201", "PS", "RINA", "answered", 9_000, 0, 166_000),
        ("AA0101/1002/990201", "NW", None, "answered", 5_000, 34_000, 104_000),
        ("AA0101/1003/990201", "PS", None, "abandoned", 6_000, 5_000, None),
        ("AA0101/1004/990201", "PS", None, "left_ivr", 73_000, None, None),
        ("AA0102/1006/990201", "PS", "RINA", "answered", None, 174_000, 77_000),
        ("AA0102/1007/990201", "PS", "DOV", "answered", 0, 27_000, 29_000),
        ("AA0102/1008/990201", "PS", "DOV", "answered", 10_000, 0, 58_000),
    ]
    assert (chunk.read, chunk.ignored, chunk.rejected) == (8, 1, 0)
    assert [(i.rule, i.fate, i.count) for i in chunk.issues] == [
        ("phantom", "ignored", 1),
        ("negative", "noted", 1),
    ]


def test_durations_rule_where_stamps_are_a_second_off():
    call = chunk_of(DATA / "technion_bank.txt", FORM).calls.row(1, named=True)
    # The log has service begin at 8:20:20, a second before the queue was left.
    assert call["offered_at"] == utc(1, 8, 19, 47)
    assert call["answered_at"] == utc(1, 8, 20, 21)
    assert call["ended_at"] == utc(1, 8, 22, 5)
    assert call["caller"] == "customer:12345678"
    assert json.loads(call["extra"]) == {"priority": 2}


def test_a_queue_entered_after_midnight_is_of_the_next_day():
    calls = chunk_of(DATA / "technion_bank.txt", FORM).calls
    assert calls["offered_at"][5] == utc(2, 0, 0, 2)
    assert calls["ended_at"][5] == utc(2, 0, 0, 58)
    # 0:00:00 without a wait is "none", also just before midnight.
    assert calls["offered_at"][6] == utc(1, 23, 59, 59)
    assert calls["birth_ms"][5] == 917_913_596_000  # 1 February 23:59:56, as written


def test_a_queue_entered_at_midnight_itself(tmp_path):
    calls = read_row(
        tmp_path, vru_entry="23:59:50", vru_exit="0:00:00", vru_time="10",
        q_start="0:00:00", q_exit="0:00:07", q_time="7",
    ).calls  # fmt: skip
    assert calls["offered_at"][0] == utc(2, 0, 0, 0)
    assert calls["wait_ms"][0] == 7_000

    late = read_row(
        tmp_path, vru_entry="23:59:50", vru_exit="23:59:58", vru_time="8",
        q_start="0:00:00", q_exit="0:00:07", q_time="7",
    ).calls  # fmt: skip
    assert late["offered_at"][0] == utc(2, 0, 0, 0)


def test_a_queue_entered_before_the_menu_is_of_the_same_day():
    # The menu's entry is stamped a minute too late; its time is negative.
    call = chunk_of(DATA / "technion_bank.txt", FORM).calls.row(4, named=True)
    assert call["offered_at"] == utc(1, 9, 47, 17)


def test_stamps_fill_an_empty_duration(tmp_path):
    [call] = read_row(
        tmp_path, q_start="7:02:56", q_exit="7:03:06", q_time="", ser_time=""
    ).calls.rows(named=True)  # fmt: skip
    assert (call["wait_ms"], call["talk_ms"]) == (10_000, 166_000)


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"date": "990230"}, "date", "date"),
        ({"date": "1999-02-01"}, "date", "date"),
        ({"date": "891231"}, "date", "too_early"),
        ({"vru_entry": "24:00:00"}, "vru_entry", "range"),
        ({"outcome": "LOST"}, "outcome", "choice"),
        ({"q_time": "soon"}, "q_time", "number"),
        ({"type": ""}, "type", "missing"),
        ({"call_id": ""}, "call_id", "missing"),
        ({"call_id": "1" * 150}, "call_id", "too_long"),
        # Four days in the menu: the queue would be entered far from the day of the call's id.
        (
            {"vru_exit": "0:00:00", "vru_time": "400000", "q_start": "0:00:00", "q_time": "0"},
            "vru_time",
            "range",
        ),
    ],
)
def test_a_wrong_cell_rejects_its_row(tmp_path, cells, column, rule):
    chunk = read_row(tmp_path, **cells)
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (2, column, rule)
    assert (chunk.rejected, chunk.calls.height) == (1, 0)


def test_a_piece_without_its_header_is_read_by_its_shape(tmp_path):
    piece = chunk_of_text(tmp_path, FORM, "\n".join(ROWS))
    assert told(piece) == told(chunk_of(DATA / "technion_bank.txt", FORM))
    assert piece.calls["line"][0] == 1


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_break_it_and_its_books_always_balance(tmp_path, data):
    lines = [line.encode() for line in [HEADER, *ROWS]]
    a_line = st.sampled_from(lines)
    cells = st.sampled_from([b"", b"-1", b"0", b"0:00:00", b"23:59:59", b"9" * 30, b"\xff", b'"'])
    foreign = st.one_of(
        st.binary(max_size=60),
        a_line,
        st.tuples(a_line, st.integers(0, 80)).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(a_line, st.integers(0, 80), a_line).map(lambda mix: mix[0][: mix[1]] + mix[2]),
        st.tuples(a_line, st.integers(0, 16), cells).map(
            lambda change: b"\t".join(
                change[2] if place == change[1] else cell
                for place, cell in enumerate(change[0].split(b"\t"))
            )
        ),
    )
    order = data.draw(st.permutations([*lines[1:], *data.draw(st.lists(foreign, max_size=20))]))
    try:
        path = opened(tmp_path, b"\r\n".join([lines[0], *order]))
        chunks_of(path, FORM, chunk_lines=data.draw(st.integers(1, 30)))
    except FileRefused:
        return


def test_the_real_log_gives_its_true_totals(sample_data, tmp_path):
    folder = sample_data / "calllogs" / "bank_call_center"
    data = (folder / "bank_1999-02-01_to_14.txt.gz").read_bytes()
    chunk = chunk_of(opened(tmp_path, data), FORM)
    assert (chunk.read, chunk.ignored, chunk.rejected, chunk.duplicate) == (17_456, 143, 0, 0)
    calls = chunk.calls
    outcomes = dict(calls.group_by("outcome").len().iter_rows())
    assert outcomes == {"answered": 14_405, "abandoned": 1_868, "left_ivr": 1_040}
    answered = calls.filter(outcome="answered")
    assert answered["talk_ms"].sum() == 2_403_563_000
    assert answered["wait_ms"].sum() == 495_609_000
    assert answered["wait_ms"].null_count() == answered["talk_ms"].null_count() == 0
    assert answered.filter(pl.col("wait_ms") <= 20_000).height == 9_163
    assert answered["agent"].null_count() == 275
    top = answered.drop_nulls("agent").group_by("agent").len().sort("len", descending=True)
    assert top.head(5).rows() == [
        ("TOVA", 1160), ("MICHAL", 1121), ("YIFAT", 986), ("YITZ", 977), ("IDIT", 911),
    ]  # fmt: skip
    assert answered["agent"].n_unique() == 24 + 1  # and the unknown one
    # The truths count PHANTOM rows too, which make no call.
    real = {"PS": 11_224, "NW": 4_282, "NE": 1_244, "PE": 101, "TT": 460, "IN": 145}
    types = dict(calls.group_by("queue").len().iter_rows())
    assert types.keys() == real.keys()
    assert sum(real.values()) - sum(types.values()) == 143
    abandoned = calls.filter(outcome="abandoned")
    assert abandoned["wait_ms"].mean() == pytest.approx(57_875.3, abs=0.05)
    days = calls["offered_at"].dt.convert_time_zone("Asia/Jerusalem").dt.date()
    assert days.min().isoformat() == "1999-02-01"
    # Nobody calls from the middle of the day into the next: 14 rows cross midnight.
    late = (
        calls["ended_at"]
        - calls["birth_ms"]
        .cast(pl.Datetime("ms"))
        .dt.replace_time_zone("Asia/Jerusalem")
        .dt.convert_time_zone("UTC")
    ).dt.total_hours()
    assert late.is_between(0, 2).all()
