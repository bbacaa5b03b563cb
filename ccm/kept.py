"""A row found by its id with much beside it, by a statement that is put together once and planned
once by each connection.

What finds the user of a request counts whatever the sidebar shows: eighteen thousand characters of
SQL, which took forty times as long to write and to plan as to answer, each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from django.db import OperationalError, connection
from django.db.models import BigIntegerField, Expression, Field, Model, QuerySet
from psycopg2.errors import InvalidSqlStatementName  # type: ignore[import-untyped]
from psycopg2.extensions import adapt, register_adapter  # type: ignore[import-untyped]

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class _Later:
    """A parameter whose value is asked for when its statement is run."""

    value: Callable[[], date]


register_adapter(_Later, lambda later: adapt(later.value()))


class Late(Expression):
    """A value that is found when the statement is run and not when it is put together: a moment or
    a day that depends on now."""

    def __init__(self, value: Callable[[], date], output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)
        self._value = _Later(value)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self._value,)


class _Id(Expression):
    """The id that is asked for."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (_ASKED,)


_ASKED = object()
_numbers = count(1)
ID = _Id(output_field=BigIntegerField())
"""Stands in the queryset for the id that `Kept.get` is asked with."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """As the compiler has made it: which columns are the model's and which are annotations."""

    name: str
    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, Any]
    columns: slice
    names: list[str]
    annotations: dict[str, int]


class Kept(Generic[Row]):
    """Rows of `make`, whose queryset holds `ID`; what depends on now must be `Late` in it."""

    def __init__(self, make: Callable[[], QuerySet[Row]]) -> None:
        self._make = make
        self._known: _Statement | None = None
        self._planned: WeakSet[Any] = WeakSet()
        self._model: type[Row] | None = None

    def forget(self) -> None:
        """Have the statement put together anew."""
        self._known = None
        self._planned = WeakSet()

    def get(self, pk: int) -> Row | None:
        """The row, with its annotations as attributes; None: there is none of that id."""
        made = self._known or self._put_together()
        parameters = [pk if one is _ASKED else one for one in made.parameters]
        with connection.cursor() as cursor:
            self._plan(made)
            marks = ", ".join(["%s"] * len(parameters))
            try:
                cursor.execute(f"EXECUTE {made.name} ({marks})", parameters)
            except OperationalError as failed:
                forgotten = isinstance(failed.__cause__, InvalidSqlStatementName)
                if not forgotten or connection.in_atomic_block:
                    raise
                # Something between us and the server gave the connection to others meanwhile.
                self._planned.discard(connection.connection)
                cursor.execute(made.sql, parameters)
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for place, (converters, expression) in made.converters.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        assert self._model is not None
        one = self._model.from_db(connection.alias, made.names, row[made.columns])
        for name, place in made.annotations.items():
            setattr(one, name, row[place])
        return one

    def _plan(self, made: _Statement) -> None:
        """Have this connection know the statement. It forgets it when it is closed, not where a
        transaction ends."""
        there = connection.connection
        if there in self._planned:
            return
        *said, last = made.sql.split("%s")
        numbered = "".join(f"{words}${place}" for place, words in enumerate(said, 1)) + last
        with connection.wrap_database_errors, there.cursor() as cursor:
            cursor.execute(f"PREPARE {made.name} AS {numbered.replace('%%', '%')}")
        self._planned.add(there)

    def _put_together(self) -> _Statement:
        rows = self._make()
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if any(isinstance(one, date) for one in parameters):
            raise ValueError("a day or moment of now would be kept with the statement: use Late")
        assert compiler.select is not None
        assert compiler.klass_info is not None
        own = compiler.klass_info["select_fields"]
        columns = slice(own[0], own[-1] + 1)
        self._model = rows.model
        self._known = _Statement(
            f"kept_{next(_numbers)}",
            sql,
            tuple(parameters),
            compiler.get_converters([one[0] for one in compiler.select]),
            columns,
            [one[0].target.attname for one in compiler.select[columns]],
            dict(compiler.annotation_col_map),
        )
        return self._known
