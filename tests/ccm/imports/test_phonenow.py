"""PhoneNow's list, in the spellings it circulates in."""

import json
import random
from datetime import UTC, datetime, time, timedelta

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened, told

FORM = "phonenow"
TEXT = (DATA / "phonenow.csv").read_text()
HEADER, *ROWS = TEXT.splitlines()
LONDON = "Europe/London"


def read(tmp_path, text, zone=LONDON, **reading):
    return chunk_of_text(tmp_path, FORM, text, zone, **reading)


def a_book(tmp_path, *rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / "calls.xlsx"
    book.save(path)
    return path


def test_each_row_is_a_call_and_an_unanswered_one_has_neither_wait_nor_talk():
    chunk = chunk_of(DATA / "phonenow.csv", FORM, "America/New_York", queue="PhoneNow")
    shown = chunk.calls.select("external_id", "queue", "agent", "outcome", "wait_ms", "talk_ms")
    assert shown.rows() == [
        ("ID0001", "PhoneNow", "Ada", "answered", 109_000, 143_000),
        ("ID0002", "PhoneNow", "Ben", "answered", 20_000, 242_000),
        ("ID0003", "PhoneNow", None, "abandoned", None, None),
        ("ID0004", "PhoneNow", "Ada", "answered", 0, 37_000),
    ]
    assert chunk.calls["resolved"].to_list() == [True, False, False, True]
    assert chunk.calls["topic"][1] == "Payment related"
    first = chunk.calls.row(0, named=True)
    offered = datetime(2021, 1, 4, 14, 12, 58, tzinfo=UTC)  # 9:12:58 in New York
    assert first["offered_at"] == offered
    assert first["answered_at"] == offered + timedelta(seconds=109)
    assert first["ended_at"] == offered + timedelta(seconds=109 + 143)
    # The identity is made of the clock as written, whatever the zone.
    assert first["birth_ms"] == 1_609_751_578_000
    assert (first["line"], first["time_precision"]) == (2, "second")
    assert [json.loads(one) if one else one for one in chunk.calls["extra"]] == [
        None, None, {"named_agent": "Cleo"}, None,
    ]  # fmt: skip
    assert chunk.surveys.select("call", "kind", "scale_min", "scale_max", "score").rows() == [
        (0, "csat", 1, 5, 3.0),
        (1, "csat", 1, 5, 5.0),
        (3, "csat", 1, 5, 2.0),
    ]
    assert (chunk.read, chunk.rejected) == (4, 0)


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("Call Id", "CALL ID").replace("Answered (Y/N)", "answered y/n"),
        TEXT.replace("Speed of answer in seconds", "Speed of Answer"),
        TEXT.replace(",", ";"),
        "\n\n" + TEXT,
        TEXT.replace("Ada", '"Ada"').replace("Streaming", '"Streaming"'),
        TEXT.replace(",Ada,", ", Ada ,"),
        TEXT.replace(",109,", ",109.0,"),
        TEXT.replace("N,N,,,", "no,No,nan,NaN,0").replace(",Y,Y,", ",Yes,TRUE,"),
        TEXT.replace("-01-2021", "/01/2021"),
        TEXT.replace("04-01-2021", "2021-01-04").replace("05-01-2021", "5-Jan-2021"),
        TEXT.replace("9:12:58", "09:12:58 AM").replace("10:00:00", "10:00 am"),
        "\n".join(ROWS) + "\n",
    ],
)
def test_other_spellings_of_the_table_tell_the_same(tmp_path, text):
    assert told(read(tmp_path, text)) == told(chunk_of(DATA / "phonenow.csv", FORM, LONDON))


def test_a_workbook_tells_the_same_as_its_csv(tmp_path):
    rows = [
        ["ID0001", "Ada", "2021-01-04", time(9, 12, 58), "Streaming", "Y", "Y", 109,
         time(0, 2, 23), 3],
        [None] * 10,
        ["ID0002", "Ben", datetime(2021, 1, 4), timedelta(hours=9, minutes=12, seconds=58),
         "Payment related", "Y", "N", 20.0, time(0, 4, 2), 5],
        ["ID0003", "Cleo", "05-01-2021", "9:47:31", "Streaming", "N", "N", None, None, None],
        ["ID0004", "Ada", "25-01-2021", time(10), "Admin Support", True, "Y", 0,
         time(0, 0, 37), 2],
    ]  # fmt: skip
    path = a_book(tmp_path, HEADER.split(","), *rows)
    chunk = chunk_of(path, FORM, LONDON)
    assert told(chunk) == told(chunk_of(DATA / "phonenow.csv", FORM, LONDON))
    assert chunk.calls["line"].to_list() == [2, 4, 5, 6]
    assert chunk.read == 4


