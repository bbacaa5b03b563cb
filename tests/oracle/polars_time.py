"""Agents' time from raw rows, apart from `kpis`, by the definitions' words: occupancy, utilisation,
shrinkage, calls an hour.

    figures(raw, "agent", "day", first, last)[(agent id, date)]["O1"] == Exact(900_000, 3_600_000)

Handling is "the union of time with at least one contact, ACW and ring, outbound in", cut at the
edges of what is asked; ready is what an agent was available of the rest. For agents whose states
tell all of their days: available or paused within a session. Where that is not so, and of parts of
calls of which no length is told, nothing is said here.

DOUBT: shrinkage of somebody who was there for longer than paid; calls an hour, where an agent
called out or took a call on no queue: whether these are "calls" is not said.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Literal

import polars as pl

from tests.oracle.polars_oracle import ANSWERED, DOUBT, Exact, Figures, Key, Open, Raw

Span = tuple[datetime, datetime]
MS = timedelta(milliseconds=1)
HOUR_MS = 3_600_000
NAMES = ("O1", "O2", "U1", "U2", "shrinkage", "calls per hour", "calls per paid hour")


def figures(
    raw: Raw, scope: Literal["site", "agent"], cuts: dict[Key, list[tuple[Span, date]]]
) -> dict[Key, Figures]:
    """The figures of every key; `cuts` are the stretches of a key, each with the day it is of. Of
    a site all agents are added up."""
    handling, available, there = handled(raw), spells(raw, "available"), spells(raw, "logged_in")
    paid = {(agent, day): minutes * 60_000 for agent, day, minutes in raw.paid.iter_rows()}
    took, others = answered(raw, queued=True), answered(raw, queued=False)
    told: dict[Key, Figures] = {}
    for key, stretches in cuts.items():
        agents = [key[0]] if scope == "agent" else sorted({*there, *handling})
        busy = ready = inside = paid_ms = calls = other_calls = 0
        more_than_paid = False
        for agent in agents:
            for span, day in stretches:
                mine = cut(handling[agent], span)
                on_queue = cut(merged([*handling[agent], *available[agent]]), span)
                busy += length(mine)
                ready += length(on_queue) - length(mine)
                logged_in = length(cut(there[agent], span))
                inside += logged_in
                paid_ms += paid.get((agent, day), 0)
                more_than_paid |= logged_in > paid.get((agent, day), 0)
                calls += sum(span[0] <= at < span[1] for at in took[agent])
                other_calls += sum(span[0] <= at < span[1] for at in others[agent])
        told[key] = {
            "O1": part(busy, busy + ready),
            "O2": part(busy, inside),
            "U1": part(busy, paid_ms),
            "U2": part(inside, paid_ms),
            "shrinkage": DOUBT if more_than_paid else part(paid_ms - busy - ready, paid_ms),
            "calls per hour": DOUBT if other_calls else part(calls * HOUR_MS, inside),
            "calls per paid hour": DOUBT if other_calls else part(calls * HOUR_MS, paid_ms),
        }
    return told


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


def spells(raw: Raw, state: str) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    rows = raw.states.filter(pl.col("state") == state)
    for agent, starts, ends in rows.select("agent_id", "starts_at", "ends_at").iter_rows():
        found[agent].append((starts, ends))
    return defaultdict(list, {agent: merged(spans) for agent, spans in found.items()})


def answered(raw: Raw, queued: bool) -> dict[int, list[datetime]]:
    """When what each agent answered came in, having entered a queue; or the rest."""
    entered = (pl.col("direction") == "inbound") & pl.col("queue_id").is_not_null()
    rows = raw.calls.filter(
        pl.col("outcome") == ANSWERED,
        pl.col("agent_id").is_not_null(),
        entered if queued else ~entered,
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for agent, at in rows.select("agent_id", "offered_at").iter_rows():
        found[agent].append(at)
    return found


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, as spans that do not touch."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        elif start < end:
            union.append((start, end))
    return union


def cut(spans: Iterable[Span], edge: Span) -> list[Span]:
    """What lies within an edge."""
    clipped = ((max(start, edge[0]), min(end, edge[1])) for start, end in spans)
    return [(start, end) for start, end in clipped if start < end]


def length(spans: Iterable[Span]) -> int:
    return sum((end - start) // MS for start, end in spans)
