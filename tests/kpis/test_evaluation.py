"""A team's month: the same figures as reports, what differs by more than noise, and for whom."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import strip_tags

from ccm.models import AgentState, Call, SurveyResponse, TeamMembership
from ccm.templatetags.figures import hours_minutes
from kpis import evaluation, report
from kpis.models import KpiChoice
from kpis.reads import reading
from kpis.report import Question
from kpis.rollups import rebuild
from kpis.sums.agent_time import AgentTime
from tests.builders import (
    a_leave,
    a_queue,
    a_site,
    a_target,
    a_team,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)

pytestmark = pytest.mark.django_db

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
IN_APRIL = datetime(2026, 4, 9, 12, tzinfo=UTC)


def day_of_calls(queue, agent, day, calls=5, **more):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    minute = timedelta(minutes=1)
    return [unsaved_call(queue, at + n * minute, agent=agent, **more) for n in range(calls)]


def a_worked_team(agents=2, months=2, talk=lambda place, day: 120 + day.day):
    """A team of which each took five calls on each of the first ten days of March and before."""
    site = a_site("Leeds")
    queue = a_queue(site, "Sales")
    people = [an_agent(site, f"Agent {chr(65 + place)}") for place in range(agents)]
    team = a_team(site, None, *people)
    calls = []
    for place, agent in enumerate(people):
        for month in range(months):
            first = evaluation.months_before(date(2026, 4, 1), months)[month][0]
            for number in range(10):
                day = first + timedelta(days=number)
                calls += day_of_calls(queue, agent, day, talk=talk(place, day))
    many_calls(calls)
    return team, queue, people


def made(team):
    rebuild()
    record = reading.records([team.site_id]).get(team.site_id)
    return evaluation.of(team, list(evaluation.members(team, *MARCH)), *MARCH, record)


def lines(part):
    return {line.figure.kpi.id: line for line in part.lines}


def test_its_figures_are_those_of_a_report_on_the_same_days():
    team, _queue, (ann, bob) = a_worked_team()
    a_leave(ann, first_on=date(2026, 2, 27), last_on=date(2026, 3, 2))
    a_leave(ann, first_on=date(2026, 3, 9), last_on=date(2026, 3, 9))
    AgentState.objects.create(
        agent=ann, source="test", state="available", starts_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
        ends_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
    )  # fmt: skip
    found = made(team)
    for by, parts in (("agent", found.agents), ("team", [found.team])):
        asked = Question(
            [team.site], *MARCH, by=by, only={"team": [team.pk]}, kpis=evaluation.SHOWN
        )
        rows = {row.name: row.figures for row in report.answer(asked)}
        for part in parts:
            for name, line in lines(part).items():
                one = rows[part.name][name]
                assert (line.figure.value, line.figure.n) == (one.value, one.n), (part.name, name)
    assert [part.name for part in found.agents] == [ann.name, bob.name]
    assert found.agents[0].away == [("Holiday", 3)]
    assert found.agents[0].time.logged_in_ms == 2 * 3_600_000
    assert sum(minutes for _words, minutes in found.agents[0].presence) == 2 * 60
    assert lines(found.team)["answered"].figure.value == 100


def test_who_moved_is_away_from_each_team_on_the_days_in_it():
    site = a_site()
    ann = an_agent(site, "Ann")
    old, new = a_team(site), a_team(site)
    moved = date(2026, 3, 8)
    TeamMembership.objects.create(agent=ann, team=old, starts_on=MARCH[0], ends_on=moved)
    TeamMembership.objects.create(agent=ann, team=new, starts_on=moved)
    a_leave(ann, first_on=date(2026, 3, 5), last_on=date(2026, 3, 12))
    a_leave(ann, first_on=date(2026, 3, 2), last_on=date(2026, 3, 2), kind="Sickness")
    of_old, of_new = (made(team).agents[0].away for team in (old, new))
    assert of_old == [("Sickness", 1), ("Holiday", 3)]
    assert of_new == [("Holiday", 5)]


def test_the_parts_of_the_time_there_add_up_to_it_as_they_are_shown():
    """Three of 1:40 are 5 minutes: to the minute each is 2, and three of these were 6."""
    time = AgentTime(handling_ms=100_000, ringing_ms=100_000, ready_ms=100_000, days=1)
    part = evaluation.Part("Ann", [], time, None, days=1, agent=1)
    drawn = render_to_string("kpis/_evaluated.html", {"part": part, "label": "", "window": 7})
    told = " ".join(strip_tags(drawn).split())
    assert "on 1 date, 0:05 h: 0:02 h with contacts, 0:01 h ringing, 0:02 h ready" in told
    hours = evaluation.Part("Ann", [], AgentTime(ready_ms=1_234 * 3_600_000), None, days=1)
    assert hours.presence == [("ready", 1_234 * 60)]
    assert hours_minutes(hours.minutes_there) == "1,234:00"


def test_only_a_change_beyond_noise_has_a_word():
    """Both talk 121 to 130 s in February; in March one talks 60 s longer."""
    team, _queue, _people = a_worked_team(
        talk=lambda place, day: 120 + day.day + 60 * (place == 0 and day.month == 3)
    )
    found = made(team)
    longer, same = (lines(part)["aht"] for part in found.agents)
    drawn = render_to_string(
        "kpis/_evaluated.html", {"part": found.agents[0], "blank": set(), "window": 7}
    )
    told = " ".join(re.sub("<[^>]*>", "", drawn).split())
    assert "more, before 2:06" in told
    assert (longer.figure.value, longer.before.value, longer.before.word) == (185.5, 125.5, "more")
    assert (same.figure.value, same.before.value, same.before.word) == (125.5, 125.5, "")
    # Ten days from 181 to 190: their mean, and t(9) 2.262 times its standard error 0.957.
    assert longer.interval.low == pytest.approx(185.5 - 2.166, abs=0.01)
    assert (longer.usual.value, longer.rank) == (None, "")  # one month, and a team of two


def test_a_band_s_target_is_told_with_its_band():
    """Of occupancy 75 to 85 % is right."""
    team, _queue, _people = a_worked_team(months=1)
    a_target(team.site, kpi="occupancy", value=Decimal("0.8"))
    found = made(team)
    assert lines(found.team)["occupancy"].target == "80 ± 5\N{NO-BREAK SPACE}%"


def test_the_summary_names_who_is_off_target_and_what_changed_by_more_than_noise(client):
    """Ten calls of each were told to be resolved or not: all of one's, none of the other's, who
    talks a minute longer than in February."""
    team, queue, (ann, ben) = a_worked_team(
        talk=lambda place, day: 120 + day.day + 60 * (place == 1 and day.month == 3)
    )
    for agent in (ann, ben):
        day = date(2026, 3, 10)
        many_calls(day_of_calls(queue, agent, day, calls=10, talk=130, resolved=agent == ann))
    a_target(team.site, kpi="resolved_rate", value=Decimal("0.7"), role="agent")
    found = made(team)
    off = [(words, [part.name for part, _line in its]) for words, its in found.off_target]
    assert off == [("Resolved rate, target 70\N{NO-BREAK SPACE}%", ["Agent B"])]
    changed = [
        (part.name, words) for part, line, words in found.changed if line.figure.kpi.id == "aht"
    ]
    assert ("Agent B", "more than the month before (2:06)") in changed
    assert "Agent A" not in dict(changed)
    client.force_login(a_user("manager", team.site))
    with time_machine.travel(IN_APRIL):
        page = " ".join(client.get(reverse("evaluation")).content.decode().split())
    brief = page[page.index("In short") : page.index('id="part-team"')]
    assert f'<a class="link" href="#part-{ben.pk}">Agent B</a> 0.0 %' in brief
    rows = brief[brief.index("<tbody>") :].split("<tr")[1:]
    assert [row.count("<td ") for row in rows] == [len(evaluation.SHOWN)] * 3
    assert 'data-level="bad">off target</span>' in rows[2]
    assert 'data-level="ok">on target</span>' in rows[1]
    assert rows[2].count("/passport/?") == rows[1].count("/passport/?") > 0


def test_a_column_in_which_nothing_would_stand_is_left_out_of_each_block():
    team, _queue, _people = a_worked_team(months=1)
    ann, ben = made(team).agents
    ranked = replace(ann, lines=[replace(one, rank="1 of 9") for one in ann.lines])
    heads = [
        render_to_string("kpis/_evaluated.html", {"part": part, "label": part.name, "window": 7})
        for part in (ranked, ben)
    ]
    assert [">Rank</th>" in one for one in heads] == [True, False]


def test_the_month_before_opens_the_passport_that_says_it(client):
    team, _queue, _people = a_worked_team(talk=lambda place, day: 120 + day.day + 10 * day.month)
    found = made(team)
    client.force_login(a_user("manager", team.site))
    for part in (found.team, *found.agents):
        line = lines(part)["aht"]
        assert line.before.value == 120 + 5.5 + 20
        assert client.get(line.before.url).context["passport"]["value"] == line.before.value
    # By another definition since, it is another figure than its passport says.
    KpiChoice.objects.create(kpi="aht", variant="H2", valid_from=MARCH[0])
    assert [lines(part)["aht"].before.url for part in made(team).agents] == ["", ""]
    assert lines(made(team).team)["answered"].before.url


def test_what_is_usual_needs_six_months_and_too_few_days_are_said():
    team, queue, _people = a_worked_team(agents=1, months=8)
    found = made(team)
    assert lines(found.team)["aht"].usual.value == 125.5
    assert lines(found.team)["answered"].usual.value == 50
    late = an_agent(team.site, "Zoe")
    TeamMembership.objects.create(agent=late, team=team, starts_on=date(2026, 3, 30))
    many_calls(day_of_calls(queue, late, date(2026, 3, 30)))
    many_calls(day_of_calls(queue, late, date(2026, 3, 29)))  # before the stay
    found = made(team)
    new = lines(found.agents[1])
    assert (new["answered"].figure.value, new["aht"].interval) == (5, None)
    assert new["aht"].has_no_interval
    assert (new["aht"].before.value, new["aht"].usual.value) == (None, None)


def test_satisfaction_of_few_is_said_to_be_of_few():
    team, _queue, (ann, _bob) = a_worked_team(months=1)
    for place, call in enumerate(Call.objects.filter(agent=ann)[:9]):
        SurveyResponse.objects.create(
            id=call.pk, source="test", site=team.site, call_id=call.pk, kind="csat", scale_min=1,
            scale_max=5, score=5 if place else 1, answered_at=call.offered_at,
        )  # fmt: skip
    first, second = (lines(part)["csat"] for part in made(team).agents)
    assert (first.figure.n, first.is_few) == (9, True)
    assert (second.figure.value, second.is_few) == (None, False)
    assert (first.response, second.response) == (
        "only 18\N{NO-BREAK SPACE}% answered",
        "",
    )  # 9 of 50


def test_a_target_says_whose_it_is():
    """50 calls each: the site's target is 100, the team's 40, Agent B's own 60."""
    team, _queue, (_ann, ben) = a_worked_team(months=1)
    for value, more in ((100, {}), (40, {"team": team}), (60, {"agent": ben})):
        a_target(team.site, kpi="answered", value=value, **more)
    found = made(team)
    told = [lines(part)["answered"] for part in (found.team, *found.agents)]
    assert [(one.figure.parameters.target, one.whose_target) for one in told] == [
        (100, "of the site"), (40, "of the agent's team"), (60, "the agent's own"),
    ]  # fmt: skip


