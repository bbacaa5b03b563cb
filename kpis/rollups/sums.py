"""How units (`kpis.rollups.units`) are summed into rows of counts, as SQL.

What each column means stands in `kpis.sums.counts.Counts`.
"""

from collections.abc import Collection, Mapping

from ccm.models import Direction
from kpis.rollups import units
from kpis.rollups.units import (
    ABANDONED,
    ALONE,
    ANSWERED,
    BESIDE,
    CALLBACK,
    ENDED,
    ENDINGS,
    ENTERED,
    HANDLED,
    LOST,
    PARTS,
    RINGS,
    TALKED,
)
from kpis.sums.counts import FAMILIES, Family
from kpis.sums.histogram import (
    BINS_SQL,
    CLASS_SHIFT,
    LAST_BIN,
    UNTOLD,
    WaitOutcome,
    stored_sql,
)
from kpis.sums.surveys import EDGES, KINDS_STORED, SCALES_STORED, kind_sql, parts_sql

# Rings belong to the agent who was rung, all else to the one who answered.
AGENT_UNITS = f"""
SELECT id, queue_id, agent_id, channel, direction, start, day, day_only, ending,
    wait_ms, talk_ms, hold_ms, acw_ms, transferred_in, {", ".join(BESIDE)}, resolved, resolvable,
    topic_id, disposition_id,
    0 AS ring_no_answer, 0 AS unreachable, 0 AS declined, 0 AS cancelled, 0 AS offers_answered
FROM units WHERE agent_id IS NOT NULL
UNION ALL
SELECT u.id, u.queue_id, o.agent_id, u.channel, u.direction, u.start, u.day, u.day_only, 0,
    NULL, NULL, NULL, NULL, false, {", ".join("NULL" for _ in BESIDE)}, NULL, NULL,
    u.topic_id, u.disposition_id,
    (o.outcome IN ('no_answer', 'unreachable'))::int, (o.outcome = 'unreachable')::int,
    (o.outcome = 'declined')::int, (o.outcome = 'cancelled')::int, (o.outcome = 'answered')::int
FROM units u JOIN ccm_offer o ON o.call_id = u.id
WHERE o.call_id >= %(low)s AND o.call_id < %(high)s
"""

# What is read of a visit's row.
_VISIT = (
    "id", "channel", "direction", "ending", "wait_ms", "talk_ms", "hold_ms", "acw_ms",
    "transferred_in", *BESIDE, "resolved", "resolvable", *RINGS,
)  # fmt: skip
# What of it tells of which contact it is, and when that was.
_OF_CONTACTS = (
    "source", "linked_id", "queue_id", "agent_id", "offered_at", "start", "day", "day_only",
)  # fmt: skip
_WAITS = {
    "answered": f"ending = {ANSWERED}",
    "abandoned": f"ending = {ABANDONED}",
    "lost": LOST,
    "callback": f"ending = {CALLBACK}",
}
_MISSED = f"ending = {ABANDONED} AND missed"
_RING_KNOWN = f"ending = {ANSWERED} AND wait_ms IS NOT NULL AND ring_ms IS NOT NULL"
_HANDLE_MS = "COALESCE(talk_ms, 0)::bigint + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)"


