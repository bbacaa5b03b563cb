"""Models held against weeks of a record: who is taken to have been there, and what is not known."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ccm.models import AgentState, Channel
from kpis import rollups
from kpis.models import KpiChoice
from scheduling.models import QueueProof, StaffingPlan
from scheduling.proving.making import prove_site
from scheduling.tasks import forecast_site
from tests.builders import a_queue, a_site, an_agent, many_calls, unsaved_call
from tests.scheduling.proved import DAY, FIRST, HOUR, MINUTE, NOW, a_spell, a_visit, proved_centre

pytestmark = pytest.mark.django_db

Why = QueueProof.Why


def proof_of(queue):
    return QueueProof.objects.get(queue=queue)


def of_model(proof, model):
    return next(one for one in proof.held if one["model"] == model)


def test_weeks_that_were_by_hand():
    site, billing, claims = proved_centre()
    assert prove_site(site, NOW) == 2
    proof = proof_of(billing)
    assert (str(proof.first), str(proof.last)) == ("2026-01-05", "2026-01-16")
    assert (proof.why, proof.days, proof.days_known) == ("", 10, 10)
    assert [one["calls"] for one in proof.by_day] == [19] * 10
    # 7 hours of Anna's, and a quarter of Ben's 8.
    assert [one["hours"] for one in proof.by_day] == [9.0] * 10
    assert proof.shared == pytest.approx(2 / 9)
    # Of 18 answered in time and one who left late: SL4.
    assert proof.variant == "SL4"
    assert [one["was"] for one in proof.by_day] == [pytest.approx(18 / 19, abs=1e-4)] * 10
    for model in ("Erlang C", "Simulation"):
        held = of_model(proof, model)
        assert held["days"] == 10
        assert held["level"][0] == pytest.approx(18 / 19, abs=1e-4)
        assert held["asa"][0] == pytest.approx(5)
        assert held["abandonment"][0] == pytest.approx(1 / 19, abs=1e-4)
    # Ten left, which is too few to tell a patience.
    assert proof.patience["left"] == 10
    assert proof.patience_seconds is None
    assert {one["model"] for one in proof.held} == {"Erlang C", "Simulation"}
    assert (proof.handling["n"], proof.handling["mean"]) == (180, 100)
    other = proof_of(claims)
    assert {one["hours"] for one in other.by_day} == {6.0}
    assert other.shared == 1


def test_erlang_c_is_told_who_was_there():
    """19 calls of 100 s in a day: a tenth of an erlang at one to two people, in each half hour."""
    site, billing, _claims = proved_centre()
    prove_site(site, NOW)
    # One call of 100 s in half an hour at 1.25 people (of whom one is at lunch for an hour) waits
    # for more than 20 s about one time in thirty; two calls one in fifteen; at lunch, with a
    # quarter of a person, one in four.
    said = of_model(proof_of(billing), "Erlang C")["level"][1]
    assert 0.9 < said < 0.98


def test_a_second_time_replaces_the_first():
    site, billing, _claims = proved_centre()
    prove_site(site, NOW)
    first = proof_of(billing)
    prove_site(site, NOW + HOUR)
    again = proof_of(billing)
    assert QueueProof.objects.count() == 2
    assert (first.pk, first.held) == (again.pk, again.held)
    assert again.made_at == NOW + HOUR


def test_without_states_nothing_is_said_of_models_and_calls_tell_what_they_tell():
    site, billing, _claims = proved_centre(states=False)
    assert prove_site(site, NOW) == 0
    proof = proof_of(billing)
    assert (proof.why, proof.held, proof.days_known) == (Why.NO_STATES, [], 0)
    assert {one["hours"] for one in proof.by_day} == {None}
    assert proof.handling["mean"] == 100
    assert proof.patience["left"] == 10
    assert proof.shared is None


@pytest.mark.parametrize(("days", "why"), [(3, ""), (10, Why.TOO_FEW_STATES)])
def test_days_on_which_agents_without_states_helped_are_left_out(days, why):
    site, billing, _claims = proved_centre()
    carl = an_agent(site, "Carl")
    weekdays = [FIRST + number * DAY for number in range(14) if number % 7 < 5]
    # One call of 20 is five in a hundred: two of them are more.
    many_calls(
        [a_visit(billing, day + 15 * HOUR + minute * MINUTE, carl)
         for day in weekdays[:days] for minute in (1, 31)]
    )  # fmt: skip
    rollups.rebuild()
    prove_site(site, NOW)
    proof = proof_of(billing)
    assert (proof.days, proof.days_known, proof.why) == (10, 10 - days, why)


def test_chats_new_queues_and_sites_without_a_record_say_why():
    site, billing, _claims = proved_centre()
    chat, new = a_queue(site, "Chat"), a_queue(site, "New")
    chat.channel = Channel.CHAT
    chat.save()
    empty = a_queue(a_site(), "Empty")
    prove_site(site, NOW)
    prove_site(empty.site, NOW)
    assert proof_of(chat).why == Why.NOT_VOICE
    assert proof_of(new).why == Why.NO_CALLS
    assert proof_of(empty).why == Why.NO_RECORD
    assert proof_of(billing).why == ""


def test_few_days_say_nothing():
    site, billing, _claims = proved_centre()
    # Of the first four days.
    prove_site(site, FIRST + 4 * DAY + 3 * HOUR)
    assert (proof_of(billing).why, proof_of(billing).days) == (Why.FEW_DAYS, 4)


def test_the_queues_own_way_to_count_and_its_plan_are_taken():
    site, billing, claims = proved_centre()
    KpiChoice.objects.create(
        kpi="service_level", queue=billing, variant="SL1", valid_from=FIRST.date(),
        parameters={"threshold_seconds": 60},
    )  # fmt: skip
    KpiChoice.objects.create(
        kpi="service_level", queue=claims, variant="SL6", valid_from=FIRST.date()
    )
    StaffingPlan.objects.create(queue=billing, patience_seconds=90)
    prove_site(site, NOW)
    proof = proof_of(billing)
    assert (proof.variant, proof.target_seconds) == ("SL1", 60)
    # Answered or gone within 60 s: all of them.
    assert {one["was"] for one in proof.by_day} == {1.0}
    assert (proof.patience_seconds, proof.patience_is_measured) == (90, False)
    assert {one["model"] for one in proof.held} == {"Erlang C", "Erlang A", "Simulation"}
    assert (proof_of(claims).variant, proof_of(claims).chosen) == ("SL4", "SL6")


def test_a_day_of_25_hours_has_as_many_hours_of_people():
    london = ZoneInfo("Europe/London")
    site = a_site(zone="Europe/London")
    queue, anna = a_queue(site), an_agent(site)
    calls, spells = [], []
    # The clock is set back on Sunday, 25 October 2026.
    for number in range(6):
        starts = datetime(2026, 10, 21 + number, tzinfo=london)
        ends = datetime(2026, 10, 22 + number, tzinfo=london)
        spells.append(a_spell(anna, "available", starts, ends))
        at = starts.timestamp() + 60
        while at < ends.timestamp():
            moment = datetime.fromtimestamp(at, ZoneInfo("UTC"))
            calls.append(unsaved_call(queue, moment, wait=5, talk=100, agent=anna))
            at += 1800
    many_calls(calls)
    AgentState.objects.bulk_create(spells)
    rollups.rebuild()
    prove_site(site, datetime(2026, 10, 27, 3, tzinfo=london))
    proof = proof_of(queue)
    hours = {one["day"]: one["hours"] for one in proof.by_day}
    assert hours["2026-10-24"] == 24
    assert hours["2026-10-25"] == 25
    # The two half hours that the clock showed twice are left out.
    assert of_model(proof, "Erlang C")["intervals"] == 6 * 48 - 2


def test_a_hundred_agents_are_read_in_as_many_queries_as_two(django_assert_max_num_queries):
    site, billing, _claims = proved_centre()
    # As many weeks as there are, each a query, and ten beside.
    with django_assert_max_num_queries(12):
        prove_site(site, NOW)
    for number in range(100):
        agent = an_agent(site)
        many_calls([a_visit(billing, FIRST + 9 * HOUR + timedelta(seconds=number), agent)])
    rollups.rebuild()
    with django_assert_max_num_queries(12):
        prove_site(site, NOW)


def test_the_nights_task_proves_too(monkeypatch):
    site, billing, _claims = proved_centre()
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    forecast_site(site.pk)
    assert proof_of(billing).held
