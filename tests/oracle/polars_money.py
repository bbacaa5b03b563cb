"""What calls cost and sold from raw rows in polars, apart from `kpis`, by the definitions' words.

    figures(raw, "queue", "day", first, last)[(queue id, date)]["revenue"] == Exact(120, 1, None)

A sale is "of the day of its call, else of the day it names", of the agent that it names, else of
its call's; sales are told "from the day of the first that is told, made or yet to be, to the day of
the last", of the site, of any of its queues or of any agent, and "where calls tell themselves what
they sold and no list tells of a sale later than the last of these, up to the newest day with
calls": "other days are in no figure, and their calls are left out". A cost is "of its days in equal
parts, and counts on those from the first day of its site with calls to the newest". Money is told
in one currency: "nothing is converted", and of two together there is no figure. What converted are
calls that came in and sold, and sales of no call.

What the words leave open is tried in every way (`READINGS`), and where those do not agree the cell
is DOUBT: what calls make a day one with calls, and of whom; whether a call tells beside its sale
what that does not; who are agents "who answered".

DOUBT beside: conversion, where a call sold that is no part of what it is divided by, a value is
below 0, or a contact sold on another day than it came, or in several calls out; that of agents,
where a sale names another than its call; revenue an hour, where it is not told what an agent was
paid who was there, answered or sold on that day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import product
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from tests.oracle.polars_oracle import (
    ANSWERED,
    CONTACT,
    DOUBT,
    WAITING,
    Exact,
    Figures,
    Key,
    Open,
    Raw,
    Scope,
    began,
    visits,
)

Days = Literal["total", "day"]
Told = Exact | Open | None
COSTS = ("cost per answered", "cost per contact", "cost per resolved")
CONVERSIONS = ("sold of contacts", "sold of answered", "sold of dials")
REVENUES = ("revenue", "revenue per contact", "revenue per agent", "revenue per paid hour")
NAMES = (*COSTS, *CONVERSIONS, *REVENUES, "pipeline")
WORD = {"value": "revenue", "pipeline": "pipeline"}


@dataclass(frozen=True)
class Call:
    """A visit with what of it matters to money."""

    id: str
    contact: tuple[str, str]
    queue: int | None
    agent: int | None
    direction: str
    at: datetime
    day: date
    entered: bool
    waits: bool
    answered: bool
    began_on: date | None
    """The day on which its contact came in."""
    contact_ended: bool
    contact_answered: bool


@dataclass(frozen=True)
class Deal:
    """What one row told to be sold, or to be perhaps."""

    day: date
    call: Call | None
    agent: int | None
    value: Fraction | None
    pipeline: Fraction | None
    currency: str
    is_listed: bool
    """Whether a list tells it; else its call itself."""


Which = Literal["entered", "in", "all"]
EVERY: tuple[Which, ...] = ("entered", "in", "all")


@dataclass(frozen=True)
class Reading:
    """One way to take the words."""

    calls: Which
    own: bool
    """Whether the days with calls of a queue or an agent are those of their own."""
    by_value: bool
    """Whether a call tells beside its sale what that does not."""
    agents: Which


OF_COSTS = [Reading(calls, own, True, "all") for calls, own in product(EVERY, (False, True))]
OF_SALES = [
    Reading("all", True, by_value, agents) for by_value, agents in product((False, True), EVERY)
]


def figures(
    raw: Raw,
    scope: Scope,
    time: Days,
    first: date,
    last: date,
    counted: dict[Key, Figures],
    by_day: dict[Key, Figures],
    nothing: Figures,
    kinds: tuple[str, ...] = (),
    rows: Iterable[Key] = (),
) -> dict[Key, Figures]:
    """The money of every key, and of `rows`; `counted` are its counts (`polars_oracle.cells`), and
    `by_day` those of its days, else `nothing`. Of costs only `kinds` count, none: all."""
    book = Book(raw, scope, time, first, last, kinds)
    told: dict[Key, Figures] = {}
    for key in {*counted, *book.keys(), *rows}:
        counts = Counts.of(counted.get(key, nothing))
        days = {day: Counts.of(by_day.get((key[0], day), nothing)) for day in book.days_told(key)}
        told[key] = {
            name: _agreed(value)
            for name, value in (
                *_several(book.costs(key, counts, one) for one in OF_COSTS),
                *_several(book.sales(key, days, one) for one in OF_SALES),
            )
        }
    return told


def _several(ways: Iterable[dict[str, Told]]) -> Iterator[tuple[str, list[Told]]]:
    found: dict[str, list[Told]] = defaultdict(list)
    for way in ways:
        for name, value in way.items():
            found[name].append(value)
    yield from found.items()


def _agreed(ways: list[Told]) -> Told:
    first, *others = [(one.value, one.n) if isinstance(one, Exact) else one for one in ways]
    return ways[0] if all(one == first for one in others) else DOUBT


@dataclass(frozen=True)
class Counts:
    """What money is divided by."""

    offered: int
    ended: int
    answered: int
    resolved: int
    dials: int

    @classmethod
    def of(cls, told: Figures) -> "Counts":
        """From the figures of a key; of an agent nothing was offered."""
        offered, waiting = _top(told["offered"]), _top(told[WAITING])
        connected = told["connect rate"]
        return cls(
            offered, offered - waiting, _top(told[ANSWERED]), _top(told["resolved rate"]),
            connected.bottom if isinstance(connected, Exact) else 0,
        )  # fmt: skip

    @classmethod
    def sum(cls, many: Iterable["Counts"]) -> "Counts":
        rows = [astuple(one) for one in many]
        return cls(*(sum(column) for column in zip(*rows, strict=True))) if rows else cls(*[0] * 5)


def _top(told: Told) -> int:
    return int(told.top) if isinstance(told, Exact) else 0


class Book:
    """The costs and sales of a site, by the days asked for."""

    def __init__(
        self, raw: Raw, scope: Scope, time: Days, first: date, last: date, kinds: tuple[str, ...]
    ) -> None:
        self.scope, self.time = scope, time
        self.first, self.last = first, last
        self.asked = {first + timedelta(days=n) for n in range((last - first).days + 1)}
        calls = list(_calls(raw))
        self.spent = list(_spent(raw, kinds))
        self.paid = {(agent, day): minutes for agent, day, minutes in raw.paid.iter_rows()}
        self.minutes: dict[Key, int] = defaultdict(int)
        for (agent, day), minutes in self.paid.items():
            for who in {0, agent}:
                self.minutes[who, day] += minutes
        zone = ZoneInfo(raw.zone)
        self.there: dict[Key, set[int]] = defaultdict(set)
        for agent, *ends in raw.states.select("agent_id", "starts_at", "ends_at").iter_rows():
            days = [at.astimezone(zone).date() for at in ends if at is not None]
            for n in range((max(days) - min(days)).days + 1):
                for who in {0, agent}:
                    self.there[who, min(days) + timedelta(days=n)].add(agent)
        # Of 0, the whole site, and of each queue or agent.
        self.days_of: dict[tuple[str, Any], set[date]] = defaultdict(set)
        self.answering: dict[tuple[str, Any, date], set[int]] = defaultdict(set)
        self.took_elsewhen: set[date] = set()
        for one in calls:
            for kind, who in product(_kinds(one), {0, self._who(one.queue, one.agent)}):
                self.days_of[kind, who].add(one.day)
                if one.answered and one.agent is not None:
                    self.answering[kind, who, one.day].add(one.agent)
            if one.answered and one.agent and one.began_on and one.began_on != one.day:
                self.took_elsewhen |= {one.day, one.began_on}
        # Of whom, and when, a call is told to have sold that another is told to have sold.
        self.crossed: dict[bool, set[Key]] = defaultdict(set)
        self.placed: dict[bool, dict[Key, list[Deal]]] = {}
        self.told = self._told(raw, calls)
        for way in (False, True):
            found: dict[Key, list[Deal]] = defaultdict(list)
            for deal in _deals(raw, calls, way):
                who = self._who(deal.call.queue if deal.call else None, deal.agent)
                when = deal.day if time == "day" else 0
                if deal.call and deal.call.agent != deal.agent and scope == "agent":
                    self.crossed[way] |= {(deal.agent, when), (deal.call.agent, when)}
                if who is not None and deal.day in self.asked:
                    found[who, when].append(deal)
            self.placed[way] = found

    def keys(self) -> set[Key]:
        """Those of which something is told to be sold."""
        return {key for placed in self.placed.values() for key in placed}

    def _told(self, raw: Raw, calls: list[Call]) -> tuple[date, date] | None:
        """The first and the last day on which sales of the like of the scope are told."""
        deals = [
            one
            for one in _deals(raw, calls, True)
            if self._who(one.call.queue if one.call else None, one.agent) is not None
        ]
        tell = {
            row["id"]
            for row in raw.calls.iter_rows(named=True)
            if row["sale_value"] is not None or row["pipeline_value"] is not None
        }
        themselves = [
            one for one in calls
            if one.id in tell and self._who(one.queue, one.agent) is not None
        ]  # fmt: skip
        days = {one.day for one in deals} | {one.day for one in themselves}
        if themselves:
            last = max(themselves, key=lambda one: one.at)
            later = any(
                one.call.at > last.at if one.call else one.day > last.day
                for one in deals
                if one.is_listed
            )
            if not later:
                zone = ZoneInfo(raw.zone)
                days.add(max(at.astimezone(zone).date() for at in raw.calls["offered_at"]))
        return (min(days), max(days)) if days else None

    def days_told(self, key: Key) -> set[date]:
        """The days of a key on which sales are told."""
        if self.told is None:
            return set()
        first, last = self.told
        return {day for day in self._days(key) if first <= day <= last}

    def _who(self, queue: int | None, agent: int | None) -> int | None:
        return {"site": 0, "queue": queue, "agent": agent}[self.scope]

    def _days(self, key: Key) -> set[date]:
        return {key[1]} if self.time == "day" else self.asked

    # What calls cost

    def costs(self, key: Key, counts: Counts, way: Reading) -> dict[str, Told]:
        who = key[0]
        there = self.days_of[way.calls, who if way.own else 0]
        of_site = self.days_of[way.calls, 0]
        if not of_site:
            return dict.fromkeys(COSTS)
        begins, newest, total = min(of_site), max(of_site), Fraction(0)
        currencies: set[str] = set()
        known = True
        for day in self._days(key):
            here = [
                one
                for one in self.spent
                if one.first <= day <= one.last
                and begins <= day <= newest
                and (self.scope == "site" or one.of(self.scope) == who)
            ]
            total += sum(one.a_day for one in here)
            currencies |= {one.currency for one in here}
            known &= bool(here) or day not in there
        if not known or len(currencies) != 1:
            return dict.fromkeys(COSTS)
        bottoms = (counts.answered, counts.offered, counts.resolved)
        told: dict[str, Told] = {
            name: _over(total, bottom) for name, bottom in zip(COSTS, bottoms, strict=True)
        }
        return told | ({"cost per contact": None} if self.scope == "agent" else {})

    # What they sold

    def sales(self, key: Key, days: dict[date, Counts], way: Reading) -> dict[str, Told]:
        deals = self.placed[way.by_value].get(key, [])
        counts = Counts.sum(days.values())
        told: dict[str, Told] = {}
        for what in ("value", "pipeline"):
            mine = [(getattr(one, what), one.currency) for one in deals]
            mine = [(amount, currency) for amount, currency in mine if amount is not None]
            is_told = bool(days)
            one_currency = len({currency for _amount, currency in mine}) < 2
            total = sum((amount for amount, _currency in mine), Fraction(0))
            told[WORD[what]] = Exact(total, 1, None) if is_told and one_currency else None
        revenue = told["revenue"]
        nobody = revenue is None
        top = revenue.top if isinstance(revenue, Exact) else 0
        hours, is_hourly = self._hours(key, deals)
        agents = self._agents(key, way)
        told |= {
            "revenue per contact": None if nobody else _over(top, counts.offered),
            "revenue per agent": None if nobody else agents if isinstance(agents, Open)
            else _over(top, agents),
            "revenue per paid hour": None if nobody or not hours else _over(top, hours)
            if is_hourly else DOUBT,
        }  # fmt: skip
        if self.scope == "queue":
            told["revenue per paid hour"] = None
        if self.scope == "agent":
            told["revenue per contact"] = None
        told |= self._conversions(key, deals, counts, way)
        return told

    def _hours(self, key: Key, deals: list[Deal]) -> tuple[Fraction, bool]:
        """The hours paid for, and whether all are known in which anything was done."""
        days = self.days_told(key)
        minutes = sum(self.minutes[key[0], day] for day in days)
        busy = {(one.agent, one.day) for one in deals if one.agent is not None}
        for day in days:
            busy |= {(agent, day) for agent in self.answering["all", key[0], day]}
            busy |= {(agent, day) for agent in self.there[key[0], day]}
        return Fraction(minutes, 60), busy <= self.paid.keys()

    def _agents(self, key: Key, way: Reading) -> int | Open:
        """How many answered. Of a site the day of a contact and of its answer may be two."""
        days = self.days_told(key)
        if self.scope == "site" and self.took_elsewhen & days:
            return DOUBT
        return len({one for day in days for one in self.answering[way.agents, key[0], day]})

    def _conversions(
        self, key: Key, deals: list[Deal], counts: Counts, way: Reading
    ) -> dict[str, Told]:
        is_told = bool(self.days_told(key))
        sellers = [one.call for one in deals if one.value and one.call is not None]
        of_no_call = sum(bool(one.value) for one in deals if one.call is None)
        is_open = any((one.value or 0) < 0 for one in deals) or key in self.crossed[way.by_value]
        came = {one.id: one for one in sellers if one.direction == "inbound"}.values()
        made = {one.id: one for one in sellers if one.direction == "outbound"}.values()
        site = self.scope == "site"
        in_units = {(one.contact, one.day) for one in came} if site else {one.id for one in came}
        elsewhere = site and any(one.began_on != one.day for one in came)
        not_ended = any(
            not one.contact_ended if site else not one.entered or one.waits for one in came
        )
        not_answered = any(
            not one.contact_answered if site else not (one.entered and one.answered) for one in came
        )
        out_units = {(one.contact, one.day) for one in made} if site else {one.id for one in made}
        told: dict[str, Told] = {
            "sold of contacts": DOUBT if is_open or elsewhere or not_ended
            else _rate(len(in_units) + of_no_call, counts.ended),
            "sold of answered": DOUBT if is_open or elsewhere or not_answered
            else _rate(len(in_units) + of_no_call, counts.answered),
            "sold of dials": DOUBT
            if is_open or len(out_units) < len(made) or any(one.waits for one in made)
            else _rate(len(made), counts.dials),
        }  # fmt: skip
        if self.scope == "agent":
            told["sold of contacts"] = None
        return told if is_told else dict.fromkeys(CONVERSIONS)


def _kinds(one: Call) -> list[str]:
    """As what a call may be said to have been there, from the strictest on."""
    kinds = ["all"]
    if one.direction == "inbound":
        kinds.append("in")
    if one.entered:
        kinds.append("entered")
    return kinds


def _over(top: Fraction | int, bottom: Fraction | int) -> Exact | None:
    """A sum over something; how many it counts is not said."""
    return Exact(Fraction(top) / bottom, 1, None) if bottom else None


def _rate(top: int, bottom: int) -> Exact | None:
    return Exact(top, bottom, bottom) if bottom else None


# The rows


@dataclass(frozen=True)
class Spent:
    """A day's part of a cost, from its first day to its last."""

    first: date
    last: date
    queue: int | None
    agent: int | None
    a_day: Fraction
    currency: str

    def of(self, scope: Scope) -> int | None:
        return self.queue if scope == "queue" else self.agent


