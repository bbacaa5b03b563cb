-- What is told of an agent's time, from `a` until `z`: by a state (`stated`), by a call that was
-- taken until its wrap-up ended, or by a ring. Durations are what the source measured; stamps fill
-- where it gives none. What has no end yet lasts until the agent's last sign within a day. Of what
-- overlays each other the first kind stands: handling, ringing, paused, other, ready, session.
WITH parts AS (
    SELECT site_id, agent_id, true AS stated, starts_at AS a, ends_at AS z,
        CASE WHEN state IN ('on_call', 'hold', 'acw') THEN 'handling'
             WHEN state = 'available' THEN 'ready' WHEN state = 'logged_in' THEN 'session'
             ELSE state END AS kind,
        CASE WHEN state = 'paused' THEN reason ELSE '' END AS reason
    FROM state
    UNION ALL
    SELECT site_id, agent_id, false, answered_at,
        greatest(wrapup_ended_at, COALESCE(
            answered_at + (talk_ms + COALESCE(hold_ms, 0)) * interval '1 ms', ended_at
        ) + COALESCE(acw_ms, 0) * interval '1 ms'), 'handling', ''
    FROM call
    WHERE agent_id IS NOT NULL AND answered_at IS NOT NULL AND time_precision <> 'day'
    UNION ALL
    SELECT c.site_id, o.agent_id, false, o.starts_at, o.starts_at + o.ring_ms * interval '1 ms',
        'ringing', ''
    FROM call c JOIN offer o ON o.call_id = c.id
    WHERE o.ring_ms > 0 AND o.starts_at IS NOT NULL AND c.time_precision <> 'day'
), signs AS (
    SELECT site_id, agent_id, a AS seen FROM parts
    UNION SELECT site_id, agent_id, z FROM parts WHERE z IS NOT NULL
), whole AS (
    SELECT site_id, agent_id, stated, kind, reason, a, z FROM parts WHERE z IS NOT NULL
    UNION ALL
    SELECT p.site_id, p.agent_id, p.stated, p.kind, p.reason, p.a, max(s.seen)
    FROM parts p JOIN signs s ON s.site_id = p.site_id AND s.agent_id = p.agent_id
        AND s.seen > p.a AND s.seen <= p.a + interval '1 day'
    WHERE p.z IS NULL
    GROUP BY p.site_id, p.agent_id, p.stated, p.kind, p.reason, p.a
), rounded AS (
    SELECT site_id, agent_id, stated, kind, reason,
        date_trunc('milliseconds', a + interval '500 microseconds') AS a,
        date_trunc('milliseconds', z + interval '500 microseconds') AS z
    FROM whole
)
SELECT * FROM rounded WHERE a < z
