-- Every spell of an agent in one state. One whose beginning no log shows is left out.
SELECT a.site_id, t.agent_id, t.state, t.reason, t.starts_at, t.ends_at
FROM ccm_agentstate t JOIN ccm_agent a ON a.id = t.agent_id
WHERE t.state <> 'offline' AND t.starts_at IS NOT NULL
