-- Rings that were not answered or declined: of all rings but the cancelled (per_offer), and for each
-- that left the queue (per_call), where one can be missed more than once.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, sum(missed) AS missed, sum(tried) AS tried,
        sum(ended) AS ended
    FROM (
        SELECT site_id, queue_id, agent_id, day,
            (result IN ('no_answer', 'unreachable', 'declined'))::int AS missed,
            (result <> 'cancelled')::int AS tried, 0 AS ended
        FROM ring
        UNION ALL
        SELECT site_id, queue_id, agent_id, day, 0, 0, ended::int FROM unit
    ) AS each
    GROUP BY site_id, queue_id, agent_id, day
) AS counted
CROSS JOIN LATERAL (VALUES ('per_offer', missed, tried), ('per_call', missed, ended))
    AS v(variant, numerator, denominator)
WHERE agent_id IS NULL OR variant = 'per_offer'
