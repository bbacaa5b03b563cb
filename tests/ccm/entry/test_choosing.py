"""Wherever a password is chosen, one that is guessed first is refused in words."""

import io

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from ccm.accounts import links
from ccm.entry import first_run
from ccm.models import User
from tests.builders import PASSWORD, a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("123456789012", "Digits and signs alone"),
        ("aaaaaaaaaaaa", "a short piece again and again"),
        ("passwordpassword", "a short piece again and again"),
        ("iloveyou1234", "a word that many use"),
        ("abcdefghijkl", "a row of the alphabet"),
        ("callcentre2026", "words of this house"),
        ("ccmccmccmccm", "a short piece again and again"),
        ("Harrogate-2026", "words of this house"),
        ("Acme-Widgets-1", "words of this house"),
    ],
)
def test_words_say_which_rule_and_what_would_do(password, words, settings):
    settings.HOUSE_WORDS = ["Acme", "widgets"]
    a_site("Harrogate")
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    (said,) = refused.value.messages
    assert words in said
    assert "Four words" in said
    assert password not in said


def test_one_that_an_admin_s_link_chooses(client):
    user = a_user("manager")
    link = "/" + links.link_for(user).partition("//")[2].partition("/")[2]
    at = client.get(link, follow=True).redirect_chain[-1][0]
    sent = {"password1": "iloveyou1234", "password2": "iloveyou1234"}
    assert "a word that many use" in client.post(at, sent).content.decode()
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_one_s_own_other_one(client):
    user = a_user("manager", password=PASSWORD)
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    sent = {"oldpassword": PASSWORD, "password1": "abcdefghijkl", "password2": "abcdefghijkl"}
    page = client.post(reverse("account_change_password"), sent)
    assert "a row of the alphabet" in page.content.decode()
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_the_first_admin_s(monkeypatch):
    monkeypatch.setattr(first_run, "_known_to_be_over", False)
    said = {"token": first_run.token(), "username": "ada"}
    sent = said | {"password": "callcentre2026", "again": "callcentre2026"}
    page = Client().post(reverse("first_run"), sent)
    assert "words of this house" in page.content.decode()
    assert not User.objects.exists()


def test_one_that_a_command_asks_for(monkeypatch):
    asked = iter(["iloveyou1234", "iloveyou1234", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda *_more: next(asked))
    monkeypatch.setattr("builtins.input", lambda *_more: "n")
    wrong = io.StringIO()
    stdin = io.StringIO()
    stdin.isatty = lambda: True
    said = {"username": "ada", "email": "", "stdin": stdin, "stderr": wrong}
    call_command("createsuperuser", **said)
    assert "a word that many use" in wrong.getvalue()
    assert User.objects.get().check_password(PASSWORD)