def _columns() -> dict[str, str]:
    """Each plain column of a stat row and how it is summed from unit rows."""
    columns = {
        "offered": f"count(*) FILTER (WHERE {ENTERED})",
        **{name: f"count(*) FILTER (WHERE ending = {n})" for name, n in ENDINGS.items()},
    }
    for group, condition in _WAITS.items():
        columns[f"{group}_wait_ms"] = f"COALESCE(sum(wait_ms) FILTER (WHERE {condition}), 0)"
        columns[f"{group}_wait_n"] = f"count(wait_ms) FILTER (WHERE {condition})"
    columns["missed"] = f"count(*) FILTER (WHERE {_MISSED})"
    columns["called_back"] = f"count(return_ms) FILTER (WHERE ending = {CALLBACK})"
    columns["called_back_ms"] = (
        f"COALESCE(sum(called_back_ms) FILTER (WHERE ending = {CALLBACK}), 0)"
    )
    columns["called_back_n"] = f"count(called_back_ms) FILTER (WHERE ending = {CALLBACK})"
    columns["before_ring_ms"] = (
        f"COALESCE(sum(GREATEST(wait_ms - ring_ms, 0)) FILTER (WHERE {_RING_KNOWN}), 0)"
    )
    columns["before_ring_n"] = f"count(*) FILTER (WHERE {_RING_KNOWN})"
    columns["max_wait_ms"] = f"max(wait_ms) FILTER (WHERE {ENDED})"
    columns["max_answered_wait_ms"] = f"max(wait_ms) FILTER (WHERE ending = {ANSWERED})"
    for part in ("talk", "hold", "acw"):
        columns[f"{part}_ms"] = f"COALESCE(sum({part}_ms) FILTER (WHERE {HANDLED}), 0)"
        columns[f"{part}_n"] = f"count({part}_ms) FILTER (WHERE {HANDLED})"
    for rings in RINGS:
        columns[rings] = f"sum({rings})"
    of_answered = f"count(*) FILTER (WHERE ending = {ANSWERED} AND {{}})"
    columns["transferred_out"] = of_answered.format("transferred_out")
    columns["transferred_blind"] = of_answered.format("blind")
    columns["transferred_attended"] = of_answered.format("attended")
    columns["several_agents"] = "sum(several_agents::int)"
    columns["noted"] = of_answered.format("escalated IS NOT NULL")
    columns["escalated"] = of_answered.format("escalated")
    columns["resolved"] = of_answered.format("resolved")
    columns["resolved_known"] = of_answered.format("resolved IS NOT NULL")
    columns["resolvable_known"] = of_answered.format("resolvable IS NOT NULL")
    return columns


def _code(outcome: str | WaitOutcome, length: str) -> str:
    """The code of a length in `kpis.sums.histogram`: class of ending and entry, then the bin."""
    bin_ = f"2 * ({length} / 1000) + ({length} %% 1000 > 0)::int"
    return (
        f"(({outcome} * 2 + transferred_in::int) << {CLASS_SHIFT}) | LEAST({bin_}, {LAST_BIN})::int"
    )


_OUTCOME = f"""(CASE WHEN ending = {ANSWERED} THEN 0 WHEN ending = {ABANDONED} THEN 1
    WHEN {LOST} THEN 2 ELSE 3 END)"""
_WAITS_AND_MISSED = dict(zip(UNTOLD, (*_WAITS.values(), _MISSED), strict=True))
# What stands in a histogram: its class, its length, whose it is, and the family that reads it.
_BINS: tuple[tuple[str | WaitOutcome, str, str, Family], ...] = (
    (_OUTCOME, "wait_ms", ENDED, "waits"),
    (WaitOutcome.MISSED, "wait_ms", _MISSED, "rings"),
    (WaitOutcome.RETURNED, "return_ms", f"ending = {CALLBACK}", "returns"),
    (WaitOutcome.TALK, "talk_ms", f"direction = '{Direction.OUTBOUND}' AND {HANDLED}", "handling"),
    *(
        (
            untold,
            "0",
            f"transferred_in AND wait_ms IS NULL AND {_WAITS_AND_MISSED[outcome]}",
            "rings" if _WAITS_AND_MISSED[outcome] == _MISSED else "waits",
        )
        for outcome, untold in UNTOLD.items()
    ),
)


def _edge(place: int) -> str:
    """The upper (0) or lower (1) edge of `EDGES`, by the kind of a survey."""
    cases = " ".join(f"WHEN '{kind}' THEN {edges[place]}" for kind, edges in EDGES.items())
    return f"CASE kind {cases} END"


