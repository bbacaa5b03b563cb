-- Settled at the first contact: answers that it was (F4), of all answers to that.
SELECT site_id, queue_id, agent_id, day, 'F4' AS variant,
    count(*) FILTER (WHERE place >= 1) AS numerator, count(*) AS denominator,
    (count(*) FILTER (WHERE place >= 1))::float8 / count(*) AS value
FROM answer WHERE kind = 'fcr' GROUP BY site_id, queue_id, agent_id, day
