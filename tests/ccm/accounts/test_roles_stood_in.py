"""Who stands in for a manager, planner, QA analyst or trainer has the site by that role, on those
days, and nothing else."""

from datetime import date, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.access import (
    ADMIN,
    AGENT,
    MANAGER,
    PLANNER,
    QA_ANALYST,
    ROLES,
    SUPERVISOR,
    TRAINER,
    scope_as,
    scope_of,
)
from ccm.accounts import standing_in, tokens
from ccm.accounts.standing_in import Refused
from ccm.models import AuditEntry, Substitution, User
from tests.builders import a_call, a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db

MONDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 4)
AT_NINE = "2026-03-02T09:00Z"
WHOLE_SITE = (MANAGER, PLANNER, QA_ANALYST, TRAINER)


@pytest.fixture
def york():
    return a_site("York")


@pytest.fixture
def leeds():
    return a_site("Leeds")


def gives(user, *roles):
    user.groups.add(*(Group.objects.get_or_create(name=role)[0] for role in roles))


def scope(user):
    return scope_of(User.objects.get(pk=user.pk))


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def stand_in(absent, substitute, site, role, who=None, first=MONDAY, last=WEDNESDAY):
    with time_machine.travel(AT_NINE, tick=False):
        who = User.objects.get(pk=(who or absent).pk)
        return standing_in.begin(absent, substitute, site, first, last, who, timezone.now(), role)


def at_nine(user):
    with time_machine.travel(AT_NINE, tick=False):
        return scope(user)


@pytest.fixture
def admin():
    return a_user(ADMIN)


REACHED = (
    "figure_sites", "agent_sites", "call_sites", "own_figure_sites", "own_agent_sites",
    "own_call_sites", "managed_sites", "planned_sites", "trained_sites", "sites",
)  # fmt: skip


@pytest.mark.parametrize("role", WHOLE_SITE)
def test_a_substitute_reaches_the_site_as_somebody_of_the_role_there_does(york, leeds, admin, role):
    """Held against one who has both sites of their own: the same sites of each kind."""
    ann, bob = a_user(role, york), a_user(role, leeds)
    both = a_user(role, york)
    both.sites.add(leeds)
    stand_in(ann, bob, york, role, admin)
    for moment, expected in (
        ("2026-03-01T23:59Z", bob), ("2026-03-02T00:00Z", both),
        ("2026-03-04T23:59Z", both), ("2026-03-05T00:00Z", bob),
    ):  # fmt: skip
        with time_machine.travel(moment, tick=False):
            reached, like = scope(bob), scope(both)
            assert (reached.sites == like.sites) == (expected is both), moment
            if expected is both:
                assert [getattr(reached, one) for one in REACHED] == [
                    getattr(like, one) for one in REACHED
                ]
                assert reached.lent_sites == {york.pk}
            else:
                assert york.pk not in reached.sites
                assert reached.lent_sites == set()
            assert reached.roles == {role}
            assert not reached.everything


def test_pages_and_tokens_open_on_those_days_and_on_no_other(york, leeds, admin):
    ann, bob = a_user(MANAGER, york), a_user(MANAGER, leeds)
    call = a_call(a_queue(york), timezone.now(), agent=an_agent(york, "Kim"))
    stand_in(ann, bob, york, MANAGER, admin)
    token = {"HTTP_AUTHORIZATION": f"Bearer {_token(bob)}"}
    for moment, status in (("2026-03-01T12:00Z", 404), (AT_NINE, 200), ("2026-03-05T12:00Z", 404)):
        with time_machine.travel(moment, tick=False):
            page = signed_in(bob).get(reverse("call", args=[call.pk]))
            assert page.status_code == status, moment
            told = Client().get(f"/api/v1/calls/{call.pk}/", **token)
            assert told.status_code == status, moment


def _token(user):
    with time_machine.travel("2026-03-01T12:00Z", tick=False):
        return tokens.make(
            name="x", user=user, scopes=["read"], last_on=date(2026, 6, 1), now=timezone.now()
        )[1]


