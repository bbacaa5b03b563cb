-- Of the answered: passed on at least once, unannounced (blind), after a word with who takes over
-- (attended); where transfers do not tell how, there is no figure of the two. Contacts that more
-- than one agent answered are told of sites alone.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, count(*) AS answered,
        count(*) FILTER (WHERE transferred_out) AS passed_on,
        count(*) FILTER (WHERE blind) AS blind, count(*) FILTER (WHERE attended) AS attended,
        count(*) FILTER (WHERE several_agents) AS several, count(several_agents) AS contacts
    FROM unit WHERE outcome = 'answered' GROUP BY site_id, queue_id, agent_id, day
) AS counted
CROSS JOIN LATERAL (VALUES
    ('answered', passed_on, answered),
    ('contacts', several, contacts),
    ('blind', blind, CASE WHEN passed_on > 0 AND blind + attended = 0 THEN 0 ELSE answered END),
    ('attended', attended,
        CASE WHEN passed_on > 0 AND blind + attended = 0 THEN 0 ELSE answered END)
) AS v(variant, numerator, denominator)
