"""Writes what a format read: a chunk of records becomes rows, and the days it touched are marked.

The same chunk written twice is written once. A visit whose other half is already here, cut off
by a file's or a chunk's edge or posted live, completes that row instead of making a second.
One transaction writes a chunk; one lock a source keeps two writers of a source apart.
"""

import io
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from ccm import partitions
from ccm.callers import caller_hash, caller_masked
from ccm.identity import made_id
from ccm.imports import names
from ccm.imports.records import Chunk
from ccm.imports.spells import store_spells
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
# Two logs of one call may disagree by a second; no call is answered before it was offered.
_ANSWERED = f"CASE WHEN {_SEEN} < {_OFFERED} THEN {_OFFERED} ELSE {_SEEN} END"
_ENDED = f"""CASE WHEN COALESCE(s.{{0}}, c.{{0}}) < {_OFFERED}
             THEN {_OFFERED} ELSE COALESCE(s.{{0}}, c.{{0}}) END"""
_MERGED = {
    "linked_id": _WORDS,
    "site_id": "s.{0}",
    "queue_id": _KEEP,
    "agent_id": _KEEP,
    "topic_id": _KEEP,
    "channel": "s.{0}",
    "direction": "s.{0}",
    "caller_hash": _WORDS,
    "caller_masked": _WORDS,
    "offered_at": _OFFERED,
    "answered_at": _ANSWERED,
    "ended_at": _ENDED,
    "wrapup_ended_at": _KEEP,
    "time_precision": "s.{0}",
    "entry_known": "(s.{0} OR c.{0})",
    "ivr_ms": _KEEP,
    "wait_ms": _SEEN,
    "ring_ms": _KEEP,
    "talk_ms": _KEEP,
    "hold_ms": _KEEP,
    "acw_ms": _KEEP,
    "outcome": "CASE WHEN s.{0} = 'in_progress' THEN c.{0} ELSE s.{0} END",
    "ended_by": _WORDS,
    "transfer_kind": _WORDS,
    "transfer_target": _WORDS,
    "resolved": _KEEP,
    "resolvable": _KEEP,
    "extra": """CASE WHEN s.{0} IS NULL THEN c.{0}
                ELSE COALESCE(c.{0}, '{{}}'::jsonb) || s.{0} END""",
}
_COLUMNS = ["id", "source", "external_id", *_MERGED, "from_half", "batch_id"]
_TEXTS = ["caller_hash", "caller_masked", "ended_by", "transfer_kind", "transfer_target"]
# A half is looked for among the ids of a day around it.
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Target:
    """Where records go: a site, under the name of the source that wrote them.

    `whole` says that a chunk's visits tell all that is known of them, as a fold of live events
    does: rings and answers it does not show are dropped. A log's chunk may be a part.
    """

    site: Site
    source: str
    batch_id: int | None = None
    whole: bool = False


@dataclass(slots=True)
class Fates:
    """What became of the lines that made records."""

    stored: int = 0
    updated: int = 0
    duplicate: int = 0


@transaction.atomic
def store(chunk: Chunk, target: Target) -> Fates:
    """Write a chunk's records; counts of source lines by what became of them.

    Marks the queue days that changed as dirty in the same transaction.
    """
    fates = Fates()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"source:{target.source}"]
        )
        agents = _agents(chunk, target)
        if not chunk.calls.is_empty():
            _store_calls(cursor, chunk, target, agents, fates)
        if not chunk.states.is_empty():
            store_spells(chunk.states, agents, target.source, fates)
    return fates


def _agents(chunk: Chunk, target: Target) -> dict[str, int]:
    raw = {
        name
        for frame in (chunk.calls, chunk.offers, chunk.states)
        for name in frame["agent"].drop_nulls().unique()
    }
    return names.agents(target.site, target.source, raw) if raw else {}


