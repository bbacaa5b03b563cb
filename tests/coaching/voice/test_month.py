"""What a team's month tells of coaching and of comments, to who may know it."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from ccm.models import TeamMembership
from coaching.models import Participant, Session
from kpis import above, evaluation
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.voice.builders import a_comment

pytestmark = pytest.mark.django_db
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
DAY = timedelta(days=1)


def held(site, coach, *agents, at=NINE, state="held"):
    made = Session.objects.create(
        site=site, coach=coach, state=state, starts_at=at, made_at=at,
        held_at=at if state == "held" else None,
    )  # fmt: skip
    for agent in agents:
        Participant.objects.create(session=made, agent=agent)


def columns(user, team):
    facts = above.team_facts(user, team, *MARCH)
    people = list(evaluation.members(team, *MARCH).annotate(**facts))
    return {str(one.name): one.cells for one in above.of_team(user, team, people)}


def test_a_teams_month_tells_who_was_coached_and_what_callers_wrote():
    site = a_site()
    lead = a_user("supervisor")
    ann, ben, eve = (an_agent(site, name) for name in ("Ann", "Ben", "Eve"))
    team = a_team(site, lead, ann, ben, eve)
    held(site, lead, ann, ben)
    held(site, lead, ann)
    held(site, lead, eve, state="planned")
    held(site, lead, eve, at=NINE - 5 * DAY)
    a_comment(site, "late", NINE, ann)
    a_comment(site, "fine", NINE + DAY, ann, score=5)
    a_comment(site, "late", NINE + DAY, ben)
    a_comment(site, "too early", NINE - 5 * DAY, ben)
    for user in (lead, a_user("manager", site), a_user("admin")):
        told = columns(user, team)
        coached, said = told["Coached"], told["Comments"]
        assert [coached[one.pk].value for one in (ann, ben, eve)] == ["2", "1", "0"]
        assert (coached[None].value, coached[None].beside) == ("2 of 3", "were coached")
        assert (said[ann.pk].value, said[ann.pk].beside) == ("2", "1 bad")
        assert (said[eve.pk].value, said[eve.pk].beside) == ("0", "")
        assert (said[None].value, said[None].beside) == ("3", "2 bad")
    assert "Comments" not in columns(a_user("supervisor"), team)
    assert "Coached" not in columns(a_user("planner", site), team)


def test_who_moved_within_the_month_is_told_of_in_each_team_by_the_days_in_it():
    """Ann moved on the 2nd, the day of NINE; the days of the site begin at five."""
    site = a_site(day_begins=5)
    ann = an_agent(site, "Ann")
    old, new = a_team(site), a_team(site)
    for team, since, until in ((old, date(2026, 1, 1), NINE.date()), (new, NINE.date(), None)):
        TeamMembership.objects.create(agent=ann, team=team, starts_on=since, ends_on=until)
    at_five = datetime.combine(NINE.date(), time(5), site.tz)
    coach = a_user("supervisor")
    held(site, coach, ann)
    held(site, coach, ann, at=NINE + DAY)
    a_comment(site, "late", at_five - timedelta(seconds=1), ann)
    a_comment(site, "late", at_five, ann)
    a_comment(site, "fine", NINE, ann, score=5)
    said = [columns(a_user("admin"), team) for team in (old, new)]
    assert [each["Comments"][None].value for each in said] == ["1", "2"]
    assert [each["Comments"][None].beside for each in said] == ["1 bad", "1 bad"]
    # The page that the figure leads to has as many.
    client = Client()
    client.force_login(a_user("manager", site))
    days = f"site={site.slug}&period=custom&from=2026-03-01&to=2026-03-31"
    for team, many in ((old, 1), (new, 2)):
        page = client.get(f"{reverse('voice_comments')}?{days}&team={team.pk}")
        assert page.context["many"] == many
    assert (
        client.get(f"{reverse('voice_comments')}?{days}&team={a_team(a_site()).pk}").status_code
        == 404
    )
    assert "Coached" not in said[0]
    assert said[1]["Coached"][ann.pk].value == "2"


def test_a_month_without_any_has_no_such_columns():
    site = a_site()
    team = a_team(site, None, an_agent(site))
    assert {"Coached", "Comments"}.isdisjoint(columns(a_user("admin"), team))
