-- Inbound visits that agents answered over the hours they were logged in, on days whose states are
-- known (logged_in), and over those they were paid for, on days whose paid time is known (paid).
SELECT site_id, NULL::bigint AS queue_id, agent_id, day, variant,
    sum(answered) AS numerator, sum(ms) / 3600000.0 AS denominator,
    sum(answered)::float8 * 3600000 / nullif(sum(ms), 0) AS value
FROM worked
CROSS JOIN LATERAL (VALUES ('logged_in', there_ms), ('paid', paid_ms)) AS v(variant, ms)
WHERE ms IS NOT NULL GROUP BY site_id, agent_id, day, variant
