"""Frames reach Redis whole, stamped and numbered."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError

from ccm.live import bus, publish
from ccm.live.publish import Publisher
from tests import broker
from tests.ccm.live.words import NINE


@pytest.fixture
def providers(monkeypatch):
    """The registered providers of this test alone."""
    registered = []
    monkeypatch.setattr(publish, "_providers", registered)
    broker.empty()
    yield registered
    broker.empty()


def last(slug):
    return json.loads(bus.client().get(bus.frame_key(slug)))


def test_every_board_is_set_and_published(providers):
    publish.register(lambda now: [("one", {"n": 1}), ("two", {"n": 2})])
    with bus.client().pubsub(ignore_subscribe_messages=True) as heard:
        heard.psubscribe(bus.board_channel("*"))
        heard.get_message(timeout=1)
        assert Publisher(bus.client()).publish(NINE) == 2
        news = [heard.get_message(timeout=1) for _ in range(2)]
    assert last("one") == {"n": 1, "as_of": "2026-05-04T09:00:00+00:00", "seq": 1777885200000}
    assert [json.loads(one["data"]) for one in news] == [last("one"), last("two")]
    assert 0 < bus.client().ttl(bus.frame_key("one")) <= 86_400


def test_numbers_rise_within_a_millisecond_and_over_a_restart(providers):
    publish.register(lambda now: [("one", {})])
    first = Publisher(bus.client())
    seen = []
    for publisher, moment in (
        (first, NINE),
        (first, NINE),
        (first, NINE - timedelta(seconds=1)),  # the clock was set back
        (Publisher(bus.client()), NINE + timedelta(seconds=2)),
    ):
        publisher.publish(moment)
        seen.append(last("one")["seq"])
    assert seen == sorted(set(seen))


def test_a_provider_is_registered_once(providers):
    def provider(now):
        return []

    publish.register(provider)
    publish.register(provider)
    assert providers == [provider]


def test_a_provider_that_fails_is_told_once_and_stops_no_other(providers, caplog):
    broken = True

    def sometimes(now):
        if broken:
            raise LookupError("no such cell")
        yield "two", {"n": 2}

    publish.register(sometimes)
    publish.register(lambda now: [("one", {"n": 1})])
    publisher = Publisher(bus.client())
    assert [publisher.publish(NINE) for _ in range(3)] == [1, 1, 1]
    assert len(caplog.records) == 1
    broken = False
    assert publisher.publish(NINE) == 2
    broken = True
    publisher.publish(NINE)
    assert len(caplog.records) == 2  # it had worked in between


def test_the_database_being_away_is_no_fault_of_the_provider(providers):
    def away(now):
        raise OperationalError("gone")

    publish.register(away)
    with pytest.raises(OperationalError):
        Publisher(bus.client()).publish(NINE)


def test_what_is_drawn_first_does_not_wait_for_the_rest(providers, monkeypatch):
    monkeypatch.setattr(publish, "TOGETHER_SECONDS", 0)
    seen = []

    def slowly(now):
        yield "one", {"n": 1}
        seen.append(last("one")["n"])
        yield "two", {"n": 2}

    publish.register(slowly)
    assert Publisher(bus.client()).publish(NINE) == 2
    assert seen == [1]
