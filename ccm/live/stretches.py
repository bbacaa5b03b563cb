"""What is known of sources' clocks (`ccm.live.sources`) as SQL, for queries of the record: that has
the times as sources wrote them. Where no clock is wrong it costs two milliseconds of planning.
"""

from datetime import timedelta

from ccm.live.clocks import SLACK, TOLERANCE


def _interval(length: timedelta) -> str:
    return f"interval '{length // timedelta(milliseconds=1)} ms'"


_TOLERANCE, _SLACK = _interval(TOLERANCE), _interval(SLACK)

STRETCHES = f"""
SELECT site_id, source, nth, jumped, begun, until, off
FROM (
    SELECT *, bool_or(off <> interval '0' AND until + GREATEST(-off, interval '0') + {_SLACK}
        > %(start)s::timestamptz) OVER (PARTITION BY site_id, source) AS matters
    FROM (
        SELECT *, count(*) OVER (PARTITION BY site_id, source) > 1 AS jumped,
            COALESCE(lead(begun) OVER (PARTITION BY site_id, source ORDER BY nth),
                %(end)s::timestamptz) AS until
        FROM (
            SELECT known.site_id, known.source, one.nth,
                to_timestamp((one.change ->> 0)::bigint) AS begun,
                (one.change ->> 1)::bigint * interval '1 ms' AS found
            FROM ccm_livesource AS known
            CROSS JOIN LATERAL jsonb_array_elements(known.changes) WITH ORDINALITY
                AS one(change, nth)
            WHERE known.site_id = ANY(%(sites)s)
        ) AS told CROSS JOIN LATERAL (
            SELECT CASE WHEN found BETWEEN -{_TOLERANCE} AND {_TOLERANCE} THEN interval '0'
                ELSE found END AS off
        ) AS wrong
    ) AS dated
) AS every WHERE matters
"""
"""In what stretches of time, by our clock, the clocks of the `sites` were how far `off`: of those
sources alone of which anything that was, or was told to be, since `start` was told by a wrong one.
As a query that is to be `stretches`; `end` is now."""

STRAYED = f"""
SELECT site_id, source,
    min(GREATEST(begun - {_SLACK}, %(start)s::timestamptz) - off) AS low,
    max(LEAST(until + {_SLACK}, %(end)s::timestamptz) - off) AS high
FROM stretches
WHERE until + {_SLACK} > %(start)s AND begun - {_SLACK} < %(end)s
GROUP BY site_id, source
"""
"""Between which moments, as such sources wrote them, lies all that was from `start` to `end`. As a
query that is to be `strayed`."""


def right_sql(call: str) -> str:
    """When a call of the record was offered, by our clock: `clocks.right` as SQL, which takes the
    `stretches`.

    A clock that was set back tells the same hour twice. Of such a one it is looked up when the
    event came: nothing was before it was told, nor where the clock was wrong so often that not all
    of its changes are kept.
    """
    moment = f"{call}.offered_at + of.off"
    came = f"""(SELECT min(event.received_at) FROM ccm_liveevent AS event
        WHERE event.source = {call}.source AND event.call = {call}.external_id
          AND event.site_id = {call}.site_id AND event.at = {call}.offered_at)"""
    return f"""CASE WHEN EXISTS (SELECT FROM stretches) THEN COALESCE((
        SELECT {moment} FROM stretches AS of
        WHERE of.site_id = {call}.site_id AND of.source = {call}.source
          AND {moment} BETWEEN of.begun - {_SLACK} AND of.until + {_SLACK}
          AND (NOT of.jumped OR {moment} <= COALESCE({came}, 'infinity') + {_SLACK})
        ORDER BY of.nth DESC LIMIT 1
    ), (
        SELECT LEAST({call}.offered_at, {came}) FROM stretches AS of
        WHERE of.site_id = {call}.site_id AND of.source = {call}.source AND of.jumped LIMIT 1
    ), {call}.offered_at) ELSE {call}.offered_at END"""
