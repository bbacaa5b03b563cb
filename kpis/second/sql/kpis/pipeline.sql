-- What may yet be sold. Nothing is converted: in several currencies, or one that nobody names, there
-- is no figure, and a row without numerator.
SELECT site_id, queue_id, agent_id, day, 'total' AS variant, pipeline AS numerator,
    NULL::bigint AS denominator, pipeline AS value
FROM sold
