-- The parameters of each KPI on site days from `valid_from` until before `valid_until`, for a
-- queue or, without one, for the site: what the admin chose for the queue goes before what was
-- chosen for the site, that before what was chosen for all, and that before the defaults. Times
-- are milliseconds; lists are in lower case, and empty where nothing is named; `variant` is the one
-- chosen, empty for the default.
WITH kpis AS (
    SELECT DISTINCT kpi FROM kpis_kpichoice
    UNION VALUES ('service_level'), ('abandon_rate'), ('asa'), ('occupancy'), ('ces'),
        ('conversations'), ('conversations_per_hour'), ('fcr'), ('resolution_time'),
        ('cost_per_call'), ('utilisation')
), scopes AS (
    SELECT id AS site_id, NULL::bigint AS queue_id FROM ccm_site
    UNION ALL SELECT site_id, id FROM ccm_queue
), changes AS (
    SELECT k.kpi, s.site_id, s.queue_id, '-infinity'::date AS valid_from FROM kpis k, scopes s
    UNION
    SELECT c.kpi, s.site_id, s.queue_id, c.valid_from FROM kpis_kpichoice c JOIN scopes s
        ON (c.site_id IS NULL OR c.site_id = s.site_id)
        AND (c.queue_id IS NULL OR c.queue_id = s.queue_id)
), spans AS (
    SELECT *, lead(valid_from, 1, 'infinity'::date) OVER (
        PARTITION BY kpi, site_id, queue_id ORDER BY valid_from) AS valid_until
    FROM changes
), chosen AS (
    -- The newest choice of each scope. A queue is of one site, whether its choice says so or not.
    SELECT DISTINCT ON (p.kpi, p.site_id, p.queue_id, p.valid_from, n.narrowness)
        p.*, c.variant, c.parameters, n.narrowness
    FROM spans p LEFT JOIN kpis_kpichoice c
        ON c.kpi = p.kpi AND c.valid_from <= p.valid_from
        AND (c.site_id IS NULL OR c.site_id = p.site_id)
        AND (c.queue_id IS NULL OR c.queue_id = p.queue_id)
    CROSS JOIN LATERAL (SELECT CASE WHEN c.queue_id IS NOT NULL THEN 2
        WHEN c.site_id IS NOT NULL THEN 1 ELSE 0 END) AS n(narrowness)
    ORDER BY p.kpi, p.site_id, p.queue_id, p.valid_from, n.narrowness, c.valid_from DESC,
        c.id DESC
), settings AS (
    SELECT c.kpi, c.site_id, c.queue_id, c.valid_from, c.valid_until, s.key,
        (array_agg(s.value ORDER BY narrowness DESC))[1] AS value
    FROM chosen c, jsonb_each_text(
        COALESCE(parameters, '{}') || CASE WHEN variant <> '' THEN
            jsonb_build_object('variant', variant) ELSE '{}' END || '{"": ""}'
    ) AS s(key, value)
    GROUP BY c.kpi, c.site_id, c.queue_id, c.valid_from, c.valid_until, s.key
), told AS (
    SELECT kpi, site_id, queue_id, valid_from, valid_until, jsonb_object_agg(key, value) AS said
    FROM settings GROUP BY kpi, site_id, queue_id, valid_from, valid_until
)
SELECT kpi, site_id, queue_id, valid_from, valid_until,
    COALESCE(said->>'variant', '') AS variant,
    COALESCE((said->>'threshold_seconds')::int, 20) * 1000 AS threshold_ms,
    COALESCE(said->>'boundary', '<=') AS boundary,
    COALESCE((said->>'short_abandon_seconds')::int, 5) * 1000 AS short_ms,
    COALESCE((said->>'lost')::boolean, true) AS lost,
    COALESCE((said->>'clock_start_seconds')::int, 0) * 1000 AS clock_ms,
    COALESCE((said->>'transfers_in')::boolean, true) AS transfers_in,
    COALESCE((said->>'business_hours')::boolean, false) AS business_hours,
    COALESCE(said->>'callbacks', 'request') AS callbacks,
    COALESCE((said->>'ring')::boolean, true) AS ring,
    COALESCE(said->>'effort', 'easy') AS effort,
    COALESCE((said->>'conversation_seconds')::int, 30) * 1000 AS conversation_ms,
    COALESCE((said->>'window_days')::int, 7) AS window_days,
    COALESCE(said->>'matter', 'queue') AS matter,
    kpi.listed(said->>'cost_kinds') AS kinds, kpi.listed(said->>'productive_pauses') AS productive
FROM told
