"""Moves what was recorded under a name to whom the name is now: calls, rings, states, answers,
totals; and marks the days whose counts follow.

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
from ccm.dirty import QUARTER, mark_gained, mark_quarters
from ccm.identity import id_floor
from ccm.imports.storing import journal, locks, names
from ccm.models import Job, Site
from ccm.naming.services import AGENTS, DISPOSITIONS, KINDS, QUEUES, TOPICS, Kind
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
        return _Merge.of(kind, payload["from"], payload["to"])
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


@dataclass(frozen=True, slots=True)
class _Merge:
    """All that is `loser`'s becomes `keeper`'s."""

    kind: Kind
    loser: int
    keeper: int
    site: Site | None  # None for words that all sites share, which no count goes by

    @classmethod
    def of(cls, kind: Kind, loser: int, keeper: int) -> "_Merge":
        named = kind.rows.filter(pk=keeper).first()
        if named is None:
            raise jobs.Refused(_("The one it is merged into is gone."))
        return cls(kind, loser, keeper, named.site if kind.of_a_site else None)

    @property
    def ids(self) -> dict[str, int]:
        return {"loser": self.loser, "keeper": self.keeper}

    def _moving(self, table: str) -> str:
        column = f"{self.kind.owner}_id"
        return f"UPDATE {table} SET {column} = %(keeper)s WHERE {column} = %(loser)s"

    def stretch(self, cursor: CursorWrapper, reach: Reach) -> int:
        calls = f"{self._moving('ccm_call')} AND id >= %(low)s AND id < %(high)s"
        moved = _moved_calls(cursor, calls, reach | self.ids)
        if self.site is not None:
            mark_quarters(cursor, self.site, [(queue, at) for queue, at, _n in moved])
        if self.kind is QUEUES and self.site is not None:
            mark_quarters(cursor, self.site, [(self.loser, at) for _queue, at, _n in moved])
        if self.kind is AGENTS and self.site is not None:
            rings = f"{self._moving('ccm_offer')} AND id >= %(low)s AND id < %(high)s"
            cursor.execute(f"{rings} RETURNING call_id", reach | self.ids)
            mark_gained(cursor, self.site, sorted({row[0].hex for row in cursor.fetchall()}))
        return sum(n for _queue, _at, n in moved)

    def rest(self, cursor: CursorWrapper) -> None:
        tables = {
            AGENTS: (
                "ccm_surveyresponse",
                "ccm_agentstate",
                "ccm_intervalcount",
                "ccm_surveyinvitation",
            ),
            QUEUES: ("ccm_surveyresponse", "ccm_intervalcount", "ccm_surveyinvitation"),
            TOPICS: ("ccm_callnote",),
            DISPOSITIONS: ("ccm_callnote",),
        }
        self._mark_answers_alone(cursor)
        for table in tables.get(self.kind, ()):
            cursor.execute(self._moving(table), self.ids)
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
        cursor.execute(self._moving("ccm_agentstate", "COALESCE(starts_at, ends_at)"), values)
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


def _moved_calls(
    cursor: CursorWrapper, moving: str, values: dict[str, Any]
) -> list[tuple[int | None, datetime, int]]:
    """Run an UPDATE of calls; how many moved by queue and quarter hour."""
    cursor.execute(
        f"WITH moved AS ({moving} RETURNING queue_id, offered_at)"
        f" SELECT queue_id, {QUARTER.format('offered_at')}, count(*) FROM moved GROUP BY 1, 2",
        values,
    )
    return cursor.fetchall()


def _texts(ids: Iterable[UUID]) -> list[str]:
    return [str(one) for one in ids]