def summed(table: str, unit: str, keys: tuple[str, ...], units: str = "units") -> str:
    """The statement that sums unit rows by queue, channel, direction and `keys` into `table`.

    No queue is 0 on the way: null would not join.
    """
    columns = ", ".join(("site_id", "unit", "queue_id", "channel", "direction", *keys, *_columns()))
    arrays = "handle_n, handle_ms, hist_codes, hist_counts, surveys, asked"
    told = ", ".join(("%(site)s", f"'{unit}'", "NULLIF(q, 0)", "channel", "direction", *keys))
    rows = f"AS MATERIALIZED (SELECT COALESCE(queue_id, 0) AS q, * FROM {units})"
    group = ("q", "channel", "direction", *keys)
    return (
        f"INSERT INTO {table} ({columns}, {arrays})"
        f" {_sums(told, group, rows, FAMILIES, of_contacts=unit == 'c')}"
    )


# What of a visit's row is looked up beside its call, by the family that reads it.
_LOOKED_UP: Mapping[Family, Mapping[str, str]] = {
    "rings": {**dict.fromkeys(RINGS, "0"), "missed": "false", "ring_ms": "NULL::bigint"},
    "returns": {"return_ms": "NULL::bigint", "called_back_ms": "NULL::bigint"},
    "notes": {"escalated": "NULL::boolean"},
}


def _needless(families: Collection[Family]) -> dict[str, str]:
    """What no such family reads, each with the SQL that stands for it."""
    return {
        name: nothing
        for family, columns in _LOOKED_UP.items()
        if family not in families
        for name, nothing in columns.items()
    }


def sums_of(keys: tuple[str, ...], visits: str, families: Collection[Family]) -> str:
    """The query that sums rows of visits by `keys`, of which none is null: these and the columns of
    a row of counts, those of other `families` without a meaning.

    Calls are looked through again for each family, which takes less than to lay them out. Only
    where something is looked up beside each of them that is done once.
    """
    needless = _needless(families)
    columns = [*keys, *(f"{needless.get(name, name)} AS {name}" for name in _VISIT)]
    kept = "MATERIALIZED" if {*families} & {*_LOOKED_UP} else "NOT MATERIALIZED"
    rows = f"AS {kept} (SELECT {', '.join(columns)} FROM {visits})"
    return _sums(", ".join(keys), keys, rows, families)


def laid_out(visits: str, families: Collection[Family]) -> str:
    """The query of rows of visits that tell their contacts, too; of what no such `families` read
    nothing is looked up."""
    needless = _needless(families)
    columns = (f"{needless.get(name, name)} AS {name}" for name in (*_OF_CONTACTS, *_VISIT))
    return f"SELECT {', '.join(columns)} FROM ({visits}) AS visits"


def together(
    keys: tuple[str, ...], visits: str, contacts: str, families: Collection[Family]
) -> str:
    """As `sums_of`, of rows of visits and, beside them, of contacts, both read from what was
    `laid_out`: summed in one go, which takes half as long."""
    columns = ", ".join((*keys, *_VISIT))
    rows = f"""AS MATERIALIZED (
        SELECT {columns}, ARRAY[id] AS visit_ids FROM {visits}
        UNION ALL
        SELECT {columns}, visit_ids FROM {contacts}
    )"""
    return _sums(", ".join(keys), keys, rows, families, of_contacts=True)


