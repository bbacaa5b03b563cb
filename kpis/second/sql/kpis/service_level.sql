-- Service level in nine forms, on the clock, threshold and switches that the admin chose
-- (`kpi.parameter`). An answer after an unknown wait is on neither side; whoever else left after an
-- unknown wait left after T. Where calls were answered and none of their waits is known there is no
-- figure. Who left unserved before the clock starts is on neither side, and where transfers in do
-- not count neither are they. Where the wait of who asked for a call back goes on until they get it,
-- those who did not yet are left out of SL1 to SL6. SL8 is of opening hours alone, and the others
-- where the admin chose so.
WITH judged AS (
    SELECT u.site_id, u.queue_id, u.agent_id, u.day, u.outcome, u.wait_ms, u.missed, u.open,
        u.open OR NOT p.business_hours AS counts, p.callbacks, p.lost,
        u.outcome = 'callback_requested' AND u.wait_ms < p.clock_ms AS asked_early,
        u.outcome = 'callback_requested' AND p.callbacks = 'return' AND u.return_ms IS NOT NULL
            AS returned,
        CASE p.boundary WHEN '<=' THEN u.wait_ms - p.clock_ms <= p.threshold_ms
             ELSE u.wait_ms - p.clock_ms < p.threshold_ms END AS within,
        CASE p.boundary WHEN '<=' THEN u.return_ms - p.clock_ms <= p.threshold_ms
             ELSE u.return_ms - p.clock_ms < p.threshold_ms END AS returned_within,
        u.outcome = 'abandoned' AND p.short_ms > 0
            AND u.wait_ms - p.clock_ms <= p.short_ms AS short
    FROM unit u JOIN parameter p ON p.kpi = 'service_level' AND p.site_id = u.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(u.queue_id, 0)
        AND u.day >= p.valid_from AND u.day < p.valid_until
    WHERE u.ended
      AND (u.outcome IN ('answered', 'callback_requested') OR u.wait_ms IS NULL
        OR u.wait_ms >= p.clock_ms)
      AND (p.transfers_in OR NOT u.transferred_in)
), sorted AS (
    SELECT *, outcome = 'answered' AND wait_ms IS NOT NULL
            OR outcome = 'callback_requested' AND callbacks = 'success' AND asked_early IS NOT TRUE
            OR returned AS served,
        CASE WHEN returned THEN returned_within ELSE within END AS served_within,
        outcome = 'abandoned' OR outcome IN ('timed_out', 'key_exit', 'other') AND lost AS gave_up,
        asked_early IS NOT TRUE AND outcome = 'callback_requested' AS callback
    FROM judged
), counted AS (
    SELECT site_id, queue_id, agent_id, day, callbacks,
        count(*) FILTER (WHERE counts AND outcome <> 'callback_requested') AS others,
        count(*) FILTER (WHERE counts AND outcome = 'answered') AS answered,
        count(*) FILTER (WHERE counts AND outcome = 'answered' AND wait_ms IS NOT NULL) AS known,
        count(*) FILTER (WHERE counts AND outcome = 'answered' AND within) AS in_time,
        count(*) FILTER (WHERE counts AND served) AS served,
        count(*) FILTER (WHERE counts AND served AND served_within) AS served_in_time,
        count(*) FILTER (WHERE counts AND gave_up) AS gave_up,
        count(*) FILTER (WHERE counts AND gave_up AND within) AS gave_up_early,
        count(*) FILTER (WHERE counts AND outcome = 'abandoned') AS abandoned,
        count(*) FILTER (WHERE counts AND outcome = 'abandoned' AND within) AS abandoned_early,
        count(*) FILTER (WHERE counts AND callback) AS callback,
        count(*) FILTER (WHERE counts AND callback AND within) AS callback_early,
        count(*) FILTER (WHERE counts AND returned) AS returned,
        count(*) FILTER (WHERE counts AND short) AS short,
        count(*) FILTER (WHERE open AND outcome = 'answered') AS open_answered,
        count(*) FILTER (WHERE open AND outcome = 'answered' AND wait_ms IS NOT NULL) AS open_known,
        count(*) FILTER (WHERE open AND outcome = 'answered' AND within) AS open_in_time,
        count(*) FILTER (WHERE open AND outcome = 'abandoned' AND missed) AS open_missed,
        count(*) FILTER (WHERE open AND outcome = 'abandoned' AND missed AND within)
            AS open_missed_early
    FROM sorted GROUP BY site_id, queue_id, agent_id, day, callbacks
), sides AS (
    SELECT c.*, v.variant, v.top, CASE WHEN v.answers > 0 AND v.knowns = 0 THEN 0 ELSE v.bottom END
        AS bottom
    FROM counted c CROSS JOIN LATERAL (VALUES
        ('SL1', served_in_time + gave_up_early, served + gave_up, answered, known),
        ('SL2', served_in_time, served, answered, known),
        ('SL3', served_in_time, served + gave_up, answered, known),
        ('SL4', served_in_time, served + gave_up - gave_up_early, answered, known),
        ('SL5', served_in_time + short, served + gave_up, answered, known),
        ('SL6', served_in_time, others - (answered - known) - short
            + CASE callbacks WHEN 'return' THEN returned ELSE callback END, answered, known),
        ('SL7', in_time + abandoned_early + callback_early,
            others + callback - (answered - known), answered, known),
        ('SL7b', in_time + callback_early, known + abandoned + callback, answered, known),
        ('SL8', open_in_time + open_missed_early, open_known + open_missed, open_answered, open_known)
    ) AS v(variant, top, bottom, answers, knowns)
)
SELECT site_id, queue_id, agent_id, day, variant, top AS numerator, bottom AS denominator,
    top::float8 / nullif(bottom, 0) AS value
FROM sides
WHERE agent_id IS NULL OR variant = 'SL2' AND callbacks = 'request'
