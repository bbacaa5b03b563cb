"""Reads of callers' matters: one `Matters` a cell, summed in the database."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kpis.dimensions import By
from kpis.reads.reading import Selection, Where, key_of, rows_of
from kpis.sums.matters import Matters, MattersTold
from kpis.sums.repeats import SCOPES, Scope


def cells(selection: Selection, keys: Sequence[By]) -> Mapping[tuple[Any, ...], MattersTold] | None:
    """The matters begun on the days of a selection, by several keys; None by quarter hour and in
    spans, for they are counted by day, by what only calls tell, and of agents: a matter is of
    several."""
    asked = {*keys, *selection.only}
    by_calls = selection.by_quarter(*keys) or selection.of_calls(*keys)
    if by_calls or selection.of_agents(*keys) or "direction" in asked:
        return None
    return {key: _of_each(here) for key, here in matters(selection, keys).items()}


def _of_each(by_scope: Mapping[Scope, Matters]) -> MattersTold:
    return lambda scope: by_scope.get(scope, Matters())


def matters(
    selection: Selection, keys: Sequence[By]
) -> dict[tuple[Any, ...], dict[Scope, Matters]]:
    """Matters by several keys and scope. A site in the scope "queue" is the sum of its queues; of
    queues in any other scope nothing is told.

    A contact that begins a matter in one scope may belong to an older matter in another.
    """
    where = Where(selection)
    where.in_time(by_quarter=False)
    where.add("scope = ANY(%(scopes)s)", scopes=[*SCOPES])  # as the index begins
    if selection.queues is not None:
        where.add("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    if "queue" in keys:
        where.add("queue_id IS NOT NULL")
    if selection.channel:
        where.add("channel = %(channel)s", channel=selection.channel)
    made = where.keys(keys, has_day=True)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    found: dict[tuple[Any, ...], dict[Scope, Matters]] = {}
    sql = _MATTERS.format(made=made, keys=names, where=where)
    for *row, scope, untold, young, codes in rows_of(sql, where.values, of_calls=False):
        ended = {int(code): n for code, n in json.loads(codes or "{}").items()}
        here = found.setdefault(tuple(map(key_of, keys, row)), {})
        here[scope] = Matters.of(ended, untold, young)
    return found


_MATTERS = """
WITH picked AS MATERIALIZED (
    SELECT {made}, s.*, COALESCE(day <= last_whole, false) AS is_whole
    FROM kpis_matterstat s LEFT JOIN kpis_repeatfill f USING (site_id) WHERE {where}
), bins AS (
    SELECT {keys}, scope, code, sum(n) FILTER (WHERE is_whole) AS n,
        COALESCE(sum(n) FILTER (WHERE NOT is_whole), 0) AS young
    FROM picked, unnest(codes, counts) AS c(code, n) GROUP BY {keys}, scope, code
), coded AS (
    SELECT {keys}, scope, jsonb_object_agg(code, n) FILTER (WHERE n > 0) AS codes,
        sum(young) AS young
    FROM bins GROUP BY {keys}, scope
), sums AS (
    SELECT {keys}, scope, COALESCE(sum(untold) FILTER (WHERE is_whole), 0)::bigint AS untold,
        COALESCE(sum(untold) FILTER (WHERE NOT is_whole), 0) AS young_untold
    FROM picked GROUP BY {keys}, scope
)
SELECT {keys}, scope, untold, (COALESCE(young, 0) + young_untold)::bigint, codes::text
FROM sums LEFT JOIN coded USING ({keys}, scope)
"""
