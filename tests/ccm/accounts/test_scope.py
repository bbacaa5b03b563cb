"""What somebody reaches by who they are and whom they lead, and since when."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from ccm.access import be_as_signed_in, scope_of
from ccm.models import Agent, TeamLead, User
from tests.builders import a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db


def read_anew(user):
    return User.objects.get(pk=user.pk)


def test_who_is_not_signed_in_or_no_longer_has_an_account_reaches_nothing():
    site = a_site()
    manager = a_user("manager", site)
    an_agent(site)
    assert Agent.objects.visible_to(read_anew(manager)).count() == 1
    manager.is_active = False
    manager.save()
    for nobody in (AnonymousUser(), read_anew(manager)):
        assert scope_of(nobody) == scope_of(AnonymousUser())
        assert not Agent.objects.visible_to(nobody).exists()


@pytest.mark.parametrize(
    ("since", "until", "reaches"),
    [(None, None, 1), (-5, None, 1), (0, 1, 1), (1, None, 0), (-5, -1, 0), (-5, 0, 0)],
)
def test_who_leads_a_team_reaches_it_from_the_first_day_to_the_one_before_the_end(
    since, until, reaches
):
    site = a_site(zone="UTC")
    lead = a_user("supervisor", site)
    team = a_team(site, None, an_agent(site))
    today: date = timezone.now().date()

    def day(apart):
        return None if apart is None else today + timedelta(days=apart)

    TeamLead.objects.create(team=team, supervisor=lead, starts_on=day(since), ends_on=day(until))
    assert Agent.objects.visible_to(read_anew(lead)).count() == reaches


def test_work_that_is_done_for_somebody_reaches_what_they_do():
    site, elsewhere = a_site(), a_site()
    manager = a_user("manager", site)
    for one in (site, elsewhere):
        an_agent(one)
    asks = read_anew(manager)
    be_as_signed_in(asks)
    assert [one.site for one in Agent.objects.visible_to(asks)] == [site]
