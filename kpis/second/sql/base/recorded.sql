-- Every call of the record and the day of its site that it was offered on. Voicemail and failures
-- are exits without a name. What was refused, met a busy line or left in the menu never entered
-- a queue.
SELECT c.id, c.site_id, c.source, c.linked_id, c.queue_id, c.agent_id, c.channel, c.direction,
    c.offered_at, kpi.day_of(c.offered_at, s.zone, s.day_begins) AS day,
    c.answered_at, c.ended_at, c.wrapup_ended_at, c.time_precision,
    CASE WHEN c.outcome IN ('voicemail', 'failed') THEN 'other' ELSE c.outcome END AS outcome,
    c.outcome NOT IN ('refused', 'busy', 'left_ivr') AS entered,
    c.wait_ms, c.ring_ms, c.talk_ms, c.hold_ms, c.acw_ms, c.resolved, c.resolvable, c.transfer_kind,
    c.transfer_kind <> '' AS transferred_out, c.sale_value, c.pipeline_value
FROM ccm_call c JOIN ccm_site s ON s.id = c.site_id