def _sums(
    told: str,
    by: tuple[str, ...],
    rows: str,
    families: Collection[Family],
    of_contacts: bool = False,
) -> str:
    """The query that sums unit rows: what is `told` of each group and its columns of counts.

    What a row holds as an array or object is counted first by its place in it.
    """
    columns = _columns()
    group = ", ".join(by)
    mine = ", ".join(f"u.{name}" for name in by)
    # An answer that stands for itself (`units.ALONE`) is its own unit.
    alone = (
        f"JOIN ccm_surveyresponse s ON s.id = u.id WHERE u.ending = {ALONE} AND s.call_id IS NULL"
        " AND s.site_id = %(site)s AND s.answered_at >= %(start)s AND s.answered_at < %(end)s"
    )
    # All of them are found by their calls' ids, not looked through.
    reach = "s.call_id >= %(far_low)s AND s.call_id < %(far_high)s"
    calls = "(SELECT u.*, u.id AS call_id FROM u WHERE u.ending > 0) AS u"
    if of_contacts:
        calls = (
            "(SELECT u.*, part.call_id FROM u CROSS JOIN unnest(u.visit_ids) AS part(call_id)"
            f" WHERE u.ending <> {ALONE}) AS u"
        )
    share = "(score - scale_min) / (scale_max - scale_min)"
    codes = (
        " UNION ALL ".join(
            f"SELECT {group}, {_code(outcome, length)} AS code FROM u"
            f" WHERE {length} IS NOT NULL AND {whose}"
            for outcome, length, whose, family in _BINS
            if family in families
        )
        or f"SELECT {group}, 0 AS code FROM u WHERE false"
    )
    good, bad = (_edge(place) for place in (0, 1))
    places = [f"COALESCE(max({{}}) FILTER (WHERE parts = {parts}), 0)" for parts in range(8)]
    handle_n = ", ".join(one.format("n") for one in places)
    handle_ms = ", ".join(one.format("ms") for one in places)
    zeros = f"'{{{', '.join('0' * 8)}}}'"
    return f"""
WITH u {rows}, sums AS (
    SELECT {group}, {", ".join(f"{how} AS {name}" for name, how in columns.items())}
    FROM u GROUP BY {group}
), bins AS (
    SELECT {group}, code, count(*)::int AS n FROM ({codes}) AS every GROUP BY {group}, code
), hists AS (
    SELECT {group}, {stored_sql("code", "code")} AS codes, {stored_sql("n", "code")} AS counts
    FROM bins GROUP BY {group}
), handled AS (
    SELECT {group}, {PARTS} AS parts, count(*) AS n, sum({_HANDLE_MS}) AS ms
    FROM u WHERE {HANDLED} GROUP BY {group}, parts
), handles AS (
    SELECT {group}, ARRAY[{handle_n}] AS handle_n, ARRAY[{handle_ms}] AS handle_ms
    FROM handled GROUP BY {group}
), answers AS (
    SELECT {mine}, u.id, u.ending, s.kind, s.scale_min, s.scale_max, s.score
    FROM {calls} JOIN ccm_surveyresponse s ON s.call_id = u.call_id WHERE {reach}
    UNION ALL
    SELECT {mine}, u.id, u.ending, s.kind, s.scale_min, s.scale_max, s.score FROM u {alone}
), scales AS (
    SELECT {group}, {kind_sql("kind")} AS kind, scale_min AS low, scale_max AS high,
        count(*) AS n, sum(score) AS total, count(*) FILTER (WHERE {share} >= {good}) AS top,
        count(*) FILTER (WHERE {share} <= {bad}) AS bottom
    FROM answers GROUP BY {group}, kind, low, high
), said AS (
    SELECT {group}, {SCALES_STORED} AS surveys FROM scales GROUP BY {group}
), invitations AS (
    SELECT {mine}, u.id, u.ending, q.kind
    FROM {calls} JOIN ccm_surveyinvitation s ON s.call_id = u.call_id
    CROSS JOIN unnest(s.questions) AS q(kind)
    WHERE {reach} AND u.ending NOT IN (0, {TALKED})
      AND (s.withdrawn_at IS NULL OR s.withdrawn_at >= s.expires_at)
), each AS (
    SELECT {group}, id, kind, bool_or(ending = {ANSWERED} AND told) AS told,
        bool_or(NOT told) AS invited, bool_or(told) AND bool_or(NOT told) AS invited_told
    FROM (
        SELECT {group}, id, ending, kind, true AS told FROM answers WHERE ending <> {ALONE}
        UNION ALL
        SELECT {group}, id, ending, kind, false FROM invitations
    ) AS every GROUP BY {group}, id, kind
), kinds AS (
    SELECT {group}, {kind_sql("kind")} AS kind, count(*) FILTER (WHERE told) AS told,
        count(*) FILTER (WHERE invited) AS invited,
        count(*) FILTER (WHERE invited_told) AS invited_told
    FROM each GROUP BY {group}, kind
), asks AS (
    SELECT {group}, {KINDS_STORED} AS asked FROM kinds GROUP BY {group}
)
SELECT {told}, {", ".join(columns)},
    COALESCE(handle_n, {zeros}) AS handle_n, COALESCE(handle_ms, {zeros}) AS handle_ms,
    COALESCE(codes, '') AS hist_codes, COALESCE(counts, '') AS hist_counts,
    COALESCE(surveys, '') AS surveys, COALESCE(asked, '') AS asked
FROM sums LEFT JOIN hists USING ({group}) LEFT JOIN handles USING ({group})
LEFT JOIN said USING ({group}) LEFT JOIN asks USING ({group})
"""


