-- What was talked with a caller, and whether several agents did, a row a contact of which anything
-- was answered: sums over those answers, on a queue or on none. A sum with an unknown part is
-- unknown.
SELECT site_id, source, linked_id, contact_day AS day,
    bool_or(queue_id IS NOT NULL) AS answered_on_a_queue,
    count(DISTINCT agent_id) > 1 AS several_agents,
    CASE WHEN bool_and(talk_ms IS NOT NULL) THEN sum(talk_ms) END AS talk_ms,
    CASE WHEN bool_and(hold_ms IS NOT NULL) THEN sum(hold_ms) END AS hold_ms,
    CASE WHEN bool_and(acw_ms IS NOT NULL) THEN sum(acw_ms) END AS acw_ms
FROM member WHERE outcome = 'answered'
GROUP BY site_id, source, linked_id, contact_day
