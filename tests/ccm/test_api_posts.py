"""Records through the front door: calls, answers and states, as machines post them."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ccm import work
from ccm.api import posts
from ccm.imports import run, undo
from ccm.models import (
    Agent,
    AgentState,
    ApiToken,
    Call,
    DirtyDay,
    Offer,
    Posted,
    Queue,
    Site,
    SurveyResponse,
)
from ccm.naming import reattribution
from ccm.naming import services as naming
from tests.builders import a_queue, a_site, a_user
from tests.oracle.oracle import report, rows_of

pytestmark = pytest.mark.django_db
BULK, SURVEYS, STATES = "/api/v1/calls/bulk", "/api/v1/surveys/", "/api/v1/agent-states/"
CALL: dict[str, Any] = {
    "external_id": "c1",
    "queue": "Sales",
    "agent": "Ann",
    "offered_at": "2026-03-02T10:00:00+01:00",
    "wait_seconds": 12.5,
    "talk_ms": 90_000,
    "outcome": "answered",
}
ANSWER: dict[str, Any] = {
    "id": "s1",
    "queue": "Sales",
    "kind": "csat",
    "score": 4,
    "min": 1,
    "max": 5,
    "answered_at": "2026-03-02T10:30:00+01:00",
}


class Door:
    """Posts as a token of a site's manager."""

    def __init__(self, managed: Site, **token: Any) -> None:
        told = {
            "name": "crm",
            "user": a_user("manager", managed),
            "site": managed,
            "source": "crm",
            "scopes": [ApiToken.WRITE_RECORD],
            "expires_at": timezone.now() + timedelta(days=1),
        }
        self.token, words = ApiToken.issue(**told | token)
        self.client = Client(
            headers={"authorization": f"Bearer {words}"}, raise_request_exception=False
        )

    def __call__(self, url: str, body: object, key: str = "") -> Any:
        plain = body if isinstance(body, str | bytes) else json.dumps(body)
        headers = {"idempotency-key": key} if key else {}
        return self.client.post(url, plain, content_type="application/json", headers=headers)

    def fates(self, url: str, body: object) -> list[str]:
        answer = self(url, body)
        assert answer.status_code == 200, answer.content
        return [row["result"] for row in answer.json()["results"]]


@pytest.fixture
def site():
    return a_site(zone="Europe/Berlin")


@pytest.fixture
def post(site):
    return Door(site)


def a_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["content-type"] == "application/problem+json"
    return answer.json()


def test_a_call_is_stored_with_what_its_words_mean(post, site):
    more = {"offers": [{"agent": "Ben", "outcome": "no_answer", "ring_seconds": 5,
                        "starts_at": "2026-03-02T10:00:01+01:00"}],
            "surveys": [{"kind": "csat", "score": 5, "min": 1, "max": 5}],
            "caller": "0113 496 0123", "basket": "shoes"}  # fmt: skip
    answer = post(BULK, {"calls": [CALL | more]})
    assert answer.status_code == 200
    call = Call.objects.get()
    assert answer.json() == {
        "stored": 1, "updated": 0, "duplicate": 0, "rejected": 0,
        "results": [{"index": 0, "result": "stored", "id": str(call.pk)}],
    }  # fmt: skip
    nine = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert (call.site, call.source, call.queue.name, call.agent.name) == (
        site,
        "crm",
        "Sales",
        "Ann",
    )
    assert (call.offered_at, call.answered_at) == (nine, nine + timedelta(seconds=12.5))
    assert (call.wait_ms, call.talk_ms, call.hold_ms) == (12_500, 90_000, None)
    assert call.ended_at == nine + timedelta(seconds=102.5)
    assert (call.caller_masked, call.extra) == ("•••123", {"basket": "shoes"})
    ring = Offer.objects.get()
    assert (ring.agent.name, ring.outcome, ring.ring_ms) == ("Ben", "no_answer", 5000)
    said = SurveyResponse.objects.get()
    assert (said.call, said.score, said.answered_at) == (call, 5, call.ended_at)
    assert DirtyDay.objects.get().day == date(2026, 3, 2)


