-- A call out, a row for each time it is counted: for the site, for its queue where it has one,
-- and for its agent (no queue).
WITH dialled AS (
    SELECT site_id, queue_id, agent_id, day, outcome, talk_ms, hold_ms, acw_ms
    FROM call WHERE direction = 'outbound'
)
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, outcome, talk_ms, hold_ms,
    acw_ms
FROM dialled
UNION ALL
SELECT site_id, queue_id, NULL, day, outcome, talk_ms, hold_ms, acw_ms
FROM dialled WHERE queue_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, agent_id, day, outcome, talk_ms, hold_ms, acw_ms
FROM dialled WHERE agent_id IS NOT NULL
