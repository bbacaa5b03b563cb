-- Mean time in seconds from the request for a call back until an agent had the caller on the line
-- again, where both moments are known.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant,
    sum(called_back_ms) / 1000.0 AS numerator, count(called_back_ms) AS denominator,
    (avg(called_back_ms) / 1000)::float8 AS value
FROM unit WHERE agent_id IS NULL AND outcome = 'callback_requested'
GROUP BY site_id, queue_id, agent_id, day
