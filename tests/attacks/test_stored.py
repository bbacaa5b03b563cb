"""What was stored, however it came in, is shown as the text that it is: markup stands in every text
column of the record, and pages are read."""

import pytest

from ccm.access import ADMIN
from tests import once
from tests.attacks import marks, probes
from tests.attacks.walk import Person, path_of
from tests.examples import TIMES
from tests.reach import a_world

pytestmark = pytest.mark.django_db
# Ends an attribute and an element, and begins one; short, so that most columns hold all of it.
MARKUP = "\"'></b><qzxb>"
RAW, ESCAPED = b"<qzxb", b"&lt;qzxb"


def a_site_of_markup():
    before = marks.there()
    world = a_world()
    doors = probes.doors(world)
    # What is enciphered is no text: nobody types it, and what is under no key opens nothing.
    typed = {
        model: keys
        for model, keys in marks.made_since(before).items()
        if not any(field.name == "sealed" for field in model._meta.fields)
    }
    marks.plant(typed, MARKUP)
    return world, doors


world = once.fixture(a_site_of_markup)


def test_markup_that_is_stored_is_shown_as_text_on_every_page(world):
    """As an admin, who reads all of it: some addresses in the suite, every one in
    `tests.heavy.attacks`; of three in five there is some of it to show."""
    made, doors = world
    person = Person(made.people[ADMIN])
    every = list({address: None for row, address in doors if row.method == "get"})
    read = every[:: 6 if TIMES == 1 else 1]
    told, shown = [], set()
    for address in read:
        answer = person.ask("get", address)
        assert answer.status < 500, (address, answer.fault[-600:])
        if "html" not in answer.headers.get("Content-Type", ""):
            continue
        if RAW in answer.body:
            at = answer.body.index(RAW)
            told.append(f"{address}: {answer.body[max(0, at - 120) : at + 60]!r}")
        if ESCAPED in answer.body:
            shown.add(path_of(address))
    print(f"{len(read)} addresses, {len(shown)} pages showed it as text")
    assert not told, "\n".join(told)
    assert len(shown) > len(read) // 3
