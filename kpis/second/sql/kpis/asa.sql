-- Average speed of answer in seconds: mean wait of the answered (W1), of all that left the queue
-- (W2). A wait that is not known leaves the mean.
SELECT site_id, queue_id, agent_id, day, variant, ms / 1000.0 AS numerator, n AS denominator,
    ms::float8 / nullif(n, 0) / 1000 AS value
FROM (
    SELECT site_id, queue_id, agent_id, day,
        sum(wait_ms) FILTER (WHERE outcome = 'answered') AS answered_ms,
        count(wait_ms) FILTER (WHERE outcome = 'answered') AS answered_n,
        sum(wait_ms) FILTER (WHERE ended) AS ended_ms, count(wait_ms) FILTER (WHERE ended) AS ended_n
    FROM unit GROUP BY site_id, queue_id, agent_id, day
) AS waits
CROSS JOIN LATERAL (VALUES ('W1', answered_ms, answered_n), ('W2', ended_ms, ended_n))
    AS v(variant, ms, n)
