"""A queue_log becomes visits, rings and spells, whatever the order of its lines."""

import json
import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.records import FileRefused
from tests.logs import DATA, chunk_of, chunk_of_text, chunks_of, opened, told

FORM = "asterisk_queue_log"
LINES = (DATA / "queue_log").read_text(encoding="utf-8").splitlines()
T0 = 1_609_492_000
SHOWN = ["queue", "agent", "outcome", "wait_ms", "talk_ms", "transfer_kind", "transfer_target"]


CELLS = [b"", b"-1", b"0", b"2147483647000", b"1.5", b"x", b"NONE", "٣".encode(), b"9" * 40, b"\0"]


def with_cell(change):
    """A line with the cell at a place replaced."""
    line, place, cell = change
    parts = line.split(b"|")
    parts[place % len(parts)] = cell
    return b"|".join(parts)


def at(seconds):
    return datetime.fromtimestamp(T0 + seconds, tz=UTC)


def calls_of(tmp_path, *lines, **reading):
    """The calls of `seconds|rest` lines, seconds from T0."""
    stamped = [f"{T0 + int(line.partition('|')[0])}|{line.partition('|')[2]}" for line in lines]
    return chunk_of_text(tmp_path, FORM, "\n".join(stamped) + "\n", **reading)


def test_each_call_of_the_sample_is_told_as_its_lines_say():
    chunk = chunk_of(DATA / "queue_log", FORM)
    inbound = chunk.calls.filter(direction="inbound").sort("line")
    assert inbound.select(SHOWN).rows() == [
        ("sales", "Agent/201", "answered", 25_000, 100_000, None, None),
        ("sales", None, "abandoned", 30_000, None, None, None),
        ("sales", None, "timed_out", 300_000, None, None, None),
        ("support", "Ada König, B.", "answered", 3_000, 60_000, "blind", "900"),
        ("sales", None, "key_exit", 20_000, None, None, None),
        ("sales", None, "refused", None, None, None, None),
        ("sales", None, "in_progress", None, None, None, None),
    ]
    assert inbound["entry_known"].all()
    first = inbound.row(0, named=True)
    assert (first["offered_at"], first["answered_at"], first["ended_at"]) == (
        at(0), at(25), at(125),
    )  # fmt: skip
    assert first["birth_ms"] == T0 * 1000
    assert first["caller"] == "+15550100142"
    assert (first["ended_by"], first["ring_ms"], first["lines"]) == ("caller", 5_000, 6)
    assert json.loads(first["extra"]) == {"did": "+15550100001"}
    assert json.loads(inbound["extra"][4]) == {"key": "9"}
    assert json.loads(inbound["extra"][5]) == {"exit": "empty"}


def test_visits_of_one_contact_share_their_linked_id():
    calls = chunk_of(DATA / "queue_log", FORM).calls
    contact = calls.filter(pl.col("linked_id") == "1609492299.5")
    assert contact["queue"].sort().to_list() == ["sales", "support"]


def test_rings_are_told_apart_by_how_they_ended():
    chunk = chunk_of(DATA / "queue_log", FORM)
    rings = chunk.offers.filter(call=0).sort("ended_ms")
    assert rings.select("agent", "outcome", "ring_ms", "starts_at").rows() == [
        ("Agent/202", "no_answer", 10_000, at(0)),
        ("Agent/203", "unreachable", 0, at(12)),
        ("Agent/201", "answered", 5_000, at(20)),
    ]


def test_an_outbound_call_is_no_queue_call():
    chunk = chunk_of(DATA / "queue_log", FORM)
    [call] = chunk.calls.filter(direction="outbound").rows(named=True)
    assert (call["queue"], call["agent"], call["outcome"]) == (None, "Agent/202", "answered")
    assert (call["ring_ms"], call["talk_ms"]) == (8_000, 60_000)
    assert (call["offered_at"], call["answered_at"]) == (at(2600), at(2608))
    assert call["caller"] == "15550100150"


def test_logins_and_pauses_are_spells_and_an_open_one_is_a_half():
    states = chunk_of(DATA / "queue_log", FORM).states.sort("state", "agent")
    assert states.select("agent", "state", "reason", "starts_at", "ends_at", "lines").rows() == [
        ("Agent/201", "logged_in", None, at(-390), at(17_610), 2),
        ("Agent/202", "logged_in", None, at(-380), None, 1),
        ("Agent/201", "paused", "lunch", at(700), at(2500), 4),
    ]


def test_what_is_no_call_is_ignored_by_a_rule():
    chunk = chunk_of(DATA / "queue_log", FORM)
    assert (chunk.read, chunk.duplicate, chunk.rejected, chunk.ignored) == (28, 0, 0, 2)
    rules = {(issue.rule, issue.value, issue.count) for issue in chunk.issues}
    assert rules == {("housekeeping", "QUEUESTART", 1), ("housekeeping", "ADDMEMBER", 1)}


