"""What the cache keeps comes back as it was; what somebody else wrote there runs nothing."""

import os
import pickle
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from django.core.cache import cache
from kombu.exceptions import ContentDisallowed
from kombu.serialization import dumps, loads

from ccm.caching import Serializer, Unreadable
from ccm.celery import app


class Word(StrEnum):
    ONE = "one"


class Number(IntEnum):
    TWO = 2


@pytest.mark.parametrize(
    "value",
    [
        None, True, False, 0, -7, 2**80, 1.5, 0.1 + 0.2, "", "é \" \\ \0", [], [1, [2, "three"]],
        (), (1, (2,)), {}, {"a": 1, 2: "b", (3, None): [4]}, {"tuple": [1]},
        datetime(2026, 3, 2, 9, 0, 0, 7, tzinfo=UTC), datetime(2026, 3, 2, 9), date(2026, 3, 2),
        time(9, 30), timedelta(days=-1, seconds=3, microseconds=5), Decimal("1.50"), Decimal("NaN"),
        UUID(int=7), b"\x00\xff",
        (datetime(2026, 3, 2, tzinfo=UTC), [(1, Decimal("0.3"), None), (2, "x", date(2026, 1, 1))]),
    ],
)  # fmt: skip
def test_what_is_kept_comes_back_as_it_was(value):
    cache.set("kept", value, 60)
    found = cache.get("kept")
    assert repr(found) == repr(value)
    assert type(found) is type(value)


@pytest.mark.parametrize(("value", "expected"), [(Word.ONE, "one"), (Number.TWO, 2)])
def test_a_word_of_a_list_comes_back_as_what_it_is_made_of(value, expected):
    cache.set("kept", [value], 60)
    assert cache.get("kept") == [expected]


@pytest.mark.parametrize("value", [object(), {1, 2}, os.system, 1j])
def test_what_is_no_such_value_is_not_kept(value):
    with pytest.raises(TypeError, match="is not kept"):
        cache.set("kept", value, 60)


def test_redis_itself_counts_on_whole_numbers():
    cache.set("many", 1, 60)
    assert cache.incr("many") == 2
    assert cache.get("many") == 2


class Planted:
    """Its reading by pickle would leave a mark."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return (os.mkdir, (self.folder,))


def plant(name, data):
    """Write to the key of a value as whoever reaches Redis may."""
    cache._cache.get_client(None, write=True).set(cache.make_key(name), data)


def test_a_pickle_that_somebody_plants_is_not_read(tmp_path):
    folder = str(tmp_path / "ran")
    data = pickle.dumps(Planted(folder))
    plant("rows:planted", data)
    cache.set("beside", (1,), 60)
    assert cache.get("rows:planted") is None
    assert cache.get("rows:planted", "nothing") == "nothing"
    assert cache.get_many(["rows:planted", "beside", "none"]) == {"beside": (1,)}
    assert not os.path.exists(folder)
    # It would have run.
    pickle.loads(data)
    assert os.path.exists(folder)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x80", b"{", b'{"a":1}', b'{"tuple":1,"list":2}', b'{"tuple":3}', b'{"dict":[1]}',
        b'{"dict":[[[],1]]}', b'{"datetime":"tomorrow"}', b'{"datetime":1}', b'{"span":[1e99]}',
        b'{"decimal":"x"}', b'{"uuid":"x"}', b'{"bytes":"x"}', b"[" * 100_000, b"9" * 10_000,
    ],
)  # fmt: skip
def test_what_is_broken_is_not_there(data):
    with pytest.raises(Unreadable):
        Serializer().loads(data)
    plant("broken", data)
    assert cache.get("broken") is None


def test_workers_take_no_task_that_is_a_pickle(tmp_path):
    assert app.conf.task_serializer == app.conf.result_serializer == "json"
    assert app.conf.accept_content == app.conf.result_accept_content == ["json"]
    kind, encoding, data = dumps([Planted(str(tmp_path / "ran"))], serializer="pickle")
    with pytest.raises(ContentDisallowed):
        loads(data, kind, encoding, accept=app.conf.accept_content)
    assert not (tmp_path / "ran").exists()
