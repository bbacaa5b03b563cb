"""Contact records become visits: the newest version of each, transfers on their own."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports.records import FileRefused
from tests import exports
from tests.exports import chunk_of_records
from tests.logs import DATA, chunk_of, opened

FORM = "amazon_connect_ctr"
RECORDS = [json.loads(line) for line in (DATA / f"{FORM}.jsonl").read_text().splitlines()]
A_CONTACT = RECORDS[0]


def at(clock):
    return datetime.fromisoformat(f"2025-03-04T{clock}+00:00")


@pytest.fixture
def visits():
    chunk = chunk_of(DATA / f"{FORM}.jsonl", FORM)
    return {row["external_id"]: row for row in chunk.calls.rows(named=True)}


def told_of(tmp_path, zone="", **changes):
    """The chunk of one contact record that differs so from the first of the sample."""
    return chunk_of_records(tmp_path, FORM, [A_CONTACT | changes], zone=zone)


def test_an_answered_contact_is_told_in_its_parts(visits):
    one = visits["c-1"]
    assert (one["queue"], one["agent"], one["outcome"]) == ("sales", "ada", "answered")
    assert (one["ivr_ms"], one["wait_ms"]) == (40_000, 15_000)
    assert (one["talk_ms"], one["hold_ms"], one["acw_ms"]) == (100_000, 20_000, 30_000)
    assert (one["offered_at"], one["answered_at"]) == (at("10:00:40"), at("10:00:55"))
    assert (one["ended_at"], one["wrapup_ended_at"]) == (at("10:02:55"), at("10:03:25"))
    assert (one["ended_by"], one["caller"]) == ("agent", "+15550100141")
    assert one["recording"] == "calls/c-1.wav"
    assert json.loads(one["extra"])["connection_attempts"] == 2


def test_a_transfer_is_a_contact_of_its_own_held_together_by_the_first(visits):
    assert visits["c-1"]["transfer_kind"] == "internal"
    second = visits["c-2"]
    assert (second["linked_id"], second["queue"], second["agent"]) == ("c-1", "support", "bela")
    assert (second["wait_ms"], second["talk_ms"], second["ivr_ms"]) == (25_000, 60_000, None)
    assert second["transfer_kind"] is None


def test_the_newest_version_counts_and_the_older_is_a_duplicate(visits):
    assert visits["c-2"]["talk_ms"] == 60_000  # the version before said 59 s
    assert visits["c-2"]["revision"] == int(at("12:00:00").timestamp() * 1000)
    chunk = chunk_of(DATA / f"{FORM}.jsonl", FORM)
    assert (chunk.read, chunk.duplicate, chunk.ignored, chunk.rejected) == (9, 1, 1, 0)


def test_two_versions_as_new_as_each_other_contradict(tmp_path):
    other = A_CONTACT | {"DisconnectReason": "TELECOM_PROBLEM"}
    for order in ([A_CONTACT, other], [other, A_CONTACT]):
        chunk = chunk_of_records(tmp_path, FORM, order)
        assert (chunk.calls.height, chunk.rejected) == (1, 1)
        assert chunk.calls["ended_by"].to_list() == ["system"]
        assert [issue.rule for issue in chunk.issues] == ["conflict"]


def test_what_did_not_reach_an_agent(visits):
    shown = {
        name: (visits[name]["outcome"], visits[name]["wait_ms"], visits[name]["ended_by"])
        for name in ("c-3", "c-4", "c-7")
    }
    assert shown == {
        "c-3": ("abandoned", 90_000, "caller"),
        "c-4": ("left_ivr", None, "caller"),
        # It went on as the call back c-6; the record does not say that this is one.
        "c-7": ("other", 90_000, "system"),
    }
    assert visits["c-4"]["queue"] is None
    assert visits["c-4"]["ivr_ms"] == 12_000
    assert json.loads(visits["c-7"]["extra"])["next_contact"] == "c-6"


def test_an_outbound_contact_rings_until_the_other_side_answers(visits):
    one = visits["c-5"]
    assert (one["direction"], one["queue"], one["agent"]) == ("outbound", None, "ada")
    assert (one["ring_ms"], one["talk_ms"], one["wait_ms"]) == (12_000, 48_000, None)


def test_a_call_back_is_outbound_and_nobody_waited_on_its_line(visits):
    one = visits["c-6"]
    assert (one["direction"], one["linked_id"], one["queue"]) == ("outbound", "c-7", "sales")
    assert (one["wait_ms"], one["answered_at"]) == (None, at("10:25:10"))
    assert json.loads(one["extra"])["queued_ms"] == 300_000


def test_a_supervisor_listening_in_is_no_visit(visits):
    assert "c-8" not in visits
    [issue] = chunk_of(DATA / f"{FORM}.jsonl", FORM).issues
    assert (issue.rule, issue.value, issue.line) == ("monitoring", "MONITOR", 9)


def test_a_flow_after_a_contacts_end_is_a_visit_where_it_reached_a_queue(tmp_path):
    flow = told_of(tmp_path, InitiationMethod="DISCONNECT", Queue=None, Agent=None)
    assert flow.calls.is_empty()
    assert [issue.rule for issue in flow.issues] == ["after_the_end"]
    reached = told_of(tmp_path, InitiationMethod="DISCONNECT")
    assert reached.calls["queue"].to_list() == ["sales"]


def test_who_was_passed_on_outside_went_to_that_number(tmp_path):
    outside = {"Type": "TELEPHONE_NUMBER", "Address": "+15550100199"}
    [one] = told_of(tmp_path, TransferredToEndpoint=outside).calls.rows(named=True)
    assert (one["transfer_kind"], one["transfer_target"]) == ("external", "+15550100199")


UNANSWERED = {"Agent": None, "NextContactId": None}


@pytest.mark.parametrize(
    ("changes", "outcome", "ended_by"),
    [
        ({"DisconnectReason": "CUSTOMER_DISCONNECT"}, "abandoned", "caller"),
        ({"DisconnectReason": "CONTACT_FLOW_DISCONNECT"}, "other", "system"),
        ({"DisconnectReason": "TELECOM_PROBLEM"}, "failed", "system"),
        ({"DisconnectReason": "EXPIRED", "Channel": "CHAT"}, "timed_out", "system"),
        ({"DisconnectReason": "CUSTOMER_DISCONNECT", "NextContactId": "n"}, "other", "caller"),
        ({"DisconnectReason": None, "DisconnectTimestamp": None}, "in_progress", None),
        (
            {"InitiationMethod": "OUTBOUND", "DisconnectReason": "OUTBOUND_ATTEMPT_FAILED"},
            "failed",
            None,
        ),
        (
            {"InitiationMethod": "OUTBOUND", "DisconnectReason": "AGENT_DISCONNECT"},
            "abandoned",
            "agent",
        ),
    ],
)
def test_how_an_unanswered_contact_ended(tmp_path, changes, outcome, ended_by):
    [one] = told_of(tmp_path, **UNANSWERED | changes).calls.rows(named=True)
    assert (one["outcome"], one["ended_by"], one["answered_at"]) == (outcome, ended_by, None)
    assert (one["talk_ms"], one["acw_ms"]) == (None, None)


@pytest.mark.parametrize(
    ("queue", "name"),
    [
        ({"Name": None, "ARN": "arn:x:instance/i/queue/agent/57db"}, None),
        ({"Name": None, "ARN": "arn:x:instance/i/queue/77aa"}, "77aa"),
        (None, None),
    ],
)
def test_a_queue_without_a_name(tmp_path, queue, name):
    assert told_of(tmp_path, Queue=queue).calls["queue"].to_list() == [name]


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"ContactId": None}, "ContactId", "missing"),
        ({"InitiationTimestamp": None}, "InitiationTimestamp", "missing"),
        ({"InitiationTimestamp": "04/03/2025 10:00"}, "InitiationTimestamp", "time"),
        ({"InitiationTimestamp": "1970-01-01T00:00:00Z"}, "InitiationTimestamp", "too_early"),
        ({"DisconnectTimestamp": "2999-01-01T00:00:00Z"}, "DisconnectTimestamp", "future"),
        ({"DisconnectTimestamp": "2025-03-04T09:00:00Z"}, "DisconnectTimestamp", "order"),
        (
            {"Agent": A_CONTACT["Agent"] | {"ConnectedToAgentTimestamp": "2025-03-04T10:00:39Z"}},
            "Agent.ConnectedToAgentTimestamp",
            "order",
        ),
        ({"Queue": A_CONTACT["Queue"] | {"Duration": -1}}, "Queue.Duration", "range"),
        ({"InitiationTimestamp": "1991-01-01T00:00:00Z"}, "ivr_ms", "range"),
        ({"Queue": A_CONTACT["Queue"] | {"Duration": "long"}}, "Queue.Duration", "number"),
        ({"Queue": A_CONTACT["Queue"] | {"Name": "q" * 121}}, "Queue.Name", "too_long"),
        ({"Agent": A_CONTACT["Agent"] | {"Username": ["x"]}}, "Agent.Username", "text"),
    ],
)
def test_a_wrong_member_is_rejected_by_its_path(tmp_path, changes, column, rule):
    chunk = told_of(tmp_path, **changes)
    assert (chunk.calls.height, chunk.rejected) == (0, 1)
    [issue] = chunk.issues
    assert (issue.line, issue.column, issue.rule) == (1, column, rule)


def test_a_recording_whose_place_is_too_long_is_unknown_and_noted(tmp_path):
    chunk = told_of(tmp_path, Recording={"Location": "s" * 301})
    assert chunk.calls["recording"].to_list() == [None]
    assert [(issue.rule, issue.fate) for issue in chunk.issues] == [("too_long", "noted")]


def test_a_broken_or_foreign_line_is_rejected_and_its_neighbours_kept(tmp_path):
    lines = [json.dumps(A_CONTACT), '{"ContactId": ', "[1]", "7", json.dumps(A_CONTACT)]
    file = tmp_path / "log"
    file.write_text("\n".join(lines))
    chunk = chunk_of(file, FORM)
    assert (chunk.calls.height, chunk.duplicate, chunk.rejected) == (1, 1, 3)
    assert [(one.line, one.rule) for one in chunk.issues] == [
        (2, "json"), (3, "object"), (4, "object"),
    ]  # fmt: skip


def test_a_file_without_its_members_is_refused(tmp_path):
    plain = opened(tmp_path, b'{"a": 1}\n')
    with pytest.raises(FileRefused, match="ContactId"):
        chunk_of(plain, FORM)


def test_blank_lines_tell_nothing_and_are_counted_as_lines(tmp_path):
    lines = [json.dumps(A_CONTACT), "", "  ", '{"ContactId": ']
    file = tmp_path / "log"
    file.write_text("\n".join(lines))
    chunk = chunk_of(file, FORM)
    assert (chunk.read, [one.line for one in chunk.issues]) == (2, [4])


def test_what_is_nested_deeper_than_a_record_can_be_is_rejected_alone(tmp_path):
    deep = '{"ContactId": ' + "[" * 100_000 + "]" * 100_000 + "}"
    file = tmp_path / "log"
    file.write_text(f"{json.dumps(A_CONTACT)}\n{deep}\n")
    chunk = chunk_of(file, FORM)
    assert [(one.line, one.rule) for one in chunk.issues] == [(2, "nested")]
    assert chunk.calls.height == 1


def test_an_id_of_mongodb_is_the_word_in_it(tmp_path):
    chunk = told_of(tmp_path, ContactId={"$oid": "65e5a0f2c1"})
    assert chunk.calls["external_id"].to_list() == ["65e5a0f2c1"]


def test_a_time_that_names_no_zone_is_read_in_ours(tmp_path):
    """RFC 2822 writes -0000 where the zone is not known."""
    told = told_of(
        tmp_path, InitiationTimestamp="Tue, 04 Mar 2025 11:00:00 -0000", zone="Europe/Berlin"
    )
    assert told.calls["ivr_ms"].to_list() == [40_000]


def test_half_letters_and_nul_never_reach_the_record(tmp_path):
    chunk = told_of(tmp_path, Attributes={"a\ud800": "b\0"}, Agent=A_CONTACT["Agent"])
    assert json.loads(chunk.calls["extra"][0])["attributes"] == {"a\ufffd": "b\ufffd"}


def test_numbers_that_are_none_are_unknown_or_wrong(tmp_path):
    queue = json.dumps(A_CONTACT["Queue"]).replace('"Duration": 15', '"Duration": %s')
    text = json.dumps(A_CONTACT | {"Queue": "Q"}).replace('"Q"', queue)
    for number, wait, rejected in (("NaN", [None], 0), ("1e999", [], 1), ("9" * 5000, [], 1)):
        chunk = chunk_of(opened(tmp_path, (text % number).encode()), FORM)
        assert (chunk.calls["wait_ms"].to_list(), chunk.rejected) == (wait, rejected)


def test_of_a_name_told_twice_the_last_counts(tmp_path):
    text = json.dumps(A_CONTACT)[:-1] + ', "Channel": "CHAT"}'
    chunk = chunk_of(opened(tmp_path, text.encode()), FORM)
    assert chunk.calls["channel"].to_list() == ["chat"]


def test_however_the_file_is_drawn_it_tells_the_same(tmp_path):
    exports.assert_drawing_changes_nothing(tmp_path, FORM, RECORDS)


def test_a_mongodb_date_may_be_a_number(tmp_path):
    began = int(at("10:00:00").timestamp() * 1000)
    chunk = told_of(tmp_path, InitiationTimestamp={"$date": {"$numberLong": str(began)}})
    assert chunk.calls["ivr_ms"].to_list() == [40_000]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers())
def test_order_and_repeats_change_nothing(tmp_path, seed):
    exports.assert_order_and_repeats_change_nothing(tmp_path, FORM, RECORDS, seed)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports.broken(RECORDS), st.integers(1, 9))
def test_nothing_breaks_it_and_its_books_always_balance(tmp_path, data, size):
    exports.assert_nothing_breaks_it(tmp_path, FORM, data, size)


# What follows reads other people's logs, which are not part of this repository.


def test_the_real_record_tells_what_was_computed_apart(sample_data, tmp_path):
    folder = sample_data / "calllogs/amazon_connect_ctr"
    truth = json.loads((folder / "truths.json").read_text())["ctr_2022-04-08.json"]
    plain = opened(tmp_path, (folder / "ctr_2022-04-08.json").read_bytes())
    [one] = chunk_of(plain, FORM).calls.rows(named=True)
    seconds = {
        "ivr_seconds_before_queue": "ivr_ms",
        "wait_seconds": "wait_ms",
        "talk_seconds": "talk_ms",
        "hold_seconds": "hold_ms",
        "acw_seconds": "acw_ms",
    }
    assert {name: one[part] / 1000 for name, part in seconds.items()} == {
        name: truth[name] for name in seconds
    }
    assert (one["queue"], one["agent"]) == (truth["queue"], truth["agent"])
    assert (one["ended_by"], truth["ended_by"]) == ("caller", "customer")
    assert one["outcome"] == "answered"
    handled = one["talk_ms"] + one["hold_ms"] + one["acw_ms"]
    assert handled == truth["handle_seconds"] * 1000
    lasted = (one["ended_at"] - one["offered_at"]).total_seconds() + one["ivr_ms"] / 1000
    assert lasted == truth["contact_seconds"]
