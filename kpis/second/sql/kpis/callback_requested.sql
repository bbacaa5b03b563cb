-- Asked for a call back instead of waiting on.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'callback_requested') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'callback_requested') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
