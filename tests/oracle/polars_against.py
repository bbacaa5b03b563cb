"""The program's figures beside the oracle's, cell by cell.

compare(site, first, last)  ->  Compared(cells=1234, found=[])
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
from django.db.models import Min

from ccm.models import Agent, Queue, Site
from kpis.declaration import Need
from kpis.definitions import KPIS
from kpis.models import DayStat
from kpis.reads.reading import By
from kpis.report import Question, Row, answer
from tests.oracle import (
    polars_asked,
    polars_matters,
    polars_money,
    polars_people,
    polars_repeats,
    polars_time,
)
from tests.oracle.polars_oracle import (
    APART,
    OFFERED,
    PERCENTS,
    PLAIN,
    TRANSFERS,
    Exact,
    Figures,
    Key,
    Open,
    Raw,
    Scope,
    Switches,
    Tally,
    Time,
    cells,
    figures,
)
from tests.oracle.polars_rows import raw

# The program's names of figures, by the definitions' own.
NAMES = (
    {f"{name}:count": name for name in ("offered", *OFFERED, *APART)}
    | {f"service_level:{name}": name for name in
       ("SL1", "SL2", "SL3", "SL4", "SL5", "SL6", "SL7", "SL7b", "SL8")}
    | {f"abandon_rate:{name}": name for name in ("A1", "A2", "A3", "A4")}
    | {f"asa:{name}": name for name in ("W1", "W2", "W3")}
    | {f"longest_wait:{of}": f"longest of {of}" for of in ("all", "answered")}
    | {f"wait_p{p}:{of}": f"p{p} of {of}" for p in PERCENTS for of in ("all", "answered")}
    | {"mean_time_to_abandon:mean": "mean time to abandon"}
    | {f"aht:{name}": name for name in ("H1", "H2", "H3", "H4")}
    | {"aht_outbound:H1": "H1 outbound"}
    | {f"{part}:mean": part for part in ("talk", "hold", "acw")}
    | {f"{name}:count": name for name in ("ring_no_answer", "unreachable", "declined", "cancelled")}
    | {"missed_rate:per_offer": "missed per offer", "missed_rate:per_call": "missed per call"}
    | {f"transfer_rate:{kind}": f"transfer rate {kind}" for kind in TRANSFERS}
    | {"transfer_rate:answered": "transfer rate", "resolved_rate:known": "resolved rate"}
    | {"transfer_rate:contacts": "contacts of several agents", "missed:count": "missed"}
    | {f"csat:{name}": name for name in ("C1", "C2", "C3")}
    | {"nps:net": "NPS", "ces:E1": "CES mean", "ces:E2": "CES easy"}
    | {"dials:count": "dials", "connect_rate:dials": "connect rate"}
    | {"conversations:count": "conversations", "fcr:F4": "F4"}
    | {"called_back:count": "called back", "called_back_rate:asked": "called back of asked"}
    | {"time_to_call_back:mean": "time to call back"}
    | {"calls_per_agent:mean": "calls per agent", "escalation_rate:noted": "escalation rate"}
    | {f"{kind}_response:{of}": f"{kind} told of {of}" for kind in ("csat", "nps", "ces")
       for of in ("answered", "invited")}
)  # fmt: skip

# Variants that are compared by themselves, in centres of their own.
OF_TIME = {
    "occupancy:O1": "O1", "occupancy:O2": "O2", "utilisation:U1": "U1", "utilisation:U2": "U2",
    "shrinkage:sum": "shrinkage", "shrinkage:product": "shrinkage product",
    **{
        f"{what}_per_hour:{hours}": f"{what} per {words}"
        for what in polars_time.AN_HOUR
        for hours, words in (("logged_in", "hour"), ("paid", "paid hour"))
    },
}  # fmt: skip
OF_MONEY = {
    "cost_per_call:answered": "cost per answered", "cost_per_call:contacts": "cost per contact",
    "cost_per_call:resolved": "cost per resolved", "conversion:contacts": "sold of contacts",
    "conversion:answered": "sold of answered", "conversion:dials": "sold of dials",
    "revenue:total": "revenue", "revenue:per_contact": "revenue per contact",
    "revenue:per_agent": "revenue per agent", "revenue:per_paid_hour": "revenue per paid hour",
    "pipeline:total": "pipeline",
}  # fmt: skip
OF_PEOPLE = {f"turnover:{one}": one for one in polars_people.TURNOVERS}
OF_MATTERS = "resolution_time:median"
APART_COMPARED = (
    OF_MATTERS, *OF_TIME, *OF_MONEY, *OF_PEOPLE, *(f"fcr:{one}" for one in polars_repeats.NAMES)
)  # fmt: skip
# Variants that the oracle does not reckon yet. They are compared once they have a name above.
UNWRITTEN = ("ramp_time:aht",)
# Figures of the program that are not compared, and why.
NOT_COMPARED = {
    **dict.fromkeys(APART_COMPARED, "in centres of their own, below"),
    **dict.fromkeys(UNWRITTEN, "the oracle does not reckon it yet"),
}

OCCUPANCIES = ("occupancy:O1", "occupancy:O2")
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
VIEWS: tuple[tuple[Scope, Time], ...] = (
    ("site", "total"), ("site", "day"), ("site", "quarter"),
    ("queue", "total"), ("queue", "day"), ("queue", "quarter"),
    ("agent", "total"), ("agent", "day"), ("agent", "quarter"),
)  # fmt: skip
MONEY_VIEWS: tuple[tuple[Scope, polars_money.Days], ...] = (
    ("site", "total"), ("site", "day"), ("queue", "total"), ("queue", "day"),
    ("agent", "total"), ("agent", "day"),
)  # fmt: skip
TimeScope = Literal["site", "agent"]
TIME_VIEWS: tuple[tuple[TimeScope, Time], ...] = (
    ("site", "total"), ("site", "day"), ("site", "quarter"),
    ("agent", "total"), ("agent", "day"), ("agent", "quarter"),
)  # fmt: skip
# Who asks may know what is spent and sold.
KNOWS: frozenset[Need] = frozenset({"costs", "sales"})


@dataclass
class Compared:
    """How many cells were compared, how many the definitions leave open, and those that differ:
    figure, view, key, both values."""

    cells: int = 0
    open: int = 0
    found: list[str] = field(default_factory=list)

    def add(self, other: "Compared") -> None:
        self.cells += other.cells
        self.open += other.open
        self.found += other.found


def there() -> set[str]:
    """Every figure that the program has, as "id:variant"."""
    return {f"{kpi.id}:{variant.id}" for kpi in KPIS.values() for variant in kpi.variants}


def shared() -> list[str]:
    """The figures that both have."""
    return [name for name in NAMES if name in there()]


def compare(
    site: Site,
    first: date,
    last: date,
    switches: Switches = PLAIN,
    views: Iterable[tuple[Scope, Time]] = VIEWS,
    names: Sequence[str] = (),
    rows: Raw | None = None,
) -> Compared:
    """Every cell of the site days `first` to `last`, as the program and as the oracle say; `rows`
    are those of the site, where they are read."""
    done = Compared()
    rows, names = rows or raw(site), names or shared()
    for scope, time in views:
        nothing = figures(Tally(), switches, scope) | polars_asked.NOTHING
        expected = cells(rows, scope, time, switches, first, last)
        # What no switch touches is not reckoned again.
        if any(NAMES[one] in polars_asked.NAMES for one in names):
            for key, more in polars_asked.cells(rows, scope, time, first, last).items():
                expected[key] = expected.get(key, nothing) | more
        expected = {key: polars_asked.NOTHING | told for key, told in expected.items()}
        answered = dict(asked(site, first, last, scope, time, names))
        done.add(
            beside(
                expected, answered, nothing, {one: NAMES[one] for one in names}, f"{scope} {time}"
            )
        )
    return done


def beside(
    expected: Mapping[Key, Figures],
    answered: Mapping[Key, Row],
    nothing: Figures,
    names: Mapping[str, str],
    what: str,
) -> Compared:
    """Every cell of one view, where a key that the oracle has not has `nothing`."""
    done = Compared()
    for key in expected.keys() | answered.keys():
        told, row = expected.get(key, nothing), answered.get(key)
        for name, own in names.items():
            want = told[own]
            if isinstance(want, Open):
                done.open += 1
                continue
            done.cells += 1
            if not same(row, name, want):
                done.found.append(f"{name}, {what} {key}: {_said(row, name)}, oracle {want}")
    return done


def compare_repeats(
    site: Site,
    first: date,
    last: date,
    matter: polars_repeats.Matter,
    days: int,
    rows: Raw | None = None,
) -> Compared:
    """F1 to F3 of the queues, or of the site where any contact is of the same matter."""
    done, rows = Compared(), rows or raw(site)
    scope: Scope = "queue" if matter == "queue" else "site"
    names = {f"fcr:{one}": one for one in polars_repeats.NAMES}
    repeats = polars_repeats.read(rows, matter, days)
    for time in ("total", "day"):
        expected = polars_repeats.figures(repeats, time, first, last)
        answered = dict(asked(site, first, last, scope, time, [*names]))
        done.add(
            beside(expected, answered, dict.fromkeys(names.values()), names, f"{scope} {time}")
        )
    return done


def compare_matters(
    site: Site,
    first: date,
    last: date,
    matter: polars_repeats.Matter,
    rows: Raw | None = None,
) -> Compared:
    """How long matters took that began on these days, of queues and of the site."""
    done, some = Compared(), polars_matters.read(rows or raw(site), matter)
    scopes: tuple[polars_matters.Scope, ...] = ("site", "queue") if matter == "queue" else ("site",)
    views: list[tuple[polars_matters.Scope, polars_matters.Days]] = [
        (scope, time) for scope in scopes for time in polars_matters.TIMES
    ]
    for scope, time in views:
        expected = polars_matters.figures(some, scope, time, first, last)
        answered = dict(asked(site, first, last, scope, time, [OF_MATTERS]))
        for key in expected.keys() | answered.keys():
            want, row = expected.get(key, polars_matters.NOTHING), answered.get(key)
            if isinstance(want, Open):
                done.open += 1
                continue
            done.cells += 1
            n = row.figures[OF_MATTERS].n if row else 0
            if n != want.n or not polars_matters.near(_value(row, OF_MATTERS), want.seconds):
                said = _said(row, OF_MATTERS)
                done.found.append(f"{OF_MATTERS}, {scope} {time} {key}: {said}, oracle {want}")
    return done


def compare_money(
    site: Site,
    first: date,
    last: date,
    kinds: tuple[str, ...] = (),
    rows: Raw | None = None,
) -> Compared:
    """What calls cost and sold; of costs only `kinds` count, none: all."""
    done, rows = Compared(), rows or raw(site)
    for scope, time in MONEY_VIEWS:
        counted = cells(rows, scope, time, PLAIN, first, last)
        by_day = counted if time == "day" else cells(rows, scope, "day", PLAIN, first, last)
        nothing = figures(Tally(), PLAIN, scope)
        answered = dict(asked(site, first, last, scope, time, [*OF_MONEY]))
        expected = polars_money.figures(
            rows, scope, time, first, last, counted, by_day, nothing, kinds, answered
        )
        done.add(
            beside(
                expected, answered, dict.fromkeys(polars_money.NAMES), OF_MONEY,
                f"{scope} {time}",
            )
        )  # fmt: skip
    return done


def compare_people(site: Site, first: date, last: date, rows: Raw | None = None) -> Compared:
    """Who came and went, of a site in all and by day; a queue employs nobody."""
    done, rows = Compared(), rows or raw(site)
    nobody: Figures = dict.fromkeys(polars_people.TURNOVERS)
    views: tuple[tuple[Scope, Time], ...] = (
        ("site", "total"), ("site", "day"), ("queue", "total"),
    )  # fmt: skip
    for scope, time in views:
        answered = dict(asked(site, first, last, scope, time, [*OF_PEOPLE]))
        expected = {}
        if scope == "site":
            since = max(first, min(_known_since(site, rows) or first, last + DAY))
            spans = {key: (key[1], key[1]) if time == "day" else (since, last) for key in answered}
            expected = {key: polars_people.turnover(rows, *span) for key, span in spans.items()}
        done.add(beside(expected, answered, nobody, OF_PEOPLE, f"{scope} {time}"))
    return done


def _known_since(site: Site, rows: Raw) -> date | None:
    """The first day of the record, or an earlier one on which somebody had left."""
    begun = DayStat.objects.filter(site=site).aggregate(day=Min("day"))["day"]
    gone = rows.agents.filter(pl.col("hired_on").is_not_null())["left_on"].drop_nulls()
    return begun and min([begun, *gone.to_list()])


def compare_time(
    site: Site,
    first: date,
    last: date,
    views: Iterable[tuple[TimeScope, Time]] = TIME_VIEWS,
    productive: tuple[str, ...] = (),
    rows: Raw | None = None,
) -> Compared:
    """Occupancy, and what agents were paid for, of a site and its agents; pauses for `productive`
    reasons are productive time."""
    done, rows = Compared(), rows or raw(site)
    agents = list(Agent.objects.filter(site=site).values_list("pk", flat=True))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    spans = {day: (day_start(day, site.tz), day_start(day + DAY, site.tz)) for day in days}
    for scope, time in views:
        cuts: dict[Key, list[tuple[polars_time.Span, date]]] = {}
        for who in agents if scope == "agent" else [0]:
            for day, (start, end) in spans.items():
                if time == "quarter":
                    for n in range((end - start) // QUARTER):
                        at = start + n * QUARTER
                        cuts[who, at] = [((at, at + QUARTER), day)]
                else:
                    cuts.setdefault((who, day if time == "day" else 0), []).append(
                        ((start, end), day)
                    )
        names = OF_TIME if time != "quarter" else {one: OF_TIME[one] for one in OCCUPANCIES}
        counted = cells(rows, scope, time, PLAIN, first, last)
        answered = dict(asked(site, first, last, scope, time, [*names]))
        expected = polars_time.figures(rows, scope, cuts, counted, productive, answered)
        nothing: Figures = dict.fromkeys(polars_time.NAMES)
        done.add(beside(expected, answered, nothing, names, f"{scope} {time}"))
    return done


def day_start(day: date, tz: ZoneInfo) -> datetime:
    """When a site's day begins: with the first moment of its date."""
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    return next(
        at
        for at in (noon + n * QUARTER for n in range(-120, 120))
        if at.astimezone(tz).date() >= day
    )


