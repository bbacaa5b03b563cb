"""What is said of names of logs, of notes and of calls back is in the audit log: what was before,
what is after, and nobody's name or words."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm import notes
from ccm.models import AgentAlias, AuditEntry, Topic
from ccm.naming import services as naming
from tests.builders import a_call, a_queue, a_site, a_user, an_agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return a_site("Leeds")


@pytest.fixture
def boss(client, site):
    user = a_user("admin", name="boss")
    client.force_login(user)
    return user


def told():
    """What the log was told, without when."""
    return [
        (one.who.username, one.action, one.model, one.before, one.after)
        for one in AuditEntry.objects.exclude(model="ccm.user").order_by("pk")
    ]


def page(client):
    return client.get(reverse("audit")).content.decode()


def test_a_queue_that_is_called_otherwise_says_what_it_was_called(client, boss, site):
    queue = a_queue(site, "sales_uk")
    client.post(reverse("name_rename", args=["queues", queue.pk]), {"rename-name": "Sales"})
    [(who, action, model, before, after)] = told()
    assert (who, action, model) == ("boss", "changed", "ccm.queue")
    assert (before["name"], after["name"]) == ("sales_uk", "Sales")
    assert "Name: sales_uk → Sales" in page(client)


def test_of_an_agent_only_that_the_name_is_another(client, boss, site):
    ada = an_agent(site, "Ada Wong")
    client.post(reverse("name_rename", args=["agents", ada.pk]), {"rename-name": "Grace Wong"})
    [(_who, _action, model, before, after)] = told()
    assert (model, before["name_otherwise"], after["name_otherwise"]) == ("ccm.agent", False, True)
    assert "Wong" not in str((before, after))


def test_a_name_is_confirmed_once(client, boss, site):
    topic = Topic.objects.create(name="Billing", is_new=True)
    for _time in range(2):
        client.post(reverse("name_confirm", args=["topics", topic.pk]))
    found = [one for one in told() if one[2] == "ccm.topic"]
    assert found == [("boss", "changed", "ccm.topic", {"is_new": True}, {"is_new": False})]
    assert "Confirmed: no → yes" in page(client)


def test_a_guess_that_is_confirmed_and_a_name_that_is_given_away_say_whose_they_were(
    client, boss, site
):
    ada, ben = an_agent(site, "Ada Wong"), an_agent(site, "Ben Okri")
    guess = AgentAlias.objects.create(source="pbx", raw_name="wong, a", agent=ada)
    client.post(reverse("alias_confirm", args=[guess.pk]))
    naming.give(guess, ben, user=boss)
    first, second = told()
    assert first[2] == second[2] == "ccm.agentalias"
    assert (first[3]["confirmed"], first[4]["confirmed"]) == (False, True)
    assert (second[3]["agent"], second[4]["agent"]) == (ada.pk, ben.pk)
    assert "wong" not in str((first, second)).lower()
    shown = page(client)
    assert "A name in logs of pbx: Ben Okri" in shown
    assert "Ada Wong → Ben Okri" in shown


def test_a_name_that_was_handed_on_and_taken_back_is_told_from_when(client, boss, site):
    ada, ben = an_agent(site, "Ada"), an_agent(site, "Ben")
    alias = ada.aliases.get()
    day = timezone.now().date() - timedelta(days=3)
    naming.give(alias, ben, day, user=boss)
    naming.Job.objects.all().delete()
    naming.take_back(ben.aliases.get(valid_from=day), boss)
    made, removed = told()
    assert (made[1], made[3], made[4]["valid_from"]) == ("created", None, str(day))
    assert (removed[1], removed[3]["agent"], removed[4]) == ("removed", ben.pk, None)


def test_a_note_says_what_the_one_before_said_and_no_word_of_either(client, boss, site):
    call = a_call(a_queue(site), timezone.now())
    now = timezone.now()
    due = now + timedelta(days=1)
    notes.write(call, boss, {"topic": "Billing", "words": "She is ill"}, now)
    notes.write(call, boss, {"topic": "Claims", "callback_due_at": due}, now)
    first, second = told()
    billing, claims = Topic.objects.get(name="Billing"), Topic.objects.get(name="Claims")
    assert (first[1], first[3]) == ("created", None)
    assert first[4]["words_otherwise"] is True
    assert (second[1], second[3]["topic"], second[4]["topic"]) == (
        "changed", billing.pk, claims.pk,
    )  # fmt: skip
    assert (second[3]["callback_due_at"], second[4]["callback_due_at"]) == (None, str(due))
    # The second has no words: they are others than before.
    assert second[4]["words_otherwise"] is True
    assert "escalation_otherwise" not in second[4]
    assert "ill" not in str((first, second))
    shown = page(client)
    assert reverse("call", args=[call.pk]) in shown
    assert "Topic: Billing → Claims" in shown


def test_a_call_back_that_was_made_is_told_once(client, boss, site):
    call, now = a_call(a_queue(site), timezone.now()), timezone.now()
    note = notes.write(call, boss, {"callback_due_at": now + timedelta(hours=1)}, now)
    for _time in range(2):
        client.post(reverse("callback_done", args=[note.pk]))
    _written, done = told()
    assert (done[2], done[3]["callback_done_at"]) == ("ccm.callnote", None)
    assert done[4]["callback_done_at"].startswith(str(now.date())[:4])
