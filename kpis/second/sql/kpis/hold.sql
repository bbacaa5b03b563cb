-- Mean hold of the answered, in seconds. One that is not known leaves the mean.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant,
    sum(hold_ms) FILTER (WHERE handled) / 1000.0 AS numerator,
    count(hold_ms) FILTER (WHERE handled) AS denominator,
    (avg(hold_ms) FILTER (WHERE handled) / 1000)::float8 AS value
FROM unit GROUP BY site_id, queue_id, agent_id, day
