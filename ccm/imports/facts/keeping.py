"""Facts kept as rows: made, corrected, or known already. The one place that writes them."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from ccm.imports.facts.references import Unfit
from ccm.imports.facts.told import Told
from ccm.imports.storing import journal
from ccm.imports.storing.target import Fates
from ccm.models import Sale


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact of a line as a row: which row it is (`key`) and what it is to say, by attribute.

    Null says nothing, but of an attribute that is `cleared`: there is none any more.
    """

    line: int
    key: Hashable
    values: dict[str, Any]
    cleared: frozenset[str] = frozenset()


# Columns that are not called as the attribute that they tell.
_COLUMNS = {
    "first_on": "first",
    "last_on": "last",
    "sold_on": "day",
    "queue_id": "queue",
    "agent_id": "agent",
    "call_id": "call_ref",
    "minutes": "paid_hours",
}
Refuse = Callable[[int, Unfit], None]


def keep(
    model: type[Any],
    there: Iterable[models.Model],
    key_of: Callable[[Any], Hashable],
    wanted: Iterable[Wanted],
    told: Told,
    fates: Fates,
    refuse: Refuse,
    fits: Callable[[Wanted], None] = lambda _one: None,
) -> None:
    """Make the rows that are not `there` yet and correct those that say something else.

    What a correction does not tell (null) stays as it is. Of two lines that tell different things
    of one row the first stands and the other is refused: which is right cannot be known. `fits` is
    asked of what is about to be written, and raises Unfit for what contradicts other rows.
    """
    wanted = list(wanted)
    columns = _COLUMNS | ({"value": "sale_value"} if model is Sale else {})
    known = {key_of(row): row for row in there}
    told.recall(model, {known[one.key].pk for one in wanted if one.key in known})
    made: list[Any] = []
    changed: dict[int, Any] = {}
    fields: set[str] = set()
    for one in wanted:
        row = known.get(one.key)
        try:
            again = row is not None and told.again(row, one.values, columns)
            differing = {} if row is None or again else differences(row, one.values, one.cleared)
            if row is None or differing:
                fits(one)
        except Unfit as unfit:
            refuse(one.line, unfit)
            continue
        if row is None:
            row = known[one.key] = model(**one.values, batch_id=told.batch_id)
            made.append(row)
            fates.stored += 1
        elif not differing:
            fates.duplicate += 1
        else:
            for name, value in differing.items():
                setattr(row, name, value)
            changed[row.pk] = row
            fields |= differing.keys()
            fates.updated += 1
        told.remember(row, one.values, one.line)
    model._default_manager.bulk_create(made, batch_size=2_000)
    if changed:
        note_changing(model, told.batch_id, [*changed])
        model._default_manager.bulk_update(changed.values(), sorted(fields), batch_size=500)


def differences(
    row: Any, values: dict[str, Any], cleared: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """What of these values is told (not null, or cleared) and is not what the row says."""
    return {
        name: value
        for name, value in values.items()
        if (value is not None or name in cleared) and getattr(row, name) != value
    }


def note_changing(model: type[models.Model], batch_id: int | None, rows: list[int]) -> None:
    """Note rows as they are, before an import changes them, so that it can be taken back."""
    table = model._meta.db_table
    note = journal.note_named if table in journal.NAMED else journal.note_found
    with connection.cursor() as cursor:
        note(cursor, table, batch_id, rows)


def note_made(model: type[models.Model], batch_id: int | None, rows: list[int]) -> None:
    """Note names that an import made."""
    with connection.cursor() as cursor:
        journal.note_made(cursor, model._meta.db_table, batch_id, rows)
