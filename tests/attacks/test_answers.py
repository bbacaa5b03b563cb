"""What every answer carries, and requests that another site's page makes in a person's name."""

import logging

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from ccm.access import ADMIN
from tests import once
from tests.attacks import probes
from tests.attacks.walk import Person, path_of
from tests.builders import PASSWORD, a_user
from tests.examples import TIMES
from tests.reach import a_world

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src": {"'self'"}, "script-src": {"'self'"}, "style-src": {"'self'"},
    "style-src-attr": {"'unsafe-inline'"}, "img-src": {"'self'", "data:"}, "font-src": {"'self'"},
    "connect-src": {"'self'"}, "media-src": {"'self'"}, "object-src": {"'none'"},
    "base-uri": {"'none'"}, "form-action": {"'self'"}, "frame-ancestors": {"'none'"},
}  # fmt: skip
# What a GET may write: that somebody took a file along or looked, when a wall was seen last, and
# the session.
NOTED = {
    "ccm_auditentry", "ccm_viewing", "ccm_listviewing", "ccm_viewingmark", "ccm_browsersession",
    "kpis_kiosklink",
}  # fmt: skip
# What somebody made public may be kept for some minutes; nothing else may.
PUBLIC = "/help/"


def one_site():
    world = a_world()
    return world, probes.doors(world)


world = once.fixture(one_site)


def policy(header):
    parts = (one.split() for one in header.split(";") if one.strip())
    return {name: set(sources) for name, *sources in parts}


def wrong_with(headers, address=""):
    """What an answer of ours does not carry, or carries and should not."""
    wanted = {
        "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": ("same-origin", "no-referrer"),
        "Cross-Origin-Opener-Policy": "same-origin",
    }  # fmt: skip
    wrong = [
        f"{name}: {headers.get(name)}"
        for name, value in wanted.items()
        if headers.get(name, "") not in (value if isinstance(value, tuple) else (value,))
    ]
    if policy(headers.get("Content-Security-Policy", "")) != POLICY:
        wrong.append(f"policy: {headers.get('Content-Security-Policy')}")
    kept = set(headers.get("Cache-Control", "").split(", "))
    if not {"no-store", "private"} & kept and not (address.startswith(PUBLIC) and kept):
        wrong.append(f"kept: {headers.get('Cache-Control')}")
    loud = ("access-control-", "server", "x-powered-by", "x-aspnet")
    wrong += [name for name in headers if name.lower().startswith(loud)]
    return wrong


# What a browser shows; anything else is a file, and is kept as one.
SHOWN = {
    "text/html", "text/plain", "application/json", "application/problem+json", "text/event-stream",
    "application/vnd.oai.openapi", "audio/wav",
}  # fmt: skip
# Without a sidebar: walls, screens, surveys, pages for strangers, and the API's description.
PLAIN = (
    "/live/", "/kiosk/", "/s/", "/tv/", "/help/", "/first-run/", "/boards/", "/api/",
    "/accounts/login/", "/accounts/password/choose/",
)  # fmt: skip
SIGN_OUT = b'action="/accounts/logout/"'


def wrong_kind(answer, address):
    """Where what an answer is told to be lets it be shown as something else."""
    said = answer.headers.get("Content-Type", "")
    kind = said.partition(";")[0]
    if not answer.body:
        return []
    wrong = [] if kind else ["says no kind"]
    if kind.startswith("text/") and "charset=utf-8" not in said.lower():
        wrong.append(f"says no letters: {said}")
    kept = answer.headers.get("Content-Disposition", "")
    if kind not in SHOWN and not kept.startswith("attachment"):
        wrong.append(f"{kind} is shown: {kept}")
    name = kept.partition("filename=")[2]
    if kept and not (name.isascii() and name.isprintable()):
        wrong.append(f"a name of a file: {kept!r}")
    return wrong


def test_each_answer_says_how_a_browser_is_to_keep_and_show_it(world):
    """Pages, files, refusals and what the API says; a GET changes nothing; one signs out of each
    page. The suite asks at every third address."""
    made, doors = world
    person = Person(made.people[ADMIN])
    wrong, files, pages = {}, 0, 0
    for row, address in doors[:: 1 if TIMES > 1 else 3]:
        answer = person.ask(row.method, address)
        told = wrong_with(answer.headers, address) + wrong_kind(answer, address)
        if row.method == "get" and answer.tables - NOTED:
            told.append(f"wrote {answer.tables}")
        files += "Content-Disposition" in answer.headers
        is_page = answer.status == 200 and b"<!doctype html" in answer.body[:100].lower()
        if is_page and not address.startswith(PLAIN):
            pages += 1
            if SIGN_OUT not in answer.body:
                told.append("nobody signs out there")
        if told:
            wrong[f"{row.method} {address}"] = told
    assert not wrong, "\n".join(f"{one}: {told}" for one, told in wrong.items())
    assert files > 5
    assert pages > 60


@pytest.mark.parametrize(
    "folder",
    ["/static/", "/static/css/", "/static/js", "/media/", "/uploads/", "/.git/", "/.git/HEAD",
     "/docs/", "/.env", "/static/../ccm/settings.py", "/static/%2e%2e/ccm/settings.py"],
)  # fmt: skip
def test_no_folder_is_listed_and_nothing_beside_the_program_is_served(world, folder):
    made, _doors = world
    for user in (None, made.people[ADMIN]):
        answer = Person(user).ask("get", folder)
        assert answer.status == 404
        assert b"settings.py" not in answer.body


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/no-such-page/", 404), ("get", "/accounts/login/?x=%00", 400),
        ("delete", "/accounts/login/", 405), ("get", "/accounts/login/", 200),
        ("get", "/calls/", 302), ("get", "/api/v1/calls/", 401), ("get", "/tv/", 200),
        ("post", "/api/v1/events/", 401), ("get", "/healthz", 200), ("get", "/s/made-up/", 404),
    ],
)  # fmt: skip
def test_refusals_and_public_pages_say_it_too(method, address, status):
    answer = Person(None).ask(method, address)
    assert answer.status == status
    assert wrong_with(answer.headers) == []


