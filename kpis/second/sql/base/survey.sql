-- Every answer of a caller to one question. `place` is where the score lies on its scale, 0 to 1.
-- One that knows no call is of the day it was given.
SELECT r.call_id, r.site_id, r.queue_id, r.agent_id, r.kind, r.score, r.scale_min, r.scale_max,
    (r.score - r.scale_min) / (r.scale_max - r.scale_min) AS place,
    r.answered_at, kpi.day_of(r.answered_at, s.zone, s.day_begins) AS day
FROM ccm_surveyresponse r JOIN ccm_site s ON s.id = r.site_id
