"""The live process and the one that draws: awake at a hint, alone at work, and hard to kill by
accident."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from django.db import connection
from django.utils import timezone
from redis.exceptions import RedisError

from ccm import signals
from ccm.live import bus, events, inbox, outage, process, publish, walls
from ccm.live.outage import Outage
from ccm.live.process import LiveProcess
from ccm.live.walls import Walls
from ccm.models import Call, LiveEvent
from tests import broker
from tests.builders import a_site
from tests.ccm.live.proxy import Proxy
from tests.ccm.live.words import posted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def frames(monkeypatch):
    """One board, which counts how often it was drawn."""
    drawn = []

    def provider(now):
        drawn.append(now)
        yield "floor", {"n": len(drawn)}

    monkeypatch.setattr(publish, "_providers", [provider])
    broker.empty()
    return drawn


@contextmanager
def running(kind=LiveProcess):
    """What a process of this kind does, on a thread of its own."""
    stopping = threading.Event()
    one = kind(stopping)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield one
    finally:
        stopping.set()
        thread.join(10)
        assert not thread.is_alive()


def until(holds, seconds=5.0):
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, "it did not come to pass"
        time.sleep(0.02)


def put(*said, site=None):
    now = timezone.now()
    inbox.put([events.read(one, now) for one in said], site or a_site(), "pbx", now)


def entry(number):
    return posted("call.offered", 0, number, call=number, queue="Sales")


def test_a_posted_event_is_in_the_record_and_on_the_wall_at_once(frames):
    key = bus.frame_key("floor")
    with running(), running(Walls) as drawing:
        until(lambda: frames)
        time.sleep(0.3)
        before, began = len(frames), time.monotonic()
        put(entry("1"))
        until(lambda: Call.objects.exists() and len(frames) > before)
        assert time.monotonic() - began < 0.9  # sooner than the second it looks by itself
        # Of those that go out meanwhile the last lies there.
        until(lambda: drawing.publisher.seq == json.loads(bus.client().get(key))["seq"])


def test_changed_figures_redraw_the_walls_at_once(frames):
    with running(Walls):
        until(lambda: frames)
        for _ in range(3):
            time.sleep(0.3)
            before, began = len(frames), time.monotonic()
            bus.figures_changed()
            until(lambda n=before: len(frames) > n)
            assert time.monotonic() - began < 0.6


def test_walls_are_redrawn_each_second_without_any_news(frames):
    with running(Walls):
        time.sleep(3.6)
    assert 3 <= len(frames) <= 5


def test_a_flood_of_hints_redraws_no_more_than_five_times_a_second(frames):
    with running(Walls):
        until(lambda: frames)
        frames.clear()
        for _ in range(100):
            bus.figures_changed()
            time.sleep(0.01)
    assert len(frames) <= 8


def test_of_two_processes_one_draws_and_the_other_goes_on_when_it_ends(frames):
    with running(Walls) as first:
        until(lambda: first.alone.held_on)
        with running(Walls) as second:
            frames.clear()
            time.sleep(3.3)
            assert second.alone.held_on is None
            assert len(frames) <= 5
            first.stopping.set()
            until(lambda: second.alone.held_on)
            before = len(frames)
            until(lambda: len(frames) > before)


def test_after_the_database_stood_still_nothing_is_drawn_until_what_was_to_be_told_is_there(
    monkeypatch,
):
    """Else who was answered meanwhile is seen to wait: that they were waits to be posted."""
    monkeypatch.setattr(outage, "ANSWERS_WITHIN_SECONDS", 0.3)
    answered, drawn = [], []

    def provider(now):
        drawn.append(time.monotonic())
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [0.5 if len(drawn) == 1 else 0])
        answered.append(time.monotonic())
        yield "floor", {}

    monkeypatch.setattr(publish, "_providers", [provider])
    with running(Walls):
        until(lambda: answered)
        bus.figures_changed()
        until(lambda: len(drawn) == 3)
    assert drawn[1] - answered[0] >= outage.CATCHES_UP_SECONDS
    assert drawn[2] - answered[1] < outage.CATCHES_UP_SECONDS


def test_nor_after_it_was_away(frames):
    with running(Walls) as drawing:
        until(lambda: frames)
        drawing.postgres.failed(RuntimeError("gone"))
        came = time.monotonic()
        before = len(frames)
        until(lambda: len(frames) > before)
        assert time.monotonic() - came >= outage.CATCHES_UP_SECONDS
    assert not drawing.postgres.tries


def test_nor_while_what_a_source_tells_cannot_be_kept(frames):
    with running(Walls):
        until(lambda: frames)
        bus.not_heard()
        assert bus.is_unheard()
        time.sleep(0.3)  # what was being drawn is drawn
        frames.clear()
        until(lambda: frames)
        assert not bus.is_unheard()


def test_the_apps_are_told_when_the_record_changed():
    told = threading.Event()

    def receiver(**_):
        told.set()

    signals.record_changed.connect(receiver)
    try:
        with running():
            time.sleep(0.3)
            assert not told.is_set()
            put(entry("1"))
            assert told.wait(3)
    finally:
        signals.record_changed.disconnect(receiver)


def test_news_that_keep_coming_are_told_every_two_seconds_and_the_last_of_them_too():
    told = []

    def receiver(**_):
        told.append(Call.objects.count())

    signals.record_changed.connect(receiver)
    site = a_site()
    try:
        with running():
            for number in range(20):
                put(entry(str(number)), site=site)
                time.sleep(0.1)
            until(lambda: told and told[-1] == 20)
    finally:
        signals.record_changed.disconnect(receiver)
    assert len(told) <= 6


def test_of_two_processes_one_works_and_the_other_waits_for_it():
    with running() as first:
        until(lambda: first.alone.held_on)
        with running() as second:
            put(entry("1"))
            until(Call.objects.exists)
            time.sleep(1.2)
            assert second.alone.held_on is None
            first.stopping.set()
            until(lambda: second.alone.held_on)
            put(entry("2"))
            until(lambda: Call.objects.count() == 2)


def test_losing_the_database_for_a_moment_is_told_in_words_and_survived(caplog):
    with running() as live:
        until(lambda: live.alone.held_on)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " JOIN pg_database d ON d.oid = database AND datname = current_database()"
                " WHERE locktype = 'advisory' AND objid = %s",
                [process._LEADER & 0xFFFFFFFF],
            )
            assert cursor.rowcount == 1
        put(entry("1"))
        until(Call.objects.exists, 8)
    told = [record.getMessage() for record in caplog.records]
    assert sum("PostgreSQL does not answer" in words for words in told) == 1
    assert sum("PostgreSQL answers again" in words for words in told) == 1
    assert not any(record.exc_info for record in caplog.records)


def test_without_redis_events_still_reach_the_record(
    monkeypatch, settings, tmp_path, caplog, frames
):
    door = Proxy(settings.REDIS_URL, tmp_path)
    client = redis.Redis.from_url(door.url, **bus.connection_options())
    monkeypatch.setattr(process.bus, "client", lambda: client)
    monkeypatch.setattr(process.bus, "quick_client", lambda: client)
    site = a_site()
    try:
        with running() as live, running(Walls) as drawing:
            until(lambda: frames)
            door.shut()
            put(entry("1"), site=site)
            until(Call.objects.exists)
            put(entry("2"), site=site)
            until(lambda: Call.objects.count() == 2)
            until(lambda: live.redis.tries and drawing.redis.tries)
            door.open()
            until(lambda: not live.redis.tries and not drawing.redis.tries, 8)
            before = len(frames)
            bus.figures_changed()
            until(lambda: len(frames) > before)
    finally:
        door.shut()
    told = [record.getMessage() for record in caplog.records]
    # Each of the two says it once.
    assert sum("Redis does not answer" in words for words in told) == 2
    assert sum("Redis answers again" in words for words in told) == 2
    assert not any(record.exc_info for record in caplog.records)


def test_a_redis_that_takes_a_hint_and_never_answers_is_given_up_at_once(settings, tmp_path):
    bus.quick_client.cache_clear()
    settings.REDIS_URL = f"unix://{tmp_path}/mute"
    try:
        with socket.socket(socket.AF_UNIX) as mute:
            mute.bind(f"{tmp_path}/mute")
            mute.listen()
            began = time.monotonic()
            with pytest.raises(RedisError):
                bus.hint(bus.EVENTS)
            assert time.monotonic() - began < 4 * bus.HINT_SECONDS
    finally:
        bus.quick_client.cache_clear()


def test_an_unforeseen_error_is_told_once_and_the_work_goes_on(monkeypatch, caplog):
    fold, broken = process.folding.fold_batch, threading.Event()
    broken.set()

    def sometimes(now):
        if broken.is_set():
            raise LookupError("nobody foresaw this")
        return fold(now)

    monkeypatch.setattr(process.folding, "fold_batch", sometimes)
    put(entry("1"))
    with running():
        time.sleep(2.5)
        broken.clear()
        until(Call.objects.exists)
    assert [record.exc_info[0] for record in caplog.records] == [LookupError]


def test_a_server_that_stays_away_is_asked_ever_less_often():
    away = Outage("Redis")
    waits = []
    for _ in range(6):
        waits.append(away.seconds)
        away.failed(RuntimeError())
        assert away.waiting
    assert waits == [0.5, 1, 2, 2, 2, 2]
    began = time.monotonic()
    away.failed(RuntimeError())
    # What another thread began before says nothing of the server since.
    away.worked(began)
    assert away.waiting
    away.worked(time.monotonic())
    assert not away.waiting
    assert away.seconds == 0.5


def command():
    """`callcenter live` over the tests' database, and what it says."""
    name = connection.settings_dict["NAME"]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    return subprocess.Popen(
        [sys.executable, "-m", "django", "live"],
        env=os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "ccm.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def begun(pid):
    """All that any of its threads began: a list of process ids."""
    return [
        child
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def draws():
    """Whether somebody holds the lock of who draws."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " AND datname = current_database() WHERE locktype = 'advisory' AND objid = %s",
            [walls._LEADER & 0xFFFFFFFF],
        )
        return cursor.fetchone()[0] == 1


def test_told_to_stop_the_command_ends_with_0_and_leaves_no_event_half_folded():
    site = a_site()
    put(*[entry(str(number)) for number in range(1500)], site=site)
    live = command()
    until(lambda: LiveEvent.objects.filter(folded_at__isnull=False).exists(), 30)
    live.send_signal(signal.SIGTERM)
    said, _ = live.communicate(timeout=15)
    assert (live.returncode, said) == (0, "")
    folded = LiveEvent.objects.filter(folded_at__isnull=False).count()
    assert folded in (1000, 1500)
    assert Call.objects.count() == folded


def test_who_draws_is_begun_again_when_it_dies_and_ends_with_the_live_process():
    live = command()
    try:
        until(draws, 30)
        (drawing,) = begun(live.pid)
        os.kill(int(drawing), signal.SIGKILL)
        until(lambda: begun(live.pid) not in ([], [drawing]) and draws(), 30)
    finally:
        live.kill()
    until(lambda: not draws(), 10)
    said, _ = live.communicate(timeout=15)
    assert "drawing of walls ended (SIGKILL); it starts again in 1 s" in said


def test_who_draws_ends_in_order_at_a_signal_of_its_own():
    live = command()
    try:
        until(draws, 30)
        (drawing,) = begun(live.pid)
        # Pages and news of calls want the processor first.
        mine = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, int(drawing)) == max(mine, walls.NICENESS)
        os.kill(int(drawing), signal.SIGTERM)
        until(lambda: drawing not in begun(live.pid), 10)
        live.send_signal(signal.SIGTERM)
        said, _ = live.communicate(timeout=15)
    finally:
        live.kill()
    assert "drawing of walls ended (exit code 0); it starts again in 1 s" in said
    assert len(said.splitlines()) == 1