def test_a_cell_with_a_quotation_mark_survives_csv_and_workbook(tmp_path):
    said = 'say "hi", then\nbye'
    row = ["ID1", "Ada", "2021-01-04", "9:00:00", said, "N", "N", None, None, None]
    from_book = chunk_of(a_book(tmp_path, HEADER.split(","), row), FORM, LONDON)
    assert from_book.calls["topic"][0] == 'say "hi", then bye'
    text = f'{HEADER}\nID1,Ada,2021-01-04,9:00:00,"say ""hi"", then",N,N,,,\n'
    assert read(tmp_path, text).calls["topic"][0] == 'say "hi", then'


def test_its_sheet_is_found_behind_others_that_are_blank(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([None, " "])
    sheet = book.create_sheet("Calls")
    for row in ([None], HEADER.split(","), ["ID1", "Ada", "2021-01-04", "9:00:00", "T", "N", "N"]):
        sheet.append(row)
    book.save(tmp_path / "calls.xlsx")
    assert chunk_of(tmp_path / "calls.xlsx", FORM, LONDON).calls.height == 1


def test_a_quoted_cell_of_half_a_megabyte_in_the_header_is_a_label_like_any_other(tmp_path):
    """A library for tables takes no cell so long."""
    long = "x" * 500_000
    text = f'{HEADER},"{long}"\nID1,Ada,2021-01-04,9:00:00,T,N,N,,,,said\n'
    assert read(tmp_path, text).calls.height == 1


def test_unknown_columns_are_kept(tmp_path):
    header, first, *_rest = TEXT.splitlines()
    text = f'{header},Region,Note\n{first},North,"says ""no"""\n'
    extra = read(tmp_path, text, date_order="dmy").calls["extra"][0]
    assert json.loads(extra) == {"Region": "North", "Note": 'says "no"'}


def dated(*dates):
    rows = [f"ID{n},Ada,{date},9:00:00,T,N,N,,," for n, date in enumerate(dates)]
    return "\n".join([HEADER, *rows]) + "\n"


def days(chunk):
    return [moment.date().isoformat() for moment in chunk.calls["offered_at"]]


def test_the_order_of_day_and_month_is_told_by_the_whole_column(tmp_path):
    later = read(tmp_path, dated("01-02-2021", "03-02-2021", "13-02-2021"))
    assert days(later) == ["2021-02-01", "2021-02-03", "2021-02-13"]
    american = read(tmp_path, dated("01/02/2021", "03/02/2021", "02/13/2021"))
    assert days(american) == ["2021-01-02", "2021-03-02", "2021-02-13"]


def test_the_last_chunk_may_tell_the_order_for_the_first(tmp_path):
    path = tmp_path / "log"
    path.write_text(dated("01-02-2021", "03-02-2021", "13-02-2021"))
    first, *_rest = chunks_of(path, FORM, LONDON, chunk_lines=2)
    assert days(first) == ["2021-02-01"]


def test_an_ambiguous_order_is_asked_for_not_guessed(tmp_path):
    text = dated("01-02-2021", "03-02-2021")
    with pytest.raises(FileRefused, match="01-02-2021 of line 2"):
        read(tmp_path, text)
    assert days(read(tmp_path, text, date_order="mdy")) == ["2021-01-02", "2021-03-02"]
    assert days(read(tmp_path, text, date_order="dmy")) == ["2021-02-01", "2021-02-03"]


def test_two_orders_in_one_column_are_refused(tmp_path):
    with pytest.raises(FileRefused, match=r"13-02-2021 in line 2 .* 02-13-2021 in line 3"):
        read(tmp_path, dated("13-02-2021", "02-13-2021"))


def test_an_hour_told_twice_is_read_as_the_first_and_noted(tmp_path):
    night = "ID1,Ada,2021-10-31,1:30:00,T,N,N,,,"  # London goes back at 2:00
    chunk = read(tmp_path, f"{HEADER}\n{night}\n")
    assert chunk.calls["offered_at"][0] == datetime(2021, 10, 31, 0, 30, tzinfo=UTC)
    [note] = chunk.issues
    assert (note.rule, note.fate, note.line) == ("hour_told_twice", "noted", 2)


def test_a_time_the_clocks_skipped_is_rejected(tmp_path):
    night = "ID1,Ada,2021-03-28,1:30:00,T,N,N,,,"  # London goes forward at 1:00
    chunk = read(tmp_path, f"{HEADER}\n{night}\n")
    [issue] = chunk.issues
    assert (issue.rule, issue.line, issue.column, issue.value) == (
        "skipped_hour", 2, "Time", "1:30:00",
    )  # fmt: skip
    assert (chunk.rejected, chunk.calls.height) == (1, 0)


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        (",Ada,2021-01-04,9:00:00,T,Y,Y,1,0:00:01,3", "Call Id", "missing"),
        ("ID9,Ada,,9:00:00,T,Y,Y,1,0:00:01,3", "Date", "missing"),
        ("ID9,Ada,nan,9:00:00,T,Y,Y,1,0:00:01,3", "Date", "missing"),
        ("ID9,Ada,2021-02-30,9:00:00,T,Y,Y,1,0:00:01,3", "Date", "date"),
        ("ID9,Ada,04-01-21,9:00:00,T,Y,Y,1,0:00:01,3", "Date", "date"),
        ("ID9,Ada,2021-01-04,25:00:00,T,Y,Y,1,0:00:01,3", "Time", "range"),
        ("ID9,Ada,2021-01-04,n/a,T,Y,Y,1,0:00:01,3", "Time", "missing"),
        ("ID9,Ada,2021-01-04,noon,T,Y,Y,1,0:00:01,3", "Time", "clock"),
        ("ID9,Ada,2021-01-04,9:00:00,T,maybe,Y,1,0:00:01,3", "Answered (Y/N)", "choice"),
        ("ID9,Ada,2021-01-04,9:00:00,T,,Y,1,0:00:01,3", "Answered (Y/N)", "missing"),
        ("ID9,Ada,2021-01-04,9:00:00,T,Y,Y,-1,0:00:01,3", "Speed of answer in seconds", "range"),
        ("ID9,Ada,2021-01-04,9:00:00,T,Y,Y,1,61,3", "AvgTalkDuration", "clock"),
        ("ID9,Ada,2021-01-04,9:00:00,T,Y,Y,1,0:00:01,6", "Satisfaction rating", "range"),
        ("ID9,Ada,1989-12-31,9:00:00,T,Y,Y,1,0:00:01,3", "Time", "too_early"),
        ("ID9,Ada,2026-01-03,9:00:00,T,Y,Y,1,0:00:01,3", "Time", "future"),
        ("ID9,Ada,2021-01-04,9:00:00,T,Y,Y,1,0:00:01", "", "columns"),
        ("ID9,Ada,2021-01-04,9:00:00,T,Y,Y,1,0:00:01,3,x", "", "columns"),
        ('ID9,"Ada,2021-01-04,9:00:00,T,Y,Y,1,0:00:01,3', "", "quotes"),
        (f"ID9,{'A' * 161},2021-01-04,9:00:00,T,Y,Y,1,0:00:01,3", "Agent", "too_long"),
    ],
)
def test_a_wrong_cell_rejects_its_row_with_the_reason_and_keeps_the_others(
    tmp_path, row, column, rule
):
    chunk = read(tmp_path, "\n".join([HEADER, ROWS[0], row, *ROWS[1:]]))
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule, issue.fate) == (3, column, rule, "rejected")
    assert (chunk.read, chunk.rejected, chunk.calls.height) == (5, 1, 4)


