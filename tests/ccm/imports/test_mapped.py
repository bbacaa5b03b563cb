"""Files read as a profile says: what each row becomes, and that none is lost on the way."""

import json
from datetime import UTC, datetime, timedelta

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.files.dialect import Dialect
from ccm.imports.mapping.mapped import Mapped
from ccm.imports.mapping.profile import Column
from ccm.imports.mapping.targets import Rows
from ccm.imports.records import FileRefused
from tests.examples import examples
from tests.logs import told
from tests.mapped import a_profile, answered, guessed, mapped, mapped_text, plain

ID, DAY, CLOCK = (
    Column("Id", "external_id"),
    Column("Date", "date", spelling="ymd"),
    Column("Time", "time"),
)
AT = Column("At", "moment", spelling="ymd")
PARIS, NEW_YORK = "Europe/Paris", "America/New_York"


def calls(*columns, by="all", queue="Sales", **said):
    return a_profile(Rows.CALLS, list(columns), answered_by=by, queue=queue, **said)


def rules(chunk):
    return [(one.line, one.column, one.rule, one.fate) for one in chunk.issues]


def one(chunk):
    [call] = chunk.calls.rows(named=True)
    return call


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


# Calls


def test_a_row_becomes_a_call_with_all_that_it_tells(tmp_path):
    profile = calls(
        ID, DAY, CLOCK, Column("Who", "agent"), Column("Line", "queue"), Column("Ok", "answered"),
        Column("Wait", "wait", unit="s"), Column("Talk", "talk", unit="mm:ss"),
        Column("Hold", "hold", unit="ms"), Column("Wrap", "acw", unit="min", decimal=","),
        Column("Why", "topic"), Column("End", "disposition"), Column("Done", "resolved"),
        Column("From", "caller"), Column("Sale", "sale_value", decimal=","),
        Column("CSAT", "csat", scale=(1, 5)), Column("Customer", "account"),
        Column("Colour"), Column("Secret", "drop"), by="column", queue="",
    )  # fmt: skip
    text = (
        "Id|Date|Time|Who|Line|Ok|Wait|Talk|Hold|Wrap|Why|End|Done|From|Sale|CSAT|Customer"
        "|Colour|Secret\n"
        "c1|2021-01-14|9:05|Ada|Ventes|Oui|30|2:00|1500|0,5|Bill|Sold|N|0123456789|1.234,50|4|K-7"
        "|red|x\n"
    )
    chunk = mapped_text(
        tmp_path, text, answered(profile, dialect=Dialect(delimiter="|")), zone=PARIS
    )
    call = one(chunk)
    offered = utc(2021, 1, 14, 8, 5)
    assert (call["offered_at"], call["answered_at"]) == (offered, offered + timedelta(seconds=30))
    assert call["ended_at"] == offered + timedelta(milliseconds=30_000 + 120_000 + 1_500)
    assert call["wrapup_ended_at"] == call["ended_at"] + timedelta(seconds=30)
    assert (call["wait_ms"], call["talk_ms"], call["hold_ms"], call["acw_ms"]) == (
        30_000, 120_000, 1_500, 30_000,
    )  # fmt: skip
    assert (call["queue"], call["agent"], call["outcome"]) == ("Ventes", "Ada", "answered")
    assert (call["topic"], call["disposition"], call["resolved"]) == ("Bill", "Sold", False)
    assert (call["caller"], call["sale_value"]) == ("0123456789", 1234.5)
    assert json.loads(call["extra"]) == {"Colour": "red", "account": "K-7"}
    assert (call["time_precision"], call["external_id"], call["linked_id"]) == (
        "minute",
        "c1",
        "c1",
    )
    assert chunk.surveys.select("call", "kind", "score", "scale_max").rows() == [(0, "csat", 4, 5)]


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        ("Y", "answered"), ("oui", "answered"), ("TRUE", "answered"), ("1", "answered"),
        ("N", "abandoned"), ("nein", "abandoned"), ("0", "abandoned"),
        ("Gelukt", "answered"), ("MISLUKT", "abandoned"),
    ],
)  # fmt: skip
def test_words_for_yes_and_no_are_known_or_said(tmp_path, cell, outcome):
    told_by = Column("Ok", "answered", meanings={"gelukt": "yes", "mislukt": "no"})
    profile = calls(ID, DAY, told_by, by="column")
    chunk = mapped_text(tmp_path, f"Id,Date,Ok\na,2021-01-14,{cell}\n", profile)
    assert one(chunk)["outcome"] == outcome


def test_a_word_without_a_meaning_rejects_its_row_and_one_to_leave_out_does_not(tmp_path):
    how = Column("How", "outcome", meanings={
        "hang": "abandoned", "success": "answered", "phantom": "left_out",
    })  # fmt: skip
    text = "Id,Date,How\n" + "".join(
        f"c{place},2021-01-14,{word}\n"
        for place, word in enumerate(
            ["HANG", "Success", "PHANTOM", "purple", "", "busy", "left_out"]
        )
    )
    chunk = mapped_text(tmp_path, text, calls(ID, DAY, how, by="column"))
    assert chunk.calls["outcome"].to_list() == ["abandoned", "answered", "busy"]
    assert rules(chunk) == [
        (4, "How", "left_out", "ignored"),
        (5, "How", "choice", "rejected"),
        (6, "How", "outcome", "rejected"),
        (8, "How", "choice", "rejected"),
    ]
    assert (chunk.rejected, chunk.ignored) == (3, 1)


@pytest.mark.parametrize(
    ("by", "row", "outcome"),
    [
        ("moment", "9:00:10,5,60,Ada", "answered"), ("moment", ",5,60,Ada", "abandoned"),
        ("talk", ",5,60,", "answered"), ("talk", ",5,0,Ada", "abandoned"),
        ("talk", ",5,,Ada", "abandoned"),
        ("wait", ",5,,", "answered"), ("wait", ",,60,Ada", "abandoned"),
        ("agent", ",,,Ada", "answered"), ("agent", ",5,60,", "abandoned"),
        ("all", ",,,", "answered"),
    ],
)  # fmt: skip
def test_an_answer_is_known_by_what_the_person_says_tells_it(tmp_path, by, row, outcome):
    profile = calls(
        ID, DAY, CLOCK, Column("Up", "answered_at", spelling="clock"),
        Column("Wait", "wait", unit="s"),
        Column("Talk", "talk", unit="s"), Column("Who", "agent"), by=by,
    )  # fmt: skip
    text = f"Id,Date,Time,Up,Wait,Talk,Who\na,2021-01-14,9:00:00,{row}\n"
    call = one(mapped_text(tmp_path, text, profile))
    assert call["outcome"] == outcome
    if outcome == "abandoned":
        assert call["agent"] is None
        assert (call["talk_ms"], call["answered_at"]) == (None, None)


