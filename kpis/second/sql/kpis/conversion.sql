-- Inbound calls that sold, with sales that name no call, of all that left the queue (contacts) and of
-- the answered (answered); calls out that sold, of all that are over or were answered (dials). A day
-- on which nothing was sold, between others, is one of none.
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM sold CROSS JOIN LATERAL (VALUES ('contacts', inbound + unlinked, ended),
    ('answered', inbound + unlinked, answered), ('dials', outbound, dialled))
    AS v(variant, numerator, denominator)
WHERE (agent_id IS NULL OR variant <> 'contacts') AND (numerator > 0 OR denominator > 0)
