"""The queue_log as a database's table tells what the log itself tells."""

import random
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened, told

FORM = "asterisk_queue_log_table"
LOG = "asterisk_queue_log"
TABLE, PBXWARE = DATA / "queue_log_table.csv", DATA / "queue_log_pbxware.csv"
HEADER = "time,callid,queuename,agent,event,data1,data2,data3,data4,data5"


def read(tmp_path, *rows, header=HEADER, zone="UTC"):
    return chunk_of_text(tmp_path, FORM, "\n".join([header, *rows, ""]), zone)


def test_the_table_of_a_log_tells_what_the_log_tells():
    """tests/data/queue_log_table.csv is tests/data/queue_log, its epochs written as UTC."""
    table, log = chunk_of(TABLE, FORM, "UTC"), chunk_of(DATA / "queue_log", LOG)
    assert told(table) == told(log)
    assert (table.read, table.duplicate, table.rejected, table.ignored) == (28, 0, 0, 2)


def test_local_times_are_read_in_their_zone_and_keep_the_identity_they_were_written_with(tmp_path):
    row = "2018-11-29 20:19:34.123456,c,q,NONE,ENTERQUEUE,,5550142,1,,"
    [call] = read(tmp_path, row, zone="America/Bogota").calls.rows(named=True)
    assert call["offered_at"] == datetime(2018, 11, 30, 1, 19, 34, 123_000, tzinfo=UTC)
    assert call["birth_ms"] == 1_543_522_774_123  # 20:19:34.123 as if it were UTC
    assert call["time_precision"] == "ms"


@pytest.mark.parametrize(
    "time",
    [
        "2018-11-29 20:19:34-05",
        "2018-11-29T20:19:34-05:00",
        "2018-11-30 01:19:34Z",
        "1543540774",
        "1543540774.000000",
    ],
)
def test_a_time_that_tells_its_offset_needs_no_zone(tmp_path, time):
    chunk = read(tmp_path, f"{time},c,q,NONE,ENTERQUEUE,,5550142,1,,", zone="")
    assert chunk.calls["offered_at"].to_list() == [datetime(2018, 11, 30, 1, 19, 34, tzinfo=UTC)]


def test_local_times_without_a_zone_are_refused_in_words(tmp_path):
    with pytest.raises(FileRefused, match="zone"):
        read(tmp_path, "2018-11-29 20:19:34,c,q,NONE,ENTERQUEUE,,5550142,1,,", zone="")


def test_an_hour_told_twice_is_read_as_the_first_and_a_skipped_one_is_rejected(tmp_path):
    chunk = read(
        tmp_path,
        "2020-10-25 01:30:00,c,q,NONE,ENTERQUEUE,,5550142,1,,",
        "2020-03-29 01:30:00,d,q,NONE,ENTERQUEUE,,5550142,1,,",
        "29/03/2020 12:30,e,q,NONE,ENTERQUEUE,,5550142,1,,",
        zone="Europe/London",
    )
    assert chunk.calls["offered_at"].to_list() == [datetime(2020, 10, 25, 0, 30, tzinfo=UTC)]
    assert [(one.line, one.column, one.rule, one.fate) for one in chunk.issues] == [
        (2, "time", "hour_told_twice", "noted"),
        (3, "time", "skipped_hour", "rejected"),
        (4, "time", "time", "rejected"),
    ]


def test_what_did_not_fit_into_five_columns_stands_in_the_last(tmp_path):
    chunk = read(
        tmp_path,
        "2021-01-01 09:00:00,c,q,NONE,ENTERQUEUE,,1,1,,",
        "2021-01-01 09:00:10,c,q,A,CONNECT,10,x,4,,",
        "2021-01-01 09:01:10,c,q,A,ATTENDEDTRANSFER,LINK,SIP/a,SIP/b,10,60|1",
    )
    shown = chunk.calls.select("transfer_kind", "transfer_target", "wait_ms", "talk_ms")
    assert shown.rows() == [("attended", "SIP/a", 10_000, 60_000)]


@pytest.mark.parametrize("null", ["", "NULL", r"\N"])
def test_an_older_table_has_one_column_of_data_with_bars(tmp_path, null):
    chunk = read(
        tmp_path,
        f"2021-01-01 09:00:00,c,q,{null},ENTERQUEUE,|5550142|1",
        "2021-01-01 09:00:25,c,q,A,CONNECT,25|x|5",
        "2021-01-01 09:02:05,c,q,A,COMPLETECALLER,25|100|1",
        header="time,callid,queuename,agent,event,data",
    )
    shown = chunk.calls.select("caller", "agent", "wait_ms", "talk_ms", "lines")
    assert shown.rows() == [("5550142", "A", 25_000, 100_000, 3)]


def test_a_piece_without_its_header_is_known_by_the_shape_of_its_cells(tmp_path):
    whole = chunk_of(TABLE, FORM, "UTC")
    rows = TABLE.read_text().splitlines()[1:]
    piece = chunk_of_text(tmp_path, FORM, "\n".join(rows) + "\n", "UTC")
    assert told(piece) == told(whole)


