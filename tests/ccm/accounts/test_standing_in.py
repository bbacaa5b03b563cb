"""A substitute sees and does with teams what who leads them does, on the days that were said."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import ADMIN, AGENT, MANAGER, PLANNER, SUPERVISOR, scope_of
from ccm.accounts import services, standing_in
from ccm.models import AuditEntry, Substitution, TeamLead, User
from coaching.holding import services as planned
from coaching.holding.services import Asked
from coaching.models import PrivateNote
from tests.builders import a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

MONDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 4)
AT_NINE = "2026-03-02T09:00Z"


@pytest.fixture
def site():
    return a_site("York")


@pytest.fixture
def people(site):
    """Ann leads a team of one; Bob and Cat are supervisors of the same site."""
    ann, bob, cat = (a_user(SUPERVISOR, site, name=name) for name in ("ann", "bob", "cat"))
    kim = an_agent(site, "Kim")
    return ann, bob, cat, kim, a_team(site, ann, kim)


def scope(user):
    return scope_of(User.objects.get(pk=user.pk))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def stand_in(ann, bob, site, first=MONDAY, last=WEDNESDAY, who=None):
    with time_machine.travel(AT_NINE, tick=False):
        return standing_in.begin(ann, bob, site, first, last, who or ann, timezone.now())


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-03-01T23:59Z", 404),
        ("2026-03-02T00:00Z", 200),
        ("2026-03-04T23:59Z", 200),
        ("2026-03-05T00:00Z", 404),
    ],
)
def test_a_substitute_meets_the_team_on_those_days_and_on_no_other(people, site, moment, status):
    ann, bob, _cat, kim, team = people
    stand_in(ann, bob, site)
    with time_machine.travel(moment, tick=False):
        page = signed_in(bob).get(reverse("agent", args=[kim.pk]))
        assert page.status_code == status
        assert scope(bob).teams == ({team.pk} if status == 200 else set())
        assert signed_in(ann).get(reverse("agent", args=[kim.pk])).status_code == 200


def test_the_days_are_the_sites(people):
    there = a_site("Los Angeles", zone="America/Los_Angeles")
    ann, bob = (a_user(SUPERVISOR, there) for _one in range(2))
    kim = an_agent(there)
    a_team(there, ann, kim)
    stand_in(ann, bob, there, WEDNESDAY, WEDNESDAY)
    for moment, status in (
        ("2026-03-04T07:59Z", 404), ("2026-03-04T08:00Z", 200),
        ("2026-03-05T07:59Z", 200), ("2026-03-05T08:00Z", 404),
    ):  # fmt: skip
        with time_machine.travel(moment, tick=False):
            page = signed_in(bob).get(reverse("agent", args=[kim.pk]))
            assert page.status_code == status, moment


def test_a_substitute_writes_notes_and_reads_no_private_ones(people, site):
    ann, bob, _cat, kim, _team = people
    stand_in(ann, bob, site)
    call = a_call(a_queue(site), timezone.now(), agent=kim)
    with time_machine.travel(AT_NINE, tick=False):
        asked = Asked(site, "one_to_one", ann, (kim,), timezone.now())
        session = planned.plan(asked, ann, timezone.now())
        PrivateNote.objects.create(
            session=session, author=ann, words="Xyzzy", saved_at=timezone.now()
        )
        theirs = signed_in(bob)
        assert theirs.get(reverse("call_note", args=[call.pk])).status_code == 200
        page = theirs.get(reverse("session", args=[session.pk]))
        assert page.status_code == 200
        assert "Xyzzy" not in page.content.decode()
        assert not PrivateNote.objects.visible_to(bob).exists()


def test_a_substitute_is_told_for_whom_and_until_when(people, site):
    ann, bob, _cat, _kim, _team = people
    User.objects.filter(pk=ann.pk).update(first_name="Ann", last_name="Ode")
    stand_in(ann, bob, site)
    with time_machine.travel(AT_NINE, tick=False):
        assert "You stand in for Ann Ode until 4 Mar 2026." in (
            signed_in(bob).get(reverse("substitutes")).content.decode()
        )
        theirs = signed_in(ann).get(reverse("calls")).content.decode()
        assert "You stand in" not in theirs
        assert "bob stands in for you until 4 Mar 2026." in theirs
    with time_machine.travel("2026-03-05T09:00Z", tick=False):
        assert "stands in" not in signed_in(ann).get(reverse("calls")).content.decode()


def test_nobody_hands_on_what_they_stand_in_for(people, site):
    ann, bob, cat, _kim, team = people
    a_team(site, bob)
    stand_in(ann, bob, site)
    stand_in(bob, cat, site)
    with time_machine.travel(AT_NINE, tick=False):
        assert team.pk in scope(bob).teams
        assert team.pk not in scope(cat).teams


def test_it_gives_the_teams_of_that_site_alone_and_no_role(people, site):
    ann, bob, _cat, _kim, team = people
    elsewhere = a_site("Leeds")
    other = a_team(elsewhere, ann)
    ann.sites.add(elsewhere)
    services.change(
        ann.pk,
        services.Said("ann", "", "", "", frozenset({SUPERVISOR, MANAGER, PLANNER}), {site.pk}),
        None,
        timezone.now(),
    )
    stand_in(ann, bob, site)
    with time_machine.travel(AT_NINE, tick=False):
        reached = scope(bob)
        assert reached.teams == {team.pk}
        assert other.pk in scope(ann).teams
        assert not reached.managed_sites | reached.planned_sites | reached.agent_sites
        assert reached.roles == {SUPERVISOR}


def test_with_a_lead_that_ends_meanwhile_the_substitute_stands_in_no_more(people, site):
    ann, bob, _cat, _kim, team = people
    stand_in(ann, bob, site)
    TeamLead.objects.filter(team=team).update(ends_on=date(2026, 3, 3))
    for moment, teams in ((AT_NINE, {team.pk}), ("2026-03-03T09:00Z", set())):
        with time_machine.travel(moment, tick=False):
            assert scope(bob).teams == teams


@pytest.mark.parametrize(
    "lost", ["absent is inactive", "absent's role", "substitute's role", "substitute's site"]
)
def test_without_the_role_or_the_account_it_ends(people, site, lost):
    ann, bob, _cat, _kim, _team = people
    stand_in(ann, bob, site)
    if lost == "absent is inactive":
        User.objects.filter(pk=ann.pk).update(is_active=False)
    elif lost == "substitute's site":
        bob.sites.set([a_site()])
    else:
        (ann if lost == "absent's role" else bob).groups.clear()
    with time_machine.travel(AT_NINE, tick=False):
        assert scope(bob).teams == set()


def test_the_absent_the_substitute_the_manager_and_admins_end_it_and_nobody_else(people, site):
    ann, bob, cat, _kim, _team = people
    others = a_user(MANAGER, a_site())
    for who, status in (
        (ann, 302), (bob, 302), (a_user(MANAGER, site), 302), (a_user(ADMIN), 302),
        (cat, 404), (others, 404), (a_user(AGENT, site), 404),
    ):  # fmt: skip
        row = stand_in(ann, bob, site)
        with time_machine.travel(AT_NINE, tick=False):
            answer = signed_in(who).post(reverse("substitute_end", args=[row.pk]))
            assert answer.status_code == status
            assert scope(bob).teams == (set() if status == 302 else {_team.pk})
        row.delete()


def test_naming_and_ending_are_in_the_log_by_ids(people, site):
    ann, bob, _cat, _kim, _team = people
    row = stand_in(ann, bob, site)
    standing_in.end(row.pk, bob, timezone.now())
    standing_in.end(row.pk, bob, timezone.now())
    made, ended = AuditEntry.objects.filter(model="ccm.substitution").order_by("pk")
    assert (made.who, made.after["absent"], made.after["substitute"]) == (ann, ann.pk, bob.pk)
    assert (ended.who, ended.before["ended_at"]) == (bob, None)
    page = signed_in(a_user(ADMIN)).get(reverse("audit")).content.decode()
    assert "Standing in at York" in page


def sent(client, **said):
    page = client.post(reverse("substitutes"), said)
    return page if page.status_code == 200 else None


def test_a_supervisor_names_one_for_themselves_and_a_manager_for_those_of_the_site(people, site):
    ann, bob, cat, _kim, _team = people
    mo = a_user(MANAGER, site)
    with time_machine.travel(AT_NINE, tick=False):
        said = {"absent": ann.pk, "substitute": bob.pk, "site": site.pk, "role": SUPERVISOR,
                "first_on": MONDAY, "last_on": WEDNESDAY}  # fmt: skip
        assert sent(signed_in(cat), **said) is not None  # for somebody else
        assert not Substitution.objects.exists()
        assert sent(signed_in(ann), **said) is None
        standing_in.end(Substitution.objects.get().pk, ann, timezone.now())
        assert sent(signed_in(mo), **said) is None
        assert Substitution.objects.get(ended_at=None).made_by == mo


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"substitute": "ann"}, "themselves"),
        ({"substitute": "planner"}, "within your reach"),
        ({"substitute": "elsewhere"}, "within your reach"),
        ({"first_on": "2026-03-01"}, "begins today at the earliest"),
        ({"last_on": "2026-03-01"}, "begins today at the earliest"),
        ({"last_on": "2026-06-02"}, "At most 92 days"),
        ({"first_on": "2027-03-04", "last_on": "2027-03-05"}, "within a year"),
        ({"first_on": "soon"}, "YYYY-MM-DD"),
        ({"site": "999999"}, "within your reach"),
        ({"role": "manager"}, "not one of the available choices"),
        ({"role": "admin"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_is_refused_in_words(people, site, said, words):
    ann, bob, _cat, _kim, _team = people
    named = {
        "ann": ann, "planner": a_user(PLANNER, site),
        "elsewhere": a_user(SUPERVISOR, a_site()),
    }  # fmt: skip
    given = {"absent": ann.pk, "substitute": bob.pk, "site": site.pk, "role": SUPERVISOR,
             "first_on": MONDAY, "last_on": WEDNESDAY, **said}  # fmt: skip
    if given["substitute"] in named:
        given["substitute"] = named[given["substitute"]].pk
    with time_machine.travel(AT_NINE, tick=False):
        page = sent(signed_in(ann), **given)
    assert page is not None
    assert words in page.content.decode()
    assert not Substitution.objects.exists()


def test_two_on_one_day_are_refused_by_the_page_and_by_the_database(people, site):
    ann, bob, cat, _kim, _team = people
    row = stand_in(ann, bob, site)
    with pytest.raises(standing_in.Refused, match="already"):
        stand_in(ann, cat, site, WEDNESDAY, WEDNESDAY + timedelta(days=3))
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_one_request_asks_the_same_with_a_substitute_as_without(
    people, site, django_assert_num_queries
):
    ann, bob, _cat, _kim, _team = people
    stand_in(ann, bob, site)
    with time_machine.travel(AT_NINE, tick=False):
        reader = User.objects.get(pk=bob.pk)
        with django_assert_num_queries(1):
            assert scope_of(reader).standing_in
