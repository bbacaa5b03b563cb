-- How long after the day of hire: until the first of four weeks in a row inside the middle of the
-- tenured ('happened'); until they left, who never were ('ruled_out'); else ('open') as long as is
-- known that it has not happened, which is until the run of weeks that still goes on. Weeks are whole
-- ones, in which they were there to the end. Of whom no week tells anything there is no row.
WITH weeks AS (
    SELECT n.site_id, n.day, n.agent_id, w.week::date AS week, a.inside
    FROM newcomer n
    CROSS JOIN LATERAL generate_series(
        (date_trunc('week', n.day + interval '6 days'))::date,
        LEAST(n.until, n.left_on) - 7, interval '7 days') AS w(week)
    LEFT JOIN agent_week a ON a.site_id = n.site_id AND a.day = n.day
        AND a.agent_id = n.agent_id AND a.week = w.week::date
), runs AS (
    SELECT *, COALESCE(inside, false) AND COALESCE(lead(inside, 1) OVER own, false)
        AND COALESCE(lead(inside, 2) OVER own, false) AND COALESCE(lead(inside, 3) OVER own, false)
        AS begins
    FROM weeks WINDOW own AS (PARTITION BY agent_id ORDER BY week)
), found AS (
    SELECT agent_id, count(inside) AS told, min(week) FILTER (WHERE begins) AS reached,
        min(week) AS first_week, max(week) AS last_week,
        max(week) FILTER (WHERE inside IS NOT TRUE) AS last_outside
    FROM runs GROUP BY agent_id
)
SELECT n.site_id, n.day, n.agent_id, e.ending, e.days
FROM newcomer n LEFT JOIN found f USING (agent_id)
CROSS JOIN LATERAL (
    SELECT CASE WHEN n.until IS NULL OR n.until <= n.day THEN 'open'
                WHEN f.reached IS NOT NULL THEN 'happened'
                WHEN n.left_on <= n.until THEN 'ruled_out'
                WHEN f.told > 0 OR f.agent_id IS NULL THEN 'open' END AS ending,
        CASE WHEN n.until IS NULL OR n.until <= n.day THEN 0
             WHEN f.reached IS NOT NULL THEN f.reached - n.day
             WHEN n.left_on <= n.until THEN n.left_on - n.day
             WHEN f.last_outside IS NULL AND f.agent_id IS NOT NULL THEN f.first_week - n.day
             WHEN f.last_outside < f.last_week THEN f.last_outside + 7 - n.day
             ELSE n.until - n.day END AS days
) AS e
WHERE e.ending IS NOT NULL
