-- How many of a day: units that entered, of these those that no longer wait (ended), those answered,
-- of these known to be resolved or not, and resolved; how many agents answered visits of the day; calls
-- out, and of these those that no longer ring (dialled).
SELECT site_id, queue_id, agent_id, day, sum(offered)::bigint AS offered,
    sum(ended)::bigint AS ended, sum(dialled)::bigint AS dialled,
    sum(answered)::bigint AS answered, sum(told)::bigint AS resolved_known,
    sum(resolved)::bigint AS resolved, sum(agents)::bigint AS agents, sum(dials)::bigint AS dials
FROM (
    SELECT site_id, queue_id, agent_id, day, count(*) FILTER (WHERE entered) AS offered,
        count(*) FILTER (WHERE outcome = 'answered') AS answered,
        count(resolved) FILTER (WHERE outcome = 'answered') AS told,
        count(*) FILTER (WHERE outcome = 'answered' AND resolved) AS resolved, 0 AS agents,
        0 AS dials, count(*) FILTER (WHERE ended) AS ended, 0 AS dialled
    FROM unit GROUP BY site_id, queue_id, agent_id, day
    UNION ALL
    SELECT site_id, queue_id, NULL, day, 0, 0, 0, 0, count(DISTINCT agent_id), 0, 0, 0
    FROM visit WHERE outcome = 'answered'
    GROUP BY GROUPING SETS ((site_id, day), (site_id, queue_id, day))
    UNION ALL
    SELECT site_id, NULL, agent_id, day, 0, 0, 0, 0, 1, 0, 0, 0
    FROM visit WHERE outcome = 'answered' AND agent_id IS NOT NULL
    GROUP BY site_id, agent_id, day
    UNION ALL
    SELECT site_id, queue_id, agent_id, day, 0, 0, 0, 0, 0, count(*), 0,
        count(*) FILTER (WHERE outcome <> 'in_progress')
    FROM dial GROUP BY site_id, queue_id, agent_id, day
) AS counts
GROUP BY site_id, queue_id, agent_id, day
