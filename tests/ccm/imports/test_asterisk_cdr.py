"""Asterisk's CDR in its many layouts: legs to calls, and what a leg may be called."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened

FORM = "asterisk_cdr"
MASTER = "calllogs/asterisk_cdr/Master_2024-01.csv"
FREEPBX = "calllogs/asterisk_cdr/freepbx_cdr_dmy_2017-09.csv"
PBXWARE = "calllogs/asterisk_cdr/pbxware_cdr_to_2018-12-02.csv"
NINE = datetime(2021, 1, 4, 9, tzinfo=UTC)
# An inbound call of nine o'clock that 202 answers after 6 s and talks to for two minutes.
BASE = [
    "", "5550100142", "600", "incoming", '""" Caller"" <5550100142>"', "PJSIP/carrier-00000001",
    "PJSIP/202-00000003", "Dial", '"PJSIP/202,20"', "2021-01-04 09:00:00", "2021-01-04 09:00:06",
    "2021-01-04 09:02:06", "126", "120", "ANSWERED", "DOCUMENTATION",
]  # fmt: skip
PLACES = {
    "src": 1, "dst": 2, "dcontext": 3, "channel": 5, "dstchannel": 6, "lastapp": 7, "lastdata": 8,
    "start": 9, "duration": 12, "billsec": 13, "disposition": 14,
}  # fmt: skip
IDS = ["1609750800.1", "note", "", "1609750800.1", "7"]


def second(count):
    return NINE + timedelta(seconds=count)


def row(*more, **cells):
    line = list(BASE)
    for name, value in cells.items():
        line[PLACES[name]] = value
    return ",".join([*line, *more])


def read(tmp_path, *rows, zone="UTC", **reading):
    return chunk_of_text(tmp_path, FORM, "\n".join(rows) + "\n", zone, **reading)


def one(tmp_path, *more, zone="UTC", **cells):
    [call] = read(tmp_path, row(*(more or IDS), **cells), zone=zone).calls.rows(named=True)
    return call


def legs_of(calls):
    return [leg for text in calls["extra"] for leg in json.loads(text)["legs"].values()]


