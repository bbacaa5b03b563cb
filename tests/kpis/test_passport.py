"""A figure's passport lists as many calls as the figure counted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from ccm.models import Call, CallNote, SurveyInvitation
from kpis import rollups
from kpis.definitions import KPIS
from kpis.passports import passport
from kpis.passports.passport import DENOMINATOR, NUMERATOR, Scope
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_record,
    a_site,
    a_team,
    a_user,
    an_agent,
    stored,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)
SECOND = timedelta(seconds=1)
# Rings are counted one by one, and a call may ring often.
# What lists tell beside the calls: shown as the sums it was made of.
OF_LISTS = {"matters", "people", "ramp", "costs", "sales", "paid", "worked"}
OF_RINGS = {"ring_no_answer", "unreachable", "declined", "cancelled", "missed_rate"}


def a_morning(site):
    """Twenty contacts of all kinds, two of them with several visits."""
    records, surveys = [], []

    def visit(number, outcome, wait, *, linked=None, queue="Sales", later=0, **more):
        at = NINE + timedelta(minutes=number) + later * SECOND
        known = {} if wait is None else {"wait_ms": round(wait * 1000)}
        if outcome == "answered":
            known |= {
                "answered_at": at + timedelta(seconds=wait or 0),
                "agent": "Ann" if number % 2 else "Bob",
                "talk_ms": 60_000,
            }
        records.append(
            a_record(
                at,
                external_id=f"c{number}-{queue}-{later}",
                linked_id=linked or f"c{number}",
                queue=queue,
                outcome=outcome,
                **known | more,
            )
        )
        return len(records) - 1

    for number, wait in enumerate((0, 3, 19.9, 20, 20.1, 45, None)):
        call = visit(number, "answered", wait, resolved=number % 3 == 0)
        if number < 4:
            score = {"kind": "csat", "scale_min": 1, "scale_max": 5, "score": float(2 + number)}
            surveys.append({"call": call, "answered_at": NINE, **score})
    visit(7, "answered", 5, talk_ms=None)
    visit(8, "answered", 5, acw_ms=9000)
    for number, wait in enumerate((2, 5, 5.1, 20, 33, None), start=10):
        visit(number, "abandoned", wait)
    visit(17, "timed_out", 300)
    visit(18, "key_exit", 12)
    visit(19, "callback_requested", 15)
    visit(20, "voicemail", 60)
    visit(21, "in_progress", None)
    visit(22, "left_ivr", None)
    # 15 s, timed out to another queue, there answered after 15 s: 30 s in all.
    visit(30, "timed_out", 15, linked="both")
    visit(30, "answered", 15, linked="both", queue="Help", later=16)
    # Given up on the second queue: the last wait counts.
    visit(31, "timed_out", 100, linked="lost")
    missed = visit(31, "abandoned", 4, linked="lost", queue="Help", later=101)
    # Answered by two agents, passed on after a word.
    visit(33, "answered", 5, linked="two", transfer_kind="attended")
    visit(34, "answered", 5, linked="two", queue="Help")
    # Called back; two more calls out, one of them in vain.
    visit(35, "callback_requested", 20, linked="back")
    visit(36, "answered", None, linked="back", direction="outbound")
    visit(37, "answered", None, direction="outbound", talk_ms=29_000, queue=None)
    visit(38, "busy", None, direction="outbound")
    rings = [
        {"call": 1, "agent": "Ann", "ended_ms": 1, "ring_ms": 2_000, "outcome": "answered"},
        {"call": missed, "agent": "Ann", "ended_ms": 2, "ring_ms": 9_000, "outcome": "cancelled"},
    ]
    stored(site, *records, surveys=surveys, offers=rings)
    first, second = Call.objects.filter(outcome="answered").order_by("offered_at")[:2]
    for call, escalation in ((first, "second line"), (second, "")):
        CallNote.objects.create(call=call, site=site, at=NINE, escalation=escalation)
    for number, call in enumerate((first, Call.objects.get(external_id="c17-Sales-0"))):
        SurveyInvitation.objects.create(
            hash=str(number), call=call, site=site, questions=["csat"], expires_at=NINE
        )
    while rollups.recount_dirty():
        continue


@pytest.mark.parametrize("of", ["site", "queue", "agent"])
def test_as_many_calls_are_behind_a_figure_as_it_counted(of):
    site, reader = a_site(), a_user("admin")
    a_morning(site)
    scope = Scope(
        site=site,
        first=DAY,
        last=DAY,
        queue=site.queues.get(name="Sales") if of == "queue" else None,
        agent=site.agents.get(name="Ann") if of == "agent" else None,
    )
    wrong, silent = {}, set()
    for kpi in KPIS.values():
        for variant in kpi.variants:
            if kpi.id in OF_RINGS or (kpi.id == "calls_per_agent"):
                continue
            if {*variant.needs} & OF_LISTS:
                continue
            made = passport.issue(f"{kpi.id}:{variant.id}", scope)
            figure = made.figure
            above = passport.calls(made, NUMERATOR, reader).count()
            below = passport.calls(made, DENOMINATOR, reader).count()
            if figure.value is None:
                silent.add(f"{kpi.id}:{variant.id}")
                continue  # nothing to say, or nothing that may be pooled
            if below != figure.n:
                wrong[variant.id, kpi.id, "n"] = (below, figure.n)
            if figure.unit == "fraction":
                expected = round(figure.value * figure.n)
                if above != expected:
                    wrong[variant.id, kpi.id, "numerator"] = (above, expected)
    assert wrong == {}
    if of == "site":
        # Nobody's states are told, no hold is, no caller's number is (test_repeats), and nobody was
        # asked to recommend us or of effort.
        silent = {one for one in silent if not one.startswith(("nps", "ces", "occupancy", "fcr"))}
        assert silent == {"aht:H4", "hold:mean"}


def test_a_passport_names_what_was_left_out_and_the_other_formulas():
    site = a_site()
    a_morning(site)
    made = passport.issue("service_level", Scope(site, DAY, DAY))
    assert made.figure.variant.id == "SL4"
    assert {other.variant.id for other in made.others} >= {"SL1", "SL2", "SL3", "SL6"}
    assert "20 s" in made.words
    assert made.counted_at is not None
    assert sum(one.n for one in made.figure.left_out) > 0


@pytest.mark.parametrize(("role", "said"), [("supervisor", True), ("manager", False)])
def test_whoever_may_not_open_every_call_of_a_figure_is_told(client, role, said):
    site = a_site()
    user = a_user(role, site)
    a_team(site, user if role == "supervisor" else None)
    a_call(a_queue(site), NINE, agent=an_agent(site))
    rollups.rebuild()
    client.force_login(user)
    asked = {"kpi": "answered", "from": DAY, "to": DAY, "site": site.slug}
    page = client.get(reverse("passport"), asked).content.decode()
    assert ("Listed are the calls that you may open" in page) == said
    assert (f"{0 if said else 1} in the numerator") in page
