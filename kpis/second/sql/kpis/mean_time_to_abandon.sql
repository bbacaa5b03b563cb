-- Mean wait of the abandoned, in seconds. A wait that is not known leaves the mean.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant,
    sum(wait_ms) FILTER (WHERE outcome = 'abandoned') / 1000.0 AS numerator,
    count(wait_ms) FILTER (WHERE outcome = 'abandoned') AS denominator,
    (avg(wait_ms) FILTER (WHERE outcome = 'abandoned') / 1000)::float8 AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
