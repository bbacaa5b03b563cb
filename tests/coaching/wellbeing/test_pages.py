"""Signs on pages: of teams for who runs them, of one person for them and who leads them."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.models import AuditEntry, TeamLead
from coaching.models import WellbeingLimits
from coaching.wellbeing import reads
from coaching.wellbeing.signs import Sign
from scheduling.models import KeptWish, PauseReason
from tests.builders import NINE, a_site, a_team, a_user, an_agent
from tests.coaching.wellbeing.builders import WEEK, busy, kept
from tests.scheduling.kept.builders import a_roster

pytestmark = pytest.mark.django_db


class Watch:
    """A team of five who were busy all of last week, and on one day of each of the eight before;
    Ann, the first of them, signs in."""

    def __init__(self):
        self.site = a_site()
        self.lead, self.manager = a_user("supervisor"), a_user("manager", self.site)
        self.ann = an_agent(self.site, "Ann", user=a_user("agent"))
        self.people = [self.ann, *(an_agent(self.site, f"P{n}") for n in range(4))]
        self.team = a_team(self.site, self.lead, *self.people)
        for number in range(1, 9):
            low = [80] * 5
            low[number % 5] = 95
            busy(self.people, WEEK - timedelta(weeks=number), *low)
        busy(self.people, WEEK, 95, 95, 95, 95, 80)


@pytest.fixture
def watched():
    return Watch()


@pytest.fixture(autouse=True)
def nine():
    with time_machine.travel(NINE, tick=False):
        yield


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def get(user, name, *args, **query):
    return signed_in(user).get(reverse(name, args=args), query)


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_team_is_told_with_its_cause_and_what_is_usual(watched):
    for user in (watched.manager, watched.lead, a_user("admin")):
        said = text(get(user, "wellbeing", site=watched.site.slug))
        # Four days of five, of each of five people.
        assert "occupancy over 88 % on 20 of 25 days of 5 people" in said.replace("\xa0", " ")
        assert "more than usual" in said
        assert "1 sign more than usual" in said
        # One day of five, every week.
        assert "usually 20" in said


def test_one_person_is_told_to_themselves_and_to_who_leads_them_and_to_nobody_else(watched):
    url = reverse("wellbeing_person", args=[watched.ann.pk])
    other = a_user("supervisor")
    a_team(watched.site, other, an_agent(watched.site))
    assert get(watched.lead, "wellbeing_person", watched.ann.pk).status_code == 200
    for user in (watched.manager, a_user("admin"), other, watched.ann.user):
        assert get(user, "wellbeing_person", watched.ann.pk).status_code == 404
    mine = text(get(watched.ann.user, "my_wellbeing"))
    assert "on 4 of 5 days" in mine
    assert "Mon 23 Feb 2026" in mine
    assert "occupancy 95" in mine
    # Names stand on the team's page for who leads them alone.
    assert url in text(get(watched.lead, "wellbeing", site=watched.site.slug))
    for user in (watched.manager, a_user("admin")):
        page = text(get(user, "wellbeing", site=watched.site.slug))
        assert url not in page
        assert "Ann" not in page


def test_who_leads_a_team_that_they_are_in_reads_their_own_on_their_own_page(watched):
    both = watched.ann.user
    both.groups.add(*watched.lead.groups.all())
    TeamLead.objects.create(team=a_team(watched.site), supervisor=both, starts_on=WEEK)
    TeamLead.objects.filter(team=watched.team).update(supervisor=both)
    assert {*reads.led(both, NINE)} == {*watched.people[1:]}


def test_of_four_people_nothing_is_told_but_to_who_leads_them():
    site, lead = a_site(), a_user("supervisor")
    people = [an_agent(site, f"Q{n}") for n in range(4)]
    a_team(site, lead, *people)
    busy(people, WEEK, 95, 95, 95)
    manager = a_user("manager", site)
    said = text(get(manager, "wellbeing", site=site.slug))
    assert "Fewer than 5 people: not told" in said
    assert "days of" not in said
    assert "Occupancy 3 of 3" in text(get(lead, "wellbeing", site=site.slug))


def test_pauses_overtime_and_wishes_come_from_what_scheduling_keeps():
    site = a_site()
    ann = an_agent(site, "Ann")
    kept(ann, WEEK, worked_seconds=8 * 3600 + 1860, done={"pause": 600})
    kept(ann, WEEK + timedelta(days=1), done={"pause": 3600})
    kept(ann, WEEK + timedelta(days=2), is_told=False)
    roster = a_roster(site)
    KeptWish.objects.create(roster=roster, agent=ann, day=WEEK, wants=False, is_refused=True)
    week = WEEK
    unsaid, known = reads.of_person(ann, week)
    # Without a reason that is a pause nothing is known of pauses.
    assert not known.has_pauses
    assert unsaid[Sign.MISSED].now.of == unsaid[Sign.LONG].now.of == 0
    PauseReason.objects.create(site=site, reason="Lunch", activity="pause")
    signs, _known = reads.of_person(ann, week)
    counted = {sign: (one.now.days, one.now.of) for sign, one in signs.items()}
    assert counted == {
        Sign.OCCUPANCY: (0, 0),
        Sign.OVERTIME: (1, 2),  # 31 minutes beyond the plan
        Sign.MISSED: (1, 2),  # 10 of 30 minutes
        Sign.LONG: (1, 2),  # 60 of 30
        Sign.AGAINST: (1, 1),
    }


def test_limits_are_the_sites_own_and_hold_for_past_weeks_too():
    site = a_site()
    manager = a_user("manager", site)
    ann = an_agent(site, user=a_user("agent"))
    busy([ann], WEEK, 86, 80)
    url = f"{reverse('wellbeing_limits')}?site={site.slug}"
    client = signed_in(manager)
    assert client.get(url).status_code == 200
    sent = {
        "occupancy_percent": "85", "overtime_minutes": "", "missed_percent": "50",
        "pause_minutes": "20", "counts_wishes": "", "asked_revision": "0",
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    row = WellbeingLimits.objects.get(site=site)
    assert (row.occupancy_percent, row.overtime_minutes, row.counts_wishes) == (85, None, False)
    signs, _known = reads.of_person(ann, WEEK)
    assert (signs[Sign.OCCUPANCY].now.days, signs[Sign.OCCUPANCY].now.of) == (1, 2)
    assert Sign.OVERTIME not in signs
    # Sent twice it is changed once, and of two the second is told.
    client.post(url, sent)
    assert AuditEntry.objects.filter(model="coaching.wellbeinglimits").count() == 1
    refused = client.post(url, sent | {"occupancy_percent": "70"})
    assert "Somebody has changed it meanwhile" in text(refused)
    assert "30 %" not in text(client.post(url, sent | {"occupancy_percent": "30"}))
    assert WellbeingLimits.objects.get(site=site).occupancy_percent == 85
    said = text(signed_in(a_user("admin")).get(reverse("audit")))
    assert "Limits of wellbeing" in said


def test_a_week_that_is_not_over_or_out_of_reach_is_not_there(watched):
    today = timezone.now().date()
    assert get(watched.manager, "wellbeing", week=today.isoformat()).status_code == 404
    assert get(watched.manager, "wellbeing", week="x").status_code == 404
    long_ago = reads.weeks(watched.site, NINE)[-1]
    said = text(get(watched.manager, "wellbeing", site=watched.site.slug, week=long_ago))
    assert "Nothing is known of this week" in said


@pytest.mark.parametrize("teams", [1, 12])
def test_the_page_asks_the_same_of_one_team_as_of_twelve(teams, django_assert_num_queries):
    site = a_site()
    manager = a_user("manager", site)
    for _ in range(teams):
        people = [an_agent(site) for _ in range(5)]
        a_team(site, None, *people)
        busy(people, WEEK, 95)
    client = signed_in(manager)
    # Session, user, sites, stays, limits, reasons, choices, targets, time, adherence, overtime,
    # wishes.
    with django_assert_num_queries(12):
        client.get(reverse("wellbeing"), {"site": site.slug})
