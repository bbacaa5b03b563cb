"""What a form's field is not to hold it does not keep: more than it takes, something of another
kind, two values at once. And a value is decoded once."""

import random

import pytest
from django.db import connection
from psycopg2 import sql

from ccm.access import ADMIN
from tests import once
from tests.attacks import forms, inputs, probes
from tests.attacks.marks import kept
from tests.attacks.test_cards import TYPED, is_like
from tests.attacks.test_inputs import ASKING, whose
from tests.attacks.walk import Person, path_of
from tests.examples import TIMES, examples
from tests.reach import a_world

pytestmark = pytest.mark.django_db

LONG = 50_000
# What stands in a row that kept what it should not, as PostgreSQL matches it.
TOO_LONG, OTHER_KIND, FIRST, LAST, TWICE = "qzxlong", "qzxkind", "qzxfirst", "qzxlast", "qzxtwice"
OF_A_KIND = ("number", "date", "time", "datetime-local", "month", "color", "range", "email", "url",
             "select", "radio")  # fmt: skip


class Looks:
    """The tables in which any of some words stands after a request, before that is taken back."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def changed(self, tables: set[str]) -> set[str]:
        found = set()
        for table in tables & {one._meta.db_table for one in kept()}:
            for word in self.words:
                with connection.cursor() as cursor:
                    cursor.execute(
                        sql.SQL("SELECT 1 FROM {} AS t WHERE t::text ~ %s LIMIT 1").format(
                            sql.Identifier(table)
                        ),
                        [word],
                    )
                    if cursor.fetchone():
                        found.add(f"{table} {word}")
        return found


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)


def fields(world, named: str, most: int, looks: Looks):
    """Fields of forms, each once, with who opens its page: person, form, name, kind."""
    made, doors = world
    seen: set[tuple[str, str]] = set()
    for who in ASKING:
        person = Person(made.people.get(who), looks)
        opened = [one for row, one in doors if row.method == "get" and whose(row) == who]
        dice = random.Random(f"{named} {who} {TIMES}")
        for address in inputs.some_of(opened, examples(most), dice):
            answer = person.ask("get", address)
            page = forms.read(address, answer.body.decode(errors="replace"))
            for form in forms.posts(page):
                for name, kind in form.kinds().items():
                    like = is_like(form.action, name)
                    if "csrf" not in name and like not in seen:
                        seen.add(like)
                        yield person, form, name, kind


def posted(person, form, name, values):
    body = inputs.encoded(form.data() | {name: values}).encode()
    return person.ask("post", form.action, body, content_type=inputs.FORM)


def test_no_field_keeps_more_than_it_takes_or_what_is_of_another_kind(world):
    told, tried = {}, 0
    for person, form, name, kind in fields(world, "kept", 40, Looks(TOO_LONG, OTHER_KIND)):
        if kind in TYPED:
            said = TOO_LONG + "á" * LONG
        elif kind in OF_A_KIND:
            said = OTHER_KIND
        else:
            continue
        tried += 1
        answer = posted(person, form, name, [said])
        if answer.changed or answer.status >= 500:
            told[is_like(form.action, name)] = (answer.status, answer.changed)
    print(f"{tried} fields, {len(told)} kept it")
    assert not told
    assert tried > 30


def test_of_a_field_that_comes_twice_one_value_is_kept(world):
    """The last: so whatever stands in front of the program may look at either, and knows which."""
    told, last = {}, 0
    for person, form, name, kind in fields(world, "twice", 40, Looks(FIRST, LAST)):
        if kind not in TYPED:
            continue
        answer = posted(person, form, name, [f"{FIRST} words", f"{LAST} words"])
        if any(FIRST in one for one in answer.changed) or answer.status >= 500:
            told[is_like(form.action, name)] = (answer.status, answer.changed)
        last += any(LAST in one for one in answer.changed)
    print(f"{last} fields kept the last, {len(told)} the first")
    assert not told
    assert last > 3


def test_a_value_is_decoded_once(world):
    """What was quoted twice is shown, and sent on, quoted once: in each field of a filter that
    takes text."""
    made, doors = world
    person, told, shown = Person(made.people[ADMIN]), {}, 0
    opened = [one for row, one in doors if row.method == "get" and whose(row) == ADMIN]
    for address in inputs.some_of(opened, examples(60), random.Random(f"once {TIMES}")):
        page = forms.read(address, person.ask("get", address).body.decode(errors="replace"))
        asked = forms.asked_of(address, page)
        filters = [one for one in page.forms if one.method == "get"]
        typed = {n for one in filters for n, kind in one.kinds().items() if kind in TYPED}
        for name in sorted(typed & set(asked)):
            query = inputs.encoded({k: [v] for k, v in asked.items()} | {name: ["%71zxtwice"]})
            answer = person.ask("get", f"{path_of(address)}?{query}")
            where = answer.headers.get("Location", "").encode()
            if answer.status >= 500 or TWICE.encode() in answer.body + where:
                told[path_of(address), name] = answer.status
            shown += b"71zxtwice" in answer.body + where
    print(f"{shown} fields showed it quoted once, {len(told)} not")
    assert not told
    assert shown > 2