def test_stamps_fill_only_what_durations_do_not_tell(tmp_path):
    profile = calls(
        ID, AT, Column("Up", "answered_at", spelling="clock"),
        Column("End", "ended_at", spelling="clock"),
        Column("Wait", "wait", unit="s"), by="moment",
    )  # fmt: skip
    text = (
        "Id,At,Up,End,Wait\n"
        "a,2021-01-14 9:00:00,9:00:30,9:02:00,29\n"  # the duration is right, not the stamps
        "b,2021-01-14 9:00:00,9:00:30,9:02:00,\n"
        "c,2021-01-14 9:00:00,,9:00:45,\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls.select("wait_ms", "talk_ms").rows() == [
        (29_000, 90_000), (30_000, 90_000), (45_000, None),
    ]  # fmt: skip


def test_how_long_was_talked_is_unknown_where_the_wait_is(tmp_path):
    text = "Id,At,End\na,2021-01-14 9:00:00,9:02:00\n"
    call = one(
        mapped_text(tmp_path, text, calls(ID, AT, Column("End", "ended_at", spelling="clock")))
    )
    assert (call["wait_ms"], call["talk_ms"]) == (None, None)
    assert call["ended_at"] == utc(2021, 1, 14, 9, 2)


def test_the_length_of_the_whole_call_ends_it(tmp_path):
    profile = calls(
        ID, AT, Column("Whole", "duration", unit="s"), Column("Wait", "wait", unit="s"),
        Column("Ok", "answered"), by="column",
    )  # fmt: skip
    text = "Id,At,Whole,Wait,Ok\na,2021-01-14 9:00:00,100,30,Y\nb,2021-01-14 9:00:00,40,,N\n"
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls["ended_at"].to_list() == [
        utc(2021, 1, 14, 9, 1, 40), utc(2021, 1, 14, 9, 0, 40),
    ]  # fmt: skip
    assert chunk.calls.select("wait_ms", "talk_ms").rows() == [(30_000, 70_000), (40_000, None)]


@pytest.mark.parametrize(
    ("start", "up", "end", "wait", "talk"),
    [
        ("23:59:30", "0:00:15", "0:02:15", 45, 120),
        ("23:50:00", "23:59:50", "0:10:00", 590, 610),
        ("9:00:00", "8:59:59", "9:01:00", None, 60),  # a second's disorder is no day
    ],
)
def test_a_clock_far_before_the_start_is_of_the_next_day(tmp_path, start, up, end, wait, talk):
    profile = calls(
        ID, DAY, CLOCK, Column("Up", "answered_at", spelling="clock"),
        Column("End", "ended_at", spelling="clock"), by="moment",
    )  # fmt: skip
    text = f"Id,Date,Time,Up,End\na,2021-01-14,{start},{up},{end}\n"
    call = one(mapped_text(tmp_path, text, profile))
    assert call["wait_ms"] == (None if wait is None else wait * 1_000)
    assert call["talk_ms"] == talk * 1_000


def test_a_call_in_a_menu_before_its_queue_is_offered_when_it_came_to_it(tmp_path):
    profile = calls(ID, DAY, CLOCK, Column("In", "queued_at", spelling="clock", nulls=("0:00:00",)))
    text = "Id,Date,Time,In\na,2021-01-14,13:00:00,13:00:09\nb,2021-01-14,13:00:00,0:00:00\n"
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls["offered_at"].to_list() == [
        utc(2021, 1, 14, 13, 0, 9), utc(2021, 1, 14, 13, 0, 0),
    ]  # fmt: skip


