-- Median days from hire to the first of four weeks in a row inside the middle of the team's tenured,
-- of those hired on the day: the first by which the share of those who do so is half or more, as
-- Kaplan and Meier 1958 estimate it where some do not yet, and Aalen and Johansen 1978 where others
-- left before.
WITH at_each AS (
    SELECT site_id, day, days, count(*) FILTER (WHERE ending = 'happened') AS happened,
        count(*) FILTER (WHERE ending <> 'open') AS gone,
        sum(count(*)) OVER (PARTITION BY site_id, day ORDER BY days DESC) AS watched
    FROM ramp GROUP BY site_id, day, days
), steps AS (
    SELECT *, COALESCE(exp(sum(ln(nullif(1 - gone::float8 / watched::float8, 0))) OVER (
        PARTITION BY site_id, day ORDER BY days ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )), 1) * happened / watched::float8 AS share
    FROM at_each
), shares AS (
    SELECT site_id, day, days, max(watched) OVER (PARTITION BY site_id, day) AS n,
        sum(share) OVER (PARTITION BY site_id, day ORDER BY days) AS by_then
    FROM steps
)
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, 'aht' AS variant,
    min(days) FILTER (WHERE by_then >= 0.5 - 1e-9) AS numerator, n AS denominator,
    min(days) FILTER (WHERE by_then >= 0.5 - 1e-9) AS value
FROM shares GROUP BY site_id, day, n