def test_legs_of_one_linkedid_are_one_call_told_by_who_answered():
    chunk = chunk_of(DATA / "asterisk_cdr_master.csv", FORM, "UTC")
    shown = chunk.calls.select(
        "external_id", "direction", "agent", "caller", "outcome", "ring_ms", "talk_ms", "lines"
    )
    assert shown.rows() == [
        ("1609750800.1", "inbound", "PJSIP/202", "5550100142", "answered", 6_000, 120_000, 3),
        ("1609751400.4", "outbound", "PJSIP/203", "5550100150", "answered", 8_000, 60_000, 1),
        ("1609752000.6", "internal", "PJSIP/203", None, "abandoned", 20_000, None, 1),
        ("pbx-1609752600.8", "inbound", None, "5550100143", "voicemail", None, None, 1),
        ("1609753200.10", "inbound", None, "5550100144", "abandoned", 30_000, None, 2),
    ]
    assert chunk.calls["queue"].null_count() == 5  # a CDR is no queue statistics
    first = chunk.calls.row(0, named=True)
    # Offered when the call's first channel was made, answered where the leg says so.
    assert (first["offered_at"], first["answered_at"], first["ended_at"]) == (
        NINE, second(33), second(153),
    )  # fmt: skip
    assert first["birth_ms"] == 1_609_750_800_000
    # A menu and another phone came before: how long the caller waited is in no leg.
    assert first["wait_ms"] is None
    assert chunk.calls["wait_ms"][4] == 30_000
    [rang] = [leg for leg in legs_of(chunk.calls[:1]) if leg.get("phone") == "PJSIP/201"]
    assert rang == {
        "at": "2021-01-04T09:00:12Z", "app": "Queue", "queue": "support", "phone": "PJSIP/201",
        "disposition": "NO ANSWER", "duration": 15, "billsec": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "direction", "agent", "caller", "outcome"),
    [
        ({}, "inbound", "PJSIP/202", "5550100142", "answered"),
        ({"dstchannel": ""}, "inbound", None, "5550100142", "left_ivr"),
        ({"lastapp": "VoiceMail"}, "inbound", None, "5550100142", "voicemail"),
        ({"dcontext": "voicemail-op", "dstchannel": ""}, "inbound", None, "5550100142",
         "voicemail"),
        ({"disposition": "CONGESTION"}, "inbound", None, "5550100142", "failed"),
        ({"src": "Anonymous"}, "inbound", "PJSIP/202", None, "answered"),
        # A trunk that goes by the number it shows.
        ({"src": "203", "channel": "SIP/203-0a", "dcontext": "from-trunk"}, "inbound",
         "PJSIP/202", "203", "answered"),
        # From a phone of its own number, and from one that shows the house's.
        ({"src": "203", "channel": "SIP/203-0a"}, "internal", "SIP/203", None, "answered"),
        ({"dcontext": "from-internal", "channel": "SIP/203-0a", "dst": "15550100150",
          "dstchannel": "SIP/carrier-0b"}, "outbound", "SIP/203", "15550100150", "answered"),
        # A trunk may be named by a number too.
        ({"src": "203", "channel": "SIP/203-0a", "dst": "15550100150",
          "dstchannel": "SIP/211474-0b"}, "outbound", "SIP/203", "15550100150", "answered"),
        # A click to dial: the channel is named for whom it calls.
        ({"src": "203", "channel": "Local/15550100150@local-call-0a;2", "dst": "15550100150",
          "dstchannel": "PJSIP/carrier-0b"}, "outbound", "Local/203", "15550100150", "answered"),
        # Over a queue's local channel it is still the phone's number.
        ({"dstchannel": "Local/202@agents-0000000a;1"}, "inbound", "Local/202@agents",
         "5550100142", "answered"),
        ({"dstchannel": "SIP/other-pbx-0b"}, "inbound", None, "5550100142", "answered"),
    ],
)  # fmt: skip
def test_channels_tell_who_called_whom(tmp_path, cells, direction, agent, caller, outcome):
    call = one(tmp_path, **cells)
    told = (call["direction"], call["agent"], call["caller"], call["outcome"])
    assert told == (direction, agent, caller, outcome)


def test_time_with_a_machine_is_no_talk(tmp_path):
    menu = one(tmp_path, dstchannel="", duration="12", billsec="12")
    assert (menu["ivr_ms"], menu["talk_ms"], menu["answered_at"]) == (12_000, None, None)


def test_billsec_of_an_unanswered_leg_is_no_talk(tmp_path):
    # The dialplan had answered before it rang the phone.
    call = one(tmp_path, disposition="NO ANSWER", duration="60", billsec="60")
    assert (call["outcome"], call["talk_ms"], call["ring_ms"]) == ("abandoned", None, 60_000)


def test_the_queue_that_was_called_is_kept_with_its_leg(tmp_path):
    call = one(tmp_path, lastapp="Queue", lastdata='"support,t,,,300"')
    [leg] = json.loads(call["extra"])["legs"].values()
    assert (call["queue"], leg["queue"]) == (None, "support")


@pytest.mark.parametrize(
    ("more", "external"),
    [
        ([], None),  # 16 columns: none of them is an id
        (IDS[:1], "1609750800.1"),  # with uniqueid
        (["note"], None),  # with userfield
        (IDS[:2], "1609750800.1"),  # 18: with both
        (["", "1609750799.1", "7"], "1609750799.1"),  # 19: of linked calls, without either
        (IDS, "1609750800.1"),  # 21
        ([*IDS[:3], "1609750799.1", "7"], "1609750799.1"),  # a leg of an older channel's call
        ([*IDS[:3], "", "7"], "1609750800.1"),
    ],
)
def test_every_layout_of_master_csv_is_read_without_a_header(tmp_path, more, external):
    [call] = read(tmp_path, row(*more)).calls.rows(named=True)
    # Else it is named by its start and its channel, whose own name may hold a caller's number.
    of_channel = "1609750800000-3059573477"
    assert (call["external_id"], call["talk_ms"]) == (external or of_channel, 120_000)


