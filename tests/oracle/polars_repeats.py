"""First contact resolution F1 to F3 from raw rows, apart from `kpis`, by the definitions' words.

    figures(raw, "queue", 7, "day", first, last)[(queue id, date)]["F3"] == Exact(4, 5, 5)

Where the same matter is the same queue each queue has its figures, where it is any, the site has.
What the words leave open is tried in every way (`READINGS`), and where those do not agree the cell
is DOUBT: whether a window runs from the entry or from the end of a contact, whether its very end is
in it, whether a contact that was never offered comes before another, whether one of the very same
moment comes before and after, and where the data end: with the last call, with the last stamp, or
with the last day of which there is the whole, by the hour or by the days that follow a contact's.

A queue is counted in visits and F3 in contacts: one that came to a queue twice is open, on each day
that it came. A caller unknown or of more than ten contacts is left out, and with it the figures F1
and F2, of which the words do not say so.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from tests.oracle.polars_oracle import (
    ANSWERED,
    CONTACT,
    DOUBT,
    Figures,
    Key,
    Raw,
    share,
    visits,
)

Matter = Literal["queue", "any"]
NAMES = ("F1", "F2", "F3")
MOST_A_DAY = 10


@dataclass(frozen=True)
class Contact:
    """What a caller came for, on one queue or at the site."""

    place: Any
    caller: str
    at: datetime
    end: datetime
    offered: bool
    answered: bool
    resolved: bool | None
    resolvable: bool | None
    came: tuple[datetime, ...]
    """When it came to the queue, where that is more than once."""


@dataclass(frozen=True)
class Reading:
    """One way to take the words."""

    from_end: bool
    closed: bool
    any_before: bool
    at_once: bool
    data_end: int

    def near(self, one: Contact, other: Contact, window: timedelta) -> bool:
        """Whether `other` came after `one` and within its window."""
        if one.at >= other.at:
            return self.at_once and one.at == other.at and one is not other
        over = (one.end if self.from_end else one.at) + window
        return other.at <= over if self.closed else other.at < over

    def old(self, one: Contact, days: int, end: datetime, tz: ZoneInfo) -> bool:
        """Whether its window lies before the end of the data."""
        begun = one.end if self.from_end else one.at
        if self.data_end == BY_DAYS:  # which are not of 24 hours each
            day = begun.astimezone(tz).date() + timedelta(days + 1)
            return datetime.combine(day, datetime.min.time(), tz) <= end
        over = begun + timedelta(days)
        return over <= end if self.closed else over < end


BY_DAYS = 3
READINGS = [Reading(*one) for one in product(*[(False, True)] * 4, range(BY_DAYS + 1))]


def figures(
    raw: Raw, matter: Matter, days: int, time: Literal["total", "day"], first: date, last: date
) -> dict[Key, Figures]:
    """F1 to F3 of every key that has a contact."""
    found = contacts(raw, matter)
    told: dict[Key, Figures] = {}
    if not found:
        return told
    ends = data_ends(raw)
    tz = ZoneInfo(raw.zone)
    by_reading = [_read(found, one, days, ends[min(one.data_end, 2)], tz) for one in READINGS]
    by_key: dict[Key, list[int]] = defaultdict(list)
    for place, contact in enumerate(found):
        for day in {at.astimezone(tz).date() for at in (contact.at, *contact.came)}:
            if first <= day <= last:
                by_key[contact.place, day if time == "day" else 0].append(place)
    for key, mine in by_key.items():
        ways = [_sum([read[place] for place in mine]) for read in by_reading]
        told[key] = {
            name: ways[0][name] if all(way[name] == ways[0][name] for way in ways) else DOUBT
            for name in NAMES
        }
    return told


def contacts(raw: Raw, matter: Matter) -> list[Contact]:
    """Contacts that came to a queue; on each queue one, where the matter is the queue's."""
    keys = [*CONTACT, "queue_id"] if matter == "queue" else [*CONTACT]
    answered = pl.col("entered") & (pl.col("outcome") == ANSWERED)
    rows = (
        visits(raw)
        .filter(pl.col("direction") == "inbound", pl.col("queue_id").is_not_null())
        .group_by(keys, maintain_order=True)
        .agg(
            caller=pl.col("caller_hash").max(),
            at=pl.coalesce(pl.col("at").filter("entered").first(), pl.col("at").first()),
            end=pl.max_horizontal("offered_at", "answered_at", "ended_at").max(),
            offered=pl.col("entered").any(),
            answered=answered.any(),
            resolved=pl.col("resolved").filter(answered).max(),
            resolvable=pl.col("resolvable").filter(answered).max(),
            came=pl.col("at"),
        )
    )
    return [
        Contact(
            row["queue_id"] if matter == "queue" else 0,
            row["caller"], row["at"], row["end"], row["offered"], row["answered"],
            row["resolved"], row["resolvable"],
            tuple(row["came"]) if matter == "queue" and len(row["came"]) > 1 else (),
        )
        for row in rows.iter_rows(named=True)
    ]  # fmt: skip


def data_ends(raw: Raw) -> tuple[datetime, datetime, datetime]:
    """Where the data may be said to end."""
    stamps = pl.max_horizontal("offered_at", "answered_at", "ended_at").max()
    last_call, last_stamp = raw.calls.select(pl.col("offered_at").max(), stamps.alias("last")).row(
        0
    )
    tz = ZoneInfo(raw.zone)
    whole = datetime.combine(last_call.astimezone(tz).date(), datetime.min.time(), tz)
    return last_call, last_stamp, whole


@dataclass(frozen=True)
class _Told:
    """What one contact is to F1, F2 and F3: None where it is on no side, "open" in doubt."""

    gross: bool | Literal["open"] | None
    net: bool | Literal["open"] | None
    settled: bool | Literal["open"] | None


OPEN = _Told("open", "open", "open")


def _read(
    found: list[Contact], reading: Reading, days: int, end: datetime, tz: ZoneInfo
) -> list[_Told]:
    window = timedelta(days=days)
    by_caller: dict[Any, list[Contact]] = defaultdict(list)
    for one in found:
        by_caller[one.place, one.caller].append(one)
    told = []
    for one in found:
        if not (one.offered and one.answered):
            told.append(_Told(None, None, None))
            continue
        if one.came:
            told.append(OPEN)
            continue
        others = by_caller[one.place, one.caller]
        known = bool(one.caller) and len(others) <= MOST_A_DAY
        is_first = not any(
            reading.near(other, one, window)
            for other in others
            if other.offered or reading.any_before
        )
        again = any(reading.near(one, other, window) for other in others if other.offered)
        old = reading.old(one, days, end, tz)
        gross: bool | Literal["open"] | None = None
        net: bool | Literal["open"] | None = None
        if one.resolved is not None:
            gross = (one.resolved and is_first) if known else "open"
            net = gross if one.resolvable else None
        told.append(_Told(gross, net, not again if known and is_first and old else None))
    return told


def _sum(mine: list[_Told]) -> dict[str, Any]:
    sums: dict[str, Any] = {}
    for name, part in (("F1", "gross"), ("F2", "net"), ("F3", "settled")):
        told = [getattr(one, part) for one in mine]
        counted = [one for one in told if one is not None]
        sums[name] = DOUBT if "open" in counted else share(sum(counted), len(counted))
    return sums
