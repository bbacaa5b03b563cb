"""Counts comments and the tags they have, over stretches of time: one query, whatever is asked."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from ccm.intervals import Span
from ccm.models import Queue, Site
from ccm.models.surveys import CONFIG
from coaching.library.matching import LONGEST
from coaching.library.searched import has_phrases, plain, sides
from coaching.models import VoiceTag
from coaching.models.library import AS_WRITTEN
from coaching.voice.changes import Share, share

# Words of a comment are taken apart once, for all tags.
_COUNTED = """
WITH said AS MATERIALIZED (
    SELECT s.id, s.agent_id, p.place, to_tsvector(%(config)s::regconfig, s.comment) AS words,
        {written} AS written
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
    m.is_on, {says}
)
GROUP BY t.id, said.place, said.agent_id
"""


def shares(
    site: Site,
    spans: Sequence[Span],
    tags: Collection[VoiceTag],
    *,
    queue: Queue | None = None,
    agents: Sequence[int] | None = None,
    not_on: int | None = None,
) -> list[dict[int, Share]]:
    """Of each of some spans, which do not overlap, the share of comments that has each tag.

    `agents` None: comments on all, and on nobody; `not_on`: but on this agent. Which comments count
    is as `reads.comments` and `reads.having` have it. By the id of the tag.
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
        "tags": [tag.pk for tag in tags],
        "as_written": AS_WRITTEN,
    }
    written = "NULL::tsvector"
    if any(has_phrases(tag.words) for tag in tags):
        written = "to_tsvector(%(as_written)s::regconfig, s.comment)"
    asked = _COUNTED.format(written=written, says=_by_words(tags, values))
    with connection.cursor() as cursor:
        cursor.execute(asked, values)
        for tag, place, agent, n in cursor.fetchall():
            if tag is None:
                many[place - 1][agent] = n
            else:
                having[place - 1][tag][agent] = n
    return [
        {tag.pk: share(has.get(tag.pk, {}), all_) for tag in tags}
        for has, all_ in zip(having, many, strict=True)
    ]


def _by_words(tags: Collection[VoiceTag], values: dict[str, Any]) -> str:
    """Whether the words of the tag t find a comment, as SQL; its values are put beside others."""
    found = [f"WHEN {tag.pk:d} THEN {_says(tag, values)}" for tag in tags if tag.words]
    return f"CASE t.id {' '.join(found)} ELSE false END" if found else "false"


def _says(tag: VoiceTag, values: dict[str, Any]) -> str:
    """As `reads.says` has it."""

    def value(text: str) -> str:
        name = f"words_{len(values)}"
        values[name] = text[:LONGEST]
        return f"%({name})s"

    def stems(text: str) -> str:
        return f"websearch_to_tsquery(%(config)s::regconfig, {value(text)})"

    def as_written(phrase: str) -> str:
        return f"said.written @@ phraseto_tsquery(%(as_written)s::regconfig, {value(phrase)})"

    if not has_phrases(tag.words):
        return f"said.words @@ {stems(plain(tag.words))}"
    found = []
    for side in sides(tag.words):
        asked = [as_written(phrase) for phrase in side.phrases]
        asked += [f"NOT {as_written(phrase)}" for phrase in side.without]
        if side.words:
            wanted = stems(side.words)
            none = f" OR numnode({wanted}) = 0" if asked else ""
            asked.append(f"(said.words @@ {wanted}{none})")
        found.append(f"({' AND '.join(asked)})")
    return f"({' OR '.join(found)})"
