-- Calls out with at least so much talk (`kpi.parameter`).
SELECT d.site_id, d.queue_id, d.agent_id, d.day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'answered' AND talk_ms >= p.conversation_ms) AS numerator,
    NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'answered' AND talk_ms >= p.conversation_ms) AS value
FROM dial d JOIN parameter p ON p.kpi = 'conversations' AND p.site_id = d.site_id
    AND COALESCE(p.queue_id, 0) = COALESCE(d.queue_id, 0)
    AND d.day >= p.valid_from AND d.day < p.valid_until
GROUP BY d.site_id, d.queue_id, d.agent_id, d.day
