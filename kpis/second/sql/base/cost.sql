-- A day's part of a cost: each is of its days in equal parts, and counts on those from the first day
-- of its site with calls to the newest. A row for each time it is counted: for the site, and for the
-- queue or the agent that it names.
WITH parts AS (
    SELECT c.site_id, c.queue_id, c.agent_id, d.day::date AS day, c.kind, c.currency,
        c.amount / (c.last_on - c.first_on + 1) AS amount
    FROM ccm_cost c JOIN newest n ON n.site_id = c.site_id
    CROSS JOIN LATERAL generate_series(
        greatest(c.first_on, n.first_day), least(c.last_on, n.day), interval '1 day'
    ) AS d(day)
)
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, kind, currency, amount
FROM parts
UNION ALL
SELECT site_id, queue_id, agent_id, day, kind, currency, amount
FROM parts WHERE queue_id IS NOT NULL OR agent_id IS NOT NULL
