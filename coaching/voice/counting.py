"""Counts comments and the tags they have, over stretches of time: one query, whatever is asked."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from ccm.intervals import Span
from ccm.models import Queue, Site
from ccm.models.surveys import CONFIG
from coaching.voice.changes import Share, share

# Words of a comment are taken apart once, for all tags.
_COUNTED = """
WITH said AS MATERIALIZED (
    SELECT s.id, s.agent_id, p.place, to_tsvector(%(config)s::regconfig, s.comment) AS words
    FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY
        AS p(a, z, place)
    JOIN ccm_surveyresponse s ON s.answered_at >= p.a AND s.answered_at < p.z
    WHERE s.site_id = %(site)s AND s.comment <> ''
        AND (%(queue)s::bigint IS NULL OR s.queue_id = %(queue)s)
        AND (%(agents)s::bigint[] IS NULL OR s.agent_id = ANY(%(agents)s))
        AND (%(not_on)s::bigint IS NULL OR s.agent_id IS DISTINCT FROM %(not_on)s)
        AND NOT EXISTS (
            SELECT FROM ccm_surveyresponse e
            WHERE e.site_id = s.site_id AND e.answered_at = s.answered_at
                AND e.comment = s.comment AND e.kind < s.kind AND e.source = s.source
                AND (e.call_id = s.call_id OR (e.call_id IS NULL AND e.call_ref = s.call_ref))
        )
)
SELECT NULL::bigint, place, agent_id, count(*) FROM said GROUP BY place, agent_id
UNION ALL
SELECT t.id, said.place, said.agent_id, count(*)
FROM said
CROSS JOIN coaching_voicetag t
LEFT JOIN coaching_voicemark m ON m.tag_id = t.id AND m.survey_id = said.id
WHERE t.id = ANY(%(tags)s) AND COALESCE(
    m.is_on, t.words <> '' AND said.words @@ websearch_to_tsquery(%(config)s::regconfig, t.words)
)
GROUP BY t.id, said.place, said.agent_id
"""


def shares(
    site: Site,
    spans: Sequence[Span],
    tags: Collection[int],
    *,
    queue: Queue | None = None,
    agents: Sequence[int] | None = None,
    not_on: int | None = None,
) -> list[dict[int, Share]]:
    """Of each of some spans, which do not overlap, the share of comments that has each tag.

    `agents` None: comments on all, and on nobody; `not_on`: but on this agent. Which comments count
    is as `reads.comments` and `reads.having` have it.
    """
    many: list[dict[int | None, int]] = [{} for _span in spans]
    having: list[dict[int, dict[int | None, int]]] = [defaultdict(dict) for _span in spans]
    values: dict[str, Any] = {
        "config": CONFIG,
        "starts": [span.start for span in spans],
        "ends": [span.end for span in spans],
        "site": site.pk,
        "queue": None if queue is None else queue.pk,
        "agents": None if agents is None else list(agents),
        "not_on": not_on,
        "tags": list(tags),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, values)
        for tag, place, agent, n in cursor.fetchall():
            if tag is None:
                many[place - 1][agent] = n
            else:
                having[place - 1][tag][agent] = n
    return [
        {tag: share(has.get(tag, {}), all_) for tag in tags}
        for has, all_ in zip(having, many, strict=True)
    ]
