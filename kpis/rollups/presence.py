"""Agents' time, counted: what each agent did on each site day, and all of them in each quarter
hour. What the parts mean stands in `kpis.sums.agent_time`. What each did in each quarter hour is
not kept: `QUARTERS` lays it anew.

Calls and states are laid over each other and cut at every edge; of what overlays each other the
first of handling, ringing, paused, other, ready stands. What has no end yet lasts until its
agent's last sign within a day of its start; what has no start is left out.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.backends.utils import CursorWrapper

from ccm.intervals import DAY, Calendar, Span, site_days
from ccm.models import Site
from ccm.retention import closed
from kpis.rollups import units

# So long is believed of what has no end, and no call is longer.
BELIEVED = timedelta(days=1)

HANDLING, RINGING, PAUSED, OTHER, READY, SESSION = range(1, 7)
_KIND = """CASE state WHEN 'on_call' THEN 1 WHEN 'hold' THEN 1 WHEN 'acw' THEN 1
    WHEN 'ringing' THEN 2 WHEN 'paused' THEN 3 WHEN 'other' THEN 4 WHEN 'available' THEN 5
    WHEN 'logged_in' THEN 6 END"""


# When a call is over for its agent. Durations are what the source measured; stamps fill where it
# gives none.
_OVER = """greatest(wrapup_ended_at, COALESCE(
    answered_at + (talk_ms + COALESCE(hold_ms, 0)) * interval '1 ms', ended_at
) + COALESCE(acw_ms, 0) * interval '1 ms')"""


# Who is told, in the transaction of a count, which days of a site were counted.
Counted = Callable[[Site, date, date], object]
_told: list[Counted] = []


def tell(counted: Counted) -> None:
    """Have somebody told of what was counted, once."""
    if counted not in _told:
        _told.append(counted)


def count(cursor: CursorWrapper, site: Site, first: date, last: date) -> None:
    """Count agents' time on the site days from `first` to `last`, and on the days beside that
    what happened on these may reach into."""
    first, last = _reached(cursor, site, first, last)
    first = closed.first_open(site, first)
    span = site_days(first, last, site.calendar)
    values = values_of(site.pk, site.calendar, span) | {"first": first, "last": last}
    for table, when in (("kpis_agenttime", "day BETWEEN %(first)s AND %(last)s"),
                        ("kpis_sitetime", "start >= %(start)s AND start < %(end)s")):  # fmt: skip
        cursor.execute(f"DELETE FROM {table} WHERE site_id = %(site)s AND {when}", values)
    cursor.execute(f"CREATE TEMP TABLE told ON COMMIT DROP AS {_TOLD}", values)
    cursor.execute("ANALYZE told")
    cursor.execute(f"CREATE TEMP TABLE pieces ON COMMIT DROP AS {_PIECES}", values)
    cursor.execute(_BY_AGENT, values)
    cursor.execute(_BY_QUARTER, values)
    cursor.execute("DROP TABLE told, pieces")
    for counted in _told:
        counted(site, first, last)


def values_of(
    site: int, calendar: Calendar, span: Span, agents: Sequence[int] | None = None
) -> dict[str, Any]:
    """What the statements here take for a span of the site of that id, of these agents or all."""
    reach = Span(span.start - BELIEVED, span.end + BELIEVED)
    return units.values_of(site, calendar, span) | {
        "agents": None if agents is None else list(agents),
        "early": reach.start,
        "late": reach.end,
        "believed": BELIEVED,
        # Ids that hold every call of that reach.
        **{name: units.bounds(reach)[name] for name in ("low", "high")},
    }


def _reached(cursor: CursorWrapper, site: Site, first: date, last: date) -> tuple[date, date]:
    """The days and those beside them: the day before where something without an end began that
    these may show the end of, the day after where something lasts, or did, over midnight."""
    span = site_days(first, last, site.calendar)
    values = values_of(site.pk, site.calendar, span) | {"a_day_in": span.end - BELIEVED}
    cursor.execute(
        f"""SELECT {_BEGUN.format("early", "start")},
        EXISTS (SELECT FROM kpis_sitetime WHERE site_id = %(site)s AND start = %(end)s)
        OR EXISTS (SELECT FROM ccm_call c WHERE site_id = %(site)s AND id >= %(low)s
            AND id < %(high)s AND offered_at >= %(a_day_in)s AND offered_at < %(end)s
            AND ({_OVER} > %(end)s
                OR EXISTS (SELECT FROM ccm_offer o WHERE o.call_id = c.id
                    AND o.starts_at + o.ring_ms * interval '1 ms' > %(end)s)))
        OR {_BEGUN.format("a_day_in", "end")} AND (
            EXISTS (SELECT FROM ccm_call WHERE site_id = %(site)s AND id >= %(low)s
                AND id < %(high)s AND offered_at >= %(end)s AND offered_at < %(late)s)
            OR EXISTS (SELECT FROM ccm_agentstate s JOIN ccm_agent a ON a.id = s.agent_id
                WHERE a.site_id = %(site)s
                  AND (s.starts_at >= %(end)s AND s.starts_at < %(late)s
                    OR s.ends_at >= %(end)s AND s.ends_at < %(late)s)))""",
        values,
    )
    before, after = cursor.fetchone()
    return first - DAY if before else first, last + DAY if after else last


# Whether anything began between two moments that has no end yet.
_BEGUN = """(EXISTS (SELECT FROM ccm_agentstate s JOIN ccm_agent a ON a.id = s.agent_id
        WHERE a.site_id = %(site)s AND s.ends_at IS NULL
          AND s.starts_at >= %({0})s AND s.starts_at < %({1})s)
    OR EXISTS (SELECT FROM ccm_call WHERE site_id = %(site)s AND ended_at IS NULL
        AND answered_at IS NOT NULL AND offered_at >= %({0})s AND offered_at < %({1})s))"""

_OF = "(%(agents)s::bigint[] IS NULL OR {0} = ANY(%(agents)s::bigint[]))"
# Each stretch of time that something tells of an agent: what kind, from, until, in ms of the
# epoch. `state` is whether a state tells it, `half` whether its end is missing.
_TOLD = f"""
WITH spells AS MATERIALIZED (
    SELECT s.agent_id, {_KIND} AS kind, s.reason, s.starts_at AS a, s.ends_at AS z
    FROM ccm_agentstate s JOIN ccm_agent a ON a.id = s.agent_id
    WHERE a.site_id = %(site)s AND s.state <> 'offline' AND s.starts_at IS NOT NULL
      AND tstzrange(s.starts_at, s.ends_at) && tstzrange(%(early)s, %(late)s)
      AND {_OF.format("s.agent_id")}
), near AS MATERIALIZED (
    SELECT * FROM ccm_call
    WHERE site_id = %(site)s AND id >= %(low)s AND id < %(high)s
      AND offered_at >= %(early)s AND offered_at < %(late)s AND time_precision <> 'day'
), calls AS MATERIALIZED (
    SELECT agent_id, answered_at AS a, {_OVER} AS z
    FROM near
    WHERE agent_id IS NOT NULL AND answered_at IS NOT NULL AND {_OF.format("agent_id")}
), rings AS MATERIALIZED (
    SELECT o.agent_id, o.starts_at AS a, o.starts_at + o.ring_ms * interval '1 ms' AS z
    FROM near JOIN ccm_offer o ON o.call_id = near.id
    WHERE o.ring_ms > 0 AND o.call_id >= %(low)s AND o.call_id < %(high)s
      AND {_OF.format("o.agent_id")}
), parts AS (
    SELECT agent_id, kind, reason, true AS state, a, z FROM spells
    UNION ALL SELECT agent_id, {HANDLING}, '', false, a, z FROM calls
    UNION ALL SELECT agent_id, {RINGING}, '', false, a, z FROM rings
), signs AS (
    SELECT agent_id, a AS at FROM parts UNION ALL SELECT agent_id, z FROM parts
), lasting AS (
    -- Whatever has no end yet: until the agent's last sign.
    SELECT p.agent_id, p.kind, p.reason, p.state, p.a, max(s.at) AS z
    FROM parts p JOIN signs s ON s.agent_id = p.agent_id
        AND s.at > p.a AND s.at <= p.a + %(believed)s
    WHERE p.z IS NULL GROUP BY p.agent_id, p.kind, p.reason, p.state, p.a
), whole AS (
    SELECT *, false AS half FROM parts WHERE z IS NOT NULL
    UNION ALL SELECT *, true FROM lasting
)
SELECT agent_id, kind, reason, state, half, a AS began,
    (extract(epoch FROM greatest(a, %(start)s)) * 1000)::bigint AS a,
    (extract(epoch FROM least(z, %(end)s)) * 1000)::bigint AS z
