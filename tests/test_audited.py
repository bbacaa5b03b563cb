"""Every address that writes tells the audit log, and every page about a person says who looked.

The rows of the access matrix are walked as an admin, who reaches all of them and is no agent.
"""

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from ccm import acts, among_others, unlogged, viewed
from ccm.models import AuditEntry, ListViewing
from tests import once
from tests.builders import a_user, an_agent
from tests.reach import World, a_world
from tests.test_access import MATRIX

pytestmark = pytest.mark.django_db
world = once.fixture(a_world)


def written() -> dict[str, int]:
    """How many rows the database counts as written in this transaction, by table: what the program
    says of itself is not asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def walked(world: World, method: str) -> Iterator[tuple[str, str, Client]]:
    known = Client()
    known.force_login(world.people["admin"])
    # Made beforehand: some are of what others' forms change.
    asked = [
        (name, row.path(world))
        for name, rows in MATRIX.items()
        for row in rows
        if row.method == method and name not in ("login", "logout")
    ]
    for name, path in asked:
        yield name, path, known


# What is written, if only these are, tells nothing that somebody did.
ASIDE = {
    "django_session", "ccm_viewing", "ccm_listviewing", "ccm_viewingmark", "ccm_auditwaiting",
    "ccm_dirtyday", "ccm_browsersession",
}  # fmt: skip


def changed(before: dict[str, int]) -> set[str]:
    return {table for table, many in written().items() if many > before.get(table, 0)}


def test_every_address_that_writes_tells_the_log(world):
    untold = {}
    wrote = set()
    for name, path, client in walked(world, "post"):
        before = written()
        client.post(path)
        tables = changed(before) - ASIDE
        if tables and not unlogged.is_kept_out(path) and name not in acts.left_out():
            wrote.add(name)
            if "ccm_auditentry" not in tables:
                untold[name] = tables
    assert untold == {}
    assert len(wrote) >= 40  # else nothing was asked that would write


def names(client: Client, path: str, name: str) -> bool:
    """Whether a page is shown that names somebody."""
    answer = client.get(path)
    text = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code == 200 and name.encode() in text


def somebody(world: World) -> str:
    """The agent, by a name that no other's begins with."""
    world.agent.name = "Zuleika Quillfeather"
    world.agent.save()
    return world.agent.name


def test_every_page_that_names_a_person_notes_who_looked(world, settings):
    """For that person, or as a list; what left as a file is told by itself."""
    settings.ANSWER_SECONDS = 0  # on a busy machine, too, a page is the page itself
    name = somebody(world)
    silent, lists = set(), set()
    with patch.object(viewed, "_say") as say:
        for address, path, client in walked(world, "get"):
            say.reset_mock()
            before = written()
            if not names(client, path, name):
                continue
            if not say.called and "ccm_auditentry" not in changed(before):
                silent.add(address)
            lists |= {one.args[0].what for one in say.call_args_list if not one.args[0].agents}
    assert " ".join(sorted(silent)) == ""
    assert len(lists) >= 60  # else hardly any was shown


def test_who_reaches_nobody_else_is_noted_where_colleagues_are_named(world, settings):
    settings.ANSWER_SECONDS = 0
    name = somebody(world)
    colleague = a_user("agent")
    an_agent(world.site, user=colleague)
    known = Client()
    known.force_login(colleague)
    found = {}
    for address, path, _admin in walked(world, "get"):
        # Of any other page that names somebody the test above tells.
        if address not in among_others.pages():
            continue
        with patch.object(viewed, "_say") as say:
            if names(known, path, name):
                found[address] = say.called
    assert [address for address, noted in found.items() if not noted] == []
    assert {"recognition", "recognition_new"} <= found.keys()


def test_each_list_is_a_page_that_there_is_and_its_name_can_be_kept():
    assert among_others.pages().keys() <= MATRIX.keys()
    longest = ListViewing._meta.get_field("page").max_length
    assert max(map(len, among_others.pages())) <= longest <= AuditEntry.object_id.field.max_length


def test_the_log_is_told_of_every_file_that_is_taken_along_of_all_sites(world):
    """Such a file is of no site, so its entry names none."""
    untold = set()
    for name, path, client in walked(world, "get"):
        if name.endswith(("_csv", "_export")):
            before = written()
            client.get(path.partition("?")[0])
            if "ccm_auditentry" in changed(before) and client.get("/audit/").status_code != 200:
                untold.add(name)
                break
    assert untold == set()