def test_each_row_has_its_own_fate_in_the_order_of_the_post(post):
    post(BULK, {"calls": [CALL]})
    rows = [
        CALL | {"external_id": "c2", "offered_at": "2026-03-02T10:00:00"},
        CALL,
        CALL | {"disposition": "Sold"},
        CALL | {"external_id": "c3"},
        CALL | {"external_id": "c3"},
        7,
    ]
    answer = post(BULK, {"calls": rows}).json()
    fates = ["rejected", "duplicate", "updated", "stored", "duplicate", "rejected"]
    assert [row["result"] for row in answer["results"]] == fates
    assert [row["index"] for row in answer["results"]] == [0, 1, 2, 3, 4, 5]
    assert answer["results"][0]["errors"] == [
        {
            "pointer": "/calls/0/offered_at",
            "message": "This time has no offset from UTC, so nobody knows when it was. "
            "Write it in ISO 8601, as 2026-05-04T09:30:00.250+02:00.",
        }
    ]
    assert answer["results"][5]["errors"] == [
        {"pointer": "/calls/5", "message": "This must be a JSON object."}
    ]
    assert (answer["stored"], answer["updated"], answer["duplicate"], answer["rejected"]) == (
        1,
        1,
        2,
        2,
    )
    assert Call.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"external_id": None}, "/external_id"),
        ({"external_id": "x" * 121}, "/external_id"),
        ({"offered_at": None}, "/offered_at"),
        ({"offered_at": "2026-03-02"}, "/offered_at"),
        ({"offered_at": "1989-12-31T23:59:59Z"}, "/offered_at"),
        ({"offered_at": "9999-12-31T23:59:59-14:00"}, "/offered_at"),
        ({"outcome": None}, "/outcome"),
        ({"outcome": "gone"}, "/outcome"),
        ({"wait_seconds": -1}, "/wait_seconds"),
        ({"wait_ms": 1.5, "wait_seconds": None}, "/wait_ms"),
        ({"wait_ms": 1}, "/wait_seconds"),  # both
        ({"wait_ms": 10**400, "wait_seconds": None}, "/wait_ms"),
        ({"wait_seconds": None}, "/answered_at"),
        ({"answered_at": "2026-03-02T09:59:59+01:00"}, "/answered_at"),
        ({"ended_at": "2026-03-02T10:00:01+01:00"}, "/ended_at"),
        ({"outcome": "in_progress", "answered_at": "2026-03-02T10:01:00+01:00"}, "/answered_at"),
        ({"resolved": "yes"}, "/resolved"),
        ({"sale_value": 1e12}, "/sale_value"),
        ({"queue": "a\u0000b"}, "/queue"),
        ({"extra": 5}, "/extra"),
        ({"extra": {"deep": {}}}, "/extra/deep"),
        ({"odd/one": []}, "/odd~1one"),
        ({"offers": {}}, "/offers"),
        ({"offers": [{"agent": "Ann", "outcome": "answered"}]}, "/offers/0/starts_at"),
        ({"offers": [3]}, "/offers/0"),
        (
            {
                "offers": [
                    {
                        "agent": "Ann",
                        "outcome": "answered",
                        "starts_at": "2026-03-02T09:00:00Z",
                        "ended_at": "2026-03-27T09:00:00Z",
                    }
                ]
            },
            "/offers/0/ended_at",
        ),  # 25 days
        ({"surveys": [{"kind": "csat", "score": 6, "min": 1, "max": 5}]}, "/surveys/0/score"),
        ({"surveys": [{"kind": "csat", "score": 1, "min": 1, "max": 1}]}, "/surveys/0/max"),
    ],
)
def test_what_is_wrong_is_pointed_at(post, change, pointer):
    answer = post(BULK, {"calls": [CALL | change]}).json()
    assert [error["pointer"] for error in answer["results"][0]["errors"]] == [f"/calls/0{pointer}"]
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["source", "site"])
@pytest.mark.parametrize("words", ["a\u0000b", "\ud800", "x" * 81, 5])
def test_a_heading_that_is_no_name_is_refused(post, name, words):
    problem = a_problem(post(BULK, {name: words, "calls": [CALL]}), 400)
    assert [error["pointer"] for error in problem["errors"]] == [f"/{name}"]


