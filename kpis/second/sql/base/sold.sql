-- What was sold on a day: calls that sold, inbound (of a site contacts) and outbound, and sales that
-- name no call; what that was worth, and what may yet be sold, null in several currencies; on how many
-- calls, with sales that name none, something may yet be sold (perhaps). A value of 0 is no sale. Of
-- the days on which a site, its queues or its agents tell sales (`selling`), each that had calls has
-- its row, of nothing where nothing was sold; of other days nobody knows, and there is none.
WITH sums AS (
    SELECT site_id, queue_id, agent_id, day,
        count(DISTINCT CASE WHEN queue_id IS NULL AND agent_id IS NULL THEN contact
            ELSE call_id::text END) FILTER (WHERE value > 0 AND direction = 'inbound') AS inbound,
        count(DISTINCT call_id) FILTER (WHERE value > 0 AND direction = 'outbound') AS outbound,
        count(*) FILTER (WHERE value > 0 AND call_id IS NULL) AS unlinked,
        count(DISTINCT call_id) FILTER (WHERE pipeline > 0) AS perhaps,
        count(*) FILTER (WHERE pipeline > 0 AND call_id IS NULL) AS perhaps_unlinked,
        sum(value) AS revenue, sum(pipeline) AS pipeline,
        count(DISTINCT currency) FILTER (WHERE value IS NOT NULL) AS revenue_currencies,
        count(DISTINCT currency) FILTER (WHERE pipeline IS NOT NULL) AS pipeline_currencies,
        bool_or(currency = '' AND value IS NOT NULL) AS revenue_unnamed,
        bool_or(currency = '' AND pipeline IS NOT NULL) AS pipeline_unnamed
    FROM sale GROUP BY site_id, queue_id, agent_id, day
), there AS (
    SELECT site_id, queue_id, agent_id, day FROM sums
    UNION SELECT site_id, queue_id, agent_id, day FROM volume
), places AS (
    SELECT h.* FROM there h JOIN selling t ON t.site_id = h.site_id
        AND h.day BETWEEN t.first_day AND t.last_day
        AND t.of_queues = (h.queue_id IS NOT NULL) AND t.of_agents = (h.agent_id IS NOT NULL)
)
SELECT p.site_id, p.queue_id, p.agent_id, p.day, COALESCE(inbound, 0) AS inbound,
    COALESCE(outbound, 0) AS outbound, COALESCE(unlinked, 0) AS unlinked,
    COALESCE(inbound + outbound + unlinked, 0) AS sales,
    COALESCE(perhaps + perhaps_unlinked, 0) AS perhaps,
    CASE WHEN COALESCE(revenue_currencies, 0) < 2 AND NOT COALESCE(revenue_unnamed, false)
         THEN COALESCE(revenue, 0) END AS revenue,
    CASE WHEN COALESCE(pipeline_currencies, 0) < 2 AND NOT COALESCE(pipeline_unnamed, false)
         THEN COALESCE(s.pipeline, 0) END AS pipeline,
    COALESCE(v.offered, 0) AS offered, COALESCE(v.ended, 0) AS ended,
    COALESCE(v.answered, 0) AS answered, COALESCE(v.agents, 0) AS agents,
    COALESCE(v.dialled, 0) AS dialled
FROM places p LEFT JOIN sums s ON s.site_id = p.site_id AND s.day = p.day
    AND COALESCE(s.queue_id, 0) = COALESCE(p.queue_id, 0)
    AND COALESCE(s.agent_id, 0) = COALESCE(p.agent_id, 0)
LEFT JOIN volume v ON v.site_id = p.site_id AND v.day = p.day
    AND COALESCE(v.queue_id, 0) = COALESCE(p.queue_id, 0)
    AND COALESCE(v.agent_id, 0) = COALESCE(p.agent_id, 0)
