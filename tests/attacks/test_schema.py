"""What describes the API is what it does: requests made of it, as it asks and otherwise, are each
answered in words, with a status, a type and a body that it tells of."""

import random
from collections import Counter

import pytest

from tests import once
from tests.attacks import described, probes
from tests.attacks.tokens import a_token
from tests.attacks.walk import Person
from tests.examples import TIMES, examples
from tests.reach import WHO, a_world

pytestmark = pytest.mark.django_db
# Each role, half of the time by session and half by a token; and a program that has a token alone.
TOKEN = "token"
ASKING = (TOKEN, *WHO)


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)
kept = []


def sent_by_each(own):
    """The same requests for each of those who ask: to make them takes longer than to answer."""
    kept.extend([] if kept else described.some(examples(25), own, random.Random(TIMES)))
    return kept


@pytest.mark.parametrize("who", ASKING)
def test_each_answer_is_one_that_the_description_tells_of(world, who):
    made, own = world
    requests = sent_by_each(own)
    dice = random.Random(f"{who} {TIMES}")
    token = {"HTTP_AUTHORIZATION": f"Bearer {a_token(made, 'admin' if who == TOKEN else who)}"}
    person, program = Person(made.people.get(who)), Person(None)
    told, counts = {}, Counter()
    for one in requests:
        by_token = who == TOKEN or one.case.method != "GET" or dice.random() < 0.5
        asks, how = (program, token) if by_token else (person, {})
        answer = described.send(one, asks, how)
        counts["asked"] += 1
        counts[f"{answer.status // 100}xx"] += 1
        wrong = described.not_as_told(one, answer)
        if answer.status >= 500:
            wrong.insert(0, f"{answer.status} {answer.fault[-900:]}")
        if wrong:
            counts["wrong"] += 1
            key = (one.case.method, one.case.path, wrong[0][-160:])
            body = one.sent.body if one.sent.body is not None else b""
            said = (answer.status, one.sent.url, body[:300], wrong)
            if told.setdefault(key, said) is said:
                print(f"{who} {key[:2]}: {said}"[:3000], flush=True)
    kinds = len({one.case.operation.label for one in requests})
    print(f"{who}: {dict(counts)} to {kinds} operations", flush=True)
    assert not told, "\n\n".join(f"{key[:2]}: {said}" for key, said in list(told.items())[:40])
