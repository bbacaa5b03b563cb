-- Called back, of those who asked for it; those still to be called are in it.
SELECT site_id, queue_id, agent_id, day, 'asked' AS variant, count(return_ms) AS numerator,
    count(*) AS denominator, count(return_ms)::float8 / count(*) AS value
FROM unit WHERE agent_id IS NULL AND outcome = 'callback_requested'
GROUP BY site_id, queue_id, agent_id, day
