"""First contact resolution F1 to F3 from raw rows, apart from `kpis`, by the definitions' words.

    figures(read(raw, "queue", 7), "day", first, last)[(queue id, date)]["F3"] == Exact(4, 5, 5)

Where the same matter is the same queue each queue has its figures, where it is any, the site has.
"A window's days are of 24 hours, from entry to entry", and contacts are known of a day "that the
record follows for as many whole days as the window has". What the words leave open is tried in
every way (`READINGS`), and where those do not agree the cell is DOUBT: whether its very end is in a
window, whether a contact that was never offered comes before another, and whether one of the very
same moment comes before and after.

A queue is counted in visits: each that it answered counts, and another of the same contact is no
other contact: all stand where the first came. A caller unknown or of more than ten contacts on a
day is left out; those of such a caller on other days and queues are open.
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
    """What a caller came for: a visit of a queue, or a contact at the site."""

    place: Any
    id: tuple[str, str]
    caller: str
    at: datetime
    entry: datetime
    """When the contact came here first."""
    offered: bool
    answered: bool
    resolved: bool | None
    resolvable: bool | None


@dataclass(frozen=True)
class Reading:
    """One way to take the words."""

    closed: bool
    any_before: bool
    at_once: bool

    def near(self, one: Contact, other: Contact, window: timedelta) -> bool:
        """Whether `other` came after `one` and within its window."""
        begun, after = one.entry, other.entry
        if begun >= after:
            return self.at_once and begun == after
        return after <= begun + window if self.closed else after < begun + window


READINGS = [Reading(*one) for one in product(*[(False, True)] * 3)]


@dataclass(frozen=True)
class Repeats:
    """The contacts of a site, and what each is in every reading."""

    zone: ZoneInfo
    contacts: list[Contact]
    by_reading: list[list["_Told"]]


def read(raw: Raw, matter: Matter, days: int) -> Repeats:
    found, tz = contacts(raw, matter), ZoneInfo(raw.zone)
    newest = raw.calls["offered_at"].max()
    if not isinstance(newest, datetime):
        return Repeats(tz, [], [])
    # The day of the newest call is not whole.
    known = newest.astimezone(tz).date() - timedelta(days + 1)
    return Repeats(tz, found, [_read(found, one, days, known, tz) for one in READINGS])


def figures(
    repeats: Repeats, time: Literal["total", "day"], first: date, last: date
) -> dict[Key, Figures]:
    """F1 to F3 of every key that has a contact."""
    told: dict[Key, Figures] = {}
    by_key: dict[Key, list[int]] = defaultdict(list)
    for place, contact in enumerate(repeats.contacts):
        day = contact.at.astimezone(repeats.zone).date()
        if first <= day <= last:
            by_key[contact.place, day if time == "day" else 0].append(place)
    for key, mine in by_key.items():
        ways = [_sum([read[place] for place in mine]) for read in repeats.by_reading]
        told[key] = {
            name: ways[0][name] if all(way[name] == ways[0][name] for way in ways) else DOUBT
            for name in NAMES
        }
    return told


def contacts(raw: Raw, matter: Matter) -> list[Contact]:
    """Contacts that came to a queue; where the matter is the queue's, each visit of one."""
    keys = [*CONTACT, "queue_id", "id"] if matter == "queue" else [*CONTACT]
    answered = pl.col("entered") & (pl.col("outcome") == ANSWERED)
    rows = (
        visits(raw)
        .filter(pl.col("direction") == "inbound", pl.col("queue_id").is_not_null())
        .group_by(keys, maintain_order=True)
        .agg(
            caller=pl.col("caller_hash").max(),
            at=pl.coalesce(pl.col("at").filter("entered").first(), pl.col("at").first()),
            offered=pl.col("entered").any(),
            answered=answered.any(),
            resolved=pl.col("resolved").filter(answered).max(),
            resolvable=pl.col("resolvable").filter(answered).max(),
        )
    )
    entries: dict[tuple[Any, ...], datetime] = {}
    found = []
    for row in rows.sort("at").iter_rows(named=True):
        place, one = row["queue_id"] if matter == "queue" else 0, (row["source"], row["linked_id"])
        if row["offered"]:
            entries.setdefault((place, one), row["at"])
        found.append(
            Contact(
                place, one, row["caller"], row["at"], entries.get((place, one), row["at"]),
                row["offered"], row["answered"], row["resolved"], row["resolvable"],
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class _Told:
    """What one contact is to F1, F2 and F3: None where it is on no side, "open" in doubt."""

    gross: bool | Literal["open"] | None
    net: bool | Literal["open"] | None
    settled: bool | Literal["open"] | None


OPEN = _Told("open", "open", "open")


def _read(
    found: list[Contact], reading: Reading, days: int, known_to: date, tz: ZoneInfo
) -> list[_Told]:
    window = timedelta(days=days)
    by_caller: dict[Any, list[Contact]] = defaultdict(list)
    on_day: dict[Any, set[Any]] = defaultdict(set)
    for one in found:
        by_caller[one.place, one.caller].append(one)
        day = one.at.astimezone(tz).date()
        on_day[None, one.caller, day].add(one.id)
        on_day[one.place, one.caller, day].add(one.id)
    crowded = {key for key, some in on_day.items() if len(some) > MOST_A_DAY}
    shared = {caller for _place, caller, _day in crowded}
    told = []
    for one in found:
        if not (one.offered and one.answered):
            told.append(_Told(None, None, None))
            continue
        others = [other for other in by_caller[one.place, one.caller] if other.id != one.id]
        known = bool(one.caller)
        if known and one.caller in shared:
            known = False
            if (one.place, one.caller, one.at.astimezone(tz).date()) not in crowded:
                told.append(OPEN)
                continue
        is_first = not any(
            reading.near(other, one, window)
            for other in others
            if other.offered or reading.any_before
        )
        again = any(reading.near(one, other, window) for other in others if other.offered)
        old = one.at.astimezone(tz).date() <= known_to
        gross: bool | Literal["open"] | None = None
        net: bool | Literal["open"] | None = None
        if one.resolved is not None and known:
            gross = one.resolved and is_first
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
