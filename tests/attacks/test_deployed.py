"""Set up as deploy/env.example has it behind a proxy, Django's own check has nothing to say; and
the server takes no request that a proxy before it would read as another."""

import http.client
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ccm.watching import proxies
from tests import broker
from tests.program import Web

ROOT = Path(__file__).parents[2]


def test_the_check_of_a_deployment_warns_of_nothing():
    example = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    said = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)$", example, re.MULTILINE))
    filled = {name: value or secrets.token_hex(32) for name, value in said.items()}
    environment = {**os.environ, **filled, "DJANGO_SETTINGS_MODULE": "ccm.settings"}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # of the tests alone
    assert environment["CCM_HTTPS"] == "yes"
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout + done.stderr


ASKED = """
import json, django
django.setup()
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory
from ccm.entry.notices import InACookie
from kpis.views.kiosks import COOKIE
request = RequestFactory().get("/", secure=True)
answer = SecurityMiddleware(lambda _request: HttpResponse())(request)
print(json.dumps([
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, InACookie.cookie_name, COOKIE,
    answer.headers.get("Strict-Transport-Security"),
]))
"""


def told(**said):
    """The names of cookies, and HSTS, of a program that was started so."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ccm.settings", **said}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_behind_https_cookies_are_of_this_host_alone_and_browsers_come_by_it_for_a_year():
    names = ["__Host-sessionid", "__Host-csrftoken", "__Host-messages", "__Secure-ccm_screen"]
    year = f"max-age={365 * 86_400}"
    assert told(CCM_HTTPS="yes") == [*names, year]
    assert told(CCM_HTTPS="yes", CCM_HSTS_SUBDOMAINS="yes") == [
        *names, f"{year}; includeSubDomains",
    ]  # fmt: skip
    # A browser takes none of these without HTTPS.
    assert told(CCM_HTTPS="no") == ["sessionid", "csrftoken", "messages", "ccm_screen", None]


@pytest.fixture
def web(transactional_db, tmp_path):
    served = Web(tmp_path / "web.log")
    try:
        served.wait()
        yield served
    finally:
        served.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("named", "seen"), [("192.0.2.1", ["127.0.0.1"]), ("192.0.2.1,127.0.0.0/8", [])]
)
def test_the_server_sees_a_proxy_that_nobody_has_named(transactional_db, tmp_path, named, seen):
    broker.empty()
    served = Web(tmp_path / "web.log", FORWARDED_ALLOW_IPS=named)
    try:
        served.wait()
        said = {"Host": "localhost", "X-Forwarded-For": "198.51.100.7"}
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        line.request("GET", "/accounts/login/", headers=said)
        assert line.getresponse().status < 400
        assert proxies.lately() == seen
    finally:
        served.stop()


HEAD = b"Host: localhost\r\n"
# Requests that a proxy in front may read as one and a server behind as two.
UNCLEAR = [
    b"POST /healthz HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\nGET /qzx",
    b"POST /healthz HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nGET /\r\n0\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\n" + HEAD + b"Content-Length: +5\r\n\r\nhello",
    b"POST /healthz HTTP/1.1\r\n" + HEAD + b"Content-Length: -1\r\n\r\n",
    b"POST /healthz HTTP/1.1\r\n" + HEAD + b"Content-Length: 5, 5\r\n\r\nhello",
    b"GET /healthz HTTP/1.1\r\n" + HEAD + b" folded: x\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET  /healthz HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /healthz HTTP/9.9\r\n" + HEAD + b"\r\n",
    b"\x16\x03\x01\x00\xa5\x01\x00\x00",
    b"GET /healthz\0 HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HEAD + b"x\ny: 1\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n",
    b"GET /healthz HTTP/1.1\r\n" + HEAD + b"x: " + b"a" * 300_000 + b"\r\n\r\n",
]


def answered(port, request):
    """The status lines of all that comes back of it, and of a plain request after it."""
    with socket.create_connection(("127.0.0.1", port), timeout=1) as line:
        got = b""
        try:
            line.sendall(request)
            while piece := line.recv(65536):
                got += piece
        except OSError:
            pass
    return re.findall(rb"HTTP/1\.[01] (\d{3})", got)


@pytest.mark.django_db(transaction=True)
def test_no_request_is_read_as_two(web):
    told = {}
    for number, request in enumerate(UNCLEAR):
        found = answered(web.port, request)
        if len(found) > 1 or any(one >= b"500" for one in found):
            told[number] = found
    assert told == {}
    assert answered(web.port, b"GET /healthz HTTP/1.1\r\n" + HEAD + b"\r\n") == [b"200"]
