"""Notes who looks at pages about single agents, so that the agents can read it.

A reader's own pages are not noted; neither are lists in which people are rows among others, nor
what a wall shows to all.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from ccm import long_reads
from ccm.access import scope_of
from ccm.models import Agent, Viewing
from ccm.querysets import Viewer

KEPT = timedelta(days=400)
"""So long is told who looked: a year, and what a yearly talk needs."""

_NOTE = """
INSERT INTO ccm_viewing (agent_id, viewer_id, what, day, first_at, last_at, times)
SELECT agent, %s, %s, %s, %s, %s, 1 FROM unnest(%s::bigint[]) AS agent
ON CONFLICT ON CONSTRAINT viewing_once_a_day DO UPDATE
SET times = ccm_viewing.times + 1, last_at = greatest(ccm_viewing.last_at, excluded.last_at)
"""

_HAND_ON = """
INSERT INTO ccm_viewing (agent_id, viewer_id, what, day, first_at, last_at, times)
SELECT %s, viewer_id, what, day, first_at, last_at, times FROM ccm_viewing WHERE agent_id = %s
ON CONFLICT ON CONSTRAINT viewing_once_a_day DO UPDATE
SET times = ccm_viewing.times + excluded.times,
    first_at = least(ccm_viewing.first_at, excluded.first_at),
    last_at = greatest(ccm_viewing.last_at, excluded.last_at)
"""


def note(viewer: Viewer, agents: Iterable[int | None], what: Viewing.What, now: datetime) -> None:
    """That a user looks at a page about these agents, in one statement; None is nobody."""
    if long_reads.is_rehearsal():
        return  # it is noted when it is shown
    own = scope_of(viewer).agent
    # In one order, so that of two who look at once neither waits for the other for ever.
    others = sorted({number for number in agents if number is not None and number != own})
    if not others:
        return
    day = now.astimezone(UTC).date()
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [viewer.pk, what, day, now, now, others])


def of_agent(agent: Agent) -> QuerySet[Viewing]:
    """Who looked, the newest first."""
    return Viewing.objects.filter(agent=agent).select_related("viewer")


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Who looked at either looked at the one whom two agents become; receiver of `names_merged`."""
    with connection.cursor() as cursor:
        cursor.execute(_HAND_ON, [keeper, loser])
    Viewing.objects.filter(agent=loser).delete()


def forget(now: datetime) -> int:
    """Drop what is older than `KEPT`; how much that was. May be run twice."""
    old = Viewing.objects.filter(day__lt=(now - KEPT).astimezone(UTC).date())
    return old.delete()[0]
