-- Mean talk of the answered, in seconds. One that is not known leaves the mean.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant,
    sum(talk_ms) FILTER (WHERE handled) / 1000.0 AS numerator,
    count(talk_ms) FILTER (WHERE handled) AS denominator,
    (avg(talk_ms) FILTER (WHERE handled) / 1000)::float8 AS value
FROM unit GROUP BY site_id, queue_id, agent_id, day