def test_an_answered_row_without_a_speed_has_an_unknown_wait(tmp_path):
    row = "ID9,Ada,2021-01-04,9:00:00,T,Y,Y,,0:00:01,3"
    chunk = read(tmp_path, f"{HEADER}\n{row}\n")
    [call] = chunk.calls.rows(named=True)
    assert (call["outcome"], call["wait_ms"], call["talk_ms"]) == ("answered", None, 1_000)
    assert [(issue.rule, issue.fate) for issue in chunk.issues] == [("unknown_wait", "noted")]


def test_a_row_again_is_a_duplicate_and_the_same_id_with_other_words_a_conflict(tmp_path):
    other = ROWS[0].replace(",3", ",4")
    chunk = read(tmp_path, "\n".join([TEXT.rstrip("\n"), HEADER, ROWS[0], other, ",,,,,,,,,"]))
    assert (chunk.read, chunk.duplicate, chunk.rejected, chunk.ignored) == (8, 1, 1, 2)
    assert [(i.rule, i.line, i.fate) for i in chunk.issues] == [
        ("header", 6, "ignored"),
        ("conflict", 8, "rejected"),
        ("empty_row", 9, "ignored"),
    ]


def test_without_a_zone_it_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="zone"):
        read(tmp_path, TEXT, zone="")