def _spent(raw: Raw, kinds: tuple[str, ...]) -> Iterator[Spent]:
    for row in raw.costs.iter_rows(named=True):
        if kinds and row["kind"] not in kinds:
            continue
        days = (row["last_on"] - row["first_on"]).days + 1
        yield Spent(
            row["first_on"], row["last_on"], row["queue_id"], row["agent_id"],
            Fraction(row["amount"]) / days, row["currency"],
        )  # fmt: skip


def _calls(raw: Raw) -> Iterator[Call]:
    tz = ZoneInfo(raw.zone)
    answered = pl.col("entered") & (pl.col("outcome") == ANSWERED)
    ended = pl.col("entered") & (pl.col("outcome") != WAITING)
    inbound = pl.col("direction") == "inbound"
    rows = (
        visits(raw)
        .with_columns(
            contact_answered=(answered & inbound).any().over(CONTACT),
            # Else it is what its last visit was, perhaps still waiting.
            contact_ended=(
                (answered & inbound).any() | ended.filter(pl.col("entered")).last()
            ).over(CONTACT),
        )
        .join(began(raw), on=CONTACT, how="left")
    )
    for row in rows.iter_rows(named=True):
        yield Call(
            row["id"], (row["source"], row["linked_id"]), row["queue_id"], row["agent_id"],
            row["direction"], row["offered_at"], row["offered_at"].astimezone(tz).date(),
            row["entered"],
            row["outcome"] == WAITING, row["outcome"] == ANSWERED,
            row["began"].astimezone(tz).date() if row["began"] else None,
            bool(row["contact_ended"]), row["contact_answered"],
        )  # fmt: skip


