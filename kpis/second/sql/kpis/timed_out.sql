-- Waited as long as the queue allows and was sent away.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'timed_out') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'timed_out') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