def test_a_lost_call_without_any_wait_may_never_have_reached_its_queue(tmp_path):
    profile = calls(
        ID, DAY, Column("Wait", "wait", unit="s"), Column("Ok", "answered"), by="column",
        no_wait_left_menu=True,
    )  # fmt: skip
    text = (
        "Id,Date,Wait,Ok\na,2021-01-14,0,N\nb,2021-01-14,3,N\nc,2021-01-14,0,Y\nd,2021-01-14,,N\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls["outcome"].to_list() == ["left_ivr", "abandoned", "answered", "abandoned"]


def test_what_is_below_zero_is_unknown_and_said_so(tmp_path):
    profile = calls(ID, DAY, Column("Wait", "wait", unit="s"))
    chunk = mapped_text(tmp_path, "Id,Date,Wait\na,2021-01-14,-3\nb,2021-01-14,5\n", profile)
    assert chunk.calls["wait_ms"].to_list() == [None, 5_000]
    assert rules(chunk) == [(2, "Wait", "negative", "noted")]


# When


def test_a_time_that_the_clocks_skipped_is_rejected_and_one_told_twice_is_the_first(tmp_path):
    text = "Id,At\na,2021-03-28 02:30:00\nb,2021-10-31 02:30:00\nc,2021-03-28 03:00:00\n"
    chunk = mapped_text(tmp_path, text, calls(ID, AT), zone=PARIS)
    assert chunk.calls["offered_at"].to_list() == [utc(2021, 10, 31, 0, 30), utc(2021, 3, 28, 1)]
    assert rules(chunk) == [
        (2, "At", "skipped_hour", "rejected"), (3, "At", "hour_told_twice", "noted"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("at", "end", "minutes"),
    [
        ("2021-03-28 01:50:00", "3:10:00", 20),  # 2:00 to 3:00 was skipped
        ("2021-10-31 01:50:00", "3:10:00", 140),  # 2:00 to 3:00 was told twice
        ("2021-10-31 02:50:00", "2:10:00", 20),  # on to the second time
        ("2021-06-30 01:50:00", "3:10:00", 80),
    ],
)
def test_a_call_through_a_change_of_the_clocks_is_as_long_as_it_was(tmp_path, at, end, minutes):
    profile = calls(ID, AT, Column("End", "ended_at", spelling="clock"))
    call = one(mapped_text(tmp_path, f"Id,At,End\na,{at},{end}\n", profile, zone=PARIS))
    assert call["ended_at"] - call["offered_at"] == timedelta(minutes=minutes)


def test_a_day_whose_midnight_was_skipped_is_a_day_all_the_same(tmp_path):
    text = "Id,Date\na,2018-11-04\nb,2018-11-05\n"  # São Paulo began summer at midnight
    chunk = mapped_text(tmp_path, text, calls(ID, DAY), zone="America/Sao_Paulo")
    assert chunk.calls["offered_at"].to_list() == [utc(2018, 11, 4, 3), utc(2018, 11, 5, 2)]
    assert chunk.calls["time_precision"].to_list() == ["day", "day"]
    assert chunk.issues == []


def test_each_row_may_name_its_zone(tmp_path):
    profile = calls(ID, AT, Column("Zone", "zone"))
    text = (
        f"Id,At,Zone\na,2021-01-14 9:00:00,{PARIS}\nb,2021-01-14 9:00:00,{NEW_YORK}\n"
        "c,2021-01-14 9:00:00,Middle/Earth\nd,2021-01-14 9:00:00,\ne,2021-01-14 9:00:00,../etc\n"
        "f,2021-01-14T09:00:00Z,\n"
    )
    chunk = mapped_text(tmp_path, text, profile, zone="")
    assert chunk.calls["offered_at"].to_list() == [
        utc(2021, 1, 14, 8), utc(2021, 1, 14, 14), utc(2021, 1, 14, 9),
    ]  # fmt: skip
    assert [(line, rule) for line, _column, rule, _fate in rules(chunk)] == [
        (4, "zone"), (5, "zone"), (6, "zone"),
    ]  # fmt: skip


def test_the_mappings_zone_goes_before_the_sites(tmp_path):
    text = "Id,At\na,2021-01-14 9:00:00\n"
    chunk = mapped_text(tmp_path, text, calls(ID, AT, zone=NEW_YORK), zone=PARIS)
    assert one(chunk)["offered_at"] == utc(2021, 1, 14, 14)


def test_without_any_zone_naive_times_are_refused_and_epochs_are_not(tmp_path):
    path = plain(tmp_path, "Id,At\na,1610615106\n")
    with pytest.raises(FileRefused, match="name no zone"):
        mapped(path, calls(ID, AT), zone="")
    [chunk] = mapped(path, calls(ID, Column("At", "moment", spelling="epoch")), zone="")
    assert one(chunk)["offered_at"] == utc(2021, 1, 14, 9, 5, 6)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("", "missing"), ("-", "missing"), ("2021-02-30", "date"), ("14/01/2021", "date"),
        ("1989-12-31", "too_early"), ("2026-01-03", "future"), ("soon", "date"),
    ],
)  # fmt: skip
def test_a_wrong_date_rejects_its_row_and_no_other(tmp_path, cell, rule):
    text = f"Id,Date\na,2021-01-14\nb,{cell}\nc,2021-01-15\n"
    chunk = mapped_text(tmp_path, text, calls(ID, DAY))
    assert rules(chunk) == [(3, "Date", rule, "rejected")]
    assert chunk.calls["external_id"].to_list() == ["a", "c"]


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [
        (Column("X", "wait", unit="s"), "soon", "duration"),
        (Column("X", "wait", unit="s"), "9" * 14, "range"),
        (Column("X", "talk", unit="h:mm:ss"), "999999:00:00", "range"),
        (Column("X", "csat", scale=(1, 5)), "6", "range"),
        (Column("X", "csat", scale=(1, 5)), "good", "number"),
        (Column("X", "sale_value"), "much", "number"),
        (Column("X", "fcr"), "perhaps", "choice"),
        (Column("X", "channel"), "pigeon", "choice"),
        (Column("X", "agent"), "A" * 161, "too_long"),
        (Column("X", "topic"), "T" * 121, "too_long"),
        (Column("X", "answered_at", spelling="ymd"), "noon", "date"),
        (Column("X", "ended_at", spelling="clock"), "25:00", "clock"),
    ],
)
def test_a_wrong_cell_is_told_with_its_column_and_reason(tmp_path, column, cell, rule):
    text = f"Id,Date,X\na,2021-01-14,\nb,2021-01-14,{cell}\n"
    chunk = mapped_text(tmp_path, text, calls(ID, DAY, column))
    assert rules(chunk) == [(3, "X", rule, "rejected")]
    assert chunk.issues[0].value == cell[:200]
    assert chunk.calls["external_id"].to_list() == ["a"]


def test_an_id_too_long_or_missing_rejects_its_row(tmp_path):
    text = f"Id,Date\n{'x' * 121},2021-01-14\n,2021-01-14\n{'y' * 120},2021-01-14\n"
    chunk = mapped_text(tmp_path, text, calls(ID, DAY))
    assert rules(chunk) == [(2, "Id", "too_long", "rejected"), (3, "Id", "missing", "rejected")]


def test_a_comment_beside_no_score_stays_with_the_call_under_its_own_name(tmp_path):
    profile = calls(ID, AT, Column("Comment", "comment"))
    text = (
        "Id,At,Comment\n"
        "1,2025-03-03 09:00:00,asked for the invoice of March\n"
        "2,2025-03-03 09:05:00,\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert [json.loads(one) if one else None for one in chunk.calls["extra"]] == [
        {"Comment": "asked for the invoice of March"}, None,
    ]  # fmt: skip
    assert chunk.surveys.is_empty()


