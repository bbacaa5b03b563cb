"""Objects of another team and another agent at one's own site, in every place where a request can
name one: who leads a team meets nothing of the other's, an agent nothing of a colleague."""

import random

import pytest

from tests import once
from tests.attacks import beside, marks, probes
from tests.attacks.tokens import a_token
from tests.attacks.walk import Person, Theirs
from tests.examples import TIMES, examples
from tests.reach import a_world

pytestmark = pytest.mark.django_db
# By design of the whole site: who was thanked for what, who may be and is, who may lead a
# colleague's session, and a shift that is offered to everybody (docs/coaching-recognition.md,
# docs/coaching-rhythm.md, docs/my-schedule.md).
OF_THE_SITE: dict[str, tuple[str, ...]] = {
    "/coaching/recognition/": (), "/coaching/recognition/new/": ("coaching_kudos",),
    "/coaching/sessions/new/": (), "/my-schedule/trades/#/": (),
}  # fmt: skip


def two_teams():
    """A site with two teams; words are planted in all that is about the second."""
    own = a_world()
    every = probes.doors(own)
    before = marks.there()
    other = beside.a_world_beside(own)
    ours, others = beside.doors_beside(every, other)
    theirs = Theirs(beside.about(marks.made_since(before), other))
    marks.plant(theirs.rows)
    theirs.look()
    return own, every, ours, others, theirs, probes.theirs_by_kind(other, theirs)


worlds = once.fixture(two_teams)


def test_there_is_much_about_another_team_and_a_manager_meets_it(worlds):
    """Else nothing that the other tests do not find would tell anything."""
    own, _every, _ours, others, theirs, _named = worlds
    assert len(theirs.rows) >= 40
    manager = Person(own.people["manager"], theirs)
    reads = [address for row, address in others if row.method == "get" and row.own[2] == 200]
    told = [bool(manager.ask("get", address).marks) for address in reads]
    print(f"{len(others)} addresses of theirs, {sum(told)} of {len(reads)} pages tell of them")
    assert sum(told) >= 20


@pytest.mark.parametrize("who", ["supervisor", "agent"])
def test_nothing_of_another_team_is_told_changed_or_pointed_at(worlds, who):
    own, every, ours, others, theirs, named = worlds
    dice = random.Random(f"{who} {TIMES}")
    person = Person(own.people[who], theirs)
    program = Person(None, theirs, HTTP_AUTHORIZATION=f"Bearer {a_token(own, who)}")
    tried = list(probes.of_addresses(ours, others))
    some = dice.sample(named, min(len(named), examples(4), 40))
    for address, page, _answer in probes.pages(person, who, every, examples(12), dice):
        tried += probes.of_page(address, page, some)
    tried += probes.of_keys(every, some)
    tried += probes.of_api(every, some)
    told = probes.leaks(who, tried, person, program, dice, OF_THE_SITE)
    assert not told, "\n".join(told[:40])
