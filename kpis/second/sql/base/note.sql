-- The note that stands of a call: whether it says that the call was handed up.
SELECT n.call_id, n.site_id, n.escalation <> '' AS escalated FROM ccm_callnote n WHERE n.is_current