def test_a_comment_is_of_the_answer_where_there_is_one_and_else_of_the_call(tmp_path):
    profile = calls(ID, AT, Column("CSAT", "csat", scale=(1, 5)), Column("Comment", "comment"))
    text = (
        "Id,At,CSAT,Comment\n"
        "1,2025-03-03 09:00:00,5,very kind\n"
        "2,2025-03-03 09:05:00,,no time to rate\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.surveys["comment"].to_list() == ["very kind"]
    assert [json.loads(one) if one else None for one in chunk.calls["extra"]] == [
        None, {"Comment": "no time to rate"},
    ]  # fmt: skip


def test_words_that_mean_nothing_are_nothing(tmp_path):
    profile = calls(
        ID, DAY, Column("Who", "agent", nulls=("NO_SERVER", "?")),
        Column("Wait", "wait", unit="s", nulls=("none given",)),
    )  # fmt: skip
    text = "Id,Date,Who,Wait\na,2021-01-14,NO_SERVER,none given\nb,2021-01-14,no_server,n/a\n"
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls.select("agent", "wait_ms").rows() == [(None, None), ("no_server", None)]


# Ids


def test_several_columns_may_be_the_key_of_a_contact(tmp_path):
    profile = calls(
        Column("Line", "external_id"), Column("Day", "linked_id"), Column("No", "linked_id"), AT,
    )  # fmt: skip
    text = (
        "Line,Day,No,At\nA,14,1,2021-01-14 9:00:00\nB,14,1,2021-01-14 9:05:00\n"
        "C,15,1,2021-01-15 9:00:00\n"
    )
    keys = mapped_text(tmp_path, text, profile).calls["linked_id"].to_list()
    assert keys[0] == keys[1] != keys[2]


def test_spells_that_tell_no_end_are_open(tmp_path):
    profile = a_profile(Rows.STATES, [AT, Column("Who", "agent"), Column("What", "state")])
    chunk = mapped_text(tmp_path, "At,Who,What\n2021-01-14 9:00:00,Ada,paused\n", profile)
    assert chunk.states["ends_at"].to_list() == [None]


def test_what_was_asked_tells_the_scale_where_no_column_does(tmp_path):
    profile = a_profile(
        Rows.ANSWERS, [ID, AT, Column("Kind", "kind"), Column("Said", "score", scale=(1, 7))]
    )
    text = "Id,At,Kind,Said\na,2021-01-14 9:00:00,nps,9\nb,2021-01-14 9:00:00,ces,6\n"
    rows = mapped_text(tmp_path, text, profile).surveys
    assert rows.select("kind", "score", "scale_min", "scale_max").rows() == [
        ("nps", 9.0, 0, 10), ("ces", 6.0, 1, 7),
    ]  # fmt: skip


def test_several_columns_are_one_id_and_a_key_joins_the_rows_of_one_contact(tmp_path):
    profile = calls(
        Column("Line", "external_id"), Column("No", "external_id"), Column("Key", "linked_id"),
        AT, Column("Queue", "queue"), queue="",
    )  # fmt: skip
    text = (
        "Line,No,Key,At,Queue\n"
        "A,1,k1,2021-01-14 9:00:00,Sales\n"
        "A,2,k1,2021-01-14 9:05:00,Support\n"  # transferred
        "B,1,k2,2021-01-14 9:00:00,Sales\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls.select("external_id", "linked_id", "queue").rows() == [
        ("A/1", "k1", "Sales"), ("A/2", "k1", "Support"), ("B/1", "k2", "Sales"),
    ]  # fmt: skip


def test_rows_of_one_id_on_two_queues_are_two_visits_and_on_one_a_conflict(tmp_path):
    profile = calls(ID, AT, Column("Queue", "queue"), Column("Who", "agent"), queue="")
    text = (
        "Id,At,Queue,Who\n"
        "a,2021-01-14 9:00:00,Sales,Ada\n"
        "a,2021-01-14 9:00:00,Support,Ada\n"
        "a,2021-01-14 9:00:00,Sales,Ben\n"
        "a,2021-01-14 9:00:00,Sales,Ada\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.calls["queue"].to_list() == ["Sales", "Support"]
    assert (chunk.duplicate, rules(chunk)) == (1, [(4, "Id", "conflict", "rejected")])


NAMELESS = calls(AT, Column("Who", "agent"))
ROWS = [
    "2021-01-14 9:00:00,Ada", "2021-01-14 9:00:00,Ada", "2021-01-14 9:00:00,Ben",
    "2021-01-14 9:00:05,Ada", "2021-01-14 9:00:00,Ada",
]  # fmt: skip


def test_equal_rows_without_an_id_are_calls_of_their_own_and_the_same_again(tmp_path):
    text = "\n".join(["At,Who", *ROWS]) + "\n"
    first = mapped_text(tmp_path, text, NAMELESS)
    assert first.calls["external_id"].n_unique() == 5
    again = mapped_text(tmp_path, text.replace("\n", "\r\n"), NAMELESS)
    assert again.calls["external_id"].to_list() == first.calls["external_id"].to_list()


@settings(max_examples=examples(15), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([*ROWS, "", "broken", '"']), max_size=12), st.integers(1, 8), st.data()
)
def test_chunks_and_a_reading_that_goes_on_name_rows_as_the_whole_did(tmp_path, lines, size, data):
    path = plain(tmp_path, "\n".join(["At,Who", *lines]) + "\n")
    whole = [row for chunk in mapped(path, NAMELESS) for row in told(chunk)]
    parts = mapped(path, NAMELESS, chunk_lines=size)
    assert sorted((row for chunk in parts for row in told(chunk)), key=repr) == sorted(
        whole, key=repr
    )
    place = data.draw(st.integers(0, len(parts) - 1))
    rest = mapped(path, NAMELESS, chunk_lines=size, start=parts[place].position)
    assert [told(chunk) for chunk in rest] == [told(chunk) for chunk in parts[place + 1 :]]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(ROWS))
def test_the_order_of_rows_changes_nothing(tmp_path, order):
    chunk = mapped_text(tmp_path, "\n".join(["At,Who", *order]), NAMELESS)
    assert told(chunk) == told(mapped_text(tmp_path, "\n".join(["At,Who", *ROWS]), NAMELESS))


# What the profile does not name


def test_columns_that_nobody_named_are_kept(tmp_path):
    text = 'Id,Date,New,line\na,2021-01-14,"x ""y""",5\n'
    chunk = mapped_text(tmp_path, text, calls(ID, DAY))
    assert json.loads(one(chunk)["extra"]) == {"New": 'x "y"', "line (4)": "5"}


def test_members_that_only_later_json_has_are_kept(tmp_path):
    first = "".join(f'{{"Id": "{n}", "Date": "2021-01-14"}}\n' for n in range(250))
    text = first + '{"Id": "x", "Date": "2021-01-14", "late": 5}\n'
    chunk = mapped_text(tmp_path, text, calls(ID, DAY, dialect=Dialect("json", header=0)))
    assert json.loads(chunk.calls["extra"].drop_nulls()[0]) == {"others": '{"late": "5"}'}


def test_a_file_without_a_mapped_column_is_refused_by_its_name(tmp_path):
    with pytest.raises(FileRefused, match=r"lacks the columns Date\. It has Id, When"):
        mapped_text(tmp_path, "Id,When\na,b\n", calls(ID, DAY))


def test_a_profile_with_an_open_question_reads_nothing(tmp_path):
    with pytest.raises(FileRefused, match="Which queue"):
        mapped_text(tmp_path, "Id,Date\na,2021-01-14\n", calls(ID, DAY, queue=""))


def test_calls_can_be_on_no_queue(tmp_path):
    chunk = mapped_text(tmp_path, "Id,Date\na,2021-01-14\n", calls(ID, DAY, queue="-"))
    assert one(chunk)["queue"] is None


# Recognised again


def heads(data, told_by, folder):
    from ccm.imports.files import tables

    return [
        Mapped(told_by, "m").recognises(head, "f") for head in tables.heads(plain(folder, data))
    ]