def test_the_same_key_again_gets_the_same_answer_without_work(post, django_assert_max_num_queries):
    body = {"calls": [CALL]}
    first = post(BULK, body, key="k1")
    Call.objects.all().delete()  # what a second storing would bring back
    with django_assert_max_num_queries(5):  # token, savepoint, lock, answer, release
        again = post(BULK, body, key="k1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again["Idempotent-Replayed"] == "true"
    assert not Call.objects.exists()


def test_a_key_of_another_post_is_refused(post):
    post(BULK, {"calls": [CALL]}, key="k1")
    a_problem(post(BULK, {"calls": [CALL | {"external_id": "c2"}]}, key="k1"), 422)
    assert Call.objects.count() == 1
    # Another door and another user have keys of their own.
    assert post(SURVEYS, ANSWER, key="k1").status_code == 200


def test_a_refused_post_leaves_its_key_free(post):
    a_problem(post(BULK, {"calls": 5}, key="k1"), 400)
    assert post(BULK, {"calls": [CALL]}, key="k1").json()["stored"] == 1


def test_answers_are_forgotten_after_a_week(post):
    post(BULK, {"calls": [CALL]}, key="k1")
    assert posts.forget(timezone.now() + timedelta(days=6)) == 0
    assert posts.forget(timezone.now() + timedelta(days=8)) == 1
    assert not Posted.objects.exists()


@pytest.mark.parametrize("imported_first", [False, True])
@pytest.mark.parametrize("form", ["asterisk_queue_log", "phonenow"])
def test_a_call_posted_and_imported_is_one(site, no_worker, form, imported_first):
    logs = {
        "asterisk_queue_log": "1772442000|c1|Sales|NONE|ENTERQUEUE||5550123|1\n"
        "1772442012|c1|Sales|Ann|CONNECT|12|c1.1|3\n"
        "1772442102|c1|Sales|Ann|COMPLETECALLER|12|90|1\n",
        # Its times are the site's.
        "phonenow": "Call Id,Agent,Date,Time,Topic,Answered (Y/N),Resolved,Speed of answer in "
        "seconds,AvgTalkDuration,Satisfaction rating\n"
        "c1,Ann,2026-03-02,10:00:00,Streaming,Y,Y,12,00:01:30,3\n",
    }
    post = Door(site, source=f"{form}@{site.slug}")
    told = CALL | {"wait_seconds": 12, "queue": {"phonenow": "phonenow"}.get(form, "Sales")}

    def imported() -> None:
        with work.here():
            log = BytesIO(logs[form].encode())
            run.start([("a log", log)], form=form, site=site)

    if imported_first:
        imported()
    post(BULK, {"calls": [told]})
    if not imported_first:
        imported()
    call = Call.objects.get()
    assert (call.wait_ms, call.talk_ms, call.agent.name) == (12_000, 90_000, "Ann")


def test_a_token_writes_for_its_site_and_source_only(site):
    other = a_site()
    post = Door(site)
    for body, pointer in (
        ({"site": other.slug}, "/site"),
        ({"source": "pbx"}, "/source"),
        ({"site": 5}, "/site"),
    ):
        problem = a_problem(post(BULK, {"calls": [CALL]} | body), 400)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    free = Door(site, site=None, source="")
    problem = a_problem(free(BULK, {"calls": [CALL]}), 400)
    assert [error["pointer"] for error in problem["errors"]] == ["/source", "/site"]
    a_problem(free(BULK, {"calls": [CALL], "source": "x", "site": other.slug}), 400)
    assert free(BULK, {"calls": [CALL], "source": "x", "site": site.slug}).json()["stored"] == 1


def test_only_who_may_import_may_post(site):
    for role in ("planner", "supervisor", "agent", "qa_analyst", ""):
        a_problem(Door(site, user=a_user(role, site))(BULK, {"calls": [CALL]}), 400)
    a_problem(Door(site, scopes=[ApiToken.READ])(BULK, {"calls": [CALL]}), 403)
    a_problem(Client().post(BULK, "{}", content_type="application/json"), 401)
    assert not Call.objects.exists()


def test_a_post_has_at_most_ten_thousand_rows_in_one_chunk(post):
    rows = [CALL | {"external_id": f"c{n}"} for n in range(10_001)]
    a_problem(post(BULK, {"calls": rows}), 400)
    assert post(BULK, {"calls": rows[:10_000]}).json()["stored"] == 10_000
    assert post(BULK, {"calls": []}).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("", 400, "This must be a list"),
        ('{"calls": [NaN]}', 400, "not JSON"),
        ('{"calls": [-Infinity]}', 400, "not JSON"),
        ('{"calls": ' + "[" * 100_000 + "]" * 100_000 + "}", 400, "not JSON"),
        ('{"calls": [' + "9" * 5000 + "]}", 400, "not JSON"),
        (b'{"calls": ["\xff"]}', 400, "not JSON"),
        ('{"calls": [], "calls": []}', 400, "twice"),
        ('{"calls": [{"external_id": "a", "external_id": "b"}]}', 400, "twice"),
        ('{"calls": ["' + "x" * 16 * 2**20 + '"]}', 413, "longer than 16777216 bytes"),
        ("[]", 400, "a JSON object"),
        ("null", 400, "a JSON object"),
    ],
)
def test_a_body_that_is_no_post_is_refused_in_words(post, body, status, told):
    for key in ("", "k1"):
        assert told in a_problem(post(BULK, body, key), status)["detail"]
    assert not Posted.objects.exists()


