"""Writes answers that rows of their own tell, each linked to its call where one is known."""

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.dirty import mark_answers, mark_days
from ccm.identity import made_id
from ccm.imports.storing import journal, names
from ccm.imports.storing.links import calls_asked_about
from ccm.imports.storing.merge import insert_or_complete
from ccm.imports.storing.names import Agents
from ccm.imports.storing.target import Fates, Target, Told, looked_up
from ccm.intervals import day_of

# How an answer told again corrects the one that is there (t: there, n: new).
NEWEST_ANSWER = {
    "score": "n.score",
    "comment": "n.comment",
    "agent_id": "COALESCE(n.agent_id, t.agent_id)",
    "agent_name": "CASE WHEN n.agent_name <> '' THEN n.agent_name ELSE t.agent_name END",
}


def store_answers(
    cursor: CursorWrapper,
    answers: pl.DataFrame,
    target: Target,
    agents: Agents,
    fates: Fates,
) -> None:
    """Write answers without a call in their chunk; `fates` gains what became of their lines."""
    told_queues = answers["queue"].drop_nulls().unique()
    queues = names.queues(target.site, told_queues, target.batch_id)
    ids = [
        made_id(birth, target.source, external, kind)
        for birth, external, kind in answers.select("birth_ms", "external_id", "kind").iter_rows()
    ]
    rows = answers.select(
        pl.Series("id", ids, pl.String),
        "lines",
        "line",
        pl.col("call_ref").fill_null(""),
        pl.lit(target.source).alias("source"),
        pl.lit(target.site.pk).alias("site_id"),
        looked_up("queue", queues).alias("own_queue"),
        pl.lit(target.batch_id, pl.Int64).alias("batch_id"),
        agents.ids("agent", "answered_at").alias("own_agent"),
        pl.col("agent").fill_null("").alias("agent_name"),
        "kind",
        "scale_min",
        "scale_max",
        "score",
        pl.col("comment").fill_null(""),
        "answered_at",
        "extra",
    ).unique("id", keep="last", maintain_order=True)
    rows = _with_calls(cursor, rows, target)
    cursor.execute(
        "SELECT id, call_id IS NULL, queue_id, answered_at FROM ccm_surveyresponse"
        " WHERE id = ANY(%s::uuid[])",
        [rows["id"].to_list()],
    )
    there = {one.hex: (alone, queue, at) for one, alone, queue, at in cursor.fetchall()}
    newest = NEWEST_ANSWER | {
        "call_id": "COALESCE(t.call_id, n.call_id)",
        "call_ref": "CASE WHEN n.call_ref <> '' THEN n.call_ref ELSE t.call_ref END",
        "queue_id": "COALESCE(t.queue_id, n.queue_id)",
        "extra": "COALESCE(n.extra, t.extra)",
    }
    changed = {
        one.hex: fate
        for (one,), fate in insert_or_complete(
            cursor, "ccm_surveyresponse", rows.drop("lines", "line"), newest, returning=("id",)
        ).items()
    }
    alone = rows.filter((pl.col("call_ref") != "") & pl.col("call_id").is_null())
    waiting = set(alone["id"])
    if target.by_record:
        lines = answers["line"].to_list()
        fates.each |= {
            line: Told("duplicate", one, one in waiting)
            for line, one in zip(lines, ids, strict=True)
        }
    for one, lines, line in rows.select("id", "lines", "line").iter_rows():
        fate = changed.get(one, "duplicate")
        setattr(fates, fate, getattr(fates, fate) + lines)
        if target.by_record:
            fates.each[line] = Told(fate, one, one in waiting)
    fates.duplicate += int(answers["lines"].sum()) - int(rows["lines"].sum())
    # An answer that has found its call leaves the day it was counted on without one.
    left = [there[one] for one in changed if one in there and there[one][0]]
    mark_days(
        cursor,
        target.site,
        {(queue, day_of(at, target.site.calendar)) for _alone, queue, at in left},
    )
    mark_answers(cursor, target.site, sorted(changed))
    if target.batch_id is None:
        return
    cursor.execute(
        "SELECT DISTINCT call_id FROM ccm_surveyresponse"
        " WHERE id = ANY(%s::uuid[]) AND call_id IS NOT NULL",
        [sorted(changed)],
    )
    # Their calls now have something hanging on them.
    journal.note_found(
        cursor, "ccm_call", target.batch_id, [str(row[0]) for row in cursor.fetchall()]
    )


def _with_calls(cursor: CursorWrapper, rows: pl.DataFrame, target: Target) -> pl.DataFrame:
    """The answers with the call each names, and what that call tells of queue and agent."""
    named = rows.select("id", "call_ref", "answered_at").filter(pl.col("call_ref") != "")
    found = [
        (one.hex, call.hex, queue, agent)
        for one, call, queue, agent in calls_asked_about(cursor, target.site, named.rows())
    ]
    schema = {"id": pl.String, "call_id": pl.String, "queue": pl.Int64, "agent": pl.Int64}
    calls = pl.DataFrame(found, schema=schema, orient="row")
    return rows.join(calls, on="id", how="left", maintain_order="left").select(
        *(name for name in rows.columns if name not in ("own_queue", "own_agent")),
        "call_id",
        pl.coalesce("own_queue", "queue").alias("queue_id"),
        pl.coalesce("own_agent", "agent").alias("agent_id"),
    )
