"""What waits in a queue already is not sent again, and for how long the oldest has waited."""

import time
from datetime import timedelta
from unittest.mock import Mock

import pytest
from celery.utils.imports import symbol_by_name
from django.conf import settings
from django.utils import timezone
from redis.exceptions import ConnectionError

from ccm import queued, tasks, work
from ccm.celery import app
from ccm.live import bus
from ccm.models import Job
from ccm.watching.doctor import seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty():
    def forget():
        for one in bus.client().scan_iter(bus.key("*")):
            bus.client().delete(one)

    forget()
    yield
    forget()


def length(queue="long"):
    return bus.client().llen(bus.key(queue))


def test_a_hint_that_waits_is_not_sent_again_and_one_of_another_piece_is():
    for job in (5, 5, 6, 5):
        work.send_once(tasks.run_erasure, job)
    assert length() == 2
    assert queued.waits("ccm.tasks.run_erasure", (6,))
    assert not queued.waits("ccm.tasks.run_erasure", (7,))
    # Redis begins anew, or a worker takes them and dies: what is not there is sent.
    bus.client().delete(bus.key("long"))
    work.send_once(tasks.run_erasure, 5)
    assert length() == 1


def test_one_that_is_over_does_not_wait():
    late = timezone.now() - timedelta(minutes=1)
    tasks.run_erasure.apply_async((5,), expires=late)
    assert not queued.waits("ccm.tasks.run_erasure", (5,))
    tasks.run_erasure.apply_async((5,), expires=600)
    assert queued.waits("ccm.tasks.run_erasure", (5,))


def test_what_is_no_task_is_passed_over():
    odd = ("a", "[]", "{}", '{"headers": {}, "body": "!"}', '{"headers": 1, "body": ""}')
    bus.client().lpush(bus.key("long"), *odd)
    assert not queued.waits("ccm.tasks.run_erasure", (5,))
    assert queued.waited_seconds(b"a") is None


def test_while_redis_is_away_nothing_is_known_to_wait(monkeypatch):
    away = Mock(lrange=Mock(side_effect=ConnectionError))
    monkeypatch.setattr(bus, "quick_client", lambda: away)
    assert not queued.waits("ccm.tasks.run_erasure", (5,))


def test_a_job_that_waits_for_its_worker_is_asked_for_once_however_often_beat_looks():
    """As behind a roster that takes half an hour."""
    job = Job.objects.create(kind="erasure")
    for _ in range(30):
        tasks.requeue_stale_jobs(waiting_for_seconds=0)
    assert length() == 1
    assert queued.waits("ccm.tasks.run_erasure", (job.pk,))


@pytest.mark.django_db(transaction=True)
def test_beat_sends_nothing_of_a_kind_that_waits():
    beat = symbol_by_name(settings.CELERY_BEAT_SCHEDULER)(app)
    beat._finalize.cancel()  # which would keep all at the end of the tests' process
    entry = beat.schedule["check-transcripts"]
    for _ in range(30):
        beat.apply_entry(entry)
    assert length() == 1
    other = beat.schedule["refusals"]
    beat.apply_async(other)
    assert length() == 2
    # When it is due next is reckoned as if it was sent.
    beat.reserve = Mock()
    assert beat.apply_async(entry) is None
    beat.reserve.assert_called_once_with(entry)


def test_the_oldest_of_each_queue_says_since_when_it_waits(monkeypatch):
    now = time.time()
    for seconds in (1800, 60):
        monkeypatch.setattr(time, "time", lambda ago=seconds: now - ago)
        work.send(tasks.run_erasure, seconds)
    monkeypatch.setattr(time, "time", lambda: now)
    found = seen._redis()
    assert (found["lengths"]["long"], found["waited"]["long"]) == (2, pytest.approx(1800, abs=1))
    assert (found["lengths"]["mail"], found["waited"]["mail"]) == (0, None)