@pytest.mark.parametrize("second", [one for one in ROLES if one != PLANNER])
def test_nobody_stands_in_who_has_another_role_that_would_hold_there_too(
    york, leeds, admin, second
):
    """Neither is it begun with one, nor does it go on when one comes."""
    ann, bob, cat = a_user(PLANNER, york), a_user(PLANNER, leeds), a_user(PLANNER, leeds)
    gives(cat, second)
    with pytest.raises(Refused, match="and no other"):
        stand_in(ann, cat, york, PLANNER, admin)
    stand_in(ann, bob, york, PLANNER, admin)
    assert york.pk in at_nine(bob).sites
    gives(bob, second)
    reached = at_nine(bob)
    if not reached.everything:
        assert york.pk not in reached.sites | reached.managed_sites | reached.team_sites
        assert reached.standing_in == ()
        with time_machine.travel(AT_NINE, tick=False):
            # Nor where one of the roles counts alone, as when an action is taken from the other.
            alone = scope_as(User.objects.get(pk=bob.pk), frozenset({PLANNER}))
        assert york.pk not in alone.sites


def test_of_an_absent_with_two_roles_one_is_handed_on(york, leeds, admin):
    ann, bob = a_user(PLANNER, york), a_user(PLANNER, leeds)
    gives(ann, MANAGER, SUPERVISOR)
    a_team(york, ann)
    stand_in(ann, bob, york, PLANNER, admin)
    reached = at_nine(bob)
    assert reached.planned_sites == {york.pk, leeds.pk}
    assert not reached.managed_sites | reached.teams | reached.call_sites


def test_only_the_site_that_was_said_and_nothing_that_was_stood_in_for(york, leeds, admin):
    hull = a_site("Hull")
    ann, bob, cat = a_user(MANAGER, york), a_user(MANAGER, leeds), a_user(MANAGER, hull)
    bath = a_site("Bath")
    ann.sites.add(bath)
    stand_in(ann, bob, york, MANAGER, admin)
    stand_in(bob, cat, leeds, MANAGER, admin)
    assert at_nine(bob).sites == {leeds.pk, york.pk}
    assert at_nine(cat).sites == {hull.pk, leeds.pk}
    with pytest.raises(Refused, match="does not have this role there"):
        stand_in(bob, cat, york, MANAGER, bob)


def test_a_substitute_of_a_manager_appoints_nobody_there_themselves_least(york, leeds, admin):
    """Else they would stay for ever."""
    ann, bob, cat = a_user(MANAGER, york), a_user(MANAGER, leeds), a_user(PLANNER, leeds)
    pat = a_user(PLANNER, york)
    stand_in(ann, bob, york, MANAGER, admin)
    for absent, substitute, role in ((ann, bob, MANAGER), (pat, cat, PLANNER)):
        with pytest.raises(Refused, match="Only who is away, or manages the site"):
            stand_in(
                absent, substitute, york, role, bob,
                WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=9),
            )  # fmt: skip
    with time_machine.travel(AT_NINE, tick=False):
        page = signed_in(bob).get(reverse("substitutes"))
    offered = {one.pk for one in page.context["form"].fields["absent"].queryset}
    assert offered == {bob.pk, cat.pk}


@pytest.mark.parametrize("lost", ["account", "role", "site", "substitute's role"])
def test_without_the_role_the_site_or_the_account_it_ends(york, leeds, admin, lost):
    ann, bob = a_user(QA_ANALYST, york), a_user(QA_ANALYST, leeds)
    stand_in(ann, bob, york, QA_ANALYST, admin)
    assert york.pk in at_nine(bob).call_sites
    if lost == "account":
        User.objects.filter(pk=ann.pk).update(is_active=False)
    elif lost == "site":
        ann.sites.set([leeds])
    else:
        (ann if lost == "role" else bob).groups.clear()
    assert york.pk not in at_nine(bob).sites


