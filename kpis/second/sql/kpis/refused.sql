-- Turned away before the queue, for it was full or closed: not offered.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'refused') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'refused') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
