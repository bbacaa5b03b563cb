"""The audit log: only ever added to, and read by admins."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from ccm import audit, viewed
from ccm.live import bus
from ccm.models import (
    AuditEntry,
    AuditSeal,
    AuditWaiting,
    SurveyInvitation,
    SurveyResponse,
    Viewing,
)
from ccm.sealed import sealing, verifying
from coaching.models import Action, AskingRule
from kpis.definitions import KPIS
from tests.builders import NINE, a_call, a_queue, a_site, a_target, a_user, an_agent

pytestmark = pytest.mark.django_db


def an_entry(who=None, row=None, before=None, after=None, now=NINE):
    return audit.record(
        who, row or a_target(a_site()), before=before, after=after or {"value": 1}, now=now
    )


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows.update(action="removed"), lambda rows: rows.delete()],
    ids=["update", "delete"],
)
def test_the_database_refuses_to_change_an_entry_or_to_remove_it(change):
    entry = an_entry()
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        change(AuditEntry.objects.filter(pk=entry.pk))
    assert AuditEntry.objects.get(pk=entry.pk).action == "created"


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, {"value": 1}, "created"),
        ({"value": 1}, {"value": 2}, "changed"),
        ({"value": 1}, None, "removed"),
    ],
)
def test_an_entry_says_what_was_done_by_what_was_there(before, after, action):
    target = a_target(a_site())
    entry = audit.record(None, target, before=before, after=after, now=NINE)
    assert (entry.action, entry.model, entry.object_id) == (action, "ccm.target", str(target.pk))
    assert (entry.before, entry.after) == (before, after)


def test_what_was_neither_there_before_nor_after_is_no_entry():
    with pytest.raises(ValueError, match="before"):
        audit.record(None, a_target(a_site()), before=None, after=None, now=NINE)


def test_an_entry_outlives_the_person_it_names(client):
    gone = a_user("admin", name="gone")
    number = gone.pk
    entry = an_entry(gone)
    gone.delete()
    assert AuditEntry.objects.get(pk=entry.pk).who_id == number
    client.force_login(a_user("admin"))
    page = client.get(reverse("audit"))
    assert f"someone gone ({number})" in page.content.decode()


def test_differences_are_the_values_that_are_not_the_same():
    entry = an_entry(before={"a": 1, "b": 2, "e": {"f": 5, "g": 6}}, after={
        "b": 3, "c": None, "d": 4, "e": {"f": 5, "g": 7},
    })  # fmt: skip
    assert audit.differences(entry) == [("a", 1, None), ("b", 2, 3), ("d", None, 4), ("g", 6, 7)]


def test_numbers_that_are_equal_are_no_change_and_lists_say_their_choices():
    target = a_target(a_site())
    said = [{"value": "1.0000", "kind": "csat"}, {"value": "1", "kind": "csat"}]
    entry = audit.record(None, target, before=said[0], after=said[1], now=NINE)
    assert audit.differences(entry) == []
    target.value = Decimal(1)
    places = type(target)._meta.get_field("value").decimal_places
    assert audit.values_of(target, ())["value"] == f"{Decimal(1):.{places}f}"
    made = SurveyInvitation(questions=["csat"])
    asked = audit.record(None, made, before=None, after={"questions": ["csat", "nps"]}, now=NINE)
    [told] = audit.changes(asked, audit.Names([asked]))
    labels = [str(SurveyResponse.Kind(one).label) for one in ("csat", "nps")]
    assert told.after == ", ".join(labels)


def test_a_step_says_its_kpi_by_name_and_a_rule_of_asking_its_share_in_percent():
    step, rule = Action(pk=1), AskingRule(pk=1)
    entry = audit.record(None, step, before=None, after={"kpi": "missed_rate"}, now=NINE)
    [told] = audit.changes(entry, audit.Names([entry]))
    assert told.after == str(KPIS["missed_rate"].name)
    entry = audit.record(
        None, rule, before={"share": "1.0000"}, after={"share": "0.0300"}, now=NINE
    )
    [told] = audit.changes(entry, audit.Names([entry]))
    assert (told.before, told.after) == ("100 %", "3 %")


def test_the_page_shows_the_newest_first_and_narrows_by_who_what_did_and_when(client):
    ada, bob = a_user("admin", name="ada"), a_user("admin", name="bob")
    target = a_target(a_site())
    for who, row, before, now in (
        (ada, target, None, NINE),
        (bob, target, {"value": 2}, NINE + timedelta(days=1)),
        (None, a_site("Leeds"), None, NINE + timedelta(days=2)),
    ):
        an_entry(who, row, before, now=now)
    client.force_login(ada)

    def people(**asked):
        table = client.get(reverse("audit"), asked).context["table"]
        return [row.get_cell("who") for row in table.rows]

    assert people() == ["the program", "bob", "ada"]
    assert people(who=str(bob.pk)) == ["bob"]
    assert people(model="ccm.site") == ["the program"]
    assert people(number=str(target.pk), model="ccm.target") == ["bob", "ada"]
    assert people(action="created") == ["the program", "ada"]
    assert people(**{"from": "2026-03-03"}) == ["the program", "bob"]
    assert people(to="2026-03-02") == ["ada"]
    # What makes no sense narrows nothing, and says so where it is a day.
    assert people(who="x", model="y", action="z") == ["the program", "bob", "ada"]
    page = client.get(reverse("audit"), {"model": "rubbish"}).content.decode()
    assert "Nothing is known of what the address names." in page
    page = client.get(reverse("audit"), {"from": "2026-02-31"}).content.decode()
    assert "The dates could not be read" in page
    page = client.get(reverse("audit"), {"from": "2026-03-03", "to": "2026-03-02"})
    assert "The last day is before the first" in page.content.decode()


@pytest.mark.parametrize("entries", [1, 40])
def test_the_page_asks_the_same_of_few_entries_as_of_many(
    client, django_assert_num_queries, entries
):
    admin = a_user("admin")
    target = a_target(a_site())
    for _ in range(entries):
        an_entry(admin, target)
    client.force_login(admin)
    # Session and user; people, kinds and rows; seals of the rows, and three for how sealing stands.
    with django_assert_num_queries(9):
        assert client.get(reverse("audit")).status_code == 200


def test_a_queue_that_is_gone_is_called_as_it_was_and_a_person_is_not(client):
    """The entry keeps the last name of sites, queues and teams; of an agent the number alone."""
    queue = a_queue(a_site("Leeds"), "Sales")
    agent = an_agent(queue.site, "Ada")
    target = a_target(queue.site, queue=queue)
    said = {"kpi": "service_level", "queue": queue.pk, "agent": None}
    entry = an_entry(row=target, after=said)
    an_entry(row=target, before=said, after=said | {"queue": None, "agent": agent.pk})
    assert entry.names == {"ccm.queue": {str(queue.pk): "Sales"}}
    number, person = queue.pk, agent.pk
    client.force_login(a_user("admin"))
    queue.name = "Claims"
    queue.save()
    assert "Target, Service level, Claims" in client.get(reverse("audit")).content.decode()
    target.delete()
    queue.delete()
    agent.delete()
    page = client.get(reverse("audit")).content.decode()
    assert "Target, Service level, Sales" in page
    assert "Queue: Sales → –" in page
    assert f"queue {number}" not in page
    assert f"agent {person}" in page


def test_views_are_shown_where_they_are_asked_for_and_a_reason_is_searched(client):
    ada = an_agent(a_site("Leeds"), "Ada")
    boss = a_user("manager", name="boss")
    bus.client().delete(bus.key("viewed"))  # what other tests said
    viewed.note(boss, [ada.pk], Viewing.What.FIGURES, NINE)
    viewed.settle()
    assert viewed.tell_the_log(NINE) == 1
    audit.record(boss, ada, before={"a": 1}, after={"a": 2}, now=NINE, why="As Ada Asked")
    client.force_login(a_user("admin"))

    def shown(**asked):
        table = client.get(reverse("audit"), asked).context["table"]
        return [(row.get_cell("action"), row.get_cell("about")) for row in table.rows]

    address = reverse("agent", args=[ada.pk])
    link = f'<a class="link" href="{address}">Ada</a>'
    row = reverse("agent_edit", args=[ada.pk])
    changed = ("Changed", f'<a class="link" href="{row}">Ada</a>')
    assert shown() == shown(why="ada asked") == [changed]
    assert shown(action="viewed") == [("Viewed", link)]
    assert shown(action="all") == [changed, ("Viewed", link)]
    page = client.get(reverse("audit"), {"action": "viewed"}).content.decode()
    assert "Pages: Figures" in page
    assert "Times: 1" in page
    assert "Day: 2026-03-02" in page


def test_pages_follow_one_another_by_key_whatever_is_added_meanwhile(client):
    target = a_target(a_site())
    made = [an_entry(row=target, after={"value": number}).pk for number in range(120)][::-1]
    client.force_login(a_user("admin"))

    def page(query):
        found = client.get(reverse("audit") + query).context["page"]
        return [one.pk for one in found.entries], found.older, found.newer

    first, older, newer = page("?action=all")
    assert (first, newer) == (made[:50], None)
    an_entry(row=target)
    second, older, newer = page(f"?before={older}")
    assert second == made[50:100]
    third, end, _newer = page(f"?before={older}")
    assert (third, end) == (made[100:], None)
    assert page(f"?after={newer}")[0] == made[:50]
    assert page("?before=rubbish")[0][1:] == made[:49]
    assert page("?before=1")[0] == []


def test_the_file_is_what_is_shown_with_its_seals_and_is_an_entry_itself(client):
    site = a_site("Leeds")
    entry = audit.record(None, site, before={"name": "a"}, after={"name": "=1"}, now=NINE, why="x")
    sealing.seal_waiting(NINE)
    admin = a_user("admin")
    client.force_login(admin)
    answer = client.get(reverse("audit_csv"), {"why": "x"})
    head, *rows = csv.reader(b"".join(answer.streaming_content).decode().splitlines())
    [row] = rows
    hash_of_it = bytes(AuditSeal.objects.get(entry=entry.pk).hash).hex()
    told = dict(zip([word.lstrip("\ufeff") for word in head], row, strict=True))
    assert told["Entry"] == str(entry.pk)
    assert (told["Seal"], told["Hash"]) == ("1", hash_of_it)
    assert told["Before and after"] == "Name: a → =1"
    kept = AuditEntry.objects.first()
    assert (kept.who, kept.action, kept.model) == (admin, "exported", "ccm.auditentry")
    assert kept.after == {"everywhere": True, "narrowed": True, "file": "csv"}
    assert "Entries of the audit log" in client.get(reverse("audit")).content.decode()


def test_the_page_tells_how_the_sealing_stands(client):
    client.force_login(a_user("admin"))

    def page():
        return client.get(reverse("audit")).content.decode()

    assert "Nothing is sealed yet." in page()
    an_entry(now=timezone.now())
    assert "One entry waits for its seal." in page()
    sealing.seal_waiting(timezone.now())
    verifying.check(timezone.now())
    assert bytes(AuditSeal.objects.get().hash).hex() in page()
    assert "one seal, nothing wrong" in page()
    assert "Some tell of an earlier moment" not in page()
    an_entry(now=NINE)
    # It tells of long ago, and has just come.
    told = page()
    assert "is a worker running?" not in told
    assert "Some tell of an earlier moment" in told
    AuditWaiting.objects.update(since=NINE)
    verifying.check(timezone.now())
    told = page()
    assert "is a worker running?" in told
    assert "waits to be sealed for more than ten minutes" in told


def test_without_an_entry_the_page_says_so(client):
    client.force_login(a_user("admin"))
    assert "Nothing was changed yet" in client.get(reverse("audit")).content.decode()


def test_who_takes_calls_along_is_noted_with_what_they_are_of(client):
    """On the page nothing is noted: what is seen stays. A file is."""
    queue = a_queue(a_site("Leeds"), "Sales")
    a_call(queue, NINE)
    manager = a_user("manager", queue.site)
    client.force_login(manager)
    asked = {"site": queue.site.slug, "queue": queue.pk, "from": "2026-03-02", "to": "2026-03-02"}
    client.get(reverse("calls"), asked)
    assert not AuditEntry.objects.exists()
    assert client.get(reverse("calls_csv"), asked).status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.action, entry.before) == (manager, "exported", None)
    assert entry.after == {
        "site": queue.site.pk, "queue": queue.pk, "first": "2026-03-02", "last": "2026-03-02",
        "file": "csv",
    }  # fmt: skip
    client.force_login(a_user("admin"))
    told = client.get(reverse("audit"), {"action": "exported"}).content.decode()
    assert "Calls of Leeds" in told
    assert "First day: 2026-03-02" in told
    assert "Queue: Sales" in told
