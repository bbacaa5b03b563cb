"""No name of anybody, and nothing that somebody typed, is in a line of the log."""

import logging
import random

import pytest

from ccm.access import ADMIN, AGENT, MANAGER
from tests import once
from tests.attacks import forms, inputs, marks, probes
from tests.attacks.test_cards import TYPED
from tests.attacks.walk import Person, path_of
from tests.examples import TIMES, examples
from tests.reach import WHO, a_world

pytestmark = pytest.mark.django_db
# As they are where the program runs; in tests some are quiet.
LOGGERS = ("ccm", "ccm.requests", "django.request", "django.security", "django_structlog", "axes")


def a_site_of_names():
    """Words are planted in all that people or sources write, names among them."""
    before = marks.there()
    world = a_world()
    doors = probes.doors(world)
    marks.plant(marks.made_since(before))
    return world, doors


world = once.fixture(a_site_of_names)


def lines(caplog):
    for one in caplog.records:
        yield f"{one.name} {one.getMessage()} {one.msg} {one.exc_text or ''}"


@pytest.mark.parametrize("who", [ADMIN, MANAGER, AGENT])
def test_no_line_has_a_name_or_what_was_typed(world, caplog, who):
    made, doors = world
    caplog.set_level(logging.INFO)
    for name in LOGGERS:
        logging.getLogger(name).disabled = False
    person = Person(made.people[who])
    place, dice = WHO.index(who), random.Random(f"log {who} {TIMES}")
    opened = [at for row, at in doors if row.method == "get" and row.own[place] == 200]
    met = typed = 0
    for address in inputs.some_of(opened, examples(25), dice):
        answer = person.ask("get", address)
        met += bool(answer.marks)
        page = forms.read(address, answer.body.decode(errors="replace"))
        for name in list(forms.asked_of(address, page))[:3]:
            person.ask("get", f"{path_of(address)}?{name}={marks.MARK}asked")
        for form in list(forms.posts(page))[:2]:
            kinds = form.kinds()
            said = {name: [f"{marks.MARK}typed"] for name, kind in kinds.items() if kind in TYPED}
            typed += bool(said)
            body = inputs.encoded(form.data() | said).encode()
            person.ask("post", form.action, body, content_type=inputs.FORM)
    told = list(lines(caplog))
    wrong = [one for one in told if marks.FOUND.search(one.encode(errors="replace"))]
    print(f"{who}: {met} pages with names, {typed} forms, {len(told)} lines")
    assert not wrong, "\n".join(wrong[:10])
    assert met >= 8
    assert len(told) >= met
    assert typed >= 2
