"""Who asked for a call back, whether and when they had it, whichever import tells it."""

from datetime import date, timedelta

import pytest

from kpis import rollups
from kpis.models import KpiChoice
from kpis.report import Question, answer
from tests.builders import NINE, a_record, a_site, stored

pytestmark = pytest.mark.django_db

DAY = NINE.date()
SECOND = timedelta(seconds=1)
KPIS = ["callback_requested", "called_back", "called_back_rate", "time_to_call_back"]


def asked(**more):
    return a_record(
        external_id="in",
        linked_id="one",
        outcome="callback_requested",
        wait_ms=60_000,
        ended_at=NINE + 60 * SECOND,
        **more,
    )


def called(after, outcome="answered", **more):
    at = NINE + after
    known = {
        "external_id": f"out {after}",
        "linked_id": "one",
        "direction": "outbound",
        "queue": None,
    }
    if outcome == "answered":
        known |= {"answered_at": at + 20 * SECOND, "talk_ms": 90_000, "agent": "Ann"}
    return a_record(at, outcome=outcome, **known | more)


def recounted():
    while rollups.recount_dirty():
        continue


def told(site, by="total", kpis=KPIS, day=DAY):
    question = Question(sites=[site], first=day, last=day, by=by, kpis=kpis)
    return {row.name: [row.figures[one].value for one in kpis] for row in answer(question)}


@pytest.mark.parametrize("order", ["request first", "call back first", "together"])
def test_a_call_back_on_another_day_counts_on_the_day_it_was_asked_for(order):
    site = a_site()
    # Two days and an hour later, connected after 20 s; in vain before that.
    back = [called(timedelta(hours=2), "other"), called(timedelta(days=2, hours=1))]
    pieces = {
        "request first": [[asked()], back],
        "call back first": [back, [asked()]],
        "together": [[asked(), *back]],
    }[order]
    for piece in pieces:
        stored(site, *piece)
        recounted()
    later = 2 * 86_400 + 3_600 + 20 - 60
    assert told(site) == {"Total": [1, 1, 1.0, later]}
    assert told(site, "queue") == {"Sales": [1, 1, 1.0, later]}
    whole = told(site)
    rollups.rebuild()
    assert told(site) == whole


@pytest.mark.parametrize(
    ("back", "is_one"),
    [
        ({"after": timedelta(days=6, hours=23)}, True),
        ({"after": timedelta(days=7)}, False),
        ({"after": timedelta(hours=1), "outcome": "other"}, False),
        ({"after": timedelta(hours=-1)}, False),  # before it was asked for
        ({"after": timedelta(hours=1), "direction": "inbound"}, False),  # called again
        ({"after": timedelta(hours=1), "linked_id": "two"}, False),
    ],
)
def test_what_is_a_call_back(back, is_one):
    site = a_site()
    stored(site, asked(), called(**back))
    recounted()
    assert told(site, "queue", ["called_back"])["Sales"] == [int(is_one)]


def test_the_wait_may_go_on_until_the_call_back_and_the_call_out_is_no_second_contact():
    """Within 30 s after the request, of a threshold of 100 s."""
    site = a_site()
    late = NINE + timedelta(hours=1)
    stored(
        site,
        asked(),
        called(timedelta(seconds=70)),  # connected 90 s after the caller began to wait
        a_record(
            late, external_id="in 2", linked_id="still", outcome="callback_requested", wait_ms=1000
        ),
        a_record(late, external_id="in 3", linked_id="gone", outcome="abandoned", wait_ms=200_000),
    )
    recounted()
    kpis = ["offered", "service_level:SL4", "service_level:SL6", "dials"]
    for callbacks, expected in (
        ("request", [3, 0.0, 0.0, 1]),
        ("success", [3, 2 / 3, 2 / 3, 1]),
        ("return", [3, 1 / 2, 1 / 2, 1]),
    ):
        KpiChoice.objects.all().delete()
        KpiChoice.objects.create(
            kpi="service_level",
            valid_from=date(2026, 1, 1),
            parameters={"callbacks": callbacks, "threshold_seconds": 100},
        )
        assert told(site, kpis=kpis) == {"Total": expected}, callbacks
    question = Question(sites=[site], first=DAY, last=DAY, kpis=["service_level"])
    (row,) = answer(question)
    assert {str(words): n for words, n, *_ in row.figures["service_level"].left_out} == {
        "asked for a call back and still wait, as far as is known": 1
    }