def _store_calls(
    cursor: CursorWrapper, chunk: Chunk, target: Target, agents: dict[str, int], fates: Fates
) -> None:
    calls = _table_rows(chunk.calls, target, agents)
    offers = _offer_rows(chunk, calls, target, agents)
    surveys = _survey_rows(chunk, calls, target)
    births = calls.select(
        pl.col("birth_ms").min().alias("low"), pl.col("birth_ms").max().alias("high")
    )
    low, high = births.row(0)
    partitions.ensure_months(partitions.months_between(low, high))
    if not target.whole and _all_new(cursor, calls, low, high):
        _copy(cursor, "ccm_call", calls.select(_COLUMNS))
        _copy(cursor, "ccm_offer", offers)
        _copy(cursor, "ccm_surveyresponse", surveys)
        fates.stored += int(calls["lines"].sum())
        _mark_dirty(cursor, target.site, _touched(calls, target.site))
        return
    changed = _merge_calls(cursor, calls, target, low, high)
    offers = offers.with_columns(call_id=_final_ids(offers, changed))
    surveys = surveys.with_columns(call_id=_final_ids(surveys, changed))
    with_more = _store_offers(cursor, offers) | _store_surveys(cursor, surveys)
    if target.whole:
        entered = calls.filter("entry_known").select(call_id="id")
        visits = _final_ids(entered, changed).to_list()
        with_more |= _drop_others(cursor, "ccm_offer", offers, visits)
        with_more |= _drop_others(cursor, "ccm_surveyresponse", surveys, visits)
    # A line that only added a ring or an answer to a known call changed that call.
    gained = (pl.col("fate") == "duplicate") & pl.col("id").is_in(list(with_more))
    changed = changed.with_columns(fate=pl.when(gained).then(pl.lit("updated")).otherwise("fate"))
    counted = dict(changed.group_by("fate").agg(pl.col("lines").sum()).iter_rows())
    fates.stored += counted.get("stored", 0)
    fates.updated += counted.get("updated", 0)
    fates.duplicate += counted.get("duplicate", 0)
    extra = changed.filter(pl.col("id").is_in(list(with_more)))["id"].to_list()
    _mark_changed(cursor, target.site, extra)


def _table_rows(frame: pl.DataFrame, target: Target, agents: dict[str, int]) -> pl.DataFrame:
    """The chunk's calls with ids in place of names, in the columns of the table."""
    queues = names.queues(target.site, frame["queue"].drop_nulls().unique())
    topics = names.topics(frame["topic"].drop_nulls().unique())
    callers = frame["caller"].drop_nulls().unique().to_list()
    source = target.source
    ids = [
        made_id(birth, source, external, queue or "")
        for external, queue, birth in zip(
            frame["external_id"], frame["queue"], frame["birth_ms"], strict=True
        )
    ]
    return frame.with_columns(
        pl.Series("id", ids, pl.String),
        pl.lit(source).alias("source"),
        pl.lit(target.site.pk).alias("site_id"),
        pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
        (~pl.col("entry_known")).alias("from_half"),
        pl.col("linked_id").fill_null(pl.col("external_id")),
        _looked_up("queue", queues).alias("queue_id"),
        _looked_up("agent", agents).alias("agent_id"),
        _looked_up("topic", topics).alias("topic_id"),
        _looked_up("caller", {one: caller_hash(one) for one in callers}).alias("caller_hash"),
        _looked_up("caller", {one: caller_masked(one) for one in callers}).alias("caller_masked"),
    ).with_columns(pl.col(_TEXTS).fill_null(""))


def _looked_up(column: str, found: dict[str, int] | dict[str, str]) -> pl.Expr:
    """The ids of a column of names; null where the name is."""
    kind = pl.String if any(isinstance(one, str) for one in found.values()) else pl.Int64
    return pl.col(column).replace_strict(found, default=None, return_dtype=kind)


def _offer_rows(
    chunk: Chunk, calls: pl.DataFrame, target: Target, agents: dict[str, int]
) -> pl.DataFrame:
    frame = _with_call(chunk.offers, calls)
    ids = [
        made_id(ended, target.source, external, queue or "", agent, outcome)
        for ended, external, queue, agent, outcome in frame.select(
            "ended_ms", "external_id", "queue", "agent", "outcome"
        ).iter_rows()
    ]
    return (
        frame.with_columns(
            pl.Series("id", ids, pl.String), _looked_up("agent", agents).alias("agent_id")
        )
        .select("id", "call_id", "agent_id", "starts_at", "ring_ms", "outcome")
        .unique("id")
    )


