-- First contact resolution. F3: answered contacts with none of the caller in the window before, nor
-- in the window after, of those with none before; those of which the record does not hold the whole
-- window after yet are not known. F1: resolved and none before, of those known to be resolved or
-- not; F2: of these, known that they could be. Window and matter are `kpi.parameter`'s, days are of
-- 24 hours. F4: answers to surveys that it was settled at the first contact, of all answers to that.
WITH placed AS (
    SELECT a.*, a.day + p.window_days < n.day AS over,
        COALESCE(a.since > p.window_days * interval '1 day', true) AS first,
        COALESCE(a.until > p.window_days * interval '1 day', true) AS last
    FROM again a JOIN parameter p ON p.kpi = 'fcr' AND p.site_id = a.site_id
        AND COALESCE(p.queue_id, 0) = COALESCE(a.queue_id, 0) AND p.matter = a.matter
        AND a.day >= p.valid_from AND a.day < p.valid_until
    JOIN newest n ON n.site_id = a.site_id
), counted AS (
    SELECT site_id, queue_id, agent_id, day,
        count(*) FILTER (WHERE over AND first) AS firsts,
        count(*) FILTER (WHERE over AND first AND last) AS settled,
        count(resolved) AS told, count(*) FILTER (WHERE resolved AND first) AS told_first,
        count(resolved) FILTER (WHERE resolvable) AS able,
        count(*) FILTER (WHERE resolved AND resolvable AND first) AS able_first
    FROM placed GROUP BY site_id, queue_id, agent_id, day
)
SELECT site_id, queue_id, agent_id, day, variant, numerator, denominator,
    numerator::float8 / nullif(denominator, 0) AS value
FROM counted CROSS JOIN LATERAL (VALUES ('F1', told_first, told), ('F2', able_first, able),
    ('F3', settled, firsts)) AS v(variant, numerator, denominator)
UNION ALL
SELECT site_id, queue_id, agent_id, day, 'F4', count(*) FILTER (WHERE place >= 1), count(*),
    (count(*) FILTER (WHERE place >= 1))::float8 / count(*)
FROM answer WHERE kind = 'fcr' GROUP BY site_id, queue_id, agent_id, day
