-- Calls out of agents with at least so much talk (`kpi.parameter`) over the hours they were logged
-- in, on days whose states are known (logged_in), and over those they were paid for, on days whose
-- paid time is known (paid).
WITH talked AS (
    SELECT d.site_id, d.agent_id AS worker_id, d.day, count(*) AS n
    FROM dial d JOIN parameter p ON p.kpi = 'conversations_per_hour' AND p.site_id = d.site_id
        AND p.queue_id IS NULL AND d.day >= p.valid_from AND d.day < p.valid_until
    WHERE d.agent_id IS NOT NULL AND outcome = 'answered' AND talk_ms >= p.conversation_ms
    GROUP BY d.site_id, d.agent_id, d.day
)
SELECT site_id, NULL::bigint AS queue_id, agent_id, day, variant,
    sum(COALESCE(n, 0)) AS numerator, sum(ms) / 3600000.0 AS denominator,
    sum(COALESCE(n, 0))::float8 * 3600000 / nullif(sum(ms), 0) AS value
FROM worked LEFT JOIN talked USING (site_id, worker_id, day)
CROSS JOIN LATERAL (VALUES ('logged_in', there_ms), ('paid', paid_ms)) AS v(variant, ms)
WHERE ms IS NOT NULL GROUP BY site_id, agent_id, day, variant