def test_the_switchs_durations_win_over_stamps_a_second_off(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1",
        "11|c|q|A|CONNECT|10|x|4",
        "72|c|q|A|COMPLETEAGENT|10|60|1",
    )
    assert chunk.calls.select("wait_ms", "talk_ms", "answered_at").rows() == [
        (10_000, 60_000, at(11))
    ]


def test_stamps_fill_what_the_switch_did_not_write(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1",
        "11|c|q|A|CONNECT||x",
        "72|c|q|A|COMPLETEAGENT|||1",
        "100|d|q|NONE|ENTERQUEUE||1|1",
        "130|d|q|NONE|EXITWITHTIMEOUT|1",
    )
    assert chunk.calls.select("wait_ms", "talk_ms", "outcome").rows() == [
        (11_000, 61_000, "answered"),
        (30_000, None, "timed_out"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("100|c|q|A|CONNECT|10|x|4", ("answered", 90, 100, None, 10_000, None)),
        ("100|c|q|A|COMPLETEAGENT|10|60|1", ("answered", 30, 40, 100, 10_000, 60_000)),
        ("100|c|q|NONE|ABANDON|1|1|25", ("abandoned", 75, None, 100, 25_000, None)),
        ("100|c|q|A|RINGNOANSWER|8000", ("in_progress", 92, None, None, None, None)),
        ("100|c|q|A|COMPLETEAGENT|||1", ("answered", 100, 100, 100, None, None)),
    ],
)
def test_a_half_without_its_entry_is_reckoned_back(tmp_path, line, expected):
    [call] = calls_of(tmp_path, line).calls.rows(named=True)
    outcome, offered, answered, ended, wait, talk = expected
    assert call["outcome"] == outcome
    assert not call["entry_known"]
    assert call["offered_at"] == at(offered)
    assert call["birth_ms"] == (T0 + offered) * 1000
    assert call["answered_at"] == (None if answered is None else at(answered))
    assert call["ended_at"] == (None if ended is None else at(ended))
    assert (call["wait_ms"], call["talk_ms"]) == (wait, talk)


def test_a_caller_who_comes_back_to_the_queue_makes_a_second_visit(tmp_path):
    lines = [
        "0|c|q|NONE|ENTERQUEUE||1|1",
        "60|c|q|NONE|EXITWITHTIMEOUT|1|1|60",
        "60|c|q|NONE|ENTERQUEUE||1|1",  # in the very second the first visit ended
        "75|c|q|A|CONNECT|15|x|3",
        "95|c|q|A|COMPLETECALLER|15|20|1",
    ]
    for order in (lines, lines[::-1]):
        calls = calls_of(tmp_path, *order).calls.sort("offered_at")
        assert calls.select("outcome", "offered_at", "wait_ms", "talk_ms").rows() == [
            ("timed_out", at(0), 60_000, None),
            ("answered", at(60), 15_000, 20_000),
        ]


def test_an_end_whose_entry_lies_in_another_file_stays_apart_from_the_next_visit(tmp_path):
    chunk = calls_of(
        tmp_path,
        "60|c|q|NONE|EXITWITHTIMEOUT|1|1|60",
        "60|c|q|NONE|ENTERQUEUE||1|1",
        "75|c|q|A|CONNECT|15|x|3",
    )
    assert chunk.calls.select("outcome", "entry_known", "offered_at").rows() == [
        ("timed_out", False, at(0)),
        ("answered", True, at(60)),
    ]


def test_a_second_visit_is_told_apart_though_its_entry_got_lost(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1",
        "60|c|q|NONE|EXITWITHTIMEOUT|1|1|60",
        "75|c|q|A|CONNECT|10|x|3",
    )
    assert chunk.calls.select("outcome", "entry_known", "offered_at").rows() == [
        ("timed_out", True, at(0)),
        ("answered", False, at(65)),
    ]


def test_an_end_written_four_times_is_one_call(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1",
        "6|c|q|A|CONNECT|6|x|6",
        *[f"234|c|q|A|COMPLETEAGENT|6|228|{position}" for position in (1, 4, 5, 6)],
    )
    assert chunk.calls.select("lines", "talk_ms").rows() == [(3, 228_000)]
    assert chunk.duplicate == 3


