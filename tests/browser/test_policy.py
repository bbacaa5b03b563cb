"""How often Chromium refuses something by the content security policy: on pages of each role, those
of nobody, and the description of the API. `python -m tests.heavy.attacks policy` opens all, as each
role. In the suite nobody's pages and an agent's are opened for it: what is refused to others fails
`test_pages`, which hears every complaint."""

import random

import pytest
from django.test import Client
from playwright.sync_api import expect

from ccm.access import ADMIN, AGENT, ROLES
from tests.attacks.probes import doors
from tests.browser.test_pages import a_world, pages_of
from tests.builders import a_user
from tests.examples import TIMES, examples
from tests.reach import NOBODY
from tests.reach import a_world as a_whole_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def public_pages() -> list[str]:
    """What is opened without a sign-in, and is a page."""
    world = a_whole_world()
    client = Client()
    open_to_all = {path for row, path in doors(world) if row.method == "get" and row.own[0] == 200}
    return sorted(
        path for path in open_to_all
        if client.get(path).headers.get("Content-Type", "").startswith("text/html")
    )  # fmt: skip


@pytest.mark.parametrize("role", [NOBODY, *(ROLES if TIMES > 1 else [AGENT])])
def test_nothing_of_a_page_is_refused_by_the_policy(window, role):
    person = window()
    if role == NOBODY:
        a_user(ADMIN)
        every = public_pages()
    else:
        world = a_world(role)
        every = [*pages_of(role, world).values(), "/api/docs/"]
        person.sign_in(world.people[role])
    some = random.Random(f"{role} {TIMES}").sample(every, min(len(every), examples(3)))
    for path in some:
        person.open(path)
    if role != NOBODY:
        description = person.open("/api/docs/").locator("#swagger-ui")
        expect(description).to_contain_text("/api/v1/", timeout=30_000)
    refused = person.refused_by_policy()
    print(f"{role}: {len(some)} pages of {len(every)}, {len(refused)} refused by the policy")
    assert refused == []


def test_what_the_policy_refuses_is_heard(window):
    """Else the others would tell nothing."""
    admin = window()
    admin.sign_in(a_user(ADMIN))
    page = admin.open("/")
    admin.expect_complaint("Content Security Policy")
    with page.expect_console_message(lambda said: "Content Security Policy" in said.text):
        page.evaluate(
            "() => { const one = document.createElement('script');"
            " one.textContent = '1'; document.head.append(one) }"
        )
    assert len(admin.refused_by_policy()) == 1
