"""Each cell of each quarter hour again, from the raw record: what is stored of a queue in visits,
of calls on no queue, and of a site in contacts, by channel and direction, in every column.

It reads what `paths.lay_out` laid out and nothing that `kpis.rollups` makes. A unit is a visit, a
call out or between colleagues, a contact, or what was talked on no queue beside it, and stands at
the quarter hour of its entry. Units are summed by column and cut into waits by length; beside them
stand rings, what callers answered and whom surveys asked.

Nothing is left out. What tells its day alone is in no quarter hour, on either side. The channel of
an answer that names neither call nor queue no record tells: it is "voice", as counts have it.
"""

from kpis.sums.counts import PART_SETS
from kpis.sums.histogram import BINS_SQL, CLASS_SHIFT, LAST_BIN
from kpis.sums.surveys import KINDS, parts_sql

# So many cells that differ are told of each day and column; of the others how many they are.
FIRST = 10

_WAITS = {
    "answered": "outcome = 'answered'",
    "abandoned": "outcome = 'abandoned'",
    "lost": "outcome IN ('timed_out', 'key_exit', 'other')",
    "callback": "outcome = 'callback_requested'",
}
_MISSED = "outcome = 'abandoned' AND missed"
_ENDINGS = (
    "answered", "abandoned", "timed_out", "key_exit", "callback_requested", "other", "in_progress",
    "refused", "busy", "left_ivr",
)  # fmt: skip
_RINGS = {
    "ring_no_answer": "IN ('no_answer', 'unreachable')",
    "unreachable": "= 'unreachable'",
    "declined": "= 'declined'",
    "cancelled": "= 'cancelled'",
    "offers_answered": "= 'answered'",
}
_RING_KNOWN = "outcome = 'answered' AND wait_ms IS NOT NULL AND ring_ms IS NOT NULL"
_HANDLED = "COALESCE(talk_ms, 0) + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)"


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def _sum(what: str, condition: str) -> str:
    return f"COALESCE(sum({what}) FILTER (WHERE {condition}), 0)"


def _answered(what: str) -> str:
    return _count(f"outcome = 'answered' AND {what}")


# How each column is reckoned from units.
_TOLD = {
    "offered": _count("outcome NOT IN ('refused', 'busy', 'left_ivr')"),
    **{name: _count(f"outcome = '{name}'") for name in _ENDINGS},
    "missed": _count(_MISSED),
    "called_back": _count(f"{_WAITS['callback']} AND return_ms IS NOT NULL"),
    **{f"{name}_wait_ms": _sum("wait_ms", which) for name, which in _WAITS.items()},
    **{
        f"{name}_wait_n": _count(f"{which} AND wait_ms IS NOT NULL")
        for name, which in _WAITS.items()
    },
    "called_back_ms": _sum("called_back_ms", _WAITS["callback"]),
    "called_back_n": _count(f"{_WAITS['callback']} AND called_back_ms IS NOT NULL"),
    "before_ring_ms": _sum("greatest(wait_ms - ring_ms, 0)", _RING_KNOWN),
    "before_ring_n": _count(_RING_KNOWN),
    **{f"{part}_ms": _sum(f"{part}_ms", "handled") for part in ("talk", "hold", "acw")},
    **{
        f"{part}_n": _count(f"handled AND {part}_ms IS NOT NULL")
        for part in ("talk", "hold", "acw")
    },
    **{name: _count(f"result {which}") for name, which in _RINGS.items()},
    "transferred_out": _answered("transferred_out"),
    "transferred_blind": _answered("blind"),
    "transferred_attended": _answered("attended"),
    "several_agents": _answered("several_agents"),
    "noted": _answered("escalated IS NOT NULL"),
    "escalated": _answered("escalated"),
    "resolved": _answered("resolved"),
    "resolved_known": _answered("resolved IS NOT NULL"),
    "resolvable_known": _answered("resolvable IS NOT NULL"),
    **{
        f"handle_{place}_n": _count(f"handled AND parts = {place - 1}")
        for place in range(1, PART_SETS + 1)
    },
    **{
        f"handle_{place}_ms": _sum(_HANDLED, f"handled AND parts = {place - 1}")
        for place in range(1, PART_SETS + 1)
    },
    # No wait is not a wait of 0.
    "max_wait_ms": "max(wait_ms)"
    " FILTER (WHERE outcome NOT IN ('refused', 'busy', 'left_ivr', 'in_progress'))",
    "max_answered_wait_ms": "max(wait_ms) FILTER (WHERE outcome = 'answered')",
}
COLUMNS = tuple(_TOLD)
"""What is held against the record, beside waits by length and surveys, which have cells of their
own: every column that adds up, who was answered by several agents, handling by what is known of it,
and the longest waits."""