@pytest.mark.parametrize("agents", [1, 12])
def test_the_page_asks_the_same_of_one_agent_as_of_many(
    client, django_assert_max_num_queries, agents
):
    team, _queue, people = a_worked_team(agents=agents)
    for agent in people:
        a_leave(agent, first_on=date(2026, 3, 2))
    rebuild()
    client.force_login(a_user("manager", team.site))
    with time_machine.travel(IN_APRIL), django_assert_max_num_queries(12):
        page = client.get(reverse("evaluation"))
    assert page.context["first"] == MARCH[0]
    assert len(page.context["made"].agents) == agents
    # Of months before February nothing was counted; no target is set, and two months tell nothing.
    assert page.context["months"] == [MARCH[0], date(2026, 2, 1)]
    assert {*page.context["made"].blank} == {"target", "usual", "rank"}
    told = page.content.decode()
    assert "Target: none is set" in told
    assert ">Month before</th>" in told
    assert ">Usual</th>" not in told


def test_a_lead_evaluates_the_own_team_alone_and_a_planner_none(client):
    team, _queue, _people = a_worked_team(months=1)
    other = a_team(team.site, lead := a_user("supervisor"))
    rebuild()
    client.force_login(lead)
    page = client.get(reverse("evaluation"))
    assert [one.pk for one in page.context["teams"]] == [other.pk]
    assert client.get(reverse("evaluation"), {"team": team.pk}).status_code == 404
    client.force_login(a_user("planner", team.site))
    assert client.get(reverse("evaluation")).status_code == 404


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2026-13", "could not be read; write YYYY-MM. Month says 2026-13."),
        ("x", "could not be read; write YYYY-MM. Month says x."),
        ("x" * 41, f"could not be read; write YYYY-MM. Month says {'x' * 40}…."),
        ("2026-04", "Choose a month that is over. Month says 2026-04."),
        ("0001-01", "Choose a month that is over. Month says 0001-01."),
        ("9999-12", "Choose a month that is over. Month says 9999-12."),
        ("2026-02", ""),
    ],
)
def test_a_month_that_is_none_or_is_not_over_is_told_as_it_was_typed(client, month, said):
    site = a_site(zone="Europe/London")
    a_target(site)
    a_team(site)
    client.force_login(a_user("manager", site))
    with time_machine.travel(IN_APRIL):
        page = client.get(reverse("evaluation"), {"month": month})
    assert said in page.context["problem"]
    assert page.context["first"] == (MARCH[0] if said else date(2026, 2, 1))


