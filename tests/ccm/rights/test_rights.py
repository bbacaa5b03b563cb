"""What roles may do: the registry is what the matrix of access says, and what is taken or given is
heeded at every address of it and nowhere else.

The suite walks a part of the matrix, `python -m tests.heavy.rights` all of it.
"""

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from ccm.access import AGENT, MANAGER, PLANNER, QA_ANALYST, ROLES, SUPERVISOR, Scope
from ccm.accounts import tokens
from ccm.backend import Backend
from ccm.models import ApiToken, EmergencyReach, RoleRight, User
from ccm.rights import holding, reach
from ccm.rights.actions import ACTIONS
from tests import once
from tests.builders import a_site, a_user
from tests.examples import TIMES
from tests.reach import WHO, Row, a_world
from tests.test_access import MATRIX

pytestmark = pytest.mark.django_db
OPEN = (200, 201, 202, 204, 302)
world = once.fixture(a_world)
two_worlds = once.fixture(lambda: (a_world(), a_world()))


def say(role: str, action: str, *, held: bool) -> None:
    RoleRight.objects.update_or_create(
        role=role, action=action, defaults={"held": held, "changed_at": timezone.now()}
    )


def rows_of(action: str) -> Iterator[tuple[str, Row]]:
    """Rows of the matrix at the addresses of an action."""
    for name, rows in MATRIX.items():
        for row in rows:
            if action in told(name, row):
                yield name, row


def told(name: str, row: Row) -> set[str]:
    """The actions that a row of the matrix does. What its query asks for, and what it decides, is
    among the words that its address is made with."""
    code, cells = row.path.__code__, row.path.__closure__ or ()
    words = str((code.co_names, code.co_consts, [one.cell_contents for one in cells]))
    keys = {"export"} if "export" in words else set()
    found = {one.id for one in holding.actions_at(name, row.method.upper(), keys)}
    # One address has all steps of a dispute: the view asks which.
    return found | {"disputes"} if name == "dispute_act" and "'decide'" in words else found


def opens(row: Row) -> set[str]:
    """The roles that a row opens to."""
    return {who for who, status in zip(WHO, row.own, strict=True) if status in OPEN}


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_held_by_whom_its_addresses_open_to(action):
    known, found = ACTIONS[action], set()
    for name, row in rows_of(action):
        those = opens(row) - {"nobody", "admin"}
        assert those <= {*known.holders, *known.besides}, name
        found |= those
    # Where a role holds it there is something for it to do; what only keys for machines do, and
    # what only whose it is does, the matrix opens to nobody.
    assert {*known.holders} <= found
    assert not {*known.others} & {*known.holders}
    assert bool(known.others) == bool(known.like)


def test_every_address_of_an_action_is_there():
    there = {name for one in ACTIONS.values() for name in one.addresses}
    named = {one.rpartition(" ")[2].partition("?")[0] for one in there}
    assert named <= set(MATRIX)


def asked(person: User, rows: list[tuple[str, Row]], world: Any) -> Iterator[tuple[str, Row, Any]]:
    """Rows, each with what a person is answered."""
    known = Client()
    known.force_login(person)
    for name, row in rows:
        if name in ("logout", "account_logout"):
            continue
        client = Client()
        client.handler = known.handler
        client.cookies.load({one: it.value for one, it in known.cookies.items()})
        yield name, row, getattr(client, row.method)(row.path(world))


def all_rows() -> list[tuple[str, Row]]:
    return [(name, row) for name, rows in MATRIX.items() for row in rows]


def to_walk(who: str) -> list[tuple[str, Row]]:
    """What a role comes to of the addresses of actions, and some of the others: all of them by the
    heavy command."""
    every = all_rows()
    if TIMES > 1:
        return every
    theirs = [one for one in every if told(*one) and who in opens(one[1])]
    return theirs[::3] + [one for one in every if not told(*one)][::14]


def take_all(role: str) -> set[str]:
    taken = {one.id for one in ACTIONS.values() if role in one.holders}
    for action in taken:
        say(role, action, held=False)
    return taken


