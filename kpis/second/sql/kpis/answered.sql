-- Connected to an agent, also while talk or wrap-up still lasts.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'answered') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'answered') AS value
FROM unit GROUP BY site_id, queue_id, agent_id, day
