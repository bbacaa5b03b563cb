"""A team's month for its manager: each figure is that of its own page, and what is to be decided
stands first."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags

from ccm.models import TeamLead, TeamMembership
from coaching.models import Action, Cadence, Remark
from coaching.months import sections
from coaching.rhythm import reads as rhythm
from kpis import evaluation
from kpis.definitions import KPIS
from kpis.figures import Figure
from kpis.parameters import DEFAULTS
from kpis.rollups import rebuild
from scheduling.adherence import shrunk
from scheduling.models import AdherenceDay
from tests.builders import a_leave, a_site, a_target, a_team, a_user, an_agent
from tests.coaching.recognition.builders import a_kudos
from tests.coaching.voice.builders import a_comment
from tests.coaching.voice.test_month import held
from tests.kpis.test_evaluation import IN_APRIL, a_worked_team

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
TENTH = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = 3600


def a_day(agent, day, **more):
    """Eight paid hours, an hour of pause among them and seven on the queue."""
    said = {
        "is_told": True, "shifts": 1, "paid_seconds": 8 * HOUR, "scheduled": 7 * HOUR,
        "adherent": 7 * HOUR, "missed": 0, "worked_seconds": 7 * HOUR,
        "planned": {"on_queue": 7 * HOUR, "pause": HOUR},
        "within": {"on_queue": 7 * HOUR, "pause": HOUR},
    } | more  # fmt: skip
    return AdherenceDay.objects.create(site=agent.site, agent=agent, day=day, **said)


def every_two_weeks(team):
    return Cadence.objects.create(team=team, starts_on=FIRST, days=14, made_at=TENTH)


def shown(client, team, **asked):
    rebuild()
    client.force_login(a_user("manager", team.site))
    with time_machine.travel(IN_APRIL, tick=False):
        page = client.get(reverse("team_month"), {"team": team.pk, **asked})
    return page, " ".join(
        strip_tags(re.sub("<(dt|dd|li|small)", r" <\1", page.content.decode())).split()
    )


def facts(page, name):
    part = dict(page.context["parts"])[name]
    return {str(one.name): (one.value, one.beside) for one in part.facts}


def test_staffing_is_told_as_the_pages_of_schedules_have_it(client):
    """Ann keeps 6.3 of 7 hours, Bob does not come: 6.3 of 14 are 45 %. Of 16 paid hours 2 were
    planned for pauses; half an hour of pauses and an hour away of Ann's, and all of Bob's eight,
    are 9.5 of 16. What somebody did before they came to the team is not the team's."""
    team, _queue, (ann, bob) = a_worked_team()
    a_day(
        ann, date(2026, 3, 5), adherent=22_680, missed=2_520, worked_seconds=27_000,
        within={"on_queue": 23_400, "pause": 1_800},
    )  # fmt: skip
    a_day(bob, date(2026, 3, 5), adherent=0, missed=7 * HOUR, worked_seconds=0, absent=1, within={})
    eve = an_agent(team.site, "Eve")
    TeamMembership.objects.create(agent=eve, team=team, starts_on=date(2026, 3, 9))
    a_day(eve, date(2026, 3, 6))
    # Of the week after nothing else is known.
    ann.paid_times.create(day=date(2026, 3, 12), minutes=480)
    a_leave(ann, first_on=date(2026, 3, 12), last_on=date(2026, 3, 12))
    page, said = shown(client, team)
    told = facts(page, "staffing")
    assert told["Hours worked"] == ("7:30", "of 16:00 planned")
    assert told["Adherence"] == ("45.0\N{NO-BREAK SPACE}%", "")
    assert told["Absent"] == ("1", "of 2 shifts")
    value, beside = told["Shrinkage"]
    assert value == "59.4\N{NO-BREAK SPACE}%"
    # Of 16 hours 9 were neither on the queue nor in a pause.
    assert beside.startswith("planned 12.5\N{NO-BREAK SPACE}%: Late, absent or away 56.3")
    assert "Nobody came to 1 shift of 2" in said
    assert "Shrinkage was 59.4 % and planned as 12.5 %" in said
    assert "1 day of leave without a shift is not in it" in said
    # The page of shrinkage has Eve's day too, which was for nobody's team then.
    whole = shrunk.of_site(a_user("manager", team.site), team.site, FIRST, LAST)
    assert whole.paid - page.context["month"].shrunk.paid == 8 * HOUR