def test_months_are_whole_and_go_back_over_the_year():
    found = evaluation.months_before(date(2026, 2, 1), 3)
    assert found == [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2025, 11, 1), date(2025, 11, 30)),
    ]


def a_team_whose_record_begins_late():
    """Of two agents: the site's record begins on 30 March, and April is whole. Calls of March are
    of 60 s and more, those of April of 200 s: by ten days and two it would be a change. What came
    to Ben was never resolved."""
    site = a_site("Leeds")
    queue = a_queue(site, "Sales")
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    team = a_team(site, None, ann, ben)
    days = [date(2026, 3, 30), date(2026, 3, 31), *(date(2026, 4, 1 + n) for n in range(10))]
    calls = []
    for agent in (ann, ben):
        for day in days:
            talk = (60 if day.month == 3 else 200) + day.day
            calls += day_of_calls(queue, agent, day, calls=20, talk=talk, resolved=agent == ann)
    many_calls(calls)
    a_target(site, kpi="resolved_rate", value=Decimal("0.7"), role="agent")
    rebuild()
    return team


def the_page(client, month, team, at=datetime(2026, 5, 9, 12, tzinfo=UTC)):
    client.force_login(a_user("manager", team.site))
    with time_machine.travel(at):
        page = client.get(reverse("evaluation"), {"team": team.pk, "month": month})
    return page, " ".join(re.sub("<[^>]*>", " ", page.content.decode()).split())


