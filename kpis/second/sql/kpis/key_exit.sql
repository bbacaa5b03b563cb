-- Left the queue by pressing a key.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'key_exit') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'key_exit') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