def test_legs_without_any_id_are_one_call_by_channel_and_start(tmp_path):
    rows = [row(dstchannel="PJSIP/201-00000002", disposition="NO ANSWER"), row()]
    [call] = read(tmp_path, *rows).calls.rows(named=True)
    assert (call["agent"], call["lines"]) == ("PJSIP/202", 2)
    later = row(start="2021-01-04 10:00:00")
    assert read(tmp_path, *rows, later).calls.height == 2


def test_a_report_of_freepbx_tells_the_order_of_its_dates_by_its_ids():
    chunk = chunk_of(DATA / "asterisk_cdr_freepbx.csv", FORM, "Europe/Paris")
    assert chunk.calls["offered_at"].to_list() == [second(300 * n) for n in range(4)]
    assert chunk.calls["outcome"].to_list() == ["answered", "voicemail", "left_ivr", "failed"]
    assert chunk.calls["recording"].to_list() == ["rec-1.wav", None, None, None]
    [order] = chunk.issues  # Paris is an hour ahead, as the ids say
    assert (order.rule, order.fate) == ("date_order_told", "noted")


def test_ids_rule_over_a_zone_that_does_not_fit_and_say_so():
    chunk = chunk_of(DATA / "asterisk_cdr_freepbx.csv", FORM, "America/New_York")
    assert chunk.calls["answered_at"][0] == second(10)
    assert [issue.rule for issue in chunk.issues] == ["date_order_told", "zone_told"]
    assert "UTC+01:00" in chunk.issues[1].message


def test_the_same_report_with_a_header_is_the_same(tmp_path):
    header = (
        "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,"
        "disposition,amaflags,accountcode,uniqueid,userfield,recordingfile,did,cnum,cnam,"
        "outbound_cnum,outbound_cnam,dst_cnam,id,"
    )
    text = (DATA / "asterisk_cdr_freepbx.csv").read_text()
    chunk = chunk_of_text(tmp_path, FORM, f"{header}\n{text}", "Europe/Paris")
    alone = chunk_of(DATA / "asterisk_cdr_freepbx.csv", FORM, "Europe/Paris")
    assert chunk.calls.drop("line", "extra").equals(alone.calls.drop("line", "extra"))
    # A column that no rule knows is kept with its leg.
    assert {leg["id"] for leg in legs_of(chunk.calls)} == {"0"}


def test_the_quoting_of_pbxware_is_mended_and_its_null_is_nothing():
    chunk = chunk_of(DATA / "asterisk_cdr_pbxware.csv", FORM, "America/New_York")
    shown = chunk.calls.select("direction", "agent", "outcome", "talk_ms", "lines", "ring_ms")
    assert shown.rows() == [
        ("outbound", "PJSIP/1115", "answered", 20_000, 1, 1_000),
        # Its billsec is a second longer than its duration: nobody rang for less than nothing.
        ("inbound", "Local/1141@stasis-dial", "answered", 111_000, 4, 0),
    ]
    assert chunk.issues == []


def test_quotes_that_nothing_mends_reject_their_line_alone(tmp_path):
    chunk = read(tmp_path, row(*IDS), row(*IDS, lastdata='"PJSIP/202,20'))
    [issue] = chunk.issues
    assert (issue.line, issue.rule, chunk.calls.height) == (2, "quotes", 1)


def test_a_piece_that_begins_inside_a_line_is_read_from_the_next(tmp_path):
    chunk = read(tmp_path, row(*IDS).split(",", 7)[-1], row(*IDS))
    [issue] = chunk.issues
    assert (issue.line, issue.rule, chunk.calls["line"].to_list()) == (1, "columns", [2])


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"start": "2021-02-30 09:00:00"}, "start", "time"),
        ({"start": "1989-01-04 09:00:00"}, "start", "too_early"),
        ({"start": "2031-01-04 09:00:00"}, "start", "future"),
        ({"duration": "-1"}, "duration", "range"),
        ({"billsec": "much"}, "billsec", "number"),
        ({"disposition": "LOST"}, "disposition", "choice"),
        ({"channel": ""}, "channel", "missing"),
    ],
)
def test_a_wrong_cell_rejects_its_row(tmp_path, cells, column, rule):
    chunk = read(tmp_path, row(*IDS), row(*IDS, **cells))
    told = [(issue.line, issue.column, issue.rule) for issue in chunk.issues]
    assert told == [(2, column, rule)]
    assert (chunk.rejected, chunk.calls.height) == (1, 1)


