"""The addresses of quality review, as somebody opens them who was sent one."""

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from qa import urls
from tests.builders import a_user

pytestmark = pytest.mark.django_db
SENT = {"pk": 7, "number": 7, "act": "decide", "key": "greeting", "form": "yaml"}


@pytest.fixture
def client():
    client = Client()
    client.force_login(a_user("admin"))
    return client


@pytest.mark.parametrize(
    ("name", "args", "page"),
    [
        ("review_comment", [7], "/quality/reviews/7/told/"),
        ("review_acknowledge", [7], "/quality/reviews/7/told/"),
        ("review_release", [7], "/quality/reviews/7/told/"),
        ("review_save", [7], "/quality/reviews/7/"),
        ("dispute_act", [7, "decide"], "/quality/disputes/7/"),
        ("finding_note", [7], "/quality/findings/7/"),
        ("scorecard_begin", [7], "/quality/scorecards/7/"),
        ("check_learn", [], "/quality/checks/"),
    ],
)
def test_an_address_that_a_form_is_sent_to_leads_back_to_its_page(client, name, args, page):
    answer = client.get(reverse(name, args=args))
    assert (answer.status_code, answer.url) == (302, page)
    # It is still an address that takes nothing else.
    assert client.put(reverse(name, args=args)).status_code == 405


def test_no_address_of_quality_answers_with_an_empty_page(client):
    for one in urls.PAGES:
        kinds = one.pattern.converters
        made = {"UUIDConverter": UUID(int=7), "IntConverter": 7}
        said = {
            name: made.get(type(kind).__name__, SENT.get(name, "x")) for name, kind in kinds.items()
        }
        assert client.get(reverse(one.name, kwargs=said)).status_code in (200, 302, 404), one.name
