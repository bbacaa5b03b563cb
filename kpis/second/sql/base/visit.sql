-- A visit: one inbound call on one queue, and its place among the visits of its contact, which
-- are those that one source gave one linked_id. A contact is of the day of its first visit that
-- entered a queue. A call back is the first answered call out of the contact within seven days of
-- the request: `return_ms` from the entry until then, `called_back_ms` from the request. `open`: its
-- quarter hour begins within the opening hours of the queue, else of the site; not told of what
-- tells only its day.
WITH back AS (
    SELECT c.id, min(b.answered_at) AS back_at,
        COALESCE(c.offered_at + c.wait_ms * interval '1 ms', c.ended_at) AS left_at
    FROM call c JOIN call b ON b.site_id = c.site_id AND b.source = c.source
        AND b.linked_id = c.linked_id AND b.offered_at >= c.offered_at
        AND b.offered_at < c.offered_at + interval '7 days'
    WHERE c.outcome = 'callback_requested' AND c.time_precision <> 'day'
      AND b.direction = 'outbound' AND b.outcome = 'answered' AND b.time_precision <> 'day'
    GROUP BY c.id, c.offered_at, c.wait_ms, c.ended_at
)
SELECT c.id, c.site_id, c.source, c.linked_id, c.queue_id, c.agent_id, c.offered_at, c.day,
    c.time_precision, c.outcome, c.entered, c.wait_ms, c.talk_ms, c.hold_ms, c.acw_ms, c.resolved,
    c.resolvable, c.transferred_out, c.transferred_in, c.blind, c.attended, c.escalated, c.missed,
    c.ring_ms,
    round(extract(epoch FROM k.back_at - c.offered_at) * 1000)::bigint AS return_ms,
    CASE WHEN k.back_at >= k.left_at
         THEN round(extract(epoch FROM k.back_at - k.left_at) * 1000)::bigint END AS called_back_ms,
    c.time_precision <> 'day' AND kpi.is_open(
        COALESCE(NULLIF(q.hours, '{}'), s.opening), c.offered_at, s.zone) AS open,
    COALESCE(min(c.day) FILTER (WHERE c.entered) OVER contact, min(c.day) OVER contact)
        AS contact_day,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at, c.id) = 1 AS is_first,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at DESC, c.id DESC) = 1
        AS is_last,
    min(c.offered_at) FILTER (WHERE c.outcome = 'answered') OVER contact AS answer_offered_at
FROM beside c
JOIN ccm_site s ON s.id = c.site_id JOIN ccm_queue q ON q.id = c.queue_id
LEFT JOIN back k ON k.id = c.id
WHERE c.direction = 'inbound'
WINDOW contact AS (PARTITION BY c.site_id, c.source, c.linked_id)
