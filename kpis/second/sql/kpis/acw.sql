-- Mean wrap-up of the answered, in seconds. One that is not known leaves the mean.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant,
    sum(acw_ms) FILTER (WHERE handled) / 1000.0 AS numerator,
    count(acw_ms) FILTER (WHERE handled) AS denominator,
    (avg(acw_ms) FILTER (WHERE handled) / 1000)::float8 AS value
FROM unit GROUP BY site_id, queue_id, agent_id, day
