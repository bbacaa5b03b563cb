"""Beat goes on while the database is away, and does not cry about it at every look."""

import logging
import os
import signal
from datetime import timedelta

import pytest
import time_machine
from celery.utils.imports import symbol_by_name
from django.conf import settings
from django.db import OperationalError, connection

from ccm.celery import app
from ccm.live import outage

pytestmark = pytest.mark.django_db(transaction=True)


def away(*_):
    raise OperationalError("the server closed the connection")


def test_beat_says_once_that_the_database_is_away_and_once_that_it_is_back(caplog, monkeypatch):
    monkeypatch.setattr(outage, "MOST_BACKOFF", 0)  # each look asks
    beat = symbol_by_name(settings.CELERY_BEAT_SCHEDULER)(app)
    beat._finalize.cancel()  # which would keep all at the end of the tests' process
    tasks = set(beat.schedule)
    assert "recount-dirty-days" in tasks
    caplog.set_level(logging.WARNING)
    with connection.execute_wrapper(away):
        for hours in (0, 1, 2):  # it reads all anew now and then
            with time_machine.travel(beat._last_full_sync + timedelta(hours=hours)):
                assert set(beat.schedule) == tasks
        beat._dirty.add("recount-dirty-days")
        beat.sync()
    assert set(beat.schedule) == tasks
    assert [one.getMessage() for one in caplog.records] == [
        "PostgreSQL does not answer; trying again (the server closed the connection)",
        "PostgreSQL answers again",
    ]
    assert beat._dirty == {"recount-dirty-days"}, "when it ran is kept later"


def test_a_signal_that_comes_in_a_statement_is_heard_after_it(monkeypatch):
    """Celery's handler writes the schedule itself, on the very connection."""
    running, heard = [], []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(running[-1]))

    def interrupted(execute, *statement):
        running.append(True)
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            return execute(*statement)
        finally:
            running.append(False)

    try:
        with connection.execute_wrapper(interrupted):
            beat = symbol_by_name(settings.CELERY_BEAT_SCHEDULER)(app)
            beat._finalize.cancel()
            made = len(heard)
            beat._dirty.add("recount-dirty-days")
            beat.sync()
            kept = len(heard)
            monkeypatch.setattr(beat, "apply_entry", lambda *_, **__: beat.schedule_changed())
            beat.tick()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert 0 < made < kept < len(heard)
    assert not any(heard)


def test_a_signal_is_heard_at_once_while_redis_is_waited_for(monkeypatch):
    heard, in_time = [], []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(True))

    def wait(_beat):
        os.kill(os.getpid(), signal.SIGTERM)
        in_time.append(bool(heard))

    try:
        beat = symbol_by_name(settings.CELERY_BEAT_SCHEDULER)(app)
        beat._finalize.cancel()
        monkeypatch.setattr(type(beat), "producer", property(wait))
        monkeypatch.setattr(beat, "apply_entry", lambda *_, **__: None)
        beat.tick()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert in_time[0]
