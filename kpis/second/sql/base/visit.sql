-- A visit: one inbound call on one queue, and its place among the visits of its contact, which
-- are those that one source gave one linked_id. A contact is of the day of its first visit that
-- entered a queue. A visit is transferred in that began within a day of a call of its contact
-- that was passed on. `missed`: the caller left while a phone rang at an agent. A call back is the
-- first answered call out of the contact within seven days of the request: `return_ms` from the
-- entry until then, `called_back_ms` from the request. `open`: its quarter hour begins within the
-- opening hours of the queue, else of the site; not told of what tells only its day.
WITH placed AS (
    SELECT *, COALESCE(bool_or(transferred_out) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at
        RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 microsecond' PRECEDING
    ), false) AS transferred_in
    FROM call
), rung AS (
    SELECT c.id,
        (array_agg(o.ring_ms ORDER BY o.starts_at, o.id) FILTER (WHERE o.result = 'answered'))[1]
            AS answered_ring_ms,
        -- A ring that ended when the caller left, to the second of the source's clock.
        bool_or(o.result = 'cancelled' AND COALESCE(
            o.starts_at + o.ring_ms * interval '1 ms' >= c.ended_at - interval '1 s', true
        )) AS left_ringing
    FROM call c JOIN offer o ON o.call_id = c.id
    GROUP BY c.id
), back AS (
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
    c.transferred_out, c.transferred_in,
    c.transfer_kind = 'blind' AS blind, c.transfer_kind = 'attended' AS attended, n.escalated,
    c.outcome = 'abandoned' AND COALESCE(r.left_ringing, false) AS missed,
    CASE WHEN c.outcome = 'answered' THEN COALESCE(r.answered_ring_ms, c.ring_ms) END AS ring_ms,
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
FROM placed c
JOIN ccm_site s ON s.id = c.site_id JOIN ccm_queue q ON q.id = c.queue_id
LEFT JOIN rung r ON r.id = c.id LEFT JOIN back k ON k.id = c.id LEFT JOIN note n ON n.call_id = c.id
WHERE c.direction = 'inbound'
WINDOW contact AS (PARTITION BY c.site_id, c.source, c.linked_id)