def test_leave_without_a_shift_is_in_the_shrinkage_of_the_days_in_the_team_alone():
    team, _queue, (ann, bob) = a_worked_team()
    manager = a_user("manager", team.site)
    a_day(ann, date(2026, 3, 5))
    a_day(bob, date(2026, 3, 5))
    # Somebody works in the week of the leave.
    a_day(ann, date(2026, 3, 13))
    for agent in (ann, bob):
        agent.paid_times.create(day=date(2026, 3, 12), minutes=480)
        a_leave(agent, first_on=date(2026, 3, 12), last_on=date(2026, 3, 12))
    TeamMembership.objects.filter(agent=bob).update(ends_on=date(2026, 3, 10))
    asked = (manager, team, FIRST, LAST)
    people = list(evaluation.members(team, FIRST, LAST).annotate(**shrunk.facts(*asked)))
    found = shrunk.of_team(team, people, FIRST, LAST)
    assert found.actual["leave", "Holiday"] == 8 * HOUR
    assert found.paid == 4 * 8 * HOUR
    assert shrunk.of_site(manager, team.site, FIRST, LAST).actual["leave", "Holiday"] == 16 * HOUR


def test_leave_counts_whoever_reads_and_whichever_days_are_shown():
    """Ann is off on Monday and Tuesday, and somebody of the site works on Wednesday. Bob's leave of
    a week of which nothing else is known was on a published shift."""
    team, _queue, (ann, bob) = a_worked_team()
    lead = a_user("supervisor")
    TeamLead.objects.create(team=team, supervisor=lead, starts_on=date(2020, 1, 1))
    monday, tuesday, wednesday = (date(2026, 3, day) for day in (9, 10, 11))
    a_day(an_agent(team.site, "Eve"), wednesday)
    a_day(bob, date(2026, 3, 24), leave="Sickness", within={})
    for day in (monday, tuesday):
        ann.paid_times.create(day=day, minutes=480)
    a_day(ann, date(2026, 2, 2))
    a_leave(ann, first_on=monday, last_on=tuesday)
    for found in (
        shrunk.read_team(lead, team, FIRST, tuesday),
        shrunk.read_team(lead, team, monday, LAST),
        shrunk.of_site(a_user("manager", team.site), team.site, monday, tuesday),
    ):
        assert (found.actual["leave", "Holiday"], found.lone_leave) == (16 * HOUR, 0)
    bobs = shrunk.read_team(lead, team, date(2026, 3, 23), LAST)
    assert bobs.paid == bobs.actual["leave", "Sickness"] == 8 * HOUR


def test_coaching_is_held_against_the_rhythm_as_its_own_page_counts_it(client):
    """Every two weeks from 1 March on. Ann was coached on the 10th and the 24th: in time on 22
    days. Bob never: late from the 15th on, for 17 days. 22 of 39."""
    team, _queue, (ann, bob) = a_worked_team()
    lead = a_user("manager", team.site)
    every_two_weeks(team)
    for at in (TENTH, TENTH + timedelta(days=14)):
        held(team.site, lead, ann, at=at)
    Action.objects.create(agent=ann, words="Asks", due_on=LAST, made_at=TENTH)
    Action.objects.create(
        agent=bob, words="Waits", due_on=LAST, made_at=TENTH, state="done", ended_at=TENTH
    )
    page, said = shown(client, team)
    told = facts(page, "coaching")
    assert told["Coached"] == ("2 times", "1 of 2 were coached")
    assert told["In time"] == ("56.4\N{NO-BREAK SPACE}%", "of the days of people, every two weeks")
    assert told["Late at its end"] == ("1 of 2", bob.name)
    assert told["Steps agreed"] == ("2", "1 reached, 0 let go in the month")
    assert told["Steps overdue now"] == ("1", "")
    assert f"1 of 2 was late for coaching at the end ({bob.name})" in said
    (of_team,) = rhythm.of([team], lead, IN_APRIL).teams
    march = of_team.months[-2]
    assert (march.covered, march.late) == (22, 17)


