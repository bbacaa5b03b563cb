-- The wait in seconds that 99 % do not pass, by nearest rank, of the answered and of all that left
-- the queue; of how many waits known.
SELECT site_id, queue_id, agent_id, day, variant, ms / 1000.0 AS numerator, n AS denominator,
    ms / 1000.0 AS value
FROM (
    SELECT site_id, queue_id, agent_id, day,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY wait_ms) FILTER (WHERE outcome = 'answered')
            AS answered_ms,
        count(wait_ms) FILTER (WHERE outcome = 'answered') AS answered_n,
        percentile_disc(0.99) WITHIN GROUP (ORDER BY wait_ms) FILTER (WHERE ended) AS ended_ms,
        count(wait_ms) FILTER (WHERE ended) AS ended_n
    FROM unit GROUP BY site_id, queue_id, agent_id, day
) AS waits
CROSS JOIN LATERAL (VALUES ('answered', answered_ms, answered_n), ('all', ended_ms, ended_n))
    AS v(variant, ms, n)
WHERE agent_id IS NULL OR variant = 'answered'
