"""The demo's accounts open on this machine alone, whatever was changed since it was loaded."""

import contextlib
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from ccm import cli
from ccm.demo import exposure, load, logins
from ccm.demo.load import DemoRefused, Wanted
from ccm.models import AuditEntry, Site, User
from tests.builders import NINE, PASSWORD, a_user
from tests.hashing import quick_hashes  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    """The demo's admin, as it is loaded."""
    Group.objects.get_or_create(name="admin")
    return load._users([Site.objects.create(name="Leeds", slug="leeds", zone="Europe/London")])[
        "admin"
    ]


def tried(name="admin", password="", **where):
    client = Client(**where)
    password = password or logins.password(name)
    said = {"username": name, "login": name, "password": password}
    return client.post(reverse("login"), said).status_code == 302


def test_on_this_machine_it_opens(admin):
    assert tried(HTTP_HOST="localhost:8000")
    assert tried(HTTP_HOST="127.0.0.1:8000", REMOTE_ADDR="::ffff:127.0.0.1")
    assert tried(HTTP_HOST="[::1]:8000", REMOTE_ADDR="::1")
    assert tried(HTTP_X_FORWARDED_FOR="127.0.0.1")


@pytest.mark.parametrize(
    "where",
    [
        {"REMOTE_ADDR": "192.168.1.9"},
        # The network of a container, whose port may be published to anybody.
        {"REMOTE_ADDR": "172.18.0.1", "HTTP_HOST": "localhost:8000"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.9"},
        {"HTTP_X_FORWARDED_FOR": "unknown"},
        {"HTTP_X_REAL_IP": "203.0.113.9"},
        {"HTTP_FORWARDED": "for=203.0.113.9;proto=https"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_VIA": "1.1 proxy"},
    ],
)
def test_from_elsewhere_and_through_other_hands_it_stays_shut(admin, where):
    assert not tried(**where)


def test_where_others_are_served_it_stays_shut_here_too(admin, settings):
    settings.ALLOWED_HOSTS = ["localhost", "testserver", "calls.example.org"]
    assert not tried()
    settings.ALLOWED_HOSTS = ["*"]
    assert not tried()
    assert not tried(HTTP_HOST="calls.example.org")


def test_under_another_secret_key_the_password_of_before_stays_shut_as_well(admin, settings):
    shown = logins.password("admin")
    settings.SECRET_KEY = "another" * 8
    assert tried(password=shown)
    assert not tried(password=shown, REMOTE_ADDR="192.168.1.9")


def test_an_account_with_a_password_of_its_own_is_one_like_any(admin):
    admin.set_password(PASSWORD)
    admin.save()
    assert tried(password=PASSWORD, REMOTE_ADDR="192.168.1.9")
    assert "admin" not in [one.username for one in exposure.accounts()]


def test_an_own_account_of_such_a_name_is_never_the_demo(db):
    a_user("admin", name="admin", password=PASSWORD)
    assert tried(password=PASSWORD, REMOTE_ADDR="192.168.1.9")
    assert exposure.accounts() == []


@pytest.mark.parametrize(
    ("host", "hosts", "named"),
    [
        ("0.0.0.0", ["localhost"], "--host 0.0.0.0"),
        ("192.168.1.5", ["localhost"], "--host 192.168.1.5"),
        ("::", ["localhost"], "--host ::"),
        ("calls.example.org", ["localhost"], "--host calls.example.org"),
        ("127.0.0.1", ["localhost", "*"], "CCM_ALLOWED_HOSTS=*"),
        ("127.0.0.1", [".example.org"], "CCM_ALLOWED_HOSTS=.example.org"),
    ],
)
def test_a_server_that_others_reach_serves_no_demo_and_says_what_to_do(
    admin, settings, host, hosts, named
):
    settings.ALLOWED_HOSTS = hosts
    words = exposure.refusal(host)
    assert named in words
    assert "callcenter demo --lock" in words
    assert "admin" in words


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_served(admin, settings, host):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    assert exposure.refusal(host) == ""


def test_without_demo_accounts_anybody_is_served(settings):
    settings.ALLOWED_HOSTS = ["*"]
    a_user("admin", password=PASSWORD)
    assert exposure.refusal("0.0.0.0") == ""


def test_locked_accounts_open_nowhere_and_the_rest_is_served(admin, capsys):
    call_command("demo", lock=True)
    assert f"Locked: {len(logins.PEOPLE)} accounts." in capsys.readouterr().out
    assert not tried()
    assert exposure.refusal("0.0.0.0") == ""
    assert not User.objects.filter(is_active=True).exists()
    assert AuditEntry.objects.filter(model="ccm.user", who=None).count() == len(logins.PEOPLE)
    call_command("demo", lock=True)
    assert "Locked: 0 accounts." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "hosts"),
    [
        (["serve", "--host", "0.0.0.0"], ["localhost"]),
        (["serve"], ["calls.example.org"]),
        (["up", "--port", "65001"], ["calls.example.org"]),
    ],
)
def test_the_commands_refuse_before_anything_is_served(
    admin, settings, monkeypatch, capsys, said, hosts
):
    settings.ALLOWED_HOSTS = hosts
    monkeypatch.setattr(cli, "_ready", lambda: contextlib.nullcontext())
    monkeypatch.setattr("ccm.serve.serve", lambda *_how: pytest.fail("it serves"))
    monkeypatch.setattr("ccm.up.up", lambda *_how, **_more: pytest.fail("it is up"))
    options = cli._parser().parse_args(said)
    with pytest.raises(SystemExit) as ended:
        options.run(options)
    assert ended.value.code == cli.REFUSED
    assert "callcenter demo --lock" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1"])
def test_where_pages_are_served_to_others_no_demo_is_loaded(settings, host):
    settings.HOST = host
    with pytest.raises(DemoRefused, match="CCM_HOST"):
        load.load(Wanted(1, 1, 24), NINE)
    assert not User.objects.exists()


def test_in_a_container_every_process_knows_that_others_may_come(monkeypatch):
    """Compose and the image say where pages are served, so that `callcenter demo` is refused there
    and `serve` needs no word for it."""
    root = Path(cli.__file__).parent.parent
    compose = (root / "docker-compose.yml").read_text()
    image = (root / "deploy/Dockerfile").read_text()
    assert "CCM_HOST: 0.0.0.0" in compose
    assert "CCM_HOST=0.0.0.0" in image
    monkeypatch.setenv("CCM_HOST", "0.0.0.0")
    assert cli._parser().parse_args(["serve"]).host == "0.0.0.0"


def test_a_request_that_tells_nothing_of_where_it_is_from_is_from_elsewhere():
    factory = RequestFactory()
    assert exposure.is_from_here(factory.get("/"))
    assert not exposure.is_from_here(factory.get("/", REMOTE_ADDR="nonsense"))


def test_called_something_else_it_stays_shut_and_is_locked_as_well(admin):
    shown = logins.password("admin")
    admin.username = "root"
    admin.save()
    assert tried("root", shown)
    assert not tried("root", shown, REMOTE_ADDR="192.168.1.9")
    assert "root" in [one.username for one in exposure.accounts()]
    exposure.lock()
    assert not tried("root", shown)


@pytest.mark.parametrize("hasher", ["Argon2PasswordHasher", "PBKDF2PasswordHasher"])
def test_a_shown_password_is_known_by_its_hash_whichever_made_it(admin, settings, hasher):
    settings.PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{hasher}"]
    admin.username = "root"
    admin.password = make_password("as shown", salt=exposure.salt())
    admin.save()
    assert "root" in [one.username for one in exposure.accounts()]
