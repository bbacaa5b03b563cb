"""What each setting holds and where it came from, with nothing of what is secret."""

import pytest
from django.test import Client
from django.urls import reverse

from ccm import environment
from ccm.environment import Shown, Source
from tests.builders import a_user

PLAIN = {"CCM_AUDIT_KEYED_FROM", "CCM_PASSWORD_SIGN_IN"}
SECRETS = [one.name for one in environment.SETTINGS if one.shown is Shown.SECRET]


def found(name):
    (one,) = [one for one in environment.effective() if one.setting.name == name]
    return one


def test_each_is_declared_once_and_says_what_it_does():
    names = [one.name for one in environment.SETTINGS]
    assert len(set(names)) == len(names)
    for one in environment.SETTINGS:
        assert one.meaning
        assert one.default
        # A cell of a table in Markdown.
        assert "|" not in one.meaning + one.default
        assert (one.meaning + one.default).count("`") % 2 == 0


def test_what_sounds_secret_is_declared_so():
    words = ("KEY", "TOKEN", "PASSWORD", "SECRET")
    sounds = [name for name in environment.BY_NAME if any(word in name for word in words)]
    # Whether passwords open anything, and from which seal on keys are asked for.
    assert [name for name in sounds if name not in PLAIN] == SECRETS
    addresses = {one.name for one in environment.SETTINGS if one.shown is Shown.ADDRESS}
    assert addresses == {"DATABASE_URL", "REDIS_URL", "CCM_MAIL_URL"}


def test_where_a_value_came_from(monkeypatch, settings):
    monkeypatch.delenv("CCM_STREAM_CAP", raising=False)
    settings.STREAM_CAP = 6000
    assert (found("CCM_STREAM_CAP").value, found("CCM_STREAM_CAP").source) == (
        "6000", Source.DEFAULT,
    )  # fmt: skip
    monkeypatch.setenv("CCM_STREAM_CAP", "50")
    settings.STREAM_CAP = 50
    assert (found("CCM_STREAM_CAP").value, found("CCM_STREAM_CAP").source) == (
        "50", Source.ENVIRONMENT,
    )  # fmt: skip
    monkeypatch.setenv("CCM_SECRET_KEY", "x")
    monkeypatch.setenv("CCM_MADE", "")
    assert found("CCM_SECRET_KEY").source is Source.ENVIRONMENT
    # As `callcenter` tells it to the processes that it begins.
    monkeypatch.setenv("CCM_MADE", "CCM_SECRET_KEY,DATABASE_URL")
    assert found("CCM_SECRET_KEY").source is Source.MADE


@pytest.mark.parametrize("name", SECRETS)
def test_of_what_is_secret_it_is_told_whether_it_is_set(name, monkeypatch):
    monkeypatch.setenv(name, "sesame")
    assert found(name).value == "set"
    monkeypatch.setenv(name, "")
    assert found(name).value == "unset"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgres://ccm:sesame@db.internal:5432/ccm", "postgres://db.internal:5432/ccm"),
        ("postgres://ccm:sesame@/ccm?host=/run/x", "postgres:///ccm"),
        ("redis://:sesame@redis:6379/0", "redis://redis:6379/0"),
        ("unix://:sesame@/run/valkey.sock?db=0", "unix:///run/valkey.sock"),
        ("smtp+tls://sesame:sesame@mail:587", "smtp+tls://mail:587"),
        ("postgres://db/ccm?password=sesame", "postgres://db/ccm"),
        # Signs that nobody quoted end what is taken for the host.
        ("postgres://ccm:sesame/1@db/ccm", "set, but no address that can be read"),
        ("postgres://ccm:1/sesame@db/ccm", "set, but no address that can be read"),
        ("postgres://ccm:1#sesame@db/ccm", "set, but no address that can be read"),
        ("postgres://ccm:1?sesame@db/ccm", "set, but no address that can be read"),
        ("postgres://[sesame/ccm", "set, but no address that can be read"),
        ("sesame", "set, but no address that can be read"),
        ("", "unset"),
    ],
)
def test_of_an_address_it_is_told_where_it_leads_and_not_who_signs_in(address, told):
    assert environment.place(address) == told
    assert "sesame" not in environment.place(address)


def test_words_are_those_that_somebody_would_type():
    assert environment.words(True) == "yes"
    assert environment.words([]) == "none"
    assert environment.words(["a", "b"]) == "a, b"
    assert environment.words(frozenset({"manager", "admin"})) == "admin, manager"
    assert environment.words(frozenset()) == environment.words({}) == "none"
    assert environment.words({"leads": ["supervisor", "trainer"]}) == (
        "leads=supervisor, leads=trainer"
    )
    assert environment.words(None) == environment.words("") == "none"
    assert environment.words(0) == "0"


@pytest.mark.django_db
def test_the_page_shows_each_and_no_secret(monkeypatch):
    for name in SECRETS:
        monkeypatch.setenv(name, f"sesame-{name}")
    monkeypatch.setenv("CCM_MAIL_URL", "smtp+tls://sesame:sesame@mail.example.org:587")
    client = Client()
    client.force_login(a_user("admin"))
    answer = client.get(reverse("settings"))
    page = answer.content.decode()
    for one in environment.SETTINGS:
        assert f"<code>{one.name}</code>" in page
    assert "sesame" not in page
    assert "smtp+tls://mail.example.org:587" in page
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_a_hostile_value_is_text(monkeypatch, settings):
    settings.DEFAULT_FROM_EMAIL = "<script>alert(1)</script>"
    client = Client()
    client.force_login(a_user("admin"))
    page = client.get(reverse("settings")).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
