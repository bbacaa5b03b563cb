-- Satisfaction: share of scores in the highest quarter of their scale (C1), mean score where all are
-- on one scale (C2), share in the highest quarter less share in the lowest (C3).
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, count(*) AS n, sum(score) AS total,
        count(DISTINCT (scale_min, scale_max)) AS scales,
        count(*) FILTER (WHERE place >= 0.75) AS good, count(*) FILTER (WHERE place <= 0.25) AS bad
    FROM answer WHERE kind = 'csat' GROUP BY site_id, queue_id, agent_id, day
) AS counted
CROSS JOIN LATERAL (VALUES
    ('C1', good::float8, n),
    ('C2', total, CASE WHEN scales = 1 THEN n ELSE 0 END),
    ('C3', (good - bad)::float8, n)
) AS v(variant, numerator, denominator)
