-- A visit: one inbound call on one queue, and its place among the visits of its contact, which
-- are those that one source gave one linked_id. A contact is of the day of its first visit that
-- entered a queue. A visit is transferred in that began within a day of a call of its contact
-- that was passed on. `missed` left while a phone rang: a ring was cancelled as the caller left, or
-- nobody knows when. `ring_ms` is the ring that was answered. Who asked for a call back was called
-- back by the first answered call out of the contact within a week (`return_ms` after the call
-- came, `called_back_ms` after the caller left).
WITH rung AS (
    SELECT o.call_id,
        (array_agg(o.ring_ms ORDER BY o.starts_at, o.id) FILTER (WHERE o.result = 'answered'))[1]
            AS ring_ms,
        bool_or(o.result = 'cancelled' AND COALESCE(
            o.starts_at + o.ring_ms * interval '1 ms' >= c.ended_at - interval '1 second', true
        )) AS at_the_end
    FROM offer o JOIN call c ON c.id = o.call_id GROUP BY o.call_id
), returned AS (
    SELECT c.id, min(b.answered_at) AS back_at,
        COALESCE(c.offered_at + c.wait_ms * interval '1 ms', c.ended_at) AS left_at
    FROM call c JOIN back b ON b.site_id = c.site_id AND b.source = c.source
        AND b.linked_id = c.linked_id AND b.offered_at >= c.offered_at
        AND b.offered_at < c.offered_at + interval '7 days'
    WHERE c.outcome = 'callback_requested' AND c.time_precision <> 'day'
    GROUP BY c.id, c.offered_at, c.wait_ms, c.ended_at
)
SELECT c.id, c.site_id, c.source, c.linked_id, c.queue_id, c.agent_id, c.channel, c.direction,
    c.offered_at, c.day, c.answered_at, c.ended_at, c.wrapup_ended_at, c.time_precision, c.outcome,
    c.entered, c.wait_ms, c.talk_ms, c.hold_ms, c.acw_ms, c.resolved, c.transferred_out, c.blind,
    c.attended, c.transferred_in,
    COALESCE(min(c.day) FILTER (WHERE c.entered) OVER contact, min(c.day) OVER contact)
        AS contact_day,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at, c.id) = 1 AS is_first,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at DESC, c.id DESC) = 1
        AS is_last,
    min(c.offered_at) FILTER (WHERE c.outcome = 'answered') OVER contact AS answer_offered_at,
    n.escalated,
    c.outcome = 'abandoned' AND COALESCE(r.at_the_end, false) AS missed,
    CASE WHEN c.outcome = 'answered' THEN COALESCE(r.ring_ms, c.ring_ms) END AS ring_ms,
    (extract(epoch FROM b.back_at - c.offered_at) * 1000)::bigint AS return_ms,
    CASE WHEN b.back_at >= b.left_at
         THEN (extract(epoch FROM b.back_at - b.left_at) * 1000)::bigint END AS called_back_ms
FROM (
    SELECT *, COALESCE(bool_or(transferred_out) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at
        RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 microsecond' PRECEDING
    ), false) AS transferred_in
    FROM call
) AS c
LEFT JOIN rung r ON r.call_id = c.id LEFT JOIN returned b ON b.id = c.id
LEFT JOIN note n ON n.call_id = c.id
WHERE c.queue_id IS NOT NULL AND c.direction = 'inbound'
WINDOW contact AS (PARTITION BY c.site_id, c.source, c.linked_id)