@pytest.mark.parametrize("coding", ["gzip", "br", "x"])
def test_a_compressed_body_is_refused(post, coding):
    body = gzip.compress(json.dumps({"calls": [CALL]}).encode())
    headers = {"content-encoding": coding, "idempotency-key": "k1"}
    answer = post.client.post(BULK, body, content_type="application/json", headers=headers)
    assert "compressed" in a_problem(answer, 415)["detail"]


@pytest.mark.parametrize("depth", [50, *range(700, 1000, 9)])
def test_a_deep_post_is_refused_in_words_or_by_its_row(post, depth):
    answer = post(BULK, '{"calls": [' + "[" * depth + "]" * depth + "]}", key="k1")
    if answer.status_code == 200:
        assert answer.json()["rejected"] == 1
    else:
        a_problem(answer, 400)


@pytest.mark.parametrize("odd", ["\\u0000", "\\ud800", "\\udc00\\ud800", "1e999", "-0.0", '""'])
@pytest.mark.parametrize("place", [*CALL, "caller", "extra", "topic", "linked_id", "revision"])
def test_odd_signs_and_numbers_reject_their_row_or_are_kept(post, odd, place):
    value = odd if odd[0] in '1-"' else f'"a{odd}b"'
    row = json.dumps(CALL | {place: "HERE"}).replace('"HERE"', value)
    named = json.dumps(CALL | {"HERE": 1}).replace("HERE", value.strip('"'))
    answer = post(BULK, f'{{"calls": [{row}, {named}]}}', key="k1")
    assert answer.status_code == 200, answer.content
    assert Posted.objects.get().answer == answer.json()


def test_an_answer_is_not_many_times_as_long_as_its_post(post):
    row = {"offers": [1] * 200}
    answer = post(BULK, {"calls": [row] * 50})
    assert [len(one["errors"]) for one in answer.json()["results"]] == [20] * 50


def test_the_same_post_while_it_is_worked_on_is_asked_to_wait(post):
    held = f"posted:{post.token.user.pk}:calls:k1"
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [held])
            refused = post(BULK, {"calls": [CALL]}, key="k1")
            a_problem(refused, 409)
            assert refused["Retry-After"] == "1"
            assert post(BULK, {"calls": [CALL]}, key="k2").status_code == 200
            cursor.execute("SELECT pg_advisory_unlock_all()")
    finally:
        other.close()
    assert post(BULK, {"calls": [CALL]}, key="k1").json()["duplicate"] == 1


