-- Every call, by its contact. One that came in more than seven days after the one before of its
-- contact begins another, whatever its source calls the two: it and those after it have a `linked_id`
-- of their own.
WITH spaced AS (
    SELECT *, direction = 'inbound' AND offered_at - max(offered_at)
            FILTER (WHERE direction = 'inbound') OVER before > interval '168 hours' AS begins
    FROM recorded
    WINDOW before AS (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), counted AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER (
        PARTITION BY site_id, source, linked_id ORDER BY offered_at, id ROWS UNBOUNDED PRECEDING
    ) AS nth
    FROM spaced
)
SELECT id, site_id, source, linked_id || CASE WHEN nth > 0 THEN chr(1) || nth ELSE '' END
        AS linked_id,
    queue_id, agent_id, channel, direction, offered_at, day, answered_at, ended_at,
    wrapup_ended_at, time_precision, outcome, entered, wait_ms, ring_ms, talk_ms, hold_ms, acw_ms,
    resolved, resolvable, transfer_kind, transferred_out, sale_value, pipeline_value
FROM counted
