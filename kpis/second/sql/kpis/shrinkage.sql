-- Of the time that agents were paid for, where it is known what was worked of it, in seconds: not
-- logged in, or logged in and neither handling, ringing nor ready. Both parts added (sum), or each
-- taken as a share of what the other leaves (product).
WITH parts AS (
    SELECT site_id, agent_id, day, paid_ms, greatest(0, paid_ms - there_ms) AS absent_ms,
        paid_ms - least(paid_ms, handling_ms + ringing_ms + ready_ms) AS off_ms
    FROM agent_day WHERE known
), shares AS (
    SELECT site_id, agent_id, day, sum(paid_ms) AS paid_ms,
        sum(absent_ms)::float8 / sum(paid_ms) AS absent,
        sum(off_ms - absent_ms)::float8 / sum(paid_ms) AS off_queue
    FROM (
        SELECT site_id, NULL::bigint AS agent_id, day, paid_ms, absent_ms, off_ms FROM parts
        UNION ALL SELECT site_id, agent_id, day, paid_ms, absent_ms, off_ms FROM parts
    ) AS each
    GROUP BY site_id, agent_id, day HAVING sum(paid_ms) > 0
)
SELECT site_id, NULL::bigint AS queue_id, agent_id, day, variant, value * paid_ms / 1000 AS numerator,
    paid_ms / 1000.0 AS denominator, value
FROM shares CROSS JOIN LATERAL (VALUES ('sum', absent + off_queue),
    ('product', 1 - (1 - absent) * (1 - off_queue))) AS v(variant, value)
