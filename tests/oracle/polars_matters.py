"""How long matters take to be resolved, from raw rows, apart from `kpis`, by the definition's
words.

    figures(read(raw, "queue"), "queue", "day", first, last)[(queue id, date)].seconds == 5400

A matter begins with a contact, and "a contact of the same matter up to 7 days after the one before
belongs to it"; one "of several calls is over with the last of them". It is over at "the end of the
first that was told to be resolved"; "one that is known not to be resolvable never will be"; "of
contacts that overlap, the one that is over first comes first; of those over at the same moment, one
that resolved the matter". An open one is watched "to the end of the last whole day, for 30 days at
most". The median is that of Kaplan and Meier, by Aalen and Johansen where some never will be.

"Times are exact to the second up to an hour, to the minute up to a day, then to the hour": which
way they are rounded is not said, so `near` asks for no more.

DOUBT, where it is only after a matter was watched, though within 30 days, that anybody says whether
it was resolved: which are "these days" is not said; where the end of a call of a contact that tells
it is not known; and where a caller has more than ten contacts on any day, whichever it is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from tests.oracle.polars_oracle import ANSWERED, CONTACT, DOUBT, Key, Open, Raw, visits
from tests.oracle.polars_repeats import MOST_A_DAY, Matter

APART, WATCHED = timedelta(days=7), timedelta(days=30)
SECOND = timedelta(seconds=1)
HOUR_S, DAY_S = 3600, 86_400
Fate = Literal["resolved", "never", "open", "doubt"]
Scope = Literal["site", "queue"]
Days = Literal["total", "day"]
TIMES: tuple[Days, ...] = ("total", "day")


@dataclass(frozen=True)
class Took:
    """One matter: where, from which day on, for how long and to what end."""

    place: Any
    day: date
    seconds: float
    fate: Fate


@dataclass(frozen=True)
class Median:
    """When half of `n` matters were resolved; None: fewer were."""

    seconds: float | None
    n: int


NOTHING = Median(None, 0)


def read(raw: Raw, matter: Matter) -> list[Took]:
    """All matters of which anybody told whether they were resolved."""
    tz = ZoneInfo(raw.zone)
    newest = raw.calls["offered_at"].max()
    if not isinstance(newest, datetime):
        return []
    # The day of the newest call is not whole.
    over = datetime.combine(newest.astimezone(tz).date(), datetime.min.time(), tz)
    place = "queue_id" if matter == "queue" else pl.lit(0).alias("place")
    answered = pl.col("outcome") == ANSWERED
    rows = (
        visits(raw)
        .filter(pl.col("entered"), pl.col("caller_hash") != "")
        .group_by(*CONTACT, place, maintain_order=True)
        .agg(
            caller=pl.col("caller_hash").first(),
            at=pl.col("at").min(),
            ended=pl.when(pl.col("ended_at").is_not_null().all()).then(pl.col("ended_at").max()),
            resolved=pl.col("resolved").filter(answered).max(),
            resolvable=pl.col("resolvable").filter(answered).max(),
        )
        .rename({"queue_id" if matter == "queue" else "place": "where"})
        .sort("caller", "where", "at", *CONTACT)
    )
    on_day: dict[tuple[str, date], set[Any]] = defaultdict(set)
    chains: list[list[dict[str, Any]]] = []
    before: dict[str, Any] = {}
    for row in rows.iter_rows(named=True):
        on_day[row["caller"], row["at"].astimezone(tz).date()].add(row["linked_id"])
        follows = before and all(row[one] == before[one] for one in ("caller", "where"))
        if follows and row["at"] <= before["at"] + APART:
            chains[-1].append(row)
        else:
            chains.append([row])
        before = row
    shared = {caller for (caller, _day), some in on_day.items() if len(some) > MOST_A_DAY}
    told = []
    for chain in chains:
        begun = chain[0]["at"]
        if begun < over:
            seconds, fate = _took(chain, min(over, begun + WATCHED))
            if chain[0]["caller"] in shared:
                fate = "doubt"
            if fate is not None:
                told.append(Took(chain[0]["where"], begun.astimezone(tz).date(), seconds, fate))
    return told


def _took(chain: list[dict[str, Any]], until: datetime) -> tuple[float, Fate | None]:
    begun = chain[0]["at"]
    telling = [
        row | {"first_over": row["ended"] or row["at"]}
        for row in chain
        if row["at"] <= begun + WATCHED
        and (row["resolved"] is not None or row["resolvable"] is False)
    ]
    in_time = [row for row in telling if row["first_over"] <= until]
    for row in sorted(in_time, key=lambda row: (row["first_over"], not row["resolved"])):
        if row["ended"] is None or (row["resolvable"] is False and row["resolved"] is None):
            return 0, "doubt"
        if row["resolved"] or row["resolvable"] is False:
            seconds = (row["ended"] - begun) / SECOND
            return seconds, "resolved" if row["resolved"] else "never"
    if in_time:
        return (until - begun) / SECOND, "open"
    return 0, "doubt" if telling else None


def figures(
    some: Iterable[Took],
    scope: Scope,
    time: Days,
    first: date,
    last: date,
) -> dict[Key, Median | Open]:
    """The median of every key in which a matter began; of a site that of all its queues'."""
    by_key: dict[Key, list[Took]] = defaultdict(list)
    for one in some:
        if first <= one.day <= last:
            where = one.place if scope == "queue" else 0
            by_key[where, one.day if time == "day" else 0].append(one)
    return {
        key: DOUBT if any(one.fate == "doubt" for one in mine) else Median(median(mine), len(mine))
        for key, mine in by_key.items()
    }


def median(some: Iterable[Took]) -> float | None:
    """The first time by which half are resolved."""
    by_time: dict[float, list[Fate]] = defaultdict(list)
    for one in some:
        by_time[one.seconds].append(one.fate)
    at_risk = sum(map(len, by_time.values()))
    unsettled, resolved = 1.0, 0.0
    for seconds in sorted(by_time):
        fates = by_time[seconds]
        resolved += unsettled * fates.count("resolved") / at_risk
        unsettled *= 1 - (len(fates) - fates.count("open")) / at_risk
        at_risk -= len(fates)
        if resolved >= 0.5 - 1e-9:
            return seconds
    return None


def near(told: float | None, want: float | None) -> bool:
    """Whether two are the same, as exactly as they are told."""
    if told is None or want is None:
        return told is want
    return abs(told - want) <= (1 if want <= HOUR_S else 60 if want <= DAY_S else HOUR_S)
