-- Answered contacts, of an agent visits, over the hours that agents were logged in (logged_in), and
-- over those they were paid for (paid). A contact may be of several agents: where the hours of
-- anybody who answered are not known, or who that was, there is a row without numerator, for neither
-- of the day nor of days among which it is there is a figure.
SELECT w.site_id, NULL::bigint AS queue_id, w.agent_id, w.day, w.variant,
    CASE WHEN w.known THEN COALESCE(v.answered, 0) END AS numerator,
    CASE WHEN w.known THEN w.ms / 3600000.0 END AS denominator,
    CASE WHEN w.known THEN COALESCE(v.answered, 0)::float8 * 3600000 / nullif(w.ms, 0) END AS value
FROM (
    SELECT site_id, agent_id, day, variant, sum(ms) AS ms,
        NOT bool_or(ms IS NULL AND answered > 0) AS known
    FROM worked
    CROSS JOIN LATERAL (VALUES ('logged_in', there_ms), ('paid', paid_ms)) AS v(variant, ms)
    GROUP BY site_id, agent_id, day, variant
    HAVING sum(ms) IS NOT NULL OR bool_or(ms IS NULL AND answered > 0)
) AS w
LEFT JOIN volume v ON v.site_id = w.site_id AND v.day = w.day AND v.queue_id IS NULL
    AND COALESCE(v.agent_id, 0) = COALESCE(w.agent_id, 0)