def test_a_saved_layout_is_known_by_its_header_in_any_kind_of_file(tmp_path):
    profile = calls(ID, DAY)
    assert heads("Id,Date,More\n1,2,3\n", profile, tmp_path) == [True]
    assert heads("Date;Id\n", answered(profile, dialect=Dialect(delimiter=";")), tmp_path) == [True]
    assert heads("x\n\nId,Date\n", answered(profile, dialect=Dialect(header=3)), tmp_path) == [True]
    assert heads(
        '{"Date": 1, "Id": 2}\n', answered(profile, dialect=Dialect("json", header=0)), tmp_path
    ) == [True]
    fixed = answered(profile, dialect=Dialect("fixed", edges=(1, 5)))
    assert heads("Id  Date\n", fixed, tmp_path) == [True]
    assert heads("Id,When\n1,2\n", profile, tmp_path) == [False]
    assert heads("1,2\n", answered(profile, dialect=Dialect(header=0)), tmp_path) == [False]
    book = openpyxl.Workbook()
    for row in (["Calls"], [None], [None, "Id", "Date"]):
        book.active.append(row)
    book.save(tmp_path / "book")
    sheet = answered(profile, dialect=Dialect("sheet", sheet="Sheet", header=3))
    assert heads((tmp_path / "book").read_bytes(), sheet, tmp_path) == [True]


# Answers


NPS = Column("NPS", "nps", scale=(0, 10))


def test_a_row_may_hold_several_answers_and_counts_once(tmp_path):
    profile = a_profile(
        Rows.ANSWERS,
        [ID, AT, Column("Call", "call_ref"), Column("CSAT", "csat", scale=(1, 5)), NPS,
         Column("Solved", "fcr"), Column("Say", "comment"), Column("Who", "agent")],
    )  # fmt: skip
    text = (
        "Id,At,Call,CSAT,NPS,Solved,Say,Who\n"
        "a,2021-01-14 9:00:00,c7,4,9,Y,fine,Ada\n"
        "b,2021-01-14 9:00:00,,0,0,,,\n"
        "c,2021-01-14 9:00:00,,,,,nothing else,\n"
        "d,2021-01-14 9:00:00,,6,,,,\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.surveys.select("external_id", "kind", "score", "scale_min", "scale_max",
        "lines").rows() == [
        ("a", "csat", 4, 1, 5, 1), ("a", "nps", 9, 0, 10, 0), ("b", "nps", 0, 0, 10, 1),
        ("a", "fcr", 1, 0, 1, 0),
    ]  # fmt: skip
    assert set(chunk.surveys["call_ref"]) == {"c7", None}
    assert rules(chunk) == [(4, "CSAT", "no_answer", "ignored"), (5, "CSAT", "range", "rejected")]


def test_an_empty_answer_with_a_wrong_cell_has_one_fate(tmp_path):
    profile = a_profile(Rows.ANSWERS, [ID, AT, NPS, Column("Who", "agent")])
    text = (
        "Id,At,NPS,Who\n"
        f"a,2021-01-14 9:00:00,,{'A' * 200}\n"
        ",2021-01-14 9:00:00,,Ada\n"
        "b,2021-01-14 9:00:00,7,Ada\nb,2021-01-14 9:00:00,,Ada\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert (chunk.rejected, chunk.ignored, chunk.helped()) == (2, 1, 1)


# States and totals


def test_a_state_has_an_end_by_a_stamp_or_by_its_length(tmp_path):
    profile = a_profile(
        Rows.STATES,
        [Column("Who", "agent"),
            Column("State", "state", meanings={"lunch": "paused", "off": "left_out"}),
         AT, Column("End", "ended_at", spelling="clock"), Column("Long", "duration", unit="mm:ss"),
         Column("Why", "reason")],
    )  # fmt: skip
    text = (
        "Who,State,At,End,Long,Why\n"
        "Ada,Lunch,2021-01-14 23:50:00,0:20:00,,food\n"
        "Ada,available,2021-01-14 12:00:00,,5:00,\n"
        "Ada,off,2021-01-14 12:00:00,,,\n"
        "Ada,asleep,2021-01-14 12:00:00,,,\n"
        ",paused,2021-01-14 12:00:00,,,\n"
        "Ada,paused,2021-01-14 12:00:00,11:00:00,,\n"
        "Ada,paused,2021-01-14 18:00:00,,,\n"
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.states.select("state", "reason", "starts_at", "ends_at").rows() == [
        ("paused", "food", utc(2021, 1, 14, 23, 50), utc(2021, 1, 15, 0, 20)),
        ("available", None, utc(2021, 1, 14, 12), utc(2021, 1, 14, 12, 5)),
        ("paused", None, utc(2021, 1, 14, 18), None),
    ]
    assert [(line, rule) for line, _column, rule, _fate in rules(chunk)] == [
        (4, "left_out"), (5, "choice"), (6, "missing"), (7, "order"),
    ]  # fmt: skip


TOTALS = [
    DAY, Column("In", "offered"), Column("Up", "answered_count"),
    Column("ASA", "wait_mean", unit="s"),
    Column("AHT", "handle_mean", unit="min"), Column("SL", "service_level", scale=(0, 100)),
]  # fmt: skip


def test_means_become_sums_weighed_by_the_answered(tmp_path):
    profile = a_profile(Rows.TOTALS, TOTALS, minutes=1440, threshold_seconds=20)
    text = "Date,In,Up,ASA,AHT,SL\n2021-01-14,217,204,17,5.06,76.28%\n2021-01-15,10,,3,1,0.5%\n"
    chunk = mapped_text(tmp_path, text, profile, zone=PARIS)
    shown = chunk.counts.select("offered", "answered", "wait_ms", "handle_ms", "answered_within")
    # 76.28 % of 217 is 165.5: no whole number of calls, the nearest is taken.
    assert shown.rows() == [
        (217, 204, 204 * 17_000, 204 * 303_600, 166), (10, None, None, None, 0),
    ]  # fmt: skip
    assert chunk.counts["threshold_seconds"].to_list() == [20, 20]


def test_a_share_is_what_its_scale_says(tmp_path):
    columns = [*TOTALS[:3], Column("SL", "service_level", scale=(0, 1))]
    profile = a_profile(Rows.TOTALS, columns, minutes=60, threshold_seconds=20)
    text = "Date,In,Up,SL\n2021-01-14,100,90,0.5\n2021-01-15,100,90,1\n2021-01-16,100,90,1.5\n"
    chunk = mapped_text(tmp_path, text, profile)
    assert chunk.counts["answered_within"].to_list() == [50, 100]
    assert rules(chunk) == [(4, "SL", "range", "rejected")]


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2021-03-28", PARIS, 23), ("2021-10-31", PARIS, 25), ("2021-06-30", PARIS, 24),
        ("2018-11-04", "America/Sao_Paulo", 23), ("2018-11-03", "America/Sao_Paulo", 24),
    ],
)  # fmt: skip
def test_a_day_of_totals_is_as_long_as_the_sites_day(tmp_path, day, zone, hours):
    profile = a_profile(Rows.TOTALS, TOTALS[:2], minutes=1440)
    [span] = mapped_text(tmp_path, f"Date,In\n{day},5\n", profile, zone=zone).counts.rows(
        named=True
    )
    assert span["ends_at"] - span["starts_at"] == timedelta(hours=hours)


