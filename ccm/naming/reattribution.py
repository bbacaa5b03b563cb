"""Moves what was recorded under a name to whom the name is now: calls, rings, states, answers,
totals; and marks the days whose counts follow. Calls that tell their day alone are moved to where
it begins now.

A job, done in stretches of the ids that calls and rings are kept by, one transaction each. What
is moved is not found again, so a job that is killed anywhere, or run twice, ends the same.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from ccm import database, jobs
from ccm.dirty import QUARTER, mark_gained, mark_quarters, mark_spells
from ccm.identity import call_id, id_floor
from ccm.imports.storing import journal, locks, names
from ccm.intervals import Calendar, day_of, day_starts
from ccm.models import Job, NameMerge, Site
from ccm.naming import remembered
from ccm.naming.services import AGENTS, DISPOSITIONS, KINDS, QUEUES, TOPICS, Kind, settle_site
from ccm.partitions import existing_months
from ccm.signals import names_merged, record_changed
from ccm.templatetags.figures import count

# An import that was writing while names changed may leave calls behind: they are looked for again.
MOST_PASSES = 5
# Days of the month that a stretch begins with.
_CUTS = (1, 8, 15, 22)
_LAST_ID = UUID(int=2**128 - 1)

Reach = dict[str, Any]


class _Move(Protocol):
    """What is to be moved; `stretch` and `rest` return how many calls they moved."""

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        """Move calls and rings with ids in [low, high) of `reach`."""

    def rest(self, cursor: CursorWrapper) -> None:
        """Move what is kept by no such id."""

    def close(self) -> bool:
        """End it; False where something is left to move."""


def run(job_id: int, seconds: float | None = None) -> bool:
    """Do a move. Past `seconds` it stops after a stretch; whether there is more to do."""
    until = None if seconds is None else time.monotonic() + seconds
    with jobs.running(job_id) as job:
        if job is None:
            return False
        _do(job, _move(job.payload), until)
    record_changed.send(sender=None)
    return not job.finished


def _move(payload: dict[str, Any]) -> _Move:
    kind = KINDS[payload["kind"]]
    if "from" in payload:
        return _Merge.of(kind, payload["from"], payload["to"], payload.get("merge"))
    if "site" in payload:
        return _Placing.of(payload["site"])
    if "parted" in payload:
        return _Parting.of(kind, payload)
    return _Settle.of(payload["source"], payload["raw_name"], payload["ids"])


def _do(job: Job, move: _Move, until: float | None) -> None:
    moved = 0
    for _pass in range(MOST_PASSES):
        stretches = _stretches()
        job.total = len(stretches)
        for number, reach in enumerate(stretches, 1):
            moved += database.retried(_stretch, move, reach)
            jobs.beat(job, number, until=until)
        database.retried(_rest, move)
        if move.close():
            job.words = _("%(asked)s. Calls moved: %(count)s.") % {
                "asked": job.payload["words"],
                "count": count(moved),
            }
            return
    raise jobs.Refused(_("Calls keep coming in under the old name. Merge the two again later."))


def _stretches() -> list[Reach]:
    """Ranges of ids that hold everything kept by such, none of more than ten days of calls."""
    months = sorted(existing_months())
    cuts = [id_floor(datetime(m.year, m.month, day, tzinfo=UTC)) for m in months for day in _CUTS]
    edges = [UUID(int=0), *cuts[1:], _LAST_ID]
    return [{"low": str(low), "high": str(high)} for low, high in pairwise(edges)]


@transaction.atomic
def _stretch(move: _Move, reach: Reach) -> int:
    with connection.cursor() as cursor:
        return move.stretch(cursor, reach)


@transaction.atomic
def _rest(move: _Move) -> None:
    with connection.cursor() as cursor:
        move.rest(cursor)


# What there is of names beside calls and their rings.
_BESIDE = {
    AGENTS.slug: (
        "ccm_surveyresponse", "ccm_agentstate", "ccm_intervalcount", "ccm_surveyinvitation",
    ),
    QUEUES.slug: ("ccm_surveyresponse", "ccm_intervalcount", "ccm_surveyinvitation"),
    TOPICS.slug: ("ccm_callnote",),
    DISPOSITIONS.slug: ("ccm_callnote",),
}  # fmt: skip
_BY_CALLS = ("ccm_call", "ccm_offer")
# Notes which rows a merge moved; in the order of keys, so that the ends tell how far they reach.
_REMEMBERED = """, remembered AS (
    INSERT INTO ccm_movedrows (merge_id, relation, rows)
    SELECT %(merge)s, '{}', array_agg(id::text ORDER BY id) FROM moved
    WHERE %(merge)s IS NOT NULL HAVING count(*) > 0
)"""


@dataclass(frozen=True, slots=True)
class _Merge:
    """All that is `loser`'s becomes `keeper`'s."""

    kind: Kind
    loser: int
    keeper: int
    site: Site | None  # None for words that all sites share, which no count goes by
    merge: int | None  # the key of what is remembered of it

    @classmethod
    def of(cls, kind: Kind, loser: int, keeper: int, merge: int | None) -> "_Merge":
        named = kind.rows.filter(pk=keeper).first()
        if named is None:
            raise jobs.Refused(_("The one it is merged into is gone."))
        return cls(kind, loser, keeper, named.site if kind.of_a_site else None, merge)

    @property
    def ids(self) -> dict[str, int | None]:
        return {"loser": self.loser, "keeper": self.keeper, "merge": self.merge}

    def _moving(self, table: str) -> str:
        column = f"{self.kind.owner}_id"
        return f"UPDATE {table} SET {column} = %(keeper)s WHERE {column} = %(loser)s"

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        calls = f"{self._moving('ccm_call')} AND id >= %(low)s AND id < %(high)s"
        moved = _moved_calls(cursor, calls, reach | self.ids, _REMEMBERED.format("ccm_call"))
        if self.site is not None:
            mark_quarters(cursor, self.site, [(queue, at) for queue, at, _n in moved])
        if self.kind is QUEUES and self.site is not None:
            mark_quarters(cursor, self.site, [(self.loser, at) for _queue, at, _n in moved])
        if self.kind is AGENTS and self.site is not None:
            rings = f"{self._moving('ccm_offer')} AND id >= %(low)s AND id < %(high)s"
            cursor.execute(
                f"WITH moved AS ({rings} RETURNING id, call_id)"
                f"{_REMEMBERED.format('ccm_offer')} SELECT call_id FROM moved",
                reach | self.ids,
            )
            mark_gained(cursor, self.site, sorted({row[0].hex for row in cursor.fetchall()}))
        return sum(n for _queue, _at, n in moved)

    def rest(self, cursor: CursorWrapper) -> None:
        self._mark_answers_alone(cursor)
        for table in _BESIDE[self.kind.slug]:
            cursor.execute(
                f"WITH moved AS ({self._moving(table)} RETURNING id)"
                f"{_REMEMBERED.format(table)} SELECT id FROM moved",
                self.ids,
            )
            if table == "ccm_agentstate" and self.site is not None:
                mark_spells(cursor, self.site, [row[0] for row in cursor.fetchall()])
        # What an import found before it changed a row returns under the name of now.
        column = f"{self.kind.owner}_id"
        cursor.execute(
            "UPDATE ccm_importchange SET before = before || jsonb_build_object("
            f"'{column}', %(keeper)s) WHERE before ->> '{column}' = %(loser)s::text",
            self.ids,
        )

    def _mark_answers_alone(self, cursor: CursorWrapper) -> None:
        """Mark the days of answers that know no call: they count by their own queue and agent."""
        if self.site is None:
            return
        cursor.execute(
            f"SELECT DISTINCT queue_id, {QUARTER.format('answered_at')} FROM ccm_surveyresponse"
            f" WHERE call_id IS NULL AND {self.kind.owner}_id = %(loser)s",
            self.ids,
        )
        found = cursor.fetchall()
        mark_quarters(cursor, self.site, found)
        if self.kind is QUEUES:
            mark_quarters(cursor, self.site, [(self.keeper, at) for _queue, at in found])

    def close(self) -> bool:
        """Remove the loser, unless something came in under it meanwhile."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                locks.have_names_alone(cursor)
                model = self.kind.model
                if self.merge is not None:
                    merge = NameMerge.objects.get(pk=self.merge)
                    remembered.note_hanging(merge, model, {*_BESIDE[self.kind.slug], *_BY_CALLS})
                names_merged.send(sender=model, loser=self.loser, keeper=self.keeper)
                self.kind.rows.filter(pk=self.loser).delete()
        except (ProtectedError, IntegrityError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Settle:
    """What a source wrote under one name becomes the agent's whose name it was that day."""

    site: Site
    values: dict[str, Any]
    whose: str  # SQL on a moment

    @classmethod
    def of(cls, source: str, raw_name: str, agents: list[int]) -> "_Settle":
        site = Site.objects.get(agents=agents[0])
        first, later = names.known_agents(site, source, [raw_name])
        if raw_name not in first:
            raise jobs.Refused(_("Nobody is known to have this name."))
        values = {"source": source, "name": raw_name, "agents": agents, "first": first[raw_name]}
        cases = ""
        # The last change before a moment tells.
        for number, (since, agent) in reversed(list(enumerate(later.get(raw_name, [])))):
            values |= {f"since{number}": since, f"agent{number}": agent}
            cases += f" WHEN {{moment}} >= %(since{number})s THEN %(agent{number})s"
        whose = f"CASE{cases} ELSE %(first)s END" if cases else "%(first)s"
        return cls(site, values, f"({whose})::bigint")

    def _moving(self, table: str, moment: str) -> str:
        whose = self.whose.format(moment=moment)
        return (
            f"UPDATE {table} SET agent_id = {whose}"
            " WHERE agent_id = ANY(%(agents)s) AND source = %(source)s AND agent_name = %(name)s"
            f" AND agent_id <> {whose}"
        )

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        values = self.values | reach
        calls = f"{self._moving('ccm_call', 'offered_at')} AND id >= %(low)s AND id < %(high)s"
        moved = _moved_calls(cursor, calls, values)
        mark_quarters(cursor, self.site, [(queue, at) for queue, at, _n in moved])
        self._move_rings(cursor, values)
        return sum(n for _queue, _at, n in moved)

    def _move_rings(self, cursor: CursorWrapper, values: dict[str, Any]) -> None:
        cursor.execute(
            "SELECT id, call_id FROM ccm_offer WHERE id >= %(low)s AND id < %(high)s"
            " AND agent_id = ANY(%(agents)s) AND agent_name = %(name)s",
            values,
        )
        if not (rings := cursor.fetchall()):
            return
        whose = self.whose.format(moment="c.offered_at")
        # The calls by their very ids, so that only their months are looked into.
        cursor.execute(
            f"""UPDATE ccm_offer o SET agent_id = {whose}
            FROM ccm_call c
            WHERE o.id = ANY(%(rings)s::uuid[]) AND c.id = ANY(%(calls)s::uuid[])
              AND c.id = o.call_id AND c.source = %(source)s AND o.agent_id <> {whose}
            RETURNING o.call_id""",
            values
            | {"rings": _texts(one for one, _ in rings), "calls": _texts(c for _, c in rings)},
        )
        mark_gained(cursor, self.site, sorted({row[0].hex for row in cursor.fetchall()}))

    def rest(self, cursor: CursorWrapper) -> None:
        values = self.values
        answers = self._moving("ccm_surveyresponse", "answered_at")
        quarter = QUARTER.format("answered_at")
        cursor.execute(f"{answers} RETURNING call_id IS NULL, queue_id, {quarter}", values)
        # One that knows no call counts by its own agent.
        alone = {(queue, at) for is_alone, queue, at in cursor.fetchall() if is_alone}
        mark_quarters(cursor, self.site, sorted(alone, key=str))
        states = self._moving("ccm_agentstate", "COALESCE(starts_at, ends_at)")
        cursor.execute(f"{states} RETURNING id", values)
        mark_spells(cursor, self.site, [row[0] for row in cursor.fetchall()])
        cursor.execute(self._moving("ccm_intervalcount", "starts_at"), values)
        # An answer that names nobody goes by its call.
        cursor.execute(
            "SELECT DISTINCT call_id FROM ccm_surveyresponse"
            " WHERE agent_id = ANY(%(agents)s) AND agent_name = '' AND call_id IS NOT NULL",
            values,
        )
        cursor.execute(
            """UPDATE ccm_surveyresponse s SET agent_id = c.agent_id
            FROM ccm_call c
            WHERE c.id = ANY(%(calls)s::uuid[]) AND s.call_id = c.id
              AND s.agent_id = ANY(%(agents)s) AND s.agent_name = ''
              AND c.agent_id = ANY(%(agents)s) AND s.agent_id <> c.agent_id""",
            values | {"calls": _texts(row[0] for row in cursor.fetchall())},
        )
        for table in ("ccm_call", "ccm_offer", "ccm_surveyresponse", "ccm_agentstate"):
            cursor.execute(_NOTED.format(table=table, key=journal.KEYS[table]), values)

    def close(self) -> bool:
        return True


# What an import found before it changed a row returns as its agent's of now.
_NOTED = """
UPDATE ccm_importchange j SET before = j.before || jsonb_build_object('agent_id', t.agent_id)
FROM {table} t
WHERE j.relation = '{table}' AND (j.before ->> 'agent_id')::bigint = ANY(%(agents)s)
  AND t.id = j.row::{key} AND j.before ->> 'agent_name' = t.agent_name
"""


@dataclass(frozen=True, slots=True)
class _Placing:
    """Calls that tell their day alone lie where the site's days begin. Wherever that was, it was
    on the day's own date: no day begins after noon."""

    site: Site

    @classmethod
    def of(cls, site: int) -> "_Placing":
        found = Site.objects.filter(pk=site).first()
        if found is None:
            raise jobs.Refused(_("The site is gone."))
        return cls(found)

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        of_day = "site_id = %(site)s AND id >= %(low)s AND id < %(high)s AND time_precision = 'day'"
        values = reach | {"site": self.site.pk}
        cursor.execute(
            f"SELECT min(offered_at), max(offered_at) FROM ccm_call WHERE {of_day}", values
        )
        first, last = cursor.fetchone()
        if first is None:
            return 0
        dates = Calendar(self.site.tz)
        ends = day_of(first, dates), day_of(last, dates)
        values |= {
            "dates": day_starts(*ends, dates),
            "begins": day_starts(*ends, self.site.calendar),
        }
        cursor.execute(
            f"SELECT DISTINCT queue_id, {QUARTER.format('offered_at')} FROM ccm_call"
            f" WHERE {of_day} AND offered_at <> {_PLACE}",
            values,
        )
        before = cursor.fetchall()
        by = f"({_PLACE} - offered_at)"
        moving = "UPDATE ccm_call SET " + ", ".join(
            f"{name} = {name} + {by}"
            for name in ("offered_at", "answered_at", "ended_at", "wrapup_ended_at")
        )
        moved = _moved_calls(cursor, f"{moving} WHERE {of_day} AND offered_at <> {_PLACE}", values)
        mark_quarters(cursor, self.site, {*before, *((queue, at) for queue, at, _n in moved)})
        return sum(n for _queue, _at, n in moved)

    def rest(self, cursor: CursorWrapper) -> None:
        """Nothing but calls tells a day alone."""

    def close(self) -> bool:
        settle_site(self.site)
        return True


# Where the day begins on whose date a call lies.
_PLACE = "(%(begins)s::timestamptz[])[width_bucket(offered_at, %(dates)s::timestamptz[])]"


@dataclass(frozen=True, slots=True)
class _Parting:
    """Of what is `holder`'s that becomes `parted`'s which a merge moved there, and what came in
    under one of `names`: a queue's as its calls' ids tell, an agent's (source and name) as the
    records say."""

    kind: Kind
    parted: int
    holder: int
    names: tuple[str, ...]
    settles: tuple["_Settle", ...]
    site: Site | None
    merge: int | None

    @classmethod
    def of(cls, kind: Kind, payload: dict[str, Any]) -> "_Parting":
        both = [payload["parted"], payload["holder"]]
        rows = kind.rows.in_bulk(both)
        if len(rows) < 2:
            raise jobs.Refused(_("One of them is gone."))
        told = payload["names"]
        settles = [_Settle.of(source, raw, both) for source, raw in told] if kind is AGENTS else []
        names = () if kind is AGENTS else tuple(told)
        site = rows[both[0]].site if kind.of_a_site else None
        return cls(kind, both[0], both[1], names, tuple(settles), site, payload["merge"])

    @property
    def column(self) -> str:
        return f"{self.kind.owner}_id"

    @property
    def ids(self) -> dict[str, Any]:
        return {"parted": self.parted, "holder": self.holder, "merge": self.merge}

    def _returning(self, table: str, reach: str = "") -> str:
        """An UPDATE of the rows that the merge moved, those still there."""
        key = journal.KEYS.get(table, "bigint")
        return (
            f"UPDATE {table} t SET {self.column} = %(parted)s FROM ("
            f"SELECT unnest(rows)::{key} AS id FROM ccm_movedrows"
            f" WHERE merge_id = %(merge)s AND relation = '{table}' {reach}) AS m"
            f" WHERE t.id = m.id AND t.{self.column} = %(holder)s"
        )

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        values = reach | self.ids
        within = "AND rows[1]::uuid < %(high)s AND rows[cardinality(rows)]::uuid >= %(low)s"
        inside = "AND t.id >= %(low)s AND t.id < %(high)s"
        calls = f"{self._returning('ccm_call', within)} {inside}"
        moved = _moved_calls(cursor, calls, values, of="t.")
        if self.kind is QUEUES:
            calls = (
                "UPDATE ccm_call t SET queue_id = %(parted)s"
                " WHERE t.id = ANY(%(found)s::uuid[]) AND t.queue_id = %(holder)s"
            )
            values["found"] = self._told_by_ids(cursor, values)
            moved += _moved_calls(cursor, calls, values, of="t.")
        if self.site is not None:
            mark_quarters(cursor, self.site, [(queue, at) for queue, at, _n in moved])
        if self.kind is QUEUES and self.site is not None:
            mark_quarters(cursor, self.site, [(self.holder, at) for _queue, at, _n in moved])
        if self.kind is AGENTS and self.site is not None:
            rings = f"{self._returning('ccm_offer', within)} {inside} RETURNING t.call_id"
            cursor.execute(rings, values)
            mark_gained(cursor, self.site, sorted({row[0].hex for row in cursor.fetchall()}))
        settled = sum(one.stretch(cursor, reach) for one in self.settles)
        return sum(n for _queue, _at, n in moved) + settled

    def _told_by_ids(self, cursor: CursorWrapper, values: dict[str, Any]) -> list[str]:
        """The holder's calls that came in under one of the names: their ids are made of it."""
        cursor.execute(
            "SELECT id, source, external_id FROM ccm_call"
            " WHERE queue_id = %(holder)s AND id >= %(low)s AND id < %(high)s",
            values,
        )
        return [
            str(one)
            for one, source, external_id in cursor.fetchall()
            if any(one == call_id(source, external_id, name, one.int >> 80) for name in self.names)
        ]

    def rest(self, cursor: CursorWrapper) -> None:
        for table in _BESIDE[self.kind.slug]:
            returning = self._returning(table)
            if table == "ccm_agentstate" and self.site is not None:
                cursor.execute(f"{returning} RETURNING t.id", self.ids)
                mark_spells(cursor, self.site, [row[0] for row in cursor.fetchall()])
                continue
            if table != "ccm_surveyresponse":
                cursor.execute(returning, self.ids)
                continue
            quarter = QUARTER.format("t.answered_at")
            cursor.execute(
                f"{returning} RETURNING t.call_id IS NULL, t.queue_id, {quarter}", self.ids
            )
            self._mark_alone(cursor, cursor.fetchall())
        if self.kind is QUEUES:
            self._follow_calls(cursor)
        for one in self.settles:
            one.rest(cursor)
        self._return_hanging(cursor)
        for table in (*_BY_CALLS, *_BESIDE[self.kind.slug]):
            if table in journal.KEYS and (table != "ccm_offer" or self.kind is AGENTS):
                key = journal.KEYS[table]
                cursor.execute(_FOUND.format(table=table, key=key, column=self.column), self.ids)

    def _mark_alone(self, cursor: CursorWrapper, answers: list[tuple[Any, ...]]) -> None:
        """Mark the days of answers that know no call: they count by their own queue and agent."""
        if self.site is None:
            return
        alone = {(queue, at) for is_alone, queue, at in answers if is_alone}
        if self.kind is QUEUES:
            alone |= {(self.holder, at) for _queue, at in alone}
        mark_quarters(cursor, self.site, sorted(alone, key=str))

    def _follow_calls(self, cursor: CursorWrapper) -> None:
        """What goes by its call goes with it, and totals by the name they were told under."""
        for table in ("ccm_surveyresponse", "ccm_surveyinvitation"):
            cursor.execute(
                f"UPDATE {table} s SET queue_id = c.queue_id FROM ccm_call c"
                " WHERE s.queue_id = %(holder)s AND c.id = s.call_id AND c.queue_id = %(parted)s",
                self.ids,
            )
        cursor.execute(
            "UPDATE ccm_intervalcount SET queue_id = %(parted)s"
            " WHERE queue_id = %(holder)s AND queue_name = ANY(%(names)s)",
            self.ids | {"names": list(self.names)},
        )

    def _return_hanging(self, cursor: CursorWrapper) -> None:
        """Costs, targets and the like that the merge moved and both names could have."""
        if self.merge is None:
            return
        hanging = NameMerge.objects.get(pk=self.merge).was.get("hanging", {})
        for place, keys in hanging.items():
            table, column = place.split(".")
            cursor.execute(
                f"UPDATE {table} SET {column} = %(parted)s"
                f" WHERE id = ANY(%(keys)s) AND {column} = %(holder)s",
                self.ids | {"keys": keys},
            )

    def close(self) -> bool:
        if self.merge is not None:
            remembered.forget(self.merge)
        return True


# What an import found before it changed a row returns as its name's of now.
_FOUND = """
UPDATE ccm_importchange j
SET before = j.before || jsonb_build_object('{column}', %(parted)s)
FROM {table} t
WHERE j.relation = '{table}' AND j.before ->> '{column}' = %(holder)s::text
  AND t.id = j.row::{key} AND t.{column} = %(parted)s
"""


def _moved_calls(
    cursor: CursorWrapper, moving: str, values: dict[str, Any], beside: str = "", of: str = ""
) -> list[tuple[int | None, datetime, int]]:
    """Run an UPDATE of calls; how many moved by queue and quarter hour.

    `beside` is SQL done with those that moved, `of` the name that the table has in `moving`.
    """
    cursor.execute(
        f"WITH moved AS ({moving} RETURNING {of}id, {of}queue_id, {of}offered_at){beside}"
        f" SELECT queue_id, {QUARTER.format('offered_at')}, count(*) FROM moved GROUP BY 1, 2",
        values,
    )
    return cursor.fetchall()


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(one) for one in ids]
