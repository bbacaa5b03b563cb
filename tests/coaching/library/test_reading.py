"""Who has still to read which page, told from both sides."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from ccm.access import ROLES as ALL_ROLES
from ccm.models import TeamLead, TeamMembership
from coaching.library import reading, reads
from coaching.models import LibraryPage, LibraryVersion
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.library.builders import a_page, a_version, current, read_by

pytestmark = pytest.mark.django_db


def waits(user, page, now=NINE):
    """Whether a page waits for somebody, which both sides must agree on."""
    version = current(page)
    from_person = reading.waiting(user.pk, now).filter(pk=version.pk).exists()
    readers = reads.readers(a_user("admin"), page, version, now, state="still")
    assert readers.filter(pk=user.pk).exists() == from_person
    return from_person


@pytest.mark.parametrize("everywhere", [False, True])
def test_each_role_that_is_asked_and_no_other_at_its_own_site(everywhere):
    site, other = a_site(), a_site()
    people = {role: a_user(role, site) for role in ALL_ROLES}
    far = {role: a_user(role, other) for role in ALL_ROLES}
    for of_role, where in ((people, site), (far, other)):
        a_team(where, of_role["supervisor"], an_agent(where, user=of_role["agent"]))
    for asked in reading.ROLES:
        page = a_page(None if everywhere else site, must_from=1, roles=(asked,))
        assert [role for role, user in people.items() if waits(user, page)] == [asked]
        expected = [asked] if everywhere else []
        assert [role for role, user in far.items() if waits(user, page)] == expected


def test_nobody_has_to_read_what_nobody_was_told_to():
    site = a_site()
    agent = a_user("agent")
    an_agent(site, user=agent)
    assert not waits(agent, a_page(site, must_from=None, roles=("agent",)))
    assert not waits(agent, a_page(site, must_from=1))


def test_where_teams_are_named_it_is_for_those_alone():
    site = a_site()
    lead, other_lead, manager = a_user("supervisor"), a_user("supervisor"), a_user("manager", site)
    mine, theirs = a_user("agent"), a_user("agent")
    team = a_team(site, lead, an_agent(site, user=mine))
    a_team(site, other_lead, an_agent(site, user=theirs))
    page = a_page(site, must_from=1, roles=("agent", "supervisor", "manager"), teams=(team,))
    told = [waits(one, page) for one in (mine, theirs, lead, other_lead, manager)]
    assert told == [True, False, True, False, True]


def test_an_agent_without_the_role_and_a_lead_of_the_past_are_not_asked():
    site = a_site()
    was_agent, was_lead = a_user("trainer", site), a_user("supervisor")
    an_agent(site, user=was_agent)
    team = a_team(site)
    TeamLead.objects.create(
        team=team, supervisor=was_lead, starts_on=date(2020, 1, 1), ends_on=date(2021, 1, 1)
    )
    page = a_page(site, must_from=1, roles=("agent", "supervisor"))
    assert [waits(one, page) for one in (was_agent, was_lead)] == [False, False]


def test_a_member_is_asked_from_the_sites_day_on():
    site = a_site(zone="America/Los_Angeles", day_begins=6)
    user = a_user("agent")
    agent = an_agent(site, user=user)
    team = a_team(site)
    TeamMembership.objects.create(
        agent=agent, team=team, starts_on=date(2026, 3, 3), ends_on=date(2026, 3, 4)
    )
    page = a_page(site, must_from=1, roles=("agent",), teams=(team,))
    # The 3rd goes from six in the morning in Los Angeles, 14:00 UTC, to the same of the 4th.
    for moment, is_asked in (
        (datetime(2026, 3, 3, 13, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 3, 14, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 13, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 4, 14, 0, tzinfo=UTC), False),
    ):
        assert waits(user, page, moment) is is_asked


def test_who_has_left_has_nothing_to_read_from_the_sites_day_on():
    site = a_site(zone="America/Los_Angeles", day_begins=6)
    user = a_user("agent")
    left = an_agent(site, user=user)
    type(left).objects.filter(pk=left.pk).update(left_on=date(2026, 3, 3))
    an_agent(site, user=a_user("agent"))
    page = a_page(site, must_from=1, roles=("agent",))
    told, admin = current(page), a_user("admin")
    for hour, minute, many in ((13, 59, 2), (14, 0, 1)):
        moment = datetime(2026, 3, 3, hour, minute, tzinfo=UTC)
        assert waits(user, page, moment) is (many == 2)
        assert reads.counted(reads.readers(admin, page, told, moment))["still"] == many
        assert reads.must_read(page, told, moment).count() == many


def test_who_has_read_what_counts_is_done_until_it_has_to_be_read_anew():
    site = a_site()
    user = a_user("trainer", site)
    page = a_page(site, must_from=1, roles=("trainer",))
    assert waits(user, page)
    read_by(user, current(page))
    assert not waits(user, page)
    a_version(page, 2, must_from=1)  # a small change
    assert not waits(user, page)
    assert waits(a_user("trainer", site), page)
    a_version(page, 3, must_from=3)
    assert waits(user, page)
    a_version(page, 4)
    assert not waits(user, page)


def test_what_is_withdrawn_waits_for_nobody():
    site = a_site()
    user = a_user("trainer", site)
    page = a_page(site, must_from=1, roles=("trainer",))
    LibraryPage.objects.update(retired_at=NINE)
    assert not reading.waiting(user.pk, NINE).exists()
    assert page.is_published


def test_it_is_counted_with_the_user_and_beside():
    site = a_site()
    user = a_user("trainer", site)
    for _ in range(3):
        a_page(site, must_from=1, roles=("trainer",))
    a_page(site)
    read_by(user, LibraryVersion.objects.order_by("pk")[0])
    from ccm.backend import Backend

    found = Backend().get_user(user.pk)
    assert len(found.library_to_read) == 2
    assert (reading.count(found), reading.count(user)) == (2, 2)
    assert reading.still_to_read(found, NINE) == reading.still_to_read(user, NINE)


def test_somebody_of_two_roles_is_asked_once():
    site = a_site()
    user = a_user("trainer", site)
    user.groups.add(Group.objects.get(name="manager"))
    page = a_page(site, must_from=1, roles=("trainer", "manager"))
    assert [*reading.waiting(user.pk, NINE)] == [current(page)]
    assert [*reading.audience(page, NINE)] == [user]


def test_whoever_may_be_told_of_readers_is_told_of_theirs():
    site, other = a_site(), a_site()
    lead = a_user("supervisor")
    mine, theirs, far = a_user("agent"), a_user("agent"), a_user("agent")
    a_team(site, lead, an_agent(site, user=mine))
    an_agent(site, user=theirs)
    an_agent(other, user=far)
    own = a_page(site, must_from=1, roles=("agent",))
    everywhere = a_page(None, must_from=1, roles=("agent",))

    def told(user, page):
        return {*reads.readers(user, page, current(page), NINE)}

    for writer in (a_user("manager", site), a_user("trainer", site)):
        assert told(writer, own) == {mine, theirs}
        assert told(writer, everywhere) == {mine, theirs}
    assert told(a_user("admin"), everywhere) == {mine, theirs, far}
    assert told(lead, own) == told(lead, everywhere) == {mine}


def test_overdue_is_by_the_day_of_the_site():
    kiritimati, london = a_site(zone="Pacific/Kiritimati"), a_site(zone="Europe/London")
    # 3 March in Kiritimati (UTC+14), still 2 March in London and in UTC.
    now = NINE + timedelta(hours=3)
    pages = [a_page(site, review_on=NINE.date()) for site in (kiritimati, london, None)]
    retired = a_page(kiritimati, review_on=NINE.date(), retired_at=NINE)
    assert [reads.is_overdue(one, now) for one in (*pages, retired)] == [True, False, False, False]
    assert [*LibraryPage.objects.filter(reads.overdue(now))] == pages[:1]


def test_the_clock_of_the_program_counts_not_the_databases():
    site = a_site()
    user = a_user("agent")
    team = a_team(site)
    TeamMembership.objects.create(
        agent=an_agent(site, user=user), team=team, starts_on=date(2100, 1, 1)
    )
    a_page(site, must_from=1, roles=("agent",), teams=(team,))
    assert not reading.waiting(user.pk, timezone.now()).exists()
    with time_machine.travel("2100-06-01T12:00Z", tick=False):
        assert reading.count(user) == 1