def test_no_form_is_taken_without_its_token_nor_the_api_by_session(world):
    """Each address, as an admin whose browser another site's page makes post."""
    made, doors = world
    person = Person(made.people[ADMIN], enforce_csrf_checks=True)
    wrong = {}
    for _row, address in doors:
        answer = person.ask("post", address, {}, HTTP_ORIGIN="https://qzx.example")
        # The page of a survey knows nobody, and nobody's cookie: it goes by its link alone.
        refused = (401, 403, 405, 404) if address.startswith("/s/") else (401, 403, 405)
        if answer.status not in refused or answer.wrote:
            wrong[path_of(address)] = (answer.status, answer.tables)
    assert not wrong, "\n".join(f"{one}: {told}" for one, told in wrong.items())


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "QZX", "PUT", "DELETE", "PATCH"])
def test_what_no_page_knows_is_refused(world, method):
    """Some of the addresses in the suite, every one in `tests.heavy.attacks`."""
    made, doors = world
    person = Person(made.people[ADMIN])
    wrong = {}
    for row, address in doors[:: 7 if TIMES == 1 else 1]:
        answer = person.ask(method, address)
        is_known = method in answer.headers.get("Allow", "") or "api/" in address
        # Some of the API take it away: which, the matrix of access tells.
        done = answer.wrote or answer.status < 300
        if answer.status >= 500 or (done and not is_known):
            wrong[f"{row.method} {path_of(address)}"] = (answer.status, answer.tables)
    assert not wrong, "\n".join(f"{one}: {told}" for one, told in wrong.items())


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    a_user(ADMIN, name="ann", password=PASSWORD)
    client = Client()
    client.get(reverse("login"))
    client.post(reverse("login"), {"username": "ann", "password": PASSWORD, "login": "ann"})
    client.get("/tv/")
    own = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert own <= set(client.cookies)  # else nothing is said of that of the session
    for name, cookie in client.cookies.items():
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert cookie["secure"] or name not in ("sessionid", "csrftoken"), name
        assert cookie["httponly"] or name in ("csrftoken",), name
        assert not cookie["domain"], name


def test_one_signs_in_and_out_by_cookies_of_other_names_and_the_browser_drops_its_pages(settings):
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    a_user(ADMIN, name="ann", password=PASSWORD)
    client = Client(enforce_csrf_checks=True)

    def sends(page, **said):
        token = client.cookies["__Host-csrftoken"].value
        headers = {"referer": "https://testserver/"}
        said["csrfmiddlewaretoken"] = token
        return client.post(reverse(page), said, secure=True, headers=headers)

    client.get(reverse("login"), secure=True)
    assert sends("login", username="ann", password=PASSWORD).status_code == 302
    for name in ("__Host-sessionid", "__Host-csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["path"], cookie["domain"], bool(cookie["secure"])) == ("/", "", True)
    assert client.get(reverse("users"), secure=True).status_code == 200
    answer = sends("logout")
    assert answer["Clear-Site-Data"] == '"cache"'
    assert client.get(reverse("users"), secure=True).status_code == 302
    assert not {"sessionid", "csrftoken"} & set(client.cookies)


@pytest.mark.parametrize(
    "host", ["qzx.example", "localhost:80@qzx.example", "localhost\r\nX: y", "[::1", "", "a" * 5000]
)
def test_a_host_that_nobody_named_is_refused(settings, host):
    settings.ALLOWED_HOSTS = ["localhost"]
    answer = Person(None).ask("get", "/accounts/login/", HTTP_HOST=host)
    assert answer.status == 400
    assert b"qzx" not in answer.body


def test_another_host_is_believed_of_no_proxy_header(settings):
    """What mails and redirects begin with is not what a request says."""
    settings.ALLOWED_HOSTS = ["localhost"]
    said = {"HTTP_X_FORWARDED_HOST": "qzx.example", "HTTP_X_ORIGINAL_URL": "/qzx/"}
    answer = Person(None).ask("get", "/calls/", HTTP_HOST="localhost", **said)
    assert answer.status == 302
    assert "qzx" not in answer.headers["Location"]


LINES = "x%0d%0aSet-Cookie:%20qzx=1%0d%0a%0d%0a<qzxb>"


def test_no_line_of_an_answer_or_of_the_log_can_be_written_by_who_asks(world, caplog):
    """Line ends in each part of each address, in headers and in the name of a file."""
    made, doors = world
    person = Person(made.people[ADMIN])
    logging.getLogger("django.request").disabled = False
    for _row, address in doors[:: 5 if TIMES == 1 else 1]:
        path = path_of(address)
        for asked in (f"{path.rstrip('/')}{LINES}/", f"{path}?next={LINES}&back={LINES}"):
            answer = person.ask(
                "get",
                asked,
                HTTP_REFERER="http://testserver/\r\nx: y",
                HTTP_X_REQUEST_ID="a\r\nqzx",
            )
            assert answer.status < 500, (asked, answer.fault)
            for name, value in answer.headers.items():
                assert "\n" not in name + value, asked
            assert "qzx" not in answer.headers.get("Set-Cookie", ""), asked
    lines = "\n".join(record.getMessage() for record in caplog.records)
    assert "Set-Cookie: qzx" not in [line.strip() for line in lines.splitlines()]


def test_the_policy_of_settings_is_the_one_that_is_written_down():
    said = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert {name: set(sources) for name, sources in said.items()} == POLICY
