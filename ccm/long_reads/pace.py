"""How long whoever asks waits for rows: a page little, a worker as long as it takes."""

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.utils import timezone
from redis.exceptions import RedisError

from ccm import database
from ccm.models import User

log = logging.getLogger(__name__)

KEPT_SECONDS = 600
# A read is begun even where the rest of a page has taken its time.
LEAST_MS = 250

Rows = list[tuple[Any, ...]]
Values = Mapping[str, Any] | Sequence[Any]


class TakesLong(Exception):
    """A read that its page does not wait for."""


@dataclass
class _Hurried:
    """A page's pace."""

    request: HttpRequest
    until: float
    """Of time.monotonic: when its reads are ended."""
    kept_since: datetime | None = None
    """When the oldest of the rows were read that it found kept."""
    asked_at: datetime | None = None
    is_of_kept: bool = False
    """Whether `asked_at` is when it was asked for first, as a worker has done it over."""

    def rows(self, sql: str, values: Values) -> Rows:
        self.moment()
        if (rows := self._rows_kept(sql, values)) is not None:
            return rows
        left = max(LEAST_MS, int((self.until - time.monotonic()) * 1000))
        try:
            return _read(_limited(left, sql), values)
        except OperationalError as fault:
            if database.was_ended(fault):
                raise TakesLong from fault
            raise

    def beside(self, sql: str, values: Values) -> Rows:
        rows = self._rows_kept(sql, values)
        return _read(sql, values) if rows is None else rows

    def moment(self) -> datetime:
        if self.asked_at is None:
            kept = _moment_of(self.request)
            self.is_of_kept = kept is not None
            self.asked_at = kept or timezone.now()
        return self.asked_at

    def _rows_kept(self, sql: str, values: Values) -> Rows | None:
        kept = _kept(_key(sql, values)) if self.is_of_kept else None
        if kept is None:
            return None
        read_at, rows = kept
        self.kept_since = min(read_at, self.kept_since or read_at)
        return rows


@dataclass
class _Rehearsed:
    """A worker's pace, who does the request of somebody over."""

    user: User
    asked_at: datetime
    say: Callable[[int], None]
    """Told how many reads are done."""
    keys: list[str] = field(default_factory=list)
    done: int = 0

    def rows(self, sql: str, values: Values) -> Rows:
        rows = self._keeping(_limited(settings.FILE_SECONDS * 1000, sql), sql, values)
        self.done += 1
        self.say(self.done)
        return rows

    def beside(self, sql: str, values: Values) -> Rows:
        return self._keeping(sql, sql, values)

    def _keeping(self, statement: str, sql: str, values: Values) -> Rows:
        rows = _read(statement, values)
        key = _key(sql, values)
        cache.set(key, (timezone.now(), rows), KEPT_SECONDS)
        self.keys.append(key)
        return rows


_pace: ContextVar[_Hurried | _Rehearsed | None] = ContextVar("pace", default=None)


def rows(sql: str, values: Values) -> Rows:
    """What a statement that reads calls gives.

    Raises TakesLong for a page that has waited `ANSWER_SECONDS`.
    """
    pace = _pace.get()
    return _read(sql, values) if pace is None else pace.rows(sql, values)


def beside(sql: str, values: Values) -> Rows:
    """What a statement gives that is answered at once. Of an answer that a worker has read it is
    what the worker saw, so that all of it is of one moment."""
    pace = _pace.get()
    return _read(sql, values) if pace is None else pace.beside(sql, values)


@contextmanager
def hurried(request: HttpRequest) -> Iterator[None]:
    """The pace of a request that only reads; that of a worker who does it over stays as it is."""
    reads = request.method in ("GET", "HEAD")
    if not settings.ANSWER_SECONDS or not reads or _pace.get() is not None:
        yield
        return
    token = _pace.set(_Hurried(request, time.monotonic() + settings.ANSWER_SECONDS))
    try:
        yield
    finally:
        _pace.reset(token)


@contextmanager
def rehearsing(user: User, asked_at: datetime, say: Callable[[int], None]) -> Iterator[list[str]]:
    """The pace of a worker who does over what `user` asked for; gives the keys of what is kept."""
    pace = _Rehearsed(user, asked_at, say)
    token = _pace.set(pace)
    try:
        yield pace.keys
    finally:
        _pace.reset(token)


def who_rehearses() -> User | None:
    """Whose request a worker does over; None: nobody's, it is the reader's own."""
    pace = _pace.get()
    return pace.user if isinstance(pace, _Rehearsed) else None


def is_rehearsal() -> bool:
    """Whether nobody is to get the answer: what was sent is not to be noted."""
    return who_rehearses() is not None


def asked_at() -> datetime:
    """The moment that an answer is of: now, or, of one that a worker has done over, when it was
    asked for first. A day that is not over is cut at it, so it must be the same both times."""
    pace = _pace.get()
    if pace is None:
        return timezone.now()
    return pace.moment() if isinstance(pace, _Hurried) else pace.asked_at


def kept_since() -> datetime | None:
    """When the rows were read that a page was answered from; None: it read them itself."""
    pace = _pace.get()
    return pace.kept_since if isinstance(pace, _Hurried) else None


# What is kept


def keep_moment(user: int, address: str, moment: datetime) -> None:
    """Have what was asked for at a moment be answered as of it, as long as its rows are kept."""
    cache.set(_moment_key(user, address), moment, KEPT_SECONDS)


def forget(user: int, address: str, keys: list[str]) -> None:
    """Have what was asked for be read anew."""
    cache.delete_many([_moment_key(user, address), *keys])


def _moment_of(request: HttpRequest) -> datetime | None:
    user = getattr(request, "user", None)
    found: datetime | None = _get(_moment_key(getattr(user, "pk", None), request.get_full_path()))
    return found


# What an address says of how an answer is shown: its order, its pages, as which file.
_SHOWN = re.compile(r"(export|rows|saved|(t\d+-)?(sort|page))(=|$)")


def _moment_key(user: int | None, address: str) -> str:
    path, _question, query = address.partition("?")
    asked = "&".join(one for one in query.split("&") if not _SHOWN.match(one))
    return f"asked:{user}:{hashlib.sha256(f'{path}?{asked}'.encode()).hexdigest()}"


def _kept(key: str) -> tuple[datetime, Rows] | None:
    found: tuple[datetime, Rows] | None = _get(key)
    return found


def _get(key: str) -> Any:
    try:
        return cache.get(key)
    except RedisError:
        log.warning("what is kept of long reads cannot be looked at: the broker is away")
        return None


def _key(sql: str, values: Values) -> str:
    said = repr((sql, sorted(values.items()) if isinstance(values, Mapping) else values))
    return f"rows:{hashlib.sha256(said.encode()).hexdigest()}"


def _limited(milliseconds: int, sql: str) -> str:
    """A statement that the database ends after so long; 0: never."""
    return f"SET LOCAL statement_timeout = {milliseconds}; {sql}"


def _read(sql: str, values: Values) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
