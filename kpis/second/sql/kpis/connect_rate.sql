-- Calls out that were answered, of those that are over or were answered.
SELECT site_id, queue_id, agent_id, day, 'dials' AS variant, answered AS numerator,
    tried AS denominator, answered::float8 / nullif(tried, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, count(*) FILTER (WHERE outcome = 'answered') AS answered,
        count(*) FILTER (WHERE outcome <> 'in_progress') AS tried
    FROM dial GROUP BY site_id, queue_id, agent_id, day
) AS counted