@pytest.mark.parametrize(
    ("line", "outcome", "ended_by", "wait", "extra"),
    [
        ("30|c|q|NONE|EXITEMPTY|1|1|29", "other", "system", 29, {"exit": "empty"}),
        ("30|c|q|NONE|LEAVEEMPTY|", "other", "system", 30, {"exit": "empty"}),
        # Asterisk 16 and later; told with words of whoever took the caller out.
        (
            "30|c|q|NONE|WITHDRAW|1|2|29|moved by hand",
            "other", "system", 29, {"exit": "withdrawn", "words": "moved by hand"},
        ),
        ("30|c|q|NONE|EXITWITHKEY|5|1|2|29", "key_exit", "caller", 29, {"key": "5"}),
        # Before Asterisk 1.8 without the first position and the wait.
        ("30|c|q|NONE|EXITWITHKEY|#|1", "key_exit", "caller", 30, {"key": "#"}),
    ],
)  # fmt: skip
def test_a_caller_leaves_a_queue_in_one_of_these_ways(
    tmp_path, line, outcome, ended_by, wait, extra
):
    [call] = calls_of(tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", line).calls.rows(named=True)
    assert (call["outcome"], call["ended_by"]) == (outcome, ended_by)
    assert (call["wait_ms"], call["ended_at"]) == (wait * 1000, at(30))
    assert json.loads(call["extra"]) == extra


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("JOINEMPTY", "empty"),
        ("JOINUNAVAIL", "unavailable"),
        ("FULL", "full"),
        ("CLOSED", "closed"),
        ("DIVERT_CA_RATIO", "diverted"),
        ("DIVERT_HOLDTIME", "diverted"),
    ],
)
def test_a_caller_is_turned_away_for_one_of_these_reasons(tmp_path, event, why):
    [call] = calls_of(tmp_path, f"0|c|q|NONE|{event}|").calls.rows(named=True)
    assert (call["outcome"], call["wait_ms"]) == ("refused", None)
    assert json.loads(call["extra"]) == {"exit": why}


@pytest.mark.parametrize(
    ("data", "kind", "target", "how"),
    [
        ("BLINDTRANSFER|900|internal|10|60|1", "blind", "900", "internal"),
        ("TRANSFER|900|internal|10|60|1", "blind", "900", "internal"),
        ("ATTENDEDTRANSFER|BRIDGE|b-17|10|60|1", "attended", "b-17", "BRIDGE"),
        ("ATTENDEDTRANSFER|APP|Playback|10|60|1", "attended", "Playback", "APP"),
        # Two channels are linked, so the times stand one further on.
        ("ATTENDEDTRANSFER|LINK|SIP/a|SIP/b|10|60|1", "attended", "SIP/a", "LINK"),
    ],
)
def test_a_transfer_tells_where_to_and_how_long_the_agent_talked(tmp_path, data, kind, target, how):
    [call] = calls_of(
        tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", "10|c|q|A|CONNECT|10|x|4", f"70|c|q|A|{data}"
    ).calls.rows(named=True)
    assert (call["transfer_kind"], call["transfer_target"]) == (kind, target)
    assert (call["wait_ms"], call["talk_ms"], call["ended_by"]) == (10_000, 60_000, "agent")
    assert json.loads(call["extra"]) == {"transfer_to": how}


def test_an_end_that_is_told_again_a_second_after_a_transfer_is_of_the_same_visit(tmp_path):
    """The agent hands the caller on in the second of the answer, so nothing but the agent tells
    the second end from that of another conversation."""
    [call] = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1", "0|c|q|A|CONNECT|0|x|0",
        "0|c|q|A|BLINDTRANSFER|900|internal|0|0|1", "1|c|q|A|COMPLETEAGENT|0|0|1",
    ).calls.rows(named=True)  # fmt: skip
    assert (call["transfer_target"], call["ended_at"], call["lines"]) == ("900", at(0), 4)


def test_another_agents_end_a_second_after_a_transfer_is_of_another_visit(tmp_path):
    calls = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1", "0|c|q|A|CONNECT|0|x|0",
        "0|c|q|A|BLINDTRANSFER|900|internal|0|0|1", "1|c|q|B|COMPLETEAGENT|0|0|1",
    ).calls  # fmt: skip
    assert calls.select("agent", "ended_at").rows() == [("A", at(0)), ("B", at(1))]


