-- Rings at an agent who did not answer, also the unreachable.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE result IN ('no_answer', 'unreachable')) AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE result IN ('no_answer', 'unreachable')) AS value
FROM ring GROUP BY site_id, queue_id, agent_id, day
