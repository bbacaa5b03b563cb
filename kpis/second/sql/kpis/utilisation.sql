-- Of the time that agents were paid for, where it is known what was worked of it: handling, ringing
-- and paused for reasons that are productive (`kpi.parameter`) (U1); logged in (U2). In seconds.
-- A day known to be unpaid has its row, for what was worked on it is part of the whole.
SELECT d.site_id, NULL::bigint AS queue_id, d.agent_id, d.day, v.variant,
    sum(ms) / 1000.0 AS numerator, sum(paid_ms) / 1000.0 AS denominator,
    sum(ms)::float8 / nullif(sum(paid_ms), 0) AS value
FROM (
    SELECT site_id, NULL::bigint AS agent_id, day, paid_ms, handling_ms, ringing_ms, there_ms,
        paused
    FROM agent_day WHERE known
    UNION ALL
    SELECT site_id, agent_id, day, paid_ms, handling_ms, ringing_ms, there_ms, paused
    FROM agent_day WHERE known
) AS d JOIN parameter p ON p.kpi = 'utilisation' AND p.site_id = d.site_id AND p.queue_id IS NULL
    AND d.day >= p.valid_from AND d.day < p.valid_until
CROSS JOIN LATERAL (
    SELECT COALESCE(sum(one.ms::bigint), 0) AS ms FROM jsonb_each_text(d.paused) AS one(reason, ms)
    WHERE lower(one.reason) = ANY (p.productive)
) AS pauses(productive_ms)
CROSS JOIN LATERAL (VALUES ('U1', handling_ms + ringing_ms + productive_ms), ('U2', there_ms))
    AS v(variant, ms)
GROUP BY d.site_id, d.agent_id, d.day, v.variant
