"""Badges are given by rules, once, are never taken back, and are their owners' to show."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from ccm.models import Agent, AuditEntry, User
from ccm.signals import names_merged
from coaching.badges import giving, reads, services
from coaching.badges.services import Asked
from coaching.models import Badge, BadgeRule
from coaching.tasks import give_badges
from kpis import rollups
from tests.builders import (
    NINE,
    a_call,
    a_queue,
    a_site,
    a_team,
    a_user,
    an_agent,
    many_calls,
    unsaved_call,
)
from tests.qa.after.builders import House, drawn_call
from tests.qa.after.test_listed import found_with_facts
from tests.qa.builders import an_evaluation, finished

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False):
        yield


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def a_rule(site, kind="years", number=1, **more):
    said = {"site": site, "name": f"{kind} {number}", "kind": kind, "number": number, **more}
    return services.make(Asked(**said), a_user("manager", site), NINE)


def given():
    return sorted((one.rule.name, one.agent.name) for one in Badge.objects.select_related())


def test_years_are_given_once_and_never_taken_back():
    site = a_site()
    ann, ben = an_agent(site, "Ann"), an_agent(site, "Ben")
    gone, elsewhere = an_agent(site, "Gone"), an_agent(a_site(), "Far")
    for one, hired in ((ann, 2020), (ben, 2026), (gone, 2020), (elsewhere, 2020)):
        Agent.objects.filter(pk=one.pk).update(hired_on=date(hired, 3, 1))
    Agent.objects.filter(pk=gone.pk).update(left_on=NINE.date())
    # Whose last day is known is there until then.
    Agent.objects.filter(pk=ann.pk).update(left_on=NINE.date() + DAY)
    rule = a_rule(site, number=5)
    give_badges()
    give_badges()
    assert given() == [("years 5", "Ann")]
    badge = Badge.objects.get()
    assert (badge.given_on, badge.reached_on) == (NINE.date(), date(2025, 3, 1))
    # The day that they came was wrong: they keep it. And once it is ended nobody is given it.
    Agent.objects.filter(pk=ann.pk).update(hired_on=date(2025, 3, 1))
    services.end(rule.pk, a_user("admin"), NINE)
    Agent.objects.filter(pk=ben.pk).update(hired_on=date(2001, 3, 1))
    give_badges()
    assert given() == [("years 5", "Ann")]


def test_a_site_that_fails_holds_up_no_other(monkeypatch, caplog):
    sites = [a_site(), a_site()]
    for site in sites:
        Agent.objects.filter(pk=an_agent(site, site.name).pk).update(hired_on=date(2020, 3, 1))
        a_rule(site, number=5)
    give = giving.give

    def broken(site, now):
        if site == sites[0]:
            raise RuntimeError("broken")
        return give(site, now)

    monkeypatch.setattr(giving, "give", broken)
    give_badges()
    assert given() == [("years 5", sites[1].name)]
    assert f"badges of {sites[0].slug} failed" in caplog.text


def test_calls_are_counted_up_to_yesterday():
    queue = a_queue()
    ann, ben = an_agent(queue.site, "Ann"), an_agent(queue.site, "Ben")
    many_calls(
        [
            unsaved_call(queue, NINE - DAY * 40, agent=ann),
            unsaved_call(queue, NINE - DAY, agent=ann),
        ]
        + [unsaved_call(queue, NINE - DAY, agent=ben), unsaved_call(queue, NINE, agent=ben)]
        + [unsaved_call(queue, NINE - DAY, outcome="abandoned") for _ in range(3)]
    )
    rollups.rebuild()
    a_rule(queue.site, "calls", 2)
    give_badges()
    assert given() == [("calls 2", "Ann")]
    a_rule(queue.site, "calls", 1)
    give_badges()
    reached = {one.rule.number: one.day for one in Badge.objects.filter(agent=ann)}
    assert reached == {1: (NINE - DAY * 40).date(), 2: (NINE - DAY).date()}
    Badge.objects.filter(rule__number=1).delete()
    BadgeRule.objects.filter(number=1).delete()
    with time_machine.travel(NINE + DAY, tick=False):
        give_badges()
    assert given() == [("calls 2", "Ann"), ("calls 2", "Ben")]


def test_months_of_good_reviews_are_of_drawn_calls_and_released():
    """A review of January and one of February of each: of calls that chance drew and released, of
    such that are not released, and of calls that somebody picked."""
    house = House()
    people = [house.agent, an_agent(house.site, "Ben"), an_agent(house.site, "Cid")]
    for agent, state, is_drawn in zip(
        people, ("released", "finished", "released"), (True, True, False), strict=True
    ):
        for at in (NINE - 40 * DAY, NINE - 10 * DAY):
            call = a_call(house.queue, at, agent=agent)
            more = {"kind": "drawn", "drawn": drawn_call(house, call)} if is_drawn else {}
            one = an_evaluation(call, house.reviewer, **more)
            finished(one, "0.95", state=state, released_at=NINE)
    a_rule(house.site, "reviews", 2, percent=95, fewest=1)
    a_rule(house.site, "reviews", 3, percent=95, fewest=1)
    a_rule(house.site, "reviews", 1, percent=96, fewest=1)
    give_badges()
    assert given() == [("reviews 2", house.agent.name)]
    assert Badge.objects.get().day == date(2026, 2, 28)


def test_a_badge_is_seen_by_its_owner_and_by_the_team_where_they_wish():
    site = a_site()
    lead, me, mate, stranger = (
        a_user("supervisor"), a_user("agent"), a_user("agent"), a_user("agent"),
    )  # fmt: skip
    ann = an_agent(site, "Ann", user=me)
    a_team(site, lead, ann, an_agent(site, "Ben", user=mate))
    an_agent(site, "Cid", user=stranger)
    Agent.objects.filter(pk=ann.pk).update(hired_on=date(2020, 1, 1))
    a_rule(site, number=5)
    give_badges()
    one = Badge.objects.get()
    manager = a_user("manager", site)
    others = (mate, lead, manager, a_user("admin"))

    def sees(user):
        return "Ann" in text(signed_in(user).get(reverse("badges")))

    # It counts beside its entry until whoever has it reads of it.
    assert [reads.count(User.objects.get(pk=user.pk)) for user in (me, mate)] == [1, 0]
    assert reads.count(found_with_facts(me, reads.facts())) == 1
    signed_in(lead).get(reverse("badges"))
    mine = text(signed_in(me).get(reverse("badges")))
    assert reads.count(found_with_facts(me, reads.facts())) == 0
    assert "5 years in the centre" in mine
    assert "only you see it" in mine
    assert not any(sees(user) for user in (*others, stranger))
    url = reverse("badge_show", args=[one.pk])
    for user in (*others, stranger):
        assert signed_in(user).post(url, {"show": "1"}).status_code == 404
    signed_in(me).post(url, {"show": "1"})
    assert all(sees(user) for user in others)
    assert not sees(stranger)
    signed_in(me).post(url, {"show": "0"})
    assert not sees(mate)


def test_who_manages_a_site_says_what_one_is_given_for_and_ends_it():
    site = a_site()
    manager = a_user("manager", site)
    url = f"{reverse('badge_new')}?site={site.slug}"
    client = signed_in(manager)
    sent = {"name": "Careful", "kind": "reviews", "number": "3", "percent": "90", "fewest": "2"}
    for _ in range(2):
        client.post(url, sent)
    one = BadgeRule.objects.get()
    assert (one.kind, one.number, one.percent, one.fewest) == ("reviews", 3, 90, 2)
    assert list(client.post(url, sent | {"percent": ""}).context["form"].errors) == ["percent"]
    assert list(
        client.post(url, sent | {"kind": "years", "number": "61"}).context["form"].errors
    ) == ["number"]
    # Of years nothing is said of reviews.
    client.post(url, sent | {"kind": "years", "name": "Two years", "number": "2"})
    assert BadgeRule.objects.get(kind="years").percent is None
    said = text(client.get(reverse("badges")))
    assert "3 months in a row with 2 reviews or more, each of at least 90 %" in said
    for _ in range(2):
        client.post(reverse("badge_end", args=[one.pk]))
    assert "Careful" not in text(client.get(reverse("badges")))
    assert AuditEntry.objects.filter(model="coaching.badgerule").count() == 3
    other = signed_in(a_user("manager", a_site()))
    assert other.post(reverse("badge_end", args=[one.pk])).status_code == 404


def test_of_two_who_become_one_each_badge_stays_once_since_the_earlier_day():
    site = a_site()
    ann, ben = an_agent(site), an_agent(site)
    both, hers = a_rule(site, number=1), a_rule(site, number=2)
    Badge.objects.create(rule=both, agent=ann, given_on=date(2025, 1, 1))
    Badge.objects.create(rule=both, agent=ben, given_on=date(2026, 1, 1), is_shown=True)
    Badge.objects.create(rule=hers, agent=ann, given_on=date(2025, 2, 2))
    names_merged.send(Agent, loser=ann.pk, keeper=ben.pk)
    assert {(one.rule, one.agent, one.given_on, one.is_shown) for one in Badge.objects.all()} == {
        (both, ben, date(2025, 1, 1), True), (hers, ben, date(2025, 2, 2), False),
    }  # fmt: skip


@pytest.mark.parametrize("many", [1, 20])
def test_the_page_asks_the_same_of_one_as_of_twenty(many, django_assert_max_num_queries):
    site = a_site()
    me = a_user("agent")
    ann = an_agent(site, user=me)
    mates = [an_agent(site) for _ in range(many)]
    a_team(site, None, ann, *mates)
    rule = a_rule(site)
    for one in (ann, *mates):
        Badge.objects.create(rule=rule, agent=one, given_on=NINE.date(), is_shown=True)
    client = signed_in(me)
    with django_assert_max_num_queries(12):
        page = client.get(reverse("badges"))
    assert len(page.context["rows"]) == many
