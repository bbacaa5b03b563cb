-- What the day cost, over its answered (answered), over what was offered (contacts), over the
-- resolved (resolved). Costs of the kinds that count (`kpi.parameter`); nothing is converted, so in
-- several currencies there is no figure, nor where of no answered one it is known whether it was
-- resolved.
WITH spent AS (
    SELECT c.site_id, c.queue_id, c.agent_id, c.day, sum(c.amount) AS amount
    FROM cost c JOIN parameter p ON p.kpi = 'cost_per_call' AND p.site_id = c.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(c.queue_id, 0)
        AND c.day >= p.valid_from AND c.day < p.valid_until
    WHERE p.kinds = '{}' OR lower(c.kind) = ANY (p.kinds)
    GROUP BY c.site_id, c.queue_id, c.agent_id, c.day
    HAVING count(DISTINCT c.currency) = 1
)
SELECT s.site_id, s.queue_id, s.agent_id, s.day, o.variant, s.amount AS numerator,
    o.n AS denominator, s.amount::float8 / nullif(o.n, 0) AS value
FROM spent s JOIN volume v ON v.site_id = s.site_id AND v.day = s.day
    AND COALESCE(v.queue_id, 0) = COALESCE(s.queue_id, 0)
    AND COALESCE(v.agent_id, 0) = COALESCE(s.agent_id, 0)
CROSS JOIN LATERAL (VALUES ('answered', answered), ('contacts', offered), ('resolved', resolved))
    AS o(variant, n)
WHERE NOT (o.variant = 'resolved' AND v.answered > 0 AND v.resolved_known = 0)
  AND (s.agent_id IS NULL OR o.variant <> 'contacts')
