"""Calls of a chunk meet the calls that are there: new, completed, or known already.

The statements here look rows up one by one through an index, by subqueries that the planner may
not turn into joins. A table just filled has no statistics, and a join planned without them can
take hours where this takes a second.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.dirty import mark_staged
from ccm.imports.storing import journal
from ccm.models import Site

# Columns of a staged call in the order of the table, and how each merges with the row that
# is already there: what is newly known wins, what was known is never lost.
_KEEP = "COALESCE(s.{0}, c.{0})"
_WORDS = "CASE WHEN s.{0} <> '' THEN s.{0} ELSE c.{0} END"
_OFFERED = """CASE WHEN s.entry_known OR NOT c.entry_known AND s.offered_at < c.offered_at
             THEN s.offered_at ELSE c.offered_at END"""
# A log repeats the wait when the call ends, at times a second off: the half that saw the agent's
# phone ring was there, so its wait and its moment of answer stand.
_SEEN = """CASE WHEN s.ring_ms IS NULL AND c.ring_ms IS NOT NULL
          THEN COALESCE(c.{0}, s.{0}) ELSE COALESCE(s.{0}, c.{0}) END"""
# Of two versions of a call, or two of its legs, the one of the greater revision tells the call
# whole: were columns mixed, it would matter which came first.
_STANDING = """CASE WHEN s.revision > c.revision THEN s.{0} WHEN s.revision < c.revision THEN c.{0}
               ELSE"""
# Two logs of one call may disagree by a second; no call is answered before it was offered.
_ANSWERED = f"CASE WHEN {_SEEN} < {_OFFERED} THEN {_OFFERED} ELSE {_SEEN} END"
_ENDED = f"""CASE WHEN COALESCE(s.{{0}}, c.{{0}}) < {_OFFERED}
             THEN {_OFFERED} ELSE COALESCE(s.{{0}}, c.{{0}}) END"""
# Who ended a call that was open when its switch started anew: that it ended is reckoned, and any
# line that tells its end knows better (`cutoffs`).
BY_RESTART = "restart"
_ENDED_BY = f"""CASE WHEN s.{{0}} <> '' THEN s.{{0}}
              WHEN s.ended_at IS NOT NULL AND c.{{0}} = '{BY_RESTART}' THEN ''
              ELSE c.{{0}} END"""
# What a person has said of a call in a note stands against whatever a log tells later.
_NOTED = "CASE WHEN '{0}' = ANY(c.noted) THEN c.{0} ELSE COALESCE(s.{0}, c.{0}) END"
_TELLING = {
    "agent_id": _KEEP,
    "agent_name": _WORDS,
    "channel": "s.{0}",
    "direction": "s.{0}",
    "caller_hash": _WORDS,
    "caller_masked": _WORDS,
    "offered_at": _OFFERED,
    "answered_at": _ANSWERED,
    "ended_at": _ENDED,
    "wrapup_ended_at": _KEEP,
    "time_precision": "s.{0}",
    "ivr_ms": _KEEP,
    "wait_ms": _SEEN,
    "ring_ms": _KEEP,
    "talk_ms": _KEEP,
    "hold_ms": _KEEP,
    "acw_ms": _KEEP,
    "outcome": "CASE WHEN s.{0} = 'in_progress' THEN c.{0} ELSE s.{0} END",
    "ended_by": _ENDED_BY,
    "transfer_kind": _WORDS,
    "transfer_target": _WORDS,
    "recording": _WORDS,
    "transcript": _WORDS,
}
_MERGED = {
    "linked_id": _WORDS,
    "site_id": "s.{0}",
    "queue_id": _KEEP,
    **_TELLING,
    "entry_known": "(s.{0} OR c.{0})",
    "topic_id": _NOTED,
    "disposition_id": _NOTED,
    "resolved": _NOTED,
    "resolvable": _NOTED,
    "consent": _KEEP,
    "sale_value": _KEEP,
    "pipeline_value": _KEEP,
    "revision": "GREATEST(s.{0}, c.{0})",
    "extra": """CASE WHEN s.{0} IS NULL THEN c.{0}
                ELSE COALESCE(c.{0}, '{{}}'::jsonb) || s.{0} END""",
}
# How a dialled call went is told whole by its last try, whichever is read first: one that ended
# before it only tells when the call began.
_OF_A_TRY = ("answered_at", "ring_ms", "talk_ms", "ended_by", "extra")
# Of two that ended in one second the last is as where one stretch tells both (`fold_outbound`).
_TRY = """(CASE {0}.outcome WHEN 'abandoned' THEN 6 WHEN 'other' THEN 5 WHEN 'busy' THEN 3
           WHEN 'failed' THEN CASE {0}.extra ->> 'exit'
               WHEN 'no_answer' THEN 4 WHEN 'congestion' THEN 2 ELSE 1 END
           ELSE 9 END, -COALESCE({0}.ring_ms, 0))"""
_LAST_TRY = "s.direction = 'outbound' AND NOT s.entry_known AND s.outcome <> 'in_progress'"
_MERGED |= {
    name: f"CASE WHEN {_LAST_TRY} THEN s.{{0}} ELSE {_MERGED[name]} END" for name in _OF_A_TRY
}
_HUSH_EARLIER_TRIES = f"""
UPDATE staged s SET outcome = 'in_progress', ended_at = NULL, ended_by = '',
    answered_at = NULL, ring_ms = NULL, talk_ms = NULL, extra = NULL