def test_a_month_says_how_many_of_its_days_the_record_reaches(client):
    page, said = the_page(client, "2026-03", a_team_whose_record_begins_late())
    assert page.context["made"].partly == "2 of 31 days"
    assert "1 Mar – 31 Mar 2026 · 2 of 31 days" in said
    assert "Off target, by 2 of 31 days:" in said
    assert "The record reaches 2 of 31 days of this month" in said
    assert "A month that is over is exact" not in said


def test_no_change_is_judged_against_a_month_that_is_not_whole(client):
    page, said = the_page(client, "2026-04", a_team_whose_record_begins_late())
    made = page.context["made"]
    # Mean talk of two days of March, 60 + 30.5, and of ten of April, 200 + 5.5.
    line = lines(made.team)["aht"]
    assert (line.before.value, line.figure.value) == (90.5, 205.5)
    assert (line.before.word, made.changes, made.changed, made.partly) == ("", 0, [], "")
    assert "No change is judged against March 2026: its record reaches 2 of 31 days." in said
    assert "1:31 2 of 31 days" in said
    assert "A month that is over is exact" in said


@pytest.mark.parametrize(
    ("begins", "usual"),
    [
        (date(2025, 9, 1), 15),  # six whole months before
        (date(2025, 9, 3), None),  # five, and a part of one
    ],
)
def test_a_month_that_is_not_whole_tells_nothing_of_what_is_usual(begins, usual):
    site = a_site("Leeds")
    queue = a_queue(site, "Sales")
    ann = an_agent(site, "Ann")
    team = a_team(site, None, ann)
    starts = [start for start, _last in evaluation.months_before(date(2026, 4, 1), 6)]
    days = [start + n * timedelta(days=1) for start in (*starts, begins) for n in range(3)]
    many_calls([call for day in days for call in day_of_calls(queue, ann, day, talk=100)])
    found = made(team)
    assert lines(found.team)["answered"].usual.value == usual
    assert found.partly == found.before_partly == ""


def test_a_month_in_which_nothing_of_the_team_was_counted_is_not_offered(client):
    """In March Zoe was in it and took no call, and Max, who did, not yet."""
    team = a_team_whose_record_begins_late()
    new, queue = a_team(team.site), team.site.queues.get()
    for name, joined, day in (
        ("Zoe", date(2026, 3, 2), date(2026, 4, 3)),
        ("Max", date(2026, 4, 2), date(2026, 3, 31)),
    ):
        agent = an_agent(team.site, name)
        TeamMembership.objects.create(agent=agent, team=new, starts_on=joined)
        many_calls(day_of_calls(queue, agent, day))
    rebuild()
    page, _said = the_page(client, "", new)
    assert page.context["months"] == [date(2026, 4, 1)]
    page, said = the_page(client, "2026-03", new)
    assert "Nothing was counted of the team in March 2026" in said
    assert "Nobody is off target" not in said
    assert "How to read this" not in said


def test_what_somebody_was_there_is_told_by_dates_of_which_a_night_has_two():
    """From ten in the evening to six, where days begin at midnight: one night, two dates."""
    team, _queue, (ann, _ben) = a_worked_team(months=1)
    AgentState.objects.create(
        agent=ann, source="test", state="available",
        starts_at=datetime(2026, 3, 2, 22, tzinfo=UTC), ends_at=datetime(2026, 3, 3, 6, tzinfo=UTC),
    )  # fmt: skip
    part = made(team).agents[0]
    drawn = render_to_string("kpis/_evaluated.html", {"part": part, "label": "x", "window": 7})
    told = " ".join(re.sub("<[^>]*>", "", drawn).split())
    assert "Thereon 2 dates, " in told
