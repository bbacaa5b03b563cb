-- Met a busy line before the queue: not offered.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'busy') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'busy') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