def _survey_rows(chunk: Chunk, calls: pl.DataFrame, target: Target) -> pl.DataFrame:
    frame = _with_call(chunk.surveys, calls)
    ids = [
        made_id(birth, target.source, external, queue or "", kind)
        for birth, external, queue, kind in frame.select(
            "birth_ms", "external_id", "queue", "kind"
        ).iter_rows()
    ]
    return (
        frame.with_columns(
            pl.Series("id", ids, pl.String),
            pl.lit(target.source).alias("source"),
            pl.col("comment").fill_null(""),
        )
        .select(
            "id",
            "source",
            "call_id",
            "agent_id",
            "kind",
            "scale_min",
            "scale_max",
            "score",
            "comment",
            "answered_at",
        )
        .unique("id", keep="last")
    )


def _with_call(frame: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Rows that name their call by its number in the chunk, with that call's own columns."""
    owners = calls.select(
        "external_id", "queue", "birth_ms", "agent_id", pl.col("id").alias("call_id")
    ).with_row_index("call")
    return frame.join(owners, on="call", how="left", maintain_order="left")


def _final_ids(frame: pl.DataFrame, changed: pl.DataFrame) -> pl.Series:
    """The ids of the rows' calls after halves have joined the rows they belong to."""
    final = changed.select("made", "id").unique("made")
    joined = frame.join(
        final,
        left_on="call_id",
        right_on="made",
        how="left",
        maintain_order="left",
        suffix="_final",
    )
    return joined["id_final"] if "id_final" in joined.columns else joined["id"]


def _all_new(cursor: CursorWrapper, calls: pl.DataFrame, low: int, high: int) -> bool:
    """Whether none of these calls can meet a row that exists, so that plain COPY will do.

    No two of them are one call, none is a half, no row has such an id, and none that was made
    of a half is near.
    """
    if calls["id"].n_unique() < len(calls) or not calls["entry_known"].all():
        return False
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
        "SELECT EXISTS (SELECT FROM ccm_call c JOIN unnest(%s::uuid[]) AS mine(id) USING (id)"
        " WHERE c.id >= %s AND c.id < %s)",
        [calls["id"].to_list(), *span],
    )
    return not cursor.fetchone()[0]


def _bound(birth_ms: int) -> str:
    return f"{max(0, birth_ms):012x}" + "0" * 20


def _merge_calls(
    cursor: CursorWrapper, calls: pl.DataFrame, target: Target, low: int, high: int
) -> pl.DataFrame:
    """Insert, complete or leave alone; a frame of (made, id, lines, fate), one row a staged call.

    `made` is the id the record would have alone, `id` the row it ended in.
    """
    cursor.execute(
        "CREATE TEMP TABLE staged (LIKE ccm_call, made uuid, lines integer, turn integer,"
        " old_offered_at timestamptz, fate text) ON COMMIT DROP"
    )
    _copy(
        cursor,
        "staged",
        calls.select(*_COLUMNS, pl.col("id").alias("made"), "lines"),
    )
    cursor.execute("ANALYZE staged")
    span = {"low": _bound(low - _DAY_MS), "high": _bound(high + _DAY_MS), "day": "1 day"}
    cursor.execute(
        "SELECT EXISTS (SELECT FROM staged WHERE NOT entry_known), EXISTS (SELECT FROM ccm_call"
        " WHERE from_half AND id BETWEEN %(low)s AND %(high)s)",
        span,
    )
    brings_halves, has_halves = cursor.fetchone()
    if brings_halves:
        cursor.execute(_JOIN_HALVES, span)
    if has_halves:
        cursor.execute(_MEET_HALVES, span)
    # Two halves in one chunk may belong to one row: they take turns, entries first.
    cursor.execute(
        "UPDATE staged SET turn = t.turn FROM (SELECT ctid, row_number() OVER"
        " (PARTITION BY id ORDER BY entry_known DESC, offered_at, ctid) AS turn FROM staged) t"
        " WHERE staged.ctid = t.ctid"
    )
    cursor.execute("SELECT max(turn) FROM staged")
    for turn in range(1, cursor.fetchone()[0] + 1):
        cursor.execute(_CLASSIFY, span | {"turn": turn})
        cursor.execute(_UPDATE, span | {"turn": turn})
        cursor.execute(_INSERT, {"turn": turn})
    _mark_staged(cursor, target.site, span)
    cursor.execute("SELECT made, id, lines, fate FROM staged")
    rows = [(made.hex, one.hex, lines, fate) for made, one, lines, fate in cursor.fetchall()]
    cursor.execute("DROP TABLE staged")
    return pl.DataFrame(rows, schema=["made", "id", "lines", "fate"], orient="row")


