"""Sessions that rosters find a time for."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse

from ccm.models import AuditEntry, TeamMembership
from ccm.signals import names_merged
from scheduling.models import KeptShift, RosterSession
from scheduling.rosters import kept, making, sessions
from scheduling.terms import services
from tests.builders import a_site, a_team, a_user, an_agent
from tests.scheduling.kept.builders import DAY, MONDAY, NOW, a_roster, a_run, a_shift, published
from tests.scheduling.terms.builders import a_session, a_template

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 3, 16, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def site():
    return a_site()


def of(roster):
    return kept.problem_of(roster, None, list(roster.shifts.all())).sessions


def training(start=NINE, **more):
    said = {
        "kind": "training", "name": "Product training", "start": start.isoformat(),
        "end": (start + HOUR).isoformat(), "is_pause": False, "is_paid": True,
    }  # fmt: skip
    return said | more


def test_a_session_is_planned_from_and_until_when_it_may_be(site):
    """From Monday at nine until Wednesday at noon: the minutes 540 and 2 x 1440 + 720."""
    ada = an_agent(site, "Ada")
    a_session(
        site, people=[ada], last_on=MONDAY + 2 * DAY, from_minute=540, to_minute=720, weight=40,
        together=True,
    )  # fmt: skip
    [one] = of(a_roster(site))
    assert (one.name, one.kind, one.minutes, one.weight) == ("Product training", "training", 60, 40)
    assert (one.since, one.until, one.together) == (540, 2 * 1440 + 720, True)
    assert one.people == (str(ada.pk),)


def test_on_the_day_on_which_clocks_go_forward_the_clock_tells(site):
    """In London one o'clock of the 29th of March is two: nine is eight hours after midnight."""
    site.zone = "Europe/London"
    site.save()
    sunday = date(2026, 3, 29)
    a_session(
        site, people=[an_agent(site)], first_on=sunday, last_on=sunday, from_minute=540,
        to_minute=1020,
    )  # fmt: skip
    [one] = of(a_roster(site, first_day=sunday, days=1))
    assert (one.since, one.until) == (8 * 60, 16 * 60)


def test_what_goes_on_beyond_a_roster_may_be_on_all_of_its_days(site):
    a_session(
        site, people=[an_agent(site)], first_on=MONDAY - 7 * DAY, last_on=MONDAY + 20 * DAY,
        from_minute=540, to_minute=600,
    )  # fmt: skip
    [one] = of(a_roster(site))
    assert (one.since, one.until) == (0, 7 * 1440)


def test_it_is_for_its_people_and_for_who_is_in_its_team_then(site):
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    team = a_team(site)
    TeamMembership.objects.create(agent=bea, team=team, starts_on=MONDAY - DAY)
    TeamMembership.objects.create(
        agent=cid, team=team, starts_on=MONDAY - 9 * DAY, ends_on=MONDAY
    )  # left it on that day
    a_session(site, people=[ada], team=team)
    [one] = of(a_roster(site))
    assert one.people == (str(ada.pk), str(bea.pk))


def test_other_days_and_other_sites_have_none_of_it(site):
    other = a_site()
    a_session(other, people=[an_agent(other)])
    a_session(site, people=[an_agent(site)], first_on=MONDAY - DAY, last_on=MONDAY - DAY)
    assert of(a_roster(site)) == ()


def test_who_has_had_it_by_another_roster_is_not_given_it_again(site):
    """A training of two weeks: Ada had it in the first. Bea had a meeting of the same name, and Cid
    one before it."""
    ada, bea, cid = (an_agent(site, name) for name in ("Ada", "Bea", "Cid"))
    before = published(a_roster(site))
    a_shift(before, ada, activities=[training()])
    a_shift(before, bea, activities=[training(kind="meeting")])
    a_shift(before, cid, activities=[training()])
    a_session(
        site, people=[ada, bea, cid], first_on=MONDAY, last_on=MONDAY + 13 * DAY, from_minute=540
    )
    [one] = of(a_roster(site, first_day=MONDAY + 7 * DAY))
    assert one.people == (str(bea.pk),)
    RosterSession.objects.update(from_minute=570)  # theirs began before that
    [one] = of(a_roster(site, first_day=MONDAY + 7 * DAY))
    assert one.people == (str(ada.pk), str(bea.pk), str(cid.pk))


def why(roster):
    shifts = list(roster.shifts.all())
    problem = kept.problem_of(roster, None, shifts)
    made = kept.roster_of(roster, shifts)
    return {int(person): said for person, _one, said in sessions.missed(problem, made)}


def test_who_has_none_is_told_with_the_reason(site):
    """From nine until ten on Monday. Ada has it, Bea is off, Cid begins at half past nine, and Dot
    is there from nine to five and has none."""
    day = a_template(site, "Day", first_start=540, last_start=570, step_minutes=30)
    ada, bea, cid, dot = (an_agent(site, name) for name in ("Ada", "Bea", "Cid", "Dot"))
    session = a_session(site, people=[ada, bea, cid, dot], from_minute=540, to_minute=600)
    roster = a_roster(site)
    a_shift(roster, ada, shape=f"{day.pk}-540-480", template=day, activities=[training()])
    late = NINE + HOUR / 2
    a_shift(
        roster, cid, shape=f"{day.pk}-570-480", template=day, begins_at=late,
        ends_at=late + 8 * HOUR,
    )  # fmt: skip
    a_shift(roster, dot, shape=f"{day.pk}-540-480", template=day)
    expected = {bea.pk: sessions.NO_SHIFT, cid.pk: sessions.TOO_SHORT, dot.pk: sessions.NO_PLACE}
    assert why(roster) == expected
    session.together = True
    session.save()
    assert why(roster) == expected | {dot.pk: sessions.APART}


