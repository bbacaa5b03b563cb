-- Answered visits with an agent's name to them, a head, on the visits' own days.
SELECT site_id, queue_id, agent_id, day, 'mean' AS variant, answered AS numerator,
    agents AS denominator, answered::float8 / nullif(agents, 0) AS value
FROM (
    SELECT site_id, queue_id, NULL::bigint AS agent_id, day, count(*) AS answered,
        count(DISTINCT agent_id) AS agents
    FROM visit WHERE outcome = 'answered' AND agent_id IS NOT NULL
    GROUP BY GROUPING SETS ((site_id, day), (site_id, queue_id, day))
    UNION ALL
    SELECT site_id, NULL, agent_id, day, count(*), 1
    FROM visit WHERE outcome = 'answered' AND agent_id IS NOT NULL GROUP BY site_id, agent_id, day
) AS counted