def asked(
    site: Site, first: date, last: date, scope: Scope, time: Time, names: Sequence[str]
) -> Iterator[tuple[Key, Row]]:
    """The program's rows of a view by the oracle's keys."""

    def rows(by: By, **only: Any) -> list[Row]:
        asked = Question([site], first, last, by=by, kpis=names, knows=KNOWS, **only)
        return answer(asked, is_bound=False)

    by: By = "interval" if time == "quarter" else time
    if scope == "site":
        yield from (((0, row.id or 0), row) for row in rows(by))
    elif time == "total":
        yield from (((row.id, 0), row) for row in rows(scope))
    else:
        some = Queue.objects if scope == "queue" else Agent.objects
        for one in some.filter(site=site):
            yield from (((one.pk, row.id), row) for row in rows(by, **{f"{scope}s": [one]}))


def same(row: Row | None, name: str, want: Exact | None) -> bool:
    """Whether a row says of a figure what the oracle does. No row at all: nothing was counted.

    A percentile that the program calls approximate lies between the whole seconds about it.
    """
    value = _value(row, name)
    if want is None:
        return value is None
    if row is None:
        return want.n == 0
    if value is None or want.n not in (None, row.figures[name].n):
        return False
    if row.figures[name].precision:
        return math.floor(want.value) <= value <= math.ceil(want.value)
    return math.isclose(value, want.value, rel_tol=1e-12, abs_tol=1e-12)


def _said(row: Row | None, name: str) -> str:
    return "no row" if row is None else f"{_value(row, name)} of {row.figures[name].n}"


def _value(row: Row | None, name: str) -> float | int | None:
    return None if row is None else row.figures[name].value
