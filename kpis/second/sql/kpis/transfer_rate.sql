-- Answered and passed on at least once, of the answered.
SELECT site_id, queue_id, agent_id, day, 'answered' AS variant,
    count(*) FILTER (WHERE transferred_out) AS numerator, count(*) AS denominator,
    (count(*) FILTER (WHERE transferred_out))::float8 / count(*) AS value
FROM unit WHERE outcome = 'answered' GROUP BY site_id, queue_id, agent_id, day
