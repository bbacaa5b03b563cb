-- Every ring of a call at an agent.
SELECT o.id, o.call_id, o.agent_id, o.outcome AS result, o.starts_at, o.ring_ms FROM ccm_offer o
