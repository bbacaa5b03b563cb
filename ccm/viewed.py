"""Notes who looks at pages about single agents, so that the agents can read it; and who looks at
pages on which people are among others (`ccm.among_others`), for the audit log.

A reader's own pages are not noted, nor is what a wall shows to all. A page says it to a stream in
Redis and waits for no table; a worker writes it down within the minute, once. Without Redis it is
written at once. Each hour the audit log is told.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from ccm import among_others, audit, database, long_reads
from ccm.access import scope_of
from ccm.audit import Names, Told, Values
from ccm.live import bus
from ccm.models import Agent, AuditEntry, ListViewing, Viewing, ViewingMark
from ccm.querysets import Viewer

KEPT = timedelta(days=400)
"""So long is told who looked: a year, and what a yearly talk needs."""
_AT_ONCE = 500
_STREAM = "viewed"

_NOTE = """
INSERT INTO ccm_viewing (agent_id, viewer_id, what, day, first_at, last_at, times, logged)
SELECT agent.id, viewer.id, %(what)s, %(day)s, %(at)s, %(at)s, 1, 0
FROM ccm_agent agent, ccm_user viewer
WHERE agent.id = ANY(%(agents)s) AND viewer.id = %(viewer)s ORDER BY agent.id
ON CONFLICT ON CONSTRAINT viewing_once_a_day DO UPDATE
SET times = ccm_viewing.times + 1, first_at = least(ccm_viewing.first_at, excluded.first_at),
    last_at = greatest(ccm_viewing.last_at, excluded.last_at)
"""

_HAND_ON = """
INSERT INTO ccm_viewing (agent_id, viewer_id, what, day, first_at, last_at, times, logged)
SELECT %s, viewer_id, what, day, first_at, last_at, times, logged
FROM ccm_viewing WHERE agent_id = %s
ON CONFLICT ON CONSTRAINT viewing_once_a_day DO UPDATE
SET times = ccm_viewing.times + excluded.times,
    logged = ccm_viewing.logged + excluded.logged,
    first_at = least(ccm_viewing.first_at, excluded.first_at),
    last_at = greatest(ccm_viewing.last_at, excluded.last_at)
"""

_NOTE_LIST = """
INSERT INTO ccm_listviewing (viewer_id, page, day, first_at, last_at, times, logged)
SELECT viewer.id, %(what)s, %(day)s, %(at)s, %(at)s, 1, 0
FROM ccm_user viewer WHERE viewer.id = %(viewer)s
ON CONFLICT ON CONSTRAINT list_viewing_once_a_day DO UPDATE
SET times = ccm_listviewing.times + 1,
    first_at = least(ccm_listviewing.first_at, excluded.first_at),
    last_at = greatest(ccm_listviewing.last_at, excluded.last_at)
"""

# What was told is marked and told in one statement: killed anywhere, neither is done or both.
_TO_THE_LOG = """
WITH told AS (
    SELECT id, times - logged AS more FROM ccm_viewing WHERE logged < times
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE ccm_viewing viewing SET logged = viewing.times FROM told WHERE viewing.id = told.id
    RETURNING viewing.*, told.more
)
INSERT INTO ccm_auditentry (at, who_id, action, model, object_id, after, names, why)
SELECT %(now)s, viewer_id, %(action)s, %(model)s, agent_id::text,
       jsonb_build_object('agent', agent_id, 'what', what, 'day', day, 'times', more), '{}', ''
FROM marked ORDER BY id
"""
_LISTS_TO_THE_LOG = """
WITH told AS (
    SELECT id, times - logged AS more FROM ccm_listviewing WHERE logged < times
    ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE ccm_listviewing viewing SET logged = viewing.times FROM told
    WHERE viewing.id = told.id RETURNING viewing.*, told.more
)
INSERT INTO ccm_auditentry (at, who_id, action, model, object_id, after, names, why)
SELECT %(now)s, viewer_id, %(action)s, %(model)s, page,
       jsonb_build_object('day', day, 'times', more), '{}', ''
FROM marked ORDER BY id
"""


class _Looked(NamedTuple):
    """That somebody looked: ids of the user and of the agents, what it was, and when (ISO 8601).
    Without agents it was a list, and `what` is the name of its address."""

    viewer: int
    agents: Sequence[int]
    what: str
    at: str


def note(viewer: Viewer, agents: Iterable[int | None], what: Viewing.What, now: datetime) -> None:
    """That a user looks at a page about these agents; None is nobody. No query."""
    if long_reads.is_rehearsal():
        return  # it is noted when it is shown
    own = scope_of(viewer).agent
    others = sorted({number for number in agents if number is not None and number != own})
    if not others or viewer.pk is None:
        return
    _say(_Looked(viewer.pk, others, str(what), now.isoformat()))


def note_row(viewer: Viewer, row: Any, what: Viewing.What, now: datetime) -> None:
    """That a user looks at a row which is an agent's, or the agent's own; any other is nobody's."""
    note(viewer, [row.pk if isinstance(row, Agent) else getattr(row, "agent_id", None)], what, now)


