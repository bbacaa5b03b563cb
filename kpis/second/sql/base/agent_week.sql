-- Agents' ISO weeks since each day on which somebody was hired: the mean handling time of their
-- inbound calls in ms, those that measure the same parts as most calls of all of them do (as AHT
-- has it), of at least ten such calls. Their team is that of the week's last day; tenured is who was
-- hired at least 180 days before the week. `inside`: from the lowest to the highest of the middle
-- 80 % of the team's tenured, by nearest rank; not told where these are fewer than five.
WITH since AS (
    SELECT site_id, min(day) AS day FROM newcomer GROUP BY site_id
), handled AS (
    SELECT c.site_id, c.agent_id, kpi.day_of(c.offered_at, s.zone, s.day_begins) AS day,
        c.talk_ms + COALESCE(c.hold_ms, 0) + COALESCE(c.acw_ms, 0) AS ms,
        CASE WHEN c.hold_ms IS NOT NULL AND c.acw_ms IS NOT NULL THEN 1
             WHEN c.hold_ms IS NOT NULL THEN 2 WHEN c.acw_ms IS NOT NULL THEN 3 ELSE 4 END
            AS preferred
    FROM ccm_call c JOIN since i ON i.site_id = c.site_id JOIN ccm_site s ON s.id = c.site_id
    WHERE c.direction = 'inbound' AND c.outcome = 'answered' AND c.agent_id IS NOT NULL
      AND c.talk_ms IS NOT NULL AND c.offered_at >= kpi.day_start(i.day, s.zone, s.day_begins)
), days AS (
    SELECT site_id, agent_id, day, preferred, count(*) AS n, sum(ms) AS ms
    FROM handled GROUP BY site_id, agent_id, day, preferred
), weeks AS (
    SELECT h.site_id, h.day, d.agent_id, date_trunc('week', d.day)::date AS week, d.preferred,
        sum(d.n) AS n, sum(d.ms) AS ms
    FROM (SELECT DISTINCT site_id, day FROM newcomer) AS h
    JOIN days d ON d.site_id = h.site_id AND d.day >= h.day
    GROUP BY h.site_id, h.day, d.agent_id, week, d.preferred
), of_teams AS (
    SELECT w.*, m.team_id, COALESCE(a.hired_on <= w.week - 180, false) AS tenured,
        sum(w.n) OVER (PARTITION BY w.site_id, w.day, w.preferred) AS in_all
    FROM weeks w JOIN ccm_agent a ON a.id = w.agent_id
    JOIN ccm_teammembership m ON m.agent_id = w.agent_id AND m.starts_on <= w.week + 6
        AND (m.ends_on IS NULL OR m.ends_on > w.week + 6)
), ranked AS (
    SELECT *, ms::float8 / n::float8 AS mean,
        dense_rank() OVER (PARTITION BY site_id, day ORDER BY in_all DESC, preferred) AS place
    FROM of_teams
), told AS (
    SELECT *, count(*) FILTER (WHERE tenured) OVER team AS tenured_n,
        row_number() OVER (PARTITION BY site_id, day, week, team_id, tenured ORDER BY mean) AS rank
    FROM ranked WHERE place = 1 AND n >= 10
    WINDOW team AS (PARTITION BY site_id, day, week, team_id)
)
SELECT site_id, day, week, team_id, agent_id, mean, CASE WHEN tenured_n >= 5 THEN
        mean BETWEEN min(mean) FILTER (WHERE tenured AND rank = (tenured_n + 9) / 10) OVER team
            AND min(mean) FILTER (WHERE tenured AND rank = (9 * tenured_n + 9) / 10) OVER team
    END AS inside
FROM told
WINDOW team AS (PARTITION BY site_id, day, week, team_id)
