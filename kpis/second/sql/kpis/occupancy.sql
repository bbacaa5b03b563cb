-- Time that agents spent handling, in seconds: of handling and idle ready (O1), of all time logged
-- in (O2). Ringing is handling, or else idle (`kpi.parameter`). Of a queue only the days of agents
-- who served no other can be told.
WITH counted AS (
    SELECT t.site_id, t.queue_id, t.agent_id, t.day,
        sum(handling_ms + CASE WHEN p.ring THEN ringing_ms ELSE 0 END) AS busy_ms,
        sum(handling_ms + ringing_ms + ready_ms) AS able_ms,
        sum(handling_ms + ringing_ms + paused_ms + other_ms + ready_ms) AS there_ms
    FROM (
        SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, handling_ms,
            ringing_ms, paused_ms, other_ms, ready_ms
        FROM agent_time
        UNION ALL
        SELECT site_id, NULL, agent_id, day, handling_ms, ringing_ms, paused_ms, other_ms, ready_ms
        FROM agent_time
        UNION ALL
        SELECT site_id, queues[1], NULL, day, handling_ms, ringing_ms, paused_ms, other_ms, ready_ms
        FROM agent_time WHERE cardinality(queues) = 1 AND queues[1] <> 0
    ) AS t JOIN parameter p ON p.kpi = 'occupancy' AND p.site_id = t.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(t.queue_id, 0)
        AND t.day >= p.valid_from AND t.day < p.valid_until
    GROUP BY t.site_id, t.queue_id, t.agent_id, t.day
)
SELECT site_id, queue_id, agent_id, day, variant, top_ms / 1000.0 AS numerator,
    bottom_ms / 1000.0 AS denominator, top_ms::float8 / nullif(bottom_ms, 0) AS value
FROM counted CROSS JOIN LATERAL (VALUES ('O1', busy_ms, able_ms), ('O2', busy_ms, there_ms))
    AS v(variant, top_ms, bottom_ms)
