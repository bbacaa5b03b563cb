"""Ranges of ranks on the pages: of the whole team, whoever the reader may see of it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from ccm.models import Offer, SurveyResponse, TeamMembership
from kpis import ranking, report, rollups
from kpis.choices import Choices
from kpis.noise import Rank
from kpis.report import Question
from tests import once
from tests.builders import NINE, a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

FIRST = NINE.date()
LAST = FIRST + timedelta(days=9)
SHOWN = {"period": "custom", "from": FIRST.isoformat(), "to": LAST.isoformat()}


def rated(agent, queue, good, bad):
    """Answers of the first day: so many of 5, and so many of 1, on a scale to 5."""
    for number, score in enumerate([5] * good + [1] * bad):
        call = a_call(queue, NINE + timedelta(minutes=number), agent=agent)
        SurveyResponse.objects.create(
            id=call.pk, source="test", call=call, site=queue.site, queue=queue, agent=agent,
            kind="csat", scale_min=1, scale_max=5, score=score, answered_at=NINE,
        )  # fmt: skip


@once.fixture
def team():
    """Six people: one whom nobody was satisfied with, five whom nearly everybody was."""
    queue = a_queue(a_site())
    people = [an_agent(queue.site, name) for name in "ABCDEF"]
    for agent in people[1:]:
        rated(agent, queue, good=19, bad=1)
    rated(people[0], queue, good=1, bad=19)
    made = a_team(queue.site, a_user("supervisor", queue.site), *people)
    rollups.rebuild()
    made.people, made.queue = people, queue
    return made


def ranges(team, **more):
    asked = {"people": [team.people[0].pk], "first": FIRST, "last": LAST} | more
    return ranking.Teams(team.site, choices=Choices(LAST), **asked).ranks("csat")


def test_a_certain_difference_makes_a_rank_and_a_wide_range_none(team):
    """A is certainly worse than the five, who share 1 to 5 of 6: over half the team."""
    assert ranges(team) == {team.people[0].pk: Rank(6, 6, 6)}
    assert ranking.words(Rank(6, 6, 6)) == "6 of 6"
    assert ranking.words(Rank(3, 7, 24)) == "3–7 of 24"


def test_who_was_not_in_the_team_on_the_last_day_is_not_ranked_in_it(team):
    TeamMembership.objects.filter(agent=team.people[5]).update(ends_on=LAST)
    assert ranges(team) == {team.people[0].pk: Rank(5, 5, 5)}
    TeamMembership.objects.filter(agent=team.people[4]).update(ends_on=LAST)
    assert ranges(team) == {}  # four are left
    TeamMembership.objects.filter(agent=team.people[0]).update(ends_on=LAST)
    assert ranges(team) == {}


def test_missed_rings_rank_by_days_and_fewer_are_better(team):
    """Ten days of ten rings each: A misses 6 or 8 of them, the others 0 or 2, on days of their
    own: what two agents share day by day tells nothing about either."""
    for place, agent in enumerate(team.people):
        for number in range(10):
            at = NINE + timedelta(days=number)
            call = a_call(team.queue, at, agent=agent)
            missed = 2 * ((number - place) % 10 < 5) + (6 if place == 0 else 0)
            Offer.objects.bulk_create(
                Offer(
                    id=uuid4(), call=call, agent=agent, starts_at=at + timedelta(seconds=ring),
                    outcome="no_answer" if ring < missed else "answered",
                )
                for ring in range(10)
            )  # fmt: skip
    rollups.rebuild()
    teams = ranking.Teams(team.site, [team.people[0].pk], FIRST, LAST, Choices(LAST))
    assert teams.ranks("missed_rate") == {team.people[0].pk: Rank(6, 6, 6)}
    short = ranking.Teams(
        team.site, [team.people[0].pk], FIRST, FIRST + timedelta(days=6), Choices(LAST)
    )
    assert short.ranks("missed_rate") == {}  # seven days tell nothing


def test_figures_in_a_team_are_those_of_the_report(team):
    rows = report.answer(
        Question(
            sites=[team.site], first=FIRST, last=LAST, by="agent", agents=team.people,
            kpis=ranking.RANKED,
        )
    )  # fmt: skip
    teams = ranking.Teams(team.site, [one.pk for one in team.people], FIRST, LAST, Choices(LAST))
    for row in rows:
        standing = teams.standing("csat", row.id)
        assert standing.own.value == row.figures["csat"].value
    assert standing.team == [0.05, *[0.95] * 5]
    assert standing.middle_half == (0.95, 0.95)


def test_the_agents_page_shows_the_ranges_and_exports_them(client, team):
    client.force_login(a_user("manager", team.site))
    page = client.get(reverse("agents"), SHOWN)
    ranks = {row.record["name"]: row.get_cell("rank") for row in page.context["table"].rows}
    said = f'6 of 6 <small class="mark">in {team.name}</small>'
    assert ranks == {"A": said, **dict.fromkeys("BCDEF", "–")}
    lines = b"".join(client.get(reverse("agents"), SHOWN | {"export": "csv"}).streaming_content)
    header, first, second, *_more = lines.decode("utf-8-sig").splitlines()
    assert header.endswith("csat rank best,csat rank worst,csat rank ranked,csat rank team")
    assert first.endswith(f",6,6,6,{team.name}")
    assert second.endswith(",,,,")
    # Rings of one day: no column of nothing, but why.
    one_day = SHOWN | {"to": FIRST.isoformat()}
    page = client.get(reverse("agents"), one_day | {"rank": "missed_rate"})
    assert "rank" not in page.context["table"].columns.names()
    assert "Nobody is ranked: rates of calls need 8 days." in page.content.decode()


@pytest.mark.parametrize("word", ["missed_rate", "aht", "x", ""])
def test_an_unknown_kpi_to_rank_by_is_as_none(client, team, word):
    client.force_login(a_user("manager", team.site))
    page = client.get(reverse("agents"), SHOWN | {"rank": word, "sort": "-rank"})
    assert page.status_code == 200
    assert page.context["ranked"] == ("missed_rate" if word == "missed_rate" else "csat")


def test_rows_sort_by_rank_and_who_has_none_comes_last(client, team):
    client.force_login(a_user("manager", team.site))
    for way in ("rank", "-rank"):
        rows = client.get(reverse("agents"), SHOWN | {"sort": way}).context["table"].rows
        assert rows[0].record["name"] == "A"


def test_an_agent_sees_the_own_range_and_nobodys_name(client, team):
    own, *others = team.people
    own.user = a_user("agent", team.site)
    own.save()
    client.force_login(own.user)
    page = client.get(reverse("agent", args=[own.pk]), SHOWN)
    (standing,) = page.context["standings"]
    assert (standing.own.value, standing.words) == (0.05, "6 of 6")
    text = page.content.decode()
    assert "Rank 6 of 6" in text
    assert "half of the 6 between 95.0" in text
    for other in others:
        assert f">{other.name}<" not in text


def test_a_team_of_four_shows_an_agent_nothing_of_the_others(client, team):
    TeamMembership.objects.filter(agent__in=team.people[4:]).update(ends_on=LAST)
    client.force_login(a_user("manager", team.site))
    page = client.get(reverse("agent", args=[team.people[0].pk]), SHOWN)
    assert page.context["standings"] == []
    assert "In the team" not in page.content.decode()


@pytest.mark.parametrize("people", [5, 20])
def test_an_agents_page_asks_the_same_of_a_small_team_as_of_a_large_one(
    client, django_assert_num_queries, people
):
    queue = a_queue(a_site())
    them = [an_agent(queue.site) for _ in range(people)]
    a_team(queue.site, None, *them)
    for agent in them:
        rated(agent, queue, good=1, bad=0)
    rollups.rebuild()
    client.force_login(a_user("manager", queue.site))
    # the last of them is that of the QA score
    with django_assert_num_queries(12):
        assert client.get(reverse("agent", args=[them[0].pk]), SHOWN).status_code == 200


def test_choices_of_a_day_before_any_membership_rank_nobody(team):
    assert ranges(team, first=date(1999, 1, 1), last=date(1999, 1, 9)) == {}
