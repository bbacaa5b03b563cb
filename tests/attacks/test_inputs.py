"""Every field of every form and filter, with values that nobody expects: each is answered in words,
none breaks anything, none leads away, and none comes back as a part of the page."""

import random

import pytest

from ccm.access import ADMIN, AGENT
from tests import once
from tests.attacks import inputs, probes
from tests.attacks.walk import Person
from tests.examples import TIMES, examples
from tests.reach import NOBODY, WHO, a_world

pytestmark = pytest.mark.django_db
# Who opens each page: the first of these who may.
ASKING = (ADMIN, AGENT, *(one for one in WHO if one not in (ADMIN, AGENT, NOBODY)), NOBODY)


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)


def whose(row):
    """Who of those who ask opens a page."""
    return next((one for one in ASKING if row.own[WHO.index(one)] == 200), None)


@pytest.mark.parametrize("who", ASKING)
def test_a_value_that_nobody_expects_is_answered_in_words(world, who):
    made, doors = world
    dice = random.Random(f"{who} {TIMES}")
    person = Person(made.people.get(who))
    opened = [(row, one) for row, one in doors if row.method == "get" and whose(row) == who]
    tried = []
    for _row, address in inputs.some_of(opened, examples(10), dice):
        answer = person.ask("get", address)
        page = probes.forms.read(address, answer.body.decode(errors="replace"))
        found = list(inputs.of_page(address, page))
        tried += inputs.some_of(found, examples(12), dice)
    bodies = [
        one for row, at in doors if row.method == "post" for one in inputs.of_door("post", at)
    ]
    if who == ADMIN:  # each address is sent what is no form at all, once
        tried += inputs.some_of(bodies, examples(25), dice)
    told = {}
    for one in tried:
        more = {} if one.body is None else {"content_type": one.kind}
        answer = person.ask(one.method, one.address, one.body, **more)
        wrong = []
        if answer.status >= 500:
            wrong.append(f"{answer.status} {answer.fault[-600:]}")
        if inputs.leads_away(one.address, answer.headers.get("Location", "")):
            wrong.append(f"leads to {answer.headers['Location']}")
        is_page = "html" in answer.headers.get("Content-Type", "")
        if is_page and (b"<qzxb" in answer.body or b"<svg/onload=qzxb" in answer.body):
            wrong.append("comes back as it was")
        if "qzx" in answer.headers.get("Set-Cookie", ""):
            wrong.append("sets a cookie")
        if wrong:
            key = (one.method, probes.path_of(one.address), one.name, answer.fault[-200:])
            told.setdefault(key, (one.value[:60], wrong))
    kinds = {(one.method, probes.path_of(one.address), one.name) for one in tried}
    print(f"{who}: {len(tried)} requests to {len(kinds)} fields, {len(told)} answered wrongly")
    assert not told, "\n".join(f"{key[:3]}: {said}" for key, said in list(told.items())[:30])
