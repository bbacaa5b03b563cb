"""Reads of callers' matters: one `Matters` a cell, summed in the database."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from kpis.dimensions import By
from kpis.reads.reading import Selection, Where, key_of
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
    return _Cells(selection, keys)


class _Cells(Mapping[tuple[Any, ...], MattersTold]):
    """Each scope is read when it is first asked for, of all keys at once: which is wanted is told
    by what was chosen for each key. Keys are those of any scope: a contact that begins a matter in
    one may belong to an older matter in another."""

    def __init__(self, selection: Selection, by: Sequence[By]) -> None:
        self._selection, self._by = selection, by
        self._read: dict[Scope, dict[tuple[Any, ...], Matters]] = {}

    def _of(self, scope: Scope) -> dict[tuple[Any, ...], Matters]:
        if scope not in self._read:
            self._read[scope] = matters(self._selection, self._by, scope)
        return self._read[scope]

    def __getitem__(self, key: tuple[Any, ...]) -> MattersTold:
        if not any(key in self._of(scope) for scope in SCOPES):
            raise KeyError(key)
        return lambda scope: self._of(scope).get(key, Matters())

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(dict.fromkeys(key for scope in SCOPES for key in self._of(scope)))

    def __len__(self) -> int:
        return sum(1 for _key in self)


def matters(
    selection: Selection, keys: Sequence[By], scope: Scope
) -> dict[tuple[Any, ...], Matters]:
    """Matters by several keys. A site in the scope "queue" is the sum of its queues; of queues in
    any other scope nothing is told."""
    where = Where(selection)
    where.in_time(by_quarter=False)
    where.add("scope = %(scope)s", scope=scope)
    if selection.queues is not None:
        where.add("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    if "queue" in keys:
        where.add("queue_id IS NOT NULL")
    if selection.channel:
        where.add("channel = %(channel)s", channel=selection.channel)
    made = where.keys(keys, has_day=True)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    with connection.cursor() as cursor:
        cursor.execute(_MATTERS.format(made=made, keys=names, where=where), where.values)
        return {
            tuple(map(key_of, keys, row)): Matters.of(
                {int(code): n for code, n in json.loads(codes or "{}").items()}, untold, young
            )
            for *row, untold, young, codes in cursor.fetchall()
        }


_MATTERS = """
WITH picked AS MATERIALIZED (
    SELECT {made}, s.*, COALESCE(day <= last_whole, false) AS is_whole
    FROM kpis_matterstat s LEFT JOIN kpis_repeatfill f USING (site_id) WHERE {where}
), bins AS (
    SELECT {keys}, code, sum(n) FILTER (WHERE is_whole) AS n,
        COALESCE(sum(n) FILTER (WHERE NOT is_whole), 0) AS young
    FROM picked, unnest(codes, counts) AS c(code, n) GROUP BY {keys}, code
), coded AS (
    SELECT {keys}, jsonb_object_agg(code, n) FILTER (WHERE n > 0) AS codes, sum(young) AS young
    FROM bins GROUP BY {keys}
), sums AS (
    SELECT {keys}, COALESCE(sum(untold) FILTER (WHERE is_whole), 0)::bigint AS untold,
        COALESCE(sum(untold) FILTER (WHERE NOT is_whole), 0) AS young_untold
    FROM picked GROUP BY {keys}
)
SELECT {keys}, untold, (COALESCE(young, 0) + young_untold)::bigint, codes::text
FROM sums LEFT JOIN coded USING ({keys})
"""