@pytest.mark.parametrize("key", ["x" * 121, "a\x00b", "a\x7fb", "a\tb"])
def test_a_key_that_is_no_plain_text_is_refused(post, key):
    a_problem(post(BULK, {"calls": [CALL]}, key=key), 400)
    assert not Call.objects.exists()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=5,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_row_breaks_it_and_every_row_has_a_fate(post, data):
    url, name, good = data.draw(
        st.sampled_from(
            [(BULK, "calls", CALL), (SURVEYS, "surveys", ANSWER),
             (STATES, "agent_states", {"agent": "Ann", "state": "paused"})]
        )
    )  # fmt: skip
    keys = st.sampled_from(
        [*good, "offers", "surveys", "extra", "starts_at", "ended_at", "revision"]
    )
    rows = data.draw(
        st.lists(st.dictionaries(keys, JSON, max_size=4).map(lambda c: good | c) | JSON, max_size=4)
    )
    answer = post(url, {name: rows})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert len(told["results"]) == len(rows)
    assert sum(told[fate] for fate in ("stored", "updated", "duplicate", "rejected")) == len(rows)


def test_nothing_is_posted_to_a_site_while_an_import_of_it_is_taken_back(post, site, nothing_sent):
    log = BytesIO(b"1772442000|c0|Sales|NONE|ENTERQUEUE||5550123|1\n")
    batch = run.start([("a log", log)], form="asterisk_queue_log", site=site)
    run.run(batch.job_id)
    job = undo.start(batch)
    for url, body in ((BULK, {"calls": [CALL]}), (SURVEYS, ANSWER)):
        refused = post(url, body, key="k1")
        a_problem(refused, 503)
        assert refused["Retry-After"] == "5"
    undo.run(job.pk)
    assert post(BULK, {"calls": [CALL]}, key="k1").json()["stored"] == 1


# Answers


def test_an_answer_finds_its_call_by_the_calls_id(post):
    post(BULK, {"calls": [CALL]})
    assert post.fates(SURVEYS, ANSWER | {"call": "c1"}) == ["stored"]
    said = SurveyResponse.objects.get()
    assert (said.call.external_id, said.queue.name, said.agent.name) == ("c1", "Sales", "Ann")


def test_what_nobody_sees_makes_no_other_queue_or_agent(post):
    post(BULK, {"calls": [CALL]})
    unseen = CALL | {"external_id": "c2", "queue": "\u200bSales\u2060", "agent": "\u202eBob"}
    assert post.fates(BULK, {"calls": [unseen, CALL | {"external_id": "c3"}]}) == ["stored"] * 2
    assert [one.name for one in Queue.objects.all()] == ["Sales"]
    assert sorted(one.name for one in Agent.objects.all()) == ["Ann", "Bob"]


def test_answers_posted_again_are_duplicates_or_corrections(post):
    rows = [ANSWER, ANSWER | {"id": "s2"}, ANSWER, ANSWER | {"kind": "xyz"}]
    # Of two that are one, the later stands.
    assert post.fates(SURVEYS, {"surveys": rows}) == ["duplicate", "stored", "stored", "rejected"]
    better = [ANSWER, ANSWER | {"id": "s2", "score": 1}]
    assert post.fates(SURVEYS, {"surveys": better}) == ["duplicate", "updated"]
    assert sorted(SurveyResponse.objects.values_list("score", flat=True)) == [1, 4]


def test_what_no_member_tells_is_kept_beside(post):
    told = {"source": "crm", "shift": "late"}
    spell = {"agent": "Ann", "state": "paused", "starts_at": "2026-03-02T12:00Z"}
    assert post.fates(SURVEYS, ANSWER | told) == post.fates(STATES, spell | told) == ["stored"]
    assert SurveyResponse.objects.get().extra == AgentState.objects.get().extra == {"shift": "late"}


