-- An agent's time on a site day in milliseconds, in parts that do not overlap. A session in which
-- nothing more is told is ready, or, where the agent's states tell when that is, other. `untold` is
-- whether no state tells of the agent that day: then nobody knows how long the agent was there, and
-- all parts are 0. `paused` has the pauses by reason: of several at once the one that began last
-- stands. `queues` are those the agent served on that day, by a call or a ring; 0 is none.
WITH cut AS (
    SELECT p.site_id, p.agent_id, p.stated, p.kind, p.reason, p.a, d.day::date AS day,
        tstzmultirange(tstzrange(
            greatest(p.a, kpi.day_start(d.day::date, s.zone, s.day_begins)),
            least(p.z, kpi.day_start(d.day::date + 1, s.zone, s.day_begins)))) AS span
    FROM spell p JOIN ccm_site s ON s.id = p.site_id
    CROSS JOIN LATERAL generate_series(
        kpi.day_of(p.a, s.zone, s.day_begins), kpi.day_of(p.z - interval '1 ms', s.zone, s.day_begins), interval '1 day'
    ) AS d(day)
), laid AS (
    SELECT site_id, agent_id, day, bool_or(stated) AS stated,
        COALESCE(bool_or(stated AND kind = 'ready'), false) AS tells_ready,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'handling'), '{}') AS handling,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'ringing'), '{}') AS ringing,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'paused'), '{}') AS paused,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'other'), '{}') AS other,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'ready'), '{}') AS ready,
        COALESCE(range_agg(span) FILTER (WHERE kind = 'session'), '{}') AS session
    FROM cut GROUP BY site_id, agent_id, day
), parts AS (
    SELECT site_id, agent_id, day, stated, tells_ready, handling,
        ringing - handling AS ringing,
        paused - ringing - handling AS paused,
        other - paused - ringing - handling AS other,
        ready - other - paused - ringing - handling AS ready,
        session - ready - other - paused - ringing - handling AS silent
    FROM laid
), pauses AS (
    SELECT site_id, agent_id, day, reason, span, range_agg(span) OVER (
        PARTITION BY site_id, agent_id, day ORDER BY a DESC, reason
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS later
    FROM (
        SELECT site_id, agent_id, day, a, reason, range_agg(span) AS span
        FROM cut WHERE kind = 'paused' GROUP BY site_id, agent_id, day, a, reason
    ) AS each
), reasons AS (
    SELECT p.site_id, p.agent_id, p.day, p.reason,
        sum(extract(epoch FROM upper(one) - lower(one)) * 1000)::bigint AS ms
    FROM pauses p JOIN laid l USING (site_id, agent_id, day)
    CROSS JOIN LATERAL unnest(p.span - COALESCE(p.later, '{}') - l.ringing - l.handling) AS one
    GROUP BY p.site_id, p.agent_id, p.day, p.reason
), by_reason AS (
    SELECT site_id, agent_id, day, jsonb_object_agg(reason, ms) AS paused
    FROM reasons GROUP BY site_id, agent_id, day
), sums AS (
    SELECT site_id, agent_id, day, stated, tells_ready, kind,
        sum(extract(epoch FROM upper(one) - lower(one)) * 1000)::bigint AS ms
    FROM parts
    CROSS JOIN LATERAL (VALUES ('handling', handling), ('ringing', ringing), ('paused', paused),
        ('other', other), ('ready', ready), ('silent', silent)) AS k(kind, spans)
    LEFT JOIN LATERAL unnest(spans) AS one ON true
    GROUP BY site_id, agent_id, day, stated, tells_ready, kind
), served AS (
    SELECT site_id, agent_id, day, array_agg(DISTINCT COALESCE(queue_id, 0)) AS queues
    FROM (
        SELECT site_id, agent_id, day, queue_id FROM call WHERE agent_id IS NOT NULL
        UNION
        SELECT c.site_id, o.agent_id, c.day, c.queue_id FROM call c JOIN offer o ON o.call_id = c.id
        UNION
        SELECT site_id, agent_id, day, queue_id FROM survey
        WHERE call_id IS NULL AND agent_id IS NOT NULL
    ) AS calls
    GROUP BY site_id, agent_id, day
), days AS (
    SELECT site_id, agent_id, day, NOT stated AS untold,
        COALESCE(sum(ms) FILTER (WHERE stated AND kind = 'handling'), 0)::bigint AS handling_ms,
        COALESCE(sum(ms) FILTER (WHERE stated AND kind = 'ringing'), 0)::bigint AS ringing_ms,
        COALESCE(sum(ms) FILTER (WHERE stated AND kind = 'paused'), 0)::bigint AS paused_ms,
        COALESCE(sum(ms) FILTER (WHERE stated AND (kind = 'other'
            OR kind = 'silent' AND tells_ready)), 0)::bigint AS other_ms,
        COALESCE(sum(ms) FILTER (WHERE stated AND (kind = 'ready'
            OR kind = 'silent' AND NOT tells_ready)), 0)::bigint AS ready_ms
    FROM sums GROUP BY site_id, agent_id, day, stated
)
SELECT d.*, COALESCE(r.paused, '{}') AS paused, COALESCE(s.queues, '{}') AS queues
FROM days d LEFT JOIN served s USING (site_id, agent_id, day)
LEFT JOIN by_reason r USING (site_id, agent_id, day)
