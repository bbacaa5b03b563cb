"""Reads of agents' time: one `AgentTime` a key, summed in the database."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from kpis import reading
from kpis.agent_time import AgentTime
from kpis.reading import By, Selection

_PLAIN = ("handling_ms", "ringing_ms", "other_ms", "ready_ms", "untold_ms")


def agent_time(selection: Selection, by: By = "total") -> dict[Any, AgentTime]:
    """What agents spent their time on, by key; nothing where that cannot be told.

    By quarter hour and in spans for whole sites only, and never for one channel: an agent's time
    is not told by it. Of queues, the time of agents who on that day served none but these.
    """
    picked = selection.agents is not None or selection.queues is not None
    by_quarter = by == "interval" or bool(selection.spans)
    if selection.channel or (by_quarter and (picked or by in ("agent", "queue"))):
        return {}
    if by_quarter:
        return _by_quarter(selection, by)
    key, source = _KEYS.get(by, f"t.{by}_id"), _ALL
    where = ["t.site_id = ANY(%(sites)s)", "t.day BETWEEN %(first)s AND %(last)s"]
    if selection.agents is not None:
        where.append("t.agent_id = ANY(%(agents)s)")
    if by == "queue":
        source = _OF_EACH_QUEUE
        if selection.queues is not None:
            where.append("t.queue_id = ANY(%(queues)s)")
    elif selection.queues is not None:
        source = _OF_QUEUES
    values = {
        "sites": list(selection.sites),
        "first": selection.first,
        "last": selection.last,
        "agents": list(selection.agents or ()),
        "queues": list(selection.queues or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DAYS.format(key=key, source=source, where=" AND ".join(where)), values)
        return {row[0]: _days_of(row[1:]) for row in cursor.fetchall()}


def _days_of(row: Sequence[Any]) -> AgentTime:
    *plain, days, untold_days, open_spells, shared_days, paused = row
    return AgentTime(
        **dict(zip(_PLAIN, plain, strict=True)),
        days=days,
        untold_days=untold_days,
        open_spells=open_spells,
        shared_days=shared_days,
        paused=json.loads(paused or "{}"),
    )


def _by_quarter(selection: Selection, by: By) -> dict[Any, AgentTime]:
    key, where, values = reading.quarters(selection, by)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key} AS key, {_sums(_PLAIN)}, sum(paused_ms)::bigint FROM kpis_sitetime"
            f" WHERE site_id = ANY(%(sites)s) AND {where} GROUP BY key",
            values,
        )
        found = {
            one: AgentTime(**dict(zip(_PLAIN, plain, strict=True)), paused={"": paused})
            for one, *plain, paused in cursor.fetchall()
        }
    return reading.days_of_spans(selection, by, values, found)


_KEYS: dict[By, str] = {"total": "NULL::integer", "day": "t.day"}


def _sums(names: Sequence[str], condition: str = "") -> str:
    which = f" FILTER (WHERE {condition})" if condition else ""
    return ", ".join(f"COALESCE(sum({name}){which}, 0)::bigint" for name in names)


_ALL = "SELECT *, false AS shared FROM kpis_agenttime"
_SERVED = """
    SELECT agent_id, day, array_agg(DISTINCT COALESCE(queue_id, 0)) AS queues FROM kpis_daystat
    WHERE site_id = ANY(%(sites)s) AND day BETWEEN %(first)s AND %(last)s
      AND agent_id IS NOT NULL AND unit = 'v'
    GROUP BY agent_id, day
"""
_OF_QUEUES = f"""
    SELECT t.*, NOT s.queues <@ %(queues)s::bigint[] AS shared
    FROM ({_SERVED}) AS s JOIN kpis_agenttime t USING (agent_id, day)
    WHERE s.queues && %(queues)s::bigint[]
"""
_OF_EACH_QUEUE = f"""
    SELECT t.*, queue_id, cardinality(s.queues) > 1 AS shared
    FROM ({_SERVED}) AS s CROSS JOIN unnest(s.queues) AS queue_id
    JOIN kpis_agenttime t USING (agent_id, day)
    WHERE queue_id <> 0
"""
_STATED = "handling_ms + ringing_ms + paused_ms + other_ms + ready_ms > 0"
_DAYS = f"""
WITH picked AS MATERIALIZED (
    SELECT {{key}} AS key, t.* FROM ({{source}}) AS t WHERE {{where}}
), reasons AS (
    SELECT key, reason, sum(ms::bigint) AS ms FROM picked, jsonb_each_text(paused) AS p(reason, ms)
    WHERE NOT shared GROUP BY key, reason
), pauses AS (
    SELECT key, jsonb_object_agg(reason, ms) AS paused FROM reasons GROUP BY key
), sums AS (
    SELECT key AS k, {_sums(_PLAIN, "NOT shared")},
        count(*) FILTER (WHERE NOT shared AND {_STATED}),
        count(*) FILTER (WHERE NOT shared AND untold_ms > 0),
        COALESCE(sum(open_spells) FILTER (WHERE NOT shared), 0),
        count(*) FILTER (WHERE shared)
    FROM picked GROUP BY key
)
SELECT sums.*, paused FROM sums LEFT JOIN pauses ON pauses.key IS NOT DISTINCT FROM sums.k
"""
