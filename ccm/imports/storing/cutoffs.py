"""What was open when its switch started anew, or its agent left, is over: calls and spells.

A log does not tell when such a call or spell ended, only that it was over by then. So its end is
marked as not told, by `Call.ended_by` and `AgentState.cut_off`, and gives way to a line that
tells it, in this file or another. All of it is reckoned anew around each chunk from the record
alone: files may come in any order.
"""

from datetime import datetime, timedelta

import polars as pl
from django.db.backends.utils import CursorWrapper

from ccm.dirty import mark_gained
from ccm.identity import id_floor
from ccm.imports.records import Chunk
from ccm.imports.storing.merge import BY_RESTART
from ccm.imports.storing.spells import JOINED_WITHIN
from ccm.imports.storing.target import Target
from ccm.models import Cutoff

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Ids are made of the time as the source wrote it, up to a day off.
_PAD = DAY


def cut_off(cursor: CursorWrapper, chunk: Chunk, target: Target) -> None:
    """Keep a chunk's cutoffs, and end what is open around it and was over by some cutoff."""
    if not chunk.cutoffs.is_empty():
        _keep(chunk.cutoffs, target)
    starts = chunk.cutoffs.filter(pl.col("agent").is_null())["at"]
    if span := _span(chunk.calls["offered_at"], starts):
        _cut_calls(cursor, target, *span)
    edges = chunk.states
    if span := _span(edges["starts_at"], edges["ends_at"], chunk.cutoffs["at"]):
        named = pl.concat([edges["agent"], chunk.cutoffs["agent"]]).drop_nulls().unique()
        everybody = not starts.is_empty()
        _cut_spells(cursor, target, None if everybody else named.to_list(), *span)


def _keep(cutoffs: pl.DataFrame, target: Target) -> None:
    Cutoff.objects.bulk_create(
        [
            Cutoff(source=target.source, agent_name=name or "", at=at, batch_id=target.batch_id)
            for name, at in cutoffs.select("agent", "at").iter_rows()
        ],
        ignore_conflicts=True,
        batch_size=5000,
    )


def _span(*moments: pl.Series) -> tuple[datetime, datetime] | None:
    every = pl.concat([one.cast(pl.Datetime("us", "UTC")) for one in moments]).drop_nulls()
    low, high = every.min(), every.max()
    return (low, high) if isinstance(low, datetime) and isinstance(high, datetime) else None


def _cut_calls(cursor: CursorWrapper, target: Target, first: datetime, last: datetime) -> None:
    """End calls that were open when the switch started within a day; reopen what no longer was."""
    starts = Cutoff.objects.filter(source=target.source, agent_name="")
    if not starts.filter(at__gte=first, at__lte=last + DAY).exists():
        return
    cursor.execute(
        _CUT_CALLS,
        {
            "source": target.source,
            "batch": target.batch_id,
            "restart": BY_RESTART,
            "low": id_floor(first - DAY - _PAD),
            "high": id_floor(last + _PAD),
        },
    )
    mark_gained(cursor, target.site, [row[0].hex for row in cursor.fetchall()])


def _cut_spells(
    cursor: CursorWrapper,
    target: Target,
    names: list[str] | None,
    first: datetime,
    last: datetime,
) -> None:
    """End spells (under some names, or all) that were over by a cutoff, the end of the agent's
    session or the start of the agent's next pause."""
    cursor.execute(
        _CUT_SPELLS,
        {
            "source": target.source,
            "batch": target.batch_id,
            "names": names,
            "low": first - JOINED_WITHIN,
            "high": last,
            "reach": f"{JOINED_WITHIN // SECOND} s",
        },
    )


# An import notes the rows as they were (`ccm.imports.storing.journal`).
_NOTED = """, noted AS (
    INSERT INTO ccm_importchange (batch_id, relation, row, owner, before)
    SELECT %(batch)s, '{0}', t.id::text, t.batch_id, to_jsonb(t)
    FROM {0} t JOIN open ON open.id = t.id
    WHERE %(batch)s::bigint IS NOT NULL AND t.batch_id IS DISTINCT FROM %(batch)s
      AND t.{ended} IS DISTINCT FROM open.over
    ON CONFLICT (batch_id, relation, row) DO NOTHING
)"""
_CUT_CALLS = f"""
WITH open AS MATERIALIZED (
    SELECT c.id, (
        SELECT min(k.at) FROM ccm_cutoff k
        WHERE k.source = c.source AND k.agent_name = ''
          AND k.at > GREATEST(c.offered_at, c.answered_at)
          AND k.at <= c.offered_at + interval '1 day'
    ) AS over
    FROM ccm_call c
    WHERE c.id >= %(low)s AND c.id < %(high)s AND c.source = %(source)s
      AND (c.ended_at IS NULL AND c.outcome IN ('in_progress', 'answered')
          OR c.ended_by = %(restart)s)
){_NOTED.format("ccm_call", ended="ended_at")}
UPDATE ccm_call c SET ended_at = open.over,
    ended_by = CASE WHEN open.over IS NULL THEN '' ELSE %(restart)s END,
    outcome = CASE WHEN c.answered_at IS NOT NULL THEN c.outcome
              WHEN open.over IS NULL THEN 'in_progress' ELSE 'failed' END
FROM open
WHERE c.id = open.id AND c.id >= %(low)s AND c.id < %(high)s
  AND c.ended_at IS DISTINCT FROM open.over
RETURNING c.id
"""
_CUT_SPELLS = f"""
WITH open AS MATERIALIZED (
    SELECT s.id, LEAST(
        (SELECT min(k.at) FROM ccm_cutoff k
         WHERE k.source = s.source AND k.agent_name = ''
           AND k.at > s.starts_at AND k.at <= s.starts_at + %(reach)s::interval),
        CASE WHEN s.state = 'paused' THEN LEAST(
            (SELECT min(k.at) FROM ccm_cutoff k
             WHERE k.source = s.source AND k.agent_name = s.agent_name
               AND k.at > s.starts_at AND k.at <= s.starts_at + %(reach)s::interval),
            (SELECT min(n.starts_at) FROM ccm_agentstate n
             WHERE n.source = s.source AND n.agent_name = s.agent_name AND n.state = 'paused'
               AND n.starts_at > s.starts_at AND n.starts_at <= s.starts_at + %(reach)s::interval),
            (SELECT min(o.ends_at) FROM ccm_agentstate o
             WHERE o.source = s.source AND o.agent_name = s.agent_name AND o.state = 'logged_in'
               AND NOT o.cut_off
               AND o.ends_at > s.starts_at AND o.ends_at <= s.starts_at + %(reach)s::interval)
        ) END
    ) AS over
    FROM ccm_agentstate s
    WHERE s.source = %(source)s AND s.state IN ('logged_in', 'paused')
      AND (%(names)s::text[] IS NULL OR s.agent_name = ANY(%(names)s))
      AND s.starts_at BETWEEN %(low)s AND %(high)s AND (s.ends_at IS NULL OR s.cut_off)
){_NOTED.format("ccm_agentstate", ended="ends_at")}
UPDATE ccm_agentstate s SET ends_at = open.over, cut_off = open.over IS NOT NULL
FROM open
WHERE s.id = open.id AND s.ends_at IS DISTINCT FROM open.over
"""
