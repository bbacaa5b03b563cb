-- The note that stands on a call, and whether it says that the call was handed up.
SELECT n.call_id, n.escalation <> '' AS escalated FROM ccm_callnote n WHERE n.is_current
