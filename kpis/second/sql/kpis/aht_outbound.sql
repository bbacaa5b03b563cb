-- Average handling time of the answered calls out, in seconds: talk + hold + wrap-up over those that
-- measure the same parts, talk among them: the largest such group, as in `kpi.aht`.
WITH pools AS (
    SELECT site_id, queue_id, agent_id, day, count(*) AS n,
        sum(talk_ms + COALESCE(hold_ms, 0) + COALESCE(acw_ms, 0)) AS ms,
        hold_ms IS NOT NULL AS holds, acw_ms IS NOT NULL AS wraps
    FROM dial WHERE outcome = 'answered' AND talk_ms IS NOT NULL
    GROUP BY site_id, queue_id, agent_id, day, hold_ms IS NOT NULL, acw_ms IS NOT NULL
), largest AS (
    SELECT DISTINCT ON (site_id, queue_id, agent_id, day) * FROM pools
    ORDER BY site_id, queue_id, agent_id, day, n DESC, (holds AND wraps) DESC, holds DESC, wraps DESC
)
SELECT site_id, queue_id, agent_id, day, 'H1' AS variant, ms / 1000.0 AS numerator,
    n AS denominator, ms::float8 / n / 1000 AS value
FROM largest