def test_a_table_of_something_else_is_refused(tmp_path):
    with pytest.raises(FileRefused, match="header"):
        read(tmp_path, "name,age\nAda,3\n")
    with pytest.raises(FileRefused, match="header"):
        chunk_of(a_book(tmp_path, ["name", "age"]), FORM, LONDON)


def test_going_on_from_a_chunk_reads_the_rest():
    whole = chunks_of(DATA / "phonenow.csv", FORM, LONDON, chunk_lines=2)
    assert [(chunk.position, chunk.read) for chunk in whole] == [(2, 1), (4, 2), (5, 1)]
    rest = chunks_of(DATA / "phonenow.csv", FORM, LONDON, chunk_lines=2, start=4)
    assert [told(chunk) for chunk in rest] == [told(whole[2])]


CELLS = [b"", b"-1", b"0", b"3.0", b"x", b"9" * 30, b'"', b"nan", b"12:61", b"24:00:00",
         b"2021-02-29", b"1/1/1", b"\xff", "٣".encode()]  # fmt: skip


def with_cell(change):
    line, place, cell = change
    parts = line.split(b",")
    parts[place % len(parts)] = cell
    return b",".join(parts)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_break_it_and_its_books_always_balance(tmp_path, data):
    lines = [line.encode() for line in [HEADER, *ROWS]]
    a_line = st.sampled_from(lines)
    foreign = st.one_of(
        st.binary(max_size=60),
        a_line,
        st.tuples(a_line, st.integers(0, 80)).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(a_line, st.integers(0, 80), a_line).map(lambda mix: mix[0][: mix[1]] + mix[2]),
        st.tuples(a_line, st.integers(0, 9), st.sampled_from(CELLS)).map(with_cell),
    )
    mixed = data.draw(st.lists(foreign, max_size=20))
    order = data.draw(st.permutations([*lines[1:], *mixed]))
    end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    try:
        path = opened(tmp_path, end.join([lines[0], *order]))
        size = data.draw(st.integers(1, 30))
        chunks_of(path, FORM, LONDON, chunk_lines=size, date_order="dmy")
    except FileRefused:
        return


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(ROWS), st.lists(st.sampled_from(ROWS)))
def test_order_and_repeats_of_rows_change_nothing(tmp_path, rows, again):
    chunk = read(tmp_path, "\n".join([HEADER, *rows, *again]))
    assert told(chunk) == told(chunk_of(DATA / "phonenow.csv", FORM, LONDON))
    assert chunk.duplicate == len(again)


@pytest.mark.parametrize(
    ("name", "rows", "abandoned"),
    [("pwc_call_center_dataset.xlsx", 5000, 946), ("Call-Center_dmy_dash.csv", 4999, 945)],
)
def test_the_real_lists_give_their_true_totals(sample_data, name, rows, abandoned):
    path = sample_data / "calllogs" / "phonenow_pwc" / name
    chunk = chunk_of(path, FORM, LONDON)
    assert (chunk.read, chunk.rejected, chunk.ignored, chunk.duplicate) == (rows, 0, 0, 0)
    answered = chunk.calls.filter(outcome="answered")
    assert answered.height == 4054
    assert chunk.calls.filter(outcome="abandoned").height == abandoned
    assert answered["resolved"].sum() == 3646
    assert answered["wait_ms"].sum() == 273_729_000
    assert answered["talk_ms"].sum() == 911_837_000
    assert answered.filter(pl.col("wait_ms") <= 20_000).height == 374
    assert dict(answered.group_by("agent").len().iter_rows()) == {
        "Becky": 517, "Dan": 523, "Diane": 501, "Greg": 502,
        "Jim": 536, "Joe": 484, "Martha": 514, "Stewart": 477,
    }  # fmt: skip
    scores = chunk.surveys["score"].cast(pl.Int64).value_counts().rows()
    assert dict(scores) == {1: 417, 2: 396, 3: 1218, 4: 1180, 5: 843}
    months = chunk.calls.group_by(pl.col("birth_ms").cast(pl.Datetime("ms")).dt.month()).len()
    assert dict(months.iter_rows()) == {1: 1772, 2: 1616, 3: 1612 if rows == 5000 else 1611}


def test_the_real_list_in_random_pieces_gives_the_same_calls(sample_data, tmp_path):
    path = sample_data / "calllogs" / "phonenow_pwc" / "Call-Center_dmy_dash.csv"
    header, *rows = path.read_text().splitlines()
    random.Random(7).shuffle(rows)
    whole, pieces = told(chunk_of(path, FORM, LONDON)), []
    for piece in (rows[:1700], rows[1700:]):
        pieces += told(read(tmp_path, "\n".join([header, *piece])))
    assert sorted(pieces, key=repr) == whole