def test_one_bad_answer_alone_is_a_problem(post):
    body = a_problem(post(SURVEYS, ANSWER | {"score": 9}), 400)
    assert body["errors"] == [{"pointer": "/score", "message": "This is not on the scale."}]


def csat(site: Site, day: date, by: str = "total", queue: str = "") -> dict[Any, Any]:
    while DirtyDay.objects.exists():
        call_command("rebuild", stdout=StringIO())
    kpis = ["csat:C2", "offered"]
    return {
        key: (row["csat:C2"], row["offered"][0])
        for key, row in rows_of(report(site, day, day, by, queue, kpis)).items()
    }


def test_answers_without_a_call_count_on_their_queue_the_day_they_were_given(post, site):
    day = date(2026, 3, 2)
    post(BULK, {"calls": [CALL | {"surveys": [{"kind": "csat", "score": 5, "min": 1, "max": 5}]}]})
    # Half past eleven at night in Berlin, and a quarter past midnight the next day.
    rows = [
        ANSWER | {"id": "a", "queue": "Sales", "score": 2, "answered_at": "2026-03-02T22:30Z"},
        ANSWER | {"id": "b", "queue": "Sales", "score": 1, "answered_at": "2026-03-02T23:15Z"},
        ANSWER | {"id": "c", "queue": "Service", "agent": "Ben", "score": 3},
        ANSWER | {"id": "d", "queue": "Service", "agent": "Ben", "score": 4},
    ]
    post(SURVEYS, {"surveys": rows})
    assert csat(site, day) == {"": ((3.5, 4), 1)}
    assert csat(site, day, "queue") == {"Sales": ((3.5, 2), 1), "Service": ((3.5, 2), 0)}
    # What was offered is told of no agent.
    assert csat(site, day, "agent") == {"Ann": ((5.0, 1), None), "Ben": ((3.5, 2), None)}
    assert csat(site, date(2026, 3, 3)) == {"": ((1.0, 1), 0)}


def test_an_answer_that_would_count_nowhere_is_refused(post):
    alone = {name: value for name, value in ANSWER.items() if name != "queue"}
    body = a_problem(post(SURVEYS, alone), 400)
    assert [error["pointer"] for error in body["errors"]] == ["/queue"]
    rows = [alone, alone | {"id": "s2", "queue": " ", "call": None}, ANSWER]
    told = post(SURVEYS, {"surveys": rows}).json()["results"]
    assert [one["result"] for one in told] == ["rejected", "rejected", "stored"]
    assert told[1]["errors"][0]["pointer"] == "/surveys/1/queue"


def test_an_answer_whose_call_is_not_there_yet_is_told_so(post):
    post(BULK, {"calls": [CALL]})
    rows = [ANSWER | {"call": "c1"}, ANSWER | {"id": "s2", "call": "never"}, ANSWER | {"id": "s3"}]
    told = post(SURVEYS, {"surveys": rows}).json()["results"]
    assert [one.get("waits_for_call") for one in told] == [None, True, None]
    (again,) = post(SURVEYS, rows[1]).json()["results"]
    assert (again["result"], again["waits_for_call"]) == ("duplicate", True)


def test_an_answer_without_a_call_follows_a_queue_that_is_made_one_with_another(post, site):
    post(SURVEYS, ANSWER | {"queue": "Slaes", "score": 2})
    assert csat(site, date(2026, 3, 2), "queue") == {"Slaes": ((2.0, 1), 0)}
    keeper = a_queue(site, "Sales")
    reattribution.run(naming.merge(naming.QUEUES, Queue.objects.get(name="Slaes"), keeper).pk)
    assert csat(site, date(2026, 3, 2), "queue") == {"Sales": ((2.0, 1), 0)}


def test_an_answer_that_finds_its_call_moves_to_the_calls_day(post, site):
    late = ANSWER | {"call": "c1", "queue": "Sales", "answered_at": "2026-03-04T10:00+01:00"}
    post(SURVEYS, late)
    assert csat(site, date(2026, 3, 4)) == {"": ((4.0, 1), 0)}
    post(BULK, {"calls": [CALL]})
    assert csat(site, date(2026, 3, 4)) == {"": ((None, 0), 0)}
    assert csat(site, date(2026, 3, 2)) == {"": ((4.0, 1), 1)}
    assert post.fates(SURVEYS, late) == ["duplicate"]