# A half without its entry belongs to the nearest visit of that call that began before it.
_JOIN_HALVES = """
UPDATE staged s SET id = other.id
FROM staged t CROSS JOIN LATERAL (
    SELECT c.id FROM ccm_call c
    WHERE c.linked_id = t.linked_id AND c.source = t.source
      AND c.external_id = t.external_id AND c.queue_id IS NOT DISTINCT FROM t.queue_id
      AND c.id BETWEEN %(low)s AND %(high)s
      AND c.offered_at - t.offered_at BETWEEN -%(day)s::interval AND %(day)s::interval
      AND (NOT c.entry_known OR c.offered_at <= t.offered_at + interval '5 s')
    ORDER BY abs(extract(epoch FROM c.offered_at - t.offered_at)), c.id LIMIT 1
) other
WHERE s.ctid = t.ctid AND NOT s.entry_known
"""
# A visit with its entry takes over the row of a half that waited for it, and finds that row
# again: it keeps the id it was made with, which is later than its entry.
_MEET_HALVES = """
UPDATE staged s SET id = other.id
FROM staged t CROSS JOIN LATERAL (
    SELECT c.id FROM ccm_call c
    WHERE c.from_half AND c.linked_id = t.linked_id AND c.source = t.source
      AND c.external_id = t.external_id AND c.queue_id IS NOT DISTINCT FROM t.queue_id
      AND c.id BETWEEN %(low)s AND %(high)s
      AND CASE WHEN c.entry_known THEN c.offered_at = t.offered_at
          ELSE c.offered_at - t.offered_at BETWEEN interval '-5 s' AND %(day)s::interval END
    ORDER BY abs(extract(epoch FROM c.offered_at - t.offered_at)), c.id LIMIT 1
) other
WHERE s.ctid = t.ctid AND s.entry_known
"""
_CHANGES = " OR ".join(
    f"c.{name} IS DISTINCT FROM ({rule.format(name)})" for name, rule in _MERGED.items()
)
_CLASSIFY = f"""
UPDATE staged s SET old_offered_at = c.offered_at,
    fate = CASE WHEN {_CHANGES} THEN 'updated' ELSE 'duplicate' END
FROM ccm_call c
WHERE c.id = s.id AND c.id BETWEEN %(low)s AND %(high)s AND s.turn = %(turn)s
"""
_UPDATE = f"""
UPDATE ccm_call c SET {", ".join(f"{name} = {rule.format(name)}" for name, rule in _MERGED.items())}
FROM staged s
WHERE c.id = s.id AND c.id BETWEEN %(low)s AND %(high)s
  AND s.turn = %(turn)s AND s.fate = 'updated'
"""
_INSERT = f"""
WITH new AS (
    UPDATE staged SET fate = 'stored' WHERE turn = %(turn)s AND fate IS NULL
    RETURNING {", ".join(_COLUMNS)}
)
INSERT INTO ccm_call ({", ".join(_COLUMNS)}) SELECT * FROM new
"""


def _store_offers(cursor: CursorWrapper, offers: pl.DataFrame) -> set[str]:
    """Insert the rings that are not there yet, or complete those that are; their calls' ids."""
    if offers.is_empty():
        return set()
    return _insert_new(
        cursor,
        "ccm_offer",
        offers,
        "(id) DO UPDATE SET starts_at = COALESCE(excluded.starts_at, t.starts_at),"
        " ring_ms = COALESCE(excluded.ring_ms, t.ring_ms)"
        " WHERE excluded.starts_at <> t.starts_at OR excluded.ring_ms <> t.ring_ms"
        " OR excluded.starts_at IS NOT NULL AND t.starts_at IS NULL"
        " OR excluded.ring_ms IS NOT NULL AND t.ring_ms IS NULL",
    )


def _store_surveys(cursor: CursorWrapper, surveys: pl.DataFrame) -> set[str]:
    """Insert answers, or correct those that changed; the ids of their calls."""
    if surveys.is_empty():
        return set()
    return _insert_new(
        cursor,
        "ccm_surveyresponse",
        surveys,
        "(id) DO UPDATE SET score = excluded.score, comment = excluded.comment,"
        " agent_id = COALESCE(excluded.agent_id, t.agent_id)"
        " WHERE (t.score, t.comment, t.agent_id) IS DISTINCT FROM"
        " (excluded.score, excluded.comment, COALESCE(excluded.agent_id, t.agent_id))",
    )


