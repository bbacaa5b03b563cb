"""The books of a demo site: what it spends, pays for, sells and plans, and who is away, drawn from
its own people and calls. Pure, and the same for the same arguments."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from ccm.demo import rota
from ccm.demo.centre import Centre
from ccm.demo.house import SiteSpec
from ccm.demo.people import Person
from ccm.demo.telling import Record
from ccm.intervals import Calendar, day_of, site_day

# Lunch is one's own time.
UNPAID_MINUTES = 30
# Shifts shorter than this have no lunch.
LUNCH_AFTER_HOURS = 6
CONTRIBUTIONS = Decimal("0.138")
# Of those who did not buy, some were sent an offer.
QUOTED = 0.12
PRICE_SPREAD = 0.45
# Who is called buys so much less often than who calls.
CALLED_BUYS = 0.4
# The house plans for a few more people than it has.
PLANNED = 1.04
FULL_TIME_HOURS = 40
# So far ahead it is budgeted, and holidays are known.
AHEAD = timedelta(days=31)
# Who comes by so much before or after a shift begins comes to that shift.
_ABOUT_MS = 30 * rota.MINUTE_MS
# A stream of luck of its own, so that nothing else of the demo changes with it.
_LUCK = 0x6C6564


@dataclass(frozen=True, slots=True)
class Spending:
    """A cost of a month; of one queue where it is named."""

    kind: str
    first: date
    last: date
    amount: Decimal
    queue: str = ""


@dataclass(frozen=True, slots=True)
class Pay:
    """The paid minutes of an agent, by alias, on a site day: worked, or away."""

    agent: str
    day: date
    minutes: int


@dataclass(frozen=True, slots=True)
class Spell:
    """The days, both included, that an agent (by alias) was or will be away."""

    agent: str
    kind: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Deal:
    """What a call (by the id of its contact) sold, or may yet."""

    call: str
    sold: Decimal | None
    quoted: Decimal | None


@dataclass(frozen=True, slots=True)
class Heads:
    """Who was to be there, and was, on average of a month."""

    month: date
    planned: int
    actual: int
    planned_fte: Decimal
    actual_fte: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    spending: list[Spending]
    pay: list[Pay]
    away: list[Spell]
    deals: list[Deal]
    heads: list[Heads]


def ledger_of(centre: Centre, record: Record, today: date) -> Ledger:
    """The books of a site up to its day `today`: time is paid of whole days that are over."""
    site = record.site
    people = centre.crew.of(site.name)
    months = list(_months(centre.first, today + AHEAD))
    shifts = list(rota.shifts(site, people, months[0][0], months[-1][1]))
    return Ledger(
        list(_spending(site, people, shifts, months)),
        list(_pay(record, people, shifts, centre.first, today)),
        list(_away(centre, site, people, today)),
        list(_deals(record, centre.seed)),
        [_heads(people, first, last) for first, last in months if first <= today],
    )


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The months that two days lie in and those between, by their first and last days."""
    begins = first.replace(day=1)
    while begins <= last:
        following = (begins + timedelta(days=31)).replace(day=1)
        yield begins, following - timedelta(days=1)
        begins = following


def _pay(
    record: Record, people: list[Person], shifts: list[rota.Shift], first: date, today: date
) -> Iterator[Pay]:
    """What each was there on a day, and the shifts of those who were away, less lunch."""
    zone = Calendar(ZoneInfo(record.site.zone))
    minutes: dict[tuple[str, date], float] = defaultdict(float)
    came: dict[str, list[float]] = defaultdict(list)
    there = record.states.filter(state="logged_in").select("agent", "starts_at", "ends_at")
    for agent, starts, ends in there.iter_rows():
        came[agent].append(starts.timestamp() * 1000)
        while starts < ends:
            day = day_of(starts, zone)
            until = min(ends, site_day(day, zone).end)
            minutes[agent, day] += (until - starts).total_seconds() / 60
            starts = until
    for shift in shifts:
        agent = people[shift.agent].alias
        if not any(abs(one - shift.start) < _ABOUT_MS for one in came[agent]):
            minutes[agent, shift.day] += shift.hours * 60
    for (agent, day), paid in sorted(minutes.items()):
        if first <= day < today:
            lunch = UNPAID_MINUTES if paid > LUNCH_AFTER_HOURS * 60 else 0
            yield Pay(agent, day, math.ceil(paid) - lunch)


