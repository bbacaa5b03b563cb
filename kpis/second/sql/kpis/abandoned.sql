-- The caller left while waiting.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'abandoned') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'abandoned') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
