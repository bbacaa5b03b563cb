"""Getting in by a password and a second factor, and out again."""

import re
import time
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from axes.models import AccessFailureLog
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from ccm.entry import factors, rights
from ccm.models import AuditEntry, BrowserSession
from tests.builders import PASSWORD, a_site, a_user, an_agent
from tests.ccm.entry.builders import a_factor, code_of

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def signs_in(client, user, password=PASSWORD, **more):
    return client.post(LOGIN, {"username": user.username, "password": password, **more})


def acts(user):
    found = AuditEntry.objects.filter(who=user).order_by("pk")
    return list(found.values_list("action", "model", "after"))


def test_a_sign_in_and_a_sign_out_are_in_the_log(client):
    user = a_user("manager", password=PASSWORD)
    assert signs_in(client, user)["Location"] == "/"
    client.post("/accounts/logout/")
    assert acts(user) == [
        ("signed_in", "ccm.user", {"ways": ["password"]}),
        ("signed_out", "ccm.user", {}),
    ]


def test_an_unknown_user_is_answered_as_a_wrong_password_is(client):
    user = a_user("manager", password=PASSWORD)
    known = signs_in(client, user, "guess").content.decode()
    user.username = "nobody-at-all"
    unknown = signs_in(client, user, "guess").content.decode()
    said = re.findall(r'role="alert">([^<]+)<', known)
    assert said
    assert said == re.findall(r'role="alert">([^<]+)<', unknown)


def test_a_closed_account_is_answered_as_a_wrong_password_is(client):
    user = a_user("manager", password=PASSWORD)
    user.is_active = False
    user.save()
    page = signs_in(client, user)
    assert page.status_code == 200
    assert b"do not belong together" in page.content


@pytest.mark.parametrize("said", ["x" * 100_000, "a\0b", "", "\u202e" * 10])
def test_no_password_and_no_name_breaks_the_page(client, said):
    for sent in ({"username": said, "password": said}, {"username": "a", "password": said}):
        assert client.post(LOGIN, sent).status_code in {200, 400}
    assert AuditEntry.objects.count() == 0


def test_wrong_passwords_of_others_keep_nobody_out(client):
    user = a_user("manager", password=PASSWORD)
    for _ in range(7):
        signs_in(Client(REMOTE_ADDR="192.0.2.9"), user, "guess")
    assert signs_in(client, user).status_code == 302