FROM whole WHERE a < z AND a < %(end)s AND z > %(start)s
"""

# What overlays each other laid side by side: pieces that begin and end at an edge of something or
# of a quarter hour, each of the first kind that stands there.
_PIECES = f"""
WITH edges AS (
    SELECT agent_id, a AS at, kind, 1 AS step FROM told
    UNION ALL SELECT agent_id, z, kind, -1 FROM told
), steps AS (
    SELECT agent_id, at, {
    ", ".join(f"sum(step) FILTER (WHERE kind = {kind}) AS k{kind}" for kind in range(1, 7))
} FROM edges GROUP BY agent_id, at
), running AS (
    SELECT agent_id, at AS a, lead(at) OVER mine AS z, {
    ", ".join(f"COALESCE(sum(k{kind}) OVER mine, 0) > 0 AS k{kind}" for kind in range(1, 7))
} FROM steps WINDOW mine AS (PARTITION BY agent_id ORDER BY at)
), sides AS (
    SELECT agent_id, a, z,
        CASE {" ".join(f"WHEN k{kind} THEN {kind}" for kind in range(1, 7))} END AS kind
    FROM running WHERE z > a AND (k1 OR k2 OR k3 OR k4 OR k5 OR k6)
), cut AS (
    SELECT agent_id, kind, q AS quarter, greatest(a, q) AS a, least(z, q + 900000) AS z
    FROM sides CROSS JOIN generate_series(a - a %% 900000, z - 1, 900000) AS q
), days AS (
    SELECT agent_id, kind, a, z, to_timestamp(quarter / 1000) AS start,
        {units.day_sql("to_timestamp(quarter / 1000)")}
    FROM cut
), stated AS (
    -- Days of agents with states, and whether any of these tells who is available.
    SELECT agent_id, %(day_one)s::date + n - 1 AS day, bool_or(kind = {READY}) AS tells_ready
    FROM told CROSS JOIN generate_series(
        width_bucket(to_timestamp(a / 1000.0), %(day_starts)s::timestamptz[]),
        width_bucket(to_timestamp((z - 1) / 1000.0), %(day_starts)s::timestamptz[])
    ) AS n
    WHERE state GROUP BY agent_id, n
)
SELECT d.agent_id, d.day, d.start, s.agent_id IS NOT NULL AS stated, d.a, d.z - d.a AS ms,
    -- Logged in and nothing more told: ready, unless the agent's states tell when that is.
    CASE WHEN d.kind < {SESSION} THEN d.kind WHEN s.tells_ready THEN {OTHER} ELSE {READY} END
        AS kind