def test_counts_that_are_none_are_rejected(tmp_path):
    profile = a_profile(Rows.TOTALS, TOTALS[:3], minutes=15)
    text = "Date,In,Up\n" + "".join(
        f"2021-01-14,{cells}\n"
        for cells in ("-1,0", "1.5,1", "9999999999,1", "5,6", "many,1", "5,5")
    )
    chunk = mapped_text(tmp_path, text, profile)
    assert (chunk.rejected, chunk.counts.height) == (5, 1)


# Anything at all


CELLS = [
    "", "-1", "0", "5", "1,5", "1.234,5", "9" * 30, "nan", "NULL", "Y", "N", "HANG", "2021-01-14",
    "14/01/2021", "2021-01-14 9:00", "23:59:59", "0:00:00", "12:00 AM", "2:23", "Europe/Paris",
    "x" * 200,
    '"', '""', '"a,b"', "'", "٣", "\u202f", "é", "Ada", "\x07", "left_out", "76%", "=1+1",
    "2021-03-28 02:30:00",
]  # fmt: skip
WIDE = {
    Rows.CALLS: calls(
        ID, Column("B", "date", spelling="ymd"), Column("C", "time"),
        Column("D", "ended_at", spelling="clock"), Column("E", "wait", unit="s"),
        Column("F", "talk", unit="h:mm:ss"),
        Column("G", "outcome", meanings={"hang": "abandoned", "0": "left_out"}),
        Column("H", "answered"), Column("I", "csat", scale=(1, 5)), Column("J", "zone"),
        by="column",
    ),
    Rows.ANSWERS: a_profile(Rows.ANSWERS, [
        ID, Column("B", "moment", spelling="ymd"), Column("E", "csat", scale=(1, 5)),
        Column("F", "nps", scale=(0, 10)), Column("H", "fcr"), Column("I", "agent"),
    ]),
    Rows.STATES: a_profile(Rows.STATES, [
        Column("Id", "agent"), Column("B", "moment", spelling="ymd"),
        Column("C", "ended_at", spelling="clock"),
        Column("F", "duration", unit="s"), Column("G", "state", meanings={"hang": "paused"}),
    ]),
    Rows.TOTALS: a_profile(Rows.TOTALS, [
        Column("B", "date", spelling="ymd"), Column("E", "offered"), Column("F", "answered_count"),
        Column("I", "wait_mean", unit="s"), Column("J", "service_level", scale=(0, 100)),
    ], minutes=1440, threshold_seconds=20),
}  # fmt: skip


@settings(max_examples=examples(80), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(list(WIDE)), st.data())
def test_no_cells_break_it_and_its_books_always_balance(tmp_path, kind, data):
    cells = st.sampled_from(CELLS) | st.text(max_size=8)
    good = ["a", "2021-01-14", "9:00", "9:05", "5", "0:01:00", "HANG", "Y", "4", "UTC"]

    def change(changes):
        row = list(good)
        for place, cell in changes:
            row[place] = cell
        return ",".join(row)

    changed = st.lists(st.tuples(st.integers(0, 9), cells), max_size=4).map(change)
    foreign = st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
    lines = data.draw(st.lists(changed | foreign, max_size=15))
    text = "\n".join(["Id,B,C,D,E,F,G,H,I,J", *lines])
    encoding = data.draw(st.sampled_from(["utf-8", "cp1252", "utf-16"]))
    try:
        path = plain(tmp_path, text.encode(encoding, errors="replace"))
        mapped(path, WIDE[kind], zone=PARIS, chunk_lines=data.draw(st.integers(1, 20)))
    except FileRefused:
        return


# Real files, and what a person says of them


def real(sample_data, name, folder, kind=None):
    upload = sample_data / "calllogs" / name
    truths = json.loads((upload.parent / "truths.json").read_text())[upload.name]
    path, profile = guessed(upload, folder, kind)
    return path, profile, truths


def whole(path, profile, zone="UTC"):
    chunks = mapped(path, profile, zone)
    made = {
        name: pl.concat([getattr(chunk, name) for chunk in chunks])
        for name in ("calls", "surveys", "counts")
    }
    return (
        made,
        sum(chunk.read for chunk in chunks),
        [one for chunk in chunks for one in chunk.issues],
    )


def test_the_banks_calls(sample_data, tmp_path):
    path, profile, truth = real(
        sample_data, "bank_call_center/bank_1999-02-01_to_14.txt.gz", tmp_path
    )
    profile = answered(
        profile,
        {
            "vru+line": {"target": "external_id"},
            "date": {"spelling": "yymmdd19"},
            "vru_entry": {"target": "time"},
            "ser_start": {"target": "keep"},
            "type": {"target": "topic"},
            "server": {"nulls": ("NO_SERVER",)},
        },
        queue="Bank",
        no_wait_left_menu=True,
    )
    assert profile.problems() == []
    assert profile.column("queued_at").nulls == ("0:00:00",)
    made, read, issues = whole(path, profile, "Asia/Jerusalem")
    calls = made["calls"]
    assert read == truth["rows"]
    assert (
        sum(one.count for one in issues if one.rule == "left_out") == truth["outcomes"]["PHANTOM"]
    )
    assert calls.height == truth["rows"] - truth["outcomes"]["PHANTOM"]
    was = calls.filter(outcome="answered")
    assert was.height == truth["answered"]
    assert calls.filter(outcome="abandoned").height == truth["hang_with_q_time_gt_0"]
    assert calls.filter(outcome="left_ivr").height == truth["hang_in_vru_q_time_0"]
    assert was["agent"].null_count() == truth["answered_without_server_name"]
    assert was["agent"].drop_nulls().n_unique() == truth["distinct_servers_excluding_NO_SERVER"]
    assert was["wait_ms"].sum() == truth["total_q_time_answered"] * 1_000
    assert was["talk_ms"].sum() == truth["total_ser_time_answered"] * 1_000
    assert was.filter(pl.col("wait_ms") <= 20_000).height == truth["answered_within_20s"]
    lost = calls.filter(outcome="abandoned")["wait_ms"].mean()
    assert round(lost / 1_000, 4) == truth["avg_abandon_wait_seconds"]
    days = calls.group_by(
        pl.col("birth_ms").cast(pl.Datetime("ms")).dt.strftime("%y%m%d").alias("day")
    ).len()
    assert days["day"].n_unique() == truth["days"]
    wrong = [one for one in issues if one.fate == "rejected"]
    assert wrong == []
    top = dict(was["agent"].drop_nulls().value_counts(sort=True).head(5).iter_rows())
    assert top == truth["answered_top5_servers"]


