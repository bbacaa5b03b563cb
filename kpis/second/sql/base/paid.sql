-- What an agent was paid for on a day, worked or not.
SELECT a.site_id, p.agent_id, p.day, p.minutes * 60000::bigint AS paid_ms
FROM ccm_paidtime p JOIN ccm_agent a ON a.id = p.agent_id
