-- What was sold, or may yet be, once: a sale on the day of its call, else on the day it names, and
-- what a call tells itself where no sale of it does. A row for each time it is counted: for the
-- site, for the queue of the call, and for the agent who sold, else who took the call.
WITH told AS (
    SELECT s.site_id, c.queue_id, COALESCE(s.agent_id, c.agent_id) AS agent_id, c.day,
        c.id AS call_id, c.source || ' ' || c.linked_id AS contact, c.direction, s.currency, s.value, s.pipeline_value AS pipeline
    FROM ccm_sale s JOIN call c ON c.id = s.call_id
    UNION ALL
    SELECT s.site_id, NULL, s.agent_id, s.sold_on, NULL, NULL, NULL, s.currency, s.value, s.pipeline_value
    FROM ccm_sale s WHERE s.call_id IS NULL AND s.sold_on IS NOT NULL
    UNION ALL
    SELECT c.site_id, c.queue_id, c.agent_id, c.day, c.id, c.source || ' ' || c.linked_id,
        c.direction, s.currency,
        CASE WHEN NOT COALESCE(sold.value, false) THEN c.sale_value END,
        CASE WHEN NOT COALESCE(sold.pipeline, false) THEN c.pipeline_value END
    FROM call c JOIN ccm_site s ON s.id = c.site_id
    LEFT JOIN (
        SELECT call_id, bool_or(value IS NOT NULL) AS value,
            bool_or(pipeline_value IS NOT NULL) AS pipeline
        FROM ccm_sale WHERE call_id IS NOT NULL GROUP BY call_id
    ) AS sold ON sold.call_id = c.id
    WHERE c.sale_value IS NOT NULL OR c.pipeline_value IS NOT NULL
)
SELECT site_id, NULL::bigint AS queue_id, NULL::bigint AS agent_id, day, call_id, contact,
    direction, currency, value, pipeline
FROM told
UNION ALL
SELECT site_id, queue_id, NULL, day, call_id, contact, direction, currency, value, pipeline
FROM told WHERE queue_id IS NOT NULL
UNION ALL
SELECT site_id, NULL, agent_id, day, call_id, contact, direction, currency, value, pipeline
FROM told WHERE agent_id IS NOT NULL
