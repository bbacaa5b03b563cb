"""The centre's own totals: counted right from a log small enough to count by hand."""

from datetime import UTC, date, datetime, timedelta

import polars as pl

from ccm.demo.centre import Centre, make_centre
from ccm.demo.house import PUNE
from ccm.demo.people import Crew
from ccm.demo.telling import Record
from ccm.demo.truth import truth_of
from ccm.imports.records import CALLS, OFFERS, STATES, SURVEYS

# 18:20 UTC is ten to midnight in Pune.
LATE = datetime(2025, 6, 11, 18, 20, tzinfo=UTC)


def a_visit(name, minutes, outcome, wait=None, **known):
    at = LATE + timedelta(minutes=minutes)
    answered = at + timedelta(seconds=wait) if outcome == "answered" else None
    return {
        "external_id": name, "linked_id": name, "queue": "Renewals", "outcome": outcome,
        "offered_at": at, "answered_at": answered,
        "wait_ms": None if wait is None else wait * 1000,
    } | known  # fmt: skip


def a_centre(visits, offers=(), surveys=()):
    record = Record(
        PUNE,
        pl.DataFrame(visits, schema=CALLS, orient="row"),
        pl.DataFrame(list(offers), schema=OFFERS),
        pl.DataFrame(schema=STATES),
        pl.DataFrame(list(surveys), schema=SURVEYS),
        pl.DataFrame(schema=CALLS),
    )
    return Centre(1, date(2025, 6, 11), LATE, Crew((), ()), {"pune": record})


def test_a_log_of_seven_calls_counted_by_hand():
    visits = [
        a_visit("a", 0, "answered", 20, agent="Agent/1", talk_ms=90_000, hold_ms=10_000,
                acw_ms=5_000, resolved=True),
        a_visit("b", 1, "answered", 21, agent="Agent/2", talk_ms=60_000, hold_ms=0, acw_ms=7_000,
                resolved=False),
        a_visit("c", 2, "abandoned", 40),
        a_visit("d", 3, "left_ivr"),
        a_visit("e", 4, "voicemail", 600),
        # After midnight in Pune.
        a_visit("f", 11, "answered", 3, agent="Agent/1", talk_ms=30_000, hold_ms=0, acw_ms=0),
        a_visit("f-2", 12, "in_progress", linked_id="f"),
    ]  # fmt: skip
    offers = [
        {"call": 1, "agent": "Agent/1", "outcome": "no_answer", "ring_ms": 15_000},
        {"call": 1, "agent": "Agent/3", "outcome": "unreachable", "ring_ms": 0},
        {"call": 1, "agent": "Agent/2", "outcome": "answered", "ring_ms": 4_000},
        {"call": 2, "agent": "Agent/2", "outcome": "cancelled", "ring_ms": 4_000},
    ]
    surveys = [
        {"call": 0, "kind": "csat", "score": 4.0, "scale_min": 1, "scale_max": 5},
        {"call": 1, "kind": "csat", "score": 3.0, "scale_min": 1, "scale_max": 5},
        {"call": 0, "kind": "fcr", "score": 1.0, "scale_min": 0, "scale_max": 1},
        {"call": 1, "kind": "fcr", "score": 0.0, "scale_min": 0, "scale_max": 1},
        {"call": 0, "kind": "nps", "score": 9.0, "scale_min": 0, "scale_max": 10},
        {"call": 1, "kind": "nps", "score": 6.0, "scale_min": 0, "scale_max": 10},
        {"call": 5, "kind": "nps", "score": 8.0, "scale_min": 0, "scale_max": 10},
        {"call": 1, "kind": "ces", "score": 5.0, "scale_min": 1, "scale_max": 7},
    ]
    truth = truth_of(a_centre(visits, offers, surveys))
    first, second = truth.queue_days.rows(named=True)
    assert first == {
        "site": "Pune", "queue": "Renewals", "day": date(2025, 6, 11), "offered": 4,
        "answered": 2, "abandoned": 1, "timed_out": 0, "key_exit": 0, "callback_requested": 0,
        "in_progress": 0, "other": 1, "left_ivr": 1, "answered_in_20": 1, "wait_ms": 41_000,
        "talk_ms": 150_000, "hold_ms": 10_000, "acw_ms": 12_000, "resolved": 1,
        "resolved_known": 2, "ring_no_answer": 2, "unreachable": 1, "declined": 0, "cancelled": 1,
        "csat_n": 2, "fcr_n": 2, "nps_n": 2, "ces_n": 1,
        "csat_sum": 7.0, "fcr_sum": 1.0, "nps_sum": 15.0, "ces_sum": 5.0,
        "csat_top2": 1, "nps_promoters": 1, "nps_detractors": 1, "ces_easy": 1,
    }  # fmt: skip
    assert second["day"] == date(2025, 6, 12)
    assert (second["offered"], second["answered"], second["in_progress"]) == (2, 1, 1)
    assert (second["nps_n"], second["nps_promoters"], second["nps_detractors"]) == (1, 0, 0)
    assert second["resolved_known"] == second["csat_n"] == second["ring_no_answer"] == 0
    assert truth.agents.rows() == [
        ("Pune", "Agent/1", 2, 120_000), ("Pune", "Agent/2", 1, 60_000),
    ]  # fmt: skip
    assert truth.contacts == {"Pune": 5}


def test_the_books_of_a_made_centre_balance():
    now = datetime(2025, 6, 11, 15, tzinfo=UTC)
    truth = truth_of(make_centre(5, 3, 60, date(2025, 6, 11), now))
    days = truth.queue_days
    ends = ["answered", "abandoned", "timed_out", "key_exit", "callback_requested", "other"]
    left = pl.col("offered") - pl.sum_horizontal(*ends) - pl.col("in_progress")
    assert days.filter(left != 0).is_empty()
    assert days.filter(pl.col("answered_in_20") > pl.col("answered")).is_empty()
    assert truth.total("answered") == truth.agents["answered"].sum()
    assert truth.total("offered", site="Leeds") >= truth.contacts["Leeds"]
