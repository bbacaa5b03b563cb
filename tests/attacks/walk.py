"""Requests of one person, each taken back, and what is to be seen of each: what it answered, which
words of others are in it, and what it changed of theirs."""

import io
import re
import traceback
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection, models, transaction
from django.db.models import Model
from django.test import Client
from psycopg2 import sql

from ccm.models import User
from tests.attacks.marks import FOUND, kept

# Not what is locked FOR UPDATE OF a table.
_WRITES = re.compile(r'\b(?:INSERT INTO|UPDATE(?! OF)|DELETE FROM|COPY)\s+"?(\w+)', re.IGNORECASE)

# Written wherever somebody signs in or looks.
_OWN = {"django_session", "ccm_user", "ccm_browsersession"}
_KNOWN = ("get", "head", "post", "put", "patch", "delete", "options")


@dataclass
class Answer:
    """What came of a request. `fault` is what the program raised, `marks` are words of others."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    marks: set[bytes] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    fault: str = ""

    @property
    def wrote(self) -> bool:
        """Whether it changed anything."""
        return bool(self.tables)


class Theirs:
    """The rows of somebody else, as they are and as others point at them."""

    def __init__(self, rows: dict[type[Model], list[Any]]) -> None:
        self.rows = rows
        self.tables = {model._meta.db_table: model for model in kept()}
        self._known: dict[str, tuple[Any, ...]] = {}

    def look(self, tables: set[str] | None = None) -> None:
        """Know how tables are now."""
        for name in self.tables if tables is None else tables & set(self.tables):
            self._known[name] = self._state(name)

    def changed(self, tables: set[str]) -> set[str]:
        """The tables among these in which their rows, or what points at them, are not as known."""
        ours = tables & set(self.tables)
        return {name for name in ours if self._known[name] != self._state(name)}

    def _state(self, table: str) -> tuple[Any, ...]:
        model = self.tables[table]
        parts, values = [sql.SQL("SELECT 0")], []
        name = sql.Identifier(table)
        if keys := self.rows.get(model):
            column = sql.Identifier(model._meta.pk.column)
            parts.append(
                sql.SQL(
                    "(SELECT md5(string_agg(md5(t::text), '' ORDER BY {k})) FROM {t} AS t"
                    " WHERE {k}::text = ANY(%s))"
                ).format(k=column, t=name)
            )
            values.append([str(key) for key in keys])
        for one in model._meta.concrete_fields:
            to = self.rows.get(one.related_model) if isinstance(one, models.ForeignKey) else None
            if to:
                parts.append(
                    sql.SQL("(SELECT count(*) FROM {t} WHERE {c}::text = ANY(%s))").format(
                        t=name, c=sql.Identifier(one.column)
                    )
                )
                values.append([str(key) for key in to])
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(", ").join(parts), values)
            return tuple(cursor.fetchone())


class Person:
    """Somebody who asks, signed in once; nobody, where there is no user."""

    def __init__(self, user: User | None, theirs: Theirs | None = None, **headers: Any) -> None:
        self.client = Client(raise_request_exception=False, **headers)
        self.theirs = theirs
        self.asked = 0
        if user is not None:
            self.client.force_login(user)

    def ask(self, method: str, address: str, data: Any = None, **more: Any) -> Answer:
        """Ask, look, and take back what it did."""
        self.asked += 1
        cookies = {name: one.value for name, one in self.client.cookies.items()}
        said: set[str] = set()

        def noted(execute: Any, statement: str, *rest: Any) -> Any:
            said.update(_WRITES.findall(str(statement)))
            return execute(statement, *rest)

        with transaction.atomic(), _faults() as faults:
            with connection.execute_wrapper(noted):
                given = () if data is None else (data,)
                if method in _KNOWN:
                    response = getattr(self.client, method)(address, *given, **more)
                else:
                    response = self.client.generic(method, address, *given, **more)
                body = _body(response)
            changed = self.theirs.changed(said) if self.theirs and said else set()
            transaction.set_rollback(True)
        if said:
            cache.version += 1  # what it kept of rows that are none
        if {name: one.value for name, one in self.client.cookies.items()} != cookies:
            self.client.cookies.clear()
            self.client.cookies.load(cookies)
        told = b"".join(f"{name}: {value}\n".encode() for name, value in response.items()) + body
        # What was asked comes back in many a page, and tells nothing.
        marks = set(FOUND.findall(told)) - set(FOUND.findall(repr((address, data)).encode()))
        return Answer(
            response.status_code, body, dict(response.items()), marks, changed,
            said - _OWN, "".join(faults),
        )  # fmt: skip


@contextmanager
def _faults() -> Iterator[list[str]]:
    """What the program raises meanwhile."""
    found: list[str] = []

    def note(**_said: Any) -> None:
        found.append(traceback.format_exc())

    got_request_exception.connect(note)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)


def _body(response: Any) -> bytes:
    body: bytes = response.getvalue() if response.streaming else response.content
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    return body


def path_of(address: str) -> str:
    return urlsplit(address).path
