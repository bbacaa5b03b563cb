"""Getting in by the company's directory: who, with which roles and sites, and who does not."""

import re
import time
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm.accounts import links
from ccm.entry import first_run, oidc
from ccm.models import AuditEntry, User
from tests.builders import PASSWORD, a_site, a_user
from tests.ccm.entry import provider as providers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running():
    with providers.running() as found:
        yield found


@pytest.fixture
def provider(running, settings):
    running.__init__(running.address)
    oidc.forget()
    settings.OIDC_ISSUER = running.address
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = providers.CLIENT, providers.SECRET
    settings.OIDC_NAME = "Example AD"
    settings.OIDC_GROUPS_CLAIM = "groups"
    settings.OIDC_ROLES = {"leads": ["supervisor"], "bosses": ["manager", "planner"]}
    settings.OIDC_SITES = None
    settings.DIRECTORY_IS_SET = True
    running.person |= {"groups": ["bosses", "cyclists"]}
    yield running
    assert running.faults == []


def begins(client, **sent):
    return client.post(reverse("directory_login"), sent)


def question(page):
    """Where the page leads that somebody is on who goes to the directory."""
    return unescape(re.search(r'id="away" href="([^"]+)"', page.content.decode())[1])


def signs_in(client, provider, **sent):
    return client.get(provider.grant(question(begins(client, **sent))))


def roles(user):
    return set(user.groups.values_list("name", flat=True))


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_user_is_made_at_the_first_sign_in_with_the_roles_of_the_groups(client, provider):
    provider.person |= {"given_name": "Ada", "family_name": "Byron", "email": "ada@example.org"}
    assert signs_in(client, provider, next="/calls/")["Location"] == "/calls/"
    user = User.objects.get(username="ada")
    assert (roles(user), str(user), user.email) == (
        {"manager", "planner"}, "Ada Byron", "ada@example.org",
    )  # fmt: skip
    assert not user.has_usable_password()
    assert is_in(client)
    entries = AuditEntry.objects.filter(who=user).order_by("pk")
    assert list(entries.values_list("action", "after")) == [
        ("created", {"is_active": True, "by": "directory"}),
        ("changed", {"roles": ["manager", "planner"], "by": "directory"}),
        ("signed_in", {"ways": ["directory"]}),
    ]
    # What is kept of the claims is whose they are.
    kept = SocialAccount.objects.get(user=user)
    assert kept.extra_data == {"issuer": provider.address, "subject": "s-1"}


