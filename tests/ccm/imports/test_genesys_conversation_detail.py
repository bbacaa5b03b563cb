"""Conversations become visits: one a queue, with the rings each made."""

import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.imports import run
from ccm.models import Call, Offer
from tests import exports
from tests.builders import a_site
from tests.exports import chunk_of_records
from tests.logs import DATA, chunk_of, opened

FORM = "genesys_conversation_detail"
RECORDS = json.loads((DATA / f"{FORM}.json").read_text())["conversations"]
CALLED = {one["conversationId"]: one for one in RECORDS}


def at(clock):
    return datetime.fromisoformat(f"2025-03-04T{clock}+00:00")


def told_by(tmp_path, record):
    """The visits and the rings of one conversation."""
    chunk = chunk_of_records(tmp_path, FORM, [record])
    return chunk.calls.rows(named=True), chunk.offers.drop("ended_ms", "starts_at").rows()


def changed(name, purpose, place=0, **changes):
    """A conversation of the sample with other members in a session of a participant."""
    record = json.loads(json.dumps(CALLED[name]))
    of_purpose = [one for one in record["participants"] if one["purpose"] == purpose]
    of_purpose[place]["sessions"][0] |= changes
    return record


def a_segment(kind, start, end, queue=None, disconnect=None):
    told = {"segmentType": kind, "segmentStart": f"2025-03-04T{start}Z"}
    if end:
        told["segmentEnd"] = f"2025-03-04T{end}Z"
    return told | {"queueId": queue, "disconnectType": disconnect}


def test_each_queue_of_a_conversation_is_a_visit_of_one_contact(tmp_path):
    (first, second), rings = told_by(tmp_path, CALLED["v-1"])
    assert (first["queue"], first["agent"]) == ("Sales", "bela")
    assert (second["queue"], second["agent"]) == ("Support", "cora")
    assert first["linked_id"] == second["linked_id"] == "v-1"
    assert (first["ivr_ms"], first["wait_ms"], first["ring_ms"]) == (30_000, 20_000, 4_000)
    assert (first["talk_ms"], first["hold_ms"], first["acw_ms"]) == (70_000, 30_000, 10_000)
    assert (first["offered_at"], first["answered_at"]) == (at("09:00:30.500"), at("09:00:50.500"))
    assert (first["ended_at"], first["wrapup_ended_at"]) == (
        at("09:02:30.500"), at("09:02:40.500"),
    )  # fmt: skip
    assert (first["transfer_kind"], first["transfer_target"]) == ("blind", "Support")
    assert (first["ended_by"], first["disposition"]) == ("agent", "W-SALE")
    assert (second["ivr_ms"], second["wait_ms"], second["hold_ms"]) == (None, 30_000, 0)
    assert (second["ended_by"], second["transfer_kind"]) == ("caller", None)
    assert (first["caller"], first["time_precision"]) == ("+15550100142", "ms")
    assert rings == [
        # Ada carries a wrap-up of a minute, and did not answer all the same.
        (0, "ada", 10_000, "no_answer"),
        (0, "bela", 4_000, "answered"),
        (1, "cora", 2_000, "answered"),
    ]


def test_a_record_with_two_visits_is_one_line(tmp_path):
    chunk = chunk_of_records(tmp_path, FORM, [CALLED["v-1"]])
    assert (chunk.read, chunk.helped(), chunk.calls["lines"].to_list()) == (1, 1, [1, 0])


def test_who_gave_up_waited_as_long_as_the_metric_says(tmp_path):
    [one], rings = told_by(tmp_path, CALLED["v-2"])
    assert (one["outcome"], one["ended_by"], one["wait_ms"]) == ("abandoned", "caller", 45_000)
    assert (one["agent"], one["talk_ms"], one["acw_ms"]) == (None, None, None)
    assert rings == [(0, "ada", 3_000, "cancelled")]


def test_who_left_in_the_menu_was_in_no_queue(tmp_path):
    [one], _rings = told_by(tmp_path, CALLED["v-3"])
    assert (one["outcome"], one["queue"], one["ivr_ms"]) == ("left_ivr", None, 8_000)
    assert (one["offered_at"], one["ended_at"]) == (at("09:20:00"), at("09:20:09"))


def test_a_callback_is_an_outbound_visit_that_nobody_waited_for(tmp_path):
    (asked, back), _rings = told_by(tmp_path, CALLED["v-4"])
    assert (asked["outcome"], asked["wait_ms"], asked["direction"]) == (
        "callback_requested", 60_000, "inbound",
    )  # fmt: skip
    assert (back["direction"], back["queue"], back["agent"]) == ("outbound", "Sales", "bela")
    assert (back["wait_ms"], back["talk_ms"], back["acw_ms"]) == (None, 200_000, 30_000)
    assert json.loads(back["extra"])["queued_ms"] == 420_000
    assert (back["ended_by"], back["disposition"]) == ("agent", "W-BACK")