class Leads(HTMLParser):
    """What a page leads to: (address, method) of its links, forms and everything else that names
    an address of ours."""

    def __init__(self, page: str, own: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.own = own
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.add((said.get("action") or self.own, said.get("method", "get").upper()))
        for name, value in said.items():
            posts = name in ("hx-post", "formaction")
            if (name, tag) != ("action", "form") and value[:1] in ("/", "?"):
                self.found.add((value, "POST" if posts else "GET"))


def closed_ways(page: str, own: str, taken: set[str]) -> list[str]:
    """What a page leads to of the addresses of actions that were taken."""
    wrong = []
    for to, method in Leads(page, own).found:
        there = urlsplit(urljoin(own, to))
        try:
            name = resolve(there.path).url_name or ""
        except Resolver404:
            continue
        keys = parse_qs(there.query)
        if taken & {one.id for one in holding.actions_at(name, method, keys)}:
            wrong.append(f"{method} {to}")
    return wrong


@pytest.mark.parametrize("who", ROLES[1:])
def test_what_is_taken_from_a_role_is_gone_and_all_else_is_as_before(world, who):
    """No page that is still there leads to what is gone."""
    taken, wrong = take_all(who), {}
    gone = {one for one in taken if who not in ACTIONS[one].besides}
    for name, row, answer in asked(world.people[who], to_walk(who), world):
        expected = 404 if told(name, row) & gone else row.own[WHO.index(who)]
        if answer.status_code != expected:
            wrong[f"{row.method} {name}"] = (answer.status_code, expected)
        if answer.status_code == 200 and answer.get("Content-Type", "").startswith("text/html"):
            page = answer.content.decode()
            if ways := closed_ways(page, answer.wsgi_request.path, gone):
                wrong[f"ways of {name}"] = ways
    assert wrong == {}


@pytest.mark.parametrize("who", [PLANNER, QA_ANALYST])
def test_what_is_given_to_a_role_opens_for_its_own_sites_and_nothing_leads_astray(two_worlds, who):
    """As it opens to the role that it is like; another site's is not there, and once it is as it
    was again all is as before."""
    own, other = two_worlds
    given = {one.id: one for one in ACTIONS.values() if who in one.others}
    rows = [(name, row) for action in given for name, row in rows_of(action) if told(name, row)
            <= {*given}]  # fmt: skip
    if TIMES == 1:
        rows = [one for one in rows if not one[0].endswith("_remove")][::2]
    for action in given:
        say(who, action, held=True)
    person, wrong = own.people[who], {}
    for name, row, answer in asked(person, rows, own):
        like = given[next(iter(told(name, row)))].like
        expected = row.own[WHO.index(like)]
        if answer.status_code != expected:
            wrong[f"{row.method} {name}"] = (answer.status_code, expected)
        if lost := leads_nowhere(person, answer):
            wrong[f"ways of {name}"] = lost
    for name, row, answer in asked(person, [one for one in rows if one[1].of_a_site], other):
        if answer.status_code != 404:
            wrong[f"{row.method} {name} of another site"] = answer.status_code
    RoleRight.objects.all().delete()
    for name, row, answer in asked(person, rows[::4], own):
        if answer.status_code != row.own[WHO.index(who)]:
            wrong[f"{row.method} {name} afterwards"] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("who", [PLANNER, QA_ANALYST])
def test_who_is_given_an_action_finds_the_way_to_it(world, who):
    """By the sidebar, or by a page that they read in any case, which leads nowhere else now."""
    given = {one.id: one for one in ACTIONS.values() if who in one.others}
    for action in given:
        say(who, action, held=True)
    client, person = Client(), world.people[who]
    client.force_login(person)
    side = {entry["url"] for group in client.get("/").context["navigation"] for entry in
            group["entries"]}  # fmt: skip
    for action in given.values():
        there = {resolve(one).url_name for one in side} & {*action.addresses}
        for name in action.begins_at:
            for row in MATRIX[name]:
                ((_name, _row, answer),) = asked(person, [(name, row)], world)
                assert answer.status_code == row.own[WHO.index(action.like)]
                assert leads_nowhere(person, answer) == []
                own = answer.wsgi_request.path
                for to, _method in Leads(answer.content.decode(), own).found:
                    try:
                        there.add(resolve(urlsplit(urljoin(own, to)).path).url_name)
                    except Resolver404:
                        continue
        assert there & {*action.addresses}, action.id


def leads_nowhere(person: User, answer: Any) -> list[str]:
    """Links of the main part of a page that are not there for its reader."""
    if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
        return []
    page = answer.content.decode()
    main = page[page.find("<main") : page.rfind("</main>")]
    client, found = Client(), []
    client.force_login(person)
    for to, method in sorted(Leads(main, answer.wsgi_request.path).found):
        if method == "GET" and client.get(urljoin(answer.wsgi_request.path, to)).status_code == 404:
            found.append(to)
    return found


def test_who_has_two_roles_may_what_either_holds_and_as_that_one(world):
    """A manager who leads a team hears of the site; without the right as a manager, of the team."""
    person = world.people[SUPERVISOR]
    person.groups.add(Group.objects.get(name=MANAGER))
    say(MANAGER, "decisions", held=False)
    client = Client()
    client.force_login(person)
    scope = reach.scope_for(User.objects.get(pk=person.pk), "decisions")
    assert scope.roles == {SUPERVISOR}
    assert (scope.planned_sites, scope.teams) == (frozenset(), {world.team.pk})
    assert reach.scope_for(User.objects.get(pk=person.pk), "rosters").roles == {MANAGER, SUPERVISOR}
    say(SUPERVISOR, "decisions", held=False)
    assert reach.scope_for(User.objects.get(pk=person.pk), "decisions") == Scope()
    assert not reach.may(User.objects.get(pk=person.pk), "decisions")


def test_an_agent_who_manages_keeps_what_is_their_own(world):
    """Sessions are the coach's and the agent's: taken from managers, the agent's stay."""
    person = world.people[AGENT]
    person.groups.add(Group.objects.get(name=MANAGER))
    say(MANAGER, "coaching", held=False)
    at = reach.scope_at(User.objects.get(pk=person.pk), "session")
    assert at is not None
    assert at.roles == {AGENT}
    assert reach.scope_at(User.objects.get(pk=person.pk), "calls").roles == {AGENT, MANAGER}


def test_a_change_holds_at_the_next_request_and_ends_no_session(client, world):
    client.force_login(world.people[MANAGER])
    assert client.get("/imports/").status_code == 200
    say(MANAGER, "imports", held=False)
    page = client.get("/")
    assert (page.status_code, b'href="/imports/"' in page.content) == (200, False)
    assert client.get("/imports/").status_code == 404
    RoleRight.objects.all().delete()
    assert client.get("/imports/").status_code == 200
    assert b'href="/imports/"' in client.get("/").content


@pytest.mark.parametrize(
    "rows",
    [[(MANAGER, "no_such_action", False)], [("nobody", "imports", False)],
     [(AGENT, "imports", True)], [(MANAGER, "imports", True)]],
)  # fmt: skip
def test_rows_of_what_nobody_knows_or_cannot_be_say_nothing(client, world, rows):
    for role, action, held in rows:
        say(role, action, held=held)
    client.force_login(world.people[MANAGER])
    assert client.get("/imports/").status_code == 200
    client.force_login(world.people[AGENT])
    assert client.get("/imports/").status_code == 404
    client.force_login(world.people["admin"])
    assert client.get("/rights/").status_code == 200


def test_it_costs_no_query(client, world):
    """A page asks the database the same with rights as without."""
    client.force_login(world.people[MANAGER])
    client.get("/queues/")
    with CaptureQueriesContext(connection) as before:
        client.get("/queues/")
    say(MANAGER, "imports", held=False)
    say(MANAGER, "figure_files", held=False)
    with CaptureQueriesContext(connection) as after:
        client.get("/queues/")
    assert len(after) == len(before)


def test_a_token_does_no_more_than_its_user(client, world):
    user = world.people[MANAGER]
    now = timezone.now()
    _row, words = tokens.make(
        name="Loader", user=user, scopes=[ApiToken.IMPORT], last_on=now.date(), now=now
    )
    header = {"headers": {"Authorization": f"Bearer {words}"}}
    address = reverse("api_import", args=[world.batch.pk])
    assert client.get(address, **header).status_code == 200
    say(MANAGER, "imports", held=False)
    answer = client.get(address, **header)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_an_emergency_ends_with_the_right_to_it():
    site, other = a_site(), a_site()
    boss = a_user(MANAGER, site)
    now = timezone.now()
    EmergencyReach.objects.create(
        user=boss, site=other, reason="Fire", begins_at=now, ends_at=now + timedelta(minutes=30)
    )
    assert Backend().get_user(boss.pk)._ccm_scope.emergency is not None
    say(MANAGER, "emergencies", held=False)
    scope = Backend().get_user(boss.pk)._ccm_scope
    assert (scope.emergency, scope.figure_sites) == (None, {site.pk})


def test_admins_have_all_whatever_the_table_says(client, world):
    with pytest.raises(IntegrityError), transaction.atomic():
        say("admin", "imports", held=False)
    # Who is an admin and a manager loses nothing with the manager's.
    admin = world.people["admin"]
    admin.groups.add(Group.objects.get(name=MANAGER))
    for action in ACTIONS:
        say(MANAGER, action, held=False)
    client.force_login(admin)
    assert client.get("/imports/").status_code == 200