@pytest.mark.parametrize("made", ["631151999.1", "9999999999.1"])
def test_an_id_of_another_age_rejects_its_row(tmp_path, made):
    chunk = read(tmp_path, row(*IDS), row(made, "", "", made, "1"))
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (2, "linkedid", "range")


def test_without_ids_the_zone_must_be_said(tmp_path):
    path = tmp_path / "log"
    path.write_text(row() + "\n")
    with pytest.raises(FileRefused, match="no zone"):
        chunks_of(path, FORM)
    assert chunk_of(path, FORM, "America/New_York").calls["offered_at"][0] == second(5 * 3600)


def test_with_ids_no_zone_need_be_said(tmp_path):
    path = tmp_path / "log"
    path.write_text(row(*IDS, start="2021-01-04 05:00:00") + "\n")
    [call] = chunk_of(path, FORM).calls.rows(named=True)
    assert (call["offered_at"], call["answered_at"]) == (NINE, second(6))


def test_without_ids_an_ambiguous_order_of_dates_is_asked_for(tmp_path):
    rows = [row(start="04/01/2021 09:00:00")]
    with pytest.raises(FileRefused, match="ambiguous"):
        read(tmp_path, *rows)
    [call] = read(tmp_path, *rows, date_order="dmy").calls.rows(named=True)
    assert call["offered_at"] == NINE


def test_a_clock_that_was_at_several_distances_from_utc_is_asked_for(tmp_path):
    rows = [
        row(
            f"{1_609_750_800 + 60 * n}.{n}", "", "", "", str(n), start=f"2021-01-04 0{hour}:0{n}:00"
        )
        for n, hour in enumerate((7, 8, 9))
    ]
    with pytest.raises(FileRefused, match="several distances"):
        read(tmp_path, *rows, zone="Asia/Tokyo")


def test_a_zone_with_a_change_of_clocks_fits_its_ids_on_both_sides(tmp_path):
    winter = row("1609750800.1", "", "", "", "1", start="2021-01-04 04:00:00")
    summer = row("1625389200.1", "", "", "", "1", start="2021-07-04 05:00:00")
    chunk = read(tmp_path, winter, summer, zone="America/New_York")
    assert chunk.issues == []
    assert chunk.calls["answered_at"].to_list() == [
        second(6), datetime(2021, 7, 4, 9, 0, 6, tzinfo=UTC),
    ]  # fmt: skip


def test_an_id_tells_which_pass_of_an_hour_told_twice_it_was(tmp_path):
    # New York told 1:30 at 5:30 UTC and again at 6:30 UTC.
    both = [
        row(f"{made}.1", "", "", "", "1", start="2021-11-07 01:30:00")
        for made in (1_636_263_000, 1_636_266_600)
    ]
    chunk = read(tmp_path, *both, zone="America/New_York")
    assert [answered.time().isoformat() for answered in chunk.calls["answered_at"]] == [
        "05:30:06", "06:30:06",
    ]  # fmt: skip
    # Only of the first one it is the zone's rule that decides.
    assert [(issue.rule, issue.count) for issue in chunk.issues] == [("hour_told_twice", 1)]


def test_notes_of_a_file_are_told_once_and_not_again_by_a_resumed_import(tmp_path):
    path = DATA / "asterisk_cdr_freepbx.csv"
    chunks = chunks_of(path, FORM, "Europe/London", chunk_lines=1)
    assert [len(chunk.issues) for chunk in chunks] == [2, 0, 0, 0]
    resumed = chunks_of(path, FORM, "Europe/London", chunk_lines=1, start=2)
    assert [len(chunk.issues) for chunk in resumed] == [0, 0]


