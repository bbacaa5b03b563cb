-- The caller left while a phone rang at an agent.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'abandoned' AND missed) AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'abandoned' AND missed) AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
