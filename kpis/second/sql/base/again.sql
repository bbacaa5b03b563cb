-- Answered contacts of known callers with how long before and after them the caller's nearest other
-- contacts came (null: none there is), a row for each time that is counted and for each reading of
-- what is one matter: the same queue, any queue of the site, the same topic. Queues and agents are
-- counted in visits, and so is a site where one matter is one queue; else a site is in contacts.
-- On a queue, a contact came when it first entered that queue. A number of more than ten contacts
-- on a day within 30 days is shared by several callers: it is left out. So is, of topics, what has
-- none. Of two contacts of one moment the smaller id came first.
WITH known AS (
    SELECT site_id, caller, day, bool_or(count(*) > 10) OVER (
        PARTITION BY site_id, caller ORDER BY day
        RANGE BETWEEN interval '30 days' PRECEDING AND interval '30 days' FOLLOWING
    ) AS shared
    FROM came WHERE caller <> '' GROUP BY site_id, caller, day
), callers AS (
    SELECT c.*, k.shared,
        came_at - lag(came_at) OVER at_all AS since_any,
        lead(came_at) OVER at_all - came_at AS until_any,
        came_at - lag(came_at) OVER of_topic AS since_topic,
        lead(came_at) OVER of_topic - came_at AS until_topic
    FROM came c JOIN known k USING (site_id, caller, day)
    WINDOW at_all AS (PARTITION BY c.site_id, c.caller ORDER BY came_at, first_id),
        of_topic AS (PARTITION BY c.site_id, c.caller, topic_id ORDER BY came_at, first_id)
), on_queues AS (
    SELECT site_id, source, linked_id, queue_id, came_at - lag(came_at) OVER of_queue AS since,
        lead(came_at) OVER of_queue - came_at AS until
    FROM (
        SELECT a.site_id, a.source, a.linked_id, a.queue_id, c.caller, c.first_id,
            min(a.offered_at) AS came_at
        FROM arrival a JOIN callers c USING (site_id, source, linked_id)
        WHERE a.entered
        GROUP BY a.site_id, a.source, a.linked_id, a.queue_id, c.caller, c.first_id
    ) AS entries
    WINDOW of_queue AS (PARTITION BY site_id, caller, queue_id ORDER BY came_at, first_id)
), visits AS (
    SELECT v.site_id, v.queue_id, v.agent_id, v.day, m.matter, v.resolved, v.resolvable, m.since,
        m.until
    FROM arrival v JOIN callers c USING (site_id, source, linked_id)
    JOIN on_queues q USING (site_id, source, linked_id, queue_id)
    CROSS JOIN LATERAL (VALUES ('queue', q.since, q.until), ('any', since_any, until_any),
        ('topic', since_topic, until_topic)) AS m(matter, since, until)
    WHERE v.answered AND NOT c.shared AND (m.matter <> 'topic' OR c.topic_id IS NOT NULL)
)
SELECT site_id, queue_id, NULL::bigint AS agent_id, day, matter, resolved, resolvable, since, until
FROM visits
UNION ALL
SELECT site_id, NULL, agent_id, day, matter, resolved, resolvable, since, until
FROM visits WHERE agent_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, NULL, day, matter, resolved, resolvable, since, until
FROM visits WHERE matter = 'queue'
UNION ALL
SELECT site_id, NULL, NULL, day, 'any', resolved, resolvable, since_any, until_any
FROM callers WHERE answered AND NOT shared
UNION ALL
SELECT site_id, NULL, NULL, day, 'topic', resolved, resolvable, since_topic, until_topic
FROM callers WHERE answered AND NOT shared AND topic_id IS NOT NULL