def note_list(viewer: Viewer, address: str, now: datetime) -> None:
    """That a user looks at a page of this name, where others are shown to them. No query where the
    user's scope is known."""
    if long_reads.is_rehearsal() or viewer.pk is None:
        return
    if among_others.are_shown(address, viewer):
        _say(_Looked(viewer.pk, (), address, now.isoformat()))


def _say(looked: _Looked) -> None:
    try:
        bus.append(_STREAM, json.dumps(looked))
    except (RedisError, OSError):
        _write([looked])


def settle() -> int:
    """Write down what was said since it was last done; how much that was. Each is written once,
    whoever is killed in between: how far it went is kept with it. One at a time does it."""
    many = 0
    with database.alone("ccm.viewed") as alone:
        while alone and (some := _settled()):
            many += some
    return many


def _settled() -> int:
    mark, _made = ViewingMark.objects.get_or_create(pk=1)
    after = f"({mark.entry}" if mark.entry else "-"
    found: Any = bus.client().xrange(bus.key(_STREAM), min=after, count=_AT_ONCE)
    if not found:
        return 0
    with transaction.atomic():
        _write([_Looked(*json.loads(said[b"said"])) for _entry, said in found])
        mark.entry = found[-1][0].decode()
        mark.save()
    bus.client().xtrim(bus.key(_STREAM), minid=mark.entry, approximate=False)
    return len(found)


def _write(some: Sequence[_Looked]) -> None:
    """Those of agents and users that are still there."""
    with connection.cursor() as cursor:
        for one in some:
            day = datetime.fromisoformat(one.at).astimezone(UTC).date()
            said = one._asdict() | {"agents": list(one.agents), "day": day}
            cursor.execute(_NOTE if one.agents else _NOTE_LIST, said)


def tell_the_log(now: datetime) -> int:
    """Have the audit log tell what was looked at since this was last done: an entry for each
    viewer, agent, kind of page and day, and for each viewer, list and day, with how often. How many
    entries that was. Safe to run twice, at once, and to be killed."""
    return sum(
        _told(tells, model._meta.label_lower, now)
        for tells, model in ((_TO_THE_LOG, Agent), (_LISTS_TO_THE_LOG, ListViewing))
    )


def _told(tells: str, model: str, now: datetime) -> int:
    action = str(AuditEntry.Action.VIEWED)
    said: dict[str, Any] = {"now": now, "action": action, "most": _AT_ONCE, "model": model}
    many = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(tells, said)
            many += cursor.rowcount
            if cursor.rowcount < _AT_ONCE:
                return many


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
    since = (now - KEPT).astimezone(UTC).date()
    kinds: tuple[type[Viewing] | type[ListViewing], ...] = (Viewing, ListViewing)
    return sum(kind.objects.filter(day__lt=since).delete()[0] for kind in kinds)


def tell(entries: Sequence[AuditEntry], names: Names) -> dict[int, Told]:
    """Entries of the audit log that say who looked: whose pages, by the name they have now."""
    return {
        one.pk: Told(names.of(Agent, agent), reverse("agent", args=[agent]))
        for one in entries
        if one.action == AuditEntry.Action.VIEWED and (agent := audit.said(one).get("agent"))
    }


def tell_lists(entries: Sequence[AuditEntry], _names: Names) -> dict[int, Told]:
    """Each by what its page is of, with the name of its address, and where that is, if it is one
    page. One that is no more is told by the name alone."""
    known = among_others.pages()
    return {
        one.pk: Told(
            audit.at_address(str(known.get(one.object_id, _("A page that is no more"))),
                             one.object_id),
            _place(one.object_id),
        )
        for one in entries
    }  # fmt: skip


def _place(address: str) -> str:
    try:
        return reverse(address)
    except NoReverseMatch:
        return ""


def write(values: Values, name: str, value: object) -> tuple[str, str] | None:
    """What is of looking and of no row: which pages, on which day, and how often."""
    if "times" not in values:
        return None
    if name == "what":
        return _("Pages"), str(dict(Viewing.What.choices).get(str(value), value))
    labels = {"day": _("Day"), "times": _("Times")}
    return (labels[name], str(value)) if name in labels else None
