-- Abandon rate in four forms. A short abandon gave up within the limit (`kpi.parameter`), on the
-- same clock as service level; one of unknown wait is not short. Who left unserved before the clock
-- starts is on neither side, and where transfers in do not count neither are they. Where the admin
-- chose so, of opening hours alone.
WITH judged AS (
    SELECT u.*, u.outcome = 'abandoned' AND p.short_ms > 0
        AND u.wait_ms - p.clock_ms <= p.short_ms AS short
    FROM unit u JOIN parameter p ON p.kpi = 'abandon_rate' AND p.site_id = u.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(u.queue_id, 0)
        AND u.day >= p.valid_from AND u.day < p.valid_until
    WHERE (u.open OR NOT p.business_hours) AND (NOT u.ended OR (
        (u.outcome = 'answered' OR u.wait_ms IS NULL OR u.wait_ms >= p.clock_ms)
        AND (p.transfers_in OR NOT u.transferred_in)
    ))
), counted AS (
    SELECT site_id, queue_id, agent_id, day,
        count(*) FILTER (WHERE ended) AS ended,
        count(*) FILTER (WHERE outcome = 'answered') AS answered,
        count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
        count(*) FILTER (WHERE short) AS short,
        count(*) FILTER (WHERE outcome IN ('refused', 'left_ivr')) AS turned_away
    FROM judged GROUP BY site_id, queue_id, agent_id, day
)
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM counted CROSS JOIN LATERAL (VALUES
    ('A1', abandoned - short, ended - short),
    ('A2', abandoned, ended),
    ('A3', abandoned, ended + turned_away),
    ('A4', ended - answered, ended)
) AS v(variant, numerator, denominator)
WHERE agent_id IS NULL
