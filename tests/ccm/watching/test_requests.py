"""Each request by an id, in its answer, its line of the log and the tasks that it asks for."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import structlog
import time_machine
from celery import Celery
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from redis.exceptions import RedisError

from ccm import limits, serve
from ccm.celery import _logged
from ccm.watching import counted, proxies, requests
from ccm.watching.doctor import seen
from tests.builders import NINE, a_user

PROXY = "10.0.0.7"


def lines(caplog, name="ccm.requests"):
    return [one.msg for one in caplog.records if one.name == name]


def asked(path="/calls/", headers=(), client=(PROXY, 1), app=None):
    """The answer's headers to a request that comes from an address, and the id inside."""
    inside, sent = [], []

    async def answers(scope, receive, send):
        inside.append(structlog.contextvars.get_contextvars().get("request_id"))
        headers = [(b"x-request-id", b"forged")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "client": client,
        "headers": [*headers],
    }  # fmt: skip
    asyncio.run(requests.Named(app or answers, {PROXY})(scope, None, send))
    found = [value.decode() for name, value in sent[0]["headers"] if name == b"x-request-id"]
    return found, inside[0] if inside else None


def test_an_id_is_made_and_told_in_the_answer_once():
    (told,), inside = asked()
    assert told == inside
    assert len(told) == 32
    assert asked()[0] != [told]


def test_a_trusted_proxys_id_is_taken():
    header = (b"x-request-id", b"edge-01.8f3a")
    assert asked(headers=[header]) == (["edge-01.8f3a"], "edge-01.8f3a")


@pytest.mark.parametrize(
    "headers",
    [
        [b"short"],
        [b""],
        [b"a" * 65],
        [b'with "signs" and spaces'],
        [b"line\nbreak-12345"],
        [b"../../../etc/passwd"],
        ["é".encode() * 8],
        # Two of them: which is the proxy's?
        [b"edge-01.8f3a", b"edge-02.8f3a"],
    ],
)
def test_one_that_is_not_well_formed_is_not(headers):
    (told,), _inside = asked(headers=[(b"x-request-id", one) for one in headers])
    assert told.encode() not in headers
    assert len(told) == 32


@pytest.mark.parametrize("client", [("10.0.0.8", 1), None])
def test_nor_one_of_anybody_else(client):
    (told,), _inside = asked(headers=[(b"x-request-id", b"edge-01.8f3a")], client=client)
    assert told != "edge-01.8f3a"


def marked(client, headers):
    scopes = []

    async def answers(scope, _receive, send):
        scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})

    asked(client=client, headers=headers, app=answers)
    return scopes[0].get(limits.UNNAMED_PROXY)


FOR = (b"x-forwarded-for", b"198.51.100.7")


@pytest.mark.parametrize(
    ("client", "headers", "expected"),
    [
        (("10.0.0.8", 1), [FOR], "10.0.0.8"),
        (("10.0.0.8", 1), [], None),
        ((PROXY, 1), [FOR], None),
        (None, [FOR], None),
    ],
)
def test_a_proxy_that_is_not_trusted_is_marked(client, headers, expected):
    assert marked(client, headers) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.244.1.7", True), ("172.18.0.1", True), ("192.168.1.4", True), ("100.64.3.9", True),
        ("127.0.0.1", True), ("::1", True), ("fd00::7", True), ("::ffff:10.0.0.7", True),
        ("8.8.8.8", False), ("2a00:1450:4001::1", False), ("::ffff:8.8.8.8", False), ("", False),
        (None, False),
    ],
)  # fmt: skip
def test_an_address_is_taken_for_that_of_many_where_nobody_from_elsewhere_has_it(address, expected):
    request = RequestFactory().get("/", **{"asgi.scope": {limits.UNNAMED_PROXY: address}})
    assert limits.is_shared(request) is expected
    assert limits.is_shared(RequestFactory().get("/", HTTP_X_FORWARDED_FOR="10.0.0.1")) is False


@pytest.mark.django_db
def test_proxies_that_nobody_has_named_are_counted_and_told_for_a_day(settings, monkeypatch):
    settings.METRICS_TOKEN = "m" * 40
    monkeypatch.setattr(proxies, "_told", {})
    counts = []
    monkeypatch.setattr(counted, "unnamed_proxy", lambda: counts.append(1))
    for number in range(3):
        scope = {"asgi.scope": {limits.UNNAMED_PROXY: f"10.0.0.{number % 2}"}}
        Client(**scope).get(reverse("login"))
    assert len(counts) == 3
    assert sorted(proxies.lately()) == ["10.0.0.0", "10.0.0.1"]
    assert proxies.lately() == seen.look(NINE).proxies
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=25)):
        assert proxies.lately() == []


