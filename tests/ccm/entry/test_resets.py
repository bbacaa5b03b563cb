"""A new password by a link in a mail."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ccm import work
from ccm.accounts import links
from ccm.entry import resets
from ccm.models import AuditEntry, User
from ccm.watching import masked
from tests.builders import PASSWORD, a_site, a_user
from tests.ccm.entry.builders import a_factor

pytestmark = pytest.mark.django_db
ASK = "/accounts/password/reset/"
NEW = "quite another passphrase"


@pytest.fixture(autouse=True)
def _mail(settings):
    cache.clear()  # what counts how many links an address was sent
    settings.MAIL_IS_SET = True
    settings.ADDRESS = "https://calls.example.org"


@pytest.fixture
def user():
    found = a_user("manager", password=PASSWORD)
    found.email = "ada@example.org"
    found.save()
    return found


def asks(email):
    with work.here():
        return Client().post(ASK, {"email": email})


def link(mailoutbox):
    return re.search(r"https://calls\.example\.org(/\S+)", mailoutbox[-1].body)[1]


def test_by_mail_and_by_an_admins_link_a_password_is_chosen_alike(user, mailoutbox, client):
    """The same fields, in the same words, that refuse the same."""
    asks(user.email)
    pages = []
    for begins in (link(mailoutbox), urlsplit(links.link_for(user)).path):
        page = client.get(begins, follow=True)
        at = page.redirect_chain[-1][0]
        told = [
            client.post(at, {"password1": one, "password2": two}).content.decode()
            for one, two in (("short", "short"), ("password1234", "password1234"), (NEW, NEW + "x"))
        ]
        pages.append([
            re.findall(r"<(?:input class|label)[^>]*>|<h1>.*?</h1>|<p[^>]*>[^<]*</p>", one)
            for one in (page.content.decode(), *told)
        ])  # fmt: skip
    by_mail, by_admin = pages
    assert by_mail == by_admin
    assert [sum('class="error"' in bit for bit in one) for one in by_mail] == [0, 1, 1, 1]


def test_a_link_sets_a_new_password_once(user, mailoutbox, client):
    assert asks("ADA@example.org")["Location"] == reverse("account_reset_password_done")
    assert mailoutbox[0].to == ["ada@example.org"]
    address = link(mailoutbox)
    form = client.get(address)["Location"]
    # The words of the link are in no address from here on.
    assert address not in form
    sent = {"password1": NEW, "password2": NEW}
    assert client.post(form, sent)["Location"] == reverse("account_reset_password_from_key_done")
    assert client.login(username=user.username, password=NEW)
    assert AuditEntry.objects.get(action="changed").after == {"password": "mail"}
    assert b"good no more" in Client().get(address).content


def test_the_host_of_the_request_has_no_part_in_the_link(user, mailoutbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    with work.here():
        Client().post(ASK, {"email": user.email}, headers={"host": "evil.example"})
    assert "evil.example" not in mailoutbox[0].body


def test_the_answer_is_the_same_for_an_address_that_nobody_has(user, mailoutbox, monkeypatch):
    asked = []
    monkeypatch.setattr(work, "send", lambda task, *words: asked.append(words))
    answers = [Client().post(ASK, {"email": said}) for said in (user.email, "no@example.org")]
    assert {(one.status_code, one["Location"]) for one in answers} == {
        (302, reverse("account_reset_password_done"))
    }
    # Each is asked for alike, and the page itself sends nothing.
    assert asked == [(user.email,), ("no@example.org",)]
    assert mailoutbox == []


def test_who_has_no_password_or_is_closed_is_sent_nothing(user, mailoutbox):
    user.set_unusable_password()
    user.save()
    assert resets.send(user.email) == 0
    user.set_password(PASSWORD)
    user.is_active = False
    user.save()
    assert resets.send(user.email) == 0
    assert mailoutbox == []


def test_an_address_that_only_looks_alike_is_another_one(user, mailoutbox):
    """Unicode's K of Kelvin is no k of a mailbox."""
    User.objects.update(email="mike@example.org")
    assert resets.send("mi\u212ae@example.org") == 0


def test_a_link_is_good_for_an_hour(user, mailoutbox, client):
    asks(user.email)
    address = link(mailoutbox)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert b"good no more" in client.get(address).content


def test_a_link_ends_when_its_account_is_closed_and_stays_so(user, mailoutbox, client):
    asks(user.email)
    address = link(mailoutbox)
    user.is_active = False
    user.save()
    assert b"good no more" in client.get(address).content


def test_a_box_gets_three_links_an_hour(user, mailoutbox):
    for _ in range(4):
        asks(user.email)
    assert len(mailoutbox) == 3


def test_a_mail_server_that_is_away_breaks_nothing(user, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert resets.send(user.email) == 0


@pytest.mark.parametrize("said", ["", "x", "a@b", "x" * 5000 + "@example.org", "a\n@example.org"])
def test_what_is_no_address_is_said_on_the_page(said, mailoutbox):
    assert b'role="alert"' in asks(said).content
    assert mailoutbox == []


@pytest.mark.parametrize("name", ["MAIL_IS_SET", "PASSWORD_SIGN_IN"])
def test_there_is_no_such_page_without_mail_or_without_passwords(settings, name, client):
    setattr(settings, name, False)
    assert client.get(ASK).status_code == 404
    assert client.get("/accounts/password/reset/key/1-guess/").status_code == 404
    assert b"Forgotten your password?" not in client.get("/accounts/login/").content


def test_the_words_of_a_link_are_in_no_entry_of_the_log(client):
    user, site = a_user("manager", a_site("York")), a_site("Leeds")
    client.force_login(user)
    said = {"site": site.pk, "minutes": 30, "reason": "The night shift is without a lead"}
    client.post(reverse("emergencies"), said)
    path = urlsplit(links.link_for(user)).path
    client.get(path)
    kept = AuditEntry.objects.filter(action="viewed").latest("pk")
    assert kept.after["page"] == "/accounts/password/choose/***"
    words = path.strip("/").rpartition("/")[2]
    for said in (f"Not Found: {path}", f"ended, for it took too long: GET {path}"):
        assert words not in masked.text(said)


def test_a_new_password_leaves_the_second_factor_which_is_asked_for(user, mailoutbox, client):
    a_factor(user)
    asks(user.email)
    page = client.get(link(mailoutbox), follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    other = Client()
    entered = other.post("/accounts/login/", {"username": user.username, "password": NEW})
    assert entered["Location"] == reverse("mfa_authenticate")
    assert other.get("/queues/").status_code == 302
