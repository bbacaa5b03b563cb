"""What is written of the terms of work, and what the audit log has of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from ccm import audit
from ccm.models import AuditEntry
from ccm.signals import names_merged
from scheduling.models import (
    AgentContract,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RotationDay,
    SiteRules,
)
from scheduling.terms import services
from tests.builders import a_queue, a_site, a_user, an_agent
from tests.scheduling.terms.builders import (
    JANUARY,
    a_contract,
    a_pairing,
    a_rotation,
    a_template,
    an_availability,
    in_rotation,
    skilled,
    with_contract,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 1)


@pytest.fixture
def site():
    return a_site()


@pytest.fixture
def planner(site):
    return a_user("planner", site)


def spells(model, agent):
    named = {AgentContract: "contract__name", AgentSkill: "proficiency"}[model]
    rows = model.objects.filter(agent=agent).order_by("starts_on")
    return list(rows.values_list(named, "starts_on", "ends_on"))


def refusal(write, *args):
    with pytest.raises(ValidationError) as refused:
        write(*args)
    return " ".join(refused.value.messages)


def test_a_contract_begins_where_the_one_before_ends(site, planner):
    ann, half, full = an_agent(site), a_contract(site, "Half"), a_contract(site, "Full")
    services.begin_contract(ann, half, JANUARY, planner, NOW)
    services.begin_contract(ann, full, MARCH, planner, NOW)
    assert spells(AgentContract, ann) == [("Half", JANUARY, MARCH), ("Full", MARCH, None)]
    services.begin_contract(ann, None, JUNE, planner, NOW)
    assert spells(AgentContract, ann)[1] == ("Full", MARCH, JUNE)


def test_one_that_is_told_late_ends_where_the_next_begins(site, planner):
    ann, half, full = an_agent(site), a_contract(site, "Half"), a_contract(site, "Full")
    services.begin_contract(ann, full, JUNE, planner, NOW)
    services.begin_contract(ann, half, MARCH, planner, NOW)
    assert spells(AgentContract, ann) == [("Half", MARCH, JUNE), ("Full", JUNE, None)]


def test_within_one_that_is_told_to_end_the_next_ends_then_too(site, planner):
    ann, half, full = an_agent(site), a_contract(site, "Half"), a_contract(site, "Full")
    with_contract(ann, half, ends_on=JUNE)
    services.begin_contract(ann, full, MARCH, planner, NOW)
    assert spells(AgentContract, ann) == [("Half", JANUARY, MARCH), ("Full", MARCH, JUNE)]


def test_what_is_so_already_and_what_begins_on_the_same_day_are_refused(site, planner):
    ann, full = an_agent(site), a_contract(site)
    services.begin_contract(ann, full, JANUARY, planner, NOW)
    assert "already" in refusal(services.begin_contract, ann, full, MARCH, planner, NOW)
    other = a_contract(site, "Other")
    assert "remove it first" in refusal(services.begin_contract, ann, other, JANUARY, planner, NOW)
    assert "already" in refusal(services.begin_contract, an_agent(site), None, MARCH, planner, NOW)


def test_nothing_of_another_site_is_given_to_anybody(site, planner):
    ann, there = an_agent(site), a_site()
    assert "another site" in refusal(
        services.begin_contract, ann, a_contract(there), MARCH, planner, NOW
    )
    assert "another site" in refusal(
        services.begin_skill, ann, a_queue(there), Decimal(1), MARCH, planner, NOW
    )
    assert "another site" in refusal(
        services.keep, Availability(agent=ann, word="likes", template=a_template(there)),
        planner, NOW,
    )  # fmt: skip
    pattern = {(1, 0): frozenset({a_template(there, "Late").pk})}
    assert "another site" in refusal(
        services.keep_rotation, a_rotation(site), pattern, planner, NOW
    )
    pair = Pairing(one=ann, other=an_agent(there), together=True, starts_on=MARCH)
    assert "another site" in refusal(services.keep, pair, planner, NOW)


def test_a_rotation_is_begun_with_one_of_its_weeks(site, planner):
    ann, rotation = an_agent(site), a_rotation(site, weeks=2)
    assert "weeks 1 to 2" in refusal(services.begin_rotation, ann, rotation, 3, MARCH, planner, NOW)
    assert services.begin_rotation(ann, rotation, 2, MARCH, planner, NOW).first_week == 2


def test_a_proficiency_changes_from_a_day_on_by_queue(site, planner):
    ann, sales, support = an_agent(site), a_queue(site), a_queue(site)
    services.begin_skill(ann, sales, Decimal("0.5"), JANUARY, planner, NOW)
    services.begin_skill(ann, support, Decimal("0.7"), JANUARY, planner, NOW)
    services.begin_skill(ann, sales, Decimal(1), MARCH, planner, NOW)
    services.begin_skill(ann, sales, None, JUNE, planner, NOW)
    of_sales = AgentSkill.objects.filter(queue=sales).order_by("starts_on")
    assert list(of_sales.values_list("proficiency", "ends_on")) == [
        (Decimal("0.50"), MARCH),
        (Decimal("1.00"), JUNE),
    ]
    assert AgentSkill.objects.get(queue=support).ends_on is None


def test_what_lists_name_goes_on_beside_the_first_queue_that_is_said(site, planner):
    ann, claims, billing = an_agent(site), a_queue(site, "Claims"), a_queue(site, "Billing")
    a_queue(site, "Chat")
    ann.skills = ["claims", "French", "Billing"]
    ann.save()
    along = services.begin_skill(ann, billing, Decimal("0.5"), MARCH, planner, NOW)
    assert along == [claims]
    rows = AgentSkill.objects.order_by("queue__name")
    assert list(rows.values_list("queue__name", "proficiency", "starts_on", "ends_on")) == [
        ("Billing", Decimal("0.50"), MARCH, None),
        ("Claims", Decimal("1.00"), MARCH, None),
    ]
    assert AuditEntry.objects.filter(model="scheduling.agentskill").count() == 2
    # Once it is said, lists say nothing any more.
    AgentSkill.objects.filter(queue=claims).delete()
    assert services.begin_skill(ann, billing, Decimal(1), JUNE, planner, NOW) == []


def test_what_is_said_of_an_earlier_day_takes_lists_along_until_what_was_said_before(site, planner):
    ann, sales, billing = an_agent(site), a_queue(site, "Sales"), a_queue(site, "Billing")
    claims = a_queue(site, "Claims")
    ann.skills = ["Claims"]
    ann.save()
    skilled(ann, billing, starts_on=JUNE)
    assert services.begin_skill(ann, sales, Decimal(1), MARCH, planner, NOW) == [claims]
    spell = AgentSkill.objects.get(queue=claims)
    assert (spell.starts_on, spell.ends_on) == (MARCH, JUNE)


def test_a_rotation_keeps_what_is_said_of_its_days_and_forgets_what_is_not(site, planner):
    early, late = a_template(site), a_template(site, "Late")
    rotation = a_rotation(site, {(1, 0): [early], (1, 1): [early]})
    pattern = {(1, 0): frozenset({early.pk, late.pk}), (2, 6): frozenset()}
    services.keep_rotation(rotation, pattern, planner, NOW)
    found = RotationDay.objects.values_list("week", "weekday", "template__name")
    assert set(found) == {(1, 0, "Early"), (1, 0, "Late"), (2, 6, None)}
    assert "no such week" in refusal(
        services.keep_rotation, rotation, {(3, 0): frozenset()}, planner, NOW
    )
    [entry] = AuditEntry.objects.all()
    assert entry.before["days"] == "1 Mon: Early; 1 Tue: Early"
    assert entry.after["days"] == "1 Mon: Early / Late; 2 Sun: off"


def test_each_change_is_in_the_audit_log_with_what_was_before_and_none_where_nothing_changed(
    site, planner
):
    contract = Contract(site=site, name="Full-time", most_week_minutes=2400)
    services.keep(contract, planner, NOW)
    services.keep(contract, planner, NOW)
    contract.most_week_minutes = 2310
    services.keep(contract, planner, NOW)
    services.forget(contract, planner, NOW)
    entries = list(AuditEntry.objects.order_by("pk"))
    assert [one.action for one in entries] == ["created", "changed", "removed"]
    assert (entries[1].before["most_week_minutes"], entries[1].after["most_week_minutes"]) == (
        2400,
        2310,
    )
    names = audit.Names(entries)
    [change] = audit.changes(entries[1], names)
    assert change == ("Most hours a week", "40:00", "38:30")
    assert audit.told(entries, names)[entries[0].pk].words == "Contract: Full-time"


def test_the_audit_log_writes_starts_days_and_pauses_as_people_do(site, planner):
    early = a_template(site)
    early.pauses = [
        {"name": "Lunch", "minutes": 30, "earliest": 180, "latest": 300, "is_paid": False}
    ]
    early.first_start = early.last_start = 420
    early.weekdays = [0, 1, 2]
    services.keep(early, planner, NOW)
    [entry] = AuditEntry.objects.all()
    changes = {one.name: (one.before, one.after) for one in audit.changes(entry, audit.Names([]))}
    assert changes["First start"] == ("06:00", "07:00")
    assert changes["Weekdays"] == ("every day", "Mon–Wed")
    assert changes["Pauses"] == ("–", "Lunch 30 min 3:00-5:00")


def test_a_weight_of_a_rule_is_told_by_its_rule(site, planner):
    services.keep(SiteRules(site=site, weights={"rest_minutes": 200, "mix": 30}), planner, NOW)
    [entry] = AuditEntry.objects.all()
    names = audit.Names([entry])
    changes = {one.name: one.after for one in audit.changes(entry, names)}
    assert changes["Rest between shifts"] == "200"
    assert changes["Mix of experienced and new people"] == "30"
    assert audit.told([entry], names)[entry.pk].words == f"Rules of rosters: {site}"


@pytest.mark.parametrize(
    "weights", [{"rest": 5}, {"mix": 0}, {"mix": "5"}, {"mix": True}, {"mix": 10_001}, ["mix"]]
)
def test_weights_of_no_rule_and_such_as_are_no_weight_are_refused(site, planner, weights):
    with pytest.raises(ValidationError):
        services.keep(SiteRules(site=site, weights=weights), planner, NOW)


def test_what_somebody_says_is_kept_with_who_said_it_and_when(site, planner):
    ann = an_agent(site)
    one = Availability(agent=ann, word="must_not", weekday=0)
    services.keep(one, planner, NOW)
    assert (one.said_by, one.said_at) == (planner, NOW)


def test_a_pair_is_said_once_whoever_is_named_first(site, planner):
    ann, ben = an_agent(site), an_agent(site)
    services.keep(Pairing(one=ben, other=ann, together=True, starts_on=MARCH), planner, NOW)
    second = Pairing(one=ann, other=ben, together=False, starts_on=JUNE)
    assert "already" in refusal(services.keep, second, planner, NOW)
    one = Pairing.objects.get()
    one.ends_on = JUNE
    services.keep(one, planner, NOW)
    services.keep(second, planner, NOW)
    assert Pairing.objects.count() == 2


def test_what_hangs_on_a_contract_a_rotation_and_a_template_keeps_them(site, planner):
    early, contract = a_template(site), a_contract(site)
    rotation = a_rotation(site, {(1, 0): [early]})
    with_contract(an_agent(site), contract)
    in_rotation(an_agent(site), rotation)
    for row in (early, contract, rotation):
        assert services.hanging(row)
        assert not services.forget(row, planner, NOW)
        row.refresh_from_db()
    assert not AuditEntry.objects.exists()


def test_two_agents_who_become_one_keep_what_is_said_of_them(site):
    """Of the same days the keeper's stands; the rest follows."""
    loser, keeper, ben = (an_agent(site) for _ in range(3))
    full, half = a_contract(site, "Full"), a_contract(site, "Half")
    sales, support = a_queue(site), a_queue(site)
    with_contract(loser, half, ends_on=MARCH)
    with_contract(loser, half, starts_on=JUNE)
    with_contract(keeper, full, starts_on=JUNE + timedelta(days=30))
    skilled(loser, sales, "0.5")
    skilled(loser, support, "0.7")
    skilled(keeper, sales, "0.9")
    an_availability(loser)
    a_pairing(loser, ben)
    a_pairing(loser, keeper)
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    assert spells(AgentContract, keeper) == [
        ("Half", JANUARY, MARCH),
        ("Full", JUNE + timedelta(days=30), None),
    ]
    skills = AgentSkill.objects.filter(agent=keeper).values_list("queue", "proficiency")
    assert set(skills) == {(sales.pk, Decimal("0.90")), (support.pk, Decimal("0.70"))}
    assert Availability.objects.get().agent == keeper
    [pair] = Pairing.objects.all()
    assert {pair.one, pair.other} == {keeper, ben}


def test_two_queues_that_become_one_are_taken_as_well_as_the_one_they_become(site):
    ann, ben = an_agent(site), an_agent(site)
    loser, keeper = a_queue(site), a_queue(site)
    skilled(ann, loser, "0.5")
    skilled(ann, keeper, "0.9")
    skilled(ben, loser, "0.6")
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    found = AgentSkill.objects.values_list("agent", "queue", "proficiency")
    assert set(found) == {
        (ann.pk, keeper.pk, Decimal("0.90")),
        (ben.pk, keeper.pk, Decimal("0.60")),
    }
