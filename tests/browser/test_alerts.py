"""A rule is made with whom it tells, and what it raises is on its way to them."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm.models import User, Webhook
from kpis.alerts.models import AlertRule
from kpis.alerts.watching import watch
from tests.browser.centre import Visit, a_site_in_the_afternoon, minutes_ago, told
from tests.builders import a_queue, a_site, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_person_and_a_webhook_ticked_in_the_first_form_are_told_of_the_alert(window):
    """Of twelve calls ten were given up: an abandon rate of 83.3 %, above 20 %."""
    leeds = a_site_in_the_afternoon("Leeds")
    waits = [*[(30, "")] * 10, *[(8, "Ada Lovelace")] * 2]
    told(
        leeds,
        [
            Visit(minutes_ago(2 + place / 10), wait=wait, agent=agent, talk=20)
            for place, (wait, agent) in enumerate(waits)
        ],
    )
    grace = a_user("manager", leeds, name="Grace")
    User.objects.filter(pk=grace.pk).update(email="grace@leeds.example")
    Webhook.objects.create(site=leeds, name="Team room", url="https://hooks.example/leeds")
    manager = window()
    manager.sign_in(grace)
    page = manager.open("/admin/alert-rules/new/")
    page.get_by_label("Name").fill("Lost")
    page.get_by_label("KPI").select_option("abandon_rate")
    page.get_by_label("Alert when it").select_option("above")
    page.get_by_label("Bound").fill("20%")
    page.get_by_role("group", name="Mail to").get_by_label("Grace").check()
    page.get_by_role("group", name="Tell webhooks").get_by_label("Team room").check()
    assert manager.barriers() == []
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Lost is kept.")).to_be_visible()
    expect(page.locator("td[data-label=Tells]")).to_have_text("Grace, Team room")
    inner = page.locator(".stacked .scroll")
    assert inner.evaluate("one => one.scrollWidth - one.clientWidth") == 0

    # Nothing touched, then one box unticked and ticked again.
    rule = AlertRule.objects.get()
    page = manager.open(f"/admin/alert-rules/{rule.pk}/")
    room = page.get_by_label("Team room")
    expect(room).to_be_checked()
    expect(page.get_by_label("Grace")).to_be_checked()
    room.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("td[data-label=Tells]")).to_have_text("Grace")
    page = manager.open(f"/admin/alert-rules/{rule.pk}/")
    page.get_by_label("Team room").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("td[data-label=Tells]")).to_have_text("Grace, Team room")

    assert watch(timezone.now()) == 1
    admin = window()
    admin.sign_in(a_user("admin"))
    page = admin.open(reverse("deliveries"))
    mail = page.locator("tr", has_text="grace@leeds.example")
    expect(mail).to_contain_text("Lost (Leeds)")
    expect(page.locator("tr", has_text="Team room")).to_contain_text("Lost (Leeds)")


def test_what_is_typed_and_chosen_while_a_site_s_queues_are_on_their_way_is_kept(window):
    """The answer waits until all is typed: only what is of the site is drawn again."""
    leeds, pune = a_site("Leeds"), a_site("Pune")
    a_queue(leeds, "Sales")
    claims = a_queue(pune, "Claims")
    grace = a_user("manager", leeds, pune, name="Grace")
    User.objects.filter(pk=grace.pk).update(email="grace@pune.example")
    person = window()
    person.sign_in(grace)
    page = person.open("/admin/alert-rules/new/")
    held = []
    page.route("**/admin/alert-rules/new/?site=*", lambda route: held.append(route))
    page.get_by_label("Site").select_option("Pune")
    page.get_by_label("Name").click()
    page.keyboard.type("Waits ")
    page.get_by_label("KPI").select_option("asa")
    page.get_by_label("Bound").fill("0:45")
    page.get_by_label("Queue").select_option("Claims")
    page.get_by_label("Grace").check()
    page.get_by_label("Name").click()
    page.keyboard.press("End")
    page.keyboard.type("at Pu")
    [request] = held
    with page.expect_response("**/admin/alert-rules/new/?site=*"):
        request.continue_()
    expect(page.get_by_label("Queue").locator("option")).to_have_text(["the whole site", "Claims"])
    page.keyboard.type("ne")
    expect(page.get_by_label("Name")).to_have_value("Waits at Pune")
    expect(page.get_by_label("KPI")).to_have_value("asa")
    expect(page.get_by_label("Bound")).to_have_value("0:45")
    expect(page.get_by_label("Queue")).to_have_value(str(claims.pk))
    expect(page.get_by_label("Grace")).to_be_checked()
