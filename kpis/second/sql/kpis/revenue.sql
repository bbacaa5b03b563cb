-- What was sold (total), over what was offered (per_contact), over the agents who answered
-- (per_agent), over the hours that agents were paid for (per_paid_hour), those of days without calls
-- too. Nothing is converted: in several currencies, or one that nobody names, there is a row without
-- numerator, for neither of the day nor of days among which it is there is a figure. So it is by the
-- paid hour where of somebody who was there it is not told what was paid; queues pay nobody. Who
-- answered on several days is one of the agents of each.
WITH paid_hours AS (
    SELECT d.site_id, d.agent_id, d.day, bool_and(paid_ms IS NOT NULL) AS known,
        COALESCE(sum(paid_ms), 0) / 3600000.0 AS hours
    FROM (
        SELECT site_id, NULL::bigint AS agent_id, day, paid_ms FROM agent_day
        UNION ALL SELECT site_id, agent_id, day, paid_ms FROM agent_day
    ) AS d
    JOIN selling t ON t.site_id = d.site_id AND d.day BETWEEN t.first_day AND t.last_day
        AND NOT t.of_queues AND t.of_agents = (d.agent_id IS NOT NULL)
    GROUP BY d.site_id, d.agent_id, d.day
), days AS (
    SELECT site_id, queue_id, agent_id, day FROM sold
    UNION SELECT site_id, NULL, agent_id, day FROM paid_hours
)
SELECT d.site_id, d.queue_id, d.agent_id, d.day, variant,
    CASE WHEN is_known THEN sum END AS numerator,
    CASE WHEN is_known AND sum IS NOT NULL THEN denominator END AS denominator,
    CASE WHEN NOT is_known THEN NULL WHEN variant = 'total' THEN sum::float8
         ELSE sum::float8 / nullif(denominator, 0) END AS value
FROM days d LEFT JOIN sold s ON s.site_id = d.site_id AND s.day = d.day
    AND COALESCE(s.queue_id, 0) = COALESCE(d.queue_id, 0)
    AND COALESCE(s.agent_id, 0) = COALESCE(d.agent_id, 0)
LEFT JOIN paid_hours h ON d.queue_id IS NULL AND h.site_id = d.site_id
    AND h.day = d.day AND COALESCE(h.agent_id, 0) = COALESCE(d.agent_id, 0)
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.site_id IS NULL THEN 0 ELSE s.revenue END
) AS r(sum)
CROSS JOIN LATERAL (VALUES ('total', NULL::numeric, true),
    ('per_contact', COALESCE(s.offered, 0), true), ('per_agent', COALESCE(s.agents, 0), true),
    ('per_paid_hour', COALESCE(h.hours, 0), COALESCE(h.known, true)))
    AS v(variant, denominator, is_known)
WHERE (d.agent_id IS NULL OR variant <> 'per_contact')
  AND (d.queue_id IS NULL OR variant <> 'per_paid_hour')
