"""What the cache keeps, as JSON: whoever may write to Redis writes values and no code.

Django's own way is pickle, by which a value that is read does whatever its writer wants. Here a
value is one of those that answers are made of: text, numbers, moments, ids, bytes, and lists,
tuples and dictionaries of these. Objects of classes are taken apart by who keeps them.
"""

import base64
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any
from uuid import UUID

from django.core.cache.backends.redis import RedisCache

_AS_THEY_ARE = frozenset({str, int, float, bool, NoneType})

# A value that JSON does not know is an object with one member, which says what it is.
_WRITTEN: dict[type, tuple[str, Callable[[Any], Any]]] = {
    tuple: ("tuple", lambda value: [_plain(one) for one in value]),
    dict: ("dict", lambda value: [[_plain(key), _plain(one)] for key, one in value.items()]),
    datetime: ("datetime", datetime.isoformat),
    date: ("date", date.isoformat),
    time: ("time", time.isoformat),
    timedelta: ("span", lambda value: [value.days, value.seconds, value.microseconds]),
    Decimal: ("decimal", str),
    UUID: ("uuid", str),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode("ascii")),
    memoryview: ("bytes", lambda value: base64.b64encode(value).decode("ascii")),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "dict": dict,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "span": lambda parts: timedelta(*parts),
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": base64.b64decode,
}


class Unreadable(ValueError):
    """What was found is nothing that was kept here."""


class Serializer:
    """How Django's cache for Redis writes and reads values."""

    def dumps(self, value: Any) -> int | str:
        """Raises TypeError for a value that is not one of those above."""
        # Redis itself adds to whole numbers.
        return value if type(value) is int else json.dumps(_plain(value), separators=(",", ":"))

    def loads(self, data: bytes) -> Any:
        """Raises Unreadable."""
        try:
            return json.loads(data, object_hook=_of)
        # What breaks while it is read is as hostile as what is no JSON; RecursionError is none.
        except (ValueError, TypeError, ArithmeticError, RecursionError) as broken:
            raise Unreadable(type(broken).__name__) from None


class Cache(RedisCache):
    """Django's, to which what cannot be read is not there."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except Unreadable:
            return default

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        wanted = list(keys)
        try:
            return super().get_many(wanted, version)
        except Unreadable:
            missing = object()
            each = {key: self.get(key, missing, version) for key in wanted}
            return {key: value for key, value in each.items() if value is not missing}


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is list:
        return [_plain(one) for one in value]
    if kind in _WRITTEN:
        name, write = _WRITTEN[kind]
        return {name: write(value)}
    # Numbers and words of a closed list of them are what they are made of.
    for made_of in (str, int, float):
        if isinstance(value, made_of):
            return made_of(value)
    raise TypeError(f"{kind.__name__} is not kept: take it apart")


def _of(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        raise Unreadable
    [(name, value)] = found.items()
    if name not in _READ:
        raise Unreadable
    return _READ[name](value)