def test_it_ends_by_a_click_of_either_and_of_a_manager_and_is_in_the_log(york, leeds, admin):
    ann, bob = a_user(TRAINER, york), a_user(TRAINER, leeds)
    mo, other = a_user(MANAGER, york), a_user(TRAINER, york)
    for who, status in ((ann, 302), (bob, 302), (mo, 302), (admin, 302), (other, 404)):
        row = stand_in(ann, bob, york, TRAINER, admin)
        with time_machine.travel(AT_NINE, tick=False):
            answer = signed_in(who).post(reverse("substitute_end", args=[row.pk]))
        assert answer.status_code == status
        assert at_nine(bob).trained_sites == ({leeds.pk} if status == 302 else {leeds.pk, york.pk})
    begun = AuditEntry.objects.filter(model="ccm.substitution").order_by("pk").first()
    assert begun.after["role"] == TRAINER
    assert begun.after["absent"] == ann.pk


def test_whoever_names_one_shares_a_site_with_them_and_an_admin_names_anybody(york, leeds, admin):
    """So nobody reads who works at sites that they do not know."""
    ann, far = a_user(PLANNER, york), a_user(PLANNER, leeds)
    ann.sites.add(hull := a_site("Hull"))
    near = a_user(PLANNER, hull)
    with time_machine.travel(AT_NINE, tick=False):
        page = signed_in(ann).get(reverse("substitutes"))
        form = page.context["form"]
        assert {one.pk for one in form.fields["substitute"].queryset} == {ann.pk, near.pk}
        assert [one for one, _words in form.fields["role"].choices] == [PLANNER]
        said = {"absent": ann.pk, "site": york.pk, "role": PLANNER,
                "first_on": MONDAY, "last_on": WEDNESDAY}  # fmt: skip
        client = signed_in(ann)
        refused = client.post(reverse("substitutes"), {**said, "substitute": far.pk})
        assert "within your reach" in refused.content.decode()
        assert (
            client.post(reverse("substitutes"), {**said, "substitute": near.pk}).status_code == 302
        )
        assert Substitution.objects.get().role == PLANNER
        assert "You stand in for" in signed_in(near).get(reverse("substitutes")).content.decode()
        assert "stands in for you" in signed_in(ann).get(reverse("substitutes")).content.decode()
    with pytest.raises(Refused, match="already"):
        stand_in(ann, far, york, PLANNER, admin)


@pytest.mark.parametrize("role", [ADMIN, AGENT, "superuser", ""])
def test_no_other_role_is_handed_on(york, leeds, admin, role):
    ann, bob = a_user(ADMIN, york), a_user(MANAGER, leeds)
    an_agent(york, user=ann)
    gives(ann, AGENT)
    with pytest.raises(Refused):
        stand_in(ann, bob, york, role, admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Substitution.objects.create(
            absent=ann, substitute=bob, site=york, role=role, first_on=MONDAY, last_on=WEDNESDAY,
            made_at=timezone.now(),
        )  # fmt: skip


def test_in_two_roles_two_may_stand_in_for_one_and_in_one_only_one(york, leeds, admin):
    ann = a_user(PLANNER, york)
    gives(ann, QA_ANALYST)
    bob, cat, dan = a_user(PLANNER, leeds), a_user(QA_ANALYST, leeds), a_user(PLANNER, leeds)
    stand_in(ann, bob, york, PLANNER, admin)
    stand_in(ann, cat, york, QA_ANALYST, admin)
    with pytest.raises(Refused, match="already"):
        stand_in(ann, dan, york, PLANNER, admin)


def test_one_request_asks_the_same_with_a_site_that_is_lent_as_without(
    york, leeds, admin, django_assert_num_queries
):
    ann, bob = a_user(PLANNER, york), a_user(PLANNER, leeds)
    stand_in(ann, bob, york, PLANNER, admin)
    with time_machine.travel(AT_NINE, tick=False):
        reader = User.objects.get(pk=bob.pk)
        with django_assert_num_queries(1):
            assert scope_of(reader).standing_in
