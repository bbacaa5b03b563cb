"""Live events through the front door, as a switch posts them."""

import json
from datetime import timedelta

import pytest
import redis
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm.live import bus
from ccm.models import ApiToken, LiveEvent
from tests.builders import PASSWORD, a_site, a_user
from tests.ccm.live.words import posted
from tests.logs import DATA

pytestmark = pytest.mark.django_db
URL = "/api/v1/events/"
ENTRY = posted("call.offered", 0, "1", call="c1", queue="Sales", caller="0113 496 0123")


def a_token(**more):
    return ApiToken.issue(
        **{
            "name": "switch",
            "user": a_user(),
            "site": a_site(),
            "source": "pbx",
            "scopes": [ApiToken.POST_EVENTS],
            "expires_at": timezone.now() + timedelta(days=1),
        }
        | more
    )


@pytest.fixture
def post():
    """Posts a body with a good token."""
    token, words = a_token()
    client = Client(headers={"authorization": f"Bearer {words}"}, raise_request_exception=False)

    def send(body, content_type="application/json", **more):
        body = body if isinstance(body, str | bytes) else json.dumps(body)
        return client.post(URL, body, content_type=content_type, **more)

    send.token, send.client = token, client
    return send


def a_problem(answer, status):
    """The problem of a refusal, which has the members that RFC 9457 names."""
    assert answer.status_code == status, answer.content
    assert answer["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail", "errors"} == body.keys()
    assert body["status"] == status
    return body


def test_an_event_is_kept_for_the_tokens_site_and_source(post):
    answer = post(ENTRY)
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "duplicate": 0, "rejected": []}
    row = LiveEvent.objects.get()
    assert (row.source, row.site, row.event_id) == ("pbx", post.token.site, "1")
    assert (row.kind, row.call, row.agent) == ("call.offered", "c1", "")
    assert row.at.isoformat() == "2026-05-04T09:00:00+00:00"
    assert row.payload == {"queue": "Sales", "caller": "0113 496 0123"}
    assert row.folded_at is None


def test_an_event_posted_again_is_a_duplicate_and_changes_nothing(post):
    post(ENTRY)
    answer = post([ENTRY | {"queue": "Elsewhere"}, ENTRY, posted("agent.login", 1, "2", agent="A")])
    assert answer.json() == {"accepted": 1, "duplicate": 2, "rejected": []}
    assert LiveEvent.objects.get(event_id="1").payload["queue"] == "Sales"


def test_two_sources_may_use_the_same_ids(post):
    post(ENTRY)
    _, words = a_token(source="other")
    answer = post(ENTRY, headers={"authorization": f"Bearer {words}"})
    assert answer.json()["accepted"] == 1


def test_of_a_list_the_good_are_kept_and_the_bad_pointed_at(post):
    answer = post([posted("call.offered", 0, "7", call="c2"), ENTRY, 5])
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "duplicate": 0,
        "rejected": [
            {"index": 0, "pointer": "/queue", "message": "This is needed."},
            {"index": 2, "pointer": "", "message": "An event is a JSON object."},
        ],
    }


def test_a_bad_event_alone_is_a_problem(post):
    body = a_problem(post(posted("call.offered", 0, call="c2")), 400)
    assert body["errors"] == [{"pointer": "/queue", "message": "This is needed."}]
    assert not LiveEvent.objects.exists()


def test_nothing_to_say_is_no_problem(post):
    assert post([]).json() == {"accepted": 0, "duplicate": 0, "rejected": []}


def test_a_list_has_at_most_a_thousand_events(post):
    events = [posted("agent.login", n, str(n), agent="Ann") for n in range(1001)]
    a_problem(post(events), 400)
    assert post(events[:1000]).json()["accepted"] == 1000


def test_a_post_costs_one_insert_however_many_events(post, django_assert_max_num_queries):
    post(ENTRY)  # the token's "last used" is noted once a minute
    events = [posted("agent.login", n, f"n{n}", agent="Ann") for n in range(500)]
    with django_assert_max_num_queries(4) as asked:  # token, savepoint, insert, release
        post(events)
    assert sum("INSERT" in query["sql"] for query in asked.captured_queries) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ('{"id": NaN}', 400),
        (b"\xff\xfe\xff", 400),
        ("[" * 100_000, 400),
        ('{"id": "' + "\\ud800" + '"}', 400),
        ('{"id": ' + "9" * 5000 + "}", 400),
        ('"' + "x" * 2**20 + '"', 413),
        ("null", 400),
    ],
)
def test_a_body_that_is_no_event_is_refused_in_words(post, body, status):
    assert a_problem(post(body), status)["detail"]


def test_a_body_of_another_type_is_refused(post):
    a_problem(post("id=1", content_type="application/x-www-form-urlencoded"), 415)


def test_a_body_in_pieces_is_refused_in_words(post):
    a_problem(post("", headers={"transfer-encoding": "chunked"}), 411)


def test_only_posting_is_possible(post):
    a_problem(post.client.get(URL), 405)


