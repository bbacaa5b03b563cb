-- Calls out, answered or not; calls back are among them.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant, count(*) AS numerator,
    NULL::bigint AS denominator, count(*) AS value
FROM dial GROUP BY site_id, queue_id, agent_id, day
