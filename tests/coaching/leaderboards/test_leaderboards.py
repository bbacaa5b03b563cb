"""A team's leaderboard: ranges of ranks, of colleagues without names, never of who wants none."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, SurveyResponse
from ccm.signals import names_merged
from coaching.leaderboards import reads, services
from coaching.models import Leaderboard, LeaderboardChoice
from kpis import rollups
from kpis.noise import Rank
from tests.builders import NINE, a_queue, a_team, a_user, an_agent, many_calls, unsaved_call

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
AFTER = NINE + 7 * DAY


def rated(agent, queue, good, bad, day=0):
    """So many answers of 5 and so many of 1, so many days after Monday."""
    at = NINE + day * DAY
    scores = [5] * good + [1] * bad
    calls = [
        unsaved_call(queue, at + timedelta(minutes=number), agent=agent)
        for number in range(len(scores))
    ]
    many_calls(calls)
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            id=call.pk, source="test", call=call, site=queue.site, queue=queue, agent=agent,
            kind="csat", scale_min=1, scale_max=5, score=score, answered_at=at,
        )
        for call, score in zip(calls, scores, strict=True)
    )  # fmt: skip


class Team:
    """Seven people: Ann whom nobody was satisfied with, five whom nearly everybody was, and Gil of
    whom little is known. Of the six Ann is certainly the last, and the five are too close."""

    def __init__(self):
        self.queue = a_queue()
        self.site = self.queue.site
        self.lead, self.me = a_user("supervisor"), a_user("agent")
        self.people = [
            an_agent(self.site, "Ann", user=self.me),
            *(an_agent(self.site, f"B{number}") for number in range(5)),
            an_agent(self.site, "Gil"),
        ]
        self.team = a_team(self.site, self.lead, *self.people)
        rated(self.people[0], self.queue, 1, 19)
        for one in self.people[1:6]:
            rated(one, self.queue, 19, 1)
        rated(self.people[6], self.queue, 0, 3)
        rollups.rebuild()

    def board(self, **more):
        said = {"kpi": "csat", "weeks": 4, "fewest": 10, **more}
        services.keep(self.team, said, 0, self.lead, NINE)
        return Leaderboard.objects.select_related("team__site").get(team=self.team)


@pytest.fixture
def team():
    return Team()


@pytest.fixture(autouse=True)
def after():
    with time_machine.travel(AFTER, tick=False):
        yield


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def page(user):
    return text(signed_in(user).get(reverse("leaderboard")))


def test_a_team_has_one_where_who_leads_it_wants_one(team):
    assert "The team has no leaderboard" in page(team.me)
    url = f"{reverse('leaderboard_change')}?team={team.team.pk}"
    sent = {"kpi": "csat", "weeks": "4", "fewest": "10", "asked_revision": "0"}
    client = signed_in(team.lead)
    client.post(url, sent)
    client.post(url, sent)
    assert AuditEntry.objects.filter(model="coaching.leaderboard").count() == 1
    assert "6 of 6" in page(team.me)
    refused = client.post(url, sent | {"weeks": "5"})
    assert "Somebody has changed it meanwhile" in text(refused)
    assert list(client.post(url, sent | {"kpi": "aht"}).context["form"].errors) == ["kpi"]
    assert signed_in(team.me).get(url).status_code == 404
    for _ in range(2):
        client.post(f"{reverse('leaderboard_remove')}?team={team.team.pk}")
    assert "The team has no leaderboard" in page(team.me)
    assert AuditEntry.objects.filter(model="coaching.leaderboard").count() == 2


def test_ranks_are_ranges_of_those_of_whom_enough_is_known(team):
    found = reads.standing(team.board(), team.people[0].pk, AFTER)
    # Gil has three answers: he is not among the six, and the five are 1-5 of 6, over half of them.
    assert (found.taking_part, found.too_close) == (6, 5)
    assert [(one.rank, one.is_own) for one in found.places] == [(Rank(6, 6, 6), True)]
    assert found.own_is_enough
    assert (str(found.first), str(found.last)) == ("2026-02-09", "2026-03-08")
    Leaderboard.objects.update(fewest=30)
    few = reads.standing(Leaderboard.objects.select_related("team__site").get(), None, AFTER)
    assert (few.why, few.places) == ("few", [])


def test_others_are_colleagues_unless_they_want_their_name_there(team):
    team.board()
    assert "Ann" not in page(team.lead)
    client = signed_in(team.me)
    client.post(reverse("leaderboard_choose"), {"wish": "name"})
    assert "Ann" in page(team.lead)
    client.post(reverse("leaderboard_choose"), {"wish": "nameless"})
    assert "Ann" not in page(team.lead)
    # To oneself one is "you" anyway.
    assert "you</span>" in page(team.me)
    assert "your place is 6 of 6" in page(team.me)


def test_nobody_stands_last_alone_without_a_name(team, monkeypatch):
    board = team.board()
    # Ann is certainly the last of six: whoever reads that everybody knows who it is.
    assert reads.standing(board, None, AFTER).places == []
    assert "There are no ranks to tell" in page(team.lead)
    # Of two without a name each may be either; the reader has no rank, and is told so.
    ranks = {one.pk: Rank(6, 7, 7) for one in team.people[1:3]}
    monkeypatch.setattr("kpis.ranking.Teams.ranges", lambda *_asked: ranks)
    said = page(team.me)
    assert said.count("a colleague who wants no name here") == 2
    assert "too close to the others to have a rank </span>" in said.replace("rank</", "rank </")
    assert "you among them" in said


def test_the_only_one_without_a_name_is_not_told_by_the_names_of_all_others(team, monkeypatch):
    board = team.board()
    ranks = {one.pk: Rank(at, at, 7) for at, one in enumerate(team.people, start=1)}
    monkeypatch.setattr("kpis.ranking.Teams.ranges", lambda *_asked: ranks)
    ann, ben, *others = team.people
    for one in others:
        services.choose(one, is_off=False, shows_name=True)

    def named(me=None):
        return {one.name for one in reads.standing(board, me, AFTER).places} - {""}

    # Ann and Ben are two: nobody knows which is which. To Ann, Ben would be the only one.
    assert named() == {one.name for one in others}
    assert named(ann.pk) == {"Ann"}
    services.choose(ben, is_off=False, shows_name=True)
    assert named() == set()
    assert named(ann.pk) == {one.name for one in team.people}


def test_who_is_off_is_in_nobodys_list_and_sees_none(team):
    board = team.board()
    client = signed_in(team.me)
    before = client.get(reverse("leaderboard")).content.decode()
    assert "ends your part in challenges, too" in before
    said = client.post(reverse("leaderboard_choose"), {"wish": "off"}, follow=True)
    assert "in no leaderboard and in no challenge" in said.content.decode()
    found = reads.standing(board, None, AFTER)
    # The five that are left are too close to each other, and Ann counts in no rank of theirs.
    assert (found.taking_part, found.why) == (5, "close")
    said = page(team.me)
    assert "You stand in none, and see none." in said
    assert "too close" not in said
    # With four who take part nobody is ranked.
    services.choose(team.people[1], is_off=True, shows_name=True)
    assert reads.standing(board, None, AFTER).why == "few"
    assert not LeaderboardChoice.objects.filter(shows_name=True).exists()
    client.post(reverse("leaderboard_choose"), {"wish": "nameless"})
    assert "You stand in none" not in page(team.me)


def test_another_teams_is_not_there(team):
    team.board()
    stranger = a_user("agent")
    an_agent(team.site, user=stranger)
    other = a_user("supervisor")
    a_team(team.site, other)
    for user in (stranger, other):
        url = f"{reverse('leaderboard')}?team={team.team.pk}"
        assert signed_in(user).get(url).status_code == 404
    assert "You are in no team" in page(stranger)
    assert signed_in(team.lead).post(reverse("leaderboard_choose")).status_code == 404


def test_who_was_off_under_either_name_is_off_when_two_become_one(team):
    ann, ben, cid = team.people[:3]
    services.choose(ann, is_off=False, shows_name=True)
    services.choose(ben, is_off=True, shows_name=False)
    names_merged.send(Agent, loser=ben.pk, keeper=ann.pk)
    assert [(one.agent, one.is_off) for one in LeaderboardChoice.objects.all()] == [(ann, True)]
    names_merged.send(Agent, loser=ann.pk, keeper=cid.pk)
    assert [(one.agent, one.is_off) for one in LeaderboardChoice.objects.all()] == [(cid, True)]


def test_a_board_that_somebody_changed_meanwhile_is_refused(team):
    team.board()
    with pytest.raises(ValidationError, match="meanwhile"):
        services.keep(team.team, {"kpi": "nps", "weeks": 4, "fewest": 1}, 0, team.lead, NINE)


@pytest.mark.parametrize("many", [5, 12])
def test_the_page_asks_the_same_of_five_as_of_twelve(many, django_assert_max_num_queries):
    site = a_queue().site
    lead = a_user("supervisor")
    people = [an_agent(site) for _ in range(many)]
    made = a_team(site, lead, *people)
    services.keep(made, {"kpi": "csat", "weeks": 4, "fewest": 1}, 0, lead, NINE)
    client = signed_in(lead)
    with django_assert_max_num_queries(12):
        client.get(reverse("leaderboard"))
