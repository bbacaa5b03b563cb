-- Every call that came in, and the day of its contact: that of the first visit that entered a queue,
-- else of the first on one, else of the first call. Of one on no queue it counts what was talked,
-- who was rung and what the caller answered. `queued` is whether the contact has any on a queue.
SELECT c.*, bool_or(queue_id IS NOT NULL) OVER contact AS queued,
    COALESCE(min(day) FILTER (WHERE entered AND queue_id IS NOT NULL) OVER contact,
        min(day) FILTER (WHERE queue_id IS NOT NULL) OVER contact, min(day) OVER contact)
        AS contact_day
FROM call c WHERE direction = 'inbound'
WINDOW contact AS (PARTITION BY site_id, source, linked_id)
