"""Points: counted from what is on record, each reads their own, and others as they want it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from ccm.models import AuditEntry, TeamMembership
from coaching.models import (
    Badge,
    BadgeRule,
    Challenge,
    Course,
    CourseAssignment,
    Kudos,
    Leaderboard,
    LeaderboardChoice,
    PointsRule,
)
from coaching.points import counting, reads, services
from coaching.points.counting import Had, Worth
from tests.builders import NINE, a_site, a_team, a_user, an_agent

DAY = timedelta(days=1)
TODAY = NINE.date()  # 2 March 2026
SAID = {
    "thanks": 1, "badge": 5, "challenge": 10, "course": 3, "period": "quarter",
    "starts_on": date(2025, 1, 1),
}  # fmt: skip


def test_points_are_what_each_is_worth_times_how_many():
    assert counting.total(Had(4, 1, 2, 3), Worth(1, 5, 10, 3)) == 4 + 5 + 20 + 9
    assert counting.total(Had(4, 1, 2, 3), Worth(thanks=2)) == 8
    assert counting.total(Had(), Worth(1, 5, 10, 3)) == 0


@pytest.mark.parametrize(
    ("period", "starts_on", "today", "expected"),
    [
        ("month", date(2020, 1, 1), date(2026, 3, 31), date(2026, 3, 1)),
        ("quarter", date(2020, 1, 1), date(2026, 3, 31), date(2026, 1, 1)),
        ("quarter", date(2020, 1, 1), date(2026, 4, 1), date(2026, 4, 1)),
        ("quarter", date(2020, 1, 1), date(2026, 12, 31), date(2026, 10, 1)),
        ("year", date(2020, 1, 1), date(2026, 3, 31), date(2026, 1, 1)),
        ("year", date(2026, 3, 9), date(2026, 3, 31), date(2026, 3, 9)),  # begun anew
    ],
)
def test_they_begin_anew_with_each_period_and_not_before_the_team_did(
    period, starts_on, today, expected
):
    assert counting.since(period, starts_on, today) == expected


@given(
    st.sampled_from(("month", "quarter", "year")),
    st.dates(date(2000, 1, 1), date(2050, 12, 31)), st.dates(date(2000, 1, 1), date(2050, 12, 31)),
)  # fmt: skip
def test_the_beginning_is_within_the_period_and_stays_until_the_next(period, starts_on, today):
    first = counting.since(period, starts_on, today)
    assert first >= starts_on
    if first <= today and first > starts_on:
        assert first.day == 1
        assert counting.since(period, starts_on, first) == first


def test_of_few_without_a_name_nothing_is_told():
    assert counting.middle([1, 2, 3, 4]) is None
    assert counting.middle([9, 1, 2, 3, 4]) == 3


class Team:
    """Ann who signs in, Ben and five more."""

    def __init__(self):
        self.site = a_site()
        self.lead, self.me = a_user("supervisor"), a_user("agent")
        self.ann = an_agent(self.site, "Ann", user=self.me)
        self.ben = an_agent(self.site, "Ben")
        self.five = [an_agent(self.site, f"Five {n}") for n in range(5)]
        self.team = a_team(self.site, self.lead, self.ann, self.ben, *self.five)

    def rule(self, **more):
        return PointsRule.objects.create(team=self.team, **SAID | more)

    def thanks(self, agent, at=NINE - DAY):
        return Kudos.objects.create(site=self.site, agent=agent, words="Well", given_at=at)

    def board(self):
        return Leaderboard.objects.create(team=self.team, kpi="csat")

    def of(self, rule, me=None, now=NINE):
        return reads.of(rule, self.team, (me or self.ann).pk, now)

    def page(self, who):
        client = Client()
        client.force_login(who)
        with time_machine.travel(NINE, tick=False):
            return client.get(reverse("points"), {"team": self.team.pk})


@pytest.fixture
def floor(db):
    return Team()


def test_one_s_own_are_counted_from_what_is_on_record_in_the_period(floor):
    """Two thanks of this quarter (one of last year's is not), a badge, a challenge, a course."""
    rule = floor.rule()
    for at in (NINE - DAY, NINE - 2 * DAY, NINE - 90 * DAY):
        floor.thanks(floor.ann, at)
    badge = BadgeRule.objects.create(
        site=floor.site, name="Year", kind="years", number=1, made_at=NINE
    )
    Badge.objects.create(rule=badge, agent=floor.ann, given_on=TODAY)
    Challenge.objects.create(
        team=floor.team, name="Best", kpi="csat", first_on=TODAY - 30 * DAY,
        last_on=TODAY - 5 * DAY, reward="Cake", made_at=NINE, outcome="won", winner=floor.ann,
        decided_at=NINE - DAY,
    )  # fmt: skip
    course = Course.objects.create(site=floor.site, made_at=NINE)
    CourseAssignment.objects.create(
        course=course, user=floor.me, source="hand", state="done", due_on=TODAY,
        assigned_at=NINE, ended_at=NINE - DAY,
    )  # fmt: skip
    made = floor.of(rule)
    assert (made.own.had, made.own.total) == (Had(2, 1, 1, 1), 2 + 5 + 10 + 3)
    assert made.first == date(2026, 1, 1)
    Kudos.objects.filter(given_at=NINE - DAY).delete()
    assert floor.of(rule).own.total == 19
    assert floor.of(rule, now=NINE + 40 * DAY).own.total == 0
    rule.starts_on = TODAY
    assert floor.of(rule).own.had == Had(0, 1, 0, 0)


def test_colleagues_read_nothing_where_the_team_has_no_leaderboard(floor):
    rule = floor.rule()
    floor.thanks(floor.ben)
    LeaderboardChoice.objects.create(agent=floor.ben, shows_name=True)
    made = floor.of(rule)
    assert (made.is_shared, made.named, made.middle) == (False, [], None)
    assert "Ben" not in floor.page(floor.me).content.decode()


def test_by_name_stand_those_who_want_it_and_who_is_off_is_in_none_of_it(floor):
    """Ben wants his name; of five without one the middle is told, of four not."""
    rule = floor.rule()
    floor.board()
    for many, agent in enumerate([floor.ben, *floor.five]):
        for _turn in range(many):
            floor.thanks(agent)
    LeaderboardChoice.objects.create(agent=floor.ben, shows_name=True)
    made = floor.of(rule)
    assert [one.name for one in made.named] == ["Ben"]
    assert (made.nameless, made.middle) == (5, 3)
    off = LeaderboardChoice.objects.create(agent=floor.five[4], is_off=True)
    assert (floor.of(rule).nameless, floor.of(rule).middle) == (4, None)
    said = floor.page(floor.me).content.decode()
    assert "Ben" in said
    assert "Five" not in said
    assert "Five" not in floor.page(floor.lead).content.decode()
    own = floor.of(rule, floor.five[4])
    assert (own.own.total, own.is_shared, own.named) == (5, False, [])
    off.delete()


def test_a_team_has_none_until_who_leads_it_wants_some_and_the_log_has_it(floor):
    assert "The team has no points" in floor.page(floor.me).content.decode()
    services.keep(floor.team, SAID, 0, floor.lead, NINE)
    services.keep(floor.team, SAID, 0, floor.lead, NINE)
    with pytest.raises(ValidationError):
        services.keep(floor.team, SAID | {"badge": 9}, 0, floor.lead, NINE)
    services.remove(floor.team, floor.lead, NINE)
    services.remove(floor.team, floor.lead, NINE)
    assert not PointsRule.objects.exists()
    assert AuditEntry.objects.filter(model="coaching.pointsrule").count() == 2


def test_the_form_keeps_what_it_is_told_and_refuses_what_cannot_be(floor):
    client = Client()
    client.force_login(floor.lead)
    url = f"{reverse('points_change')}?team={floor.team.pk}"
    with time_machine.travel(NINE, tick=False):
        said = SAID | {"asked_revision": 0}
        nothing = dict.fromkeys(("thanks", "badge", "challenge", "course"), 0)
        page = client.post(url, said | nothing)
        assert "Something must be worth a point" in page.content.decode()
        page = client.post(url, said | {"starts_on": TODAY + DAY})
        assert "Nothing is counted from a day to come" in page.content.decode()
        assert client.post(url, said).status_code == 302
    assert PointsRule.objects.get().badge == 5
    client.force_login(floor.me)
    assert client.get(url).status_code == 404


@pytest.mark.django_db
def test_the_database_refuses_points_for_nothing():
    team = a_team(a_site())
    with pytest.raises(IntegrityError), transaction.atomic():
        PointsRule.objects.create(
            team=team, **SAID | {"thanks": 0, "badge": 0, "challenge": 0, "course": 0}
        )


@pytest.mark.parametrize("more", [0, 23])
def test_the_page_asks_the_same_of_seven_as_of_thirty(floor, django_assert_max_num_queries, more):
    for number in range(more):
        agent = an_agent(floor.site, f"More {number}")
        TeamMembership.objects.create(agent=agent, team=floor.team, starts_on=TODAY)
    floor.rule()
    floor.board()
    client = Client()
    client.force_login(floor.me)
    with time_machine.travel(NINE, tick=False), django_assert_max_num_queries(10):
        page = client.get(reverse("points"))
    assert page.context["points"].nameless == 6 + more