WHERE {_LAST_TRY} AND EXISTS (
    SELECT FROM ccm_call c WHERE c.id = s.id AND c.id BETWEEN %(low)s AND %(high)s
      AND (c.ended_at > s.ended_at OR c.ended_at = s.ended_at AND s.outcome <> 'answered'
          AND {_TRY.format("s")} <= {_TRY.format("c")})
    OFFSET 0
)
"""
# Where revisions are told. The legs of a call are gathered from all that tell of it, each under a
# name of its own.
_MERGED_BY_REVISION = {
    **_MERGED,
    **{name: f"{_STANDING} {rule} END" for name, rule in _TELLING.items()},
    "extra": """CASE WHEN s.{0} IS NULL THEN c.{0} ELSE
                CASE WHEN s.revision < c.revision THEN s.{0} || COALESCE(c.{0}, '{{}}'::jsonb)
                     ELSE COALESCE(c.{0}, '{{}}'::jsonb) || s.{0} END
                || CASE WHEN s.{0} ? 'legs' AND c.{0} ? 'legs'
                   THEN jsonb_build_object('legs', (c.{0} -> 'legs') || (s.{0} -> 'legs'))
                   ELSE '{{}}'::jsonb END
                END""",
}
COLUMNS = ["id", "source", "external_id", *_MERGED, "from_half", "batch_id"]
# A half is looked for among the ids of a day around it.
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class _Statements:
    """What compares staged calls with the rows that are there, and completes these."""

    drop_known: str
    classify: str
    update: str


def all_new(cursor: CursorWrapper, calls: pl.DataFrame) -> bool:
    """Whether none of these calls can meet a row that exists, so that plain COPY will do.

    No two of them are one call, none is a half, no row has such an id, and none that was made
    of a half is near.
    """
    if calls["id"].n_unique() < len(calls) or not calls["entry_known"].all():
        return False
    low, high = births(calls)
    span = [_bound(low), _bound(high + 1)]
    cursor.execute(
        "SELECT EXISTS (SELECT FROM ccm_call WHERE id >= %s AND id < %s),"
        " EXISTS (SELECT FROM ccm_call WHERE from_half AND id >= %s AND id < %s)",
        [*span, _bound(low - _DAY_MS), _bound(high + _DAY_MS)],
    )
    anything, halves = cursor.fetchone()
    if halves or not anything:
        return not halves
    # Other sources share these days: look for the very ids.
    cursor.execute(
        "SELECT EXISTS (SELECT FROM unnest(%s::uuid[]) AS mine(id) WHERE EXISTS"
        " (SELECT FROM ccm_call c WHERE c.id = mine.id AND c.id >= %s AND c.id < %s OFFSET 0))",
        [calls["id"].to_list(), *span],
    )
    return not cursor.fetchone()[0]


def none_there(cursor: CursorWrapper, table: str, ids: pl.Series) -> bool:
    """Whether no row of the table has one of these ids.

    A ring is known again by its end, though the call it is told of begins otherwise than before.
    """
    if ids.is_empty():
        return True
    cursor.execute(
        f"SELECT EXISTS (SELECT FROM {table} WHERE id BETWEEN %s AND %s)",
        [str(ids.min()), str(ids.max())],
    )
    if not cursor.fetchone()[0]:
        return True
    cursor.execute(
        "SELECT EXISTS (SELECT FROM unnest(%s::uuid[]) AS mine(id) WHERE EXISTS"
        f" (SELECT FROM {table} t WHERE t.id = mine.id OFFSET 0))",
        [ids.to_list()],
    )
    return not cursor.fetchone()[0]


def births(calls: pl.DataFrame) -> tuple[int, int]:
    """The first and the last birth of some calls, in milliseconds since 1970."""
    low, high = calls.select(
        pl.col("birth_ms").min().alias("low"), pl.col("birth_ms").max().alias("high")
    ).row(0)
    return low, high


def around(calls: pl.DataFrame) -> dict[str, str]:
    """The ids of a day around some calls, where their other halves and visits are."""
    low, high = births(calls)
    return {"low": _bound(low - _DAY_MS), "high": _bound(high + _DAY_MS), "day": "1 day"}


def _bound(birth_ms: int) -> str:
    return f"{max(0, birth_ms):012x}" + "0" * 20


def merge(cursor: CursorWrapper, calls: pl.DataFrame, site: Site) -> pl.DataFrame:
    """Insert, complete or leave alone; a frame of (place, made, id, lines, fate), one row a call.

    `place` is the call's number in the chunk, `made` the id the record would have alone, `id` the
    row it ended in. The days of what changed are marked dirty.
    """
    calls = calls.with_row_index("place")
    span = around(calls)
    cursor.execute(
        "CREATE TEMP TABLE staged (LIKE ccm_call, place integer, made uuid, lines integer,"
        " turn integer, old_offered_at timestamptz, fate text) ON COMMIT DROP"
    )
    copy_rows(
        cursor,
        "staged",
        calls.select(*COLUMNS, "place", pl.col("id").alias("made"), "lines", turn=pl.lit(1)),
    )
    statements = _PLAIN
    if calls["revision"].null_count() < len(calls):
        statements = _BY_REVISION
        cursor.execute(_DROP_OLDER, span)
    if calls["id"].n_unique() == len(calls):
        # A log read again tells mostly what is known: that is out of the way at once.
        cursor.execute(statements.drop_known, span)
    rows = _merge_staged(cursor, site, span, statements, calls["batch_id"][0])
    cursor.execute("DROP TABLE staged")
    every = calls.select(
        "place", pl.col("id").alias("made"), "id", "lines", fate=pl.lit("duplicate")
    )
    merged = pl.DataFrame(rows, schema=every.schema, orient="row")
    return pl.concat([merged, every.join(merged, on="place", how="anti")])


def _merge_staged(
    cursor: CursorWrapper,
    site: Site,
    span: dict[str, str],
    statements: _Statements,
    batch: int | None,
) -> list[tuple[int, str, str, int, str]]:
    """Write what is staged; each staged row's place, made id, id, lines and fate."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM staged), EXISTS (SELECT FROM staged WHERE NOT entry_known),"
        " EXISTS (SELECT FROM ccm_call WHERE from_half AND id BETWEEN %(low)s AND %(high)s)",
        span,
    )
    anything, brings_halves, has_halves = cursor.fetchone()
    if not anything:
        return []
    if brings_halves:
        cursor.execute(_JOIN_HALVES, span)
        cursor.execute(_HUSH_EARLIER_TRIES, span)
    if has_halves:
        cursor.execute(_MEET_HALVES, span)
    cursor.execute(_TAKE_TURNS)
    cursor.execute("SELECT max(turn) FROM staged")
    for turn in range(1, cursor.fetchone()[0] + 1):
        cursor.execute(statements.classify, span | {"turn": turn})
        cursor.execute("SELECT id FROM staged WHERE turn = %s AND fate = 'updated'", [turn])
        if updated := [str(row[0]) for row in cursor.fetchall()]:
            journal.note_found(cursor, "ccm_call", batch, updated)
            cursor.execute(statements.update, {"turn": turn, "updated": updated})
        cursor.execute(_INSERT, {"turn": turn})
    mark_staged(cursor, site, span)
    cursor.execute("SELECT place, made, id, lines, fate FROM staged")
    return [
        (place, made.hex, one.hex, lines, fate)
        for place, made, one, lines, fate in cursor.fetchall()
    ]