def test_what_is_pressed_tells_of_the_same_team_and_days(client):
    """Ann's pause is an hour of eight; Eve, of another team, did not come on the same day."""
    team, _queue, (ann, _bob) = a_worked_team()
    lead, other_lead = a_user("supervisor"), a_user("supervisor")
    TeamLead.objects.create(team=team, supervisor=lead, starts_on=date(2020, 1, 1))
    eve = an_agent(team.site, "Eve")
    other = a_team(team.site, other_lead, eve)
    a_day(ann, date(2026, 3, 5))
    a_day(eve, date(2026, 3, 5), adherent=0, missed=7 * HOUR, within={})
    for agent, at in ((ann, TENTH), (ann, TENTH - timedelta(days=20)), (eve, TENTH)):
        held(team.site, lead, agent, at=at)
    page, _said = shown(client, team)
    urls = {
        str(one.name): one.url for _name, part in page.context["parts"] for one in part.facts
    }  # fmt: skip
    with time_machine.travel(IN_APRIL, tick=False):
        sessions = client.get(urls["Coached"]).context["parts"][2][2]
        assert [one.starts_at for one, _level, _tag in sessions] == [TENTH]
        shrinks = client.get(urls["Shrinkage"])
        assert (shrinks.context["of"], shrinks.context["actual"]) == (team.name, 1 / 8)
        site = client.get(urls["Shrinkage"].replace(f"&team={team.pk}", ""))
        # Of 16 paid hours Ann's pause, and all of Eve's eight.
        assert (site.context["of"], site.context["actual"]) == (team.site.name, 9 / 16)
        client.force_login(lead)
        for url in filter(None, urls.values()):
            assert client.get(url).status_code == 200, url
        for wrong in ({"month": "x"}, {"month": "0001-01"}, {"team": other.pk}):
            assert client.get(reverse("sessions"), wrong).status_code == 404
        said = client.get(urls["Shrinkage"].replace(f"team={team.pk}", f"team={other.pk}"))
        assert (said.context["of"], said.context["team"]) == (team.site.name, "")


def test_what_is_to_be_decided_stands_first_and_leads_somewhere(client):
    """Nobody resolves a thing; a question and a rhythm wait; Eve left on the 20th."""
    team, _queue, (ann, bob) = a_worked_team(months=9)
    site = team.site
    a_target(site, kpi="occupancy", value=Decimal("0.8"))
    eve = an_agent(site, "Eve")
    eve.hired_on, eve.left_on = date(2025, 1, 1), date(2026, 3, 20)
    eve.save()
    TeamMembership.objects.create(agent=eve, team=team, starts_on=FIRST)
    Remark.objects.create(
        agent=ann, kind="question", about="AHT", url="/", words="Why?", made_at=TENTH
    )
    a_comment(site, "He never listened", TENTH, bob)
    a_comment(site, "So kind", TENTH, ann, score=5)
    a_comment(site, "It was so so", TENTH, ann, score=3)
    page, said = shown(client, team)
    matters = page.context["matters"]
    assert [one.level for one in matters] == ["warn", "warn", "warn"]
    assert "The team has no rhythm of coaching" in matters[0].said
    assert "1 person left the centre (Eve)" in matters[1].said
    assert "Questions about figures 1" in matters[2].said
    assert [(one.comment, score) for one, score in page.context["said"]] == [
        ("He never listened", "1 of 1–5"), ("So kind", "5 of 1–5"),
    ]  # fmt: skip
    assert facts(page, "people")["Left the centre"] == ("1", "Eve")
    assert facts(page, "people")["In the team at the end"] == ("2", "")
    # Of 66 changes none is more than noise: they talk as long each month.
    assert "none is more than noise" in said
    for one in matters:
        assert one.url


