-- Every inbound visit on a queue, with what tells who called and what about. One whose end nobody
-- tells ended when it began; whether it was resolved is told of the answered alone.
SELECT c.id, c.site_id, c.source, c.linked_id, c.queue_id, c.agent_id, c.topic_id,
    c.caller_hash AS caller, c.offered_at, kpi.day_of(c.offered_at, s.zone, s.day_begins) AS day,
    COALESCE(c.ended_at, c.offered_at) AS ended_at, c.outcome = 'answered' AS answered,
    c.outcome NOT IN ('refused', 'busy', 'left_ivr') AS entered,
    CASE WHEN c.outcome = 'answered' THEN c.resolved END AS resolved,
    CASE WHEN c.outcome = 'answered' THEN c.resolvable END AS resolvable
FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id
WHERE c.direction = 'inbound' AND c.queue_id IS NOT NULL