def _deals(raw: Raw, calls: list[Call], by_value: bool) -> Iterator[Deal]:
    """What sales tell, and what calls tell of which no sale does."""
    by_id = {one.id: one for one in calls}
    of_calls: dict[str, set[str]] = defaultdict(set)
    for row in raw.sales.iter_rows(named=True):
        call = by_id.get(row["call_id"])
        day = call.day if call else row["sold_on"]
        told = {"value": row["value"], "pipeline": row["pipeline_value"]}
        if call is not None:
            of_calls[call.id] |= {
                what for what, amount in told.items() if amount is not None or not by_value
            }
        agent = row["agent_id"]
        if agent is None and call is not None:
            agent = call.agent
        if day is not None:
            value, pipeline = _money(row["value"]), _money(row["pipeline_value"])
            yield Deal(day, call, agent, value, pipeline, row["currency"], True)
    told_by_calls = raw.calls.filter(
        pl.any_horizontal(pl.col("sale_value", "pipeline_value").is_not_null())
    )
    for row in told_by_calls.iter_rows(named=True):
        call = by_id[row["id"]]
        stands = of_calls[call.id]
        value = None if "value" in stands else _money(row["sale_value"])
        pipeline = None if "pipeline" in stands else _money(row["pipeline_value"])
        if value is not None or pipeline is not None:
            yield Deal(call.day, call, call.agent, value, pipeline, raw.currency, False)


def _money(told: str | None) -> Fraction | None:
    return None if told is None else Fraction(told)
