-- A visit: one inbound call on one queue, and its place among the visits of its contact, which
-- are those that one source gave one linked_id. A contact is of the day of its first visit that
-- entered a queue. A visit is transferred in that began within a day of a call of its contact
-- that was passed on.
SELECT c.*,
    COALESCE(min(c.day) FILTER (WHERE c.entered) OVER contact, min(c.day) OVER contact)
        AS contact_day,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at, c.id) = 1 AS is_first,
    row_number() OVER (contact ORDER BY c.entered DESC, c.offered_at DESC, c.id DESC) = 1
        AS is_last,
    min(c.offered_at) FILTER (WHERE c.outcome = 'answered') OVER contact AS answer_offered_at
FROM (
    SELECT *, COALESCE(bool_or(transferred_out) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at
        RANGE BETWEEN interval '1 day' PRECEDING AND interval '1 microsecond' PRECEDING
    ), false) AS transferred_in
    FROM call
) AS c
WHERE c.queue_id IS NOT NULL AND c.direction = 'inbound'
WINDOW contact AS (PARTITION BY c.site_id, c.source, c.linked_id)
