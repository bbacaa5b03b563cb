"""What webhooks were told, and the secret that signs it, as whoever keeps them meets it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from ccm.access import MANAGER
from ccm.models import Delivery, DeliveryTry, Webhook
from tests.builders import a_site, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def told(hook, **said):
    now = timezone.now()
    return Delivery.objects.create(
        key=f"k {Delivery.objects.count()}", way="webhook", webhook=hook, site=hook.site,
        subject="Service level is low", payload={"kpi": "service_level"}, due_at=now, **said,
    )  # fmt: skip


def test_who_keeps_a_webhook_reads_its_tries_sends_again_and_renews_its_secret(window):
    site = a_site("Leeds")
    boss = window()
    boss.sign_in(a_user(MANAGER, site))
    hook = Webhook.objects.create(site=site, name="Team room", url="https://hooks.example/leeds")
    one = told(hook, state="sent", tries=2, sent_at=timezone.now())
    began = timezone.now() - timedelta(minutes=5)
    for words, status in (("no answer within 12 seconds", None), ("", 204)):
        DeliveryTry.objects.create(
            delivery=one, began_at=began, took_ms=12_003, status=status, error=words
        )
    page = boss.open(reverse("deliveries"))
    assert boss.barriers() == []
    page.get_by_role("link", name=one.made_at.strftime("%-d %b %Y %H:%M")).click()
    expect(page.get_by_text("no answer within 12 seconds")).to_be_visible()
    assert boss.barriers() == []
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("link", name="It says again what was put out")).to_be_visible()
    page = boss.open(reverse("webhook_edit", args=[hook.pk]))
    page.get_by_role("button", name="New secret").click()
    hook.refresh_from_db()
    expect(page.get_by_text(hook.secret)).to_be_visible()
    expect(page.get_by_text("the one before it is good until")).to_be_visible()
    assert boss.barriers() == []
    for width in (390, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        for url in (reverse("webhook_edit", args=[hook.pk]), reverse("delivery", args=[one.pk])):
            boss.open(url)
            wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not wide, (url, width)
