-- A contact: answered if any of its visits was, else what its last was. Its wait is the sum of
-- its waits up to the first answer, else its last visit's, and so with who was missed or called
-- back; its ring is that of the first answer. A sum with an unknown part is unknown. `open` by the
-- hours of the site.
SELECT v.site_id, v.source, v.linked_id, v.contact_day AS day,
    CASE WHEN bool_or(outcome = 'answered') THEN 'answered'
         ELSE max(outcome) FILTER (WHERE is_last) END AS outcome,
    CASE WHEN NOT bool_or(outcome = 'answered') THEN max(wait_ms) FILTER (WHERE is_last)
         WHEN bool_and(wait_ms IS NOT NULL)
              FILTER (WHERE entered AND offered_at <= answer_offered_at)
         THEN sum(wait_ms) FILTER (WHERE entered AND offered_at <= answer_offered_at)
    END AS wait_ms,
    bool_or(resolved) AS resolved, bool_or(resolvable) AS resolvable,
    bool_or(transferred_out) AS transferred_out,
    bool_or(blind) AS blind, bool_or(attended) AS attended,
    bool_or(escalated) FILTER (WHERE outcome = 'answered') AS escalated,
    bool_or(missed) FILTER (WHERE is_last) AS missed,
    (array_agg(ring_ms ORDER BY offered_at, ring_ms, v.id) FILTER (WHERE outcome = 'answered'))[1]
        AS ring_ms,
    max(return_ms) FILTER (WHERE is_last) AS return_ms,
    max(called_back_ms) FILTER (WHERE is_last) AS called_back_ms,
    NOT COALESCE(bool_or(time_precision = 'day') FILTER (WHERE entered),
            bool_or(time_precision = 'day'))
        AND kpi.is_open(s.opening, max(offered_at) FILTER (WHERE is_first), s.zone) AS open
FROM visit v JOIN ccm_site s ON s.id = v.site_id
GROUP BY v.site_id, v.source, v.linked_id, v.contact_day, s.opening, s.zone
