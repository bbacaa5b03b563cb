"""Agents' spells in states, written: halves cut by a file's edge are joined, either half first."""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.db import connection

from ccm.dirty import mark_spells
from ccm.imports.storing import journal
from ccm.imports.storing.names import Agents
from ccm.imports.storing.target import Fates, Target, Told
from ccm.models import AgentState

# A half is looked for as far as this from its edge: further apart they are two spells.
JOINED_WITHIN = timedelta(hours=36)
NEAR = timedelta(seconds=2)
_Edges = tuple[datetime | None, datetime | None]


def store_spells(frame: pl.DataFrame, agents: Agents, target: Target, fates: Fates) -> None:
    """Write the spells of a chunk and add what became of their lines to `fates`."""
    book = _Book(frame, agents, target)
    told = ("agent", "state", "reason", "starts_at", "ends_at", "lines", "line", "extra")
    for agent, state, reason, starts, ends, lines, line, extra in (
        frame.select(told)
        # The latest first: an end that an earlier chunk showed is the last start's before it.
        .sort("starts_at", descending=True, nulls_last=True)
        .iter_rows()
    ):
        more = json.loads(extra) if extra else None
        fate = book.enter(agent, state, reason or "", starts, ends, more)
        setattr(fates, fate, getattr(fates, fate) + lines)
        if target.by_record:
            fates.each[line] = Told(fate)
    book.write()


