"""Objects of another site, in every place where a request can name one: nothing of them is told,
nothing of them changes, and nothing of ours comes to point at them."""

import random

import pytest

from ccm.access import ADMIN
from ccm.models import User
from tests import once
from tests.attacks import marks, probes
from tests.attacks.tokens import a_token
from tests.attacks.walk import Person, Theirs
from tests.examples import TIMES, examples
from tests.reach import WHO, a_world

pytestmark = pytest.mark.django_db


def two_sites():
    """Two sites with one of everything; words are planted in all that is of the second."""
    own = a_world()
    ours = probes.doors(own)
    before = marks.there()
    other = a_world()
    others = probes.doors(other)
    made = marks.made_since(before)
    # Admins are of all sites, and may be named where people are chosen.
    admins = set(User.objects.filter(groups__name=ADMIN).values_list("pk", flat=True))
    made[User] = [key for key in made[User] if key not in admins]
    theirs = Theirs(made)
    refused = marks.plant(theirs.rows)
    theirs.look()
    named = probes.theirs_by_kind(other, theirs)
    return own, ours, others, theirs, named, refused


worlds = once.fixture(two_sites)


def test_a_word_is_planted_in_every_column_that_people_or_sources_fill(worlds):
    *_worlds, refused = worlds
    assert set(refused) <= marks.OF_A_STATE


def test_an_admin_meets_those_words_and_changes_those_rows(worlds):
    """Else nothing that the other tests do not find would tell anything."""
    own, _ours, others, theirs, _named, _refused = worlds
    admin = Person(own.people[ADMIN], theirs)
    asked = [(row, address) for row, address in others if row.of_a_site and row.own[1] < 400]
    dice = random.Random(1)
    reads = dice.sample([one for one in asked if one[0].method == "get"], 40)
    writes = dice.sample([one for one in asked if one[0].method == "post"], 40)
    told = [bool(admin.ask("get", address).marks) for _row, address in reads]
    changed = [bool(admin.ask("post", address).changed) for _row, address in writes]
    assert sum(told) >= 25
    assert sum(changed) >= 8


@pytest.mark.parametrize("who", [one for one in WHO if one != ADMIN])
def test_nothing_of_another_site_is_told_changed_or_pointed_at(worlds, who):
    own, ours, others, theirs, named, _refused = worlds
    dice = random.Random(f"{who} {TIMES}")
    person = Person(own.people.get(who), theirs)
    program = Person(None, theirs, HTTP_AUTHORIZATION=f"Bearer {a_token(own, who)}")
    tried = list(probes.of_addresses(ours, others))
    some = dice.sample(named, min(len(named), examples(4), 24))
    for address, page, _answer in probes.pages(person, who, ours, examples(12), dice):
        tried += probes.of_page(address, page, some)
    tried += probes.of_keys(ours, some)
    tried += probes.of_api(ours, some)
    told = probes.leaks(who, tried, person, program, dice)
    assert not told, "\n".join(told[:20])