# The calls of a source that a staged call may be the other half of.
_SAME_CALL = """c.linked_id = s.linked_id AND c.source = s.source
      AND c.external_id = s.external_id AND c.queue_id IS NOT DISTINCT FROM s.queue_id
      AND c.id BETWEEN %(low)s AND %(high)s"""
_NEAREST = "ORDER BY abs(extract(epoch FROM c.offered_at - s.offered_at)), c.id LIMIT 1"
# A half that knows its wait knows its entry too, to a second or so. One that does not stands
# where its first event is: after its entry, and before the visit's end or in its wrap-up.
_CLOSE = "c.offered_at - s.offered_at BETWEEN interval '-5 s' AND interval '5 s'"
_EARLIER = """c.offered_at - s.offered_at BETWEEN -%(day)s::interval AND interval '5 s'
        AND (c.ended_at IS NULL OR s.wrapup_ended_at IS NOT NULL
            OR c.ended_at >= s.offered_at - interval '5 s')"""
_LATER = """c.offered_at - s.offered_at BETWEEN interval '-5 s' AND %(day)s::interval
        AND (s.ended_at IS NULL OR c.offered_at <= s.ended_at + interval '5 s')"""
_C_KNOWS, _S_KNOWS = "(c.entry_known OR c.wait_ms IS NOT NULL)", "s.wait_ms IS NOT NULL"
# A half without its entry belongs to the nearest visit of that call that it may be a part of.
_JOIN_HALVES = f"""
UPDATE staged s SET id = COALESCE((
    SELECT c.id FROM ccm_call c
    WHERE {_SAME_CALL}
      AND CASE WHEN {_C_KNOWS} AND {_S_KNOWS} THEN {_CLOSE}
          WHEN {_C_KNOWS} THEN {_EARLIER}
          WHEN {_S_KNOWS} THEN {_LATER}
          ELSE c.offered_at - s.offered_at BETWEEN -%(day)s::interval AND %(day)s::interval END
    {_NEAREST}
), s.id)
WHERE NOT s.entry_known
"""
# A visit with its entry takes over the row of a half that waited for it, and finds that row
# again: it keeps the id it was made with, which is later than its entry.
_MEET_HALVES = f"""
UPDATE staged s SET id = COALESCE((
    SELECT c.id FROM ccm_call c
    WHERE c.from_half AND {_SAME_CALL}
      AND CASE WHEN c.entry_known THEN c.offered_at = s.offered_at
          WHEN c.wait_ms IS NOT NULL THEN {_CLOSE}
          ELSE {_LATER} END
    {_NEAREST}
), s.id)
WHERE s.entry_known AND s.linked_id IN (
    SELECT linked_id FROM ccm_call WHERE from_half AND id BETWEEN %(low)s AND %(high)s
)
"""
# Two halves in one chunk may belong to one row: they take turns, entries first.
_TAKE_TURNS = """
UPDATE staged s SET turn = t.turn
FROM (
    SELECT ctid, row_number() OVER
        (PARTITION BY id ORDER BY entry_known DESC, offered_at, ctid) AS turn
    FROM staged
) AS t
WHERE t.turn > 1 AND s.ctid = t.ctid
"""
_THERE = "FROM ccm_call c WHERE c.id = s.id AND c.id BETWEEN %(low)s AND %(high)s"
# What the source itself has told anew since is not told back by an older export of it. A leg is
# no older export: it stays beside the one that tells the call.
_DROP_OLDER = f"""
DELETE FROM staged s
WHERE NOT COALESCE(s.extra ? 'legs', false)
  AND (EXISTS (SELECT {_THERE} AND c.revision > s.revision OFFSET 0)
       OR EXISTS (SELECT FROM staged n WHERE n.id = s.id AND n.revision > s.revision))
"""


