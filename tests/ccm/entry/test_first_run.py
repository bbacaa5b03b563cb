"""The page that makes the first admin: for whoever has read the log, once."""

import logging
import threading

import pytest
from allauth.usersessions.models import UserSession
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse

from ccm import limits
from ccm.access import ADMIN
from ccm.entry import first_run
from ccm.models import AuditEntry, User
from tests.builders import a_user
from tests.hashing import quick_hashes  # noqa: F401

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery"


@pytest.fixture(autouse=True)
def begun_anew(monkeypatch):
    """As in a process that has not seen anybody yet."""
    monkeypatch.setattr(first_run, "_known_to_be_over", False)
    monkeypatch.setattr(limits, "too_often", lambda *_said: False)


def said(**other):
    there = {"token": first_run.token(), "username": "root", "password": WORDS, "again": WORDS}
    return {**there, **other}


@pytest.mark.parametrize("name", ["home", "calls", "login", "imports", "audit"])
def test_every_page_leads_there_while_nobody_can_sign_in(name):
    assert Client().get(reverse(name))["Location"] == "/first-run/"


def test_what_is_public_or_for_machines_leads_nowhere():
    assert Client().get(reverse("health")).status_code == 200
    assert Client().get(reverse("api_queues")).status_code == 401
    assert Client().get(reverse("tv")).status_code == 200


def test_the_token_makes_an_admin_who_is_signed_in():
    client = Client()
    assert "Token from the log" in client.get(reverse("first_run")).content.decode()
    assert client.post(reverse("first_run"), said())["Location"] == "/"
    user = User.objects.get()
    assert user.check_password(WORDS)
    assert [one.name for one in user.groups.all()] == [ADMIN]
    assert not user.is_superuser
    assert client.get(reverse("audit")).status_code == 200
    entry = AuditEntry.objects.get(model="ccm.user", why="first-run")
    assert (entry.who, entry.after) == (user, {"role": "admin"})
    entered = AuditEntry.objects.get(action="signed_in")
    assert (entered.who, entered.after) == (user, {"ways": ["password"]})
    assert UserSession.objects.get().session_key == client.session.session_key


def test_the_page_is_gone_once_there_is_anybody():
    a_user("agent")
    client = Client()
    assert client.get(reverse("first_run")).status_code == 404
    assert client.post(reverse("first_run"), said()).status_code == 404
    assert client.get(reverse("login")).status_code == 200
    assert client.get(reverse("calls"))["Location"].startswith("/accounts/login/")


def test_a_token_that_was_used_is_never_good_again(monkeypatch):
    Client().post(reverse("first_run"), said())
    User.objects.all().delete()
    monkeypatch.setattr(first_run, "_known_to_be_over", False)
    assert Client().post(reverse("first_run"), said()).status_code == 404


@pytest.mark.parametrize("token", ["", "wrong", "Ünï", "x" * 10_000, "\0", "-" * 39])
def test_a_wrong_token_makes_nobody_and_tells_nothing_of_the_rest(token):
    answer = Client().post(reverse("first_run"), said(token=token, password="x", again="x"))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "too short" not in page
    assert not User.objects.exists()


def test_the_token_may_be_typed_with_blanks_and_capitals():
    token = f" {first_run.token().upper()} "
    assert Client().post(reverse("first_run"), said(token=token)).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"password": "rootrootroot", "again": "rootrootroo"}, "two different"),
        ({"username": "rootrootroot", "password": "rootrootroot1"}, "too similar"),
        ({"username": "a b"}, "valid username"),
    ],
)
def test_the_account_keeps_the_rules_of_any(wrong, words):
    answer = Client().post(reverse("first_run"), said(**wrong))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not User.objects.exists()


def test_tries_are_limited(monkeypatch):
    asked = []
    monkeypatch.setattr(limits, "too_often", lambda *how: asked.append(how) or True)
    answer = Client().post(reverse("first_run"), said())
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert asked[0][0].startswith("first-run:")
    assert asked[0][1] == 10
    assert not User.objects.exists()


def test_the_token_is_the_same_until_it_is_used_and_another_under_another_key(settings):
    before = first_run.token()
    assert first_run.token() == before
    assert len(before.replace("-", "")) == 32
    settings.SECRET_KEY = "another" * 8
    assert first_run.token() != before


def test_the_log_shows_where_and_with_what_as_long_as_there_is_nobody(caplog):
    with caplog.at_level(logging.WARNING, "ccm.entry.first_run"):
        first_run.announce("http://127.0.0.1:8000")
        first_run.announce("http://127.0.0.1:8000")
    assert len(caplog.messages) == 2
    assert f"http://127.0.0.1:8000/first-run/ with the token {first_run.token()}" in caplog.text
    caplog.clear()
    a_user("agent")
    first_run.announce("http://127.0.0.1:8000")
    assert not caplog.messages


def test_once_there_was_anybody_no_page_asks_any_more(django_assert_num_queries):
    a_user("agent")
    first_run.is_due()
    with django_assert_num_queries(0):
        assert not first_run.is_due()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins():
    results = []

    def make(name):
        try:
            first_run.make_admin(User(username=name), WORDS)
            results.append(name)
        except first_run.TooLate:
            results.append(None)
        finally:
            close_old_connections()
            connection.close()

    with transaction.atomic():
        with connection.cursor() as cursor:
            # Both are at the door before either is through.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [first_run._LOCK])
        threads = [threading.Thread(target=make, args=[name]) for name in ("one", "two")]
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 2
    assert results.count(None) == 1
    assert User.objects.count() == 1
