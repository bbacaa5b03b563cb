"""Messages out: once each, again when they fail, given up after a day; webhooks signed."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core import mail
from django.utils import timezone

from ccm.models import Delivery, Webhook
from ccm.outgoing import outbox, webhooks
from ccm.outgoing.forms import WebhookForm
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MAIL = ("ann@example.com", "Service level", "It is low.")


@pytest.fixture(autouse=True)
def a_mail_server(settings):
    settings.MAIL_IS_SET = True
    settings.DEFAULT_FROM_EMAIL = "ccm <ccm@example.org>"


def put(key="alert 1", files=()):
    made = outbox.mail(key, *MAIL, html="<p>It is low.</p>", files=files)
    Delivery.objects.update(due_at=NOW)
    return made


def test_a_mail_goes_once_however_often_it_is_put_out_and_sent():
    file = outbox.File("week.csv", "text/csv", b"a,b")
    assert put(files=[file])
    assert not put()
    assert outbox.send_due(NOW) == 1
    assert outbox.send_due(NOW) == 0
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ann@example.com"], MAIL[1], MAIL[2])
    assert sent.attachments == [("week.csv", "a,b", "text/csv")]
    # Sent again after a kill, a mail system knows it by its id.
    assert sent.extra_headers["Message-ID"].endswith("@example.org>")
    one = Delivery.objects.get()
    assert (one.state, one.sent_at, one.tries) == ("sent", NOW, 1)


def test_a_mail_that_fails_comes_later_each_time_and_is_given_up_after_a_day(settings):
    settings.MAIL_IS_SET = False
    put()
    waits, now = [], NOW
    for _ in range(8):
        assert outbox.send_due(now) == 1
        one = Delivery.objects.get()
        assert one.error == "no mail server is set up"
        waits.append((one.due_at - now) // timedelta(minutes=1))
        now = one.due_at
    assert waits[:7] == [1, 5, 15, 60, 180, 360, 720]
    assert (one.state, one.tries) == ("failed", 8)
    assert outbox.send_due(now + timedelta(days=9)) == 0

    settings.MAIL_IS_SET = True
    outbox.try_again(one, now)
    assert outbox.send_due(now) == 1
    assert (Delivery.objects.get().state, len(mail.outbox)) == ("sent", 1)


def test_a_subject_is_one_line():
    outbox.mail("k", "ann@example.com", "Low\r\nBcc: bob@example.com", "words")
    assert Delivery.objects.get().subject == "Low Bcc: bob@example.com"


def test_old_messages_go_and_those_that_wait_stay():
    put("old")
    put("waits")
    Delivery.objects.filter(key="old").update(state="sent")
    later = timezone.now() + timedelta(days=400)
    assert outbox.forget(later) == 1
    assert Delivery.objects.get().key == "waits"


class _Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "http://127.0.0.1/elsewhere")
        self.end_headers()
        self.wfile.write(b"no such room")

    def log_message(self, *words):
        pass


@pytest.fixture
def listener(settings):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    server = HTTPServer(("127.0.0.1", 0), _Listener)
    server.heard, server.status = [], 204
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def a_webhook(listener):
    url = f"http://127.0.0.1:{listener.server_port}/hook?room=1"
    return Webhook.objects.create(site=a_site(), name="Room", url=url, secret="a secret")


def test_a_webhook_is_told_by_a_signed_post(listener):
    hook = a_webhook(listener)
    assert outbox.tell("alert 7", hook, "Low", {"kpi": "Störung"})
    assert not outbox.tell("alert 7", hook, "Low", {"kpi": "Störung"})
    Delivery.objects.update(due_at=NOW)
    assert outbox.send_due(NOW) == 1
    ((path, headers, body),) = listener.heard
    assert (path, json.loads(body)) == ("/hook?room=1", {"kpi": "Störung"})
    stamp = str(int(NOW.timestamp()))
    made = hmac.new(b"a secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert headers["Ccm-Signature"] == f"t={stamp},v1={made}"
    assert headers["Idempotency-Key"] == hashlib.sha256(b"alert 7").hexdigest()


@pytest.mark.parametrize(("status", "words"), [(302, "302 Found"), (404, "404 Not Found no such")])
def test_a_webhook_that_answers_otherwise_is_told_again(listener, status, words):
    listener.status = status
    outbox.tell("alert 7", a_webhook(listener), "Low", {})
    Delivery.objects.update(due_at=NOW)
    outbox.send_due(NOW)
    one = Delivery.objects.get()
    assert (one.state, len(listener.heard)) == ("waiting", 1)
    assert one.error.startswith(words)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "localhost", "api.localhost", "10.0.0.8"],
)
def test_a_number_of_the_own_network_is_refused_as_it_is_typed(host, settings):
    form = WebhookForm({"name": "x", "url": f"https://{host}/x"}, user=a_user("admin"))
    [told] = form.errors["url"]
    assert "leads to an address that is not public." in told
    settings.WEBHOOK_HOSTS = [host.strip("[]")]
    form = WebhookForm({"name": "x", "url": f"https://{host}/x"}, user=a_user("admin"))
    assert "url" not in form.errors
    form = WebhookForm({"name": "x", "url": "ftp://a.example"}, user=a_user("admin"))
    assert form.errors["url"] == ["An address begins with https:// and names no user."]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.7", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0",
        "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "224.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)  # fmt: skip
def test_no_address_inside_is_told_anything(address):
    with pytest.raises(webhooks.Refused, match="not public"):
        webhooks.allowed("hooks.example.com", ["93.184.216.34", address])


@pytest.mark.parametrize(
    ("host", "leads"),
    [
        ("crm.example.com", True), ("CRM.example.com", True), ("10.1.2.3", True),
        ("example.com", False), ("a.crm.example.com", False), ("93.184.216.34", False),
    ],
)  # fmt: skip
def test_where_hosts_are_named_no_webhook_leads_elsewhere(host, leads, settings):
    settings.WEBHOOKS_ONLY_TO = ["crm.example.com"]
    settings.WEBHOOK_HOSTS = ["10.1.2.3"]
    if leads:
        assert webhooks.checked(f"https://{host}/")
    else:
        with pytest.raises(webhooks.Refused, match="CCM_WEBHOOKS_ONLY_TO"):
            webhooks.checked(f"https://{host}/")


def test_an_address_that_is_public_is_the_one_connected_to():
    assert webhooks.allowed("hooks.example.com", ["93.184.216.34"]) == "93.184.216.34"


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "http://example.com", "https://", "https://a:b@example.com", "//x",
     "https://[", "https://example.com:0/", "javascript:alert(1)"],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url):
    with pytest.raises(webhooks.Refused):
        webhooks.checked(url)
