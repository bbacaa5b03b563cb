-- What an agent did on a day, and the hours of that day in milliseconds, a row for the site (no
-- agent) and one for the agent; `worker_id` is the agent in both. `there_ms` is null where no state
-- tells of the day, `paid_ms` where nobody tells what was paid. For the site also what was done of
-- which no agent is known (no worker).
WITH days AS (
    SELECT site_id, agent_id AS worker_id, day, COALESCE(v.answered, 0) AS answered,
        COALESCE(v.dials, 0) AS dials, nullif(d.there_ms, 0) AS there_ms, d.paid_ms
    FROM agent_day d
    FULL JOIN (SELECT * FROM volume WHERE agent_id IS NOT NULL) AS v USING (site_id, agent_id, day)
)
SELECT site_id, NULL::bigint AS agent_id, worker_id, day, answered, dials, there_ms, paid_ms
FROM days
UNION ALL
SELECT site_id, worker_id, worker_id, day, answered, dials, there_ms, paid_ms FROM days
UNION ALL
SELECT site_id, NULL, NULL, day, count(*), 0, NULL, NULL
FROM visit WHERE outcome = 'answered' AND agent_id IS NULL GROUP BY site_id, day
