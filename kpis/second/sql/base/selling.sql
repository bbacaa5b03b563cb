-- The first and the last day of a site that tell sales: a row for the site, one for its queues where
-- any sale is of a queue, and one for its agents where any is of an agent. Where calls tell themselves
-- what they sold and no list tells of a later sale, the last is the newest day with calls.
WITH told AS (
    SELECT s.site_id, c.queue_id, COALESCE(s.agent_id, c.agent_id) AS agent_id, c.offered_at,
        kpi.day_of(c.offered_at, t.zone, t.day_begins) AS day, false AS by_call
    FROM ccm_sale s JOIN ccm_call c ON c.id = s.call_id JOIN ccm_site t ON t.id = s.site_id
    UNION ALL
    SELECT site_id, NULL, agent_id, NULL, sold_on, false
    FROM ccm_sale WHERE call_id IS NULL AND sold_on IS NOT NULL
    UNION ALL
    SELECT c.site_id, c.queue_id, c.agent_id, c.offered_at,
        kpi.day_of(c.offered_at, t.zone, t.day_begins), true
    FROM ccm_call c JOIN ccm_site t ON t.id = c.site_id
    WHERE c.sale_value IS NOT NULL OR c.pipeline_value IS NOT NULL
), likes AS (
    SELECT site_id, false AS of_queues, false AS of_agents, offered_at, day, by_call FROM told
    UNION ALL
    SELECT site_id, true, false, offered_at, day, by_call FROM told WHERE queue_id IS NOT NULL
    UNION ALL
    SELECT site_id, false, true, offered_at, day, by_call FROM told WHERE agent_id IS NOT NULL
), ends AS (
    SELECT site_id, of_queues, of_agents, min(day) AS first_day, max(day) AS last_day,
        max(offered_at) FILTER (WHERE by_call) AS itself_at,
        max(day) FILTER (WHERE by_call) AS itself_day,
        max(offered_at) FILTER (WHERE NOT by_call) AS listed_at,
        max(day) FILTER (WHERE offered_at IS NULL) AS listed_day
    FROM likes GROUP BY site_id, of_queues, of_agents
)
SELECT e.site_id, e.of_queues, e.of_agents, e.first_day,
    CASE WHEN itself_at IS NOT NULL AND COALESCE(listed_at <= itself_at, true)
            AND COALESCE(listed_day <= itself_day, true)
         THEN greatest(e.last_day, n.day) ELSE e.last_day END AS last_day
FROM ends e LEFT JOIN newest n ON n.site_id = e.site_id
