"""Every address that writes tells the audit log, and every page about a person says who looked.

The rows of the access matrix are walked as an admin, who reaches all of them and is no agent.
"""

from collections.abc import Iterable, Iterator
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from ccm import acts, unlogged, viewed
from tests import once
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
ASIDE = {"django_session", "ccm_viewing", "ccm_viewingmark", "ccm_auditwaiting", "ccm_dirtyday"}

# Pages on which the person is one of several rows or choices, or named in passing: it is not noted
# who looks at these (docs/audit.md). None is added without a reason why it is no page about one.
AMONG_OTHERS = {
    "agent_list", "api_agents", "audit", "availability_list", "availability_new", "bid_round",
    "calibration", "call_back_owner", "calls", "cost_edit", "cost_new", "disputes", "fairness",
    "finding_edit", "finding_new", "findings", "huddle", "leave_balance_list",
    "leave_balance_new", "leave_left", "leave_list", "leave_new", "onboarding",
    "onboarding_start", "paid_list", "paid_new", "pairing_edit", "pairing_list", "pairing_new",
    "pairing_remove", "passport_calls", "plan_new", "plans", "proposals",
    "quick_note", "recognition", "recognition_new", "remarks", "report", "reviews",
    "roster_board", "roster_session_edit", "roster_session_new", "sale_edit", "sale_new",
    "sampling_draw", "sampling_plan_scores", "sampling_scores", "session_new", "sessions",
    "sessions_calendar", "steps", "target_edit", "target_new", "team_edit", "time_off", "trades",
    "transcripts", "trial", "trial_edit", "trial_new", "working_list",
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


def test_every_page_about_a_person_notes_who_looked(world, settings):
    settings.ANSWER_SECONDS = 0  # on a busy machine, too, a page is the page itself
    noted: list[int] = []
    silent = set()
    # No other's begins with it.
    world.agent.name = "Zuleika Quillfeather"
    world.agent.save()

    def note(_who: object, agents: Iterable[int | None], _what: object, _now: object) -> None:
        noted.extend(one for one in agents if one is not None)

    for name, path, client in walked(world, "get"):
        noted.clear()
        before = written()
        with patch.object(viewed, "note", note):
            answer = client.get(path)
        text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != 200 or world.agent.name.encode() not in text:
            continue
        if not noted and "ccm_auditentry" not in changed(before):
            silent.add(name)
    assert " ".join(sorted(silent - AMONG_OTHERS)) == ""
    assert " ".join(sorted(AMONG_OTHERS - silent)) == ""


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
