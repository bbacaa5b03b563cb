-- The newest day of a site that has calls, and its first.
SELECT s.id AS site_id, kpi.day_of(c.newest_at, s.zone, s.day_begins) AS day,
    kpi.day_of(c.first_at, s.zone, s.day_begins) AS first_day
FROM ccm_site s
JOIN LATERAL (
    SELECT max(offered_at) AS newest_at, min(offered_at) AS first_at FROM ccm_call
    WHERE site_id = s.id
) AS c ON c.newest_at IS NOT NULL
