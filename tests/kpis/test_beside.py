"""What a call has beside its ending: rings it left behind, links and notes, calls out beside it."""

from datetime import timedelta

import pytest

from ccm import notes, surveys
from ccm.models import Call, DirtyDay
from kpis import rollups
from kpis.report import Question, answer
from tests.builders import NINE, a_record, a_site, a_user, stored

pytestmark = pytest.mark.django_db

DAY = NINE.date()
SECOND = timedelta(seconds=1)


def told(site, kpis, by="total"):
    while rollups.recount_dirty():
        continue
    question = Question(sites=[site], first=DAY, last=DAY, by=by, kpis=kpis)
    return {row.name: [row.figures[one].value for one in kpis] for row in answer(question)}


@pytest.mark.parametrize(
    ("rings", "missed"),
    [
        # Left after 30 s.
        ([("cancelled", 25, 5)], 1),
        ([("cancelled", 25, 4)], 1),  # the switch's clock may be a second off
        ([("cancelled", 10, 5)], 0),  # cancelled long before
        ([("cancelled", 10, 5), ("cancelled", 20, 10)], 1),
        ([("no_answer", 15, 15)], 0),  # it had ended by itself
        ([], 0),
    ],
)
def test_missed_is_who_left_while_a_phone_rang(rings, missed):
    site = a_site()
    stored(
        site,
        a_record(outcome="abandoned", wait_ms=30_000, ended_at=NINE + 30 * SECOND),
        offers=[
            {
                "call": 0,
                "agent": f"agent {number}",
                "outcome": outcome,
                "starts_at": NINE + begins * SECOND,
                "ring_ms": lasts * 1000,
                "ended_ms": round((NINE + (begins + lasts) * SECOND).timestamp() * 1000),
            }
            for number, (outcome, begins, lasts) in enumerate(rings)
        ],
    )
    kpis = ["missed", "service_level:SL8"]
    assert told(site, kpis) == {"Total": [missed, 0.0 if missed else None]}


def test_the_ring_that_was_answered_is_no_wait_to_be_rung():
    """Answered after 30 s, of which 6 were its ring; the call's own word where no ring is told."""
    site = a_site()
    answered = {"outcome": "answered", "agent": "Ann", "talk_ms": 1000, "wait_ms": 30_000}
    stored(
        site,
        a_record(external_id="a", linked_id="a", answered_at=NINE + 30 * SECOND, **answered),
        a_record(
            external_id="b",
            linked_id="b",
            answered_at=NINE + 30 * SECOND,
            ring_ms=10_000,
            **answered,
        ),
        a_record(external_id="c", linked_id="c", answered_at=NINE + 30 * SECOND, **answered),
        offers=[
            {"call": 0, "agent": "Bob", "outcome": "no_answer", "ring_ms": 20_000, "ended_ms": 1},
            {"call": 0, "agent": "Ann", "outcome": "answered", "ring_ms": 6_000, "ended_ms": 2},
        ],
    )
    assert told(site, ["asa", "asa:W3"]) == {"Total": [30, (24 + 20) / 2]}


def an_answered_call(site):
    stored(
        site,
        a_record(
            outcome="answered",
            agent="Ann",
            wait_ms=1000,
            answered_at=NINE + SECOND,
            ended_at=NINE + 60 * SECOND,
            talk_ms=59_000,
        ),
    )
    return Call.objects.get(site=site)


def test_a_link_a_withdrawal_and_an_answer_have_the_day_counted_anew():
    site, admin = a_site(), a_user("admin")
    call = an_answered_call(site)
    kpis = ["csat_response", "csat_response:invited", "nps_response:invited"]
    assert told(site, kpis) == {"Total": [None, None, None]}
    now, week = call.ended_at, timedelta(days=7)
    sent = {"now": now, "site": site, "call": call}
    first, _ = surveys.invite(["csat", "nps"], admin, now + week, **sent)
    assert told(site, kpis) == {"Total": [0, 0, 0]}
    assert surveys.withdraw(first, admin, now)
    assert told(site, kpis) == {"Total": [None, None, None]}
    second, _ = surveys.invite(["csat", "nps"], admin, now + week, **sent)
    assert surveys.answer(second, {"csat": 5}, "", now)
    assert told(site, kpis) == {"Total": [1, 1, 0]}
    assert not DirtyDay.objects.exists()


def test_a_note_that_says_a_call_was_handed_up_counts_until_a_newer_one_does_not():
    site, admin = a_site(), a_user("admin")
    call = an_answered_call(site)
    assert told(site, ["escalation_rate"]) == {"Total": [None]}
    notes.write(call, admin, {"escalation": "second line"}, NINE + 90 * SECOND)
    assert told(site, ["escalation_rate"]) == {"Total": [1]}
    notes.write(call, admin, {"words": "mine after all"}, NINE + 99 * SECOND)
    assert told(site, ["escalation_rate"]) == {"Total": [0]}


def test_calls_out_are_told_in_one_row_with_calls_in():
    site = a_site()
    out = {"direction": "outbound", "agent": "Bob"}
    answered = {"outcome": "answered", "answered_at": NINE + SECOND}

    def call(number, **known):
        return a_record(external_id=f"o{number}", linked_id=f"o{number}", **known)

    stored(
        site,
        call(1, outcome="abandoned", wait_ms=1000),
        call(2, **out, **answered, queue=None, talk_ms=40_000, acw_ms=20_000),
        call(3, **out, **answered, queue=None, talk_ms=20_000, acw_ms=0),
        call(4, **out, outcome="busy", queue=None),
        call(5, **out, outcome="other"),
        call(6, **answered, direction="internal", queue=None, talk_ms=1_000, agent="Bob"),
    )
    kpis = ["offered", "abandoned", "dials", "connect_rate", "conversations", "aht_outbound", "aht"]
    assert told(site, kpis) == {"Total": [1, 1, 4, 0.5, 1, 40, None]}
    assert told(site, kpis, "interval") == {"2 Mar 2026 09:00 UTC": [1, 1, 4, 0.5, 1, 40, None]}
    # On a queue are none but the one.
    assert told(site, kpis, "queue") == {"Sales": [1, 1, 1, 0, 0, None, None]}
    assert told(site, kpis, "agent") == {"Bob": [None, None, 4, 0.5, 1, 40, None]}