def _statements(merged: dict[str, str]) -> _Statements:
    columns = {name: rule.format(name) for name, rule in merged.items()}
    changes = " OR ".join(f"c.{name} IS DISTINCT FROM ({sql})" for name, sql in columns.items())
    return _Statements(
        drop_known=f"""
DELETE FROM staged s
WHERE s.entry_known AND EXISTS (SELECT {_THERE} AND NOT ({changes}) OFFSET 0)
""",
        classify=f"""
UPDATE staged s SET (old_offered_at, fate) = (
    SELECT c.offered_at, CASE WHEN {changes} THEN 'updated' ELSE 'duplicate' END {_THERE}
)
WHERE s.turn = %(turn)s
""",
        update=f"""
UPDATE ccm_call c SET {", ".join(f"{name} = {sql}" for name, sql in columns.items())}
FROM staged s
WHERE c.id = ANY(%(updated)s::uuid[]) AND s.id = c.id
  AND s.turn = %(turn)s AND s.fate = 'updated'
""",
    )


_PLAIN, _BY_REVISION = _statements(_MERGED), _statements(_MERGED_BY_REVISION)
_INSERT = f"""
WITH new AS (
    UPDATE staged SET fate = 'stored' WHERE turn = %(turn)s AND fate IS NULL
    RETURNING {", ".join(COLUMNS)}
)
INSERT INTO ccm_call ({", ".join(COLUMNS)}) SELECT * FROM new
"""


