-- Who answered a kind of survey (`told`) or was sent a link to it (`invited`), a row for each time
-- it is counted, as in `unit`: a contact for its site, a visit for its queue and for the agent who
-- took it. `answered` was connected to an agent.
WITH said AS (
    SELECT call_id, kind, bool_or(told) AS told, bool_or(NOT told) AS invited
    FROM (
        SELECT call_id, kind, true AS told FROM survey WHERE call_id IS NOT NULL
        UNION ALL
        SELECT call_id, kind, false FROM invitation
    ) AS every
    GROUP BY call_id, kind
)
SELECT v.site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, v.contact_day AS day, s.kind,
    c.outcome = 'answered' AS answered, bool_or(s.told) AS told, bool_or(s.invited) AS invited
FROM visit v JOIN said s ON s.call_id = v.id
JOIN contact c ON c.site_id = v.site_id AND c.source = v.source AND c.linked_id = v.linked_id
    AND c.day = v.contact_day
GROUP BY v.site_id, v.source, v.linked_id, v.contact_day, c.outcome, s.kind
UNION ALL
SELECT v.site_id, v.queue_id, NULL, v.day, s.kind, v.outcome = 'answered', s.told, s.invited
FROM visit v JOIN said s ON s.call_id = v.id
UNION ALL
SELECT v.site_id, NULL, v.agent_id, v.day, s.kind, v.outcome = 'answered', s.told, s.invited
FROM visit v JOIN said s ON s.call_id = v.id WHERE v.agent_id IS NOT NULL
