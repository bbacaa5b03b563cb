-- Average handling time in seconds: talk + hold + wrap-up over the answered that measure the same
-- parts, talk among them: the largest such group; of groups of one size the one that knows more
-- parts, and that which knows hold before that which knows wrap-up. H2 divides by all calls, H3 by
-- all offered, those still waiting too, less the answers of other groups. H4 has the wait instead of
-- hold, where all answers measure the same and every wait is known.
WITH counted AS (
    SELECT site_id, queue_id, agent_id, day,
        count(*) FILTER (WHERE handled) AS handled,
        count(*) FILTER (WHERE outcome = 'answered' AND wait_ms IS NOT NULL) AS waits,
        count(*) FILTER (WHERE ended AND outcome <> 'answered') AS unserved,
        count(*) FILTER (WHERE outcome = 'in_progress') AS waiting,
        count(*) FILTER (WHERE NOT entered AND outcome IS NOT NULL) AS never_entered,
        sum(talk_ms + COALESCE(acw_ms, 0)) FILTER (WHERE handled)
            + sum(wait_ms) FILTER (WHERE outcome = 'answered') AS with_wait_ms,
        count(*) FILTER (WHERE kind = 'all') AS all_n, sum(ms) FILTER (WHERE kind = 'all') AS all_ms,
        count(*) FILTER (WHERE kind = 'hold') AS hold_n,
        sum(ms) FILTER (WHERE kind = 'hold') AS hold_ms,
        count(*) FILTER (WHERE kind = 'acw') AS acw_n, sum(ms) FILTER (WHERE kind = 'acw') AS acw_ms,
        count(*) FILTER (WHERE kind = 'talk') AS talk_n,
        sum(ms) FILTER (WHERE kind = 'talk') AS talk_ms
    FROM (
        SELECT *, talk_ms + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0) AS ms,
            CASE WHEN NOT handled OR talk_ms IS NULL THEN NULL
                 WHEN hold_ms IS NOT NULL AND acw_ms IS NOT NULL THEN 'all'
                 WHEN hold_ms IS NOT NULL THEN 'hold' WHEN acw_ms IS NOT NULL THEN 'acw'
                 ELSE 'talk' END AS kind
        FROM unit
    ) AS measured
    GROUP BY site_id, queue_id, agent_id, day
), pooled AS (
    SELECT c.*, p.n AS pooled, p.ms AS pooled_ms FROM counted c CROSS JOIN LATERAL (
        SELECT n, ms
        FROM (VALUES (1, all_n, all_ms), (2, hold_n, hold_ms), (3, acw_n, acw_ms),
            (4, talk_n, talk_ms)) AS kinds(preferred, n, ms)
        ORDER BY n DESC, preferred LIMIT 1
    ) AS p
)
SELECT site_id, queue_id, agent_id, day, variant,
    CASE WHEN n > 0 THEN ms / 1000.0 END AS numerator, n AS denominator,
    ms::float8 / nullif(n, 0) / 1000 AS value
FROM pooled CROSS JOIN LATERAL (VALUES
    ('H1', pooled_ms, pooled),
    ('H2', pooled_ms, CASE WHEN pooled > 0 THEN pooled + unserved + never_entered ELSE 0 END),
    ('H3', pooled_ms, CASE WHEN pooled > 0 THEN pooled + unserved + waiting ELSE 0 END),
    ('H4', with_wait_ms, CASE WHEN pooled = handled AND pooled = waits THEN pooled ELSE 0 END)
) AS v(variant, ms, n)
WHERE agent_id IS NULL OR variant IN ('H1', 'H4')
