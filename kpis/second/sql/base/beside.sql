-- Every call with what is told beside it. It is transferred in if it began within a day of a call
-- of its contact that was passed on. `ring_ms` is that of the ring that was answered, where none is told
-- the call's own. `missed`: the caller left while a phone rang at an agent. `escalated` is what its
-- note says, null: there is none.
WITH rung AS (
    SELECT c.id,
        (array_agg(o.ring_ms ORDER BY o.starts_at, o.id) FILTER (WHERE o.result = 'answered'))[1]
            AS answered_ring_ms,
        -- A ring that ended when the caller left, to the second of the source's clock.
        bool_or(o.result = 'cancelled' AND COALESCE(
            o.starts_at + o.ring_ms * interval '1 ms' >= c.ended_at - interval '1 s', true
        )) AS left_ringing
    FROM call c JOIN offer o ON o.call_id = c.id
    GROUP BY c.id
), placed AS (
    SELECT *, COALESCE(bool_or(transferred_out) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at
        RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 microsecond' PRECEDING
    ), false) AS transferred_in
    FROM call
)
SELECT c.id, c.site_id, c.source, c.linked_id, c.queue_id, c.agent_id, c.channel, c.direction,
    c.offered_at, c.day, c.ended_at, c.time_precision, c.outcome, c.entered, c.wait_ms,
    CASE WHEN c.outcome = 'answered' THEN COALESCE(r.answered_ring_ms, c.ring_ms) END AS ring_ms,
    c.talk_ms, c.hold_ms, c.acw_ms, c.resolved, c.resolvable, c.transferred_out, c.transferred_in,
    c.transfer_kind = 'blind' AS blind, c.transfer_kind = 'attended' AS attended, n.escalated,
    c.outcome = 'abandoned' AND COALESCE(r.left_ringing, false) AS missed
FROM placed c LEFT JOIN rung r ON r.id = c.id LEFT JOIN note n ON n.call_id = c.id
