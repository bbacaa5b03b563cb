"""The lists of accounts, tokens, substitutes and emergencies: one page of few rows asks what one of
many does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ccm.access import ADMIN, MANAGER, SUPERVISOR
from ccm.models import ApiToken, EmergencyReach, Substitution
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db
MOST = 12


def rows_more(many):
    """So many rows of each list, at a site each."""
    now = timezone.now()
    for _one in range(many):
        site = a_site()
        mo, ann, bob = a_user(MANAGER, site), a_user(SUPERVISOR, site), a_user(SUPERVISOR, site)
        ApiToken.issue(name="x", user=mo, site=site, scopes=["read"], expires_at=now)
        Substitution.objects.create(
            absent=ann, substitute=bob, site=site, first_on=now.date(), last_on=now.date(),
            made_at=now,
        )  # fmt: skip
        EmergencyReach.objects.create(
            user=mo, site=site, reason="The lead is ill", begins_at=now,
            ends_at=now + timedelta(minutes=15),
        )  # fmt: skip


def test_each_list_asks_the_same_of_one_row_as_of_thirty(client):
    client.force_login(a_user(ADMIN))
    pages = ("users", "tokens", "substitutes", "emergencies")
    asked = []
    for more in (1, 29):
        rows_more(more)
        counted = {}
        for page in pages:
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert client.get(reverse(page)).status_code == 200
            counted[page] = len(found)
        asked.append(counted)
    assert asked[0] == asked[1]
    assert max(asked[0].values()) <= MOST, asked[0]