@pytest.mark.parametrize("name", ["pwc_call_center_dataset.xlsx", "Call-Center_dmy_dash.csv"])
def test_phonenows_calls(sample_data, tmp_path, name):
    path, profile, truth = real(sample_data, f"phonenow_pwc/{name}", tmp_path)
    assert profile.problems() == ["Which queue are these calls of? No column names one."]
    made, read, issues = whole(path, answered(profile, queue="PhoneNow"), "Europe/London")
    calls, was = made["calls"], made["calls"].filter(outcome="answered")
    assert (read, calls.height, issues) == (truth["rows"], truth["rows"], [])
    assert (was.height, calls.filter(outcome="abandoned").height) == (
        truth["answered"],
        truth["abandoned"],
    )
    assert was["resolved"].sum() == truth["resolved"]
    assert was["wait_ms"].sum() == truth["total_speed_seconds"] * 1_000
    assert was["talk_ms"].sum() == truth["total_talk_seconds"] * 1_000
    assert was.filter(pl.col("wait_ms") <= 20_000).height == truth["answered_within_20s"]
    assert was.filter(pl.col("wait_ms") <= 60_000).height == truth["answered_within_60s"]
    assert dict(was["agent"].value_counts().iter_rows()) == truth["answered_by_agent"]
    assert dict(calls["topic"].value_counts().iter_rows()) == truth["rows_by_topic"]
    scores = made["surveys"]["score"]
    assert (scores.len(), scores.sum()) == (truth["ratings"], truth["csat_sum"])
    months = calls.group_by(pl.col("birth_ms").cast(pl.Datetime("ms")).dt.strftime("%Y-%m")).len()
    assert dict(months.iter_rows()) == truth["rows_by_month"]


def test_a_restaurants_bookings(sample_data, tmp_path):
    path, profile, truth = real(
        sample_data, "restaurant_bookings/bookings_2023-11-01_to_10.csv.gz", tmp_path
    )
    outcome = profile.column("outcome")
    profile = answered(
        profile,
        {"Call Outcome": {"meanings": {**outcome.meanings, "no availability": "answered"}}},
        queue="Bookings",
    )
    assert profile.problems() == []
    made, read, issues = whole(path, profile, "Europe/London")
    calls, was = made["calls"], made["calls"].filter(outcome="answered")
    assert (read, calls.height, issues) == (truth["rows"], truth["rows"], [])
    assert (was.height, calls.height - was.height) == (truth["answered"], truth["unanswered"])
    assert was["wait_ms"].sum() == truth["total_wait"] * 1_000
    assert was["wait_ms"].max() == truth["max_wait"] * 1_000
    assert was.filter(pl.col("wait_ms") <= 20_000).height == truth["within_20s"]
    assert was.filter(pl.col("wait_ms") <= 30_000).height == truth["within_30s"]
    assert was["agent"].n_unique() == truth["agents"]
    assert was["talk_ms"].null_count() == was.height  # no end is told, so none is made up
    extra = [json.loads(one) for one in calls["extra"]]
    assert sum(int(one.get("Covers Booked", 0)) for one in extra) == truth["covers"]
    named = [one["named_agent"] for one in extra if "named_agent" in one]
    assert {one: named.count(one) for one in named} == truth["unanswered_agent_values"]
    days = calls.group_by(pl.col("birth_ms").cast(pl.Datetime("ms")).dt.strftime("%Y-%m-%d")).len()
    assert dict(days.iter_rows()) == truth["rows_by_date"]


def test_a_simulated_queue(sample_data, tmp_path):
    path, profile, truth = real(
        sample_data, "simulated_queue/simulated_call_centre_iso_2021-01_to_09.csv.gz", tmp_path
    )
    assert profile.column("caller") is None  # the day's how-manieth caller is no number
    seconds = {"unit": "s"}
    profile = answered(
        profile, {"wait_length": seconds, "service_length": seconds}, queue="Simulated"
    )
    assert profile.problems() == []
    made, read, issues = whole(path, profile)
    calls = made["calls"]
    assert (read, calls.height, issues) == (truth["rows"], truth["answered"], [])
    assert calls.filter(outcome="abandoned").height == truth["abandoned"]
    assert calls["talk_ms"].sum() == truth["total_service_seconds"] * 1_000
    assert round(calls["wait_ms"].mean() / 1_000, 3) == truth["asa_seconds"]
    assert calls["wait_ms"].max() == truth["max_wait"] * 1_000
    assert calls.filter(pl.col("wait_ms") <= 20_000).height == truth["within_20s"]
    assert calls.filter(pl.col("wait_ms") <= 60_000).height == truth["within_60s"]
    days = calls.group_by(pl.col("offered_at").dt.date()).len()
    assert (days.height, days["len"].max()) == (truth["days"], truth["max_daily"])


def test_contacts_with_a_score_from_one_to_ten(sample_data, tmp_path):
    path, profile, truth = real(sample_data, "rwfd_csat/rwfd_call_center_sample.csv", tmp_path)
    assert profile.column("csat").scale == (1, 10)
    made, read, issues = whole(path, answered(profile, answered_by="all"), "America/Chicago")
    calls = made["calls"]
    assert (read, calls.height, issues) == (truth["rows"], truth["rows"], [])
    scores = made["surveys"]["score"]
    assert (scores.len(), round(scores.mean(), 4)) == (truth["csat_answers"], truth["csat_mean"])
    channels = dict(calls["channel"].value_counts().iter_rows())
    assert channels == {"voice": 23, "chat": 22, "email": 8, "other": 17}
    assert channels["voice"] == truth["channel"]["Call-Center"]
    assert calls["talk_ms"].sum() == truth["total_minutes"] * 60_000
    assert dict(calls["queue"].value_counts().iter_rows()) == truth["call_centers"]
    assert set(calls["time_precision"]) == {"day"}
    moments = calls["birth_ms"].cast(pl.Datetime("ms"))
    days = [f"{one.month}/{one.day}/{one.year}" for one in moments]
    assert {one: days.count(one) for one in days} == truth["dates"]


