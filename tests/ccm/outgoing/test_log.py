"""What webhooks were told: each try, sent again, by whom; secrets that are renewed."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from ccm.access import ADMIN, AGENT, MANAGER
from ccm.models import AuditEntry, Delivery, Webhook
from ccm.outgoing import outbox, services, webhooks
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def posted(monkeypatch):
    """What was posted, and what is answered: a status, or a refusal."""
    told, answers = [], []

    def post(url, payload, secrets, event, now, more):
        told.append((event, dict(more), secrets))
        answer = answers.pop(0) if answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(webhooks, "post", post)
    post.told, post.answers = told, answers
    return post


def a_webhook(site=None, name="Room"):
    return Webhook.objects.create(site=site or a_site(), name=name, url="https://hooks.example/x")


def sent(hook, key="alert 7", now=NOW):
    outbox.tell(key, hook, "Low", {"kpi": "sl"})
    Delivery.objects.filter(key=key).update(due_at=now)
    outbox.send_due(now)
    return Delivery.objects.get(key=key)


@pytest.fixture
def manager():
    site = a_site("Leeds")
    return a_user(MANAGER, site)


def test_each_try_is_kept_with_its_status_or_why_there_was_none(client, posted):
    posted.answers += [
        webhooks.Refused("no answer within 12 seconds"),
        webhooks.Refused("503 Busy later", 503), 204,
    ]  # fmt: skip
    one = sent(a_webhook())
    for wait in (1, 6):
        outbox.send_due(NOW + timedelta(minutes=wait))
    tries = [(each.began_at, each.status, each.error) for each in one.attempts.all()]
    assert tries == [
        (NOW, None, "no answer within 12 seconds"),
        (NOW + timedelta(minutes=1), 503, "503 Busy later"),
        (NOW + timedelta(minutes=6), 204, ""),
    ]
    client.force_login(a_user(ADMIN))
    page = client.get(reverse("delivery", args=[one.pk])).content.decode()
    for words in ("2 Mar 2026 09:01:00", "no answer within 12 seconds", ">503<", ">204<", "Taken"):
        assert words in page


def test_what_was_sent_is_sent_again_as_a_message_of_its_own_that_tells_the_same(
    client, manager, posted
):
    first = sent(a_webhook(manager.sites.get()))
    client.force_login(manager)
    page = client.get(reverse("delivery", args=[first.pk])).content.decode()
    assert "Send again" in page
    answer = client.post(reverse("delivery", args=[first.pk]))
    again = Delivery.objects.get(repeats=first)
    assert answer["Location"] == reverse("delivery", args=[again.pk])
    outbox.send_due(again.due_at)
    assert [(event, more) for event, more, _secrets in posted.told] == [
        ("alert 7", {"Ccm-Delivery": str(first.pk)}),
        ("alert 7", {"Ccm-Delivery": str(again.pk), "Ccm-Repeats": str(first.pk)}),
    ]
    assert "It says again what was put out" in client.get(answer["Location"]).content.decode()
    # That of the repetition repeats it, and still tells what the first told.
    client.post(answer["Location"])
    third = Delivery.objects.get(repeats=again)
    assert (third.event_key, third.state) == ("alert 7", "waiting")


def test_who_keeps_webhooks_sees_what_those_of_own_sites_were_told_and_no_mails(
    client, manager, posted
):
    own = sent(a_webhook(manager.sites.get()), "own")
    other = sent(a_webhook(a_site("York"), "Other"), "other")
    outbox.mail("mail", "ann@example.com", "To Ann", "words", site=manager.sites.get())
    letter = Delivery.objects.get(key="mail")
    client.force_login(manager)
    page = client.get(reverse("deliveries")).content.decode()
    assert reverse("delivery", args=[own.pk]) in page
    assert "Other" not in page
    assert "To Ann" not in page
    for one, status in ((own, 200), (other, 404), (letter, 404)):
        assert client.get(reverse("delivery", args=[one.pk])).status_code == status
        assert client.post(reverse("delivery", args=[one.pk])).status_code in (302, status)
    assert not Delivery.objects.filter(repeats=other).exists()
    client.force_login(a_user(AGENT, manager.sites.get()))
    assert client.get(reverse("deliveries")).status_code == 404


def test_a_list_is_narrowed_to_one_webhook(client, manager, posted):
    site = manager.sites.get()
    room, other = a_webhook(site), a_webhook(site, "Hall")
    one, hidden = sent(room, "one"), sent(other, "two")
    client.force_login(manager)
    page = client.get(reverse("deliveries"), {"webhook": room.pk}).content.decode()
    assert reverse("delivery", args=[one.pk]) in page
    assert reverse("delivery", args=[hidden.pk]) not in page


def test_the_log_of_a_webhook_that_is_removed_stays(client, manager, posted):
    hook = a_webhook(manager.sites.get())
    one = sent(hook)
    outbox.tell("late", hook, "Low", {})
    client.force_login(manager)
    client.post(reverse("webhook_remove", args=[hook.pk]))
    assert not Webhook.objects.exists()
    one.refresh_from_db()
    assert (one.state, one.to, one.attempts.count()) == ("sent", "Room (hooks.example)", 1)
    late = Delivery.objects.get(key="late")
    assert (late.state, late.error) == ("failed", "the webhook was removed")
    page = client.get(reverse("delivery", args=[late.pk])).content.decode()
    assert "Room (hooks.example)" in page
    assert "Try again now" not in page
    client.post(reverse("delivery", args=[late.pk]))
    late.refresh_from_db()
    assert late.state == "failed"


def v1(secret, body):
    signed = f"{int(NOW.timestamp())}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def test_a_message_bears_a_signature_of_each_secret_the_newest_first():
    said = webhooks.signature(("new", "old"), b"{}", NOW)
    stamp = int(NOW.timestamp())
    assert said == f"t={stamp},v1={v1('new', b'{}')},v1={v1('old', b'{}')}"


def test_a_new_secret_has_the_old_one_beside_it_for_some_days_and_then_that_goes():
    hook, boss = a_webhook(), a_user(ADMIN)
    old = hook.secret
    new = services.renew_secret(hook, 7, boss, NOW)
    hook.refresh_from_db()
    assert new != old
    assert hook.secrets_at(NOW + 7 * DAY - timedelta(seconds=1)) == (new, old)
    assert hook.secrets_at(NOW + 7 * DAY) == (new,)
    # A third has the second beside it, and the first is over.
    third = services.renew_secret(hook, 1, boss, NOW + DAY)
    hook.refresh_from_db()
    assert hook.secrets_at(NOW + DAY) == (third, new)
    outbox.forget(NOW + 2 * DAY)
    hook.refresh_from_db()
    assert (hook.old_secret, hook.old_until) == ("", None)
    entry = AuditEntry.objects.filter(model="ccm.webhook").first()
    told = f"{entry.before} {entry.after}"
    assert entry.before["secret"] != entry.after["secret"]
    assert not any(secret in told for secret in (old, new, third))


def test_a_secret_that_others_know_ends_at_once(client, manager, posted):
    hook = a_webhook(manager.sites.get())
    client.force_login(manager)
    url = reverse("webhook_secret", args=[hook.pk])
    old = hook.secret
    client.post(url, {"days": "0"})
    hook.refresh_from_db()
    assert (hook.old_secret, hook.secret == old) == ("", False)
    for days in ("", "5", "x", "-1"):
        secret = hook.secret
        assert client.post(url, {"days": days}).status_code == 302
        hook.refresh_from_db()
        assert hook.secret == secret
    other = a_webhook(a_site("York"))
    assert client.post(reverse("webhook_secret", args=[other.pk]), {"days": "7"}).status_code == 404


def test_a_secret_is_shown_once_and_in_no_cookie(client, manager):
    client.force_login(manager)
    said = {"site": manager.sites.get().pk, "name": "Room", "url": "https://hooks.example/x"}
    answer = client.post(reverse("webhook_new"), said)
    secret = Webhook.objects.get().secret
    assert answer.status_code == 302
    assert not any(secret in morsel.OutputString() for morsel in answer.cookies.values())
    assert "messages" not in answer.cookies
    page = client.get(answer["Location"])
    assert secret in page.content.decode()
    assert not any(secret in morsel.OutputString() for morsel in page.cookies.values())
    assert secret not in client.get(answer["Location"]).content.decode()

    answer = client.post(reverse("webhook_secret", args=[Webhook.objects.get().pk]), {"days": "7"})
    secret = Webhook.objects.get().secret
    assert not any(secret in morsel.OutputString() for morsel in answer.cookies.values())
    page = client.get(answer["Location"]).content.decode()
    assert secret in page
    assert "the one before it is good until" in page
