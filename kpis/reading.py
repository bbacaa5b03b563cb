"""Reads of the rollups: one `Counts` a key, summed in the database."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Literal, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection

from ccm.intervals import Span, day_of
from ccm.models import Direction
from kpis.counts import PART_SETS, AskedSums, Counts, ScaleSums
from kpis.histogram import Histogram
from kpis.models import DayStat, IntervalStat, Unit

_One = TypeVar("_One")
By = Literal["total", "interval", "day", "queue", "agent", "site"]
_KEYS: dict[By, tuple[str, ...]] = {
    "total": (),
    "interval": ("start",),
    "day": ("day",),
    "queue": ("queue_id",),
    "agent": ("agent_id",),
    "site": ("site_id",),
}
_SPECIAL = {
    "wait_hist",
    "handle_n",
    "handle_ms",
    "surveys",
    "asked",
    "open",
    "outbound",
    "time",
    "repeats",
    "agents",
    "answered_by_agents",
}
_LONGEST = ("max_wait_ms", "max_answered_wait_ms")
_SUMS = [one.name for one in fields(Counts) if one.name not in {*_SPECIAL, *_LONGEST}]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counts: of `sites`, on site days [first, last] or in `spans` of UTC, inbound.

    `queues` and `agents` None means not picked by queue or agent: sites then count contacts. An
    empty list picks nothing. Outbound calls are counted in visits alone, those on no queue among
    them. `spans` count whole quarter hours, do not overlap, do not reach
    agents, and by day each is the day of `zone` that it begins on.
    """

    sites: Sequence[int]
    first: date | None = None
    last: date | None = None
    spans: Sequence[Span] = ()
    zone: str = "UTC"
    queues: Sequence[int] | None = None
    agents: Sequence[int] | None = None
    channel: str = ""
    direction: str = Direction.INBOUND

    def unit(self, by: By) -> Unit:
        """Contacts for a site or the house, visits where queues or agents are picked."""
        if self.direction != Direction.INBOUND:
            return Unit.VISIT
        picked = self.queues is not None or self.agents is not None or by in ("queue", "agent")
        return Unit.VISIT if picked else Unit.CONTACT


def counts(selection: Selection, by: By = "total") -> dict[Any, Counts]:
    """Counts by key: a moment, a date or an id; None alone for the total.

    One query whatever the selection holds. Raises ValueError for spans by agent: agents are
    counted by day only.
    """
    return counts_of(None, selection, by)


def counts_of(quarter_hours: str | None, selection: Selection, by: By) -> dict[Any, Counts]:
    """Counts of rows of IntervalStat that a relation narrows, which also tells their site's `day`;
    None: of all rows, by quarter hour or by day as the selection has it."""
    table, where, values = _where(selection, by)
    if quarter_hours is not None:
        table = quarter_hours
        where = where.replace(" AND agent_id IS NULL", "")
        if "first" in values:
            # Any zone's days lie within a day of the same days in UTC.
            where += " AND start >= %(first)s - interval '1 day'"
            where += " AND start < %(last)s + interval '2 days'"
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(key=_key(selection, by), table=table, where=where), values)
        found = {one: _counts(row) for one, *row in cursor.fetchall()}
    return days_of_spans(selection, by, values, found)


def cells(
    selection: Selection, keys: Sequence[By], only: Sequence[str] = ()
) -> dict[tuple[Any, ...], Counts]:
    """Counts by several keys at once: ids and site days, in the order asked. One query.

    Cells are many: `only` names the sums that are needed of them, "surveys" may be one; the rest
    is then 0. No maximum, histogram or handling can be named.
    """
    by: By = "agent" if "agent" in keys else "queue" if "queue" in keys else "day"
    table, where, values = _where(selection, by)
    key = f"jsonb_build_array({', '.join(column for one in keys for column in _KEYS[one])})"
    if only:
        unknown = set(only) - {*_SUMS, "surveys"}
        if unknown:
            raise ValueError(f"no sums: {', '.join(sorted(unknown))}")
        sums = [_SURVEYS if name == "surveys" else f"sum({name})::bigint" for name in only]
        query = f"SELECT {key} AS key, {', '.join(sums)} FROM {table} WHERE {where} GROUP BY key"
    else:
        query = _COUNTS.format(key=key, table=table, where=where)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return {
            tuple(
                date.fromisoformat(part) if name == "day" else part
                for name, part in zip(keys, json.loads(found), strict=True)
            ): _some(only, row) if only else _counts(row)
            for found, *row in cursor.fetchall()
        }


