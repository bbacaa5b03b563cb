-- A contact that entered a queue, by who called: its caller is the one that the first of its visits
-- with a number tells, empty where none does, and its topic likewise. It came when it first entered,
-- and ended with the last of its visits that did.
SELECT site_id, source, linked_id, (array_agg(id ORDER BY offered_at, id))[1] AS first_id,
    COALESCE((array_agg(caller ORDER BY offered_at, id) FILTER (WHERE caller <> ''))[1], '')
        AS caller,
    (array_agg(topic_id ORDER BY offered_at, id) FILTER (WHERE topic_id IS NOT NULL))[1]
        AS topic_id,
    min(offered_at) FILTER (WHERE entered) AS came_at, min(day) FILTER (WHERE entered) AS day,
    max(ended_at) FILTER (WHERE entered) AS ended_at, bool_or(answered) AS answered,
    bool_or(resolved) AS resolved, bool_or(resolvable) AS resolvable
FROM arrival GROUP BY site_id, source, linked_id HAVING bool_or(entered)