def real(sample_data, tmp_path, name, zone):
    truths = json.loads((sample_data / name).with_name("truths.json").read_text())
    data = (sample_data / name).read_bytes()
    chunk = chunk_of(opened(tmp_path, data), FORM, zone)
    return chunk, truths[name.rpartition("/")[2]]


def assert_true_legs(chunk, truth):
    legs = legs_of(chunk.calls)
    assert chunk.read == chunk.helped() == len(legs) == truth["rows"]
    assert Counter(leg["disposition"] for leg in legs) == truth["dispositions"]
    assert sum(leg["duration"] for leg in legs) == truth["total_duration"]
    assert sum(leg["billsec"] for leg in legs) == truth["total_billsec"]


def test_the_real_master_csv_gives_its_true_totals(sample_data, tmp_path):
    chunk, truth = real(sample_data, tmp_path, MASTER, "UTC")
    assert_true_legs(chunk, truth)
    assert chunk.calls.height == truth["distinct_linkedid"] == 36
    assert chunk.issues == []  # its clock is at UTC, as its ids say
    starts = sorted(leg["at"] for leg in legs_of(chunk.calls))
    assert (starts[0], starts[-1]) == ("2024-01-27T15:07:24Z", "2024-01-28T12:36:51Z")
    assert set(chunk.calls["direction"]) == {"inbound"}


def test_the_real_report_of_freepbx_gives_its_true_totals(sample_data, tmp_path):
    chunk, truth = real(sample_data, tmp_path, FREEPBX, "Europe/London")
    assert_true_legs(chunk, truth)
    assert chunk.calls.height == truth["rows"]
    assert [issue.rule for issue in chunk.issues] == ["date_order_told"]
    # British summer time is the hour ahead of UTC that the ids tell.
    hour = timedelta(hours=1)
    first, last = (datetime.fromisoformat(truth[name] + "+00:00") for name in ("first", "last"))
    offered = chunk.calls["offered_at"]
    assert (offered.min(), offered.max()) == (first - hour, last - hour)
    utc, _truth = real(sample_data, tmp_path, FREEPBX, "UTC")
    assert [issue.rule for issue in utc.issues] == ["date_order_told", "zone_told"]
    assert utc.calls.equals(chunk.calls)


def test_the_real_export_of_pbxware_gives_its_true_totals(sample_data, tmp_path):
    chunk, truth = real(sample_data, tmp_path, PBXWARE, "America/New_York")
    assert_true_legs(chunk, truth)
    assert chunk.calls.height == truth["distinct_linkedid"] == 475
    legs = legs_of(chunk.calls)
    apps = Counter(leg.get("app") for leg in legs)
    assert {app: apps[app] for app in truth["lastapp"]} == truth["lastapp"]
    billed = [leg["billsec"] for leg in legs if leg["disposition"] == "ANSWERED"]
    assert sum(billed) / len(billed) == pytest.approx(truth["avg_billsec_answered"], abs=0.001)
    # New York is five hours behind, as the ids say.
    starts = sorted(leg["at"] for leg in legs)
    assert (starts[0], starts[-1]) == ("2018-11-30T01:19:34Z", "2018-12-03T02:18:10Z")
    assert chunk.issues == []


@pytest.mark.parametrize("name", [MASTER, FREEPBX, PBXWARE])
def test_a_call_that_any_agent_answered_is_answered(sample_data, tmp_path, name):
    chunk, _truth = real(sample_data, tmp_path, name, "UTC")
    for outcome, text in chunk.calls.select("outcome", "extra").iter_rows():
        talked = [
            leg for leg in json.loads(text)["legs"].values()
            if leg["disposition"] == "ANSWERED" and "phone" in leg
            and leg.get("app") in ("Dial", "ConfBridge", "Pickup")
        ]  # fmt: skip
        assert not talked or outcome == "answered", text
    answered = chunk.calls.filter(pl.col("outcome") == "answered")
    assert answered["talk_ms"].null_count() == 0
