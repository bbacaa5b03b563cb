"""Agents' time from raw rows, apart from `kpis`, by the definitions' words: occupancy, utilisation,
shrinkage, calls an hour.

    figures(raw, "agent", "day", first, last)[(agent id, date)]["O1"] == Exact(900_000, 3_600_000)

Handling is "the union of time with at least one contact, ACW and ring, outbound in", cut at the
edges of what is asked; ready is the rest of a session but for its pauses, which lie over it. For
agents whose states tell all of their days: available or paused within a session.

"An agent whom no state tells of on a day is left out that day", and of what is held against paid
time "only days count of which both the paid time and the states are known; a paid day without
states or calls was not worked". What agents did on other days than those of which their hours are
known "leaves both sides". Of parts of calls of which no length is told, and of states without an
end, nothing is said here.

DOUBT: shrinkage, where somebody was on queue for longer than paid or than logged in; calls an hour,
where an agent took a call on no queue, and contacts an hour where one was answered by nobody known:
whether these count is not said.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from tests.oracle.polars_oracle import (
    ANSWERED,
    CONVERSATION_MS,
    DOUBT,
    Exact,
    Figures,
    Key,
    Open,
    Raw,
)

Span = tuple[datetime, datetime]
MS = timedelta(milliseconds=1)
HOUR_MS = 3_600_000
AN_HOUR = ("calls", "contacts", "dials", "conversations")
NAMES = (
    "O1", "O2", "U1", "U2", "shrinkage", "shrinkage product",
    *(f"{what} per {hours}" for what in AN_HOUR for hours in ("hour", "paid hour")),
)  # fmt: skip


@dataclass
class Sums:
    """Of agents and days, in milliseconds and numbers."""

    busy: int = 0
    on_queue: int = 0
    inside: int = 0
    paid: int = 0
    # Of days of which both the paid time and what was done are known.
    productive_of_paid: int = 0
    inside_of_paid: int = 0
    on_queue_of_paid: int = 0
    away_of_paid: int = 0
    off_queue_of_paid: int = 0
    paid_known: int = 0
    beyond: bool = False
    # By whose hours are known: those logged in, those paid for.
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)


def figures(
    raw: Raw,
    scope: Literal["site", "agent"],
    cuts: dict[Key, list[tuple[Span, date]]],
    counted: dict[Key, Figures],
    productive: tuple[str, ...],
    rows: Container[Key],
) -> dict[Key, Figures]:
    """The figures of every key in which somebody did anything, and of those of `rows`, for what is
    paid makes no row by itself. `cuts` are the stretches of a key, each with the day it is of, and
    `counted` its counts (`polars_oracle.cells`). Of a site all agents are added up. Pauses for
    `productive` reasons are productive time."""
    there = Time(raw, productive)
    told: dict[Key, Figures] = {}
    for key, stretches in cuts.items():
        sums = Sums()
        for agent in [key[0]] if scope == "agent" else there.everybody:
            for span, day in stretches:
                there.add(sums, agent, span, day)
        if scope == "site":
            sums.unknown["nobody"] = sum(there.by_nobody[day] for _span, day in stretches)
        did = sums.busy + sums.inside + sum(sums.done.values()) + sum(sums.unknown.values())
        if not did and key not in rows:
            continue
        answered = counted.get(key, {}).get(ANSWERED)
        told[key] = _figures(sums, int(answered.top) if isinstance(answered, Exact) else 0)
    return told


def _figures(sums: Sums, contacts: int) -> Figures:
    told: Figures = {
        "O1": part(sums.busy, sums.on_queue),
        "O2": part(sums.busy, sums.inside),
        "U1": part(sums.productive_of_paid, sums.paid_known),
        "U2": part(sums.inside_of_paid, sums.paid_known),
        "shrinkage": DOUBT if sums.beyond
        else part(sums.away_of_paid + sums.off_queue_of_paid, sums.paid_known),
        "shrinkage product": DOUBT if sums.beyond else _product(sums),
    }  # fmt: skip
    for hours, bottom in (("hour", sums.inside), ("paid hour", sums.paid)):
        for what in ("calls", "dials", "conversations"):
            told[f"{what} per {hours}"] = part(sums.done[what, hours] * HOUR_MS, bottom)
        told[f"contacts per {hours}"] = (
            None if sums.unknown[hours] else part(contacts * HOUR_MS, bottom)
        )
        if sums.done["others", "any"]:
            told[f"calls per {hours}"] = told[f"contacts per {hours}"] = DOUBT
        if sums.unknown["nobody"]:
            told[f"contacts per {hours}"] = DOUBT
    return told


def _product(sums: Sums) -> Exact | None:
    paid = sums.paid_known
    if not paid:
        return None
    left = (1 - Fraction(sums.away_of_paid, paid)) * (1 - Fraction(sums.off_queue_of_paid, paid))
    return Exact(1 - left, 1, None)


class Time:
    """What every agent of a site did, and what is known of it."""

    def __init__(self, raw: Raw, productive: tuple[str, ...]) -> None:
        self.zone = ZoneInfo(raw.zone)
        self.handling, self.there = handled(raw), spells(raw, "logged_in")
        paused = spells(raw, "paused")
        for_good = spells(raw, "paused", productive)
        self.paid = {(agent, day): minutes * 60_000 for agent, day, minutes in raw.paid.iter_rows()}
        self.everybody = sorted(
            {*self.there, *self.handling, *(agent for agent, _day in self.paid)}
        )
        self.on_queue = {
            agent: merged([*self.handling[agent], *without(self.there[agent], paused[agent])])
            for agent in self.everybody
        }
        self.productive = {
            agent: merged([*self.handling[agent], *for_good[agent]]) for agent in self.everybody
        }
        self.told = {
            (agent, day)
            for agent, starts, ends in raw.states.select(
                "agent_id", "starts_at", "ends_at"
            ).iter_rows()
            for day in self.days(starts, ends)
        }
        self.days_told = {day for _agent, day in self.told}
        self.did: dict[tuple[int, date], list[tuple[str, datetime]]] = defaultdict(list)
        self.by_nobody: Counter[date] = Counter()
        for what, agent, at in done(raw):
            day = at.astimezone(self.zone).date()
            if agent is not None:
                self.did[agent, day].append((what, at))
            elif what in ("calls", "others"):
                self.by_nobody[day] += 1

    def days(self, starts: datetime, ends: datetime | None) -> list[date]:
        first = starts.astimezone(self.zone).date()
        last = (max(ends - MS, starts) if ends else starts).astimezone(self.zone).date()
        return [first + timedelta(n) for n in range((last - first).days + 1)]

    def add(self, sums: Sums, agent: int, span: Span, day: date) -> None:
        """What an agent did in a stretch of a day."""
        paid, did = self.paid.get((agent, day)), self.did.get((agent, day), ())
        hours = {"hour": (agent, day) in self.told, "paid hour": paid is not None}
        for what, at in did:
            if span[0] <= at < span[1]:
                sums.done[what, "any"] += 1
                for one, known in hours.items():
                    sums.done[what, one] += known
                    sums.unknown[one] += what in ("calls", "others") and not known
        sums.paid += paid or 0
        inside = on_queue = productive = 0
        if hours["hour"]:
            busy = length(cut(self.handling[agent], span))
            on_queue = length(cut(self.on_queue.get(agent, []), span))
            inside = length(cut(self.there[agent], span))
            productive = length(cut(self.productive.get(agent, []), span))
            sums.busy += busy
            sums.on_queue += on_queue
            sums.inside += inside
        elif did or day not in self.days_told:
            return
        if paid is not None:
            sums.paid_known += paid
            sums.productive_of_paid += productive
            sums.inside_of_paid += inside
            sums.away_of_paid += max(0, paid - inside)
            sums.off_queue_of_paid += min(paid, inside) - on_queue
            sums.beyond |= on_queue > min(paid, inside)


def part(top: int, bottom: int) -> Exact | Open | None:
    return Exact(Fraction(top), bottom, None) if bottom else None


def handled(raw: Raw) -> dict[int, list[Span]]:
    """When each agent was with a contact, in its wrap-up, or rung, without overlaps."""
    found: dict[int, list[Span]] = defaultdict(list)
    talked = raw.calls.filter(
        pl.col("agent_id").is_not_null(), pl.col("outcome") == ANSWERED
    ).select(
        "agent_id",
        "answered_at",
        ms=pl.sum_horizontal("talk_ms", "hold_ms", "acw_ms"),
    )
    rung = raw.offers.drop_nulls(["starts_at", "ring_ms"]).select(
        "agent_id", "starts_at", ms="ring_ms"
    )
    for agent, starts, ms in (*talked.iter_rows(), *rung.iter_rows()):
        found[agent].append((starts, starts + ms * MS))
    return defaultdict(list, {agent: merged(spans) for agent, spans in found.items()})


def spells(raw: Raw, state: str, reasons: tuple[str, ...] | None = None) -> dict[int, list[Span]]:
    """What each agent was in a state, for any reason or one of these."""
    found: dict[int, list[Span]] = defaultdict(list)
    rows = raw.states.filter(pl.col("state") == state).drop_nulls(["starts_at", "ends_at"])
    if reasons is not None:
        rows = rows.filter(pl.col("reason").is_in(reasons))
    for agent, starts, ends in rows.select("agent_id", "starts_at", "ends_at").iter_rows():
        found[agent].append((starts, ends))
    return defaultdict(list, {agent: merged(spans) for agent, spans in found.items()})


def done(raw: Raw) -> Iterable[tuple[str, int | None, datetime]]:
    """Each call that an agent answered or made: what it is, whose, and when it began."""
    answered = pl.col("outcome") == ANSWERED
    entered = (pl.col("direction") == "inbound") & pl.col("queue_id").is_not_null()
    outbound = pl.col("direction") == "outbound"
    talked = answered & (pl.col("talk_ms") >= CONVERSATION_MS)
    kinds = {
        "calls": answered & entered,
        "others": answered & ~entered & ~outbound,
        "dials": outbound,
        "conversations": outbound & talked,
    }
    for what, rows in kinds.items():
        for agent, at in raw.calls.filter(rows).select("agent_id", "offered_at").iter_rows():
            yield what, agent, at


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, as spans that do not touch."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        elif start < end:
            union.append((start, end))
    return union


def without(spans: list[Span], others: list[Span]) -> list[Span]:
    """What of spans lies in none of the others; neither touch among themselves."""
    left = []
    for start, end in spans:
        at = start
        for gone, back in cut(others, (start, end)):
            if at < gone:
                left.append((at, gone))
            at = back
        if at < end:
            left.append((at, end))
    return left


def cut(spans: list[Span], edge: Span) -> list[Span]:
    """What of spans that do not touch, in their order, lies within an edge."""
    start, end = edge
    found = []
    for n in range(max(0, bisect_right(spans, start, key=lambda one: one[0]) - 1), len(spans)):
        if spans[n][0] >= end:
            break
        clipped = max(spans[n][0], start), min(spans[n][1], end)
        if clipped[0] < clipped[1]:
            found.append(clipped)
    return found


def length(spans: Iterable[Span]) -> int:
    return sum((end - start) // MS for start, end in spans)