def _some(only: Sequence[str], row: Sequence[Any]) -> Counts:
    """A row of the sums that were asked for; surveys as one object of scales for each row."""
    named = dict(zip(only, row, strict=True))
    asked = json.loads(named.pop("surveys", None) or "[]")
    scales = (
        Counts(surveys={scale: ScaleSums(*sums) for scale, sums in one.items()}) for one in asked
    )
    return replace(Counts.sum(scales), **named) if asked else Counts(**named)


def outbound(selection: Selection, by: By = "total") -> dict[Any, Counts]:
    """Counts of the outbound calls of a selection, by key."""
    return counts(replace(selection, direction=Direction.OUTBOUND), by)


def days_of_spans(
    selection: Selection, by: By, values: Mapping[str, Any], found: dict[Any, _One]
) -> dict[Any, _One]:
    """What was found by day in spans, by the day that each span begins on, not by its place."""
    if by != "day" or not selection.spans:
        return found
    tz = ZoneInfo(selection.zone)
    return {day_of(values["starts"][place - 1], tz): one for place, one in found.items()}


def quarters(selection: Selection, by: By) -> tuple[str, str, dict[str, Any]]:
    """The key of rows by quarter hour, the condition of the selection's spans, and its values."""
    spans = sorted(selection.spans, key=lambda span: span.start)
    where = (
        "EXISTS (SELECT FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])"
        " AS p(a, z) WHERE start >= a AND start < z)"
        " AND start >= %(low)s AND start < %(high)s"
    )
    values = {
        "sites": list(selection.sites),
        "starts": [span.start for span in spans],
        "ends": [span.end for span in spans],
        "low": min((span.start for span in spans), default=None),
        "high": max((span.end for span in spans), default=None),
    }
    return _key(selection, by), where, values


def _counts(row: Sequence[Any]) -> Counts:
    """One row of `_COUNTS` without its key."""
    plain = len(_SUMS) + len(_LONGEST)
    *arrays, codes, ns, scales, asked = row[plain:]
    return Counts(
        **dict(zip((*_SUMS, *_LONGEST), row[:plain], strict=True)),
        handle_n=tuple(arrays[:PART_SETS]),
        handle_ms=tuple(arrays[PART_SETS:]),
        wait_hist=Histogram.from_pairs(codes or (), ns or ()),
        surveys={scale: ScaleSums(*sums) for scale, sums in json.loads(scales or "{}").items()},
        asked={kind: AskedSums(*sums) for kind, sums in json.loads(asked or "{}").items()},
    )


def answering_agents(selection: Selection, by: By = "total") -> dict[Any, tuple[int, int]]:
    """How many distinct agents answered anything, and how many visits, by key.

    Nothing for intervals or spans: agents are counted by day.
    """
    if selection.spans:
        return {}
    table, where, values = _where(selection, by, agents=True)
    key = _key(selection, by)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key} AS key, count(DISTINCT agent_id), sum(answered)::bigint FROM {table}"
            f" WHERE {where} AND answered > 0 GROUP BY key",
            values,
        )
        return {one: (agents, answered) for one, agents, answered in cursor.fetchall()}


def _key(selection: Selection, by: By) -> str:
    if by == "day" and selection.spans:
        # Which span it is; `counts` knows its day.
        return "width_bucket(start, %(starts)s::timestamptz[])"
    return ", ".join(_KEYS[by]) or "NULL::integer"


