-- Resolved, of the answered of whom it is known.
SELECT site_id, queue_id, agent_id, day, 'known' AS variant,
    count(*) FILTER (WHERE resolved) AS numerator, count(resolved) AS denominator,
    (count(*) FILTER (WHERE resolved))::float8 / nullif(count(resolved), 0) AS value
FROM unit WHERE outcome = 'answered' GROUP BY site_id, queue_id, agent_id, day
