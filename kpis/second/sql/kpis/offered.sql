-- Entered the queue: answered, abandoned, left otherwise, or still waiting.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE entered) AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE entered) AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
