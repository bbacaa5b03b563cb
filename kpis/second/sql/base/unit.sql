-- What is counted, a row for each time it is: a contact for its site (no queue, no agent), a
-- visit for its queue and once more for the agent who took it (no queue). `entered` is offered;
-- `ended` no longer waits; `handled` was talked to. Calls on no queue were never offered: an agent's
-- have no outcome and no wait, they are handled, and so is a site's contact of which no other was
-- answered; of one that was answered they are part of its talk. Opening hours (`open`) are told
-- of sites and queues alone, and whether several agents answered of contacts alone.
WITH counted AS (
    SELECT c.site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, c.day, c.outcome,
        c.wait_ms, s.talk_ms, s.hold_ms, s.acw_ms, c.resolved, c.transferred_out,
        false AS transferred_in, c.blind, c.attended, s.several_agents, c.escalated, c.missed,
        c.ring_ms, c.return_ms, c.called_back_ms, c.open
    FROM contact c LEFT JOIN spoken s ON c.outcome = 'answered' AND s.site_id = c.site_id
        AND s.source = c.source AND s.linked_id = c.linked_id
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
UNION ALL
SELECT site_id, NULL, NULL, day, NULL, NULL, talk_ms, hold_ms, acw_ms, NULL, false, false,
    false, false, NULL, NULL, false, NULL, NULL, NULL, false, false, false, true
FROM spoken WHERE NOT answered_on_a_queue
