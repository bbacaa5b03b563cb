"""What the audit log and an operator are told of signing in, in words."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import checks
from ccm.entry import agents, noted
from ccm.models import AuditEntry
from tests.builders import PASSWORD, a_user
from tests.ccm.entry.builders import a_factor, code_of


@pytest.mark.django_db
def test_the_log_tells_sign_ins_factors_and_passwords_in_words():
    admin, user, client = a_user("admin"), a_user("manager", password=PASSWORD), Client()
    a_factor(user)
    client.post("/accounts/login/", {"username": user.username, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    noted.password_changed(user)
    client.post("/accounts/logout/")
    reader = Client()
    reader.force_login(admin)
    page = reader.get(reverse("audit")).content.decode()
    for words in (
        "Signed in", "Signed out", "By: a password, a code of an app", "Second factor",
        "TOTP Authenticator", "set by its owner",
    ):  # fmt: skip
        assert words in page, words
    assert timezone.now().strftime("%Y-%m-%d") in page


@pytest.mark.django_db
def test_who_signs_in_is_told_of_once():
    user = a_user("manager", password=PASSWORD)
    Client().post("/accounts/login/", {"username": user.username, "password": PASSWORD})
    user.refresh_from_db()
    assert user.last_login is not None
    (entry,) = AuditEntry.objects.filter(who=user)
    assert entry.action == AuditEntry.Action.SIGNED_IN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, []),
        ({"OIDC_ISSUER": "https://login.example.org"}, ["ccm.E003"]),
        ({"OIDC_CLIENT_ID": "ccm"}, ["ccm.E003"]),
        ({"DIRECTORY_IS_SET": True, "OIDC_ROLES": {}}, ["ccm.E004"]),
        (
            {"DIRECTORY_IS_SET": True, "OIDC_ISSUER": "http://login.example.org",
             "OIDC_CLIENT_ID": "ccm", "OIDC_ROLES": {"a": ["admin"]}},
            ["ccm.W002"],
        ),
        ({"PASSWORD_SIGN_IN": False}, ["ccm.E005"]),
        ({"PASSWORD_SIGN_IN": False, "DIRECTORY_IS_SET": True, "OIDC_ROLES": {"a": ["admin"]}}, []),
    ],
)  # fmt: skip
def test_an_operator_is_told_why_nobody_would_get_in(settings, said, expected):
    for name, value in said.items():
        setattr(settings, name, value)
    assert [one.id for one in checks.somebody_gets_in()] == expected


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0",
         "Firefox, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
         "Safari, iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
         "Chrome, Android"),
        ("curl/8.9.1", "curl"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_is_called_as_people_know_it(agent, expected):
    assert agents.words(agent) == expected
