"""Notes what an import finds in a row before it changes it, so that it can be taken back whole.

Only imports are noted, each row once an import; what an import made itself needs no note, for it
just goes. So a fresh log notes nothing but the names it made. `ccm.imports.undo` reads the notes.

What a post or a live event tells is taken back by nobody: a row that it changes is no import's from
then on (`let_go`), and a call that a ring or an answer of its hangs on stays (`hold`).
"""

from collections.abc import Collection
from typing import Any

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import JSONField, Value

from ccm.models import Agent, Channel, ImportChange

# The tables an import writes, what their keys are, in the order in which rows hang on others:
# what hangs on a call comes before the calls.
KEYS = {
    "ccm_offer": "uuid",
    "ccm_surveyresponse": "uuid",
    "ccm_agentstate": "bigint",
    "ccm_intervalcount": "bigint",
    "ccm_cutoff": "bigint",
    "ccm_sale": "bigint",
    "ccm_cost": "bigint",
    "ccm_target": "bigint",
    "ccm_headcount": "bigint",
    "ccm_leave": "bigint",
    "ccm_paidtime": "bigint",
    "ccm_teammembership": "bigint",
    "ccm_teamlead": "bigint",
    "ccm_call": "uuid",
}
# Names that a list completes or corrects. They carry no mark of the import that made them.
NAMED = {"ccm_agent": "bigint", "ccm_team": "bigint", "ccm_queue": "bigint"}
# What lists tell of names, as it is of one that only logs tell of.
UNTOLD: dict[str, dict[str, Any]] = {
    "ccm_agent": {
        "employee_id": "",
        "user_id": None,
        "skills": [],
        "contract_hours": None,
        "hired_on": None,
        "left_on": None,
        "left_reason": "",
    },
    "ccm_queue": {"channel": Channel.VOICE.value, "hours": {}},
}


def note_found(
    cursor: CursorWrapper, table: str, batch: int | None, rows: Collection[str | int]
) -> None:
    """Note these rows as they are now, but those that the import made or noted before.

    Where it is no import that changes them, they are let go by those that did.
    """
    if not rows:
        return
    if batch is None:
        let_go(cursor, table, rows)
        return
    cursor.execute(
        f"INSERT INTO ccm_importchange (batch_id, relation, row, owner, before)"
        f" SELECT %(batch)s, %(table)s, t.id::text, t.batch_id, to_jsonb(t) FROM {table} t"
        f" WHERE t.id = ANY(%(rows)s::{KEYS[table]}[]) AND t.batch_id IS DISTINCT FROM %(batch)s"
        " ON CONFLICT (batch_id, relation, row) DO NOTHING",
        {"batch": batch, "table": table, "rows": list(rows)},
    )


def note_hung(cursor: CursorWrapper, batch: int | None, calls: Collection[str]) -> None:
    """Calls that have something more hanging on them go after it, or stay with it."""
    if batch is None:
        hold(cursor, "ccm_call", calls)
    else:
        note_found(cursor, "ccm_call", batch, calls)


def let_go(cursor: CursorWrapper, table: str, rows: Collection[str | int]) -> None:
    """Leave these rows to whoever changes them now: taking an import back does nothing to them."""
    hold(cursor, table, rows)
    cursor.execute(
        f"DELETE FROM ccm_importchange WHERE relation = %s AND before IS NOT NULL"
        f" AND row IN (SELECT one::text FROM unnest(%s::{KEYS[table]}[]) AS one)",
        [table, list(rows)],
    )


def hold(cursor: CursorWrapper, table: str, rows: Collection[str | int]) -> None:
    """Have these rows stay when the import that made them is taken back; what another changed in
    them is put back all the same."""
    kind = KEYS[table]
    cursor.execute(
        f"UPDATE {table} SET batch_id = NULL WHERE id = ANY(%s::{kind}[]) AND batch_id IS NOT NULL",
        [list(rows)],
    )
    cursor.execute(
        "UPDATE ccm_importchange SET owner = NULL WHERE relation = %s AND owner IS NOT NULL"
        f" AND row IN (SELECT one::text FROM unnest(%s::{kind}[]) AS one)",
        [table, list(rows)],
    )


def note_made(cursor: CursorWrapper, table: str, batch: int | None, rows: Collection[int]) -> None:
    """Note names that the import made: they carry no mark of it themselves."""
    if batch is None or not rows:
        return
    cursor.execute(
        "INSERT INTO ccm_importchange (batch_id, relation, row)"
        " SELECT %s, %s, made::text FROM unnest(%s::bigint[]) AS made"
        " ON CONFLICT (batch_id, relation, row) DO NOTHING",
        [batch, table, list(rows)],
    )


def note_named(cursor: CursorWrapper, table: str, batch: int | None, rows: Collection[int]) -> None:
    """Note these names as they are now, but those that the import made or noted before."""
    if batch is None or not rows:
        return
    cursor.execute(
        f"INSERT INTO ccm_importchange (batch_id, relation, row, owner, before)"
        f" SELECT %(batch)s, %(table)s, t.id::text, m.batch_id, to_jsonb(t) FROM {table} t"
        "  LEFT JOIN ccm_importchange m ON m.relation = %(table)s AND m.row = t.id::text"
        "   AND m.before IS NULL"
        " WHERE t.id = ANY(%(rows)s::bigint[])"
        " ON CONFLICT (batch_id, relation, row) DO NOTHING",
        {"batch": batch, "table": table, "rows": list(rows)},
    )


def make_own(row: models.Model) -> None:
    """Have a row that a person has just written be that person's: taking back an import that made
    or changed it leaves it as it is from now on."""
    table = row._meta.db_table
    ImportChange.objects.filter(relation=table, row=str(row.pk)).delete()
    if table in KEYS:
        type(row)._default_manager.filter(pk=row.pk).update(batch=None)


def make_name_own(agent: Agent) -> None:
    """Have the name that a person has just given an agent be that person's: taking imports back
    leaves the agent and the name, but what else they told of it returns."""
    table = agent._meta.db_table
    notes = ImportChange.objects.filter(relation=table, row=str(agent.pk))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ccm_importchange SET before = before - %s::text[]"
            " WHERE relation = %s AND row = %s AND before IS NOT NULL",
            [["name", "is_new"], table, str(agent.pk)],
        )
    notes.filter(before__isnull=True).update(before=Value(UNTOLD[table], JSONField()))
