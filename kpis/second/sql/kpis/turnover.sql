-- Who left, of the mean of those employed on the day before and on the day (T1), of those on the day
-- before (T2); who left within 90 days of being hired, of that mean (T3); who left of their own will,
-- of that mean, unless that is known of none who left (T5). A year's turnover is told from at least
-- 90 days, so of no day.
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, variant, numerator,
    denominator, numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT *, (opening + opening + hired - gone) / 2.0 AS mean FROM headcount
) AS h
CROSS JOIN LATERAL (VALUES ('T1', gone, mean), ('T2', gone, opening), ('T3', gone_early, mean),
    ('T5', CASE WHEN gone = 0 OR gone > gone_untold THEN gone_willing END, mean)
) AS v(variant, numerator, denominator)