def test_a_consult_that_returns_is_no_transfer(tmp_path):
    """Ann asks a colleague on another queue while her caller holds, comes back and ends with them:
    the log tells the consult as a call of its own, and no transfer of either."""
    calls = calls_of(
        tmp_path,
        "0|c|q|NONE|ENTERQUEUE||1|1", "10|c|q|Ann|CONNECT|10|x|4",
        "30|k|experts|NONE|ENTERQUEUE||Ann|1", "35|k|experts|Ben|CONNECT|5|x|4",
        "55|k|experts|Ben|COMPLETECALLER|5|20|1", "70|c|q|Ann|COMPLETECALLER|10|60|1",
    ).calls.sort("external_id")  # fmt: skip
    assert calls.select("external_id", "agent", "talk_ms", "transfer_kind").rows() == [
        ("c", "Ann", 60_000, None), ("k", "Ben", 20_000, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "outcome", "ring"),
    [
        ("8|c|q|A|RINGNOANSWER|8000", "no_answer", 8000),
        ("8|c|q|A|RINGNOANSWER|0", "unreachable", 0),
        ("8|c|q|A|RINGCANCELED|2500", "cancelled", 2500),
        ("8|c|q|A|AGENTDUMP|", "declined", None),
        ("8|c|q|A|SYSCOMPAT|", "unreachable", None),
    ],
)
def test_a_ring_without_a_conversation_ends_in_one_of_these_ways(tmp_path, line, outcome, ring):
    chunk = calls_of(tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", line)
    assert chunk.offers.select("agent", "outcome", "ring_ms").rows() == [("A", outcome, ring)]


@pytest.mark.parametrize(
    ("status", "outcome", "talk"),
    [
        ("ANSWER", "answered", 42_000),
        ("CANCEL", "abandoned", None),
        ("BUSY", "busy", None),
        ("NOANSWER", "failed", None),
        ("CONGESTION", "failed", None),
        ("ODD", "other", None),
    ],
)
def test_an_outbound_call_that_queueupdate_logs_is_on_its_queue(tmp_path, status, outcome, talk):
    [call] = calls_of(tmp_path, f"50|c|q|A|OUTCALL|{status}|42|x").calls.rows(named=True)
    assert (call["direction"], call["queue"], call["agent"]) == ("outbound", "q", "A")
    assert (call["outcome"], call["talk_ms"]) == (outcome, talk)


def test_events_of_the_switch_and_its_members_are_ignored_by_name(tmp_path):
    names = ("ADDMEMBER", "REMOVEMEMBER", "CONFIGRELOAD", "QUEUESTART", "PENALTY", "RINGINUSE")
    chunk = calls_of(tmp_path, *[f"{n}|NONE|q|A|{name}|1" for n, name in enumerate(names)])
    assert {issue.value for issue in chunk.issues} == set(names)
    assert chunk.ignored == len(names)
    assert chunk.raw == []


def test_repeated_tries_of_one_dialled_call_are_one_call(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|c|NONE|A|OUTDIAL|555",
        "5|c|NONE|A|OUTCHANUNAVAIL|555|5",
        "6|c|NONE|A|OUTDIAL|555",
        "6|c|NONE|A|OUTCONGESTION|555|0",
    )
    assert chunk.calls.select("outcome", "lines", "offered_at", "ended_at").rows() == [
        ("failed", 4, at(0), at(6))
    ]


def test_a_logoff_tells_when_a_login_in_another_file_was(tmp_path):
    states = calls_of(tmp_path, "100|NONE|NONE|A|AGENTLOGOFF|SIP/a|40").states
    assert states.select("starts_at", "ends_at").rows() == [(at(60), at(100))]
    states = calls_of(tmp_path, "100|NONE|NONE|A|UNPAUSE|").states
    assert states.select("starts_at", "ends_at").rows() == [(None, at(100))]


def test_another_reason_begins_a_pause_of_its_own(tmp_path):
    states = calls_of(
        tmp_path,
        "0|NONE|q|A|PAUSE|lunch",
        "90|NONE|q|A|PAUSE|training",
        "200|NONE|q|A|UNPAUSE|",
    ).states
    # That the second bounds the first is reckoned from the record: see test_queue_log_record.
    assert states.select("reason", "starts_at", "ends_at").rows() == [
        ("lunch", at(0), None),
        ("training", at(90), at(200)),
    ]


def test_a_pause_on_several_queues_within_two_seconds_is_one(tmp_path):
    lines = [
        "0|NONE|NONE|A|PAUSEALL|lunch",
        "0|NONE|q|A|PAUSE|lunch",
        "1|NONE|r|A|PAUSE|lunch",
        "200|NONE|NONE|A|UNPAUSEALL|",
        "200|NONE|q|A|UNPAUSE|",
        "201|NONE|r|A|UNPAUSE|",
    ]
    for order in (lines, lines[::-1]):
        states = calls_of(tmp_path, *order).states
        assert states.select("state", "reason", "starts_at", "ends_at", "lines").rows() == [
            ("paused", "lunch", at(0), at(200), 6)
        ]


def test_a_reason_told_on_its_own_line_is_the_pauses(tmp_path):
    chunk = calls_of(
        tmp_path,
        "0|NONE|NONE|A|PAUSEALL|",
        "2|NONE|NONE|A|PAUSEREASON|7",
        "200|NONE|NONE|A|UNPAUSEALL|",
        "300|NONE|NONE|A|PAUSEREASON|8",
        "300|NONE|NONE|B|PAUSEREASON|9",
    )
    assert chunk.states.select("reason", "starts_at", "ends_at", "lines").rows() == [
        ("7", at(0), at(200), 3)
    ]
    [issue] = chunk.issues
    assert (issue.rule, issue.fate, issue.count) == ("reason_alone", "ignored", 2)


def test_a_member_added_paused_is_paused(tmp_path):
    chunk = calls_of(tmp_path, "0|MANAGER|q|A|ADDMEMBER|PAUSED", "5|NONE|q|A|UNPAUSE|")
    assert chunk.states.select("state", "starts_at", "ends_at").rows() == [("paused", at(0), at(5))]


@pytest.mark.parametrize("middle", [("UNPAUSE|", "PAUSE|training"), ("PAUSE|training", "UNPAUSE|")])
def test_a_pause_that_begins_in_the_second_another_ends_goes_on(tmp_path, middle):
    states = calls_of(
        tmp_path,
        "0|NONE|q|A|PAUSE|lunch",
        *[f"90|NONE|q|A|{event}" for event in middle],
        "200|NONE|q|A|UNPAUSE|",
    ).states
    assert states.select("reason", "starts_at", "ends_at").rows() == [
        ("lunch", at(0), at(90)),
        ("training", at(90), at(200)),
    ]


def test_a_logoff_that_tells_of_a_later_login_leaves_the_earlier_one_open(tmp_path):
    states = calls_of(
        tmp_path, "0|NONE|NONE|A|AGENTLOGIN|x", "1000|NONE|NONE|A|AGENTLOGOFF|x|100"
    ).states
    assert states.select("starts_at", "ends_at").rows() == [(at(0), None), (at(900), at(1000))]


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        ("0|c|q", "", "columns"),
        ("0|c|NONE|NONE|ENTERQUEUE||1|1", "queue", "missing"),
        ("0||q|NONE|ENTERQUEUE||1|1", "callid", "missing"),
        ("0|c|q|A|CONNECT|soon|x|4", "data1", "number"),
        ("0|c|q|A|CONNECT|2147484|x|4", "data1", "range"),
        ("0|c|q|A|connect|1|x|4", "event", "event"),
        (f"0|c|{'q' * 121}|NONE|ENTERQUEUE||1|1", "queue", "too_long"),
        (f"{631_152_000 - 1 - T0}|c|q|NONE|ENTERQUEUE||1|1", "time", "too_early"),
    ],
)
def test_a_line_that_cannot_be_read_is_rejected_with_its_reason(tmp_path, line, column, rule):
    chunk = calls_of(tmp_path, "0|ok|q|NONE|ENTERQUEUE||1|1", line)
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule, issue.fate) == (2, column, rule, "rejected")
    assert issue.message
    assert (chunk.rejected, chunk.calls.height) == (1, 1)


