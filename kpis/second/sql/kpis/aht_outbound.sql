-- Average handling time of calls out, in seconds: talk + hold + wrap-up over the answered that
-- measure the same parts, talk among them: the largest such group; of groups of one size the one
-- that knows more parts, and that which knows hold before that which knows wrap-up.
SELECT DISTINCT ON (site_id, queue_id, agent_id, day) site_id, queue_id, agent_id, day,
    'H1' AS variant, ms / 1000.0 AS numerator, n AS denominator, ms::float8 / n / 1000 AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, hold_ms IS NOT NULL AS hold, acw_ms IS NOT NULL AS acw,
        count(*) AS n, sum(talk_ms + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)) AS ms
    FROM dial WHERE outcome = 'answered' AND talk_ms IS NOT NULL
    GROUP BY site_id, queue_id, agent_id, day, hold, acw
) AS kinds
ORDER BY site_id, queue_id, agent_id, day, n DESC, hold AND acw DESC, hold DESC, acw DESC
