"""The rhythm of coaching: who is due, what was covered, and who says how often."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry, TeamMembership
from coaching.models import Cadence
from coaching.rhythm import reads, services
from coaching.rhythm.forms import every
from tests.builders import NINE, a_leave, a_team, a_user, an_agent
from tests.coaching.builders import Floor
from tests.coaching.holding.test_pages import get, post, signed_in
from tests.coaching.rhythm.builders import a_cadence, team_of, was_held

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def floor():
    with time_machine.travel(NINE, tick=False):
        yield Floor()


def a_member(floor, name, since=date(2025, 1, 1)):
    agent = an_agent(floor.site, name)
    TeamMembership.objects.create(agent=agent, team=team_of(floor), starts_on=since)
    return agent


def standing(floor, who=None):
    found = reads.of([team_of(floor)], who or floor.lead, NINE)
    return {one.agent.name: one for one in found.lines}, found


def test_who_is_late_stands_first_and_the_absent_the_new_and_the_leavers_are_treated_fairly(floor):
    a_cadence(floor)
    was_held(floor, NINE - 20 * DAY)
    in_time, away, _new, left = (
        a_member(floor, name) if name != "New" else a_member(floor, name, NINE.date() - 2 * DAY)
        for name in ("In time", "Away", "New", "Left")
    )
    was_held(floor, NINE - 3 * DAY, in_time)
    was_held(floor, NINE - 40 * DAY, away)
    a_leave(away, first_on=NINE.date() - 35 * DAY, last_on=NINE.date() + DAY)
    left.left_on = NINE.date() - DAY
    left.save()
    told, found = standing(floor)
    assert [one.agent.name for one in found.lines] == [
        floor.agent.name, "In time", "New", "Away",
    ]  # fmt: skip
    # Held on 10 February: due on the 17th, and that is 13 days ago.
    late = told[floor.agent.name]
    assert (late.due, late.late_days, late.waits) == (date(2026, 2, 17), 13, True)
    assert told["In time"].due == date(2026, 3, 6)
    assert told["Away"].day.state == "away"
    # Joined on Saturday, 28 February, which counts: the seventh day is 6 March.
    assert (told["New"].day.state, told["New"].due) == ("new", date(2026, 3, 6))
    assert (found.today.covered, found.today.late, found.today.share) == (1, 1, 0.5)


def test_only_kinds_with_ones_whole_attention_count_and_the_day_is_the_sites(floor):
    floor.site.zone = "Asia/Tokyo"
    floor.site.save()
    a_cadence(floor)
    for kind in ("group", "quick_note", "verbal"):
        was_held(floor, NINE - DAY, kind=kind)
    # 20:00 UTC is 5:00 of the next day in Tokyo.
    was_held(floor, NINE.replace(day=1, hour=20), kind="peer")
    told, _found = standing(floor)
    assert told[floor.agent.name].last == date(2026, 3, 2)


def test_a_planned_session_is_told_and_whether_it_comes_in_time(floor):
    a_cadence(floor)
    was_held(floor, NINE - 6 * DAY)
    floor.session(starts_at=NINE + DAY)
    one = standing(floor)[0][floor.agent.name]
    assert (one.due, one.is_in_time, one.waits) == (date(2026, 3, 3), True, False)


def test_one_that_is_planned_after_it_is_due_or_on_a_day_of_absence_is_said_to_be(floor):
    a_cadence(floor)
    was_held(floor, NINE - 6 * DAY)
    floor.session(starts_at=NINE + 3 * DAY)
    one = standing(floor)[0][floor.agent.name]
    # Nobody is late: Thursday 5 March is not soon enough for what is due on Tuesday.
    assert (one.due, one.is_in_time, one.waits) == (date(2026, 3, 3), False, True)
    assert "after it is due" in get(floor.lead, "rhythm")
    a_leave(floor.agent, first_on=NINE.date() + DAY, last_on=NINE.date() + 4 * DAY)
    one = standing(floor)[0][floor.agent.name]
    # Four days of absence come before the last of seven days that count.
    assert (one.due, one.moved, one.is_in_time) == (date(2026, 3, 7), 4, True)
    assert (one.is_away_then, one.waits) == (True, True)
    page = get(floor.lead, "rhythm")
    assert "moved by 4 days of absence" in page
    assert "due soon" in page
    a_leave(floor.agent, first_on=NINE.date() + 5 * DAY, last_on=NINE.date() + 9 * DAY)
    # Due on 12 March by now, which is not within a week.
    assert standing(floor)[0][floor.agent.name].is_soon is False
    assert "absent on that day" in page


def test_days_late_are_those_of_the_calendar_since_the_day_it_was_due(floor):
    a_cadence(floor)
    was_held(floor, NINE - 20 * DAY)
    a_leave(floor.agent, first_on=date(2026, 2, 20), last_on=date(2026, 2, 24))
    one = standing(floor)[0][floor.agent.name]
    assert (one.due, one.moved, one.late_days) == (date(2026, 2, 17), 0, 13)


def test_one_that_was_to_be_held_by_now_is_told_with_its_link_and_no_other_is_asked_for(floor):
    a_cadence(floor)
    was_held(floor, NINE - 20 * DAY)
    assert "none planned" in get(floor.lead, "rhythm")
    late = floor.session(starts_at=NINE - 3 * DAY)
    one = standing(floor)[0][floor.agent.name]
    assert (one.planned, one.unsaid.pk, one.waits) == (None, late.pk, False)
    page = get(floor.lead, "rhythm")
    assert "none planned" not in page
    link = page.split(f'href="{reverse("session", args=[late.pk])}"')[1].split("</a>")[0]
    assert "Fri 27 Feb 09:00" in link
    assert "late: was it held?" in page
    # It goes on until its end, and then it is late.
    running = floor.session(starts_at=NINE - timedelta(minutes=10))
    one = standing(floor)[0][floor.agent.name]
    assert (one.planned, one.unsaid.pk) == (running.starts_at, late.pk)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (7, "every week"), (28, "every four weeks"), (31, "every month"), (35, "every 5 weeks"),
        (10, "every 10 days"), (1, "every day"), (None, ""),
    ],
)  # fmt: skip
def test_a_rhythm_is_told_in_words(days, words):
    assert every(days) == words


def test_a_rhythm_that_no_choice_has_stays_one_of_its_team(floor):
    a_cadence(floor, days=35)
    assert "every 5 weeks" in get(floor.lead, "rhythm")
    form = get(floor.lead, "rhythm_team", team_of(floor).pk)
    assert '<option value="35" selected>every 5 weeks</option>' in form


def test_months_are_told_by_peoples_days(floor):
    a_cadence(floor, starts_on=date(2026, 2, 1))
    was_held(floor, NINE.replace(month=2, day=1))
    _told, found = standing(floor)
    (team,) = found.teams
    assert [one.isoformat() for one in found.months[-2:]] == ["2026-02-01", "2026-03-01"]
    # From 1 to 8 February in time, from the 9th on late; and the one day of March that is over.
    assert (team.months[-2].covered, team.months[-2].late) == (8, 20)
    assert (team.months[-1].covered, team.months[-1].late) == (0, 1)
    assert team.months[-3].share is None


def test_a_rhythm_holds_from_a_day_on_and_never_rewrites_what_was(floor):
    team, today = team_of(floor), NINE.date()
    services.begin(team, today - 60 * DAY, 31, floor.lead, NINE)
    services.begin(team, today + 30 * DAY, 7, floor.lead, NINE)
    services.begin(team, today, 14, floor.lead, NINE)
    services.begin(team, today, 14, floor.lead, NINE)
    assert list(Cadence.objects.values_list("starts_on", "days")) == [
        (today - 60 * DAY, 31), (today, 14),
    ]  # fmt: skip
    with pytest.raises(ValidationError, match="what the team kept to then stays"):
        services.begin(team, today - DAY, 7, floor.lead, NINE)
    with pytest.raises(ValidationError, match="more than a year"):
        services.begin(team, today - 400 * DAY, 7, floor.lead, NINE)
    logged = AuditEntry.objects.filter(model="coaching.cadence")
    assert [one.action for one in logged.order_by("pk")] == [
        "created", "created", "removed", "created",
    ]  # fmt: skip


def test_the_page_leads_to_a_session_with_that_agent(floor):
    page = get(floor.lead, "rhythm")
    assert "No team has a rhythm yet" in page
    answer = post(floor.lead, "rhythm_team", team_of(floor).pk, days=7, starts_on="2026-01-05")
    assert answer.url == reverse("rhythm")
    was_held(floor, NINE - 20 * DAY)
    page = get(floor.lead, "rhythm")
    assert "13 days late" in page
    assert "0 of 1 in time (0 %)" in page
    asked = f"?site={floor.site.slug}&amp;agent={floor.agent.pk}"
    assert asked in page
    form = get(floor.lead, "session_new", query=asked.replace("&amp;", "&"))
    assert f'value="{floor.agent.pk}" id="id_agents_0" checked' in form
    assert "every week" in get(floor.manager, "rhythm")
    refused = post(floor.lead, "rhythm_team", team_of(floor).pk, days=7, starts_on="2026-01-04")
    assert b"Choose today or later" in refused.content


def test_teams_that_fall_short_stand_first_and_people_come_below_by_pages_who_is_late_first(floor):
    """Of 27 of one team nobody was ever coached but one, today; of the other all of one."""
    a_cadence(floor)
    was_held(floor, NINE - DAY)
    for n in range(26):
        a_member(floor, f"Late {n}")
    kept = an_agent(floor.site, "Kept")
    other = a_team(floor.site, floor.lead)
    TeamMembership.objects.create(agent=kept, team=other, starts_on=date(2025, 1, 1))
    Cadence.objects.create(team=other, starts_on=date(2025, 1, 1), days=7, made_at=NINE)
    was_held(floor, NINE - DAY, kept)
    client = signed_in(floor.lead)
    page = client.get(reverse("rhythm"))
    assert [row[0].team for row in page.context["rows"]] == [team_of(floor), other]
    said = page.content.decode()
    assert said.index('id="cover"') < said.index('id="due"')
    assert [one.day.state for one, *_more in page.context["lines"]] == ["late"] * 25
    assert f"?team={team_of(floor).pk}&amp;show=late#due" in said
    second = client.get(reverse("rhythm"), {"page": 2})
    assert [one.day.state for one, *_more in second.context["lines"]] == [
        "late", "covered", "covered",
    ]  # fmt: skip
    late = client.get(reverse("rhythm"), {"show": "late"})
    assert late.context["page"].paginator.count == 26
    answer = client.get(reverse("rhythm_csv"), {"show": "soon", "team": other.pk})
    assert [line[:4] for line in b"".join(answer.streaming_content).splitlines()[1:]] == [b"Kept"]
    assert "Nobody stands so now" in get(floor.lead, "rhythm", query=f"?team={other.pk}&show=late")
    assert client.get(reverse("rhythm"), {"show": "x"}).status_code == 404


def test_as_many_are_late_of_a_team_as_the_list_has_that_it_leads_to(floor):
    """Two are, the reader one of them."""
    a_cadence(floor)
    own = a_member(floor, "Leads")
    own.user = floor.lead
    own.save()
    floor.lead.groups.add(*floor.me.groups.all())
    client = signed_in(floor.lead)
    (row,) = client.get(reverse("rhythm")).context["rows"]
    assert row[0].today.late == 2
    assert row[3] == client.get(row[4].split("#")[0]).context["page"].paginator.count == 1


def test_other_teams_are_out_of_reach(floor):
    other = a_user("supervisor")
    elsewhere = Floor()
    assert signed_in(other).get(reverse("rhythm")).status_code == 404
    for name, query in (("rhythm", f"?team={team_of(elsewhere).pk}"), ("rhythm_csv", "?team=x")):
        answer = signed_in(floor.lead).get(reverse(name) + query)
        assert answer.status_code == 404
    team = reverse("rhythm_team", args=[team_of(elsewhere).pk])
    assert signed_in(floor.lead).get(team).status_code == 404


def test_the_file_has_what_the_page_has_and_that_it_was_taken_is_noted(floor):
    a_cadence(floor)
    was_held(floor, NINE - 20 * DAY)
    answer = signed_in(floor.lead).get(reverse("rhythm_csv"))
    header, line = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert header.startswith("Agent,Team,Site,Standing,Last session,Due by,Days late")
    assert ",13 days late,2026-02-10,2026-02-17,13," in line
    assert AuditEntry.objects.filter(action="exported", model="coaching.cadence").exists()


@pytest.mark.parametrize("many", [1, 12])
def test_the_page_asks_the_same_of_one_as_of_twelve(floor, many, django_assert_max_num_queries):
    a_cadence(floor)
    for n in range(many):
        was_held(floor, NINE - 3 * DAY, a_member(floor, f"Agent {n}"))
    client = signed_in(floor.lead)
    with django_assert_max_num_queries(12):
        client.get(reverse("rhythm"))
