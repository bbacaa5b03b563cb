-- Whom a link asked which question: links that nobody withdrew while they were good.
SELECT i.call_id, q.kind FROM ccm_surveyinvitation i CROSS JOIN unnest(i.questions) AS q(kind)
WHERE i.call_id IS NOT NULL AND (i.withdrawn_at IS NULL OR i.withdrawn_at >= i.expires_at)
