-- A ring, a row for each time it is counted: for the site on its contact's day, for the queue on
-- its visit's, and for the agent who was rung (no queue).
SELECT m.site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, m.contact_day AS day, o.result
FROM member m JOIN offer o ON o.call_id = m.id
UNION ALL
SELECT v.site_id, v.queue_id, NULL, v.day, o.result FROM visit v JOIN offer o ON o.call_id = v.id
UNION ALL
SELECT c.site_id, NULL, o.agent_id, c.day, o.result
FROM call c JOIN offer o ON o.call_id = c.id WHERE c.direction = 'inbound'