def test_a_roster_that_is_made_has_it_within_a_shift(site):
    ada = an_agent(site, "Ada")
    a_template(site, "Day", first_start=540, last_start=540)
    a_session(site, people=[ada])
    roster = a_roster(site, days=2)
    making.run(a_run(roster).job_id)
    shift = KeptShift.objects.get(roster=roster, day=MONDAY)
    [had] = shift.activities
    assert (had["kind"], had["name"], had["is_pause"]) == ("training", "Product training", False)
    start, end = (datetime.fromisoformat(had[name]) for name in ("start", "end"))
    assert end - start == HOUR
    assert shift.begins_at <= start
    assert end <= shift.ends_at
    assert why(roster) == {}


def test_the_page_of_a_roster_tells_who_has_none(client, site):
    ada = an_agent(site, "Ada")
    a_session(site, people=[ada])
    roster = a_roster(site)
    a_shift(roster, ada, MONDAY + DAY)
    client.force_login(a_user("planner", site))
    page = client.get(reverse("roster_account", args=[roster.pk]))
    told = "Ada has no Product training: no shift of theirs has any of that time"
    assert told in page.context["told"].soft


@pytest.fixture
def planner(client, site):
    client.force_login(a_user("planner", site))
    with time_machine.travel(NOW, tick=False):
        yield client


def said(site, agent, **more):
    return {
        "site": site.pk, "name": "Product training", "kind": "training", "minutes": "1:00",
        "first_on": "2026-03-16", "last_on": "2026-03-20", "from_minute": "", "to_minute": "",
        "weight": "100", "team": "", "people": [agent.pk], "note": "",
    } | more  # fmt: skip


def test_planners_keep_sessions_and_the_audit_log_has_them(planner, site):
    ada = an_agent(site, "Ada")
    page = planner.post(reverse("roster_session_new"), said(site, ada, from_minute="09:00"))
    assert page.status_code == 302, page.context["form"].errors
    one = RosterSession.objects.get()
    assert (one.minutes, one.from_minute, one.to_minute) == (60, 540, None)
    assert [*one.people.all()] == [ada]
    entry = AuditEntry.objects.get(model="scheduling.rostersession")
    assert entry.after["people"] == [ada.pk]
    text = planner.get(reverse("roster_session_list")).content.decode()
    assert "16 Mar 2026 09:00 – 20 Mar 2026" in text
    planner.post(reverse("roster_session_remove", args=[one.pk]))
    assert not RosterSession.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": []}, "people"),
        ({"last_on": "2026-03-15"}, "last_on"),
        ({"last_on": "2030-03-15"}, "last_on"),
        ({"minutes": "0:07"}, "minutes"),
        ({"minutes": "0:00"}, "minutes"),
        ({"minutes": "soon"}, "minutes"),
        ({"last_on": "2026-03-16", "from_minute": "09:00", "to_minute": "09:30"}, "to_minute"),
        ({"weight": "0"}, "weight"),
        ({"weight": "99999"}, "weight"),
        ({"kind": "pause"}, "kind"),
        ({"name": " "}, "name"),
        ({"people": ["x"]}, "people"),
        ({"team": "9999999"}, "team"),
    ],
)
def test_what_is_wrong_is_said_beside_it(planner, site, wrong, field):
    page = planner.post(reverse("roster_session_new"), said(site, an_agent(site), **wrong))
    assert set(page.context["form"].errors) == {field}
    assert not RosterSession.objects.exists()


def test_nobody_of_another_site_is_in_it(site):
    other = an_agent(a_site())
    row = RosterSession(
        site=site, name="Training", kind="training", minutes=60, first_on=MONDAY, last_on=MONDAY
    )
    with pytest.raises(ValidationError):
        services.keep_session(row, [other], a_user("planner", site), NOW)
    assert not RosterSession.objects.exists()


def test_sessions_follow_a_name_that_becomes_another(site):
    loser, keeper = an_agent(site, "A. Lovelace"), an_agent(site, "Ada Lovelace")
    one = a_session(site, people=[loser])
    names_merged.send(sender=type(loser), loser=loser.pk, keeper=keeper.pk)
    assert [*one.people.all()] == [keeper]


@pytest.mark.parametrize("many", [1, 9])
def test_the_list_asks_the_same_of_one_as_of_many(planner, site, many, django_assert_num_queries):
    people = [an_agent(site, f"Agent {number}") for number in range(many)]
    for number in range(many):
        a_session(site, f"Session {number}", people=people)
    planner.get(reverse("roster_session_list"))
    with django_assert_num_queries(5):
        planner.get(reverse("roster_session_list"))