# States


def test_a_posted_call_may_tell_the_customers_account(post):
    call = {"external_id": "c1", "offered_at": "2026-03-02T10:00:00Z", "outcome": "abandoned"}
    rows = [
        call | {"account": " K-7 ", "shift": "late"},
        call | {"external_id": "c2", "extra": {"account": "K-8"}},
        call | {"external_id": "c3", "account": 7},
    ]
    assert post.fates(BULK, {"calls": rows}) == ["stored", "stored", "rejected"]
    extra = Call.objects.order_by("external_id").values_list("extra", flat=True)
    assert list(extra) == [{"account": "K-7", "shift": "late"}, {"account": "K-8"}]


def test_a_spell_may_come_in_halves_and_twice(post):
    start = {
        "agent": "Ann",
        "state": "paused",
        "reason": "Lunch",
        "starts_at": "2026-03-02T12:00+01:00",
    }
    end = {"agent": "Ann", "state": "paused", "ends_at": "2026-03-02T12:30+01:00"}
    assert post.fates(STATES, {"agent_states": [start, 4]}) == ["stored", "rejected"]
    assert post.fates(STATES, start) == ["duplicate"]
    assert post.fates(STATES, end) == ["updated"]
    spell = AgentState.objects.get()
    assert (spell.agent, spell.reason) == (Agent.objects.get(name="Ann"), "Lunch")
    assert spell.ends_at - spell.starts_at == timedelta(minutes=30)


def test_a_spell_needs_an_edge_and_ends_after_it_begins(post):
    body = a_problem(post(STATES, {"agent": "Ann", "state": "paused"}), 400)
    assert [error["pointer"] for error in body["errors"]] == ["/starts_at"]
    wrong = {"starts_at": "2026-03-02T12:00Z", "ends_at": "2026-03-02T11:00Z"}
    body = a_problem(post(STATES, {"agent": "Ann", "state": "paused"} | wrong), 400)
    assert [error["pointer"] for error in body["errors"]] == ["/ends_at"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"wait_ms": 1.5}, "This must be a whole number."),
        ({"wait_seconds": "5"}, "This must be a number."),
        ({"wait_seconds": -5}, "This must be a number from 0 to 2147483."),
        ({"wait_ms": 1, "offers": 5}, "This must be a list."),
        ({"wait_ms": 1, "extra": 5}, "This must be a JSON object."),
    ],
)
def test_a_refusal_says_what_a_member_must_be(post, said, words):
    call = {name: value for name, value in CALL.items() if name != "wait_seconds"}
    answer = post(BULK, {"calls": [call | said]}).json()
    assert [error["message"] for error in answer["results"][0]["errors"]] == [words]


def test_a_state_that_is_none_is_refused_with_the_list(post):
    spell = {"agent": "Ann", "state": "smoking", "starts_at": "2026-03-02T12:00Z"}
    body = a_problem(post(STATES, spell), 400)
    [error] = body["errors"]
    assert error["pointer"] == "/state"
    assert error["message"] == (
        "This is none of logged_in, available, ringing, on_call, hold, acw, paused, offline, other."
    )
    assert post.fates(STATES, spell | {"state": "other", "reason": "smoking"}) == ["stored"]
    assert str(AgentState.objects.get()) == "Ann: Other"


def test_the_doors_are_described():
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    call = paths[BULK]["post"]["requestBody"]["content"]["application/json"]["schema"]
    row = call["properties"]["calls"]["items"]
    assert row["required"] == ["external_id", "offered_at", "outcome"]
    assert {"wait_ms", "wait_seconds", "offers", "surveys"} <= row["properties"].keys()
    assert all(member.get("description") for member in row["properties"].values())
    assert {SURVEYS, STATES} <= paths.keys()
