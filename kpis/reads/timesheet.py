"""Reads of agents' time: one `AgentTime` a key, summed in the database."""

import json
from collections.abc import Sequence
from typing import Any

from ccm.intervals import Calendar, site_days
from kpis.reads import reading
from kpis.reads.reading import By, Selection
from kpis.rollups import afresh, presence
from kpis.sums.agent_time import AgentTime

_PLAIN = ("handling_ms", "ringing_ms", "other_ms", "ready_ms", "untold_ms")


def agent_time(selection: Selection, by: By = "total") -> dict[Any, AgentTime]:
    """What agents spent their time on, by key; nothing where that cannot be told (`cells`)."""
    found = {one: time for (one,), time in (cells(selection, (by,)) or {}).items()}
    return reading.days_of_spans(selection, by, found)


def cells(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], AgentTime] | None:
    """What agents spent their time on, by several keys; None where that cannot be told.

    In spans and of days that end early for whole sites only, by quarter hour for no queue, and
    never by what a call is of: an agent's time is not told by it. Of queues, the time of agents
    who on that day served none but these. Of agents by quarter hour it is laid anew.
    """
    asked = {*keys, *selection.only}
    by_quarter = selection.by_quarter(*keys)
    anew = by_quarter and selection.of_agents(*keys)
    if selection.channel or asked & _UNTOLD or (by_quarter and selection.by_queue(*keys)):
        return None
    if anew and not selection.may_read_calls:
        return None
    where = reading.Where(selection)
    where.in_time(by_quarter)
    if selection.agents is not None:
        where.add("agent_id = ANY(%(agents)s)", agents=list(selection.agents))
    source = "SELECT *, false AS shared FROM kpis_agenttime"
    if "queue" in asked:
        source = _OF_EACH_QUEUE
        if selection.queues is not None:
            where.add("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    elif selection.queues is not None:
        source = _OF_QUEUES
        where.values["queues"] = list(selection.queues)
    made = where.keys(keys, not by_quarter or anew)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    in_teams = reading.IN_TEAMS.format("t") if where.keyed(*keys) else ""
    sql = _DAYS.format(made=made, keys=names, source=source, in_teams=in_teams, where=where)
    if by_quarter:
        source = "kpis_sitetime"
        if anew:
            source = f"{_laid_anew(selection, where)} AS t {in_teams}"
        sql = _QUARTERS.format(made=made, keys=names, source=source, where=where)
    read = _quarter_of if by_quarter else _days_of
    return {
        tuple(map(reading.key_of, keys, row)): read(row[len(keys) :])
        for row in reading.rows_of(sql, where.values, of_calls=anew)
    }


_UNTOLD = {"channel", "direction", "disposition", "topic"}


def _laid_anew(selection: Selection, where: reading.Where) -> str:
    """The relation of each agent's quarter hours, whose values `where` takes."""
    first, last = selection.first, selection.last
    if first is None or last is None:
        raise ValueError("calls are read by day: which days?")

    def values_of(site: int, calendar: Calendar) -> dict[str, Any]:
        span = site_days(first, last, calendar)
        return presence.values_of(site, calendar, span, selection.agents)

    sql, values = afresh.of_each(
        selection.calendars, f"SELECT * FROM ({presence.QUARTERS}) AS quarters", values_of
    )
    where.values |= values
    return f"({sql})"


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


def _quarter_of(row: Sequence[Any]) -> AgentTime:
    *plain, paused = row
    return AgentTime(**dict(zip(_PLAIN, plain, strict=True)), paused={"": paused})


def _sums(names: Sequence[str], condition: str = "") -> str:
    which = f" FILTER (WHERE {condition})" if condition else ""
    return ", ".join(f"COALESCE(sum({name}){which}, 0)::bigint" for name in names)


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
    SELECT {{made}}, t.* FROM ({{source}}) AS t {{in_teams}} WHERE {{where}}
), reasons AS (
    SELECT {{keys}}, reason, sum(ms::bigint) AS ms
    FROM picked, jsonb_each_text(paused) AS p(reason, ms)
    WHERE NOT shared GROUP BY {{keys}}, reason
), pauses AS (
    SELECT {{keys}}, jsonb_object_agg(reason, ms) AS paused FROM reasons GROUP BY {{keys}}
), sums AS (
    SELECT {{keys}}, {_sums(_PLAIN, "NOT shared")},
        count(*) FILTER (WHERE NOT shared AND {_STATED}),
        count(*) FILTER (WHERE NOT shared AND untold_ms > 0),
        COALESCE(sum(open_spells) FILTER (WHERE NOT shared), 0),
        count(*) FILTER (WHERE shared)
    FROM picked GROUP BY {{keys}}
)
SELECT sums.*, paused FROM sums LEFT JOIN pauses USING ({{keys}})
"""
_QUARTERS = f"""
SELECT {{made}}, {_sums(_PLAIN)}, sum(paused_ms)::bigint
FROM {{source}} WHERE {{where}} GROUP BY {{keys}}
"""
