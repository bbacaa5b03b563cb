"""A payment card's number and its code, typed into every field of free text there is, said to the
API and brought in by rows: no column of any table keeps them."""

import json
import random
import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
from django.db import connection
from django.urls import resolve
from psycopg2 import sql

from ccm.access import ADMIN
from ccm.models import Agent, Call, SurveyResponse
from kpis.models import (
    Alert,
    AlertRule,
    Board,
    FloorRules,
    KioskLink,
    KpiChoice,
    SavedReport,
)
from tests import once
from tests.attacks import forms, inputs, probes
from tests.attacks.marks import kept
from tests.attacks.test_inputs import ASKING, whose
from tests.attacks.walk import Person, path_of
from tests.builders import NINE, a_record, a_site, a_user, an_agent, stored
from tests.examples import TIMES, examples
from tests.reach import a_world

pytestmark = pytest.mark.django_db

# Numbers that the schemes give for tests: Visa, Mastercard (both ranges), American Express,
# Discover, JCB, Diners Club, UnionPay.
CARDS = (
    "4111 1111 1111 1111", "5555-5555-5555-4444", "2223 0031 2200 3222", "3782 822463 10005",
    "6011-1111-1111-1117", "3530111333300000", "3056 930902 5904", "6200 0000 0000 0005",
)  # fmt: skip
CODE = "739"
_DIGITS = [re.sub(r"\D", "", one) for one in CARDS]
# As they may stand in a text, and their code after its word.
_FOUND = "|".join(
    [*(r"[^0-9]{0,3}".join(one) for one in _DIGITS), rf"(?:cvv|CVV)[^0-9a-zA-Z]{{0,4}}{CODE}"]
)
TYPED = ("text", "search", "url", "email", "tel")

# Columns that keep it on purpose: what tells people apart would make one of two.
ON_PURPOSE = {
    "ccm_user.username", "ccm_user.first_name", "ccm_user.last_name", "ccm_agent.name",
    "ccm_agent.employee_id",
}  # fmt: skip
LOG = "ccm_auditentry.after"


def in_clear(columns: set[str]) -> set[str]:
    """The columns that keep it without being known to. The log has what its row has."""
    known = columns & ON_PURPOSE
    left = columns - known
    return set() if known and left == {LOG} else left


def found_in(tables: set[str]) -> set[str]:
    """The columns of tables in which a card's number or a code stands."""
    found = set()
    for table in tables & {one._meta.db_table for one in kept()}:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE t::text ~ %s").format(
                    sql.Identifier(table)
                ),
                [_FOUND],
            )
            for (row,) in cursor.fetchall():
                for name, value in json.loads(row).items():
                    if re.search(_FOUND, json.dumps(value)):
                        found.add(f"{table}.{name}")
    return found


class Looks:
    """Looks through what a request has written before that is taken back."""

    def changed(self, tables: set[str]) -> set[str]:
        return found_in(tables)


def sentences() -> Iterator[str]:
    """Sentences and, where a field takes few letters, numbers alone; one card after the other."""
    for card in cycle(CARDS):
        yield f"Card {card}, cvv {CODE}, ok"


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)


def is_like(address: str, name: str) -> tuple[str, str]:
    """What a field is called, of whichever row it is."""
    return str(resolve(path_of(address)).url_name), re.sub(r"\d+", "0", name)


def test_no_form_keeps_a_card(world):
    made, doors = world
    seen: set[tuple[str, str]] = set()
    told: dict[tuple[str, str], set[str]] = {}
    wrote = set()
    say = sentences()
    for who in ASKING:
        person = Person(made.people.get(who), Looks())
        opened = [one for row, one in doors if row.method == "get" and whose(row) == who]
        dice = random.Random(f"cards {who} {TIMES}")
        for address in inputs.some_of(opened, examples(16), dice):
            answer = person.ask("get", address)
            page = forms.read(address, answer.body.decode(errors="replace"))
            for form in forms.posts(page):
                whole = form.data()
                for name, kind in form.kinds().items():
                    like = is_like(form.action, name)
                    if kind not in TYPED or "csrf" in name or like in seen:
                        continue
                    seen.add(like)
                    sentence = next(say)
                    for value in (sentence, sentence[5:-8], re.sub(r"\D", "", sentence[5:24])):
                        body = inputs.encoded(whole | {name: [value]}).encode()
                        answer = person.ask("post", form.action, body, content_type=inputs.FORM)
                        if answer.changed:
                            told[like] = answer.changed
                        if answer.wrote:
                            wrote.add(like)
                            break
    print(f"{len(seen)} fields, {len(wrote)} of them kept something")
    assert not {like: left for like, columns in told.items() if (left := in_clear(columns))}
    assert wrote


