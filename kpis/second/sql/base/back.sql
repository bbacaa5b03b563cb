-- Every answered call out, which may be a call back.
SELECT c.id, c.site_id, c.source, c.linked_id, c.offered_at, c.answered_at
FROM ccm_call c
WHERE c.direction = 'outbound' AND c.outcome = 'answered' AND c.time_precision <> 'day'
