-- Service level in eight forms, on the clock, threshold and switches that the admin chose
-- (`kpi.parameter`). An answer after an unknown wait is on neither side; whoever else left after an
-- unknown wait left after T. Where calls were answered and none of their waits is known there is no
-- figure. Who left unserved before the clock starts is on neither side, and where transfers in do
-- not count neither are they, as far as their wait is known.
WITH judged AS (
    SELECT u.site_id, u.queue_id, u.agent_id, u.day, u.outcome, u.wait_ms,
        u.outcome = 'answered' AND u.wait_ms IS NOT NULL
            OR u.outcome = 'callback_requested' AND p.callbacks = 'success' AS served,
        u.outcome = 'abandoned'
            OR u.outcome IN ('timed_out', 'key_exit', 'other') AND p.lost AS gave_up,
        CASE p.boundary WHEN '<=' THEN u.wait_ms - p.clock_ms <= p.threshold_ms
             ELSE u.wait_ms - p.clock_ms < p.threshold_ms END AS within,
        u.outcome = 'abandoned' AND p.short_ms > 0
            AND u.wait_ms - p.clock_ms <= p.short_ms AS short
    FROM unit u JOIN parameter p ON p.kpi = 'service_level' AND p.site_id = u.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(u.queue_id, 0)
        AND u.day >= p.valid_from AND u.day < p.valid_until
    WHERE u.ended
      AND (u.outcome = 'answered' OR u.wait_ms IS NULL OR u.wait_ms >= p.clock_ms)
      AND (p.transfers_in OR NOT u.transferred_in OR u.wait_ms IS NULL)
), counted AS (
    SELECT site_id, queue_id, agent_id, day, count(*) AS ended,
        count(*) FILTER (WHERE outcome = 'answered') AS answered,
        count(*) FILTER (WHERE outcome = 'answered' AND wait_ms IS NOT NULL) AS known,
        count(*) FILTER (WHERE outcome = 'answered' AND within) AS in_time,
        count(*) FILTER (WHERE served) AS served,
        count(*) FILTER (WHERE served AND within) AS served_in_time,
        count(*) FILTER (WHERE gave_up) AS gave_up,
        count(*) FILTER (WHERE gave_up AND within) AS gave_up_early,
        count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
        count(*) FILTER (WHERE outcome = 'abandoned' AND within) AS abandoned_early,
        count(*) FILTER (WHERE outcome = 'callback_requested') AS callback,
        count(*) FILTER (WHERE outcome = 'callback_requested' AND within) AS callback_early,
        count(*) FILTER (WHERE short) AS short
    FROM judged GROUP BY site_id, queue_id, agent_id, day
), sides AS (
    SELECT c.*, v.variant, v.top,
        CASE WHEN answered > 0 AND known = 0 THEN 0 ELSE v.bottom END AS bottom
    FROM counted c CROSS JOIN LATERAL (VALUES
        ('SL1', served_in_time + gave_up_early, served + gave_up),
        ('SL2', served_in_time, served),
        ('SL3', served_in_time, served + gave_up),
        ('SL4', served_in_time, served + gave_up - gave_up_early),
        ('SL5', served_in_time + short, served + gave_up),
        ('SL6', served_in_time, ended - (answered - known) - short),
        ('SL7', in_time + abandoned_early + callback_early, ended - (answered - known)),
        ('SL7b', in_time + callback_early, known + abandoned + callback)
    ) AS v(variant, top, bottom)
)
SELECT site_id, queue_id, agent_id, day, variant, top AS numerator, bottom AS denominator,
    top::float8 / nullif(bottom, 0) AS value
FROM sides