class _Book:
    """The known spells of the chunk's names around its time, and what is to be written.

    A spell is its name's, whoever that is taken for: so names may be told apart later.
    """

    def __init__(self, frame: pl.DataFrame, agents: Agents, target: Target) -> None:
        self.agents, self.target = agents, target
        self.near = timedelta() if target.exact else NEAR
        self.known: dict[tuple[str, str], list[AgentState]] = defaultdict(list)
        self.new: list[AgentState] = []
        self.changed: dict[int, AgentState] = {}
        self.told: dict[tuple[str, str], list[_Edges]] = defaultdict(list)
        for name, state, *both in frame.select("agent", "state", "starts_at", "ends_at").rows():
            self.told[name, state].append((both[0], both[1]))
        edges = pl.concat([frame["starts_at"], frame["ends_at"]]).drop_nulls()
        low, high = edges.min(), edges.max()
        # A spell has an edge.
        assert isinstance(low, datetime)
        assert isinstance(high, datetime)
        around = AgentState.objects.filter(
            agent_name__in=frame["agent"].unique().to_list(), source=target.source
        )
        nearby = around.filter(starts_at__range=(low - JOINED_WITHIN, high)) | around.filter(
            starts_at=None, ends_at__range=(low, high + JOINED_WITHIN)
        )
        for spell in nearby:
            if spell.cut_off:
                # No line tells this end: `cutoffs` reckons it anew.
                spell.ends_at, spell.cut_off = None, False
            self.known[spell.agent_name, spell.state].append(spell)

    def enter(
        self,
        name: str,
        state: str,
        reason: str,
        starts: datetime | None,
        ends: datetime | None,
        extra: dict[str, str] | None,
    ) -> str:
        """Note one spell or half; "stored", "updated" or "duplicate"."""
        spells = self.known[name, state]
        spell = self._same(spells, self.told[name, state], reason, starts, ends)
        if spell is None:
            spell = AgentState(
                agent_id=self._whose(name, starts, ends),
                agent_name=name,
                source=self.target.source,
                batch_id=self.target.batch_id,
                state=state,
                reason=reason,
                starts_at=starts,
                ends_at=ends,
                extra=extra,
            )
            spells.append(spell)
            self.new.append(spell)
            return "stored"
        merged: dict[str, Any] = {
            "starts_at": self._start(spell, starts, ends),
            # More is known, and what ends a spell first ends it.
            "ends_at": min(filter(None, (spell.ends_at, ends)), default=None),
            "reason": spell.reason or reason,
            "extra": spell.extra or extra,
        }
        merged["agent_id"] = self._whose(name, merged["starts_at"], merged["ends_at"])
        if all(getattr(spell, field) == value for field, value in merged.items()):
            return "duplicate"
        for field, value in merged.items():
            setattr(spell, field, value)
        if spell.pk:
            self.changed[spell.pk] = spell
            return "updated"
        return "stored"

    def _whose(self, name: str, starts: datetime | None, ends: datetime | None) -> int:
        """The agent of a spell: by the day it began, or else ended."""
        moment = starts or ends
        assert moment is not None  # a spell has an edge
        return self.agents.at(name, moment)

    @staticmethod
    def _start(
        spell: AgentState, starts: datetime | None, ends: datetime | None
    ) -> datetime | None:
        """When a spell began that two pieces of a log tell of."""
        if spell.starts_at is None or starts is None:
            return spell.starts_at or starts
        if spell.state == AgentState.State.LOGGED_IN:
            # The login's own line knows better than the length that the logout tells.
            return starts if ends is None else spell.starts_at
        return min(spell.starts_at, starts)

    def _again(
        self, spell: AgentState, reason: str, starts: datetime, ends: datetime | None
    ) -> bool:
        """Whether a spell that began within two seconds of another is that one, or a half of it.

        A logout tells how long its session was, a second more or less; a pause is written once
        for each queue.
        """
        if spell.starts_at is None or abs(spell.starts_at - starts) > self.near:
            return False
        if spell.ends_at and ends:
            return False
        apart = (spell.ends_at and spell.ends_at <= starts) or (ends and ends <= spell.starts_at)
        return not apart and (not reason or not spell.reason or reason == spell.reason)

    @staticmethod
    def _told_apart(told: list[_Edges], before: datetime | None, starts: datetime) -> bool:
        """Whether the chunk tells a spell that began `before` beside the one that `starts`, or an
        end between them."""
        return before is not None and any(
            begin == before or (begin is None and end and before <= end <= starts)
            for begin, end in told
        )

    def _same(
        self,
        spells: list[AgentState],
        told: list[_Edges],
        reason: str,
        starts: datetime | None,
        ends: datetime | None,
    ) -> AgentState | None:
        """The spell that this one, or this half, is. `told` are all of the chunk."""
        if starts is not None:
            for spell in spells:
                if spell.starts_at == starts:
                    return spell
            for spell in spells:
                if self._again(spell, reason, starts, ends) and not self._told_apart(
                    told, spell.starts_at, starts
                ):
                    return spell
        if ends is not None:
            for spell in spells:
                known = starts is None or spell.starts_at is None
                if known and spell.ends_at and abs(spell.ends_at - ends) <= self.near:
                    return spell
        if starts is None and ends is not None:
            began = [
                (one.starts_at, one)
                for one in spells
                if one.starts_at and ends - JOINED_WITHIN <= one.starts_at <= ends
            ]
            last = max(began, key=lambda pair: pair[0])[1] if began else None
            return last if last and last.ends_at is None else None
        if ends is None and starts is not None:
            ended = [
                (one.ends_at, one)
                for one in spells
                if one.starts_at is None
                and one.ends_at
                and starts <= one.ends_at <= starts + JOINED_WITHIN
            ]
            if not ended:
                return None
            until, half = min(ended, key=lambda pair: pair[0])
            between = any(one.starts_at and starts < one.starts_at <= until for one in spells)
            return None if between else half
        return None

    def write(self) -> None:
        AgentState.objects.bulk_create(self.new, batch_size=5000)
        with connection.cursor() as cursor:
            journal.note_found(cursor, "ccm_agentstate", self.target.batch_id, self.changed.keys())
            site = self.target.site
            mark_spells(cursor, site, [*self.changed, *(spell.pk for spell in self.new)])
            AgentState.objects.bulk_update(
                self.changed.values(),
                ["agent", "starts_at", "ends_at", "cut_off", "reason", "extra"],
                batch_size=1000,
            )
            mark_spells(cursor, site, self.changed.keys())


def drop_halves(target: Target, ends: Collection[tuple[str, datetime]]) -> None:
    """Forget the sessions without a beginning that these names ended so, and no import brought."""
    if not ends:
        return
    halves = AgentState.objects.filter(
        source=target.source,
        batch=None,
        state=AgentState.State.LOGGED_IN,
        starts_at=None,
        agent_name__in={name for name, _at in ends},
        ends_at__in={at for _name, at in ends},
    )
    found = [one.pk for one in halves if (one.agent_name, one.ends_at) in ends]
    if found:
        with connection.cursor() as cursor:
            mark_spells(cursor, target.site, found)
        AgentState.objects.filter(pk__in=found).delete()
