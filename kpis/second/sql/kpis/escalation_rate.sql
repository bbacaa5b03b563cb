-- Answered and handed up, as the note says, of the answered with a note.
SELECT site_id, queue_id, agent_id, day, 'noted' AS variant,
    count(*) FILTER (WHERE escalated) AS numerator, count(escalated) AS denominator,
    (count(*) FILTER (WHERE escalated))::float8 / nullif(count(escalated), 0) AS value
FROM unit WHERE outcome = 'answered' GROUP BY site_id, queue_id, agent_id, day
