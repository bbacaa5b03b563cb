"""Receivers that take for ever, senders that die: a message is late by so much and no more."""

import socket
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from ccm.models import Delivery, DeliveryTry, Webhook
from ccm.outgoing import outbox, webhooks
from tests.builders import a_site

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Receiver:
    """Hears one connection after another; of each it reads what comes and says what it is told to,
    a byte now and then after that."""

    def __init__(self, says: bytes, drips: bytes = b"") -> None:
        self.says, self.drips = says, drips
        self.heard, self.over = 0, Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while not self.over.is_set():
            try:
                line, _from = self.socket.accept()
            except OSError:
                return
            self.heard += 1
            with closing(line):
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        try:
            line.recv(65536)
            line.sendall(self.says)
            while self.drips and not self.over.wait(0.05):
                line.sendall(self.drips)
        except OSError:
            return  # it hung up

    def close(self) -> None:
        self.over.set()
        self.socket.close()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    made = []

    def make(*said: bytes) -> Receiver:
        made.append(Receiver(*said))
        return made[-1]

    yield make
    for one in made:
        one.close()


TAKEN = b"HTTP/1.1 204 Taken\r\n\r\n"


@pytest.mark.parametrize(
    ("scheme", "says", "drips"),
    [
        ("http", b"", b"H"),  # a status line that never ends
        ("http", b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),  # headers, one after another
        ("http", b"", b"HTTP/1.1 100 Continue\r\n\r\n"),  # the answer is always about to come
        ("https", b"\x16", b"\x03"),  # TLS that is never agreed on
    ],
)
def test_who_drips_is_hung_up_on_when_the_time_is_over(receiver, monkeypatch, scheme, says, drips):
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    url = receiver(says, drips).url.replace("http", scheme)
    with pytest.raises(webhooks.Refused, match=r"no answer within 0\.5 seconds"):
        webhooks.post(url, {}, ("secret",), "key", NOW)


def test_the_words_of_a_refusal_are_not_waited_for_longer(receiver, monkeypatch):
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 9999\r\n\r\nlater"
    with pytest.raises(webhooks.Refused, match="503 Busy") as told:
        webhooks.post(receiver(head, b"!").url, {}, ("secret",), "key", NOW)
    assert told.value.status == 503


def test_who_took_it_may_go_on_talking(receiver):
    """The status says that it was taken: told again it would be told twice."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    assert webhooks.post(receiver(head, b"!").url, {}, ("secret",), "key", NOW) == 200


def test_a_name_that_nobody_finds_is_not_waited_for(monkeypatch):
    never = Event()
    monkeypatch.setattr(webhooks, "SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_of, **_as: never.wait() and [])
    monkeypatch.setattr(webhooks, "checked", webhooks.urlsplit)
    with pytest.raises(webhooks.Refused, match=r"no answer within 0\.2 seconds"):
        webhooks.post("https://slow.example/", {}, ("secret",), "key", NOW)
    never.set()


def a_webhook(url, name="Room"):
    return Webhook.objects.create(site=a_site(), name=name, url=url)


def tell(hook, *keys):
    for key in keys:
        outbox.tell(key, hook, "Low", {})
    Delivery.objects.update(due_at=NOW)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_database_is_held_while_it_is_sent(receiver, monkeypatch):
    """The try is there for others to see, counted and with when the next one comes."""
    tell(a_webhook(receiver(TAKEN).url), "one")
    seen = []

    def post(*_of):
        seen.append(connection.in_atomic_block)
        one = Delivery.objects.get()
        seen.append((one.tries, one.due_at, one.attempts.get().took_ms))
        return 204

    monkeypatch.setattr(webhooks, "post", post)
    assert outbox.send_due(NOW) == 1
    assert seen == [False, (1, NOW + outbox.HELD, None)]


@pytest.mark.django_db(transaction=True)
def test_a_message_over_which_its_sender_dies_comes_later_and_is_given_up_in_the_end(monkeypatch):
    def killed(*_of):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(webhooks, "post", killed)
    tell(a_webhook("https://hooks.example/"), "one")
    waits, now = [], NOW
    for _ in range(8):
        with pytest.raises(SoftTimeLimitExceeded):
            outbox.send_due(now)
        one = Delivery.objects.get()
        waits.append((one.due_at - now) // MINUTE)
        # Nobody is at it, and still it is not due before its time.
        assert outbox.send_due(now) == 0
        now = one.due_at
    assert waits == [5, 5, 15, 60, 180, 360, 720, 5]
    assert outbox.send_due(now) == 0
    one = Delivery.objects.get()
    assert (one.state, one.tries, one.error) == ("failed", 8, "its sending was cut off")
    assert [each.took_ms for each in one.attempts.all()] == [None] * 8


@pytest.mark.django_db
def test_two_that_are_slow_hold_no_third(receiver, monkeypatch):
    """A run asks each slow one once, and the fast one gets all of its own in the same run."""
    monkeypatch.setattr(webhooks, "SECONDS", 0.3)
    slow = [a_webhook(receiver(b"", b"H").url, f"Slow {number}") for number in (1, 2)]
    for hook in slow:
        tell(hook, *(f"{hook} {number}" for number in range(5)))
    fast = receiver(TAKEN)
    tell(a_webhook(fast.url, "Fast"), "a", "b", "c")
    assert outbox.send_due(NOW) == 2 + 3
    assert fast.heard == 3
    assert Delivery.objects.filter(webhook__in=slow, tries=1).count() == 2
    assert Delivery.objects.filter(state="sent").count() == 3


@pytest.mark.django_db
def test_a_run_ends_and_the_next_begins_with_whom_this_did_not_come_to(receiver, monkeypatch):
    monkeypatch.setattr(outbox, "RUN_SECONDS", 0.3)
    told = []

    def post(url, *_of):
        told.append(url[-2:])
        time.sleep(0.35)
        raise webhooks.Refused("no answer")

    monkeypatch.setattr(webhooks, "post", post)
    for name in "abc":
        tell(a_webhook(f"https://hooks.example/{name}/", name), f"{name} 1", f"{name} 2")
    assert [outbox.send_due(NOW) for _ in range(4)] == [1, 1, 1, 1]
    assert told == ["a/", "b/", "c/", "a/"]


@pytest.mark.django_db
def test_with_another_run_at_it_none_is_sent(monkeypatch):
    monkeypatch.setattr(webhooks, "post", lambda *_of: 204)
    tell(a_webhook("https://hooks.example/"), "one")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [outbox._LOCK])
            assert outbox.send_due(NOW) == 0
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [outbox._LOCK])
    finally:
        other.close()
    assert outbox.send_due(NOW) == 1
    assert DeliveryTry.objects.get().status == 204
