-- Who left, of the mean of those employed on the day before and on the day (T1), of those on the day
-- before (T2); who left within 90 days of being hired, of that mean (T3); who left of their own will,
-- of that mean, unless that is known of none who left (T5). A year's turnover is told from at least
-- 90 days, so of no day. Of days before the record begins, and before anybody had left whom it knows,
-- nobody knows who left: they have no row.
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, variant, numerator,
    denominator, numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT h.*, (h.opening + h.opening + h.hired - h.gone) / 2.0 AS mean
    FROM headcount h LEFT JOIN (
        SELECT n.site_id, least(n.first_day, (
            SELECT min(kpi.day_of(a.answered_at, s.zone, s.day_begins))
            FROM ccm_surveyresponse a WHERE a.site_id = n.site_id AND a.call_id IS NULL
        ), (
            SELECT min(left_on) FROM ccm_agent a
            WHERE a.site_id = n.site_id AND a.hired_on IS NOT NULL
        )) AS day
        FROM newest n JOIN ccm_site s ON s.id = n.site_id
    ) AS known ON known.site_id = h.site_id
    WHERE known.day IS NULL OR h.day >= known.day
) AS h
CROSS JOIN LATERAL (VALUES ('T1', gone, mean), ('T2', gone, opening), ('T3', gone_early, mean),
    ('T5', CASE WHEN gone = 0 OR gone > gone_untold THEN gone_willing END, mean)
) AS v(variant, numerator, denominator)
