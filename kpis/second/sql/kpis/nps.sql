-- Net promoter score: share of 9 and 10 less share of 0 to 6, on the scale from 0 to 10 alone.
SELECT site_id, queue_id, agent_id, day, 'net' AS variant,
    count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6) AS numerator,
    count(*) AS denominator,
    (count(*) FILTER (WHERE score >= 9) - count(*) FILTER (WHERE score <= 6))::float8 / count(*)
        AS value
FROM answer WHERE kind = 'nps' AND scale_min = 0 AND scale_max = 10
GROUP BY site_id, queue_id, agent_id, day
