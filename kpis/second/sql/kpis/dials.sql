-- Calls out, answered or not.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE true) AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE true) AS value
FROM dial GROUP BY site_id, queue_id, agent_id, day
