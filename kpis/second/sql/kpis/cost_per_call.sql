-- What the day cost, over its answered (answered), over what was offered (contacts), over the
-- resolved (resolved). Costs of the kinds that count (`kpi.parameter`); nothing is converted, so in
-- several currencies there is no figure. A day with costs and without calls has its row, of none. One
-- with calls and without costs has a row without numerator: neither of it nor of days among which it is
-- does anybody know what they cost. Nor is there a figure where of none answered it is known whether it
-- was resolved.
WITH spent AS (
    SELECT c.site_id, c.queue_id, c.agent_id, c.day,
        CASE WHEN count(DISTINCT c.currency) = 1 THEN sum(c.amount) END AS amount
    FROM cost c JOIN parameter p ON p.kpi = 'cost_per_call' AND p.site_id = c.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(c.queue_id, 0)
        AND c.day >= p.valid_from AND c.day < p.valid_until
    WHERE p.kinds = '{}' OR lower(c.kind) = ANY (p.kinds)
    GROUP BY c.site_id, c.queue_id, c.agent_id, c.day
), places AS (
    SELECT site_id, queue_id, agent_id, day FROM spent
    UNION SELECT site_id, queue_id, agent_id, day FROM unit
    UNION SELECT site_id, queue_id, agent_id, day FROM dial
    -- Of a site any call, also one of a contact that began the day before.
    UNION SELECT site_id, NULL, NULL, day FROM call
    WHERE queue_id IS NOT NULL OR direction = 'outbound' OR outcome = 'answered'
)
SELECT d.site_id, d.queue_id, d.agent_id, d.day, o.variant, s.amount AS numerator,
    CASE WHEN s.amount IS NOT NULL THEN COALESCE(o.n, 0) END AS denominator,
    s.amount::float8 / nullif(o.n, 0) AS value
FROM places d LEFT JOIN spent s ON s.site_id = d.site_id AND s.day = d.day
    AND COALESCE(s.queue_id, 0) = COALESCE(d.queue_id, 0)
    AND COALESCE(s.agent_id, 0) = COALESCE(d.agent_id, 0)
LEFT JOIN volume v ON v.site_id = d.site_id AND v.day = d.day
    AND COALESCE(v.queue_id, 0) = COALESCE(d.queue_id, 0)
    AND COALESCE(v.agent_id, 0) = COALESCE(d.agent_id, 0)
CROSS JOIN LATERAL (VALUES ('answered', answered), ('contacts', offered), ('resolved', resolved))
    AS o(variant, n)
WHERE d.agent_id IS NULL OR o.variant <> 'contacts'