@pytest.mark.parametrize(
    ("direction", "target", "level", "expected"),
    [
        ("", 0.8, "warn", ["warn"]),
        ("", 0.8, "ok", []),
        ("", None, "warn", []),
        ("up", 0.8, "warn", []),
        ("up", 0.8, "bad", ["bad"]),
    ],
)
def test_what_is_good_neither_high_nor_low_is_off_its_target_beyond_its_band(
    direction, target, level, expected
):
    """Of what has a direction the yellow before the red is not pressing."""
    kpi = replace(KPIS["occupancy"], direction=direction)
    figure = Figure(kpi, kpi.default, replace(DEFAULTS, target=target), 0.706, 1)
    line = SimpleNamespace(standing=(level, ""), figure=figure)
    month = SimpleNamespace(made=SimpleNamespace(team=SimpleNamespace(lines=[line])))
    assert [one.level for one in sections._off_target(month)] == expected


def test_the_month_under_way_says_so_and_judges_no_count(client):
    """On 9 April: its eight days that are over, against months of 31."""
    team, _queue, _people = a_worked_team(months=9)
    page, said = shown(client, team, month="2026-04")
    month = page.context["month"]
    assert month.is_running
    assert "under way: 1 Apr – 8 Apr" in said
    assert (month.first, month.last) == (date(2026, 4, 1), date(2026, 4, 8))
    # Person by person only whole months are told.
    assert reverse("evaluation") + "?team" not in page.content.decode()
    answered = month.made.team.lines[0]
    assert answered.figure.kpi.id == "answered"
    assert (answered.before.word, answered.usual.value) == ("", None)
    page, said = shown(client, team, month="2026-05")
    assert "Choose a month of which a day is over" in said
    assert page.context["month"].first == FIRST


def test_what_is_not_known_says_so(client):
    team = a_team(a_site("Bern"), None)
    TeamMembership.objects.create(agent=an_agent(team.site), team=team, starts_on=date(2020, 1, 1))
    page, said = shown(client, team)
    assert page.status_code == 200
    for words in (
        "Nothing was counted in this month", "is on record, or its days are still being counted",
        "No review that chance drew ended in these days", "no data yet",
        "No whole month before this one is on record that it could be held against",
    ):  # fmt: skip
        assert words in said


def test_sessions_of_a_team_and_month_are_of_the_days_in_the_team(client):
    """Bob goes on the 9th: on the 10th he is coached in no team, on the 5th with Ann together. One
    session and two times are both of the team."""
    team, _queue, (ann, bob) = a_worked_team()
    lead = a_user("supervisor")
    TeamLead.objects.create(team=team, supervisor=lead, starts_on=date(2020, 1, 1))
    TeamMembership.objects.filter(agent=bob).update(ends_on=date(2026, 3, 9))
    together = TENTH - timedelta(days=5)
    held(team.site, lead, ann, bob, at=together)
    held(team.site, lead, bob, at=TENTH)
    page, _said = shown(client, team)
    assert facts(page, "coaching")["Coached"] == ("2 times", "in 1 session, 2 of 2 were coached")
    url = {str(one.name): one.url for one in dict(page.context["parts"])["coaching"].facts}
    with time_machine.travel(IN_APRIL, tick=False):
        listed = client.get(url["Coached"]).context["parts"][2][2]
    assert [one.starts_at for one, _level, _tag in listed] == [together]


