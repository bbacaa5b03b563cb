-- Answered and passed on at least once, of the answered. Unannounced or after a word with who takes
-- over where any transfer tells how it was. More than one agent can answer a contact, not a visit.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM (
    SELECT site_id, queue_id, agent_id, day, count(*) AS answered,
        count(*) FILTER (WHERE transferred_out) AS passed_on,
        count(*) FILTER (WHERE blind) AS blind, count(*) FILTER (WHERE attended) AS attended,
        count(*) FILTER (WHERE blind OR attended) AS told,
        count(*) FILTER (WHERE several_agents) AS several, count(several_agents) AS contacts
    FROM unit WHERE outcome = 'answered' GROUP BY site_id, queue_id, agent_id, day
) AS counted
CROSS JOIN LATERAL (VALUES
    ('answered', passed_on, answered),
    ('contacts', several, contacts),
    ('blind', blind, CASE WHEN passed_on > 0 AND told = 0 THEN 0 ELSE answered END),
    ('attended', attended, CASE WHEN passed_on > 0 AND told = 0 THEN 0 ELSE answered END)
) AS v(variant, numerator, denominator)
