-- Rings that never reached the agent's phone.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE result = 'unreachable') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE result = 'unreachable') AS value
FROM ring GROUP BY site_id, queue_id, agent_id, day
