"""Who is there, over machines, by the clock of Redis; nobody is called dead while that is away."""

import json
import threading

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError

from ccm import cli, lanes, stack
from ccm.celery import _there, app
from ccm.live import bus
from ccm.live.process import LiveProcess
from ccm.live.walls import Walls
from ccm.stack.urls import redis_url
from ccm.watching import alive


@pytest.fixture(autouse=True)
def anew(settings):
    """Signs of life of this test alone."""
    settings.REDIS_PREFIX = f"{settings.REDIS_PREFIX}alive:"
    alive._told.clear()
    yield
    for one in bus.client().scan_iter(bus.key("*")):
        bus.client().delete(one)
    alive._told.clear()


@pytest.fixture
def redis_is_away(monkeypatch):
    def away(*_args, **_more):
        raise ConnectionError

    monkeypatch.setattr("ccm.live.bus.quick_client", away)


def now():
    seconds, millionths = bus.client().time()
    return seconds + millionths / 1e6


def heard(what, who, seconds_ago):
    bus.client().zadd(bus.key(f"alive:{what}"), {who: now() - seconds_ago})


def test_one_that_was_never_heard_is_not_known_to_have_been():
    assert alive.lives(["live"]) == {"live": alive.Life(0, None)}


def test_each_machine_counts_and_who_is_silent_for_a_minute_is_gone():
    heard("worker mail", "one:1", 5)
    heard("worker mail", "two:1", 59)
    heard("worker mail", "three:1", 61)
    heard("beat", "one:2", 3600)
    found = alive.lives(["worker mail", "beat"])
    assert found["worker mail"].there == 2
    assert 5 <= found["worker mail"].silent_seconds < 10
    assert found["beat"].there == 0
    assert 3600 <= found["beat"].silent_seconds < 3605


def test_a_process_says_that_it_is_there_and_not_again_within_ten_seconds(monkeypatch):
    alive.here(alive.LIVE)
    assert alive.lives()[alive.LIVE].there == 1
    bus.client().delete(bus.key("alive:live"))
    alive.here(alive.LIVE)
    assert alive.lives()[alive.LIVE].there == 0
    monkeypatch.setitem(alive._told, alive.LIVE, alive._told[alive.LIVE] - alive.EVERY_SECONDS)
    alive.here(alive.LIVE)
    assert alive.lives()[alive.LIVE].there == 1


def test_those_long_gone_are_forgotten():
    heard("live", "old:1", alive._KEPT_SECONDS + 60)
    alive.here(alive.LIVE)
    assert bus.client().zcard(bus.key("alive:live")) == 1


def test_while_redis_is_away_nobody_is_known_to_be_there_or_gone(redis_is_away):
    alive.here(alive.LIVE)  # and nothing is raised
    assert alive.lives() is None


def test_a_worker_says_it_of_each_queue_that_it_takes(monkeypatch):
    monkeypatch.setattr(app.amqp.queues, "_consume_from", {"mail": None, "rollup": None})
    _there()
    there = {what for what, life in alive.lives().items() if life.there}
    assert there == {"worker mail", "worker rollup"}


@pytest.mark.django_db
def test_the_live_process_says_it_where_it_works_and_not_where_it_waits(monkeypatch):
    process = LiveProcess(threading.Event())
    monkeypatch.setattr(process, "turn", lambda: None)
    monkeypatch.setattr(process.stopping, "wait", lambda _seconds: None)
    monkeypatch.setattr(process.alone, "hold", lambda: False)
    process._turn()
    assert not alive.lives()[alive.LIVE].there
    monkeypatch.setattr(process.alone, "hold", lambda: True)
    process._turn()
    assert alive.lives()[alive.LIVE].there == 1


@pytest.mark.django_db
def test_what_draws_says_it_once_it_has_drawn():
    drawing = Walls(threading.Event())
    try:
        drawing._publish()
    finally:
        drawing.hints.close()
    assert alive.lives()[alive.WALLS].there == 1


# One machine


HERE = "box:7"


@pytest.fixture
def box(monkeypatch):
    monkeypatch.setattr(alive.socket, "gethostname", lambda: "box")


def asked(*words):
    """The exit code of the command; None: it ended well."""
    try:
        cli.main(["alive", *words])
    except SystemExit as end:
        return end.code


def test_a_machine_is_asked_of_its_own_processes_alone(box, capsys):
    heard("beat", HERE, alive.GONE_SECONDS - 5)
    heard("worker mail", "box-of-another:1", 1)
    heard("worker rollup", HERE, 1)
    assert asked("beat") is asked("rollup") is asked("beat", "rollup") is None
    assert asked("mail") == 1
    assert asked("beat", "rollup,mail") == 1
    assert "worker mail" in capsys.readouterr().err
    heard("beat", HERE, alive.GONE_SECONDS + 5)
    assert asked("beat") == 1


def test_who_waits_for_another_to_end_goes_on_and_is_not_started_again(box, monkeypatch):
    process = LiveProcess(threading.Event())
    monkeypatch.setattr(process.stopping, "wait", lambda _seconds: None)
    monkeypatch.setattr(process.alone, "hold", lambda: False)
    assert asked("live") == 1
    process._turn()
    assert asked("live") is None
    drawing = Walls(threading.Event())
    monkeypatch.setattr(drawing.stopping, "wait", lambda _seconds: None)
    monkeypatch.setattr(drawing.alone, "hold", lambda: False)
    try:
        drawing._turn()
    finally:
        drawing.hints.close()
    assert asked("live", "walls") is None
    assert not alive.lives()[alive.LIVE].there


def test_while_the_database_is_away_they_go_on(box, monkeypatch):
    process = LiveProcess(threading.Event())

    def away():
        raise OperationalError

    monkeypatch.setattr(process.alone, "hold", away)
    with pytest.raises(OperationalError):
        process._turn()
    assert asked("live") is None


def test_what_cannot_be_asked_for_is_told_with_what_can(box, capsys):
    assert asked("web") == cli.REFUSED
    told = capsys.readouterr().err
    assert "/healthz" in told
    assert "live, walls, beat" in told
    assert ",".join(lanes.ALL) in told
    assert asked("live", "mail,post") == cli.REFUSED
    assert "'mail,post'" in capsys.readouterr().err


def test_the_servers_that_somebody_has_started_are_found_and_none_is_started(
    box, monkeypatch, tmp_path, capsys
):
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("CCM_DATA_DIR", str(tmp_path / "data"))
    assert asked("live") == 1
    assert "Nothing runs here" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
    home = tmp_path / "data" / "servers" / "main"
    home.mkdir(parents=True)
    (home / "sockets.json").write_text(json.dumps({"path": str(tmp_path)}))
    (home / "passwords.json").write_text(json.dumps({"valkey": "secret"}))
    assert stack.redis_there() is None
    (tmp_path / "valkey.sock").touch()
    assert stack.redis_there() == redis_url(tmp_path / "valkey.sock", "secret")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    assert stack.redis_there() == "redis://elsewhere/0"


def test_while_redis_is_away_none_is_started_again(box, redis_is_away, capsys):
    assert asked("live", "walls", "beat", "long") is None
    assert "Redis does not answer" in capsys.readouterr().err


def test_a_word_that_is_no_process_is_refused(box, capsys):
    assert asked("lives") == 2
    assert "lives" in capsys.readouterr().err
