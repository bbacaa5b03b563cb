"""A site's log told again as the events a phone system would post while it happens.

Pure. Ids are made of what happened, so a story told twice is one story.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from ccm.demo.telling import LEFT_IVR, Record
from ccm.identity import milliseconds

Event = dict[str, Any]
# A hold begins when so much of the conversation is over.
_BEFORE_HOLD = 0.3


@dataclass(frozen=True, slots=True)
class Due:
    """An event and when it happens; `number` keeps the order of what happens at once."""

    at: datetime
    number: int
    site: str
    event: Event


def in_order(told: Iterable[Due]) -> list[Due]:
    return sorted(told, key=lambda due: (due.at, due.number))


class Storyteller:
    """Tells one site's record. `record` is whole: it runs past whatever is told.

    Calls out are not told, for no event is one; their agents are paused to call out.
    """

    def __init__(self, record: Record) -> None:
        self.site = record.site.slug
        calls = record.calls.with_row_index("call")
        self._calls = calls.filter(pl.col("outcome") != LEFT_IVR)
        self._offers = record.offers
        self._surveys = record.surveys
        self._states = record.states
        self._number = 0
        # When each agent goes on to something else: no "available" is told in between.
        moved_on = record.states.select("agent", at="starts_at").vstack(
            record.states.filter(state="logged_in").select("agent", at="ends_at")
        )
        self._moved_on = set(moved_on.iter_rows())

    def between(self, start: datetime, end: datetime) -> list[Due]:
        """All of the calls offered in [start, end), and what agents do in that time."""
        calls = self._calls.filter(pl.col("offered_at").is_between(start, end, closed="left"))
        return in_order([*self._told(calls), *self._moves(start, end)])

    def in_the_air(self, now: datetime, since: datetime) -> pl.DataFrame:
        """Calls offered in [since, now) whose caller or agent is not done at `now`."""
        over = pl.coalesce("wrapup_ended_at", "ended_at")
        return self._calls.filter(pl.col("offered_at").is_between(since, now, "left"), over > now)

    def tell(self, calls: pl.DataFrame) -> list[Due]:
        """All of some of the calls that `in_the_air` gave."""
        return in_order(self._told(calls))

    def present(self, now: datetime) -> list[Due]:
        """Who is here at `now` and what they do, as if they began it now."""
        there = self._states.filter(pl.col("starts_at") <= now, pl.col("ends_at") > now)
        told = []
        for agent, state, reason in there.sort("state").select("agent", "state", "reason").rows():
            told.append(self._move(agent, now, _began(state, reason)))
        return told

    def _moves(self, start: datetime, end: datetime) -> Iterator[Due]:
        for agent, state, reason, begins, ends in self._states.select(
            "agent", "state", "reason", "starts_at", "ends_at"
        ).iter_rows():
            if start <= begins < end:
                yield self._move(agent, begins, _began(state, reason))
            if not start <= ends < end:
                continue
            if state == "logged_in":
                yield self._move(agent, ends, {"kind": "agent.logout"})
            elif (agent, ends) not in self._moved_on:
                yield self._move(agent, ends, {"kind": "agent.state", "state": "available"})

    def _move(self, agent: str, at: datetime, what: Event) -> Due:
        doing = f"{what['kind']}-{what.get('state', '')}"
        return self._due(at, {"id": f"{agent}/{milliseconds(at)}/{doing}", "agent": agent, **what})

    def _due(self, at: datetime, event: Event) -> Due:
        self._number += 1
        return Due(at, self._number, self.site, {"at": at.isoformat(), **event})

    def _told(self, calls: pl.DataFrame) -> Iterator[Due]:
        rings: dict[int, list[tuple[str, datetime, int, str]]] = {}
        numbers = calls["call"]
        offers = self._offers.filter(pl.col("call").is_in(numbers.implode()))
        for call, *ring in offers.select(
            "call", "agent", "starts_at", "ring_ms", "outcome"
        ).iter_rows():
            rings.setdefault(call, []).append((ring[0], ring[1], ring[2], ring[3]))
        surveys: dict[int, list[Event]] = {}
        told = self._surveys.filter(pl.col("call").is_in(numbers.implode()))
        for call, kind, score, low, high in told.select(
            "call", "kind", "score", "scale_min", "scale_max"
        ).iter_rows():
            answer = {"kind": kind, "score": score, "min": low, "max": high}
            surveys.setdefault(call, []).append(answer)
        for call in calls.iter_rows(named=True):
            own = (rings.get(call["call"], []), surveys.get(call["call"], []))
            for number, (at, what) in enumerate(_story(call, *own)):
                name = f"{call['external_id']}/{number}/{what['kind']}"
                yield self._due(
                    at, {"id": name, "call": call["external_id"], "queue": call["queue"], **what}
                )
            if call["wrapup_ended_at"] is not None:
                yield self._move(call["agent"], call["ended_at"], _began("acw", None))
                if (call["agent"], call["wrapup_ended_at"]) not in self._moved_on:
                    back = {"kind": "agent.state", "state": "available"}
                    yield self._move(call["agent"], call["wrapup_ended_at"], back)


def _began(state: str, reason: str | None) -> Event:
    if state == "logged_in":
        return {"kind": "agent.login"}
    began: Event = {"kind": "agent.state", "state": state}
    return began | ({"reason": reason} if reason else {})


def _story(
    call: dict[str, Any], rings: list[tuple[str, datetime, int, str]], surveys: list[Event]
) -> Iterator[tuple[datetime, Event]]:
    """What happens to one call, each with its moment."""
    offered: Event = {"kind": "call.offered", "linked": call["linked_id"]}
    if call["caller"]:
        offered["caller"] = call["caller"]
    yield call["offered_at"], offered
    for agent, start, ring_ms, how in rings:
        yield start, {"kind": "call.ringing", "agent": agent}
        if how == "cancelled":
            continue  # the end of the call says it
        kind = {"answered": "call.answered", "declined": "call.declined"}.get(how, "call.no_answer")
        yield start + timedelta(milliseconds=ring_ms), {"kind": kind, "agent": agent}
    if call["answered_at"] is None:
        ended: Event = {"kind": "call.ended", "outcome": call["outcome"]}
        if call["ended_by"]:
            ended["ended_by"] = call["ended_by"]
        yield call["ended_at"], ended
        return
    yield from _conversation(call)
    wrapped: Event = {"kind": "call.wrapped_up", "agent": call["agent"], "topic": call["topic"]}
    if call["resolved"] is not None:
        wrapped["resolved"] = call["resolved"]
    # An event holds one answer.
    for event in [wrapped | {"survey": answer} for answer in surveys] or [wrapped]:
        yield call["wrapup_ended_at"], event


def _conversation(call: dict[str, Any]) -> Iterator[tuple[datetime, Event]]:
    agent = call["agent"]
    if call["hold_ms"]:
        held = call["answered_at"] + timedelta(milliseconds=int(call["talk_ms"] * _BEFORE_HOLD))
        yield held, {"kind": "call.held", "agent": agent}
        back = held + timedelta(milliseconds=call["hold_ms"])
        yield back, {"kind": "call.retrieved", "agent": agent}
    if call["transfer_target"]:
        yield (
            call["ended_at"],
            {
                "kind": "call.transferred",
                "agent": agent,
                "target": call["transfer_target"],
                "transfer": call["transfer_kind"],
            },
        )
    yield (
        call["ended_at"],
        {"kind": "call.ended", "agent": agent, "ended_by": call["ended_by"]},
    )