def test_the_question_has_a_state_a_nonce_and_a_challenge_of_its_own(client, provider):
    asked = [parse_qs(urlsplit(question(begins(client))).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        first, second = (one[name][0] for one in asked)
        assert first != second
        assert len(first) >= 16
    assert asked[0]["code_challenge_method"] == ["S256"]
    assert asked[0]["response_type"] == ["code"]


def test_the_browser_adds_nothing_to_the_question(client, provider):
    address = reverse("directory_login") + "?scope=admin&auth_params=prompt%3Dnone&process=connect"
    asked = parse_qs(urlsplit(question(client.post(address))).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert "prompt" not in asked


def test_the_same_person_comes_back_to_the_same_account(client, provider):
    signs_in(client, provider)
    provider.person |= {"preferred_username": "ada.byron", "email": "another@example.org"}
    signs_in(Client(), provider)
    assert User.objects.count() == 1


def test_a_group_that_is_taken_away_takes_its_roles_away(client, provider):
    signs_in(client, provider)
    provider.person |= {"groups": ["leads"]}
    signs_in(Client(), provider)
    user = User.objects.get()
    assert roles(user) == {"supervisor"}
    entry = AuditEntry.objects.filter(action="changed").latest("pk")
    assert entry.before == {"roles": ["manager", "planner"]}
    assert entry.after == {"roles": ["supervisor"], "by": "directory"}


def test_who_is_left_without_a_group_loses_the_roles_and_does_not_get_in(client, provider):
    signs_in(client, provider)
    provider.person |= {"groups": []}
    other = Client()
    page = signs_in(other, provider)
    assert page.status_code == 403
    assert b"None of your groups opens anything here" in page.content
    assert not is_in(other)
    assert roles(User.objects.get()) == set()
    # The session of before reaches nothing any more.
    assert client.get("/queues/").status_code != 200


@pytest.mark.parametrize(
    "groups", [None, [], ["cyclists"], "cyclists", {"bosses": 1}, [1, None], 7]
)
def test_nobody_is_made_whose_groups_open_nothing(client, provider, groups):
    provider.person |= {"groups": groups}
    provider.userinfo = {"sub": "s-1"}
    assert signs_in(client, provider).status_code == 403
    assert not User.objects.exists()


def test_a_local_account_is_nobody_elses_whatever_it_is_called(client, provider):
    local = a_user("admin", name="ada", password=PASSWORD)
    User.objects.update(email="ada@example.org")
    provider.person |= {"email": "ada@example.org", "email_verified": True}
    signs_in(client, provider)
    made = User.objects.exclude(pk=local.pk).get()
    assert made.username.startswith("ada")
    assert client.session["_auth_user_id"] == str(made.pk)
    assert roles(local) == {"admin"}


def test_the_same_subject_of_another_issuer_is_somebody_else(client, provider, settings):
    signs_in(client, provider)
    SocialAccount.objects.update(uid="of-another-issuer")
    signs_in(Client(), provider)
    assert User.objects.count() == 2


def test_groups_give_sites_where_the_settings_say_which(client, provider, settings):
    leeds, york = a_site("Leeds"), a_site("York")
    settings.OIDC_SITES = {"cyclists": [leeds.slug], "bosses": ["no-such-site"]}
    signs_in(client, provider)
    user = User.objects.get()
    assert list(user.sites.all()) == [leeds]
    user.sites.add(york)
    signs_in(Client(), provider)
    assert list(user.sites.all()) == [leeds]
    settings.OIDC_SITES = None
    user.sites.set([york])
    signs_in(Client(), provider)
    assert list(user.sites.all()) == [york]


def test_groups_that_the_token_does_not_tell_are_asked_for(client, provider):
    provider.person.pop("groups")
    provider.userinfo = {"sub": "s-1", "groups": ["leads"]}
    signs_in(client, provider)
    assert roles(User.objects.get()) == {"supervisor"}


def test_what_is_said_of_somebody_else_is_not_taken(client, provider):
    provider.person.pop("groups")
    provider.userinfo = {"sub": "s-2", "groups": ["bosses"]}
    assert signs_in(client, provider).status_code == 403
    assert not User.objects.exists()


HOUR = 3600
WRONG = {
    "another nonce": {"nonce": "guessed"},
    "no nonce": {"nonce": None},
    "expired": {"iat": int(time.time()) - 2 * HOUR, "exp": int(time.time()) - HOUR},
    "no end": {"exp": None},
    "of the future": {"iat": int(time.time()) + 400 * HOUR},
    "another client's": {"aud": "somebody-else"},
    "another party's": {"aud": [providers.CLIENT, "other"], "azp": "other"},
    "another issuer": {"iss": "http://elsewhere.invalid"},
    "nobody": {"sub": None},
    "no name": {"sub": ""},
    "a number": {"sub": 5},
    "too long": {"sub": "s" * 300},
}


@pytest.mark.parametrize("spoilt", WRONG.values(), ids=WRONG)
def test_an_id_token_that_is_wrong_lets_nobody_in(client, provider, spoilt):
    provider.spoil = spoilt
    page = signs_in(client, provider)
    assert page.status_code == 403
    assert b"did not say who you are" in page.content
    assert not is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_id_token_without_the_providers_signature_lets_nobody_in(client, provider, algorithm):
    provider.algorithm = algorithm
    assert signs_in(client, provider).status_code == 403
    assert not User.objects.exists()


def test_an_id_token_under_another_key_lets_nobody_in(client, provider):
    provider.published = [rsa.generate_private_key(public_exponent=65537, key_size=2048)]
    assert signs_in(client, provider).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize("how", ["another", "none", "of another browser", "twice"])
def test_an_answer_to_no_question_of_this_browser_lets_nobody_in(client, provider, how):
    back = provider.grant(question(begins(client)))
    asks = client
    if how == "another":
        back = back.rpartition("state=")[0] + "state=guessed"
    elif how == "none":
        back = back.partition("&state=")[0]
    elif how == "of another browser":
        asks = Client()
    else:
        assert asks.get(back).status_code == 302
        asks.post("/accounts/logout/")
    assert asks.get(back).status_code == 403
    assert not is_in(asks)


@pytest.mark.parametrize(
    "said",
    [{}, [], 5, "x", {"access_token": 5}, {"access_token": "a", "id_token": 7},
     {"access_token": "a", "id_token": "a.b.c"}, b"<html>", b"\xff\xfe", b""],
)  # fmt: skip
def test_whatever_the_provider_answers_it_is_said_in_words(client, provider, said):
    provider.token = said
    assert signs_in(client, provider).status_code == 403
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "said",
    [{"issuer": "http://elsewhere.invalid"}, {"token_endpoint": None}, {"jwks_uri": 5},
     {"authorization_endpoint": []}],
)  # fmt: skip
def test_a_provider_that_is_not_the_one_of_the_settings_is_not_gone_to(client, provider, said):
    provider.configuration = said
    assert begins(client).status_code == 403


def test_a_provider_that_is_away_is_said_in_words(client, provider, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert begins(client).status_code == 403


def test_who_says_no_there_is_told_so_here(client, provider):
    back = provider.grant(question(begins(client)))
    state = back.rpartition("state=")[2]
    page = client.get(f"{reverse('directory_callback')}?error=access_denied&state={state}")
    assert page.status_code == 403


def test_a_closed_account_stays_closed(client, provider):
    signs_in(client, provider)
    User.objects.update(is_active=False)
    other = Client()
    assert signs_in(other, provider)["Location"] == "/accounts/login/"
    assert not is_in(other)
    assert b"This account is closed" in other.get("/accounts/login/").content


def test_no_token_of_the_directory_is_kept_or_told_to_the_browser(client, provider):
    begun = begins(client)
    back = client.get(provider.grant(question(begun)))
    assert is_in(client)
    pages = [begun, back, client.get(reverse("security")), client.get("/")]
    told = "".join(f"{one.headers} {one.content.decode()} {one.cookies}" for one in pages)
    told += str(dict(client.session.items())) + str([vars(one) for one in User.objects.all()])
    told += str([vars(one) for one in SocialAccount.objects.all()])
    assert "eyJ" not in told  # as a signed token begins
    assert providers.SECRET not in told
    assert not SocialToken.objects.exists()


def test_who_is_shut_out_there_goes_on_here_for_twelve_hours_at_most(client, provider, settings):
    """As docs/signing-in.md says: nobody asks the directory between two sign-ins."""
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 30, 12
    signs_in(client, provider)
    began = timezone.now()
    provider.person["groups"] = []
    for minutes in range(0, 12 * 60, 20):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            assert client.get(reverse("security")).status_code == 200, minutes
    with time_machine.travel(began + timedelta(hours=12), tick=False):
        assert client.get(reverse("security")).status_code == 302
    other = Client()
    signs_in(other, provider)
    assert not is_in(other)


def test_without_a_directory_there_is_no_such_address(client, settings):
    settings.DIRECTORY_IS_SET = False
    assert begins(client).status_code == 404
    assert client.get(reverse("directory_callback")).status_code == 404


def test_signing_in_never_leads_to_another_host(client, provider):
    assert signs_in(client, provider, next="https://elsewhere.example/")["Location"] == "/"


def test_who_has_only_the_directory_shows_there_who_it_is(client, provider):
    signs_in(Client(), provider)
    # Signed in before: nothing says when.
    client.force_login(User.objects.get())
    again = client.get(reverse("mfa_activate_totp"))["Location"]
    assert again.startswith(reverse("directory_again"))
    page = client.get(again)
    assert b"Sign in by Example AD" in page.content
    wanted = reverse("mfa_activate_totp")
    assert signs_in(client, provider, next=wanted)["Location"] == wanted
    assert client.get(wanted).status_code == 200


@pytest.mark.parametrize("shown_at", [None, "now", lambda: int(time.time()) - 600])
def test_a_session_of_the_provider_alone_shows_nothing_once_more(client, provider, shown_at):
    signs_in(client, provider)
    records = client.session["account_authentication_methods"]
    provider.spoil["auth_time"] = shown_at() if callable(shown_at) else shown_at
    asked = question(begins(client))
    assert parse_qs(urlsplit(asked).query)["max_age"] == ["0"]
    assert parse_qs(urlsplit(asked).query)["prompt"] == ["login"]
    assert client.get(provider.grant(asked)).status_code == 403
    assert client.session["account_authentication_methods"] == records


def test_nobody_chooses_a_password_for_who_comes_by_the_directory(client, provider):
    signs_in(client, provider)
    user, admin = User.objects.get(), Client()
    admin.force_login(a_user("admin"))
    page = admin.get(reverse("user", args=[user.pk])).content.decode()
    assert reverse("user_link", args=[user.pk]) not in page
    answer = admin.post(reverse("user_link", args=[user.pk]), follow=True)
    assert answer.redirect_chain[0][0] == reverse("user", args=[user.pk])
    assert b"no link is made" in answer.content
    # Nor by a link that there was before.
    page = Client().get(urlsplit(links.link_for(user)).path, follow=True)
    assert b'type="password"' not in page.content


@pytest.mark.parametrize(("groups", "gets_in"), [(["leads"], False), (["chiefs"], True)])
def test_the_very_first_one_is_an_admin_or_nobody(
    client, provider, settings, monkeypatch, groups, gets_in
):
    settings.OIDC_ROLES = settings.OIDC_ROLES | {"chiefs": ["admin"]}
    monkeypatch.setattr(first_run, "_known_to_be_over", False)
    provider.person["groups"] = groups
    signs_in(client, provider)
    assert (is_in(client), User.objects.exists()) == (gets_in, gets_in)


@pytest.mark.parametrize(
    ("said", "enters"),
    [
        ({}, False),
        ({"acr": "1"}, False),
        ({"acr": "gold"}, True),
        ({"amr": ["pwd"]}, False),
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": "mfa", "acr": "1"}, True),
        ({"amr": 5, "acr": ["gold"]}, False),
        ({"amr": [["mfa"], None]}, False),
    ],
)
def test_who_signed_in_there_by_less_than_is_asked_for_does_not_enter(
    client, provider, settings, said, enters
):
    settings.OIDC_STRENGTH = ["gold", "mfa"]
    provider.spoil |= said
    asked = parse_qs(urlsplit(question(begins(client))).query)
    assert asked["acr_values"] == ["gold mfa"]
    answer = signs_in(client, provider)
    assert (answer.status_code, is_in(client)) == ((302, True) if enters else (403, False))
    if not enters:
        assert "with more than a password" in answer.content.decode()
        assert not User.objects.exists()


def test_any_way_of_signing_in_there_will_do_where_none_is_asked_for(client, provider):
    provider.spoil |= {"amr": ["pwd"]}
    assert "acr_values" not in question(begins(client))
    assert signs_in(client, provider).status_code == 302