def _away(centre: Centre, site: SiteSpec, people: list[Person], today: date) -> Iterator[Spell]:
    """Weeks of holiday, also those to come, and days of illness up to `today`."""
    found = rota.absences(site, people, centre.seed, centre.first, today + AHEAD)
    spell: Spell | None = None
    for one in sorted(found, key=lambda one: (one.agent, one.kind, one.day)):
        if one.kind == rota.SICKNESS and one.day > today:
            continue
        agent = people[one.agent].alias
        # A day off within a week of holiday is none at work.
        gap = timedelta(days=4 if one.kind == rota.HOLIDAY else 1)
        goes_on = spell is not None and (spell.agent, spell.kind) == (agent, one.kind)
        if spell is not None and goes_on and one.day - spell.last <= gap:
            spell = replace(spell, last=one.day)
            continue
        if spell is not None:
            yield spell
        spell = Spell(agent, one.kind, one.day, one.day)
    if spell is not None:
        yield spell


def _paid_minutes(shift: rota.Shift) -> int:
    lunch = UNPAID_MINUTES if shift.hours > LUNCH_AFTER_HOURS else 0
    return round(shift.hours * 60) - lunch


def _spending(
    site: SiteSpec, people: list[Person], shifts: list[rota.Shift], months: list[tuple[date, date]]
) -> Iterator[Spending]:
    """The salaries of each queue's people, and what the site costs beside."""
    minutes: dict[tuple[date, str], int] = defaultdict(int)
    for one in shifts:
        minutes[one.day.replace(day=1), people[one.agent].queues[0]] += _paid_minutes(one)
    for first, last in months:
        salaries = Decimal(0)
        for queue in site.queues:
            paid = _coins(site, minutes[first, queue.name] / 60 * site.wage)
            salaries += paid
            if paid:
                yield Spending("Salaries", first, last, paid, queue.name)
        there = sum(_employed(one, first, last) for one in people)
        for kind, amount in (
            ("Contributions", float(salaries * CONTRIBUTIONS)),
            ("Licences", there * site.licences),
            ("Telephony", site.telephony),
            ("Premises", site.premises),
        ):
            yield Spending(kind, first, last, _coins(site, amount))


def _coins(site: SiteSpec, amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(Decimal(site.coin), ROUND_HALF_UP)


def _employed(person: Person, first: date, last: date) -> bool:
    return person.hired_on <= last and (person.left_on is None or person.left_on > first)


def _deals(record: Record, seed: int) -> Iterator[Deal]:
    """A draw for each served call of the queues that sell, in the order of the calls; then for each
    of their calls out that was answered."""
    site = record.site
    selling = {queue.name: queue for queue in site.queues if queue.sells}
    served = record.calls.filter(
        pl.col("queue").is_in(list(selling)),
        pl.col("outcome") == "answered",
        pl.col("ended_at").is_not_null(),
        pl.col("transfer_kind").is_null(),
    ).unique("linked_id", keep="last", maintain_order=True)
    called = record.dials.filter(pl.col("queue").is_in(list(selling)), outcome="answered").join(
        served, on="linked_id", how="anti"
    )
    told = [*served.select("linked_id", "queue", pl.lit(1.0)).iter_rows()]
    told += called.select("linked_id", "queue", pl.lit(CALLED_BUYS)).iter_rows()
    rng = np.random.default_rng([seed, _LUCK, *site.code.encode()])
    luck = rng.random(len(told))
    spread = np.exp(PRICE_SPREAD * rng.normal(size=len(told)) - PRICE_SPREAD**2 / 2)
    for place, (call, name, readiness) in enumerate(told):
        queue = selling[name]
        price = _coins(site, float(queue.price * spread[place]))
        if luck[place] < queue.sells * readiness:
            yield Deal(call, price, None)
        elif luck[place] > 1 - QUOTED:
            yield Deal(call, None, price)


def _heads(people: list[Person], first: date, last: date) -> Heads:
    there = [one for one in people if _employed(one, first, last)]
    fte = Decimal(repr(sum(one.contract_hours for one in there) / FULL_TIME_HOURS))
    cents = Decimal("0.01")
    return Heads(
        month=first,
        planned=round(len(there) * PLANNED),
        actual=len(there),
        planned_fte=(fte * Decimal(repr(PLANNED))).quantize(cents),
        actual_fte=fte.quantize(cents),
    )
