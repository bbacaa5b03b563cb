-- Customer effort on the scale from 1 to 7 alone: mean score (E1), share of 5 to 7 (E2). Where a high
-- score says that it was hard (`kpi.parameter`), scores are turned round.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT a.site_id, a.queue_id, a.agent_id, a.day, count(*) AS n,
        sum(CASE p.effort WHEN 'hard' THEN 8 - score ELSE score END) AS total,
        count(*) FILTER (WHERE CASE p.effort WHEN 'hard' THEN 8 - score ELSE score END >= 5) AS easy
    FROM answer a JOIN parameter p ON p.kpi = 'ces' AND p.site_id = a.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(a.queue_id, 0)
        AND a.day >= p.valid_from AND a.day < p.valid_until
    WHERE a.kind = 'ces' AND a.scale_min = 1 AND a.scale_max = 7
    GROUP BY a.site_id, a.queue_id, a.agent_id, a.day
) AS counted
CROSS JOIN LATERAL (VALUES
    ('E1', total, n), ('E2', easy::float8, n)
) AS v(variant, numerator, denominator)
