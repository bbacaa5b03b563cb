-- Service level in nine forms, on the clock, threshold, hours and switches that the admin chose
-- (`kpi.parameter`). An answer after an unknown wait is on neither side; whoever else left after an
-- unknown wait left after T. Where calls were answered and none of their waits is known there is no
-- figure. Who left unserved before the clock starts is on neither side, and where transfers in do
-- not count neither are they, as far as their wait is known. A request for a call back may wait on
-- until an agent has the caller on the line again (SL1 to SL6): then it is served where it is known
-- when that was, and on neither side else. SL8 is of opening hours alone.
WITH judged AS (
    SELECT u.*, p.lost, p.callbacks, u.outcome = 'answered' AND u.wait_ms IS NOT NULL AS known,
        u.outcome = 'callback_requested' AND p.callbacks = 'return' AS waits_on,
        u.outcome <> 'answered' AND COALESCE(u.wait_ms < p.clock_ms, false) AS too_early,
        u.return_ms IS NOT NULL AND (p.transfers_in OR NOT u.transferred_in) AS returned,
        u.wait_ms <= t.limit_ms AS within, u.return_ms <= t.limit_ms AS back_within,
        u.outcome = 'abandoned' AND p.short_ms > 0
            AND u.wait_ms - p.clock_ms <= p.short_ms AS short
    FROM unit u JOIN parameter p ON p.kpi = 'service_level' AND p.site_id = u.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(u.queue_id, 0)
        AND u.day >= p.valid_from AND u.day < p.valid_until
    CROSS JOIN LATERAL (VALUES (p.clock_ms + p.threshold_ms - (p.boundary = '<')::int))
        AS t(limit_ms)
    WHERE u.ended AND (u.in_hours OR NOT p.business_hours)
      AND (p.transfers_in OR NOT u.transferred_in OR u.wait_ms IS NULL)
), served AS (
    SELECT *, CASE WHEN waits_on THEN returned ELSE NOT too_early END AS counts,
        CASE WHEN waits_on THEN returned
             ELSE known OR NOT too_early AND outcome = 'callback_requested'
                AND callbacks = 'success' END AS served,
        CASE WHEN waits_on THEN back_within ELSE within END AS in_time,
        NOT too_early AND (outcome = 'abandoned'
            OR outcome IN ('timed_out', 'key_exit', 'other') AND lost) AS gave_up
    FROM judged
), counted AS (
    SELECT site_id, queue_id, agent_id, day,
        count(*) FILTER (WHERE counts) AS counting,
        count(*) FILTER (WHERE NOT too_early) AS ended,
        count(*) FILTER (WHERE outcome = 'answered') AS answered,
        count(*) FILTER (WHERE known) AS known,
        count(*) FILTER (WHERE known AND within) AS in_time,
        count(*) FILTER (WHERE served) AS served,
        count(*) FILTER (WHERE served AND in_time) AS served_in_time,
        count(*) FILTER (WHERE gave_up) AS gave_up,
        count(*) FILTER (WHERE gave_up AND within) AS gave_up_early,
        count(*) FILTER (WHERE outcome = 'abandoned' AND NOT too_early) AS abandoned,
        count(*) FILTER (WHERE outcome = 'abandoned' AND NOT too_early AND within)
            AS abandoned_early,
        count(*) FILTER (WHERE outcome = 'callback_requested' AND NOT too_early) AS callback,
        count(*) FILTER (WHERE outcome = 'callback_requested' AND NOT too_early AND within)
            AS callback_early,
        count(*) FILTER (WHERE short AND NOT too_early) AS short,
        count(*) FILTER (WHERE in_hours AND outcome = 'answered') AS open_answered,
        count(*) FILTER (WHERE in_hours AND known) AS open_known,
        count(*) FILTER (WHERE in_hours AND known AND within) AS open_in_time,
        count(*) FILTER (WHERE in_hours AND missed AND NOT too_early) AS missed,
        count(*) FILTER (WHERE in_hours AND missed AND NOT too_early AND within) AS missed_early
    FROM served GROUP BY site_id, queue_id, agent_id, day
), sides AS (
    SELECT c.*, v.variant, v.top,
        CASE WHEN v.told OR v.of_whom = 0 THEN v.bottom ELSE 0 END AS bottom
    FROM counted c CROSS JOIN LATERAL (VALUES
        ('SL1', answered, known > 0, served_in_time + gave_up_early, served + gave_up),
        ('SL2', answered, known > 0, served_in_time, served),
        ('SL3', answered, known > 0, served_in_time, served + gave_up),
        ('SL4', answered, known > 0, served_in_time, served + gave_up - gave_up_early),
        ('SL5', answered, known > 0, served_in_time + short, served + gave_up),
        ('SL6', answered, known > 0, served_in_time, counting - (answered - known) - short),
        ('SL7', answered, known > 0, in_time + abandoned_early + callback_early,
            ended - (answered - known)),
        ('SL7b', answered, known > 0, in_time + callback_early, known + abandoned + callback),
        ('SL8', open_answered, open_known > 0, open_in_time + missed_early, open_known + missed)
    ) AS v(variant, of_whom, told, top, bottom)
)
SELECT site_id, queue_id, agent_id, day, variant, top AS numerator, bottom AS denominator,
    top::float8 / nullif(bottom, 0) AS value
FROM sides