def with_said(body: Any, sentence: str) -> Iterator[tuple[str, Any]]:
    """The body with one member of free text replaced, for each, and the member's name."""
    if isinstance(body, list) and body:
        yield from ((name, [one]) for name, one in with_said(body[0], sentence))
    elif isinstance(body, dict):
        for name, value in body.items():
            if value == "x":
                yield name, body | {name: sentence}
            else:
                found = with_said(value, sentence)
                yield from ((f"{name}.{part}", body | {name: one}) for part, one in found)


def test_no_call_of_the_api_keeps_a_card(world):
    made, doors = world
    person = Person(made.people[ADMIN], Looks())
    told: dict[tuple[str, str], set[str]] = {}
    tried = wrote = 0
    say = sentences()
    for path, method, operation in probes.operations():
        kinds = operation.get("requestBody", {}).get("content", {})
        if method == "get" or "application/json" not in kinds:
            continue
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        ours = next((one for _row, one in doors if pattern.fullmatch(path_of(one))), None)
        if ours is None:
            continue
        body = probes.example(kinds["application/json"]["schema"])
        for name, said in with_said(body, next(say)):
            answer = person.ask(method, ours, said, content_type="application/json")
            tried += 1
            wrote += answer.wrote
            if left := in_clear(answer.changed):
                told[f"{method} {path}", name] = left
    print(f"{tried} members of bodies, {wrote} of them kept something")
    assert not told
    assert wrote


def test_no_import_keeps_a_card():
    site = a_site("Leeds")
    rows = [
        a_record(
            external_id=f"c{n}", line=n + 1, caller="01134960123", agent="Ada", outcome="answered",
            answered_at=NINE, disposition=said, topic=said, transfer_kind="blind",
            transfer_target=said,
            extra=json.dumps({"note": said, "cvv": CODE, said: "x"}),
        )
        for n, said in enumerate(f"Paid with {card}, cvv {CODE}." for card in CARDS)
    ]  # fmt: skip
    answers = [
        {
            "call": n, "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 4.0,
            "comment": one["topic"], "answered_at": NINE,
        }
        for n, one in enumerate(rows)
    ]  # fmt: skip
    stored(site, *rows, surveys=answers)
    assert Call.objects.filter(topic__isnull=False).count() == len(CARDS)
    assert SurveyResponse.objects.filter(comment__contains="Paid with").count() == len(CARDS)
    assert found_in({one._meta.db_table for one in kept()}) == set()


def test_no_name_note_or_word_of_what_people_put_together_keeps_a_card():
    """Straight into the rows, by every way that Django writes one."""
    site = a_site("Leeds")
    user, say = a_user("admin"), sentences()
    rule = AlertRule(
        site=site,
        name=next(say)[:80],
        kpi="service_level",
        side="below",
        raises_at="0.5",
        clears_at="0.6",
        window=60,
    )
    board = Board(slug="hall", site=site, title=next(say), tiles=[{"id": "t", "text": next(say)}])
    rows = [
        rule, board,
        FloorRules(site=site, breaks=["tea", next(say)[:40]], pauses={next(say): 5}),
        SavedReport(owner=user, name=next(say), question={"words": [next(say)]}, form=1),
        KpiChoice(kpi="service_level", valid_from=NINE.date(), note=next(say)),
        KioskLink(board=board, name=next(say), hash="x", expires_at=NINE),
        Alert(
            rule=rule, level="bad", words="x", note=next(say), raised_at=NINE, raised_value=1, n=1
        ),
    ]  # fmt: skip
    for row in rows:
        row.save()
    agent = an_agent(site, "Ada")
    Agent.objects.filter(pk=agent.pk).update(skills=["billing", next(say)])
    Board.objects.filter(pk=board.pk).update(tiles=[{"text": next(say)}])
    Alert.objects.bulk_create(
        [Alert(rule=rule, level="bad", words="x", note=next(say), raised_at=NINE, raised_value=1,
               n=1, cleared_at=NINE)]
    )  # fmt: skip
    assert found_in({one._meta.db_table for one in kept()}) == set()
    # What is still in hand is what was kept.
    assert not re.search(_FOUND, json.dumps([board.title, board.tiles, rows[2].breaks]))
    assert rows[2].breaks[0] == "tea"
    agent.refresh_from_db()
    assert agent.skills[0] == "billing"
