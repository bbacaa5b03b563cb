"""Changes of queues, teams and people are in the audit log, and nobody's name is."""

import pytest
from django.urls import reverse

from ccm.models import Agent, AuditEntry, Queue, Team, TeamLead, TeamMembership
from tests.builders import a_queue, a_site, a_team, a_user, an_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def boss(client, site):
    user = a_user("manager", site, name="boss")
    client.force_login(user)
    return user


def entry():
    found = AuditEntry.objects.get()
    return found.action, found.model, found.before, found.after


def changed_of(page):
    """The fields of a form as its page has them."""
    form = page.context["form"]
    return {name: "" if (value := form[name].value()) is None else value for name in form.fields}


def test_a_queue_that_is_changed_says_what_it_was(client, boss, site):
    queue = a_queue(site, "Sales")
    address = reverse("queue_edit", args=[queue.pk])
    said = changed_of(client.get(address)) | {"name": "Claims"}
    client.post(address, said)
    found = AuditEntry.objects.get()
    assert (found.who, found.action, found.model) == (boss, "changed", "ccm.queue")
    differ = {name for name in found.after if found.after[name] != found.before[name]}
    assert differ == {"name"}
    assert (found.before["name"], found.after["name"]) == ("Sales", "Claims")
    client.force_login(a_user("admin"))
    page = client.get(reverse("audit")).content.decode()
    assert "Name: Sales → Claims" in page
    assert address in page


def test_a_persons_new_name_is_not_told_but_that_it_is_another(client, boss, site):
    ada = an_agent(site, "Ada Wong")
    address = reverse("agent_edit", args=[ada.pk])
    client.post(address, changed_of(client.get(address)) | {"name": "Grace Wong"})
    assert Agent.objects.get().name == "Grace Wong"
    found = AuditEntry.objects.get()
    assert found.after["name_otherwise"] is True
    assert "Wong" not in str((found.before, found.after, found.names))
    client.force_login(a_user("admin"))
    assert "Name: as it was → another" in client.get(reverse("audit")).content.decode()


def test_who_is_made_and_who_goes_is_told(client, boss, site):
    queue = a_queue(site, "Sales")
    number = queue.pk
    client.post(reverse("queue_remove", args=[number]))
    assert not Queue.objects.exists()
    action, model, before, after = entry()
    assert (action, model, before["name"], after) == ("removed", "ccm.queue", "Sales", None)
    assert AuditEntry.objects.get().object_id == str(number)


def test_what_cannot_go_is_not_told(client, boss, site):
    ada = an_agent(site, "Ada")
    a_team(site, None, ada)
    client.post(reverse("team_remove", args=[Team.objects.get().pk]))
    assert Team.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_move_tells_the_team_before_and_after(client, boss, site):
    ada = an_agent(site, "Ada")
    old, new = a_team(site, None, ada), a_team(site, None)
    since = "2026-05-04"
    client.post(reverse("agent_move", args=[ada.pk]), {"team": new.pk, "since": since})
    assert TeamMembership.objects.filter(team=new).exists()
    assert entry() == (
        "changed", "ccm.agent", {"team": old.pk}, {"team": new.pk, "since": since},
    )  # fmt: skip


def test_a_lead_tells_who_led_before_and_after(client, boss, site):
    first, second = a_user("supervisor", site), a_user("supervisor", site)
    team = a_team(site, first)
    since = "2026-05-04"
    client.post(reverse("team_lead", args=[team.pk]), {"supervisor": second.pk, "since": since})
    assert TeamLead.objects.filter(supervisor=second).exists()
    assert entry() == (
        "changed", "ccm.team", {"supervisor": first.pk}, {"supervisor": second.pk, "since": since},
    )  # fmt: skip


def test_what_is_refused_is_not_told(client, boss, site):
    team = a_team(site, boss)
    client.post(reverse("team_lead", args=[team.pk]), {"supervisor": boss.pk, "since": "never"})
    assert not AuditEntry.objects.exists()
