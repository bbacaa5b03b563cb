"""What a team's month tells of schedules: by person and of the team, to who may see their days."""

from datetime import date

import pytest

from ccm.models import TeamMembership
from kpis import above, evaluation
from scheduling.models import AdherenceDay, AdherenceRules
from tests.builders import a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
HOUR = 3600


def a_day(agent, day, **more):
    """Eight paid hours, seven of them judged."""
    said = {
        "is_told": True, "shifts": 1, "paid_seconds": 8 * HOUR, "scheduled": 7 * HOUR,
        "adherent": 7 * HOUR, "worked_seconds": 7 * HOUR,
    } | more  # fmt: skip
    AdherenceDay.objects.create(site=agent.site, agent=agent, day=day, **said)


def columns(user, team):
    facts = above.team_facts(user, team, *MARCH)
    people = list(evaluation.members(team, *MARCH).annotate(**facts))
    return {str(one.name): one for one in above.of_team(user, team, people)}


def test_adherence_and_hours_are_told_by_person_and_are_sums_for_the_team():
    """Ann keeps 7 of 7 and 3.5 of 7 hours, 10.5 of 14; of Ben's day no log tells. Together 75 %."""
    site = a_site()
    lead = a_user("supervisor")
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    team = a_team(site, lead, ann, ben)
    a_day(ann, date(2026, 3, 2))
    half = 7 * HOUR // 2
    a_day(ann, date(2026, 3, 3), adherent=half, missed=half, worked_seconds=half)
    a_day(ann, date(2026, 2, 27), absent=1)
    a_day(ben, date(2026, 3, 2), is_told=False, scheduled=0, adherent=0, worked_seconds=0)
    for user in (lead, a_user("manager", site), a_user("admin")):
        told = columns(user, team)
        kept, hours = told["Adherence"].cells, told["Hours worked"].cells
        assert kept[ann.pk].value == kept[None].value == "75.0\N{NO-BREAK SPACE}%"
        assert (kept[ben.pk].value, kept[ben.pk].beside) == ("–", "not told")
        assert (hours[ann.pk].value, hours[ann.pk].beside) == ("10:30", "of 16:00 planned")
        assert (hours[ben.pk].value, hours[ben.pk].beside) == (
            "–", "of 8:00 planned, 1 day without a log"
        )  # fmt: skip
        assert hours[None].beside == "of 24:00 planned, 1 day without a log"
    assert "Adherence" not in columns(a_user("supervisor"), team)


def test_only_days_in_the_team_count_and_the_site_s_rules_say_how():
    """By AD2 an hour outside of the shift counts against it: 7 of 8."""
    site = a_site()
    ann = an_agent(site, "Ann")
    team = a_team(site, None)
    TeamMembership.objects.create(
        agent=ann, team=team, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 5)
    )
    for day in (2, 4, 5):
        a_day(ann, date(2026, 3, day), outside=HOUR)
    AdherenceRules.objects.create(site=site, starts_on=date(2026, 1, 1), variant="AD2")
    told = columns(a_user("manager", site), team)
    assert told["Hours worked"].cells[ann.pk].value == "7:00"
    assert told["Adherence"].cells[ann.pk].value == "87.5\N{NO-BREAK SPACE}%"
    assert "AD2" in told["Adherence"].how


def test_a_month_without_published_shifts_has_no_such_columns():
    site = a_site()
    team = a_team(site, None, an_agent(site))
    assert {"Adherence", "Hours worked"}.isdisjoint(columns(a_user("admin"), team))
