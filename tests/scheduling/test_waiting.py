"""What waits for a reader's word is counted beside its page. Of time off: absences/test_pages."""

import pytest
import time_machine
from django.urls import reverse

from ccm.accounts import standing_in
from ccm.models import TeamMembership, User
from scheduling.models import Trade
from scheduling.waiting import EXCEPTIONS, TRADES
from tests.builders import a_site, a_team, a_user, an_agent
from tests.scheduling.adherence.builders import an_exception
from tests.scheduling.kept.builders import NOW
from tests.scheduling.trades.builders import HOUR, Centre

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_sent")]


@pytest.fixture
def site():
    with time_machine.travel(NOW, tick=False):
        yield a_site()


def counts(client, user):
    client.force_login(user)
    page = client.get(reverse("time_off"))
    entries = [one for group in page.context["navigation"] for one in group["entries"]]
    found = {str(one["words"]): one["count"] for one in entries}
    return found["Trades"], found["Adherence"]


def waits(shift, **people):
    return Trade.objects.create(
        roster=shift.roster, kind="cover", state="waiting", day=shift.day, shift={},
        until=NOW + HOUR, asked_at=NOW, **people,
    )  # fmt: skip


@pytest.fixture
def lead(site):
    """Who leads Ann and themselves. Waiting: a shift of Ann's that Bob takes, one of Bob's that Cyd
    takes, one of Bob's that the lead takes; an exception of Ann's, of Bob's, of the lead's own; and
    one of each at another site."""
    centre, lead = Centre(site), a_user("supervisor", site)
    ann, bob, cyd = (centre.person(name) for name in ("Ann", "Bob", "Cyd"))
    own = an_agent(site, "Lead", user=lead)
    a_team(site, lead, ann, own)
    waits(centre.gives(ann), giver=ann, taker=bob)
    waits(centre.gives(bob), giver=bob, taker=cyd)
    waits(centre.gives(bob, 1), giver=bob, taker=own)
    for agent in (ann, bob, own):
        an_exception(agent, 0, 10)
    far = Centre(a_site())
    dan = far.person("Dan")
    waits(far.gives(dan), giver=dan)
    an_exception(dan, 0, 10)
    return lead


@pytest.mark.parametrize(
    ("role", "trades", "exceptions"), [("planner", 3, 3), ("manager", 3, 3), ("admin", 4, 4)]
)
def test_who_plans_a_site_decides_what_waits_there(client, site, lead, role, trades, exceptions):
    user = a_user(role, site)
    assert counts(client, user) == (trades, exceptions)
    assert (TRADES.count(user), EXCEPTIONS.count(user)) == (trades, exceptions)


def test_who_leads_a_team_decides_for_its_people_and_never_for_themselves(client, lead):
    assert counts(client, lead) == (1, 1)
    assert (TRADES.count(lead), EXCEPTIONS.count(lead)) == (1, 1)
    TeamMembership.objects.filter(agent__name="Ann").update(ends_on=NOW.date())
    assert counts(client, lead) == (0, 0)


def test_who_stands_in_for_a_lead_decides_for_the_lead_too_on_those_days(client, site, lead):
    bob = a_user("supervisor", site)
    today = NOW.date()
    row = standing_in.begin(lead, bob, site, today, today, lead, NOW)
    # The lead's own trade and exception are those of somebody in the team.
    assert counts(client, bob) == (TRADES.count(bob), EXCEPTIONS.count(bob)) == (2, 2)
    standing_in.end(row.pk, lead, NOW)
    bob = User.objects.get(pk=bob.pk)
    assert (TRADES.count(bob), EXCEPTIONS.count(bob)) == (0, 0)
    client.force_login(bob)
    assert client.get(reverse("time_off")).status_code == 404


def test_what_is_past_its_time_or_decided_waits_no_longer(client, site, lead):
    planner = a_user("planner", site)
    Trade.objects.filter(giver__name="Ann").update(until=NOW)
    Trade.objects.filter(taker__name="Cyd").update(state="done")
    assert counts(client, planner) == (1, 3)
    assert TRADES.count(planner) == 1
