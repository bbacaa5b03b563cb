"""Passkeys, codes and recovery codes in a browser, with an authenticator that Chromium plays."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests.builders import PASSWORD, a_site, a_user
from tests.ccm.entry import provider as providers
from tests.ccm.entry.builders import a_factor, code_of
from tests.program import Web

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def person(window, program):
    """A window at the name of this machine: passkeys are of names, and of no number."""
    found = window(color_scheme="light")
    found.address = program.address.replace("127.0.0.1", "localhost")
    return found


def authenticator(person):
    """Something that holds passkeys, and always says that it was touched by its owner."""
    line = person.context.new_cdp_session(person.page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    return line, line.send("WebAuthn.addVirtualAuthenticator", {"options": options})[
        "authenticatorId"
    ]


def types(page, user):
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def is_in(page):
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def goes_out(page):
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def adds_a_passkey(page, name, alone):
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill(name)
    if alone:
        page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Make it").click()


def test_a_passkey_is_added_and_signs_in_alone(person):
    user = a_user("manager", a_site(), password=PASSWORD)
    page = person.open("/accounts/login/")
    authenticator(person)
    types(page, user)
    is_in(page)
    adds_a_passkey(page, "This laptop", alone=True)
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert page.locator("ol.codes li").count() == 10
    page.get_by_role("link", name="They are kept").click()
    expect(page.get_by_role("row", name=re.compile("This laptop signs in alone"))).to_be_visible()
    goes_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    is_in(page)
    assert Authenticator.objects.get(user=user, type="webauthn").last_used_at is not None


def test_a_passkey_is_the_second_step_of_a_password(person):
    user = a_user("manager", a_site(), password=PASSWORD)
    page = person.open("/accounts/login/")
    authenticator(person)
    types(page, user)
    is_in(page)
    adds_a_passkey(page, "Key in hand", alone=False)
    page.get_by_role("link", name="They are kept").click()
    goes_out(page)
    types(page, user)
    expect(page.get_by_role("heading", name="It takes a second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)
    # It shows as well who it is when a while has gone by.
    page.get_by_role("link", name="Sign-in and security").click()
    page.get_by_role("link", name="Remove Key in hand").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()
    assert not Authenticator.objects.filter(user=user).exists()


def test_a_passkey_that_is_refused_is_said_on_the_page(person):
    page = person.open("/accounts/login/")
    line, held = authenticator(person)
    line.send("WebAuthn.setAutomaticPresenceSimulation",
              {"authenticatorId": held, "enabled": False})  # fmt: skip
    line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": held})
    line.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "u2f", "transport": "usb", "automaticPresenceSimulation": True,
    }})  # fmt: skip
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("[data-passkey-fault]")).to_contain_text("No passkey was given")


def test_the_companys_directory_lets_in_and_the_content_policy_lets_there(window, tmp_path):
    a_user("admin")  # else the page of the first admin comes first
    with providers.running() as provider:
        provider.person |= {"given_name": "Ada", "groups": ["leads"]}
        web = Web(
            tmp_path / "web.log", CCM_OIDC_ISSUER=provider.address,
            CCM_OIDC_CLIENT_ID=providers.CLIENT, CCM_OIDC_CLIENT_SECRET=providers.SECRET,
            CCM_OIDC_NAME="Example SSO", CCM_OIDC_ROLES="leads=supervisor",
            CCM_PASSWORD_SIGN_IN="no",
        )  # fmt: skip
        try:
            web.wait()
            person = window(color_scheme="light")
            person.address = web.address
            person.expect_complaint(f"asked another host: {provider.address}/authorize")
            page = person.open("/accounts/login/?next=/accounts/security/")
            expect(page.get_by_label("Password")).to_have_count(0)
            assert person.barriers() == []
            page.get_by_role("button", name="Sign in by Example SSO").click()
            expect(page.get_by_role("heading", name="Sign-in and security")).to_be_visible()
            expect(page.get_by_text("lets you in, and says your roles")).to_be_visible()
            assert provider.faults == []
        finally:
            web.stop()


def test_the_pages_of_signing_in_are_clean_in_both_themes_and_narrow(person, window):
    user = a_user("manager", a_site(), password=PASSWORD)
    a_factor(user)
    page = person.open("/accounts/login/")
    types(page, user)
    wrong = []

    def looks(at):
        for theme, width in (("light", 1280), ("dark", 390), ("light", 1920)):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            wrong.extend(f"{at} {theme} {width}: {one}" for one in person.barriers())
            if person.scrolls_sideways():
                wrong.append(f"{at} {theme} {width}: sideways")

    looks("second step")
    page.get_by_label("Code").fill(code_of(user))
    page.get_by_role("button", name="Sign in", exact=True).click()
    is_in(page)
    for path in ("", "password/", "app/remove/", "passkeys/new/", "codes/new/", "again/",
                 "again/code/"):  # fmt: skip
        person.open(f"/accounts/security/{path}")
        looks(path or "security")
    page.set_viewport_size({"width": 1280, "height": 900})
    person.open("/accounts/security/app/remove/")
    page.get_by_role("button", name="Remove it").click()
    person.open("/accounts/security/app/")
    looks("app")
    assert wrong == []
