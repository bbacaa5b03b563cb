"""`/readyz`: 503 where nothing can be served; what else is wrong, to who brings the token."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError

from ccm import partitions
from ccm.live import bus
from ccm.models import Delivery, DirtyDay, Job, LiveEvent
from ccm.watching import alive, gathered, ready
from tests.builders import a_queue, a_site, a_user

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-those-who-watch"


@pytest.fixture(autouse=True)
def alone(settings):
    settings.REDIS_PREFIX = f"{settings.REDIS_PREFIX}ready:"
    settings.METRICS_TOKEN = TOKEN
    alive._told.clear()
    yield
    for one in bus.client().scan_iter(bus.key("*")):
        bus.client().delete(one)


@pytest.fixture
def no_database(monkeypatch):
    def away(*_args, **_more):
        raise DatabaseError("it does not answer at db.internal:5432")

    monkeypatch.setattr(gathered, "rows", away)


@pytest.fixture
def no_redis(monkeypatch):
    def away(*_args, **_more):
        raise ConnectionError

    monkeypatch.setattr("ccm.live.bus.quick_client", away)


def told():
    answer = Client().get(reverse("ready"), headers={"Authorization": f"Bearer {TOKEN}"})
    return answer, answer.json()["parts"]


def state(name):
    return told()[1][name]["state"]


def test_strangers_are_told_whether_it_serves_and_nothing_else():
    answer = Client().get(reverse("ready"))
    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    assert "no-store" in answer.headers["Cache-Control"]
    wrong = Client().get(reverse("ready"), headers={"Authorization": "Bearer wrong"})
    assert wrong.json() == {"ready": True}
    assert Client().post(reverse("ready")).status_code == 405


def test_nor_are_they_told_why_it_does_not(no_database):
    answer = Client().get(reverse("ready"))
    assert (answer.status_code, answer.json()) == (503, {"ready": False})


@pytest.mark.parametrize("name", ["health", "ready", "metrics"])
def test_nobody_is_looked_up_for_it_whatever_cookie_comes_along(name, monkeypatch, settings):
    settings.METRICS_TOKEN = TOKEN
    client = Client()
    client.force_login(a_user("admin"))
    monkeypatch.setattr(gathered, "PARTS", {})
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(name), headers={"Authorization": f"Bearer {TOKEN}"})
    tables = " ".join(one["sql"] for one in asked)
    assert "session" not in tables
    assert "ccm_user" not in tables
    if name == "health":
        assert [one["sql"] for one in asked] == ["SELECT 1"]


def test_a_stranger_costs_one_statement(django_assert_max_num_queries):
    with django_assert_max_num_queries(3):  # within a test: the savepoint, and its release
        Client().get(reverse("ready"))


def test_without_the_database_it_is_not_ready_and_nothing_is_said_of_what_lies_there(no_database):
    answer, parts = told()
    assert answer.status_code == 503
    assert parts["database"]["state"] == "trouble"
    assert "counts" not in parts
    assert "db.internal" not in answer.content.decode()


def test_one_that_only_follows_or_has_no_tables_is_not_ready(monkeypatch):
    for row in ((True, True), (False, False)):
        monkeypatch.setattr(gathered, "rows", lambda *_args, row=row: [row])
        assert ready.is_ready() is False
    monkeypatch.setattr(gathered, "rows", lambda *_args: [(False, True)])
    assert ready.is_ready() is True


def test_without_redis_it_is_ready_and_who_is_there_is_not_known(no_redis):
    answer, parts = told()
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert parts["redis"]["state"] == "trouble"
    assert {parts[what]["state"] for what in alive.ALL} == {"unknown"}


def test_only_the_database_is_needed_to_serve():
    _answer, parts = told()
    assert [name for name, part in parts.items() if part["needed"]] == ["database"]


def test_who_is_there_and_who_is_not():
    assert state("worker mail") == "trouble"
    alive.here(alive.worker("mail"), alive.BEAT)
    _answer, parts = told()
    assert (parts["worker mail"]["state"], parts["beat"]["state"]) == ("ok", "ok")
    assert parts["worker long"]["words"] == "None was ever heard."
    assert parts["beat"]["age_seconds"] < 60


@pytest.mark.parametrize(("seconds", "expected"), [(599, "ok"), (630, "trouble")])
def test_days_to_be_counted_anew_may_wait_ten_minutes(seconds, expected):
    mark = DirtyDay.objects.create(site=a_site(), day=timezone.now().date())
    since = timezone.now() - timedelta(seconds=seconds - 20 if expected == "ok" else seconds)
    DirtyDay.objects.filter(pk=mark.pk).update(marked_at=since)
    assert state("counts") == expected


def test_an_event_may_wait_a_minute_and_one_that_is_folded_waits_no_more():
    now = timezone.now()
    event = LiveEvent.objects.create(
        source="pbx", event_id="1", site=a_site(), kind="x", at=now, payload={}
    )
    assert state("inbox") == "ok"
    LiveEvent.objects.filter(pk=event.pk).update(received_at=now - timedelta(minutes=3))
    assert state("inbox") == "trouble"
    LiveEvent.objects.filter(pk=event.pk).update(folded_at=now)
    assert state("inbox") == "ok"


def test_a_message_that_is_to_be_tried_later_is_not_late():
    now = timezone.now()
    one = Delivery.objects.create(key="1", way="mail", due_at=now + timedelta(hours=6))
    assert state("outbox") == "ok"
    Delivery.objects.filter(pk=one.pk).update(due_at=now - timedelta(minutes=20))
    assert state("outbox") == "trouble"


def test_a_job_without_a_sign_of_life_is_told():
    job = Job.objects.create(kind="import", state="running")
    assert state("jobs") == "ok"
    Job.objects.filter(pk=job.pk).update(heartbeat_at=timezone.now() - timedelta(minutes=20))
    assert state("jobs") == "trouble"


def test_the_month_to_come_is_missed_two_days_before_it_begins():
    """The live process makes it three days before."""
    a_queue()
    months = partitions.existing_months()
    assert datetime(2031, 3, 1, tzinfo=UTC).date() not in months
    partitions.ensure_months({datetime(2031, 2, 1, tzinfo=UTC).date()})

    def found(day, hour):
        parts = ready.look(datetime(2031, 2, day, hour, tzinfo=UTC))
        (one,) = [part for part in parts if part.name == "partitions"]
        return one.well

    assert found(26, 23) is True
    assert found(27, 0) is False
    partitions.ensure_months({datetime(2031, 3, 1, tzinfo=UTC).date()})
    assert found(27, 0) is True


@pytest.mark.parametrize(
    ("free", "total", "expected"),
    [
        (60, 1000, False),  # a terabyte with 60 GB
        (40, 1000, True),
        (60, 10_000, False),  # ten of them: what is enough is enough
        (1, 20, True),  # GB
        (3, 20, False),
        (0.06, 0.064, False),  # a small folder in memory that is empty
        (0.005, 0.064, True),
    ],
)
def test_which_disk_has_too_little_room(free, total, expected):
    assert ready.is_short(int(free * 2**30), int(total * 2**30)) is expected
