"""Rows of several tables in one query, for reads that need a little of many."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

Rows = Mapping[str, list[Any]]


def read(wanted: Mapping[str, QuerySet[Any]]) -> Rows:
    """The rows of each of some querysets, in its order, by its name. One query.

    They are whole rows of their models: `select_related`, annotations and `values` are not for
    here, nor fields that the database keeps in a form of its own (`Field.from_db_value`).
    """
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    names, parts, params = [], [], []
    for name, rows in wanted.items():
        try:
            sql, values = rows.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            continue
        names.append(name)
        # Of Django's own making; values go beside it.
        parts.append(f"(SELECT json_agg(row_to_json(rows))::text FROM ({sql}) AS rows)")  # noqa: S608
        params += values
    if not parts:
        return found
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        told = cursor.fetchone()
    for name, text in zip(names, told, strict=True):
        model = wanted[name].model
        found[name] = [_row(model, one) for one in json.loads(text or "[]")]
    return found


def _row(model: type[Model], said: Mapping[str, Any]) -> Model:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    values = [field.to_python(said[str(field.column)]) for field in fields]
    return model.from_db(connection.alias, names, values)
