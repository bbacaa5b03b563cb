-- What was sold (total), over what was offered (per_contact), over the agents who answered
-- (per_agent), over the hours that agents were paid for (per_paid_hour). Nothing is converted: in
-- several currencies, or one that nobody names, there is no figure. Nor is there by the paid hour
-- where of somebody who was there it is not told what was paid; queues pay nobody.
WITH paid_hours AS (
    SELECT site_id, agent_id, day, sum(paid_ms) / 3600000.0 AS hours
    FROM (
        SELECT site_id, NULL::bigint AS agent_id, day, paid_ms FROM agent_day
        UNION ALL SELECT site_id, agent_id, day, paid_ms FROM agent_day
    ) AS days
    GROUP BY site_id, agent_id, day HAVING bool_and(paid_ms IS NOT NULL) AND sum(paid_ms) > 0
)
SELECT s.site_id, s.queue_id, s.agent_id, s.day, variant, s.revenue AS numerator, denominator,
    s.revenue::float8 / CASE WHEN variant = 'total' THEN 1 ELSE nullif(denominator, 0) END AS value
FROM sold s LEFT JOIN paid_hours h ON s.queue_id IS NULL AND h.site_id = s.site_id
    AND h.day = s.day AND COALESCE(h.agent_id, 0) = COALESCE(s.agent_id, 0)
CROSS JOIN LATERAL (VALUES ('total', NULL::numeric), ('per_contact', s.offered),
    ('per_agent', s.agents), ('per_paid_hour', h.hours)) AS v(variant, denominator)
WHERE s.revenue IS NOT NULL AND (variant <> 'per_paid_hour' OR denominator IS NOT NULL)
  AND (s.agent_id IS NULL OR variant <> 'per_contact')