def _kept(name: str) -> str:
    """Where a column is stored."""
    for what in ("n", "ms"):
        if name.startswith("handle_") and name.endswith(f"_{what}"):
            return f"handle_{what}[{name.split('_')[1]}]"
    return name


def _side(row: str, name: str) -> str:
    """A column of one side of a pair, of which the other may have no row."""
    return f"{row}.{name}" if name.startswith("max_") else f"COALESCE({row}.{name}, 0)"


_KEY = "unit, q, channel, direction, start"
_UNITS = """
at_first AS MATERIALIZED (
    -- When a contact is counted: with the first of its visits that entered a queue, else the first
    -- on one, else its first call.
    SELECT source, linked_id,
        date_bin('15 min', COALESCE(
            min(offered_at) FILTER (WHERE entered AND queue_id IS NOT NULL),
            min(offered_at) FILTER (WHERE queue_id IS NOT NULL),
            min(offered_at)), '2000-01-01Z') AS start,
        COALESCE(
            bool_or(time_precision = 'day') FILTER (WHERE entered AND queue_id IS NOT NULL),
            bool_or(time_precision = 'day') FILTER (WHERE queue_id IS NOT NULL),
            bool_or(time_precision = 'day')) AS day_only,
        (array_agg(channel ORDER BY queue_id IS NULL, offered_at, id))[1] AS channel
    FROM member WHERE contact_day BETWEEN %(first)s AND %(last)s GROUP BY source, linked_id
), places AS MATERIALIZED (
    -- Where each call is counted, and once more where its contact is. How it ended is told of what
    -- was on a queue or went out.
    SELECT id, 'v' AS unit, COALESCE(queue_id, 0) AS q, channel, direction,
        date_bin('15 min', offered_at, '2000-01-01Z') AS start,
        queue_id IS NOT NULL OR direction = 'outbound' AS has_ending
    FROM beside WHERE day BETWEEN %(first)s AND %(last)s AND time_precision <> 'day'
    UNION ALL
    SELECT m.id, 'c', 0, a.channel, 'inbound', a.start, m.queued
    FROM member m JOIN at_first a USING (source, linked_id) WHERE NOT a.day_only
), units AS MATERIALIZED (
    SELECT unit, q, p.channel, p.direction, start,
        CASE WHEN has_ending THEN b.outcome END AS outcome, b.outcome = 'answered' AS handled,
        b.transferred_in, b.wait_ms::bigint AS wait_ms, b.talk_ms::bigint AS talk_ms,
        b.hold_ms::bigint AS hold_ms, b.acw_ms::bigint AS acw_ms, b.transferred_out, b.blind,
        b.attended, NULL::boolean AS several_agents, b.escalated, b.missed,
        b.ring_ms::bigint AS ring_ms, v.return_ms, v.called_back_ms, b.resolved, b.resolvable,
        NULL::text AS result
    FROM places p JOIN beside b USING (id) LEFT JOIN visit v USING (id) WHERE unit = 'v'
    UNION ALL
    SELECT 'c', 0, a.channel, 'inbound', a.start, c.outcome, c.outcome = 'answered', false,
        c.wait_ms, s.talk_ms, s.hold_ms, s.acw_ms, c.transferred_out, c.blind, c.attended,
        s.several_agents, c.escalated, c.missed, c.ring_ms, c.return_ms, c.called_back_ms,
        c.resolved, c.resolvable, NULL
    FROM contact c JOIN at_first a USING (source, linked_id)
    LEFT JOIN spoken s ON c.outcome = 'answered' AND s.source = c.source
        AND s.linked_id = c.linked_id
    WHERE NOT a.day_only
    UNION ALL
    -- What was talked on no queue, of a contact that no queue answered.
    SELECT 'c', 0, a.channel, 'inbound', a.start, NULL, true, false, NULL, s.talk_ms, s.hold_ms,
        s.acw_ms, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM spoken s JOIN at_first a USING (source, linked_id)
    WHERE NOT s.answered_on_a_queue AND NOT a.day_only
    UNION ALL
    -- Rings are of whatever rang, offered or not.
    SELECT unit, q, channel, direction, start, NULL, false, false, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, o.result
    FROM places p JOIN offer o ON o.call_id = p.id
)"""
# Waits by length, each with its class in `kpis.sums.histogram`: by how what entered ended; then of
# some of them again; and lengths that are no waits. What a transfer brought and whose wait is not
# known has a class too.
_LENGTHS = (
    ("0", "wait_ms", _WAITS["answered"]),
    ("1", "wait_ms", _WAITS["abandoned"]),
    ("2", "wait_ms", _WAITS["lost"]),
    ("3", "wait_ms", _WAITS["callback"]),
    ("4", "wait_ms", _MISSED),
    ("5", "return_ms", _WAITS["callback"]),
    ("6", "talk_ms", "handled AND direction = 'outbound'"),
    *(
        (f"{class_}", "0", f"transferred_in AND wait_ms IS NULL AND {which}")
        for class_, which in enumerate((*_WAITS.values(), _MISSED), 7)
    ),
)
# A length is twice its seconds, one more if it lies between two.
_BINS = f"""
bins AS (
    SELECT {_KEY}, concat_ws('.', 'hist', class, transferred_in::int,
            LEAST(2 * (ms / 1000) + (mod(ms, 1000) > 0)::int, {LAST_BIN})) AS name
    FROM ({
    " UNION ALL ".join(
        f"SELECT {_KEY}, {class_} AS class, transferred_in, {ms} AS ms FROM units WHERE {which}"
        for class_, ms, which in _LENGTHS
    )
}) AS lengths
    WHERE ms IS NOT NULL
)"""
_SURVEYS = f"""
said AS (
    SELECT unit, q, p.channel, p.direction, start, kind, scale_min, scale_max, score, place
    FROM places p JOIN beside b USING (id) JOIN survey s ON s.call_id = p.id
    WHERE unit = 'c' OR has_ending OR b.outcome = 'answered'
    UNION ALL
    -- One that knows no call is of the moment it was given.
    SELECT own.unit, own.q, COALESCE(q.channel, 'voice'), 'inbound',
        date_bin('15 min', answered_at, '2000-01-01Z'), kind, scale_min, scale_max, score, place
    FROM survey s LEFT JOIN ccm_queue q ON q.id = s.queue_id
    CROSS JOIN LATERAL (VALUES ('v', COALESCE(s.queue_id, 0)), ('c', 0)) AS own(unit, q)
    WHERE call_id IS NULL AND day BETWEEN %(first)s AND %(last)s
), scores AS (
    SELECT {_KEY}, concat_ws('.', 'surveys', kind, scale_min, scale_max) AS scale,
        count(*) AS n, round(sum(score)::numeric, 6) AS total,
        count(*) FILTER (WHERE place >= CASE kind WHEN 'csat' THEN 0.75 WHEN 'nps' THEN 0.9
            WHEN 'ces' THEN 0.66 WHEN 'fcr' THEN 1 END) AS top,
        count(*) FILTER (WHERE place <= CASE kind WHEN 'csat' THEN 0.25 WHEN 'nps' THEN 0.6
            WHEN 'ces' THEN 0.34 WHEN 'fcr' THEN 0 END) AS bottom
    FROM said GROUP BY {_KEY}, kind, scale_min, scale_max
), seen AS (
    SELECT call_id, kind, bool_or(told) AS told, bool_or(NOT told) AS invited
    FROM (
        SELECT call_id, kind, true AS told FROM survey WHERE call_id IS NOT NULL
        UNION ALL SELECT call_id, kind, false FROM invitation
    ) AS each
    GROUP BY call_id, kind
), whom AS (
    SELECT unit, q, p.channel, p.direction, start, kind,
        b.outcome = 'answered' AND s.told AS told, s.invited, s.told AND s.invited AS invited_told
    FROM places p JOIN beside b USING (id) JOIN seen s ON s.call_id = p.id
    WHERE unit = 'v' AND has_ending
    UNION ALL
    SELECT 'c', 0, a.channel, 'inbound', a.start, s.kind,
        c.outcome = 'answered' AND bool_or(s.told), bool_or(s.invited),
        bool_or(s.told) AND bool_or(s.invited)
    FROM contact c JOIN at_first a USING (source, linked_id)
    JOIN member m USING (source, linked_id) JOIN seen s ON s.call_id = m.id
    WHERE NOT a.day_only
    GROUP BY source, linked_id, a.channel, a.start, c.outcome, s.kind
), asked AS (
    SELECT {_KEY}, concat_ws('.', 'asked', kind) AS of_kind, {_count("told")} AS told,
        {_count("invited")} AS invited, {_count("invited_told")} AS invited_told
    FROM whom GROUP BY {_KEY}, kind
)"""
_KIND = f"COALESCE((ARRAY{[*KINDS]})[v[1] + 1], '?')"
_CELLS_TOLD = f"""
SELECT {_KEY}, name, count(*)::numeric AS n FROM bins GROUP BY {_KEY}, name
UNION ALL
SELECT {_KEY}, scale || '.' || what, many FROM scores CROSS JOIN LATERAL (VALUES
    ('n', n), ('total', total), ('top', top), ('bottom', bottom)) AS parts(what, many)
UNION ALL
SELECT {_KEY}, of_kind || '.' || what, many FROM asked CROSS JOIN LATERAL (VALUES
    ('told', told), ('invited', invited), ('invited_told', invited_told)) AS parts(what, many)
"""
_CELLS_KEPT = f"""
SELECT {_KEY}, concat_ws('.', 'hist', code >> {CLASS_SHIFT + 1}, (code >> {CLASS_SHIFT}) & 1,
        code & {LAST_BIN}) AS name, sum(n)::numeric AS n
FROM kept, {BINS_SQL} GROUP BY {_KEY}, code
UNION ALL
SELECT {_KEY}, concat_ws('.', 'surveys', {_KIND}, v[2], v[3], what), sum(many)
FROM kept, {parts_sql("surveys")} CROSS JOIN LATERAL (VALUES
    ('n', v[4]), ('total', round(v[5], 6)), ('top', v[6]), ('bottom', v[7])) AS parts(what, many)
GROUP BY {_KEY}, v[1], v[2], v[3], what
UNION ALL
SELECT {_KEY}, concat_ws('.', 'asked', {_KIND}, what), sum(many)
FROM kept, {parts_sql("asked")} CROSS JOIN LATERAL (VALUES
    ('told', v[2]), ('invited', v[3]), ('invited_told', v[4])) AS parts(what, many)
GROUP BY {_KEY}, v[1], what
"""
_ROW = {row: ", ".join(_side(row, name) for name in COLUMNS) for row in ("k", "t")}
_SIDES = ", ".join(
    f"('{name}', {_side('k', name)}::numeric, {_side('t', name)}::numeric)" for name in COLUMNS
)
CELLS = f"""
WITH {_UNITS}, told AS (
    SELECT {_KEY},
        {", ".join(f"{how} AS {name}" for name, how in _TOLD.items())}
    FROM (
        SELECT *, (talk_ms IS NOT NULL)::int + 2 * (hold_ms IS NOT NULL)::int
            + 4 * (acw_ms IS NOT NULL)::int AS parts
        FROM units
    ) AS u GROUP BY {_KEY}
), kept AS MATERIALIZED (
    SELECT unit, COALESCE(queue_id, 0) AS q, channel, direction, start,
        {", ".join(f"{_kept(name)} AS {name}" for name in COLUMNS)},
        hist_codes, hist_counts, surveys, asked
    FROM kpis_intervalstat
    WHERE site_id = %(site)s AND start >= kpi.day_start(%(first)s, %(zone)s, %(begins)s)
      AND start < kpi.day_start(%(last)s::date + 1, %(zone)s, %(begins)s)
), {_BINS}, {_SURVEYS}, rows_differing AS MATERIALIZED (
    SELECT {_KEY}, sides.name, sides.name AS of_column, here, there
    FROM kept k FULL JOIN told t USING (unit, q, channel, direction, start)
    CROSS JOIN LATERAL (VALUES {_SIDES}) AS sides(name, here, there)
    WHERE ROW({_ROW["k"]}) IS DISTINCT FROM ROW({_ROW["t"]}) AND here IS DISTINCT FROM there
), pairs AS MATERIALIZED (
    SELECT {_KEY}, name, COALESCE(k.n, 0) AS here, COALESCE(t.n, 0) AS there
    FROM (SELECT * FROM ({_CELLS_KEPT}) AS c WHERE n <> 0) AS k
    FULL JOIN (SELECT * FROM ({_CELLS_TOLD}) AS c WHERE n <> 0) AS t
        USING (unit, q, channel, direction, start, name)
), differing AS (
    SELECT * FROM rows_differing
    UNION ALL
    SELECT {_KEY}, name, split_part(name, '.', 1), here, there
    FROM pairs WHERE here <> there
), placed AS (
    SELECT *, kpi.day_of(start, %(zone)s, %(begins)s) AS day FROM differing
), numbered AS (
    SELECT *, row_number() OVER (
            PARTITION BY day, of_column ORDER BY start, unit, q, channel, direction, name
        ) AS place
    FROM placed
), equal AS (
    SELECT start, {len(COLUMNS)} * count(*) AS n
    FROM kept FULL JOIN told USING (unit, q, channel, direction, start) GROUP BY start
    UNION ALL SELECT start, -count(*) FROM rows_differing GROUP BY start
    UNION ALL SELECT start, count(*) FILTER (WHERE here = there) FROM pairs GROUP BY start
)
SELECT day, start, unit, NULLIF(q, 0), channel, direction, name, here, there, 1
FROM numbered WHERE place <= {FIRST}
UNION ALL
SELECT day, NULL, NULL, NULL, NULL, NULL, of_column, count(*), 0, count(*)
FROM numbered WHERE place > {FIRST} GROUP BY day, of_column
UNION ALL
SELECT kpi.day_of(start, %(zone)s, %(begins)s) AS day, NULL, NULL, NULL, NULL, NULL, '', 0, 0,
    sum(n)
FROM equal GROUP BY 1
ORDER BY 1, 7, 2, 3, 4, 5, 6
"""
