-- Rings that ended by themselves: the caller left, or another agent answered.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE result = 'cancelled') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE result = 'cancelled') AS value
FROM ring GROUP BY site_id, queue_id, agent_id, day