def test_an_outbound_call_that_nobody_answered(tmp_path):
    [one], rings = told_by(tmp_path, CALLED["v-5"])
    assert (one["direction"], one["agent"], one["outcome"]) == ("outbound", "ada", "other")
    assert (one["caller"], one["wait_ms"]) == ("+15550100177", None)
    assert rings == []


def test_an_outbound_call_to_a_busy_line(tmp_path):
    segments = CALLED["v-5"]["participants"][0]["sessions"][0]["segments"]
    busy = [segments[0] | {"sipResponseCodes": [486]}]
    [one], _rings = told_by(tmp_path, changed("v-5", "agent", segments=busy))
    assert one["outcome"] == "busy"


@pytest.mark.parametrize(
    ("metrics", "disconnect", "outcome"),
    [
        ({"tAlert": 10_000, "tNotResponding": 10_000}, "timeout", "no_answer"),
        ({"tAlert": 10_000}, "client", "declined"),
        ({"tAlert": 10_000}, "transfer", "cancelled"),
        ({}, "peer", "cancelled"),
    ],
)
def test_how_a_ring_ended(tmp_path, metrics, disconnect, outcome):
    told = [{"name": name, "value": value} for name, value in metrics.items()]
    alert = a_segment("alert", "09:00:31.000", "09:00:41.000", "q-1", disconnect)
    record = changed("v-1", "agent", metrics=told, segments=[alert])
    _visits, rings = told_by(tmp_path, record)
    assert rings[0] == (0, "ada", 10_000, outcome)


@pytest.mark.parametrize(
    ("metrics", "more", "outcome"),
    [
        ({"tAcd": 45_000, "tFlowOut": 45_000}, None, "other"),
        ({"tAcd": 45_000, "tFlowOut": 45_000}, "voicemail", "voicemail"),
        ({"tAcd": 45_000}, None, "other"),
    ],
)
def test_who_left_the_queue_without_giving_up(tmp_path, metrics, more, outcome):
    told = [{"name": name, "value": value} for name, value in metrics.items()]
    record = changed("v-2", "acd", metrics=told)
    if more:
        message = a_segment("voicemail", "09:10:50.000", "09:11:10.000")
        record["participants"].append({"purpose": more, "sessions": [{"segments": [message]}]})
    [one], _rings = told_by(tmp_path, record)
    assert (one["outcome"], one["wait_ms"]) == (outcome, 45_000)


def test_a_conversation_that_goes_on_is_open_and_closed_by_the_next_export(tmp_path):
    waiting = changed(
        "v-2", "acd", metrics=[], segments=[a_segment("interact", "09:10:05.000", None, "q-1")]
    )
    del waiting["conversationEnd"]
    [one], _rings = told_by(tmp_path, waiting)
    assert (one["outcome"], one["wait_ms"], one["ended_at"]) == ("in_progress", None, None)
    for order in ([waiting, CALLED["v-2"]], [CALLED["v-2"], waiting]):
        chunk = chunk_of_records(tmp_path, FORM, order)
        assert (chunk.duplicate, chunk.calls["outcome"].to_list()) == (1, ["abandoned"])


def test_where_no_metric_tells_it_the_wait_is_as_long_as_the_session_on_the_queue(tmp_path):
    [one], _rings = told_by(tmp_path, changed("v-2", "acd", metrics=[]))
    assert one["wait_ms"] == 45_000  # from 09:10:05 to 09:10:50


def test_who_spoke_with_the_next_agent_first_passed_the_call_on_attended(tmp_path):
    consulted = [{"name": "nConsultTransferred", "value": 1}]
    (first, _second), _rings = told_by(tmp_path, changed("v-1", "agent", 1, metrics=consulted))
    assert (first["transfer_kind"], first["transfer_target"]) == ("attended", "Support")


def test_a_ring_that_goes_on_is_told_when_it_is_over(tmp_path):
    alert = [a_segment("alert", "09:10:47.000", None, "q-1")]
    visits, rings = told_by(tmp_path, changed("v-2", "agent", segments=alert, metrics=[]))
    assert (len(visits), rings) == (1, [])


def test_a_second_agent_of_a_visit_has_a_visit_without_a_queue(tmp_path):
    record = json.loads(json.dumps(CALLED["v-2"]))
    talk = [
        {"userId": name, "purpose": "agent", "sessions": [{"segments": [
            a_segment("alert", start, answer, "q-1"),
            a_segment("interact", answer, end, "q-1", "transfer"),
        ]}]}
        for name, start, answer, end in (
            ("bela", "09:10:20.000", "09:10:25.000", "09:10:40.000"),
            ("cora", "09:10:40.000", "09:10:42.000", "09:10:50.000"),
        )
    ]  # fmt: skip
    record["participants"] = [record["participants"][1], *talk]
    (first, second), _rings = told_by(tmp_path, record)
    assert (first["queue"], first["agent"], first["talk_ms"]) == ("Sales", "bela", 15_000)
    assert (second["queue"], second["agent"], second["talk_ms"]) == (None, "cora", 8_000)
    assert (first["transfer_kind"], first["transfer_target"]) == ("transfer", "cora")


