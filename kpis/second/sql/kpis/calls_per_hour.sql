-- Inbound visits that agents answered over the hours they were logged in, on days whose states are
-- known (logged_in), and over those they were paid for, on days whose paid time is known (paid).
WITH days AS (
    SELECT site_id, agent_id, day, COALESCE(v.answered, 0) AS answered,
        COALESCE(d.there_ms, 0) AS there_ms, d.paid_ms
    FROM agent_day d
    FULL JOIN (SELECT * FROM volume WHERE agent_id IS NOT NULL) AS v USING (site_id, agent_id, day)
), sums AS (
    SELECT site_id, agent_id, day, sum(answered) FILTER (WHERE there_ms > 0) AS stated,
        sum(there_ms) AS there_ms, sum(answered) FILTER (WHERE paid_ms IS NOT NULL) AS of_paid,
        sum(paid_ms) AS paid_ms
    FROM (
        SELECT site_id, NULL::bigint AS agent_id, day, answered, there_ms, paid_ms FROM days
        UNION ALL SELECT site_id, agent_id, day, answered, there_ms, paid_ms FROM days
    ) AS each
    GROUP BY site_id, agent_id, day
)
SELECT site_id, NULL::bigint AS queue_id, agent_id, day, variant, n AS numerator,
    ms / 3600000.0 AS denominator, n::float8 * 3600000 / nullif(ms, 0) AS value
FROM sums CROSS JOIN LATERAL (VALUES ('logged_in', stated, there_ms), ('paid', of_paid, paid_ms))
    AS v(variant, n, ms)
WHERE ms IS NOT NULL
