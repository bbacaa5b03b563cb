-- What is counted, a row for each time it is: a contact for its site (no queue, no agent), a
-- visit for its queue and once more for the agent who took it (no queue). `entered` is offered;
-- `ended` no longer waits; `handled` was talked to. An agent's calls on no queue were never
-- offered, so they have no outcome and no wait: they are handled. Opening hours (`open`) are told
-- of sites and queues alone, and whether several agents answered of contacts alone.
WITH counted AS (
    SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, outcome, wait_ms,
        talk_ms, hold_ms, acw_ms, resolved, transferred_out, false AS transferred_in, blind,
        attended, several_agents, escalated, missed, ring_ms, return_ms, called_back_ms, open
    FROM contact
    UNION ALL
    SELECT site_id, queue_id, NULL, day, outcome, wait_ms, talk_ms, hold_ms, acw_ms, resolved,
        transferred_out, transferred_in, blind, attended, NULL, escalated, missed, ring_ms,
        return_ms, called_back_ms, open
    FROM visit
    UNION ALL
    SELECT site_id, NULL, agent_id, day, outcome, wait_ms, talk_ms, hold_ms, acw_ms, resolved,
        transferred_out, transferred_in, blind, attended, NULL, escalated, missed, ring_ms,
        return_ms, called_back_ms, false
    FROM visit WHERE agent_id IS NOT NULL
)
SELECT *, outcome NOT IN ('refused', 'busy', 'left_ivr') AS entered,
    outcome NOT IN ('refused', 'busy', 'left_ivr', 'in_progress') AS ended,
    outcome = 'answered' AS handled
FROM counted
UNION ALL
SELECT site_id, NULL, agent_id, day, NULL, NULL, talk_ms, hold_ms, acw_ms, NULL, false, false,
    false, false, NULL, NULL, false, NULL, NULL, NULL, false, false, false, true
FROM call
WHERE direction = 'inbound' AND queue_id IS NULL AND agent_id IS NOT NULL
  AND outcome = 'answered'
