-- Calls out with at least so much talk (`kpi.parameter`). One of unknown talk is none.
SELECT d.site_id, d.queue_id, d.agent_id, d.day, 'count' AS variant,
    count(*) AS numerator, NULL::bigint AS denominator, count(*) AS value
FROM dial d JOIN parameter p ON p.kpi = 'conversations' AND p.site_id = d.site_id
    AND COALESCE(p.queue_id, 0) = COALESCE(d.queue_id, 0)
    AND d.day >= p.valid_from AND d.day < p.valid_until
WHERE d.outcome = 'answered' AND d.talk_ms >= p.conversation_ms
GROUP BY d.site_id, d.queue_id, d.agent_id, d.day
