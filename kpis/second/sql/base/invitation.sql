-- Every question that a caller was sent a link to, unless it was withdrawn while it was open.
SELECT i.call_id, i.site_id, q.kind
FROM ccm_surveyinvitation i CROSS JOIN unnest(i.questions) AS q(kind)
WHERE i.call_id IS NOT NULL AND (i.withdrawn_at IS NULL OR i.withdrawn_at >= i.expires_at)
