-- An answer to a survey, a row for each time it is counted: where and when its call is counted,
-- for the site, the queue and the agent who took it. One that knows no call counts on its own
-- queue, for the agent it names, on the day it was given.
SELECT m.site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, m.contact_day AS day,
    s.kind, s.score, s.scale_min, s.scale_max, s.place
FROM member m JOIN survey s ON s.call_id = m.id
UNION ALL
SELECT v.site_id, v.queue_id, NULL, v.day, s.kind, s.score, s.scale_min, s.scale_max, s.place
FROM visit v JOIN survey s ON s.call_id = v.id
UNION ALL
SELECT c.site_id, NULL, c.agent_id, c.day, s.kind, s.score, s.scale_min, s.scale_max, s.place
FROM call c JOIN survey s ON s.call_id = c.id
WHERE c.direction = 'inbound' AND c.agent_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, NULL, day, kind, score, scale_min, scale_max, place
FROM survey WHERE call_id IS NULL
UNION ALL
SELECT site_id, queue_id, NULL, day, kind, score, scale_min, scale_max, place
FROM survey WHERE call_id IS NULL AND queue_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, agent_id, day, kind, score, scale_min, scale_max, place
FROM survey WHERE call_id IS NULL AND agent_id IS NOT NULL
