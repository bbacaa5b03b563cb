"""A challenge is decided by a rule that was said before it began, and may be too close to call."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, TeamMembership
from ccm.signals import names_merged
from coaching.challenges import reads, services
from coaching.challenges.services import Rule
from coaching.leaderboards import services as wishes
from coaching.models import Challenge
from coaching.tasks import decide_challenges
from kpis import rollups
from tests.builders import NINE, a_queue, a_team, a_user, an_agent
from tests.coaching.leaderboards.test_leaderboards import rated

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SUNDAY, MONDAY = NINE.date() - DAY, NINE.date()
BEFORE, OVER = NINE - 2 * DAY, NINE + 11 * DAY


class Floor:
    """A team of six, of whom Ann alone is much praised where `is_clear`; else all are alike."""

    def __init__(self, *, is_clear=True):
        self.queue = a_queue()
        self.site = self.queue.site
        self.lead, self.me, self.mate = a_user("supervisor"), a_user("agent"), a_user("agent")
        self.people = [
            an_agent(self.site, "Ann", user=self.me),
            an_agent(self.site, "Ben", user=self.mate),
            *(an_agent(self.site, f"B{number}") for number in range(4)),
        ]
        self.team = a_team(self.site, self.lead, *self.people)
        for place, one in enumerate(self.people):
            good = 20 if place == 0 and is_clear else 6
            rated(one, self.queue, good, 20 - good)
        rollups.rebuild()

    def challenge(self, at=BEFORE, **more):
        said = {
            "team": self.team, "name": "Best CSAT", "kpi": "csat", "first_on": MONDAY,
            "last_on": MONDAY + 6 * DAY, "fewest": 10, "reward": "A day off", **more,
        }  # fmt: skip
        return services.register(Rule(**said), self.lead, at)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def page(user, one, at=OVER):
    with time_machine.travel(at, tick=False):
        return text(signed_in(user).get(reverse("challenge", args=[one.pk])))


def test_it_is_registered_before_it_begins_and_stays_as_it_was():
    floor = Floor()
    sent = {
        "name": "Best CSAT", "team": floor.team.pk, "kpi": "csat", "first_on": "2026-03-02",
        "last_on": "2026-08-31", "fewest": "10", "reward": "A day off",
    }  # fmt: skip
    with time_machine.travel(BEFORE, tick=False):
        client = signed_in(floor.lead)
        for _ in range(2):
            client.post(reverse("challenge_new"), sent)
        one = Challenge.objects.get()
        assert AuditEntry.objects.filter(model="coaching.challenge").count() == 1
        late = client.post(reverse("challenge_new"), sent | {"first_on": "2026-02-28"})
        assert list(late.context["form"].errors) == ["first_on"]
        long = client.post(reverse("challenge_new"), sent | {"last_on": "2027-03-03"})
        assert list(long.context["form"].errors) == ["last_on"]
    assert one.made_by == floor.lead
    # Whatever writes it.
    for name, value in (("kpi", "nps"), ("fewest", 1), ("reward", "Nothing"), ("last_on", MONDAY)):
        with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
            Challenge.objects.filter(pk=one.pk).update(**{name: value})
    for wrong in ({"outcome": "won"}, {"given_at": NINE}, {"decided_at": NINE}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Challenge.objects.filter(pk=one.pk).update(**wrong)


def test_it_is_called_off_before_it_begins_and_not_after():
    floor = Floor()
    one = floor.challenge()
    with pytest.raises(ValidationError, match="It has begun"):
        services.call_off(one.pk, floor.lead, NINE)
    services.call_off(one.pk, floor.lead, BEFORE)
    services.call_off(one.pk, floor.lead, BEFORE)
    assert not Challenge.objects.exists()


def test_who_is_certainly_the_best_has_won_and_the_reward_is_given_once():
    floor = Floor()
    one = floor.challenge()
    assert "1 of 6" in page(floor.me, one, NINE + 2 * DAY)
    # Three days after its last day, Sunday the 8th, are over on the 12th.
    assert not services.decide(one.pk, NINE + 9 * DAY).outcome
    with time_machine.travel(NINE + 10 * DAY, tick=False):
        decide_challenges()
        decide_challenges()
    one.refresh_from_db()
    assert (one.outcome, one.winner) == ("won", floor.people[0])
    assert AuditEntry.objects.filter(model="coaching.challenge").count() == 2
    # Their name is theirs to show: to colleagues they are one.
    assert "<b>a colleague</b>" in page(floor.mate, one)
    assert "<b>you</b>" in page(floor.me, one)
    assert "<b>Ann</b>" in page(floor.lead, one)
    wishes.choose(floor.people[0], is_off=False, shows_name=True)
    assert "<b>Ann</b>" in page(floor.mate, one)
    with time_machine.travel(OVER, tick=False):
        url = reverse("challenge_give", args=[one.pk])
        assert signed_in(floor.mate).post(url).status_code == 404
        for _ in range(2):
            signed_in(floor.lead).post(url)
    assert AuditEntry.objects.filter(model="coaching.challenge").count() == 3
    assert "reward given" in page(floor.me, one)
    # Two who become one have won it still.
    names_merged.send(Agent, loser=floor.people[0].pk, keeper=floor.people[1].pk)
    one.refresh_from_db()
    assert one.winner == floor.people[1]


TWO_MONTHS = {"first_on": date(2026, 3, 1), "last_on": date(2026, 4, 30), "at": BEFORE - DAY}
LATER = NINE + 70 * DAY


def test_who_asks_for_each_month_lets_nobody_win_who_was_little_known_in_one():
    # Ann is best over March and April by what March alone tells: of April nothing is known.
    floor = Floor()
    whole = floor.challenge(**TWO_MONTHS)
    each = floor.challenge(**TWO_MONTHS, each_month=True, name="Each")
    assert services.decide(whole.pk, LATER).outcome == "won"
    services.decide(each.pk, LATER)
    each.refresh_from_db()
    assert (each.outcome, each.missed_in, each.winner) == ("broke", date(2026, 4, 1), None)
    said = page(floor.lead, each, LATER)
    assert "in April 2026 another was certainly better" in said
    # Who was the best agreed to a place, perhaps, and to no figure.
    assert "Who may be the best" not in said
    assert "100.0" not in said
    with pytest.raises(DatabaseError, match="stays as it was"), transaction.atomic():
        Challenge.objects.filter(pk=each.pk).update(each_month=False)


def test_who_is_ahead_in_one_month_and_behind_in_none_wins_where_each_is_asked_for():
    # 220 of 220 in March; in April all have 10 of 20: nobody is behind anybody.
    floor = Floor()
    rated(floor.people[0], floor.queue, 200, 0, day=1)
    for one in floor.people:
        rated(one, floor.queue, 10, 10, day=30)
    rollups.rebuild()
    one = floor.challenge(**TWO_MONTHS, each_month=True)
    assert services.decide(one.pk, LATER).outcome == "won"


def test_who_is_certainly_behind_in_a_month_has_not_won_wherever_they_were_in_it():
    # In March Ann, who was of no team then, has 6 of 120 and the others 106 of 120; over both
    # months 1,006 of 1,120 against 106 of 220.
    floor = Floor(is_clear=False)
    TeamMembership.objects.filter(agent=floor.people[0]).update(starts_on=date(2026, 4, 1))
    for place, one in enumerate(floor.people):
        rated(one, floor.queue, 0 if place == 0 else 100, 100 if place == 0 else 0, day=1)
        rated(one, floor.queue, 1000 if place == 0 else 0, 0 if place == 0 else 100, day=30)
    rollups.rebuild()
    one = services.decide(floor.challenge(**TWO_MONTHS, each_month=True).pk, LATER)
    assert (one.outcome, one.missed_in) == ("broke", date(2026, 3, 1))


def test_each_month_is_asked_for_of_whole_months_alone():
    assert reads.months(date(2025, 12, 1), date(2026, 2, 28)) == [
        (date(2025, 12, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
    ]
    floor = Floor()
    for first, last in (
        (date(2026, 4, 2), date(2026, 5, 31)),
        (date(2026, 4, 1), date(2026, 5, 30)),
        (date(2026, 4, 1), date(2026, 4, 30)),
    ):
        with pytest.raises(ValidationError, match="the first of a month"):
            floor.challenge(first_on=first, last_on=last, each_month=True)
    floor.challenge(first_on=date(2026, 4, 1), last_on=date(2027, 3, 31), each_month=True)


def test_of_two_who_may_be_the_best_no_figure_is_told():
    floor = Floor(is_clear=False)
    for one in floor.people[:2]:
        rated(one, floor.queue, 200, 0, day=1)
    rollups.rebuild()
    one = floor.challenge()
    assert services.decide(one.pk, OVER).outcome == "close"
    said = page(floor.people[2].user or floor.lead, one)
    assert "2 of them may be the best" in said
    assert "95 % interval" not in said


def test_where_nobody_is_certainly_the_best_it_is_too_close_to_call():
    floor = Floor(is_clear=False)
    one = floor.challenge()
    assert services.decide(one.pk, OVER).outcome == "close"
    said = page(floor.mate, one)
    assert "Too close to call" in said
    # 6 of 20 are 30 %, by Wilson's interval 14.5 to 51.9 %: of each of six, without a name.
    row = r"<b>30\.0\s%</b></td><td [^>]*>14\.5\s% – 51\.9\s%</td><td [^>]*>20</td>"
    assert len(re.findall(row, said)) == 6
    assert said.count('scope="row">a colleague</th>') == 5
    assert said.count('scope="row">you</th>') == 1
    wishes.choose(floor.people[5], is_off=False, shows_name=True)
    for colleague in ("Ann", "B0", "B3"):
        assert colleague not in page(floor.mate, one)
    # Who leaves it out is in it no more, and of four nobody's figure is told.
    wishes.choose(floor.people[0], is_off=True, shows_name=False)
    assert len(re.findall(row, page(floor.lead, one))) == 5
    wishes.choose(floor.people[2], is_off=True, shows_name=False)
    said = page(floor.lead, one)
    assert "30.0" not in said
    assert "fewer than five who were compared take part still" in said
    with pytest.raises(ValidationError, match="Nobody has won"):
        services.give(one.pk, floor.lead, OVER)


def test_one_that_fails_holds_up_no_other(monkeypatch, caplog):
    floor = Floor()
    first, second = floor.challenge(), floor.challenge(name="Again")
    decide = services.decide

    def broken(pk, now):
        if pk == first.pk:
            raise RuntimeError("broken")
        return decide(pk, now)

    monkeypatch.setattr(services, "decide", broken)
    assert services.decide_due(OVER) == 1
    assert Challenge.objects.get(pk=second.pk).outcome == "won"
    assert f"deciding challenge {first.pk} failed" in caplog.text


def test_who_wants_no_leaderboard_takes_no_part_and_of_few_nobody_wins():
    floor = Floor()
    one = floor.challenge()
    wishes.choose(floor.people[0], is_off=True, shows_name=False)
    with time_machine.travel(OVER, tick=False):
        assert signed_in(floor.me).get(reverse("challenge", args=[one.pk])).status_code == 404
    wishes.choose(floor.people[1], is_off=True, shows_name=False)
    assert services.decide(one.pk, OVER).outcome == "few"
    assert "Fewer than five could be compared" in page(floor.lead, one)


def test_who_has_left_leaderboards_out_reads_that_and_not_that_there_is_no_challenge():
    floor = Floor()
    floor.challenge()
    wishes.choose(floor.people[0], is_off=True, shows_name=False)
    with time_machine.travel(BEFORE, tick=False):
        mine, others = (
            text(signed_in(user).get(reverse("challenges"))) for user in (floor.me, floor.mate)
        )
    assert "You have left leaderboards out" in mine
    assert f'href="{reverse("leaderboard")}">Your choice<' in mine
    assert "There is no challenge" not in mine
    assert "Best CSAT" in others
    assert "left leaderboards out" not in others


def test_another_teams_is_not_there():
    floor = Floor(is_clear=False)
    one = floor.challenge()
    stranger, other = a_user("agent"), a_user("supervisor")
    an_agent(floor.site, user=stranger)
    a_team(floor.site, other)
    with time_machine.travel(NINE, tick=False):
        for user in (stranger, other, a_user("planner", floor.site)):
            url = reverse("challenge", args=[one.pk])
            assert signed_in(user).get(url).status_code == 404


@pytest.mark.parametrize("many", [1, 15])
def test_the_list_asks_the_same_of_one_as_of_fifteen(many, django_assert_max_num_queries):
    queue = a_queue()
    me = a_user("agent")
    team = a_team(queue.site, None, an_agent(queue.site, user=me))
    for number in range(many):
        Challenge.objects.create(
            team=team, name=f"No. {number}", kpi="csat", first_on=SUNDAY, last_on=MONDAY,
            reward="x", made_at=NINE,
        )  # fmt: skip
    client = signed_in(me)
    with time_machine.travel(NINE, tick=False), django_assert_max_num_queries(12):
        client.get(reverse("challenges"))
