-- Everyone whose day of hire is known, on that day. `until` is the newest day of their site with
-- calls: those before it are counted whole.
SELECT a.id AS agent_id, a.site_id, a.hired_on AS day, a.left_on, n.day AS until
FROM ccm_agent a LEFT JOIN newest n ON n.site_id = a.site_id
WHERE a.hired_on IS NOT NULL
