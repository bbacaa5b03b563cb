"""Whoever stands in at a site by a role is answered at its addresses as who has the role there, and
before and after as a stranger."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ccm.access import MANAGER, PLANNER, QA_ANALYST, TRAINER
from ccm.models import Substitution, User
from tests import once
from tests.attacks import probes
from tests.attacks.walk import Person
from tests.builders import a_site, a_user
from tests.examples import TIMES
from tests.reach import a_world

pytestmark = pytest.mark.django_db
ROLES = (MANAGER, PLANNER, QA_ANALYST, TRAINER)


def one_site():
    world = a_world()
    doors = probes.doors(world)
    elsewhere = a_site()
    today = timezone.now().date()
    strangers = {role: a_user(role, elsewhere) for role in ROLES}
    both = {role: a_user(role, world.site) for role in ROLES}
    for colleague in both.values():
        colleague.sites.add(elsewhere)
    for role, stranger in strangers.items():
        Substitution.objects.create(
            absent=world.people[role], substitute=stranger, site=world.site, role=role,
            first_on=today - timedelta(days=1), last_on=today + timedelta(days=1),
            made_at=timezone.now(),
        )  # fmt: skip
    return doors, strangers, both


world = once.fixture(one_site)


@pytest.mark.parametrize("role", ROLES)
def test_a_substitute_opens_what_who_has_the_role_opens_and_a_stranger_does_not(world, role):
    """Held against somebody of the role at both sites. Some addresses in the suite, every one in
    `tests.heavy.attacks`."""
    doors, strangers, both = world
    asked = [(row, at) for row, at in doors if row.of_a_site and row.method == "get"]
    asked = asked[ROLES.index(role) :: 15 if TIMES == 1 else 1]
    substitute = Person(User.objects.get(pk=strangers[role].pk))
    colleague = Person(both[role])
    lent = {at: [who.ask("get", at).status for who in (substitute, colleague)] for _r, at in asked}
    Substitution.objects.update(ended_at=timezone.now())
    stranger = Person(User.objects.get(pk=strangers[role].pk))
    after = {at: stranger.ask("get", at).status for row, at in asked if row.own[0] != 200}
    differs = {at: found for at, found in lent.items() if found[0] != found[1]}
    met = {at: status for at, status in after.items() if status < 300}
    print(f"{role}: {len(lent)} addresses, {len(differs)} otherwise, {len(met)} met afterwards")
    assert not differs, differs
    assert not met, met
    assert sum(status == 200 for status, _own in lent.values()) >= 3
