-- Response rate, recommendation: answered ones with an answer of the answered (answered), those with a link
-- and an answer of those with a link that nobody withdrew (invited).
-- Of the answered there is no rate where neither a link nor an answer tells that anybody was asked.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, sum(answered) AS answered,
        CASE WHEN sum(known) > 0 THEN sum(told) END AS told,
        sum(invited) AS invited, sum(invited_told) AS invited_told
    FROM (
        SELECT site_id, queue_id, agent_id, day, 1 AS answered, 0 AS told, 0 AS invited,
            0 AS invited_told, 0 AS known
        FROM unit WHERE outcome = 'answered'
        UNION ALL
        SELECT site_id, queue_id, agent_id, day, 0, told::int, invited::int, invited_told::int,
            (told OR invited)::int
        FROM asked WHERE kind = 'nps'
        UNION ALL
        SELECT site_id, queue_id, agent_id, day, 0, 0, 0, 0, 1 FROM answer WHERE kind = 'nps'
    ) AS each
    GROUP BY site_id, queue_id, agent_id, day
) AS counted
CROSS JOIN LATERAL (VALUES ('answered', told, answered), ('invited', invited_told, invited))
    AS v(variant, numerator, denominator)