def days_summed(unit: str, which: str = "") -> str:
    """The statement that sums the quarter hours just counted into site days.

    A site day is whole quarter hours, so their sums are its own; `which` narrows the queues.
    """
    quarters = f"""
    SELECT COALESCE(queue_id, 0) AS q, {units.day_sql("start")}, * FROM kpis_intervalstat
    WHERE site_id = %(site)s AND unit = '{unit}' AND start >= %(start)s AND start < %(end)s {which}
"""
    return _gathered(quarters, unit, ("day",))


def agents_summed() -> str:
    """The statement that sums what agents did on each queue into what they did on any."""
    on_queues = """
    SELECT 0 AS q, * FROM kpis_daystat
    WHERE site_id = %(site)s AND unit = 'v' AND agent_id IS NOT NULL
      AND day BETWEEN %(first)s AND %(last)s
"""
    return _gathered(on_queues, "a", ("day", "agent_id"))


def _gathered(rows: str, unit: str, keys: tuple[str, ...]) -> str:
    """The statement that sums rows of counts, each with its queue as `q`, into rows of a day."""
    columns = {
        name: f"max({name})" if name.startswith("max_") else f"sum({name})::bigint"
        for name in _columns()
    }
    group = ", ".join(("q", "channel", "direction", *keys))
    parts = {
        name: ", ".join(f"sum({name}[{place}])::bigint" for place in range(1, 9))
        for name in ("handle_n", "handle_ms")
    }
    return f"""
INSERT INTO kpis_daystat (site_id, unit, queue_id, channel, direction, {", ".join(keys)},
    {", ".join(columns)}, handle_n, handle_ms, hist_codes, hist_counts, surveys, asked)
WITH i AS MATERIALIZED ({rows}), sums AS (
    SELECT {group}, {", ".join(f"{how} AS {name}" for name, how in columns.items())},
        ARRAY[{parts["handle_n"]}] AS handle_n, ARRAY[{parts["handle_ms"]}] AS handle_ms
    FROM i GROUP BY {group}
), bins AS (
    SELECT {group}, code, sum(n)::int AS n
    FROM i, {BINS_SQL} GROUP BY {group}, code
), hists AS (
    SELECT {group}, {stored_sql("code", "code")} AS codes, {stored_sql("n", "code")} AS counts
    FROM bins GROUP BY {group}
), scales AS (
    SELECT {group}, v[1] AS kind, v[2] AS low, v[3] AS high, sum(v[4]) AS n, sum(v[5]) AS total,
        sum(v[6]) AS top, sum(v[7]) AS bottom
    FROM i, {parts_sql("surveys")} GROUP BY {group}, v[1], v[2], v[3]
), said AS (
    SELECT {group}, {SCALES_STORED} AS surveys FROM scales GROUP BY {group}
), kinds AS (
    SELECT {group}, v[1] AS kind, sum(v[2]) AS told, sum(v[3]) AS invited, sum(v[4]) AS invited_told
    FROM i, {parts_sql("asked")} GROUP BY {group}, v[1]
), asks AS (
    SELECT {group}, {KINDS_STORED} AS asked FROM kinds GROUP BY {group}
)
SELECT %(site)s, '{unit}', NULLIF(q, 0), channel, direction, {", ".join(keys)},
    {", ".join(columns)}, handle_n, handle_ms,
    COALESCE(codes, ''), COALESCE(counts, ''), COALESCE(surveys, ''), COALESCE(asked, '')
FROM sums LEFT JOIN hists USING ({group})
LEFT JOIN said USING ({group}) LEFT JOIN asks USING ({group})
ORDER BY {group}  -- so that what is read together lies together
"""
