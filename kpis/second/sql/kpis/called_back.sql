-- Asked for a call back, and an agent had the caller on the line again.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'callback_requested' AND return_ms IS NOT NULL) AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'callback_requested' AND return_ms IS NOT NULL) AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