def copy_rows(cursor: CursorWrapper, table: str, rows: pl.DataFrame) -> None:
    """COPY a frame into a table; nulls are written as an unquoted empty field."""
    if rows.is_empty():
        return
    plain = rows.with_columns(
        pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00")
        for name, kind in rows.schema.items()
        if isinstance(kind, pl.Datetime)
    )
    text = io.BytesIO()
    plain.write_csv(text, include_header=False, quote_style="non_numeric", null_value="")
    text.seek(0)
    cursor.copy_expert(
        f"COPY {table} ({', '.join(rows.columns)}) FROM STDIN (FORMAT csv, NULL '')", text
    )


def insert_or_complete(
    cursor: CursorWrapper,
    table: str,
    rows: pl.DataFrame,
    newest: dict[str, str],
    returning: Sequence[str] = ("call_id",),
    key: Sequence[str] = ("id",),
) -> dict[tuple[Any, ...], str]:
    """Insert rows, or give those that are there the `newest` of each column where that differs.

    `newest` is SQL on the row that is there, t, and the new one, n, which have one `key`. The rows
    are of one import, which is in their `batch_id`, or of none. The fate, "stored" or "updated",
    of all that changed, by the columns `returning`.
    """
    if rows.is_empty():
        return {}
    columns = ", ".join(rows.columns)
    same = " AND ".join(f"t.{name} = n.{name}" for name in key)
    differs = " OR ".join(f"t.{name} IS DISTINCT FROM {sql}" for name, sql in newest.items())
    cursor.execute(
        f"CREATE TEMP TABLE staged_rows ON COMMIT DROP AS SELECT {columns} FROM {table}"
        " WITH NO DATA"
    )
    copy_rows(cursor, "staged_rows", rows)
    # What is known is left untouched: ON CONFLICT would lock, and so write, each row of it.
    cursor.execute(
        f"DELETE FROM staged_rows n WHERE EXISTS"
        f" (SELECT FROM {table} t WHERE {same} AND NOT ({differs}) OFFSET 0)"
    )
    cursor.execute(f"SELECT (SELECT t.id FROM {table} t WHERE {same} OFFSET 0) FROM staged_rows n")
    found = [str(row[0]) for row in cursor.fetchall() if row[0] is not None]
    journal.note_found(cursor, table, rows["batch_id"][0], found)
    setting = ", ".join(
        f"{name} = {sql.replace('n.', 'excluded.')}" for name, sql in newest.items()
    )
    cursor.execute(
        f"INSERT INTO {table} AS t ({columns}) SELECT {columns} FROM staged_rows"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {setting}"
        # Who locked a row before it is nobody where the row is new.
        f" RETURNING {', '.join(returning)}, CASE WHEN xmax = 0 THEN 'stored' ELSE 'updated' END"
    )
    changed = {tuple(told): fate for *told, fate in cursor.fetchall()}
    cursor.execute("DROP TABLE staged_rows")
    return changed
