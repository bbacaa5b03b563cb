-- Whose callers a kind of survey asked, a row for each time that is counted (as `unit`) and kind:
-- `told` an answered one with an answer, `invited` one that a link was sent for, `invited_told`
-- such a one with an answer.
WITH seen AS (
    SELECT call_id, kind, bool_or(told) AS told, bool_or(NOT told) AS invited
    FROM (
        SELECT call_id, kind, true AS told FROM survey WHERE call_id IS NOT NULL
        UNION ALL SELECT call_id, kind, false FROM invitation
    ) AS each
    GROUP BY call_id, kind
), visits AS (
    SELECT v.site_id, v.source, v.linked_id, v.queue_id, v.agent_id, v.day, v.outcome, s.kind,
        s.told, s.invited
    FROM visit v JOIN seen s ON s.call_id = v.id
)
SELECT c.site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, c.day, s.kind,
    c.outcome = 'answered' AND bool_or(s.told) AS told, bool_or(s.invited) AS invited,
    bool_or(s.told) AND bool_or(s.invited) AS invited_told
FROM contact c JOIN member m
    ON m.site_id = c.site_id AND m.source = c.source AND m.linked_id = c.linked_id
JOIN seen s ON s.call_id = m.id
GROUP BY c.site_id, c.source, c.linked_id, c.day, c.outcome, s.kind
UNION ALL
SELECT site_id, queue_id, NULL, day, kind, outcome = 'answered' AND told, invited, told AND invited
FROM visits
UNION ALL
SELECT site_id, NULL, agent_id, day, kind, outcome = 'answered' AND told, invited, told AND invited
FROM visits WHERE agent_id IS NOT NULL
