"""What a migration may do to tables that are in use, read from its operations (CONTRIBUTING.md).

A rule that is broken is a sentence; no sentence, no fault. Not seen here: what a function of
RunPython does to small tables, and SQL that is put together when it runs.
"""

import inspect
import re
from collections.abc import Iterator, Sequence

from django.apps import apps
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from ccm.migrating import LARGE, AddPartitionedIndexConcurrently
from tests.upgrades import first, releases

APPS = ("ccm", "kpis", "scheduling", "qa", "coaching")
CONCURRENT = (AddIndexConcurrently, AddPartitionedIndexConcurrently, RemoveIndexConcurrently)
# What breaks a rule, and why it may: by the app and the name without its number.
EXCUSED = {
    "ccm.audit_sealed": "no centre had the release before it, which was kept to begin with",
}


def broken_by_project() -> dict[str, list[str]]:
    """The rules that migrations break which the first release did not have, by "app.name"."""
    had = first()
    loader = MigrationLoader(None)
    found = {}
    for (app, name), migration in loader.disk_migrations.items():
        key = f"{app}.{name}"
        if app not in APPS or key in had or re.sub(r"\.\d+_", ".", key) in EXCUSED:
            continue
        before = loader.project_state((app, name), at_end=False)
        if broken := broken_by(migration, before, releases()):
            found[key] = broken
    return found


def broken_by(
    migration: Migration, before: ProjectState | None = None, releases: Sequence[str] = ()
) -> list[str]:
    state = (before or ProjectState.from_apps(apps)).clone()
    found, made = [], set()
    for one in migration.operations:
        if isinstance(one, CONCURRENT) and migration.atomic:
            found.append(f"{one.describe()}: what is made concurrently needs `atomic = False`")
        found += _broken(one, migration, state, made, releases)
        if isinstance(one, ops.CreateModel):
            made.add(one.name_lower)
    return found


def _broken(
    one: Operation,
    migration: Migration,
    state: ProjectState,
    made: set[str],
    releases: Sequence[str],
) -> Iterator[str]:
    if isinstance(one, ops.SeparateDatabaseAndState):
        for inner in one.database_operations:
            yield from _broken(inner, migration, state, made, releases)
        return
    words = one.describe()
    app = migration.app_label
    if isinstance(one, ops.RemoveField | ops.RenameField | ops.RenameModel | ops.DeleteModel):
        if getattr(migration, "unread_since", None) not in releases:
            yield (
                f"{words}: older code still reads it while the new is rolled out. It goes a release"
                " after the code that needs it; then `unread_since` names that release"
            )
        return
    if isinstance(one, ops.RunPython | ops.RunSQL):
        yield from _broken_by_run(one, migration)
        return
    name = getattr(one, "model_name_lower", None)
    if name is None or name in made:  # a table that is new is empty
        return
    large = f"{app}_{name}" in LARGE
    if isinstance(one, ops.AddField):
        field = one.field
        if not field.null and not field.many_to_many and not _has_db_default(field):
            yield f"{words}: older code writes rows without it: null, or db_default"
        if large and (field.db_index or field.unique) and not field.many_to_many:
            yield f"{words}: its index is built while nobody writes: none, and one concurrently"
    if not large:
        return
    if type(one) is ops.AddIndex:
        yield f"{words}: nobody writes meanwhile: concurrently, of calls month by month"
    if isinstance(one, ops.AddConstraint) and not isinstance(one, AddConstraintNotValid):
        if isinstance(one.constraint, models.CheckConstraint):
            yield f"{words}: all rows are looked through: NOT VALID first, then validate"
        else:
            yield f"{words}: its index is built while nobody reads: concurrently, and then used"
    if isinstance(one, ops.AlterField):
        was = state.models[app, name].fields.get(one.name)
        if was is not None and was.null and not one.field.null:
            yield f"{words}: NOT NULL looks through all rows: a check that is validated first"
        elif was is not None and not _same_rows(was, one.field):
            yield f"{words}: every row is written anew: another column"


def _has_db_default(field: models.Field) -> bool:
    return field.has_db_default() or field.generated or field.primary_key


def _same_rows(was: models.Field, field: models.Field) -> bool:
    """Whether PostgreSQL keeps the rows as they are."""
    if isinstance(was, models.CharField) and isinstance(field, models.CharField):
        return (field.max_length or 0) >= (was.max_length or 0)
    return was.get_internal_type() == field.get_internal_type()


def _broken_by_run(one: ops.RunPython | ops.RunSQL, migration: Migration) -> Iterator[str]:
    words = one.describe()
    if isinstance(one, ops.RunPython):
        home = inspect.getsource(inspect.getmodule(one.code) or one.code)
        own = inspect.getsource(one.code)
        large = [name for name in LARGE if _named(name, own)]
        if large and not ("in_batches(" in home and not migration.atomic):
            yield f"{words}: rows of {', '.join(large)} go by `migrating.in_batches`, not `atomic`"
        return
    text = one.sql if isinstance(one.sql, str) else " ".join(map(str, one.sql))
    # What functions say is done later.
    text = re.sub(r"\$(\w*)\$.*?\$\1\$", "", text, flags=re.S)
    for name in sorted(LARGE):
        if re.search(rf"\b(UPDATE|DELETE\s+FROM)\s+(ONLY\s+)?{name}\b", text, re.I):
            yield f"{words}: rows of {name} go by `migrating.in_batches`"
        if re.search(
            rf"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*\bON\s+{name}\b", text, re.I
        ):
            yield f"{words}: an index of {name} is made concurrently"
        if re.search(rf"\bALTER\s+TABLE\s+(ONLY\s+)?{name}\b", text, re.I):
            yield f"{words}: {name} is altered by an operation, whose rule is known"


def _named(table: str, source: str) -> bool:
    """Whether a function asks for a table, or for its model."""
    _app, model = table.split("_", 1)
    return bool(re.search(rf"\b{table}\b|get_model\([^)]*['\"]{model}['\"]", source, re.I))
