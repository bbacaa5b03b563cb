-- Median time in seconds from the first contact of a matter to the end of the first that was told to
-- be resolved: the first by which the share of the resolved is half or more, as Kaplan and Meier 1958
-- estimate it where some are open, and Aalen and Johansen 1978 where others can never be. What is one
-- matter is `kpi.parameter`'s. Times are exact to the second up to an hour, to the minute up to a
-- day, then to the hour: begun ones do not count.
WITH timed AS (
    SELECT m.site_id, m.queue_id, m.day, m.ending, m.ms / 1000 - mod(m.ms / 1000,
        CASE WHEN m.ms < 3600000 THEN 1 WHEN m.ms < 86400000 THEN 60 ELSE 3600 END) AS seconds
    FROM matter m JOIN parameter p ON p.kpi = 'resolution_time' AND p.site_id = m.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(m.queue_id, 0) AND p.matter = m.matter
        AND m.day >= p.valid_from AND m.day < p.valid_until
), at_each AS (
    SELECT site_id, queue_id, day, seconds, count(*) FILTER (WHERE ending = 'happened') AS happened,
        count(*) FILTER (WHERE ending <> 'open') AS gone,
        -- Whoever is open from then on was watched until then.
        sum(count(*)) OVER (PARTITION BY site_id, queue_id, day ORDER BY seconds DESC) AS watched
    FROM timed GROUP BY site_id, queue_id, day, seconds
), steps AS (
    SELECT *, COALESCE(exp(sum(ln(nullif(1 - gone::float8 / watched::float8, 0))) OVER (
        PARTITION BY site_id, queue_id, day ORDER BY seconds
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )), 1) * happened / watched::float8 AS share
    FROM at_each
), shares AS (
    SELECT site_id, queue_id, day, seconds, max(watched) OVER (PARTITION BY site_id, queue_id, day)
        AS n, sum(share) OVER (PARTITION BY site_id, queue_id, day ORDER BY seconds) AS by_then
    FROM steps
)
SELECT site_id, queue_id, NULL::bigint AS agent_id, day, 'median' AS variant,
    -- Sums of thirds are no exact halves.
    min(seconds) FILTER (WHERE by_then >= 0.5 - 1e-9) AS numerator, n AS denominator,
    min(seconds) FILTER (WHERE by_then >= 0.5 - 1e-9) AS value
FROM shares GROUP BY site_id, queue_id, day, n