def test_a_time_after_tomorrow_is_refused(tmp_path):
    now = at(0) - timedelta(days=1)
    entry = "|c|q|NONE|ENTERQUEUE||1|1"
    assert calls_of(tmp_path, f"0{entry}", now=now).rejected == 0
    assert calls_of(tmp_path, f"0{entry}", now=now - timedelta(seconds=1)).rejected == 1


def test_an_unknown_event_is_kept_as_it_came(tmp_path):
    chunk = calls_of(tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", "1|c|q|A|WRAPUPSTART|x")
    [raw] = chunk.raw
    assert (raw.line, raw.text) == (2, f"{T0 + 1}|c|q|A|WRAPUPSTART|x")
    [issue] = chunk.issues
    assert (issue.rule, issue.value, issue.fate) == ("unknown_event", "WRAPUPSTART", "ignored")
    assert chunk.ignored == 1


def test_a_restart_with_calls_open_is_noted(tmp_path):
    chunk = calls_of(tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", "9|NONE|NONE|NONE|QUEUESTART|")
    assert [(i.rule, i.fate, i.count) for i in chunk.issues if i.fate == "noted"] == [
        ("restart", "noted", 1)
    ]


def test_a_last_line_cut_short_is_not_believed(tmp_path):
    lines = [f"{T0}|c|q|NONE|ENTERQUEUE||1|1", f"{T0 + 20}|c|q|A|COMPLETEAGENT|1|1"]
    whole = chunk_of_text(tmp_path, FORM, "\n".join([*lines, ""]))
    assert whole.calls["talk_ms"].to_list() == [1_000]
    cut = chunk_of_text(tmp_path, FORM, "\n".join(lines))
    assert [issue.rule for issue in cut.issues] == ["cut"]
    assert cut.calls["outcome"].to_list() == ["in_progress"]


def test_a_fractional_epoch_keeps_its_milliseconds(tmp_path):
    chunk = chunk_of_text(tmp_path, FORM, f"{T0}.250|c|q|NONE|ENTERQUEUE||1|1\n")
    [call] = chunk.calls.rows(named=True)
    assert call["birth_ms"] == T0 * 1000 + 250
    assert call["time_precision"] == "ms"


def test_a_file_without_one_such_line_is_refused(tmp_path):
    with pytest.raises(FileRefused):
        chunk_of_text(tmp_path, FORM, "Call Id,Agent\nID1,Ada\n")


def test_going_on_from_a_chunk_reads_the_rest():
    whole = chunks_of(DATA / "queue_log", FORM, chunk_lines=9)
    assert [chunk.position for chunk in whole] == [9, 18, 27, 28]
    rest = chunks_of(DATA / "queue_log", FORM, chunk_lines=9, start=18)
    assert [told(chunk) for chunk in rest] == [told(chunk) for chunk in whole[2:]]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(LINES), st.lists(st.sampled_from(LINES)))
def test_order_and_repeats_of_lines_change_nothing(tmp_path, lines, again):
    chunk = chunk_of_text(tmp_path, FORM, "\n".join([*lines, *again]) + "\n")
    assert told(chunk) == told(chunk_of(DATA / "queue_log", FORM))
    assert chunk.duplicate == len(again)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_bytes_break_it_and_its_books_always_balance(tmp_path, data):
    lines = [line.encode() for line in LINES]
    a_line = st.sampled_from(lines)
    foreign = st.one_of(
        st.binary(max_size=60),
        a_line,
        st.tuples(a_line, st.integers(0, 80)).map(lambda cut: cut[0][: cut[1]]),
        st.tuples(a_line, st.integers(0, 80), a_line).map(lambda mix: mix[0][: mix[1]] + mix[2]),
        # One cell replaced by anything: a number too big, a word, a sign.
        st.tuples(a_line, st.integers(0, 8), st.sampled_from(CELLS)).map(with_cell),
    )
    mixed = data.draw(st.lists(foreign, max_size=30))
    end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    order = data.draw(st.permutations(lines + mixed))
    size = data.draw(st.integers(1, 40))
    try:
        path = opened(tmp_path, end.join(order))
        chunks_of(path, FORM, chunk_lines=size)
    except FileRefused:
        return


# What follows reads other people's logs, which are not part of this repository.

REAL = "calllogs/asterisk_queue_log/queue_log_2018-11-29_to_12-03.derived.log"
DIRTY = "calllogs/asterisk_queue_log/queue_log_dirty_2018-12-28.log"
NO_ANSWER = {"Agent/1109": 56, "Agent/1126": 15, "Agent/1127": 58,
             "Agent/1128": 11, "Agent/1141": 106, "Agent/1144": 37}  # fmt: skip
ANSWERED = {"Agent/1109": 5, "Agent/1126": 12, "Agent/1127": 17,
            "Agent/1128": 3, "Agent/1141": 20, "Agent/1144": 9}  # fmt: skip
TALK = {"Agent/1109": 1255, "Agent/1126": 3772, "Agent/1127": 3842,
        "Agent/1128": 358, "Agent/1141": 4801, "Agent/1144": 2369}  # fmt: skip


def joined(chunks):
    """Visits with their halves put together, and the rings of all."""
    calls = pl.concat([chunk.calls for chunk in chunks]).filter(direction="inbound")
    known = [pl.col(name).drop_nulls().last() for name in ("talk_ms", "agent", "transfer_kind")]
    # The line of the agent's taking the call (it tells the ring) knows the wait best.
    waits = pl.col("wait_ms").sort_by(pl.col("ring_ms").is_not_null()).drop_nulls()
    ended = pl.col("outcome").filter(pl.col("outcome") != "in_progress").last()
    visits = calls.group_by("external_id", "queue", maintain_order=True).agg(
        *known,
        wait_ms=waits.last(),
        outcome=ended.fill_null("in_progress"),
        open=pl.col("ended_at").is_null().all(),
    )
    return visits, pl.concat([chunk.offers for chunk in chunks])


def assert_true_to_the_real_log(chunks):
    visits, rings = joined(chunks)
    outcomes = dict(visits.group_by("outcome").len().iter_rows())
    assert outcomes == {"answered": 66, "abandoned": 7, "timed_out": 1}
    answered = visits.filter(outcome="answered")
    assert answered["wait_ms"].sum() == 2_910_000
    assert answered["talk_ms"].sum() == 16_397_000
    assert answered.filter(pl.col("wait_ms") <= 20_000).height == 27
    assert answered["transfer_kind"].drop_nulls().to_list() == ["attended"]
    assert dict(answered.group_by("agent").len().iter_rows()) == ANSWERED
    talk = answered.group_by("agent").agg(pl.col("talk_ms").sum() // 1000)
    assert dict(talk.iter_rows()) == TALK
    missed = rings.filter(outcome="no_answer")
    assert dict(missed.group_by("agent").len().iter_rows()) == NO_ANSWER


def truths(sample_data, log):
    file = sample_data / log
    return json.loads((file.parent / "truths.json").read_text())[file.name]


def test_the_real_log_gives_its_true_totals(sample_data):
    chunk = chunk_of(sample_data / REAL, FORM)
    assert chunk.read == 755
    assert_true_to_the_real_log([chunk])
    assert chunk.calls.filter(direction="outbound", outcome="answered").height == 61
    spells = chunk.states.drop_nulls("ends_at")
    spent = spells.with_columns(
        seconds=(pl.col("ends_at") - pl.col("starts_at")).dt.total_seconds()
    )
    sessions = {
        agent: (seconds, count)
        for agent, seconds, count in spent.group_by("agent")
        .agg(pl.col("seconds").sum(), pl.len())
        .iter_rows()
    }
    true = truths(sample_data, REAL)
    said = true["logoff_session_seconds_by_agent"]
    # By the stamps: of one session the switch itself counts a second more.
    said["Agent/1128"] -= 1
    assert {agent: seconds for agent, (seconds, _count) in sessions.items()} == said
    counts = {agent: count for agent, (_seconds, count) in sessions.items()}
    assert counts == true["logoff_sessions_by_agent"]


@pytest.mark.parametrize("seed", range(5))
def test_the_real_log_shuffled_and_doubled_gives_the_same(sample_data, tmp_path, seed):
    lines = (sample_data / REAL).read_text().splitlines()
    mixed = lines * 2
    random.Random(seed).shuffle(mixed)
    chunk = chunk_of_text(tmp_path, FORM, "\n".join(mixed) + "\n")
    assert_true_to_the_real_log([chunk])
    assert told(chunk) == told(chunk_of(sample_data / REAL, FORM))


@pytest.mark.parametrize("size", [1, 7, 100, 333])
def test_the_real_log_cut_in_pieces_gives_the_same(sample_data, size):
    assert_true_to_the_real_log(chunks_of(sample_data / REAL, FORM, chunk_lines=size))


def test_the_dirty_log_gives_its_true_totals(sample_data):
    chunk = chunk_of(sample_data / DIRTY, FORM)
    assert (chunk.read, chunk.duplicate, chunk.rejected) == (21, 9, 0)
    visits, rings = joined([chunk])
    assert visits["outcome"].to_list() == ["answered"] * 4
    talked = visits.drop_nulls("talk_ms").select("external_id", pl.col("talk_ms") // 1000)
    assert dict(talked.iter_rows()) == truths(sample_data, DIRTY)["talk_by_callid"]
    assert visits.filter("open").height == 1
    missed = rings.filter(outcome="unreachable")
    assert sorted(missed["agent"]) == ["Ana Ruiz", "Eva Soto", "Maria Luisa Perez Lopez"]
    assert rings.filter(outcome="no_answer").is_empty()


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        ("1543480170|c1|sales|Agent/1|COMPLETECALLER|" + "9" * 400 + ".0|60|1", "data1", "range"),
        ("1543480170|c1|sales|Agent/1|COMPLETECALLER|" + "9" * 5000 + "|60|1", "data1", "range"),
        ("1543480170|c2|sales|NONE|DID|" + "1" * 121, "data1", "too_long"),
    ],
)
def test_a_line_that_is_far_too_long_is_rejected_alone(tmp_path, line, column, rule):
    entry = "1543480100|c1|sales|NONE|ENTERQUEUE||5550171|1"
    chunk = chunk_of_text(tmp_path, "asterisk_queue_log", f"{entry}\n{line}\n")
    assert (chunk.read, chunk.rejected, chunk.calls.height) == (2, 1, 1)
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (2, column, rule)


IN = "0|c|q|NONE|ENTERQUEUE||1|1"


@pytest.mark.parametrize(
    "lines",
    [
        ("10|c|q|A|CONNECT|10|x|4", "11|c|q|B|CONNECT|11|x|4"),
        ("10|c|q|NONE|ABANDON|1|1|10", "21|c|q|A|CONNECT|20|x|4"),
        ("10|c|q|A|CONNECT|10|x|4", "12|c|q|NONE|ABANDON|1|1|12"),
        ("10|c|q|NONE|ABANDON|1|1|10", "11|c|q|NONE|EXITWITHTIMEOUT|1|1|11"),
        ("10|c|q|NONE|ABANDON|1|1|10", "15|c|q|A|COMPLETEAGENT|5|10|1"),
        ("10|c|q|A|BLINDTRANSFER|900|internal|5|5|1", "10|c|q|A|ATTENDEDTRANSFER|LINK|5|5|1"),
    ],
)
def test_of_two_lines_that_cannot_both_be_true_the_first_stands_and_the_other_is_told(
    tmp_path, lines
):
    """A caller who gave up was not answered; who was answered by one was not by another."""
    first = calls_of(tmp_path, IN, lines[0])
    both = calls_of(tmp_path, IN, *lines)
    assert both.calls.select(SHOWN).rows() == first.calls.select(SHOWN).rows()
    [issue] = both.issues
    assert (issue.line, issue.rule, issue.fate) == (3, "contradiction", "ignored")
    assert (both.read, both.ignored, both.rejected) == (3, 1, 0)


@pytest.mark.parametrize(
    "lines",
    [
        ("10|c|q|A|CONNECT|10|x|4", "10|c|q|A|CONNECT|10|y|4"),
        ("10|c|q|A|BLINDTRANSFER|900|internal|5|5|1", "11|c|q|A|BLINDTRANSFER|900|other|5|6|1"),
    ],
)
def test_what_is_told_again_in_other_words_counts_once(tmp_path, lines):
    first, both = calls_of(tmp_path, IN, lines[0]), calls_of(tmp_path, IN, *lines)
    assert both.calls.select(SHOWN).rows() == first.calls.select(SHOWN).rows()
    assert (both.read, both.duplicate, both.ignored) == (3, 1, 0)


def test_an_end_between_two_entries_is_of_the_one_that_it_reckons_back_to(tmp_path):
    """Ten seconds in the queue ended in the second in which the caller came back."""
    calls = calls_of(tmp_path, IN, "10|c|q|NONE|ENTERQUEUE||1|1", "10|c|q|NONE|ABANDON|1|1|10")
    told = calls.calls.sort("offered_at").select("offered_at", "outcome", "wait_ms").rows()
    assert told == [(at(0), "abandoned", 10_000), (at(10), "in_progress", None)]


def test_a_dialled_call_that_was_answered_stays_so_whatever_is_said_of_its_other_tries(tmp_path):
    dialled = ("0|c|NONE|A|OUTDIAL|555", "9|c|NONE|A|OUTANSWER|555|9", "9|c|NONE|A|OUTBUSY|555|2")
    [call] = calls_of(tmp_path, *dialled, "12|c|NONE|A|OUTBUSY|555|3").calls.rows(named=True)
    assert (call["direction"], call["outcome"], call["lines"]) == ("outbound", "answered", 4)


def test_a_dialled_call_that_was_passed_on_tells_where_to(tmp_path):
    lines = ("0|c|NONE|A|OUTDIAL|555", "9|c|NONE|A|OUTANSWER|555|9")
    passed = calls_of(tmp_path, *lines, "40|c|NONE|A|OUTTRANSFER|900|sales")
    [call] = passed.calls.rows(named=True)
    assert (call["outcome"], call["lines"], passed.ignored) == ("answered", 3, 0)


def test_a_pauses_reason_that_says_nothing_tells_nothing(tmp_path):
    chunk = calls_of(tmp_path, "0|NONE|NONE|A|PAUSEALL|", "2|NONE|NONE|A|PAUSEREASON|")
    assert chunk.states["reason"].to_list() in ([""], [None])
    assert [(one.rule, one.count) for one in chunk.issues] == [("reason_alone", 1)]


def test_lines_that_say_why_others_were_rejected_are_left_out(tmp_path):
    """They are in a file of rejected lines, which comes back corrected."""
    told = f"{T0}|c|q|NONE|ENTERQUEUE||1|1\n#ccm line 7, time: It lies in the future.\n"
    chunk = chunk_of_text(tmp_path, FORM, told)
    assert (chunk.read, chunk.ignored, chunk.rejected) == (2, 1, 0)
    assert [one.rule for one in chunk.issues] == ["ccm_note"]


def test_a_ring_at_nobody_is_no_ring(tmp_path):
    chunk = calls_of(tmp_path, IN, "8|c|q|NONE|RINGNOANSWER|8000")
    assert (chunk.offers.height, chunk.calls.height) == (0, 1)


def test_an_agents_name_of_more_than_160_characters_is_rejected(tmp_path):
    chunk = calls_of(tmp_path, IN, f"8|c|q|{'A' * 161}|RINGNOANSWER|8000")
    assert [(one.line, one.column, one.rule) for one in chunk.issues] == [(2, "agent", "too_long")]
    assert calls_of(tmp_path, IN, f"8|c|q|{'A' * 160}|RINGNOANSWER|8000").rejected == 0


def test_blanks_around_the_bars_are_no_part_of_names(tmp_path):
    [call] = calls_of(
        tmp_path, "0|c|q|NONE|ENTERQUEUE||1|1", "5| c | q | A | CONNECT | 5 | x | 4"
    ).calls.rows(named=True)
    assert (call["external_id"], call["queue"], call["agent"]) == ("c", "q", "A")
