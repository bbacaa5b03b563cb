"""Roles that ask for a second factor: nothing else until it is there."""

import pytest
from allauth.mfa.adapter import get_adapter as get_factors
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ccm.entry import factors
from ccm.entry.required import SETTING_UP
from ccm.intervals import DAY
from ccm.models import ApiToken, AuditEntry
from tests.builders import PASSWORD, a_board, a_site, a_user
from tests.ccm.entry.builders import a_factor, code_of
from tests.test_access import MATRIX

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _managers_have_one(settings):
    settings.MFA_ROLES = frozenset({"manager"})


def signed_in(role, *sites):
    user, client = a_user(role, *sites), Client()
    client.force_login(user)
    return user, client


def test_who_has_none_is_led_to_set_one_up_and_reaches_nothing_else():
    site = a_site()
    board = a_board(site)
    _user, client = signed_in("manager", site)
    for path in ("/queues/", "/calls/", reverse("board", args=[board.slug]), reverse("api_docs")):
        answer = client.get(path)
        if path.startswith("/api/"):
            assert answer.status_code == 403
        else:
            assert answer["Location"] == reverse("security")
    page = client.get(reverse("security"))
    assert b"Your role asks for a second factor" in page.content
    # Streams of walls open by a token that a page gives.
    assert client.get(reverse("board_token", args=[board.slug]))["Location"] == reverse("security")


def test_the_api_says_so_to_a_session_and_a_token_goes_on():
    user, client = signed_in("manager", a_site())
    answer = client.get(reverse("api_queues"))
    assert answer.status_code == 403
    assert answer["Content-Type"].startswith("application/problem+json")
    assert "second factor" in answer.json()["detail"]
    _token, words = ApiToken.issue(
        name="Loader", user=user, scopes=[ApiToken.READ], expires_at=timezone.now() + DAY
    )
    told = Client().get(reverse("api_queues"), headers={"authorization": f"Bearer {words}"})
    assert told.status_code == 200


def test_what_refreshes_itself_on_an_open_page_leaves_it():
    _user, client = signed_in("manager", a_site())
    answer = client.get("/queues/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (403, reverse("security"))


def test_who_has_one_and_whose_role_asks_for_none_go_on():
    site = a_site()
    user, client = a_user("manager", site), Client()
    a_factor(user)
    client.force_login(user)
    assert client.get("/queues/").status_code == 200
    assert signed_in("planner", site)[1].get("/queues/").status_code == 200


def test_it_costs_no_query(settings):
    user, client = signed_in("manager", a_site())
    a_factor(user)
    counts = []
    for roles in (frozenset(), frozenset({"manager"})):
        settings.MFA_ROLES = roles
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("api_docs"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_recovery_codes_alone_are_none():
    user, client = signed_in("manager", a_site())
    RecoveryCodes.activate(user)
    assert client.get("/queues/")["Location"] == reverse("security")


def test_the_last_one_stays_and_one_of_two_goes():
    user, client = a_user("manager", a_site(), password=PASSWORD), Client()
    a_factor(user)
    client.post("/accounts/login/", {"username": user.username, "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    address = reverse("mfa_deactivate_totp")
    assert b"set up another one before" in client.get(address).content
    assert client.post(address).status_code == 200
    assert user.authenticator_set.count() == 1
    key = user.authenticator_set.create(type="webauthn", data={"name": "Key"})
    assert client.post(address).status_code == 302
    removal = reverse("mfa_remove_webauthn", args=[key.pk])
    assert b"set up another one before" in client.post(removal).content
    assert user.authenticator_set.get() == key


def test_of_two_tabs_one_waits_for_the_other_before_it_looks_for_what_is_left():
    user = a_user("manager", a_site())
    one = a_factor(user)
    with CaptureQueriesContext(connection) as asked:
        assert not get_factors().can_delete_authenticator(one)
    locks = next(at for at, said in enumerate(asked) if "FOR UPDATE" in said["sql"])
    looks = next(at for at, said in enumerate(asked) if "mfa_authenticator" in said["sql"])
    assert '"ccm_user"' in asked[locks]["sql"]
    assert locks < looks


def test_what_is_open_to_who_sets_one_up_is_there():
    assert set(MATRIX) >= SETTING_UP


def test_somebody_who_lost_theirs_is_helped_by_a_command(capsys):
    user, client = a_user("manager", a_site()), Client()
    a_factor(user)
    client.force_login(user)
    call_command("entry", "--reset-factors", user.username)
    assert capsys.readouterr().out == "1 taken away.\n"
    found = AuditEntry.objects.filter(action="removed").order_by("pk")
    factor, session = [(entry.who, entry.before) for entry in found]
    assert factor == (None, {"user": user.pk, "type": "totp"})
    assert (session[0], session[1]["user"]) == (None, user.pk)  # whoever has the phone is out, too
    assert client.get("/queues/")["Location"].startswith("/accounts/login/")
    client.force_login(user)
    assert client.get("/queues/")["Location"] == reverse("security")
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("entry", "--reset-factors", "nobody")


@pytest.mark.parametrize(
    ("name", "value"), [("MFA_ROLES", frozenset({"amdin"})), ("OIDC_ROLES", {"g": ["amdin"]})]
)
def test_a_role_that_is_none_is_refused_at_the_start(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match="'amdin' is no role"):
        factors.check_settings()
