-- Inbound calls that sold, with sales that name no call, of what was offered (contacts) and of the
-- answered (answered); calls out that sold, of all calls out (dials).
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM sold CROSS JOIN LATERAL (VALUES ('contacts', inbound + unlinked, offered),
    ('answered', inbound + unlinked, answered), ('dials', outbound, dials))
    AS v(variant, numerator, denominator)
WHERE agent_id IS NULL OR variant <> 'contacts'
