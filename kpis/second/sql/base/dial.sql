-- A call out, a row for each time it is counted: for its site, for its queue where it has one, and
-- for the agent who made it (no queue). Nobody waits on one, so each counts whatever came of it.
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, outcome, talk_ms, hold_ms,
    acw_ms
FROM call WHERE direction = 'outbound'
UNION ALL
SELECT site_id, queue_id, NULL, day, outcome, talk_ms, hold_ms, acw_ms
FROM call WHERE direction = 'outbound' AND queue_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, agent_id, day, outcome, talk_ms, hold_ms, acw_ms
FROM call WHERE direction = 'outbound' AND agent_id IS NOT NULL
