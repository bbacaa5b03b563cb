-- Rings that an agent declined.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE result = 'declined') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE result = 'declined') AS value
FROM ring GROUP BY site_id, queue_id, agent_id, day