def test_however_many_addresses_add_the_header_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(proxies, "_told", {})
    for number in range(50):
        proxies.seen(f"10.9.0.{number}")
    assert len(proxies.lately()) == proxies.MOST
    assert len(proxies._told) <= proxies.MOST


def test_without_redis_proxies_are_not_known_and_pages_go_on(monkeypatch):
    monkeypatch.setattr(proxies, "_told", {})
    with (
        patch("redis.Redis.execute_command", side_effect=RedisError("away")),
        patch("redis.client.Pipeline.execute", side_effect=RedisError("away")),
    ):
        proxies.seen("10.0.0.9")
        assert proxies.lately() is None


def test_the_server_asks_the_connection_itself_who_it_is():
    """Behind what believes a proxy on who asks, whoever asks could name the proxy as themselves."""
    config = serve.Config("ccm.asgi:application", log_config=None, forwarded_allow_ips=PROXY)
    config.load()
    named = config.loaded_app
    assert isinstance(named, requests.Named)
    assert PROXY in named.trusted
    assert "10.0.0.8" not in named.trusted
    assert not config.access_log


@pytest.mark.django_db
def test_a_request_has_one_line_without_its_query_and_with_who_asked_by_number(caplog):
    user = a_user("admin")
    client = Client()
    client.force_login(user)
    with caplog.at_level(logging.INFO, logger="ccm.requests"):
        answer = client.get(reverse("audit"), {"who": "a-name"}, HTTP_X_REQUEST_ID="forged-12345")
    (line,) = lines(caplog)
    assert (line["event"], line["method"], line["path"]) == ("request", "GET", "/audit/")
    assert (line["status"], line["view"], line["user_id"]) == (200, "audit", user.pk)
    assert line["duration_ms"] >= 0
    # Without the server around it an id is made: what a client says itself is not believed.
    assert line["request_id"] == answer.headers["X-Request-ID"] != "forged-12345"
    assert "a-name" not in json.dumps(line, default=str)
    assert user.username not in json.dumps(line, default=str)
    # Nothing of it stays for who comes next.
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "path", "refused"),
    [
        ("admin", "/audit/", False),
        ("agent", "/audit/", True),  # which they are told is not there
        ("agent", "/nowhere/", False),
        (None, "/api/v1/calls/", True),
    ],
)
def test_what_was_refused_is_told_from_what_is_not_there(caplog, role, path, refused):
    client = Client()
    if role:
        client.force_login(a_user(role))
    with caplog.at_level(logging.INFO, logger="ccm.requests"):
        client.get(path)
    (line,) = lines(caplog)
    assert line.get("refused", False) is refused


@pytest.mark.django_db
def test_of_a_link_its_words_are_in_no_line(caplog):
    with caplog.at_level(logging.DEBUG):
        Client().get("/s/sesame/")
        Client().get("/kiosk/sesame/")
    told = [line["path"] for line in lines(caplog)]
    assert told == ["/s/***/", "/kiosk/***/"]
    assert [line["view"] for line in lines(caplog)] == ["survey", "kiosk"]
    assert all("user_id" not in line for line in lines(caplog))


@pytest.mark.django_db
def test_nobody_is_looked_up_for_the_log(caplog):
    client = Client()
    client.force_login(a_user("admin"))
    asked = []
    for level in (logging.WARNING, logging.INFO):
        with (
            caplog.at_level(level, logger="ccm.requests"),
            CaptureQueriesContext(connection) as queries,
        ):
            client.get(reverse("health"))
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert len(lines(caplog)) == 1


def test_a_task_has_the_id_of_the_request_that_asked_for_it(caplog):
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        headers = {}
        _logged.receiver_before_task_publish(headers=headers)
    assert headers["__django_structlog__"] == {"request_id": "r1"}
    app = Celery("tests", set_as_current=False)

    @app.task(name="tests.some")
    def task():
        pass

    task.push_request(id="t1", **headers)
    with caplog.at_level(logging.INFO):
        _logged.receiver_task_prerun("t1", task)
        from ccm.celery import _by_name

        _by_name(task)
        _logged.receiver_task_success(sender=task)
    task.pop_request()
    (line,) = lines(caplog, "django_structlog.celery.receivers")
    assert (line["event"], line["task"]) == ("task_succeeded", "tests.some")
    assert (line["request_id"], line["task_id"]) == ("r1", "t1")
    structlog.contextvars.clear_contextvars()


def test_a_task_that_no_request_asked_for_has_none():
    headers = {}
    _logged.receiver_before_task_publish(headers=headers)
    assert headers["__django_structlog__"] == {}
