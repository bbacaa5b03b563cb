-- Every inbound visit on a queue, by its contact: one more than seven days after the one before
-- begins another, as of calls.
WITH spaced AS (
    SELECT *, offered_at - lag(offered_at) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at, id
    ) > interval '168 hours' AS begins
    FROM arrived
), counted AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at, id ROWS UNBOUNDED PRECEDING
    ) AS nth
    FROM spaced
)
SELECT id, site_id, source, linked_id || CASE WHEN nth > 0 THEN chr(1) || nth ELSE '' END
        AS linked_id,
    queue_id, agent_id, topic_id, caller, offered_at, day, ended_at, answered, entered, resolved,
    resolvable
FROM counted
