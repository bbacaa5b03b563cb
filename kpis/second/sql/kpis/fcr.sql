-- First contact resolution as callers told it in surveys: answers that it was settled at the first
-- contact, of all answers to that (F4). The forms that look for the caller's other contacts days
-- before and after are not here.
SELECT site_id, queue_id, agent_id, day, 'F4' AS variant,
    count(*) FILTER (WHERE place >= 1) AS numerator, count(*) AS denominator,
    (count(*) FILTER (WHERE place >= 1))::float8 / count(*) AS value
FROM answer WHERE kind = 'fcr' GROUP BY site_id, queue_id, agent_id, day
