"""Migrations that begin an app: its tables in one piece."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


def table(
    name: str,
    columns: Mapping[str, models.Field],
    by: type[CreateModel] = CreateModel,
    managers: list[tuple[str, models.Manager]] | None = None,
    **options: Any,
) -> CreateModel:
    """A model and its table. Rows have numbers unless a column says that it is their key; `options`
    are those of the model's Meta."""
    fields = list(columns.items())
    if not any(column.primary_key for column in columns.values()):
        number = models.BigAutoField(
            auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
        )
        fields.insert(0, ("id", number))
    return by(name, fields, options=options, managers=managers)


class CreateTables(Operation):
    """Many tables at once, which may name each other in any order.

    Made one by one, each has Django draw all models anew that hang together with it, which are
    nearly all: of a first start that was a minute.
    """

    def __init__(self, tables: list[CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # Drawn once, when they are next asked for.
        state.__dict__.pop("apps", None)
        for one in self.tables:
            one.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for one in self.tables:
            one.database_forwards(app_label, schema_editor, from_state, to_state)
        # References between them, which would wait for the end: nothing is left to be done after
        # it, so the migration is written down in the transaction that makes the tables.
        while schema_editor.deferred_sql:
            schema_editor.execute(schema_editor.deferred_sql.pop(0))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for one in reversed(self.tables):
            one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.tables)} tables"

    @property
    def migration_name_fragment(self) -> str:
        return "tables"
