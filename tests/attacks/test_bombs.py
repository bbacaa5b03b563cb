"""What is made to exhaust whoever reads it, posted to each door of the API: refused in words.

Bombs in files are in tests/ccm/imports/test_bombs.py and test_opening.py.
"""

import random
import time
import tracemalloc

import pytest

from ccm.access import ADMIN
from tests import once
from tests.attacks import probes
from tests.attacks.tokens import a_token
from tests.attacks.walk import Person, path_of
from tests.examples import TIMES, examples
from tests.reach import a_world

pytestmark = pytest.mark.django_db
MB = 1 << 20
BOMBS = {
    "depth": b"[" * 100_000 + b"]" * 100_000,
    "depth of objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a long number": b'{"x":' + b"9" * 200_000 + b"}",
    "a list of long numbers": b"[" + b",".join([b"9" * 4000] * 200) + b"]",
    "no finite number": b'[{"wait_ms": 1e999, "at": NaN}]',
    "width": b"{" + b",".join(b'"k%d":1' % number for number in range(50_000)) + b"}",
    "length": b"[" + b",".join([b"{}"] * 100_000) + b"]",
    "a long text": b'[{"queue":"' + b"x" * (2 * MB) + b'"}]',
    "a name twice": b"{" + b",".join([b'"a":1'] * 50_000) + b"}",
    "no text": b'{"a":"\xff\xfe\xfd"}',
    "half a letter": b'{"a":"\\ud83d"}',
    "more than is taken": b'["' + b"x" * (21 * MB) + b'"]',
}


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)


def test_each_is_refused_in_words(world):
    made, doors = world
    dice = random.Random(TIMES)
    session, program = (
        Person(made.people[ADMIN]),
        Person(None, HTTP_AUTHORIZATION=f"Bearer {a_token(made, ADMIN)}"),
    )
    posts = sorted({a for row, a in doors if row.method == "post" and a.startswith("/api/")})
    tried = [(one, name) for one in posts for name in BOMBS]
    wrong, slowest, largest = {}, 0.0, 0
    tracemalloc.start()
    try:
        for address, name in dice.sample(tried, min(len(tried), examples(30))):
            for person in (session, program):
                tracemalloc.reset_peak()
                before, began = tracemalloc.get_traced_memory()[0], time.process_time()
                answer = person.ask("post", address, BOMBS[name], content_type="application/json")
                slowest = max(slowest, time.process_time() - began)
                largest = max(largest, tracemalloc.get_traced_memory()[1] - before)
                in_words = answer.body.strip() and answer.status in range(200, 500)
                if not in_words:
                    wrong[path_of(address), name] = (answer.status, answer.fault[-300:])
    finally:
        tracemalloc.stop()
    print(
        f"{session.asked + program.asked} bombs: {slowest:.2f} s of the processor at most (with "
        f"memory traced), {largest / MB:.0f} MB at most"
    )
    assert wrong == {}
    assert largest < 256 * MB