def _where(selection: Selection, by: By, agents: bool = False) -> tuple[str, str, dict[str, Any]]:
    """Table, condition and its values. Agent rows are days; `agents` asks for them anyway."""
    by_agent = agents or by == "agent" or selection.agents is not None
    unit = Unit.VISIT if by_agent else selection.unit(by)
    parts = ["site_id = ANY(%(sites)s)", "direction = %(direction)s", "unit = %(unit)s"]
    values: dict[str, Any] = {
        "sites": list(selection.sites),
        "direction": str(selection.direction),
        "unit": str(unit),
    }
    if selection.channel:
        parts.append("channel = %(channel)s")
        values["channel"] = selection.channel
    if selection.queues is not None:
        parts.append("queue_id = ANY(%(queues)s)")
        values["queues"] = list(selection.queues)
    elif by == "queue" or (
        unit == Unit.VISIT and not by_agent and selection.direction == Direction.INBOUND
    ):
        parts.append("queue_id IS NOT NULL")
    if by == "interval" or selection.spans:
        if by_agent:
            raise ValueError("agents are counted by day, not by quarter hour")
        table = IntervalStat._meta.db_table
        _, spans, when = quarters(selection, by)
        parts.append(spans)
        values |= when
    else:
        table = DayStat._meta.db_table
        parts.append("day BETWEEN %(first)s AND %(last)s")
        values |= {"first": selection.first, "last": selection.last}
        parts.append("agent_id IS NOT NULL" if by_agent else "agent_id IS NULL")
        if selection.agents is not None:
            parts.append("agent_id = ANY(%(agents)s)")
            values["agents"] = list(selection.agents)
    return table, " AND ".join(parts), values


_AGGREGATES = ", ".join(
    (
        *(f"sum({name})::bigint" for name in _SUMS),
        *(f"max({name})" for name in _LONGEST),
        *(
            f"sum({name}[{place}])::bigint"
            for name in ("handle_n", "handle_ms")
            for place in range(1, PART_SETS + 1)
        ),
    )
)
_SURVEYS = "jsonb_agg(surveys) FILTER (WHERE surveys <> '{}')"
# Null keys (the total) would not join, so keys are compared by IS NOT DISTINCT FROM.
_COUNTS = f"""
WITH picked AS MATERIALIZED (SELECT {{key}} AS key, * FROM {{table}} WHERE {{where}}),
bins AS (
    SELECT key, code, sum(n)::bigint AS n
    FROM picked, unnest(hist_codes, hist_counts) AS h(code, n) GROUP BY key, code
), hists AS (
    SELECT key, array_agg(code) AS codes, array_agg(n) AS ns FROM bins GROUP BY key
), scales AS (
    SELECT key, scale, jsonb_build_array(
        sum((v->>0)::bigint), sum((v->>1)::float8), sum((v->>2)::bigint), sum((v->>3)::bigint)
    ) AS sums
    FROM picked, jsonb_each(surveys) AS c(scale, v) GROUP BY key, scale
), answers AS (
    SELECT key, jsonb_object_agg(scale, sums) AS surveys FROM scales GROUP BY key
), kinds AS (
    SELECT key, kind, jsonb_build_array(
        sum((v->>0)::bigint), sum((v->>1)::bigint), sum((v->>2)::bigint)
    ) AS sums
    FROM picked, jsonb_each(asked) AS c(kind, v) GROUP BY key, kind
), asks AS (
    SELECT key, jsonb_object_agg(kind, sums) AS asked FROM kinds GROUP BY key
), sums AS (
    SELECT key AS k, {_AGGREGATES} FROM picked GROUP BY key
)
SELECT sums.*, codes, ns, surveys, asked FROM sums
LEFT JOIN hists ON hists.key IS NOT DISTINCT FROM sums.k
LEFT JOIN answers ON answers.key IS NOT DISTINCT FROM sums.k
LEFT JOIN asks ON asks.key IS NOT DISTINCT FROM sums.k
"""


def offered_by_queue(
    selection: Selection, by: Literal["interval", "day"]
) -> dict[int, dict[Any, int]]:
    """Visits offered by quarter hour or by day, for each queue of the selection's sites."""
    table, where, values = _where(selection, by)
    values["unit"] = str(Unit.VISIT)
    (key,) = _KEYS[by]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT queue_id, {key}, sum(offered)::bigint FROM {table}"
            f" WHERE {where} AND queue_id IS NOT NULL GROUP BY queue_id, {key} ORDER BY {key}",
            values,
        )
        found: dict[int, dict[Any, int]] = defaultdict(dict)
        for queue, at, offered in cursor.fetchall():
            found[queue][at] = offered
    return found


def newest(sites: Sequence[int]) -> tuple[datetime | None, datetime | None]:
    """When the counts of these sites were last made, and the newest moment their calls show."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(counted_at), max(newest_at) FROM kpis_fillmark WHERE site_id = ANY(%s)",
            [list(sites)],
        )
        counted_at, newest_at = cursor.fetchone()
    return counted_at, newest_at
