"""Methods that an address has no row for, by each role: refused, nothing written, and no way round
what another method refuses. `python -m tests.heavy.attacks methods` asks every address."""

from collections import defaultdict

import pytest
from django.urls import resolve

from tests import once
from tests.attacks.probes import doors
from tests.attacks.walk import Person, path_of
from tests.examples import TIMES
from tests.reach import INTAKE_POST, ONLY_ADMIN_POST, PLANNERS_POST, WHO, a_world

pytestmark = pytest.mark.django_db
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "TRACE", "QZX")
# So many addresses share one look in the suite.
STEP = 9
ANALYSTS_POST = (302, 302, 404, 404, 404, 302, 404, 404)
ANALYSTS_DELETE = (401, 204, 404, 404, 404, 204, 404, 404)
# What takes something away, which the walk of the matrix would miss afterwards.
TAKEN = {
    ("post", "remove_board"): INTAKE_POST,
    ("post", "remove_tile"): INTAKE_POST,
    ("post", "recording_region_remove"): ONLY_ADMIN_POST,
    ("post", "mailing_remove"): ONLY_ADMIN_POST,
    ("post", "work_spell_remove"): PLANNERS_POST,
    ("post", "scenario_remove"): INTAKE_POST,  # it is whose made it, a manager's here
    ("post", "check_remove"): ANALYSTS_POST,
    ("post", "learned_remove"): ANALYSTS_POST,
    ("post", "transcript_remove"): ANALYSTS_POST,
    ("delete", "api_check"): ANALYSTS_DELETE,
    ("delete", "api_learned"): ANALYSTS_DELETE,
    ("delete", "api_transcript"): ANALYSTS_DELETE,
}


def known():
    """A world, of each of its addresses the rows by method, and of each name who reads there."""
    world = a_world()
    rows, reads = defaultdict(dict), {}
    for row, address in doors(world):
        rows[path_of(address)].setdefault(row.method, (row, address))
        if row.method == "get":
            reads.setdefault(resolve(path_of(address)).url_name, row.own)
    return world, rows, reads


world = once.fixture(known)


@pytest.mark.parametrize("who", WHO)
def test_a_method_without_a_row_opens_nothing(world, who):
    made, rows, reading = world
    place = WHO.index(who)
    person = Person(made.people.get(who))
    wrong, asked = {}, 0
    for path in sorted(rows)[place % STEP :: STEP if TIMES == 1 else 1]:
        by_method = rows[path]
        address = next(iter(by_method.values()))[1]
        name = resolve(path).url_name
        reads = by_method["get"][0].own if "get" in by_method else reading.get(name)
        for method in METHODS:
            if method in by_method:
                continue
            answer = person.ask(method, address)
            asked += 1
            taken = TAKEN.get((method, name))
            if taken is not None:
                right = answer.status == taken[place]
            else:
                right = _opens_no_more(method, answer, reads, place)
                # That it was taken along is noted.
                right &= answer.tables <= ({"ccm_auditentry"} if method == "head" else set())
            if not right:
                wrong[f"{method} {path}"] = (answer.status, answer.tables, answer.fault[-300:])
    print(f"{who}: {asked} requests to {len(rows)} addresses, {len(wrong)} answered otherwise")
    assert not wrong, "\n".join(f"{one}: {told}" for one, told in wrong.items())


def _opens_no_more(method, answer, reads, place):
    """Whether it is refused, or answers with what reading does; `reads` is what each role is told
    then, None where nobody reads there."""
    is_open = reads is not None and reads[place] == 200
    if reads is not None and reads[0] == 200:
        return answer.status < 500  # open to all
    if method == "head" and is_open:
        return answer.status in (200, 302, 404, 405) and not answer.body
    if method == "options" and answer.status < 300:
        return not answer.body
    if method in ("get", "post") and is_open:
        return answer.status < 500  # a form that is not filled in comes back
    return 300 <= answer.status < 500