def test_who_has_a_second_factor_is_asked_for_it_and_is_nobody_until_then(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    assert signs_in(client, user)["Location"] == reverse("mfa_authenticate")
    assert client.get("/queues/").status_code == 302
    page = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert b"This code is wrong" in page.content
    assert client.get("/queues/").status_code == 302
    assert client.post(reverse("mfa_authenticate"), {"code": code_of(user)})["Location"] == "/"
    assert ("signed_in", "ccm.user", {"ways": ["password", "totp"]}) in acts(user)


def test_a_code_is_taken_once(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    code = code_of(user)
    for place, expected in enumerate((302, 200)):
        other = Client(REMOTE_ADDR=f"192.0.2.{place}")
        signs_in(other, user)
        assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == expected


def test_the_sixth_wrong_code_in_five_minutes_is_not_looked_at(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    signs_in(client, user)
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": "000000"})
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert b"Too many wrong codes" in page.content
    assert client.get("/queues/").status_code == 302


def test_codes_are_not_taken_where_what_counts_them_is_away_and_passwords_are(client, monkeypatch):
    user, plain = a_user("manager", password=PASSWORD), a_user("manager", password=PASSWORD)
    a_factor(user)

    def away(*_args, **_more):
        raise RedisAway("away")

    for name in ("get", "set", "add", "delete"):
        monkeypatch.setattr(type(cache), name, away, raising=False)
    assert signs_in(Client(), plain).status_code == 302
    signs_in(client, user)
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert page.status_code == 503
    assert b"without it none is taken" in page.content


def sets_up(client):
    """Set up an app as its owner does; the codes shown."""
    address = reverse("mfa_activate_totp")
    secret = re.search(r'id="secret">([A-Z2-7]+)<', client.get(address).content.decode())[1]
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    shown = client.post(address, {"code": code}, follow=True).content.decode()
    return secret, re.findall(r"<code>(\d{8})</code>", shown)


def test_an_app_is_set_up_and_its_secrets_are_nowhere_in_clear(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    secret, codes = sets_up(client)
    assert len(codes) == 10
    kept = Authenticator.objects.filter(user=user)
    assert sorted(kept.values_list("type", flat=True)) == ["recovery_codes", "totp"]
    everything = str([*kept.values(), *AuditEntry.objects.values()])
    assert secret not in everything
    assert not any(code in everything for code in codes)
    assert secret not in str(client.session.items())
    assert [(act, model) for act, model, _after in acts(user)] == [
        ("signed_in", "ccm.user"),
        ("created", "mfa.authenticator"),
        ("created", "mfa.authenticator"),
    ]
    # They are shown once.
    assert "<code>" not in client.get(reverse("mfa_view_recovery_codes")).content.decode()


def test_the_code_that_sets_up_an_app_opens_nothing_after_that(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    sets_up(client)
    code = code_of(user)
    other = Client()
    signs_in(other, user)
    assert b"This code is wrong" in other.post(reverse("mfa_authenticate"), {"code": code}).content
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        answer = other.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert answer.status_code == 302


def test_a_recovery_code_opens_once(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    _secret, codes = sets_up(client)
    for expected in (302, 200):
        other = Client()
        signs_in(other, user)
        answer = other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert answer.status_code == expected
    assert b"9 left" in client.get(reverse("security")).content


def test_a_factor_under_a_key_that_is_lost_opens_nothing_and_breaks_nothing(client, settings):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    code = code_of(user)
    settings.FACTOR_KEYS = ["another key"]
    signs_in(client, user)
    page = client.post(reverse("mfa_authenticate"), {"code": code})
    assert b"This code is wrong" in page.content


def test_what_is_under_an_older_key_is_still_read(client, settings):
    user = a_user("manager", password=PASSWORD)
    settings.FACTOR_KEYS = ["old"]
    a_factor(user)
    settings.FACTOR_KEYS = ["new", "old"]
    signs_in(client, user)
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert answer.status_code == 302


def test_a_factor_is_removed_by_who_has_just_shown_who_it_is(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    # Signed in before: nothing says when.
    client.force_login(user)
    address = reverse("mfa_deactivate_totp")
    again = client.get(address)["Location"]
    assert again.startswith(reverse("account_reauthenticate"))
    assert b"This is not your password" in client.post(again, {"password": "guess"}).content
    assert client.post(again, {"password": PASSWORD})["Location"] == address
    assert client.post(address)["Location"] == reverse("security")
    assert not Authenticator.objects.filter(user=user).exists()
    removed = AuditEntry.objects.get(action="removed")
    assert (removed.who_id, removed.before) == (user.pk, {"user": user.pk, "type": "totp"})


def test_anothers_passkey_is_not_there(client):
    user, other = a_user("manager", password=PASSWORD), a_user("manager")
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Key"})
    signs_in(client, user)
    address = reverse("mfa_remove_webauthn", args=[key.pk])
    assert client.get(address).status_code == client.post(address).status_code == 404


@pytest.mark.parametrize(
    "said",
    ["", "{", "[]", "null", "1", "{}", '{"id": 5}', '{"response": null}',
     '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA",'
     ' "attestationObject": "oA", "authenticatorData": "AA", "signature": "AA",'
     ' "userHandle": "////"}}',
     '{"id": "AA", "rawId": "AA", "type": "public-key",'
     ' "response": {"userHandle": "enp6enp6enp6eno"}}'],
)  # fmt: skip
def test_no_passkey_that_is_made_up_opens_or_breaks_anything(client, said):
    user = a_user("manager", password=PASSWORD)
    client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": said})
    assert answer["Location"] == LOGIN
    assert client.get("/queues/").status_code == 302
    signs_in(client, user)
    client.get(reverse("mfa_add_webauthn"))
    page = client.post(reverse("mfa_add_webauthn"), {"credential": said, "name": "Key"})
    assert page.status_code == 200
    assert not Authenticator.objects.filter(user=user).exists()


def test_passwords_can_be_off_altogether(client, settings):
    settings.PASSWORD_SIGN_IN = False
    user = a_user("manager", password=PASSWORD)
    assert b'name="password"' not in client.get(LOGIN).content
    assert signs_in(client, user).status_code == 404
    assert not client.login(username=user.username, password=PASSWORD)
    client.force_login(user)
    assert client.get(reverse("account_change_password")).status_code == 404


def test_a_password_is_changed_and_the_log_says_so_without_it(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    address = reverse("account_change_password")
    new = "quite another passphrase"
    sent = {"oldpassword": "guess", "password1": new, "password2": new}
    assert b"This is not your password" in client.post(address, sent).content
    sent["oldpassword"] = PASSWORD
    sent |= {"password1": "short", "password2": "short"}
    assert b"too short" in client.post(address, sent).content
    sent |= {"password1": new, "password2": new}
    assert client.post(address, sent)["Location"] == reverse("security")
    entry = AuditEntry.objects.get(action="changed")
    assert (entry.model, entry.object_id) == ("ccm.user", str(user.pk))
    assert entry.after == {"password": "changed"}
    assert new not in str(AuditEntry.objects.values())
    assert signs_in(Client(), user, new).status_code == 302


def test_sessions_are_listed_and_ended(client):
    user, other = a_user("manager", password=PASSWORD), a_user("manager", password=PASSWORD)
    away = Client(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Mozilla/5.0 (Windows) Firefox/150.0")
    signs_in(away, user)
    signs_in(client, user)
    stranger = Client()
    signs_in(stranger, other)
    page = client.get(reverse("security")).content.decode()
    assert "192.0.2.7" in page
    assert "Firefox, Windows" in page
    marks = [rights.mark(one.session.session_key) for one in (stranger, client, away)]
    theirs, own, gone = (reverse("session_end", args=[one]) for one in marks)
    assert away.session.session_key not in page
    assert client.post(theirs).status_code == 404
    assert client.post(own).status_code == 404
    assert client.post(gone).status_code == 302
    assert away.get("/queues/").status_code == 302
    assert client.get("/queues/").status_code == 404
    # Asked twice, the second time there is nothing of it.
    assert client.post(gone).status_code == 404
    signs_in(away, user)
    client.post(reverse("sessions_end"))
    assert away.get("/queues/").status_code == 302
    assert stranger.get("/queues/").status_code == 404
    entries = AuditEntry.objects.filter(model="ccm.browsersession")
    assert [one.who_id for one in entries] == [user.pk, user.pk]
    assert marks[2] in [one.object_id for one in entries]


def test_ending_another_session_asks_who_it_is_and_then_ends_it():
    user, away = a_user("manager", password=PASSWORD), Client()
    for name, mark in (("session_end", True), ("sessions_end", False)):
        signs_in(away, user)
        # Signed in before: nothing says when.
        client = Client()
        client.force_login(user)
        said = [rights.mark(away.session.session_key)] if mark else []
        again = client.post(reverse(name, args=said))["Location"]
        assert again.startswith(reverse("account_reauthenticate"))
        assert client.post(again, {"password": "guess"}).status_code == 200
        assert away.get(reverse("security")).status_code == 200
        assert client.post(again, {"password": PASSWORD})["Location"] == reverse("security")
        assert away.get(reverse("security")).status_code == 302
    entries = AuditEntry.objects.filter(model="ccm.browsersession", action="removed")
    assert entries.count() >= 2


def test_sessions_are_told_in_the_zone_of_ones_sites_with_when_each_was_last_used(client):
    user = a_user("manager", a_site("York", zone="Asia/Kolkata"), password=PASSWORD)
    signs_in(client, user)
    noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    BrowserSession.objects.update(began_at=noon, seen_at=noon + timedelta(minutes=7))
    with time_machine.travel(noon + timedelta(minutes=8)):
        page = client.get(reverse("security")).content.decode()
        user.sites.add(a_site("Leeds", zone="Europe/London"))
        client.force_login(user)
        both = client.get(reverse("security")).content.decode()
    assert "30 Nov 2026 17:30 IST" in page
    assert "30 Nov 2026 17:37 IST" in page
    assert "30 Nov 2026 12:08 UTC" in both


def test_a_second_sign_in_in_a_browser_ends_the_first_and_begins_with_nothing_of_it(client):
    ada, bob = a_user("manager", password=PASSWORD), a_user("manager", password=PASSWORD)
    a_factor(bob)
    signs_in(client, ada)
    key = client.session.session_key
    assert signs_in(client, bob)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    assert not BrowserSession.objects.filter(pk=key).exists()
    client.post(reverse("mfa_authenticate"), {"code": code_of(bob)})
    assert client.session["_auth_user_id"] == str(bob.pk)
    ways = AuditEntry.objects.filter(who=bob, action="signed_in").values_list("after", flat=True)
    assert list(ways) == [{"ways": ["password", "totp"]}]


def test_signing_in_again_as_oneself_changes_the_key(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    key = client.session.session_key
    signs_in(client, user)
    assert client.session.session_key != key
    assert not BrowserSession.objects.filter(pk=key).exists()


def test_a_sign_in_that_waits_for_its_code_ends_with_the_password_it_was_shown(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    signs_in(client, user)
    user.set_password("quite another passphrase")
    user.save()
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert answer["Location"] == LOGIN
    assert client.get("/queues/").status_code == 302


def test_a_wrong_code_is_among_the_failed_sign_ins_of_its_account(client):
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    signs_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": "000000"}, REMOTE_ADDR="192.0.2.7")
    kept = AccessFailureLog.objects.get()
    assert (kept.username, kept.ip_address) == (f"user:{user.pk}", "192.0.2.7")
    admin = Client()
    admin.force_login(a_user("admin"))
    page = admin.get(reverse("failed_sign_ins")).content.decode()
    assert user.username in page
    assert "192.0.2.7" in page


def test_who_changes_their_password_goes_on_at_their_own_walls(
    client, django_capture_on_commit_callbacks
):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    before, new = client.session.session_key, "quite another passphrase"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    with patch("ccm.live.bus.revoke") as revoked, django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_change_password"), sent)
    assert client.session.session_key != before
    ended = {one.args[0] for one in revoked.call_args_list}
    assert ended == {rights.holder(user.pk, before)}


def test_a_password_that_the_sign_in_page_would_not_take_cannot_be_chosen(client):
    user = a_user("manager", password=PASSWORD)
    signs_in(client, user)
    for many, status in ((1001, 200), (1000, 302)):
        new = ("correct-horse-battery-" * 50)[:many]
        sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        assert client.post(reverse("account_change_password"), sent).status_code == status
    assert signs_in(Client(), user, new).status_code == 302


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_the_first_factor_of_somebody_ends_their_other_sessions(client, settings, role):
    settings.MFA_ROLES = frozenset({"manager"})
    user, other = a_user(role, password=PASSWORD), a_user(role, password=PASSWORD)
    thief, stranger = Client(), Client()
    for one, whose in ((thief, user), (client, user), (stranger, other)):
        signs_in(one, whose)
    assert thief.get(reverse("security")).status_code == 200
    sets_up(client)
    assert thief.get(reverse("security")).status_code == 302
    assert [one.get(reverse("security")).status_code for one in (client, stranger)] == [200, 200]
    # Whoever comes in now has shown the first: the second one ends nothing.
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Key"})
    assert client.get(reverse("security")).status_code == 200


@pytest.mark.parametrize("many", [1, 40])
def test_the_page_asks_the_same_of_one_session_as_of_forty(
    client, many, django_assert_max_num_queries
):
    user = a_user("manager", password=PASSWORD)
    for _ in range(many):
        other = Client()
        other.force_login(user)
        UserSession.objects.create(
            user=user, ip="192.0.2.1", session_key=other.session.session_key, user_agent=""
        )
    client.force_login(user)
    with django_assert_max_num_queries(7):
        page = client.get(reverse("security"))
    assert page.content.count(b"192.0.2.1") == many


def test_a_reset_takes_all_factors_and_is_in_the_log():
    user = a_user("manager", password=PASSWORD)
    a_factor(user)
    assert factors.reset(user) == 1
    assert factors.reset(user) == 0
    entry = AuditEntry.objects.get(action="removed")
    assert (entry.who, entry.before) == (None, {"user": user.pk, "type": "totp"})


def test_an_agent_reads_what_they_sign_in_with_and_no_secret_of_it(client):
    user = a_user("agent", password=PASSWORD)
    an_agent(a_site(), user=user)
    signs_in(client, user)
    sets_up(client)
    page = client.get(reverse("my_data_kind", args=["mfa", "authenticator"])).content.decode()
    assert "TOTP" in page
    assert "gAAAA" not in page
    there = client.get(reverse("my_data_kind", args=["usersessions", "usersession"]))
    assert b"127.0.0.1" in there.content
    assert client.session.session_key.encode() not in there.content


@pytest.mark.parametrize(
    "name", ["login", "mfa_authenticate", "account_change_password", "mfa_activate_totp"]
)
def test_forms_take_what_is_posted_and_nothing_else(client, name):
    client.force_login(a_user("manager", password=PASSWORD))
    for ask in (client.put, client.patch, client.delete, client.options):
        assert ask(reverse(name)).status_code == 405