@pytest.mark.parametrize("name", ["call_center_data_index.csv", "call_center_data_sales_rep.csv"])
def test_totals_without_a_date_are_refused_and_with_one_are_weighed(sample_data, tmp_path, name):
    path, profile, truth = real(sample_data, f"interval_aggregates/{name}", tmp_path)
    profile = answered(profile, minutes=1440)
    assert (profile.rows, profile.threshold_seconds) == (Rows.TOTALS, 20)
    with pytest.raises(FileRefused, match="need a date"):
        mapped(path, profile)
    # With a date beside each row the rest is what it says.
    header, *lines = path.read_text().splitlines()
    start = datetime(2021, 1, 1)
    dated = [f"{line},{start + timedelta(days=n):%Y-%m-%d}" for n, line in enumerate(lines)]
    (tmp_path / "dated").write_text("\n".join([f"{header},Date", *dated]) + "\n")
    path, profile = guessed(tmp_path / "dated", tmp_path)
    made, read, issues = whole(path, answered(profile, minutes=1440))
    counts = made["counts"]
    assert (read, counts.height, issues) == (truth["rows"], truth["rows"], [])
    assert (counts["offered"].sum(), counts["answered"].sum(), counts["abandoned"].sum()) == (
        truth["offered"], truth["answered"], truth["abandoned"],
    )  # fmt: skip
    asa = counts["wait_ms"].sum() / counts["answered"].sum() / 1_000
    assert round(asa, 4) == truth["asa_seconds_weighted_by_answered"]
    talk = counts["talk_ms"].sum() / counts["answered"].sum() / 1_000
    assert round(talk, 4) == truth["talk_seconds_weighted_by_answered"]
    level = counts["answered_within"].sum() / counts["offered"].sum()
    # Shares of two decimals are of no whole number of calls: half a call a row is lost.
    assert level == pytest.approx(truth["service_level_weighted_by_offered"], abs=2e-4)
    if "offered_by_rep" in truth:
        by_rep = counts.group_by("agent").agg(pl.col("offered").sum())
        assert dict(by_rep.iter_rows()) == truth["offered_by_rep"]


def test_a_spanish_file_of_days(sample_data, tmp_path):
    path, profile, truth = real(
        sample_data, "interval_aggregates/prediccion_llamadas_es.csv", tmp_path
    )
    profile = answered(profile, {"tmo": {"unit": "min"}}, minutes=1440, threshold_seconds=20)
    assert profile.problems() == []
    made, read, issues = whole(path, profile, "Europe/Madrid")
    counts = made["counts"]
    assert (read, counts.height, issues) == (truth["rows"], truth["rows"], [])
    assert counts["offered"].sum() == truth["calls"]
    aht = counts["handle_ms"].sum() / counts["offered"].sum() / 1_000
    assert round(aht, 3) == truth["aht_seconds_weighted"]
    days = counts["starts_at"].dt.convert_time_zone("Europe/Madrid").dt.date()
    assert (str(days.min()), str(days.max())) == (truth["first"], truth["last"])


def test_calls_with_two_kinds_of_answers(sample_data, tmp_path):
    path, profile, truth = real(sample_data, "survey_csat/call_logs_fcr_csat.csv", tmp_path)
    profile = answered(
        profile, {"Duration": {"target": "talk", "unit": "s"}}, queue="Help", answered_by="all"
    )
    made, read, issues = whole(path, profile)
    calls, surveys = made["calls"], made["surveys"]
    assert (read, calls.height, issues) == (truth["rows"], truth["rows"], [])
    assert round(calls["talk_ms"].mean() / 1_000, 4) == truth["avg_duration"]
    csat, fcr = (surveys.filter(kind=kind)["score"] for kind in ("csat", "fcr"))
    assert round(csat.mean(), 4) == truth["csat_mean"]
    assert round((csat >= 4).mean(), 6) == truth["csat_4_5_share"]
    assert round(fcr.mean(), 6) == truth["fcr_rate"]
    agents = surveys.filter(kind="csat").with_columns(
        who=calls["agent"].gather(surveys.filter(kind="csat")["call"])
    )
    means = agents.group_by("who").agg(pl.col("score").mean().round(4))
    assert dict(means.iter_rows()) == truth["csat_by_agent"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_workbook_with_its_header_in_row_three_of_one_of_its_sheets(sample_data, tmp_path):
    path, profile, truth = real(sample_data, "survey_csat/call_report_ratings.xlsx", tmp_path)
    assert (profile.dialect.sheet, profile.dialect.header) == (truth["sheet"], truth["header_row"])
    assert profile.columns[1].label == "Call number"  # column B
    profile = answered(
        profile,
        {"Duration": {"target": "talk", "unit": "s"}, "Satisfaction Rating": {"scale": (0, 5)}},
        queue="Sales", answered_by="all",
    )  # fmt: skip
    made, read, issues = whole(path, profile)
    calls, scores = made["calls"], made["surveys"]["score"]
    assert (calls.height, [one for one in issues if one.fate == "rejected"]) == (truth["rows"], [])
    assert read >= truth["rows"]
    assert calls["talk_ms"].sum() == truth["total_duration"] * 1_000
    assert round(scores.mean(), 4) == truth["rating_mean"]
    assert (scores != scores.floor()).sum() == truth["fractional_ratings"]
    assert dict(calls["agent"].value_counts().iter_rows()) == truth["by_rep"]
    days = calls["offered_at"]
    assert [f"{one:%Y-%m-%d %H:%M:%S}" for one in (days.min(), days.max())] == [
        truth["first"], truth["last"],
    ]  # fmt: skip


def test_what_is_told_of_a_row_hides_its_callers_address_and_no_agents(tmp_path):
    profile = a_profile(
        Rows.CALLS,
        [
            Column("When", "moment", spelling="ymd"), Column("Mail", "caller_email"),
            Column("Agent", "agent"), Column("Talk", "talk", unit="s"),
        ],
        queue="Sales", answered_by="all",
    )  # fmt: skip
    long = f"ann@{'x' * 200}.example"
    chunk = mapped_text(
        tmp_path,
        "When,Mail,Agent,Talk\n"
        "2025-03-03 09:00,eve at home,Ann,5\n"
        f"2025-03-03 09:01,eve@home.example,{long},5\n"
        "2025-03-03 09:02,eve@home.example,Ann,eve@home.example\n",
        profile,
    )
    told = [(one.line, one.column, one.value[:20]) for one in chunk.issues]
    assert told == [(2, "Mail", ""), (3, "Agent", long[:20]), (4, "Talk", "•••@•••")]
