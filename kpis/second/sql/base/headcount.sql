-- Who was employed on each day since a site's first hire, until today, or until the newest day with
-- calls if that is later: on the day before (`opening`), hired, gone from that day on (`gone`); of
-- these gone within 90 days of being hired, of their own will, and of whom nobody knows whether so
-- (`gone_untold`). People whose day of hire is not known are not in it.
WITH moves AS (
    SELECT site_id, hired_on AS day, 1 AS hired, 0 AS gone, 0 AS gone_early, 0 AS gone_willing,
        0 AS gone_untold
    FROM ccm_agent WHERE hired_on IS NOT NULL
    UNION ALL
    SELECT site_id, left_on, 0, 1, (left_on - hired_on <= 90)::int,
        (left_reason = 'voluntary')::int, (left_reason = '')::int
    FROM ccm_agent WHERE hired_on IS NOT NULL AND left_on IS NOT NULL
), days AS (
    SELECT b.site_id, d.day::date AS day
    FROM (SELECT site_id, min(day) AS first FROM moves GROUP BY site_id) AS b
    JOIN ccm_site s ON s.id = b.site_id LEFT JOIN newest n ON n.site_id = b.site_id
    CROSS JOIN LATERAL generate_series(
        b.first, greatest(kpi.day_of(now(), s.zone, s.day_begins), n.day), interval '1 day') AS d(day)
), counted AS (
    SELECT d.site_id, d.day, COALESCE(sum(m.hired), 0)::bigint AS hired,
        COALESCE(sum(m.gone), 0)::bigint AS gone,
        COALESCE(sum(m.gone_early), 0)::bigint AS gone_early,
        COALESCE(sum(m.gone_willing), 0)::bigint AS gone_willing,
        COALESCE(sum(m.gone_untold), 0)::bigint AS gone_untold
    FROM days d LEFT JOIN moves m ON m.site_id = d.site_id AND m.day = d.day
    GROUP BY d.site_id, d.day
)
SELECT site_id, day, COALESCE(sum(hired - gone) OVER (
        PARTITION BY site_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0)::bigint AS opening, hired, gone, gone_early, gone_willing, gone_untold
FROM counted