def test_a_pbxware_table_tells_calls_rings_and_sessions():
    """Positions, hold and talk have columns of their own, and the agent is called type."""
    chunk = chunk_of(PBXWARE, FORM, "Europe/Paris")
    shown = chunk.calls.select("direction", "queue", "agent", "caller", "outcome", "wait_ms",
                               "ring_ms", "talk_ms")  # fmt: skip
    assert shown.rows() == [
        ("inbound", "sales", "Agent/201", "+15550100142", "answered", 25_000, 5_000, 100_000),
        ("inbound", "sales", None, "+15550100143", "abandoned", 30_000, None, None),
        ("outbound", None, "Agent/202", "15550100150", "answered", None, 8_000, 60_000),
    ]
    # date_time is an epoch, whatever the zone.
    assert chunk.calls["offered_at"][0] == datetime(2021, 1, 1, 9, 6, 40, tzinfo=UTC)
    rings = chunk.offers.select("agent", "outcome", "ring_ms").rows()
    assert rings == [("Agent/202", "no_answer", 10_000), ("Agent/201", "answered", 5_000)]
    [session] = chunk.states.rows(named=True)
    assert (session["ends_at"] - session["starts_at"]).total_seconds() == 18_000
    assert (chunk.read, chunk.ignored) == (11, 1)


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("1,1609492025,c,q,A,CONNECT,,x,5,0,0,soon,0,", "htime", "number"),
        ("1,1609492025,c,NONE,A,CONNECT,,x,5,0,0,25,0,", "queue_name", "missing"),
        ("1,later,c,q,A,CONNECT,,x,5,0,0,25,0,", "date_time", "time"),
        ("1,2021-02-30 09:00:00,c,q,A,CONNECT,,x,5,0,0,25,0,", "date_time", "time"),
        ("1,1609492025,c,q,A,connect,,x,5,0,0,25,0,", "event", "event"),
    ],
)
def test_a_row_that_cannot_be_read_names_the_tables_own_column(tmp_path, row, column, rule):
    header = PBXWARE.read_text().splitlines()[0]
    chunk = read(tmp_path, row, header=header)
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (2, column, rule)
    assert chunk.rejected == 1


def test_an_unknown_event_is_kept_as_it_came(tmp_path):
    chunk = read(tmp_path, "2021-01-01 09:00:00,c,q,A,WRAPUPSTART,5,,,,")
    [raw] = chunk.raw
    assert (raw.line, raw.text) == (2, "2021-01-01 09:00:00,c,q,A,WRAPUPSTART,5,,,,")
    assert [issue.rule for issue in chunk.issues] == ["unknown_event"]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_break_it_and_its_books_always_balance(tmp_path, data):
    sample = data.draw(st.sampled_from([TABLE, PBXWARE]))
    header, *rows = (line.encode() for line in sample.read_text(encoding="utf-8").splitlines())
    a_row = st.sampled_from([header, *rows])
    cells = st.sampled_from([b"", b"-1", b"9" * 40, b"x", b'"', b"\\N", b"2021-13-45 99:00:00",
                             b"2021-01-01 09:00:00+99", "٣".encode(), b"\0"])  # fmt: skip

    def with_cell(change):
        line, place, cell = change
        parts = line.split(b",")
        parts[place % len(parts)] = cell
        return b",".join(parts)

    foreign = st.one_of(
        st.binary(max_size=60),
        a_row,
        st.tuples(a_row, st.integers(0, 80)).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(a_row, st.integers(0, 13), cells).map(with_cell),
    )
    order = data.draw(st.permutations(rows + data.draw(st.lists(foreign, max_size=20))))
    end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    try:
        path = opened(tmp_path, end.join([header, *order]))
        chunks_of(path, FORM, "Europe/Paris", chunk_lines=data.draw(st.integers(1, 40)))
    except FileRefused:
        return


# What follows reads other people's logs, which are not part of this repository.

REAL = "calllogs/asterisk_queue_log/pbxware_queue_log_2018-11-29_to_12-03.csv"
SAME = "calllogs/asterisk_queue_log/queue_log_2018-11-29_to_12-03.derived.log"


def test_the_real_table_tells_what_the_log_made_of_it_tells(sample_data):
    table = chunk_of(sample_data / REAL, FORM, "America/Bogota")
    log = chunk_of(sample_data / SAME, LOG)
    # The log's maker put in how the one call was passed on; and a table has no line twice, for
    # its rows are numbered, so more lines helped.
    apart = ["line", "lines", "extra"]
    assert_frame_equal(table.calls.drop(apart), log.calls.drop(apart))
    assert_frame_equal(table.offers, log.offers)
    assert_frame_equal(table.states.drop("line"), log.states.drop("line"))
    assert (table.read, table.rejected, table.raw) == (755, 0, [])
    assert table.helped() + table.duplicate == log.helped() + log.duplicate


def test_the_real_table_shuffled_and_doubled_tells_the_same(sample_data, tmp_path):
    header, *rows = (sample_data / REAL).read_text().splitlines()
    mixed = rows * 2
    random.Random(4).shuffle(mixed)
    chunk = chunk_of_text(tmp_path, FORM, "\n".join([header, *mixed, ""]), "America/Bogota")
    assert chunk.duplicate >= len(rows)
    assert told(chunk) == told(chunk_of(sample_data / REAL, FORM, "America/Bogota"))
    assert chunk.calls.filter(pl.col("direction") == "inbound").height == 74