FROM days d LEFT JOIN stated s USING (agent_id, day)
"""


def _sums(condition: str) -> str:
    named = {"handling": HANDLING, "ringing": RINGING, "other": OTHER, "ready": READY}
    return ", ".join(
        f"COALESCE(sum(ms) FILTER (WHERE {condition} AND kind = {kind}), 0) AS {name}_ms"
        for name, kind in named.items()
    )


# The reason of a pause is that of the one that began last.
_REASONS = f"""
    SELECT DISTINCT ON (p.agent_id, p.a) p.agent_id, p.day, p.a, p.ms, t.reason
    FROM pieces p JOIN told t ON t.agent_id = p.agent_id AND t.kind = {PAUSED}
        AND t.a <= p.a AND t.z > p.a
    WHERE p.kind = {PAUSED}
    ORDER BY p.agent_id, p.a, t.began DESC, t.reason
"""
_BY_AGENT = f"""
INSERT INTO kpis_agenttime (site_id, agent_id, day, handling_ms, ringing_ms, other_ms, ready_ms,
    paused_ms, paused, untold_ms, open_spells)
WITH reasons AS ({_REASONS}), paused AS (
    SELECT agent_id, day, jsonb_object_agg(reason, ms) AS paused, sum(ms) AS paused_ms
    FROM (SELECT agent_id, day, reason, sum(ms) AS ms FROM reasons GROUP BY agent_id, day, reason)
        AS by_reason
    GROUP BY agent_id, day
), open AS (
    SELECT agent_id, %(day_one)s::date - 1
        + width_bucket(to_timestamp(a / 1000.0), %(day_starts)s::timestamptz[]) AS day,
        count(*) AS open_spells
    FROM told WHERE half GROUP BY 1, 2
), sums AS (
    SELECT agent_id, day, {_sums("stated")},
        COALESCE(sum(ms) FILTER (WHERE NOT stated), 0) AS untold_ms
    FROM pieces GROUP BY agent_id, day
)
SELECT %(site)s, agent_id, day, handling_ms, ringing_ms, other_ms, ready_ms,
    COALESCE(paused_ms, 0), COALESCE(paused, '{{}}'), untold_ms, COALESCE(open_spells, 0)
FROM sums LEFT JOIN paused USING (agent_id, day) LEFT JOIN open USING (agent_id, day)
"""

_IN_A_QUARTER = f"""{_sums("stated")},
    COALESCE(sum(ms) FILTER (WHERE stated AND kind = {PAUSED}), 0) AS paused_ms,
    COALESCE(sum(ms) FILTER (WHERE NOT stated), 0) AS untold_ms"""
_BY_QUARTER = f"""
INSERT INTO kpis_sitetime (site_id, start, handling_ms, ringing_ms, other_ms, ready_ms,
    paused_ms, untold_ms)
SELECT %(site)s, start, {_IN_A_QUARTER}
FROM pieces GROUP BY start
"""

# Each agent's time in each quarter hour, of which no sums are kept, with its day. Takes
# `values_of`. It is the same whichever days are asked for together.
QUARTERS = f"""
WITH told AS MATERIALIZED ({_TOLD}), pieces AS MATERIALIZED ({_PIECES})
SELECT %(site)s::bigint AS site_id, agent_id, day, start, {_IN_A_QUARTER}
FROM pieces GROUP BY agent_id, day, start
"""

# What each agent did from when for how long (ms of the epoch), with the reason of each pause, in
# pieces of a quarter hour at most and in order. Takes `values_of`.
SPELLS = f"""
WITH told AS MATERIALIZED ({_TOLD}), pieces AS MATERIALIZED ({_PIECES}), reasons AS ({_REASONS})
SELECT p.agent_id, p.stated, p.kind, p.a, p.ms, COALESCE(r.reason, '') AS reason
FROM pieces p LEFT JOIN reasons r ON r.agent_id = p.agent_id AND r.a = p.a AND p.kind = {PAUSED}
ORDER BY p.agent_id, p.a
"""
