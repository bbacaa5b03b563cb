-- A matter of a known caller: contacts none of which came more than seven days of 24 hours after the
-- one before, for each reading of what is one: the same queue, any of the site, the same topic. It is
-- of the day it began, and ends with the first contact told to be resolved ('happened'), or known
-- beyond what could be ('ruled_out'); else it is 'open', watched for 30 days or to the end of the
-- last whole day. `ms` from its first entry until then. Not in it are matters that began on the
-- newest day with calls, those of which nobody says within the 30 days whether they were resolved,
-- and those whose number was shared when they began: of more than ten contacts on a day within 30
-- days. A row for each time it is counted: for its site, where a site adds up its queues' if one
-- matter is one queue, and then for its queue.
WITH known AS (
    SELECT site_id, caller, day, bool_or(count(*) > 10) OVER (
        PARTITION BY site_id, caller ORDER BY day
        RANGE BETWEEN interval '30 days' PRECEDING AND interval '30 days' FOLLOWING
    ) AS shared
    FROM came WHERE caller <> '' GROUP BY site_id, caller, day
), callers AS (
    SELECT c.*, k.shared FROM came c JOIN known k USING (site_id, caller, day)
), entries AS (
    SELECT 'any' AS matter, NULL::bigint AS queue_id, NULL::bigint AS about, site_id, caller, shared,
        came_at, first_id, ended_at, resolved, resolvable
    FROM callers
    UNION ALL
    SELECT 'topic', NULL, topic_id, site_id, caller, shared, came_at, first_id, ended_at, resolved,
        resolvable
    FROM callers WHERE topic_id IS NOT NULL
    UNION ALL
    SELECT 'queue', a.queue_id, a.queue_id, c.site_id, c.caller, c.shared, min(a.offered_at),
        c.first_id, max(a.ended_at), bool_or(a.resolved), bool_or(a.resolvable)
    FROM arrival a JOIN callers c USING (site_id, source, linked_id)
    WHERE a.entered
    GROUP BY a.queue_id, c.site_id, c.caller, c.shared, c.source, c.linked_id, c.first_id
), gaps AS (
    SELECT *, COALESCE(came_at - lag(came_at) OVER of_caller > interval '168 hours', true) AS begins
    FROM entries
    WINDOW of_caller AS (
        PARTITION BY site_id, matter, about, caller ORDER BY came_at, first_id)
), chains AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (
        PARTITION BY site_id, matter, about, caller ORDER BY came_at, first_id
        ROWS UNBOUNDED PRECEDING
    ) AS chain
    FROM gaps
), begun AS (
    SELECT *, first_value(came_at) OVER of_chain AS begun_at,
        first_value(shared) OVER of_chain AS is_shared
    FROM chains
    WINDOW of_chain AS (
        PARTITION BY site_id, matter, about, caller, chain ORDER BY came_at, first_id)
), watched AS (
    SELECT b.*, kpi.day_of(b.begun_at, s.zone, s.day_begins) AS day, n.day AS newest, least(
        b.begun_at + interval '720 hours', kpi.day_start(n.day, s.zone, s.day_begins)) AS until
    FROM begun b JOIN ccm_site s ON s.id = b.site_id JOIN newest n ON n.site_id = b.site_id
    WHERE NOT is_shared AND came_at <= begun_at + interval '720 hours'
), ends AS (
    SELECT site_id, queue_id, matter, day, begun_at, until,
        min(ended_at) FILTER (WHERE resolved AND ended_at <= until) AS resolved_at,
        min(ended_at) FILTER (WHERE NOT resolvable AND ended_at <= until) AS ruled_out_at
    FROM watched WHERE day < newest
    GROUP BY site_id, queue_id, matter, about, caller, chain, day, begun_at, until
    HAVING count(resolved) > 0
), told AS (
    SELECT site_id, queue_id, matter, day, e.ending,
        floor(extract(epoch FROM e.ended_at - begun_at))::bigint * 1000 AS ms
    FROM ends CROSS JOIN LATERAL (
        SELECT * FROM (VALUES (1, 'happened', resolved_at), (2, 'ruled_out', ruled_out_at),
            (3, 'open', until)) AS v(place, ending, ended_at)
        WHERE ended_at IS NOT NULL
        -- Either may be told first; what happened goes before what the same moment rules out.
        ORDER BY ending = 'open', ended_at, place LIMIT 1
    ) AS e
)
SELECT site_id, NULL::bigint AS queue_id, day, matter, ending, ms FROM told
UNION ALL
SELECT site_id, queue_id, day, matter, ending, ms FROM told WHERE queue_id IS NOT NULL
