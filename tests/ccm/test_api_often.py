"""How often one token is answered in a minute, by whichever process; others are not its matter."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from redis.exceptions import ConnectionError

from ccm import limits
from ccm.live import bus
from ccm.models import ApiToken, LiveEvent
from ccm.watching import alive
from tests.builders import a_site, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three(settings, monkeypatch):
    """Three requests a minute, all of one minute."""
    settings.API_PER_MINUTE = 3
    settings.REDIS_PREFIX = f"{settings.REDIS_PREFIX}often:"
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_015.0)
    yield
    for one in bus.client().scan_iter(bus.key("*")):
        bus.client().delete(one)


def a_token(scopes=("read",), site=None):
    _token, words = ApiToken.issue(
        user=a_user("admin"), name="x", scopes=list(scopes), site=site,
        source="pbx" if site else "",
        expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    return {"Authorization": f"Bearer {words}"}


def asked(headers):
    return Client().get("/api/v1/queues/", headers=headers)


def test_one_request_more_is_refused_with_how_long_to_wait():
    headers = a_token()
    assert [asked(headers).status_code for _time in range(3)] == [200] * 3
    refused = asked(headers)
    assert refused.status_code == 429
    assert refused.headers["Content-Type"] == "application/problem+json"
    # 1,800,000,015 is 15 s into its minute.
    assert refused.headers["Retry-After"] == "45"
    assert "3 times a minute" in refused.json()["detail"]


def test_another_token_and_another_minute_are_counted_by_themselves(monkeypatch):
    headers, other = a_token(), a_token()
    for _time in range(4):
        asked(headers)
    assert asked(headers).status_code == 429
    assert asked(other).status_code == 200
    monkeypatch.setattr(limits.time, "time", lambda: 1_800_000_060.0)
    assert asked(headers).status_code == 200


def test_what_is_refused_keeps_nothing(settings):
    site = a_site("Leeds")
    headers = a_token(["events:write"], site)
    said = {"source": "pbx", "site": site.slug, "events": []}
    for _time in range(4):
        answer = Client().post(
            "/api/v1/events/", said, content_type="application/json", headers=headers
        )
    assert answer.status_code == 429
    assert not LiveEvent.objects.exists()


def test_who_is_signed_in_by_a_page_is_not_counted():
    client = Client()
    client.force_login(a_user("admin"))
    assert [client.get("/api/v1/queues/").status_code for _time in range(5)] == [200] * 5


def test_without_a_limit_and_without_redis_nothing_is_refused(settings, monkeypatch):
    headers = a_token()
    settings.API_PER_MINUTE = 0
    assert [asked(headers).status_code for _time in range(5)] == [200] * 5
    settings.API_PER_MINUTE = 3

    def away(*_args, **_more):
        raise ConnectionError

    monkeypatch.setattr("ccm.live.bus.quick_client", away)
    assert [asked(headers).status_code for _time in range(5)] == [200] * 5
    assert alive.lives() is None


def test_the_description_says_it_of_all_that_takes_tokens():
    told = SchemaGenerator().get_schema(request=None, public=True)
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    by_token = [one for one in operations if any("token" in way for way in one.get("security", ()))]
    assert len(by_token) > 20
    for one in by_token:
        assert "Retry-After" in one["responses"]["429"]["headers"]
