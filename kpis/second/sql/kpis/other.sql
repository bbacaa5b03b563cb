-- Left for voicemail, by a failure, or by an exit without a name.
SELECT site_id, queue_id, agent_id, day, 'count' AS variant,
    count(*) FILTER (WHERE outcome = 'other') AS numerator, NULL::bigint AS denominator,
    count(*) FILTER (WHERE outcome = 'other') AS value
FROM unit WHERE agent_id IS NULL GROUP BY site_id, queue_id, agent_id, day
