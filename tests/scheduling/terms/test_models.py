"""What must never be false of the terms of work, and who sees which."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from scheduling.models import (
    AgentContract,
    AgentSkill,
    Availability,
    Contract,
    Pairing,
    RotationDay,
    ShiftTemplate,
    SiteRules,
)
from tests.builders import a_queue, a_site, a_team, a_user, an_agent
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
JUNE = date(2026, 6, 1)


def refused(make, *args, **said):
    """Whether the database refuses it."""
    try:
        with transaction.atomic():
            make(*args, **said)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "said",
    [
        {"first_start": 480, "last_start": 420},  # the last before the first
        {"first_start": 480, "last_start": 500, "step_minutes": 15},  # 495, then 510
        {"lengths": []},  # neither a length nor spells
        {"lengths": [480], "spells": [[0, 240], [360, 600]]},  # both
        {"weekdays": []},
        {"weekdays": [7]},
        {"kind": "rest"},
        {"colour": "c9"},
        {"name": ""},
        {"first_start": 1440, "last_start": 1440},  # of the next day
        {"step_minutes": 0},
    ],
)
def test_a_shift_template_that_makes_no_sense_is_refused(said):
    site = a_site()
    assert refused(a_template, site, **said)


def test_a_template_with_steps_to_its_last_start_and_one_of_spells_are_kept():
    site = a_site()
    a_template(site, first_start=420, last_start=510, step_minutes=30, lengths=[480, 540])
    a_template(site, "Split", spells=[[0, 240], [360, 600]])
    assert ShiftTemplate.objects.count() == 2


@pytest.mark.parametrize(
    "said",
    [
        {"fewest_week_minutes": 2400, "most_week_minutes": 2399},
        {"fewest_day_minutes": 481, "most_day_minutes": 480},
        {"most_week_days": 8},
        {"most_day_minutes": 1441},
        {"rest_minutes": 10081},
        {"law": "DEU"},
        {"law": "de"},
        {"name": ""},
    ],
)
def test_a_contract_that_nobody_can_keep_is_refused(said):
    assert refused(a_contract, a_site(), **said)


def test_rest_between_shifts_is_eleven_hours_where_nobody_says_otherwise():
    assert a_contract(a_site()).rest_minutes == 660


def test_a_name_is_there_once_a_site_whatever_its_case():
    here, there = a_site(), a_site()
    a_contract(here)
    assert not refused(a_contract, there)
    assert refused(a_contract, here, "FULL-TIME")
    a_template(here)
    assert refused(a_template, here, "early")


def test_nobody_has_two_contracts_on_one_day():
    site = a_site()
    ann, contract, other = an_agent(site), a_contract(site), a_contract(site, "Half")
    with_contract(ann, contract, ends_on=JUNE)
    assert refused(with_contract, ann, other, starts_on=date(2026, 5, 31))
    # The day before which the first ends is free.
    assert not refused(with_contract, ann, other, starts_on=JUNE)
    assert refused(with_contract, ann, contract, starts_on=JUNE, ends_on=JUNE)
    assert refused(with_contract, an_agent(site), contract, ends_on=date(2025, 1, 1))


def test_nobody_is_in_two_rotations_on_one_day():
    site = a_site()
    ann, rotation = an_agent(site), a_rotation(site)
    in_rotation(ann, rotation)
    assert refused(in_rotation, ann, a_rotation(site, name="Other"), starts_on=JUNE)
    assert refused(in_rotation, an_agent(site), rotation, first_week=0)


def test_of_a_queue_somebody_has_one_proficiency_at_a_time():
    site = a_site()
    ann, sales, support = an_agent(site), a_queue(site), a_queue(site)
    skilled(ann, sales)
    assert not refused(skilled, ann, support)
    assert refused(skilled, ann, sales, "0.5", starts_on=JUNE)
    assert refused(skilled, an_agent(site), sales, "0.05")
    assert refused(skilled, an_agent(site), sales, "1.01")


@pytest.mark.parametrize(
    "said",
    [
        {"weekday": 7},
        {"first_on": JUNE, "last_on": JANUARY},
        {"weekday": 0, "from_minute": 480},  # until when?
        {"weekday": 0, "to_minute": 480},
        {"weekday": 0, "from_minute": 480, "to_minute": 480},
        {"weekday": 0, "from_minute": 480, "to_minute": 1921},  # more than a day
        {"word": "never", "weekday": 0},
    ],
)
def test_an_availability_that_says_no_time_is_refused(said):
    assert refused(an_availability, an_agent(a_site()), **said)


def test_what_somebody_cannot_is_told_by_time_and_never_all_of_it():
    ann = an_agent(site := a_site())
    early = a_template(site)
    assert refused(an_availability, ann, "must_not", weekday=None)
    assert refused(an_availability, ann, "must_not", template=early)
    assert refused(an_availability, ann, template=early, from_minute=0, to_minute=60)
    # No nights, ever: hours of every day, which go on into the next.
    assert not refused(an_availability, ann, "must_not", from_minute=1320, to_minute=1800)
    assert not refused(an_availability, ann, "likes", weekday=None, template=early)


def test_a_pair_is_two_and_is_said_once():
    site = a_site()
    ann, ben = an_agent(site), an_agent(site)
    a_pairing(ann, ben)
    assert refused(a_pairing, ben, ann, together=False, starts_on=JUNE)
    assert refused(a_pairing, ann, ann)


def test_a_day_of_a_rotation_is_off_or_has_shifts_and_not_both():
    site = a_site()
    early, late = a_template(site), a_template(site, "Late")
    rotation = a_rotation(site, {(1, 0): [early], (1, 5): []})

    def put(weekday, template):
        RotationDay.objects.create(rotation=rotation, week=1, weekday=weekday, template=template)

    assert not refused(put, 0, late)
    assert refused(put, 0, None)
    assert refused(put, 5, early)
    assert refused(put, 5, None)
    assert refused(put, 7, early)


def test_a_template_that_a_rotation_names_does_not_go():
    """Without its template the day would be off, and nobody would have said so."""
    site = a_site()
    early = a_template(site)
    a_rotation(site, {(1, 0): [early]})
    with pytest.raises(ProtectedError):
        early.delete()


@pytest.mark.parametrize(
    "said",
    [
        {"slot_minutes": 7},
        {"mix": "-1"},
        {"night_from": 1380, "night_to": 1380},
        {"night_from": 1380, "night_to": 1800, "night_minutes": 421},  # of 420
        {"notice_days": 367},
    ],
)
def test_rules_that_make_no_sense_are_refused(said):
    assert refused(SiteRules.objects.create, site=a_site(), **said)


@pytest.fixture
def centre():
    """Two people in two teams, each with everything that can be said of somebody."""
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    boss = a_user("supervisor")
    a_team(site, boss, ann)
    a_team(site, None, ben)
    for who in (ann, ben):
        with_contract(who, a_contract(site, f"Of {who}"))
        skilled(who, a_queue(site))
        an_availability(who)
    a_pairing(ann, ben)
    a_template(site)
    return site, ann, ben, boss


OF_PEOPLE = (AgentContract, AgentSkill, Availability)


def whose(model, rows):
    return {str(one) if model is Contract else one.agent.name for one in rows}


def test_planners_keep_all_of_their_site_and_nothing_of_another(centre):
    site, *_ = centre
    for role in ("planner", "manager"):
        planner, stranger = a_user(role, site), a_user(role, a_site())
        for model in OF_PEOPLE:
            assert whose(model, model.objects.managed_by(planner)) == {"Ann", "Ben"}
            assert not model.objects.visible_to(stranger)
            assert not model.objects.managed_by(stranger)
        for model in (Contract, ShiftTemplate, Pairing):
            assert model.objects.managed_by(planner)
            assert not model.objects.visible_to(stranger)


def test_who_leads_a_team_reads_what_its_people_work_by_and_changes_nothing(centre):
    _site, _ann, _ben, boss = centre
    for model in OF_PEOPLE:
        assert whose(model, model.objects.visible_to(boss)) == {"Ann"}
        assert not model.objects.managed_by(boss)
    assert whose(Contract, Contract.objects.visible_to(boss)) == {"Of Ann"}
    assert ShiftTemplate.objects.visible_to(boss)
    assert not ShiftTemplate.objects.managed_by(boss)
    assert Pairing.objects.visible_to(boss)


def test_somebody_sees_what_is_their_own_and_keeps_what_they_can_and_would_like(centre):
    site, ann, _ben, _boss = centre
    ann.user = a_user("agent", site)
    ann.save()
    for model in OF_PEOPLE:
        assert whose(model, model.objects.visible_to(ann.user)) == {"Ann"}
    assert whose(Contract, Contract.objects.visible_to(ann.user)) == {"Of Ann"}
    assert whose(Availability, Availability.objects.managed_by(ann.user)) == {"Ann"}
    assert not AgentContract.objects.managed_by(ann.user)
    assert not AgentSkill.objects.managed_by(ann.user)
    assert ShiftTemplate.objects.visible_to(ann.user)


def test_analysts_trainers_and_those_without_a_role_see_none_of_it(centre):
    site, *_ = centre
    for role in ("qa_analyst", "trainer", ""):
        somebody = a_user(role, site)
        for model in (*OF_PEOPLE, Contract, ShiftTemplate, Pairing):
            assert not model.objects.visible_to(somebody)


def test_what_holds_within_days_begins_by_the_last_and_ends_after_the_first(centre):
    _site, ann, *_ = centre
    AgentContract.objects.filter(agent=ann).update(starts_on=date(2026, 3, 2), ends_on=JUNE)
    of_ann = AgentContract.objects.filter(agent=ann)
    assert not of_ann.within(JANUARY, date(2026, 3, 1))
    assert of_ann.within(JANUARY, date(2026, 3, 2))
    assert of_ann.on(date(2026, 5, 31))
    assert not of_ann.on(JUNE)
