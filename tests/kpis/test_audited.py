"""What people take along and what they set up is in the audit log, in words and without names."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from ccm import work
from ccm.imports import undo
from ccm.imports.mapping import saved
from ccm.models import AuditEntry, ImportBatch, Webhook
from ccm.naming import parting, services
from ccm.naming.remembered import NameMerge
from kpis import rollups
from kpis.alerts import services as rules
from kpis.alerts.models import AlertRule
from kpis.mailings import services as mailings
from kpis.mailings.models import Mailing
from kpis.models import SavedReport
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, sent
from tests.builders import (
    LAYOUT,
    NINE,
    a_call,
    a_leave,
    a_queue,
    a_site,
    a_user,
    an_agent,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return a_user("admin", name="boss")


def entries(model=""):
    found = AuditEntry.objects.order_by("pk")
    return list(found.filter(model=model) if model else found)


def page_of(client, boss):
    client.force_login(boss)
    return client.get(reverse("audit")).content.decode()


def taken(client, who, name, *args, **query):
    client.force_login(who)
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize(
    "name",
    ["agent_csv", "team_csv", "leave_csv", "paid_csv", "sale_csv", "cost_csv", "target_csv"],
)
def test_who_exports_a_list_about_people_is_noted_and_what_it_was_narrowed_by_is_not(
    client, boss, name
):
    site = a_site("Leeds")
    taken(client, boss, name)
    taken(client, boss, name, site=site.slug, q="Ada Lovelace")
    whole, part = entries()
    assert (whole.who, whole.action) == (boss, "exported")
    assert whole.after == {"everywhere": True, "file": "csv"}
    assert part.after == {"site": site.pk, "narrowed": True, "file": "csv"}
    page = page_of(client, boss)
    assert "Sites: all in reach · File: CSV" in page
    assert "Leeds" in page
    assert "Narrowed by filters: yes" in page
    assert "Lovelace" not in page


@pytest.mark.parametrize("name", ["site_csv", "queue_csv", "headcount_csv", "webhook_csv"])
def test_a_list_of_no_people_is_not(client, boss, name):
    taken(client, boss, name)
    assert not entries()


def test_looking_at_a_list_or_asking_for_its_head_is_no_export(client, boss):
    a_leave(an_agent(a_site()))
    client.force_login(boss)
    assert client.get(reverse("leave_list")).status_code == 200
    assert client.head(reverse("leave_csv")).status_code == 200
    assert not entries()


def test_files_of_the_figures_of_single_agents_are_noted_by_site_and_day(client, boss):
    site = a_site_in_the_afternoon("Leeds")
    queue, ada = a_queue(site), an_agent(site, "Ada Lovelace")
    a_call(queue, timezone.now() - timedelta(minutes=5), agent=ada)
    rollups.rebuild()
    days = {"period": "custom", "from": "2026-03-01", "to": "2026-03-02", "site": site.slug}
    taken(client, boss, "agents", **days, export="csv")
    for kind in ("csv", "xlsx"):
        taken(client, boss, "report", **days, by="agent", export=kind)
    taken(client, boss, "report", **days, by="day", agent=ada.pk, export="csv")
    said = {"site": site.pk, "first": "2026-03-01", "last": "2026-03-02", "figures": True}
    files = ["csv", "csv", "xlsx", "csv"]
    assert [one.after for one in entries("ccm.agent")] == [said | {"file": one} for one in files]
    taken(client, boss, "queues", **days, export="csv")
    taken(client, boss, "report", **days, by="queue", export="csv")
    assert len(entries()) == 4
    page = page_of(client, boss)
    assert "Agents of Leeds" in page
    assert "Figures of each: yes" in page
    assert "File: XLSX" in page
    assert "Lovelace" not in page.split("<main")[1]


def test_files_of_an_imports_lines_are_noted_and_so_is_that_a_log_was_taken_back(
    client, boss, django_capture_on_commit_callbacks
):
    site = a_site_in_the_afternoon("Leeds")
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        batch = sent(site, [Visit(minutes_ago(15), "Sales", 8, "Ada Lovelace")], boss)
    assert not entries()  # what a log tells nobody changed
    taken(client, boss, "import_issues", batch.pk)
    taken(client, boss, "import_rejected", batch.pk, batch.files.get().pk)
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        undo.start(ImportBatch.objects.get(pk=batch.pk), boss)
    issues, rejected, undone = entries("ccm.importbatch")
    assert [issues.after["lines"], rejected.after["lines"]] == ["issues", "rejected"]
    assert {one.object_id for one in (issues, rejected, undone)} == {str(batch.pk)}
    assert (undone.action, undone.who, undone.before["rows"]) == ("removed", boss, "log")
    page = page_of(client, boss)
    assert f"Import {batch.pk}, Leeds" in page
    assert "Exported: rejected rows" in page
    assert "Rows: of a log" in page


def test_webhooks_are_noted_without_their_secret_and_the_path_that_may_be_one(client, boss):
    site = a_site("Leeds")
    client.force_login(boss)
    said = {"site": site.pk, "name": "Room", "url": "https://hooks.example/services/T0/secret"}
    assert client.post(reverse("webhook_new"), said).status_code == 302
    row = Webhook.objects.get()
    changed = said | {"url": "https://hooks.example/services/T0/other"}
    assert client.post(reverse("webhook_edit", args=[row.pk]), changed).status_code == 302
    assert client.post(reverse("webhook_edit", args=[row.pk]), changed).status_code == 302  # as is
    assert client.post(reverse("webhook_remove", args=[row.pk])).status_code == 302
    made, moved, removed = entries("ccm.webhook")
    assert [made.action, moved.action, removed.action] == ["created", "changed", "removed"]
    assert {made.who, moved.who, removed.who} == {boss}
    kept = json.dumps([[one.before, one.after] for one in (made, moved, removed)])
    assert "hooks.example" in kept
    for hidden in (row.secret, "services", "other"):
        assert hidden not in kept
    assert "Webhook, Leeds" in page_of(client, boss)


def test_alert_rules_are_noted_when_made_changed_and_removed(client, boss):
    site = a_site("Leeds")
    rule = AlertRule(
        site=site, name="Level", kpi="service_level", side="below", raises_at=Decimal("0.8"),
        clears_at=Decimal("0.85"),
    )  # fmt: skip
    room = Webhook.objects.create(site=site, name="Room", url="https://hooks.example/x")
    whom = {"told": [boss], "webhooks": [room]}
    rules.keep(rule, boss, NINE, **whom)
    rules.keep(rule, boss, NINE, **whom)
    rule.raises_at = Decimal("0.7")
    rules.keep(rule, boss, NINE, told=[boss])
    room.delete()
    client.force_login(boss)
    assert client.post(reverse("alert_rule_remove", args=[rule.pk])).status_code == 302
    made, changed, removed = entries("kpis.alertrule")
    assert [made.action, changed.action, removed.action] == ["created", "changed", "removed"]
    assert (changed.before["raises_at"], changed.after["raises_at"]) == ("0.8000", "0.7000")
    assert removed.who == boss
    page = page_of(client, boss)
    assert "Alert rule: Level" in page
    assert "KPI: Service level" in page
    assert "0.8000 → 0.7000" in page
    assert "Told: boss" in page
    assert "Webhooks: Room → –" in page


def test_what_is_mailed_is_noted_with_whom_it_goes_to(client, boss):
    site, ada = a_site("Leeds"), a_user("manager", name="ada")
    mailing = Mailing(site=site, owner=boss, zone="UTC", since=NINE)
    mailings.keep(mailing, [boss], boss, NINE)
    mailings.keep(mailing, [boss], boss, NINE)
    mailings.keep(mailing, [boss, ada], boss, NINE)
    client.force_login(boss)
    assert client.post(reverse("mailing_remove", args=[mailing.pk])).status_code == 302
    made, changed, removed = entries("kpis.mailing")
    assert [made.action, changed.action, removed.action] == ["created", "changed", "removed"]
    assert changed.after["told"] == sorted([boss.pk, ada.pk])
    assert not {"boss", "ada"} & {*json.dumps(changed.names).split('"')}
    page = page_of(client, boss)
    assert "Recap by mail, Leeds" in page
    assert "Told: boss → boss, ada" in page
    assert "Weekday: Monday" in page
    assert "At: 07:00" in page


def test_reports_are_noted_when_kept_changed_copied_and_deleted_with_their_mailings(client, boss):
    site = a_site_in_the_afternoon("Leeds")
    sales = a_queue(site, "Sales")
    client.force_login(boss)
    asked = {"kpi": ["service_level"], "by": "day", "period": "last_week", "queue": sales.pk}
    client.post(reverse("report_save"), asked | {"name": "Tuesdays", "roles": ["manager"]})
    report = SavedReport.objects.get()
    renamed = {"name": "Wednesdays", "roles": []}
    client.post(reverse("report_change", args=[report.pk]), renamed)
    client.post(reverse("report_change", args=[report.pk]), renamed)  # as it is
    client.post(reverse("report_copy", args=[report.pk]))
    mailing = Mailing(report=report, owner=boss, zone="UTC", since=NINE)
    mailings.keep(mailing, [boss], boss, NINE)
    client.post(reverse("report_delete", args=[report.pk]))
    made, changed, copied, removed = entries("kpis.savedreport")
    actions = [one.action for one in (made, changed, copied, removed)]
    assert actions == ["created", "changed", "created", "removed"]
    assert {one.who for one in entries()} == {boss}
    assert (changed.before["name"], changed.after["name"]) == ("Tuesdays", "Wednesdays")
    assert [one.action for one in entries("kpis.mailing")] == ["created", "removed"]
    page = page_of(client, boss)
    assert "Report: Wednesdays" in page
    assert "Name: Tuesdays → Wednesdays · Shared with: Manager → –" in page
    assert "Queue: Sales" in page
    assert "KPIs: Service level" in page
    # Of what is gone the entry keeps the name.
    assert "Report by mail, Wednesdays" in page
    assert "saved report" not in page


def test_ones_own_mail_address_is_noted_when_set_and_cleared_and_so_is_leaving_a_mailing(
    client, boss
):
    client.force_login(boss)
    for said in ("boss@leeds.example", "boss@leeds.example", ""):
        client.post(reverse("mailing_address"), {"email": said})
    written, cleared = entries("ccm.user")
    assert {written.who, cleared.who} == {boss}
    mailing = Mailing(site=a_site("Leeds"), owner=boss, zone="UTC", since=NINE)
    mailings.keep(mailing, [boss], boss, NINE)
    client.post(reverse("mailing_leave", args=[mailing.pk]))
    assert entries("kpis.mailing")[-1].after["told"] == []
    page = page_of(client, boss)
    assert "Own mail address" in page
    assert "Email address: – → …@leeds.example" in page
    assert "boss@" not in page
    assert "Told: boss → –" in page


def test_calls_behind_a_figure_are_noted_with_its_name_and_their_side(client, boss):
    site = a_site_in_the_afternoon("Leeds")
    a_call(a_queue(site), timezone.now() - timedelta(minutes=5))
    rollups.rebuild()
    day = timezone.now().date().isoformat()
    asked = {"kpi": "service_level", "site": site.slug, "from": day, "to": day, "export": "csv"}
    taken(client, boss, "passport_calls", **asked, side="denominator")
    taken(client, boss, "passport_calls", **asked, side="numerator", q="x")
    whole, part = entries("ccm.call")
    assert (whole.after["side"], "narrowed" in whole.after) == ("denominator", False)
    assert part.after["narrowed"]
    page = page_of(client, boss)
    for said in ("KPI: Service level", "Calls: those in its denominator", "File: CSV"):
        assert said in page
    assert "service_level" not in page


def test_layouts_are_noted_when_made_renamed_and_deleted(client, boss):
    layout = saved.save("Le standard", LAYOUT, boss)
    saved.save("Le standard", LAYOUT, boss)
    client.force_login(boss)
    at = [layout.pk]
    assert client.post(reverse("layout", args=at), {"name": "Accueil"}).status_code == 302
    assert client.post(reverse("layout_delete", args=at)).status_code == 302
    made, renamed, removed = entries("ccm.importprofile")
    assert [made.action, renamed.action, removed.action] == ["created", "changed", "removed"]
    assert {one.who for one in (made, renamed, removed)} == {boss}
    page = page_of(client, boss)
    assert "Layout: Accueil" in page
    assert "Le standard → Accueil" in page


def test_merges_are_noted_of_queues_with_the_name_of_agents_without_and_so_is_their_end(
    client, boss, django_capture_on_commit_callbacks
):
    site = a_site("Leeds")
    ada, other = an_agent(site, "Ada Lovelace"), an_agent(site, "A. Lovelace")
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        services.merge(services.AGENTS, other, ada, boss)
        services.merge(services.QUEUES, a_queue(site, "Sales 2"), a_queue(site, "Sales"), boss)
    with work.here(), django_capture_on_commit_callbacks(execute=True):
        parting.take_merge_back(NameMerge.objects.get(kind="queues"), boss)
    people, queues, parted = entries("ccm.namemerge")
    assert people.after == {
        "kind": "agents", "loser": other.pk, "keeper": ada.pk, "site": site.pk,
    }  # fmt: skip
    assert (queues.after["name"], parted.before["name"]) == ("Sales 2", "Sales 2")
    assert [queues.action, parted.action] == ["created", "removed"]
    page = page_of(client, boss)
    assert "Names merged: queues, Leeds" in page
    assert "Lovelace" not in page.split("<main")[1]
