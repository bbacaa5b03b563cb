"""The page of roles and rights: admins', with each change in the log."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from ccm import audit
from ccm.access import AGENT, MANAGER, PLANNER, ROLES
from ccm.models import AuditEntry, RoleRight
from ccm.rights import document, reads
from ccm.rights.actions import ACTIONS
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = a_user("admin", name="ada")
    client.force_login(user)
    return user


def held(page):
    """What is ticked on the page."""
    boxes = re.findall(r'name="held" value="([^"]+)"( checked)?', page.content.decode())
    return {name for name, ticked in boxes if ticked}


def sent(client, ticked, **more):
    page = client.get(reverse("rights"))
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode())[1]
    said = {"held": sorted(ticked), "seen": seen, **more}
    return client.post(reverse("rights"), said, follow=True)


def test_all_is_as_it_came_and_each_role_says_how_many_have_it(client, admin):
    a_user(MANAGER, a_site())
    a_user(MANAGER, a_site())
    page = client.get(reverse("rights"))
    assert held(page) == {f"{role}:{one.id}" for one in ACTIONS.values() for role in one.holders}
    words = page.content.decode()
    assert "All as it came" in words
    assert re.search(r"Manager <small class=\"mark\">2 people", words)
    assert re.search(r"Planner <small class=\"mark\">0 people", words)
    # A box for what each role may hold, and for nothing else.
    boxes = words.count('name="held"')
    assert boxes == sum(len(one.holders) + len(one.others) for one in ACTIONS.values())


def test_what_is_taken_and_given_is_told_and_kept_with_before_and_after(client, admin):
    a_user(MANAGER, a_site())
    ticked = held(client.get(reverse("rights")))
    page = sent(client, ticked - {"manager:imports"} | {"planner:alert_rules"})
    words = page.content.decode()
    assert "Manager (1 person) holds no more: Import logs" in words
    assert "Planner (0 people) holds from now on: Make alert rules" in words
    assert "2 differ from how they came" in words
    assert re.search(r"Manager: taken on \d+ \w+ \d{4} by ada\.", words)
    assert {*RoleRight.objects.values_list("role", "action", "held", "changed_by")} == {
        ("manager", "imports", False, admin.pk), ("planner", "alert_rules", True, admin.pk),
    }  # fmt: skip
    entries = AuditEntry.objects.filter(model="ccm.roleright").order_by("pk")
    assert [(one.who, one.action, one.before["held"], one.after["held"]) for one in entries] == [
        (admin, "changed", True, False), (admin, "changed", False, True),
    ]  # fmt: skip
    told = audit.told(list(entries), audit.Names(list(entries)))
    assert told[entries[0].pk].words == "Right of the role Manager: Import logs"
    changes = audit.changes(entries[0], audit.Names([entries[0]]))
    assert [tuple(one) for one in changes] == [("Holds it", "yes", "no")]


@pytest.mark.parametrize("back", ["imports", "all"])
def test_as_it_was_is_as_it_came(client, admin, back):
    ticked = held(client.get(reverse("rights")))
    changed = ticked - {"manager:imports"} | {"planner:walls"}
    sent(client, changed)
    sent(client, changed, back=back)
    still = {("planner", "walls", True)} if back == "imports" else set()
    assert {*RoleRight.objects.values_list("role", "action", "held")} == still
    assert AuditEntry.objects.filter(model="ccm.roleright").count() == 4 - len(still)


def test_nothing_changed_writes_nothing(client, admin):
    page = sent(client, held(client.get(reverse("rights"))))
    assert "Nothing was changed." in page.content.decode()
    assert not RoleRight.objects.exists()
    assert not AuditEntry.objects.filter(model="ccm.roleright").exists()


def test_who_filled_it_in_over_what_is_no_more_so_is_told_and_nothing_is_kept(client, admin):
    ticked = held(client.get(reverse("rights")))
    sent(client, ticked - {"manager:imports"})
    page = client.post(reverse("rights"), {"held": sorted(ticked), "seen": ""}, follow=True)
    assert "Rights were changed meanwhile" in page.content.decode()
    assert {*RoleRight.objects.values_list("role", "action")} == {("manager", "imports")}


def test_what_a_role_cannot_hold_and_what_nobody_knows_is_not_kept(client, admin):
    ticked = held(client.get(reverse("rights")))
    nonsense = {"agent:imports", "admin:imports", "nobody:walls", "manager:fly", "manager", "\0:x"}
    assert sent(client, ticked | nonsense).status_code == 200
    assert not RoleRight.objects.exists()


@pytest.mark.parametrize("role", ROLES[1:])
def test_nobody_but_an_admin_changes_rights(client, role):
    client.force_login(a_user(role, a_site()))
    said = {"held": [f"{role}:{one}" for one in ACTIONS], "seen": ""}
    assert client.get(reverse("rights")).status_code == 404
    assert client.post(reverse("rights"), said).status_code == 404
    assert not RoleRight.objects.exists()


def test_a_row_of_an_action_that_is_no_more_neither_shows_nor_stands_in_the_way(client, admin):
    RoleRight.objects.create(
        role=AGENT, action="no_more", held=False, changed_at="2026-01-01T00:00Z"
    )
    page = sent(client, held(client.get(reverse("rights"))) - {"planner:rosters"})
    assert "1 differs from how it came" in page.content.decode()
    assert reads.seen(reads.changed_of(RoleRight.objects.all())) == f"{PLANNER}:rosters:0"


def test_the_document_has_the_table_of_the_registry():
    """When this fails: `python manage.py rights_doc`, and read what changed."""
    told = Path(__file__).resolve().parents[3] / "docs" / "rights.md"
    assert document.table() in told.read_text(encoding="utf-8")
