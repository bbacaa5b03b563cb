-- A day of an agent of which states or calls tell, or what was paid (null: not told); milliseconds.
-- `known`: both what was paid and what was worked. A paid day without states or calls was not
-- worked, where states of other agents of the site are told of that day.
SELECT site_id, agent_id, day, p.paid_ms, COALESCE(t.handling_ms, 0) AS handling_ms,
    COALESCE(t.ringing_ms, 0) AS ringing_ms, COALESCE(t.ready_ms, 0) AS ready_ms,
    COALESCE(t.handling_ms + t.ringing_ms + t.paused_ms + t.other_ms + t.ready_ms, 0) AS there_ms,
    COALESCE(t.paused, '{}') AS paused,
    p.paid_ms IS NOT NULL AND COALESCE(NOT t.untold, s.day IS NOT NULL) AS known
FROM agent_time t FULL JOIN paid p USING (site_id, agent_id, day)
LEFT JOIN (SELECT DISTINCT site_id, day FROM agent_time WHERE NOT untold) AS s USING (site_id, day)
