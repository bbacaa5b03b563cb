"""What was open when its switch started anew, or its agent left, is over: calls and spells.

A log does not tell when such a call or spell ended, only that it was over by then. So its end is
marked as not told, by `Call.ended_by` and `AgentState.cut_off`, and gives way to a line that
tells it, in this file or another. All of it is reckoned anew around each chunk, and around what
the taking back of an import removes, from the record alone: files may come in any order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.db.backends.utils import CursorWrapper
from django.db.models import Max, Min

from ccm.dirty import mark_gained, mark_spells
from ccm.identity import id_floor
from ccm.imports.records import Chunk
from ccm.imports.storing import journal
from ccm.imports.storing.merge import BY_RESTART
from ccm.imports.storing.spells import JOINED_WITHIN
from ccm.imports.storing.target import Target
from ccm.models import AgentState, Call, Cutoff, Site

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
# Ids are made of the time as the source wrote it, up to a day off.
_PAD = DAY


def cut_off(cursor: CursorWrapper, chunk: Chunk, target: Target) -> None:
    """Keep a chunk's cutoffs, and end what is open around it and was over by some cutoff."""
    if not chunk.cutoffs.is_empty():
        _keep(chunk.cutoffs, target)
    starts = chunk.cutoffs.filter(pl.col("agent").is_null())["at"]
    span = _span(chunk.calls["offered_at"], starts)
    # What is written ends no cutoff: where none is near, nothing of here is to be done.
    if span and _started_anew(target.source, *span):
        _cut_calls(cursor, target, *span)
    edges = chunk.states
    if span := _span(edges["starts_at"], edges["ends_at"], chunk.cutoffs["at"]):
        named = pl.concat([edges["agent"], chunk.cutoffs["agent"]]).drop_nulls().unique()
        everybody = not starts.is_empty()
        _cut_spells(cursor, target, None if everybody else named.to_list(), *span)


@contextmanager
def recut(cursor: CursorWrapper, site: Site, table: str, rows: list[str]) -> Iterator[None]:
    """Around a change of these rows of a table, as the taking back of an import makes it: what they
    ended, or were ended by, is reckoned anew after it."""
    around: dict[str, _Around] = defaultdict(_Around)
    if table == Cutoff._meta.db_table:
        for cutoff in Cutoff.objects.filter(pk__in=rows):
            around[cutoff.source].add(cutoff.agent_name, cutoff.at)
            if not cutoff.agent_name:
                around[cutoff.source].starts.append(cutoff.at)
    _spells_around(table, rows, around)
    yield
    _spells_around(table, rows, around)
    for source, what in around.items():
        target = Target(site, source)
        if what.starts:
            _cut_calls(cursor, target, min(what.starts), max(what.starts))
        named = None if what.starts else sorted(what.names)
        _cut_spells(cursor, target, named, min(what.moments), max(what.moments))
    if table == Call._meta.db_table:
        _recut_calls(cursor, site, rows)


@dataclass(slots=True)
class _Around:
    """When a source's spells may have been cut off by what changes, under which names; `starts` are
    those of its switch, which end calls and spells of everybody."""

    names: set[str] = field(default_factory=set)
    moments: set[datetime] = field(default_factory=set)
    starts: list[datetime] = field(default_factory=list)

    def add(self, name: str, *moments: datetime | None) -> None:
        self.names.add(name)
        self.moments.update(at for at in moments if at is not None)


def _spells_around(table: str, rows: list[str], around: dict[str, _Around]) -> None:
    if table == AgentState._meta.db_table:
        spells = AgentState.objects.filter(pk__in=rows)
        for source, name, starts, ends in spells.values_list(
            "source", "agent_name", "starts_at", "ends_at"
        ):
            around[source].add(name, starts, ends)


def _recut_calls(cursor: CursorWrapper, site: Site, rows: list[str]) -> None:
    calls = Call.objects.filter(pk__in=rows).order_by()
    for one in calls.values("source").annotate(first=Min("offered_at"), last=Max("offered_at")):
        _cut_calls(cursor, Target(site, one["source"]), one["first"], one["last"], rows)


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


def _started_anew(source: str, first: datetime, last: datetime) -> bool:
    """Whether a switch started within a day after calls of this span."""
    starts = Cutoff.objects.filter(source=source, agent_name="")
    return starts.filter(at__gte=first, at__lte=last + DAY).exists()


