-- Average speed of answer in seconds: mean wait of the answered (W1), of all that left the queue
-- (W2), of the answered without the ring that was answered (W3). What is not known leaves the mean.
-- Where the admin chose so (`kpi.parameter`), of opening hours alone.
SELECT site_id, queue_id, agent_id, day, variant, ms / 1000.0 AS numerator, n AS denominator,
    ms::float8 / nullif(n, 0) / 1000 AS value
FROM (
    SELECT u.site_id, u.queue_id, u.agent_id, u.day,
        sum(wait_ms) FILTER (WHERE outcome = 'answered') AS answered_ms,
        count(wait_ms) FILTER (WHERE outcome = 'answered') AS answered_n,
        sum(wait_ms) FILTER (WHERE ended) AS ended_ms, count(wait_ms) FILTER (WHERE ended) AS ended_n,
        sum(CASE WHEN wait_ms > ring_ms THEN wait_ms - ring_ms ELSE 0 END)
            FILTER (WHERE outcome = 'answered' AND wait_ms IS NOT NULL AND ring_ms IS NOT NULL)
            AS before_ring_ms,
        count(wait_ms + ring_ms) FILTER (WHERE outcome = 'answered') AS before_ring_n
    FROM unit u JOIN parameter p ON p.kpi = 'asa' AND p.site_id = u.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(u.queue_id, 0)
        AND u.day >= p.valid_from AND u.day < p.valid_until
    WHERE u.open OR NOT p.business_hours
    GROUP BY u.site_id, u.queue_id, u.agent_id, u.day
) AS waits
CROSS JOIN LATERAL (VALUES ('W1', answered_ms, answered_n), ('W2', ended_ms, ended_n),
    ('W3', before_ring_ms, before_ring_n)) AS v(variant, ms, n)
WHERE agent_id IS NULL OR variant <> 'W2'