def _drop_others(
    cursor: CursorWrapper, table: str, rows: pl.DataFrame, calls: list[str]
) -> set[str]:
    """Remove what these calls have in `table` beside `rows`; the ids of calls that had such."""
    cursor.execute(
        f"DELETE FROM {table} WHERE call_id = ANY(%s::uuid[]) AND id <> ALL(%s::uuid[])"
        " RETURNING call_id",
        [calls, rows["id"].to_list()],
    )
    return {row[0].hex for row in cursor.fetchall()}


def _insert_new(cursor: CursorWrapper, table: str, rows: pl.DataFrame, conflict: str) -> set[str]:
    columns = ", ".join(rows.columns)
    cursor.execute(f"CREATE TEMP TABLE staged_rows (LIKE {table}) ON COMMIT DROP")
    _copy(cursor, "staged_rows", rows)
    cursor.execute(
        f"WITH done AS (INSERT INTO {table} AS t ({columns}) SELECT {columns} FROM staged_rows"
        f" ON CONFLICT {conflict} RETURNING call_id) SELECT DISTINCT call_id FROM done"
    )
    calls = {row[0].hex for row in cursor.fetchall()}
    cursor.execute("DROP TABLE staged_rows")
    return calls


def _copy(cursor: CursorWrapper, table: str, rows: pl.DataFrame) -> None:
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


def _touched(calls: pl.DataFrame, site: Site) -> list[tuple[int | None, datetime]]:
    day = pl.col("offered_at").dt.convert_time_zone(site.zone).dt.date()
    return calls.select("queue_id", day).unique().rows()


def _mark_dirty(cursor: CursorWrapper, site: Site, days: list[tuple[int | None, datetime]]) -> None:
    if not days:
        return
    queues, dates = zip(*days, strict=True)
    cursor.execute(
        f"{_DIRTY} SELECT %s::bigint, q, d FROM unnest(%s::bigint[], %s::date[]) AS u(q, d)"
        f" {_AGAIN}",
        [site.pk, list(queues), list(dates)],
    )


# Marks are made in one order, so that two writers never wait for each other in a circle.
_DIRTY = (
    "INSERT INTO ccm_dirtyday AS d (site_id, queue_id, day, marked_at)"
    " SELECT site, queue, day, clock_timestamp() FROM ("
)
_AGAIN = (
    ") AS marks(site, queue, day) ORDER BY site, queue NULLS FIRST, day"
    # An update that changes nothing, for its lock: see DirtyDay.
    " ON CONFLICT (site_id, queue_id, day) DO UPDATE SET marked_at = d.marked_at"
)


def _mark_staged(cursor: CursorWrapper, site: Site, span: dict[str, str]) -> None:
    """Mark the days of what changed: where it is, where it was, and, after a transfer, where
    the contact went on."""
    cursor.execute(
        f"""{_DIRTY}
        SELECT site_id, queue_id, (moment AT TIME ZONE %(zone)s)::date
        FROM staged, LATERAL (VALUES (offered_at), (old_offered_at)) AS v(moment)
        WHERE fate <> 'duplicate' AND moment IS NOT NULL
        UNION
        SELECT c.site_id, c.queue_id, (c.offered_at AT TIME ZONE %(zone)s)::date
        FROM ccm_call c JOIN staged s USING (linked_id, source)
        WHERE s.fate <> 'duplicate' AND s.transfer_kind <> ''
          AND c.id BETWEEN %(low)s AND %(high)s
        {_AGAIN}""",
        span | {"zone": site.zone},
    )


def _mark_changed(cursor: CursorWrapper, site: Site, ids: list[str]) -> None:
    """Mark the days of calls that gained a ring or an answer."""
    if not ids:
        return
    cursor.execute(
        f"""{_DIRTY}
        SELECT DISTINCT site_id, queue_id, (offered_at AT TIME ZONE %s)::date
        FROM ccm_call WHERE id = ANY(%s::uuid[])
        {_AGAIN}""",
        [site.zone, ids],
    )