def test_the_running_month_is_in_time_as_the_page_of_the_rhythm_has_it(client):
    """On 9 April Ann, coached on 25 March, was in time for all of eight days; Bob for none. Today
    does not count on either page."""
    team, _queue, (ann, _bob) = a_worked_team()
    manager = a_user("manager", team.site)
    every_two_weeks(team)
    held(team.site, manager, ann, at=TENTH + timedelta(days=15))
    page, _said = shown(client, team, month="2026-04")
    told = facts(page, "coaching")["In time"]
    assert told == (
        "50.0\N{NO-BREAK SPACE}%", "of the days of people until 8 Apr, every two weeks"
    )  # fmt: skip
    (of_team,) = rhythm.of([team], manager, IN_APRIL).teams
    assert (of_team.months[-1].covered, of_team.months[-1].late) == (8, 8)


def test_disputes_and_thanks_are_told_on_the_site_of_the_team(client):
    """Somebody of several sites would else be told of the first of them."""
    team, _queue, (ann, _bob) = a_worked_team()
    a_kudos(ann, given_at=TENTH)
    page, _said = shown(client, team)
    urls = {words: url for words, _n, url in sections._waiting(page.context["month"])}
    site = team.site.slug
    assert urls["Disputes of reviews"] == f"{reverse('disputes')}?site={site}&state=standing"
    thanks = {str(one.name): one.url for one in dict(page.context["parts"])["recognition"].facts}
    assert thanks["Thanks"] == f"{reverse('recognition')}?site={site}"


@pytest.mark.parametrize("agents", [1, 12])
def test_the_page_asks_the_same_of_one_agent_as_of_many(
    client, django_assert_max_num_queries, agents
):
    team, _queue, people = a_worked_team(agents=agents)
    a_target(team.site, kpi="csat", value=Decimal("4.5"), team=team)
    every_two_weeks(team)
    for agent in people:
        a_leave(agent, first_on=date(2026, 3, 2))
        a_day(agent, date(2026, 3, 5))
        a_comment(team.site, "late", TENTH, agent)
    rebuild()
    client.force_login(a_user("manager", team.site))
    with time_machine.travel(IN_APRIL), django_assert_max_num_queries(12):
        page = client.get(reverse("team_month"))
    assert page.context["month"].first == FIRST
    assert len(page.context["people"]) == agents


def test_of_who_went_to_another_team_its_lead_reads_the_comments(client):
    team, _queue, (ann, bob) = a_worked_team()
    lead = a_user("supervisor")
    TeamLead.objects.create(team=team, supervisor=lead, starts_on=date(2020, 1, 1))
    TeamMembership.objects.filter(agent=bob).update(ends_on=date(2026, 3, 5))
    a_team(team.site, a_user("supervisor")).memberships.create(
        agent=bob, starts_on=date(2026, 3, 5)
    )
    a_comment(team.site, "Of Bob", TENTH, bob)
    a_comment(team.site, "Of Ann", TENTH, ann)
    rebuild()
    client.force_login(lead)
    with time_machine.travel(IN_APRIL, tick=False):
        page = client.get(reverse("team_month"))
    assert [one.comment for one, _score in page.context["said"]] == ["Of Ann"]


def test_another_team_s_month_is_out_of_reach_and_each_evaluation_leads_to_its_month(client):
    team, _queue, _people = a_worked_team()
    lead = a_user("supervisor")
    other = a_team(team.site, lead)
    client.force_login(lead)
    url = reverse("team_month")
    with time_machine.travel(IN_APRIL):
        assert client.get(url).context["team"] == other
        assert client.get(url, {"team": team.pk}).status_code == 404
        client.force_login(a_user("manager", team.site))
        page = client.get(reverse("evaluation"), {"team": team.pk, "month": "2026-03"})
    assert f"{url}?team={team.pk}&amp;month=2026-03" in page.content.decode()
