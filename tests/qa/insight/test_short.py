"""What stands at the top of insight: five sentences at most, what presses most first."""

from datetime import date
from types import SimpleNamespace

import pytest

from ccm.models import Agent
from qa.agreement import Severity, Trend
from qa.insight import short, told
from qa.insight.apart import Apart
from qa.insight.reviewers import Judged, Reviewer
from qa.insight.weighted import Difference
from qa.models import Evaluation
from tests.builders import a_user
from tests.qa.insight.invented import invented

FIRST, LAST = date(2026, 4, 1), date(2026, 6, 20)
STEADY = Trend(30, 0.1, -1.0, 1.2, 0.8)
DRIFTING = Trend(30, 2.0, 1.0, 3.0, 0.001, True)
MAYBE = Trend(30, 1.0, 0.1, 1.9, 0.04)


def reviewer(pk, trend=STEADY, severity=None):
    return Reviewer(pk, 40, severity or Severity(30, 0.2, -1, 1.4), trend)


def a_team(value, pk=1):
    return Apart(
        pk, f"Team {pk}", Difference(50, 90, None, None, value, value - 0.03, value + 0.03)
    )


def criterion(pk, lost=0.05):
    return SimpleNamespace(
        id=pk, card=9, name=f"Criterion {pk}", loss=SimpleNamespace(lost=lost, share=0.4)
    )


def made(**more):
    people = more.pop("people", [reviewer(1)])
    none = {
        "apart_teams": [], "apart_agents": [], "vital": [], "to_rewrite": [],
        "perhaps_to_rewrite": [], "never_failed": [], "people": {1: "Bea", 2: "Cy", 3: "Di"},
        "judged": Judged(people, 90, FIRST), "asked": told.Asked(card=8),
    }  # fmt: skip
    return SimpleNamespace(**none | more)


def said(**more):
    return short.sentences(made(**more), lambda one: f"/lost/{one.id}/")


def test_of_all_that_there_may_be_five_are_said_and_what_presses_most_first():
    rough = Severity(30, 3.0, 1.0, 5.0)
    found = said(
        people=[reviewer(1, DRIFTING), reviewer(2, MAYBE, rough), reviewer(3, severity=rough)],
        apart_teams=[a_team(-0.08)],
        apart_agents=[a_team(-0.2, 7)],
        vital=[criterion(4), criterion(5)],
        to_rewrite=[criterion(6)],
        perhaps_to_rewrite=[criterion(7)],
        never_failed=[criterion(8)],
    )
    assert [one.word for one in found] == ["drifts", "team", "agent", "lost", "rewrite me"]
    assert [one.who for one in found] == ["Bea", "Team 1", "Team 7", "Criterion 4", ""]
    assert all(one.url for one in found)


def test_each_sentence_says_how_much_and_leads_to_what_it_is_about():
    drifts, team, lost = said(
        people=[reviewer(1, DRIFTING), reviewer(2, DRIFTING)],
        apart_teams=[a_team(0.05, 2), a_team(-0.08)],
        vital=[criterion(4)],
    )
    assert drifts.said == (
        "drifts beside the others on the same calls: 2.0 points a month harder (1.0 to 3.0). The "
        "table has 1 more."
    )
    # Of one above and one below it is the one below, of whom something is to be done.
    assert (team.who, team.url) == ("Team 1", "#by-team")
    assert team.said == (
        "scores 8.0 points below the other teams together (5.0 to 11.0). 1 more stands apart."
    )
    assert (lost.url, lost.said) == (
        "/lost/4/", "costs most: 5.0 points a call, 40.0\N{NO-BREAK SPACE}% of all that is lost."
    )  # fmt: skip


def test_who_sees_some_of_a_site_is_told_beside_whom_they_stand():
    more = {"apart_teams": [a_team(-0.08)], "apart_agents": [a_team(-0.2, 7)]}
    team, agent, *_others = [one.said for one in said(judged=None, **more)]
    assert team == "scores 8.0 points below the other teams that you see, together (5.0 to 11.0)."
    assert agent == "scores 20.0 points below all other agents that you see (17.0 to 23.0)."
    team, agent, *_others = [one.said for one in said(**more)]
    assert team == "scores 8.0 points below the other teams together (5.0 to 11.0)."
    assert agent == "scores 20.0 points below all other agents together (17.0 to 23.0)."
    above = {"apart_teams": [a_team(0.08)], "apart_agents": [a_team(0.2, 7)]}
    team, agent, *_others = [one.said for one in said(judged=None, **above)]
    assert team == "scores 8.0 points above the other teams that you see, together (5.0 to 11.0)."
    assert agent == "scores 20.0 points above all other agents that you see (17.0 to 23.0)."


def test_what_reviewers_differ_by_leads_to_a_session_of_its_scorecard_and_nothing_else_does():
    found = said(
        people=[reviewer(1, DRIFTING)],
        apart_teams=[a_team(-0.08)],
        vital=[criterion(4)],
        to_rewrite=[criterion(5), criterion(6)],
    )
    assert {one.word: one.session for one in found} == {
        "drifts": ("How strictly we score", 8),
        "team": None,
        "lost": None,
        "rewrite me": ("What we mean by: Criterion 5", 9),
    }


def test_criteria_are_counted_and_two_of_them_named():
    steady = said(never_failed=[criterion(n) for n in range(7)])
    assert steady[0].said == (
        "Nobody fails 7 criteria, or hardly anybody: Criterion 0, Criterion 1 and others."
    )
    assert steady[0].url == "#same"
    assert [one.word for one in steady] == ["tells nothing", "steady"]
    (leads,) = said(never_failed=[criterion(1)], judged=None)
    assert leads.url == "#lost"


@pytest.mark.django_db
def test_a_manager_reads_which_agent_stands_apart_and_who_leads_another_team_does_not():
    house = invented(LAST, months=3)
    agent = house.agents[0]
    Evaluation.objects.filter(agent=agent).update(share=0.2)

    def named(user):
        found = told.of(user, house.site, FIRST, LAST)
        return [one.id for one in found.apart_agents]

    assert named(a_user("manager", house.site))[0] == agent.pk
    lead = a_user("supervisor")
    house.teams[1].leads.create(supervisor=lead, starts_on=date(2020, 1, 1))
    assert agent.pk not in named(lead)
    own = a_user("manager", house.site)
    Agent.objects.filter(pk=agent.pk).update(user=own)
    assert agent.pk not in named(own)