def test_a_member_with_an_unwritable_name_is_pointed_at(post):
    answer = post('{"id": "1", "kind": "agent.login", "agent": "A", "\\ud800\\u0000": 1}')
    assert "/\\ud800\x00" in [error["pointer"] for error in a_problem(answer, 400)["errors"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


@given(
    json_values
    | st.lists(st.dictionaries(st.sampled_from([*ENTRY, "survey", "x"]), json_values))
    | st.dictionaries(st.sampled_from([*ENTRY, "survey", "x"]), json_values).map(
        lambda some: ENTRY | some
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_json_makes_a_500(post, body):
    answer = post(json.dumps(body))
    assert answer.status_code in (202, 400), answer.content


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer nonsense", "Bearer a b", "Bearer \xe9\xff"]
)
def test_without_a_good_token_nothing_is_taken(header):
    answer = Client(headers={"authorization": header}).post(URL, "{}", "application/json")
    a_problem(answer, 401)
    assert answer["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_a_token_that_ended_is_no_token(change):
    _, words = a_token(**change)
    client = Client(headers={"authorization": f"Bearer {words}"})
    a_problem(client.post(URL, "{}", "application/json"), 401)


def test_the_token_of_someone_who_left_is_no_token(post):
    post.token.user.is_active = False
    post.token.user.save()
    a_problem(post(ENTRY), 401)


@pytest.mark.parametrize("change", [{"scopes": [ApiToken.READ]}, {"site": None}, {"source": ""}])
def test_a_token_needs_the_scope_a_site_and_a_source(change):
    _, words = a_token(**change)
    client = Client(headers={"authorization": f"Bearer {words}"})
    a_problem(client.post(URL, json.dumps(ENTRY), "application/json"), 403)
    assert not LiveEvent.objects.exists()


def test_signing_in_is_not_enough():
    user = a_user("admin")
    client = Client()
    client.login(username=user.username, password=PASSWORD)
    a_problem(client.post(URL, json.dumps(ENTRY), "application/json"), 401)


def test_a_tokens_last_use_is_noted_once_a_minute(post):
    post(ENTRY)
    first = ApiToken.objects.get().last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    post(ENTRY)
    assert ApiToken.objects.get().last_used_at == first


def test_a_fault_of_ours_is_a_problem_too(post, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("ccm.live.inbox.put", broken)
    body = a_problem(post(ENTRY), 500)
    assert body["detail"] == "Something broke on our side; the log has it."


def test_an_address_that_is_none_is_a_problem_under_the_api_and_a_page_elsewhere(post):
    a_problem(post.client.get("/api/v1/nothing/"), 404)
    assert post.client.get("/nothing/")["content-type"].startswith("text/html")


def test_the_database_being_away_is_said_and_not_a_500(post, monkeypatch):
    def away(*_):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("ccm.live.inbox.put", away)
    assert not bus.is_unheard()
    answer = post(ENTRY)
    assert "try again" in a_problem(answer, 503)["detail"]
    assert answer["retry-after"] == "5"
    assert bus.is_unheard()  # walls wait for what it told


def test_the_live_process_is_told_after_the_commit(post, django_capture_on_commit_callbacks):
    with bus.client().pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(bus.hint_channel(bus.EVENTS))
        heard.get_message(timeout=1)
        with django_capture_on_commit_callbacks() as callbacks:
            post(ENTRY)
        assert heard.get_message(timeout=0.1) is None
        for callback in callbacks:
            callback()
        assert heard.get_message(timeout=2)
        with django_capture_on_commit_callbacks() as callbacks:
            post(ENTRY)
        assert callbacks == []  # nothing new, nothing to do


def test_redis_being_away_loses_no_event(post, monkeypatch, django_capture_on_commit_callbacks):
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0", **bus.connection_options())
    monkeypatch.setattr(bus, "client", lambda: nowhere)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(ENTRY).status_code == 202
    assert LiveEvent.objects.count() == 1


def test_the_description_names_the_endpoint_and_its_refusals():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    operation = schema["paths"]["/api/v1/events/"]["post"]
    assert operation["responses"].keys() == {
        "202", "400", "401", "403", "404", "406", "411", "413", "415", "429", "503",
    }  # fmt: skip
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    assert "call.offered" in body["oneOf"][0]["properties"]["kind"]["enum"]
    assert operation["security"] == [{"token": []}]


# Other shapes


CONNECT = [
    json.loads(line)
    for line in (DATA / "amazon_connect_agent_events.jsonl").read_text().splitlines()
]


def test_events_of_amazon_connect_are_taken_as_they_are(post):
    to = f"{URL}?shape=amazon_connect_agent_events"
    answer = post.client.post(to, [*CONNECT, CONNECT[0], 5], content_type="application/json")
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 14,
        "duplicate": 1,
        "ignored": 0,
        "rejected": [{"index": 15, "pointer": "", "message": "An event is a JSON object."}],
    }
    assert set(LiveEvent.objects.values_list("source", "kind")) == {("pbx", "agent.snapshot")}
    again = post.client.post(to, CONNECT, content_type="application/json").json()
    assert (again["accepted"], again["duplicate"]) == (0, 14)


def test_a_shape_that_nobody_knows_is_refused_and_so_is_a_mistyped_parameter(post):
    for query in ("?shape=nothing", "?shape=%00", "?shpae=amazon_connect_agent_events"):
        answer = post.client.post(URL + query, CONNECT, content_type="application/json")
        assert a_problem(answer, 400)["detail"]
    assert not LiveEvent.objects.exists()


def test_a_snapshot_is_no_event_of_ours(post):
    said = posted("agent.snapshot", 0, "1", agent="Ann", shown=[], session="login")
    assert {one["pointer"] for one in a_problem(post(said), 400)["errors"]} == {"/kind", "/shown"}
