-- Customer effort: mean score where all are on one scale (E1), share that found it easy, in the
-- easy third of the scale (E2). Where a high score says that it was hard (`kpi.parameter`), scores
-- are turned round.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT a.site_id, a.queue_id, a.agent_id, a.day, count(*) AS n,
        sum(CASE p.effort WHEN 'hard' THEN scale_min + scale_max - score ELSE score END) AS total,
        count(DISTINCT (scale_min, scale_max)) AS scales,
        count(*) FILTER (WHERE CASE p.effort WHEN 'hard' THEN place <= 0.34 ELSE place >= 0.66 END)
            AS easy
    FROM answer a JOIN parameter p ON p.kpi = 'ces' AND p.site_id = a.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(a.queue_id, 0)
        AND a.day >= p.valid_from AND a.day < p.valid_until
    WHERE a.kind = 'ces'
    GROUP BY a.site_id, a.queue_id, a.agent_id, a.day
) AS counted
CROSS JOIN LATERAL (VALUES
    ('E1', total, CASE WHEN scales = 1 THEN n ELSE 0 END), ('E2', easy::float8, n)
) AS v(variant, numerator, denominator)