def test_a_supervisor_listening_in_is_no_visit(tmp_path):
    record = json.loads(json.dumps(CALLED["v-2"]))
    listens = [a_segment("monitoring", "09:10:20.000", "09:10:30.000")]
    record["participants"].append(
        {"userId": "sue", "purpose": "user", "sessions": [{"segments": listens}]}
    )
    visits, rings = told_by(tmp_path, record)
    assert (len(visits), len(rings)) == (1, 1)


def test_two_visits_of_one_moment_are_two(tmp_path):
    record = json.loads(json.dumps(CALLED["v-2"]))
    record["participants"].append(record["participants"][1])
    visits, _rings = told_by(tmp_path, record)
    assert [one["birth_ms"] - visits[0]["birth_ms"] for one in visits] == [0, 1]


@pytest.mark.parametrize(
    ("changes", "column", "rule"),
    [
        ({"participants": None}, "participants", "missing"),
        ({"participants": {}}, "participants", "array"),
        ({"conversationStart": "noon"}, "conversationStart", "time"),
        (
            {
                "participants": [
                    {
                        "sessions": [
                            {
                                "segments": [
                                    a_segment("interact", "09:10:05.000", "09:10:04.000"),
                                ]
                            }
                        ]
                    }
                ]
            },
            "participants[0].sessions[0].segments[0].segmentEnd",
            "order",
        ),
        (
            {"participants": [], "conversationEnd": "2025-03-04T09:09:59Z"},
            "conversationEnd",
            "order",
        ),
        (
            {"participants": [{"sessions": [{"segments": [{"segmentStart": None}]}]}]},
            "participants[0].sessions[0].segments[0].segmentStart",
            "missing",
        ),
    ],
)
def test_a_wrong_member_is_rejected_by_its_path(tmp_path, changes, column, rule):
    chunk = chunk_of_records(tmp_path, FORM, [CALLED["v-2"] | changes])
    assert chunk.rejected == 1
    assert [(one.column, one.rule) for one in chunk.issues] == [(column, rule)]


def test_however_the_file_is_drawn_it_tells_the_same(tmp_path):
    exports.assert_drawing_changes_nothing(tmp_path, FORM, RECORDS)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers())
def test_order_and_repeats_change_nothing(tmp_path, seed):
    exports.assert_order_and_repeats_change_nothing(tmp_path, FORM, RECORDS, seed)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(exports.broken(RECORDS), st.integers(1, 9))
def test_nothing_breaks_it_and_its_books_always_balance(tmp_path, data, size):
    exports.assert_nothing_breaks_it(tmp_path, FORM, data, size)


@pytest.mark.django_db
def test_an_import_stores_the_visits_and_again_changes_nothing():
    site = a_site()
    for expected in ((5, 0, 0), (0, 0, 5)):
        with (DATA / f"{FORM}.json").open("rb") as log:
            batch = run.start([("conversations.json", log)], form="auto", site=site)
        run.run(batch.job_id)
        batch.refresh_from_db()
        assert (batch.stored, batch.updated, batch.duplicate) == expected
        assert batch.read == 5
    # Two queues in v-1; the request and the call back in v-4.
    assert Call.objects.count() == 7
    assert Offer.objects.filter(outcome="no_answer").get().agent.name == "ada"


# What follows reads other people's logs, which are not part of this repository.


def test_the_real_conversation_tells_what_was_computed_apart(sample_data, tmp_path):
    folder = sample_data / "calllogs/genesys_cloud_conversation"
    name = "conversation_detail_2024-04-29.json"
    truth = json.loads((folder / "truths.json").read_text())[name]
    chunk = chunk_of(opened(tmp_path, (folder / name).read_bytes()), FORM)
    assert chunk.read == truth["conversations"]
    [one] = chunk.calls.rows(named=True)
    assert (one["outcome"], one["direction"]) == ("answered", "inbound")
    seconds = {
        "ivr_seconds": "ivr_ms",
        "wait_seconds": "wait_ms",
        "talk_seconds": "talk_ms",
        "acw_seconds": "acw_ms",
    }
    assert {name: one[part] / 1000 for name, part in seconds.items()} == {
        name: truth[name] for name in seconds
    }
    handled = one["talk_ms"] + one["hold_ms"] + one["acw_ms"]
    assert handled / 1000 == truth["handle_seconds"]
    assert (one["agent"], one["disposition"]) == (truth["answered_by"], truth["wrap_up_code"])
    missed = chunk.offers.filter(outcome="no_answer")
    assert dict(missed.group_by("agent").len().iter_rows()) == truth["ring_no_answer"]
    assert missed["ring_ms"].sum() / 1000 == truth["ring_no_answer_seconds"]