def _cut_calls(
    cursor: CursorWrapper,
    target: Target,
    first: datetime,
    last: datetime,
    ids: list[str] | None = None,
) -> None:
    """End calls (of these ids, or all) that were open when the switch started within a day;
    reopen what no longer was."""
    span = {"low": id_floor(first - DAY - _PAD), "high": id_floor(last + _PAD)}
    cursor.execute(_CALLS, span | {"source": target.source, "restart": BY_RESTART, "ids": ids})
    if not (over := [(str(one), at) for one, at in cursor.fetchall()]):
        return
    changed = [one for one, _at in over]
    _note(cursor, "ccm_call", target, changed)
    ends: dict[str, Any] = {
        "ids": changed,
        "overs": [at for _one, at in over],
        "restart": BY_RESTART,
    }
    cursor.execute(_CUT_CALLS, ends)
    mark_gained(cursor, target.site, changed)


def _cut_spells(
    cursor: CursorWrapper,
    target: Target,
    names: list[str] | None,
    first: datetime,
    last: datetime,
) -> None:
    """End spells (under some names, or all) that were over by a cutoff, the end of the agent's
    session or the start of the agent's next pause; reopen what no longer was."""
    cursor.execute(
        _SPELLS,
        {
            "source": target.source,
            "names": names,
            "low": first - JOINED_WITHIN,
            "high": last,
            "reach": f"{JOINED_WITHIN // SECOND} s",
        },
    )
    if not (over := cursor.fetchall()):
        return
    changed = [one for one, _at in over]
    _note(cursor, "ccm_agentstate", target, changed)
    mark_spells(cursor, target.site, changed)
    cursor.execute(_CUT_SPELLS, {"ids": changed, "overs": [at for _one, at in over]})
    mark_spells(cursor, target.site, changed)


def _note(
    cursor: CursorWrapper, table: str, target: Target, changed: Collection[str | int]
) -> None:
    """Note what an import ends. What other doors end is reckoned anew, and binds no row to them."""
    if target.batch_id is not None:
        journal.note_found(cursor, table, target.batch_id, changed)


# What was open, or was taken to have been cut off, and by when it was over: of what differs.
_CALLS = """
SELECT c.id, k.over
FROM ccm_call c, LATERAL (
    SELECT min(k.at) AS over FROM ccm_cutoff k
    WHERE k.source = c.source AND k.agent_name = ''
      AND k.at > GREATEST(c.offered_at, c.answered_at)
      AND k.at <= c.offered_at + interval '1 day'
) AS k
WHERE c.id >= %(low)s AND c.id < %(high)s AND c.source = %(source)s
  AND (%(ids)s::uuid[] IS NULL OR c.id = ANY(%(ids)s::uuid[]))
  AND (c.ended_at IS NULL AND c.outcome IN ('in_progress', 'answered')
      OR c.ended_by = %(restart)s)
  AND c.ended_at IS DISTINCT FROM k.over
"""
_CUT_CALLS = """
UPDATE ccm_call c SET ended_at = u.over,
    ended_by = CASE WHEN u.over IS NULL THEN '' ELSE %(restart)s END,
    outcome = CASE WHEN c.answered_at IS NOT NULL THEN c.outcome
              WHEN u.over IS NULL THEN 'in_progress' ELSE 'failed' END
FROM unnest(%(ids)s::uuid[], %(overs)s::timestamptz[]) AS u(id, over)
WHERE c.id = u.id AND c.id = ANY(%(ids)s::uuid[])
"""
_SPELLS = """
SELECT s.id, e.over
FROM ccm_agentstate s, LATERAL (SELECT LEAST(
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
) AS over) AS e
WHERE s.source = %(source)s AND s.state IN ('logged_in', 'paused')
  AND (%(names)s::text[] IS NULL OR s.agent_name = ANY(%(names)s::text[]))
  AND s.starts_at BETWEEN %(low)s AND %(high)s AND (s.ends_at IS NULL OR s.cut_off)
  AND s.ends_at IS DISTINCT FROM e.over
"""
_CUT_SPELLS = """
UPDATE ccm_agentstate s SET ends_at = u.over, cut_off = u.over IS NOT NULL
FROM unnest(%(ids)s::bigint[], %(overs)s::timestamptz[]) AS u(id, over)
WHERE s.id = u.id
"""
