"""A password is what was typed, sign for sign; pages that ask for one let programs fill it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests.builders import PASSWORD, a_user

pytestmark = pytest.mark.django_db
TYPED = "  Zwölf Grüße, <b>%s</b> 'ﬁ' 日本 ✓ "


def is_let_in(user, password):
    client = Client()
    client.post(reverse("login"), {"username": user.username, "password": password})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "new",
    [
        TYPED,
        " seven wet owls ",
        "quiet horses mend old clocks while seven wet owls look on, at nine"[:64],
    ],
)
def test_blanks_case_and_any_letters_of_a_password_count(client, new):
    user = a_user("manager", password=PASSWORD)
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    changed = client.post(reverse("account_change_password"), sent)
    assert changed.status_code == 302, changed.content.decode()
    assert is_let_in(user, new)
    others = {new.strip(), new.upper(), new.lower(), new[:-1], new + " "} - {new}
    assert len(others) >= 3
    assert not [one for one in others if is_let_in(user, one)]


def test_a_password_is_typed_unseen_and_managers_of_passwords_may_fill_it(client):
    user = a_user("manager", password=PASSWORD)
    page = client.get(reverse("login")).content.decode()
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    page += client.get(reverse("account_change_password")).content.decode()
    fields = [one for one in re.findall(r"<input[^>]+>", page) if 'name="' in one]
    of_passwords = [one for one in fields if re.search(r'name="(\w*password\w*)"', one)]
    assert len(of_passwords) == 4
    for one in of_passwords:
        assert 'type="password"' in one
        assert re.search(r'autocomplete="(current|new)-password"', one), one
        assert not re.search(r"maxlength|onpaste|readonly", one), one
