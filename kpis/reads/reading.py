"""Reads of the rollups: one `Counts` a key, summed in the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, TypeVar

from django.db import connection

from ccm import long_reads
from ccm.database import WITHOUT_LOOPS
from ccm.intervals import (
    UTC_DAYS,
    Calendar,
    Span,
    day_of,
    day_starts,
    days,
    same_clock,
    site_days,
)
from ccm.models import Direction
from kpis.dimensions import (
    OF_CALLS,
    OF_DAYS,
    OF_IDS,
    OF_QUARTERS,
    OF_VISITS,
    By,
    cuts,
    keys_of_days,
)
from kpis.models import DayStat, IntervalStat, Unit
from kpis.rollups import afresh
from kpis.rollups.units import first_day_sql
from kpis.sums.counts import ADDITIVE, FAMILIES, PART_SETS, Counts, Family
from kpis.sums.histogram import Histogram
from kpis.sums.staff import Answering
from kpis.sums.surveys import asked_of, scales_of

_One = TypeVar("_One")
_COLUMNS: Mapping[By, str] = {
    "interval": "start",
    "day": "day",
    "site": "site_id",
    "channel": "channel",
    "direction": "direction",
    **{by: f"COALESCE({by}_id, 0)" for by in OF_IDS if by != "site"},
}
"""Dimensions whose key stands in a row as it is; no id is 0, for null would not join."""
_TYPES: Mapping[By, str] = {
    "clock": "int",
    "weekday": "int",
    "half_hour": "timestamptz",
    "hour": "timestamptz",
    "day": "date",
    "week": "date",
    "us_week": "date",
    "month": "date",
}
_OF_CALL: tuple[By, ...] = ("queue", "channel", "direction", *OF_CALLS)
"""What a visit has of its call, under the same name."""
_LONGEST = ("max_wait_ms", "max_answered_wait_ms")
# Of visits `several_agents` is null, as their sum is; of contacts it adds up.
_SUMS = (*ADDITIVE, "several_agents")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which counts: of `sites`, on site days [first, last] or in `spans` of UTC, inbound.

    `queues` and `agents` None means not picked by queue or agent: sites then count contacts.
    An empty list picks nothing. Outbound calls are counted in visits alone. Calls on no queue are
    among the others; inbound, they were never offered. `only` picks by keys of other dimensions.
    `direction` "": any.

    `calendars` are the sites by how they tell their days: needed for what the clock tells, for
    weeks and months, and for sales. Of sites in several zones hours are those of UTC.
    `until` are the sites whose days each end early, at what their clock shows at a moment: days are
    then counted by whole quarter hours. `within` are the first and last of the days, by site, that
    "within" tells from the others. `parts` are the first days of the parts, in order, whose numbers
    from 1 on "part" tells; a day before all of them is in part 0.
    `spans` count whole quarter hours, do not overlap, do not reach agents, and by day each is the
    day of `calendar` that it begins on; nothing else than the total, quarter hours and days is told
    of them.
    """

    sites: Sequence[int]
    first: date | None = None
    last: date | None = None
    spans: Sequence[Span] = ()
    calendar: Calendar = UTC_DAYS
    queues: Sequence[int] | None = None
    agents: Sequence[int] | None = None
    channel: str = ""
    direction: str = Direction.INBOUND
    only: Mapping[By, Sequence[Any]] = field(default_factory=dict)
    calendars: Mapping[Calendar, Sequence[int]] = field(default_factory=dict)
    until: Mapping[int, datetime] = field(default_factory=dict)
    within: Mapping[int, tuple[date, date]] = field(default_factory=dict)
    parts: Sequence[date] = ()

    @property
    def together(self) -> bool:
        """Whether its sites are in several zones."""
        return len({calendar.zone for calendar in self.calendars}) > 1

    @property
    def picked(self) -> Mapping[By, Sequence[Any]]:
        """All keys that it picks by, whichever way it holds them, but for its direction."""
        keys: dict[By, Sequence[Any]] = dict(self.only)
        if self.queues is not None:
            keys["queue"] = self.queues
        if self.agents is not None:
            keys["agent"] = self.agents
        if self.channel:
            keys["channel"] = [self.channel]
        return keys

    def told_by(self, *asked: By) -> set[By]:
        """Everything that what is read is told by: the keys asked for, and those picked by. Whether
        it can be told depends on this alone, so that a cell and the same picked agree."""
        others = self.direction not in ("", Direction.INBOUND)
        directions: set[By] = {"direction"} if others else set()
        return {*asked, *self.picked, *directions} - {"total"}

    def unit(self, *asked: By) -> Unit:
        """Contacts for a site or the house; visits where queues or agents are picked, or what a
        contact has several of."""
        picked = self.queues is not None or self.agents is not None
        told = {*asked, *self.only} & {*OF_VISITS}
        inbound = self.direction == Direction.INBOUND
        return Unit.VISIT if picked or told or not inbound else Unit.CONTACT

    def of_agents(self, *asked: By) -> bool:
        """Whether what each agent did is summed, instead of what happened to calls."""
        return self.agents is not None or bool({*asked, *self.only} & {"agent", "team"})

    def by_queue(self, *asked: By) -> bool:
        """Whether queues are picked or told apart."""
        return self.queues is not None or "queue" in {*asked, *self.only}

    def by_quarter(self, *asked: By) -> bool:
        """Whether quarter hours are summed, instead of days."""
        told = {*asked, *self.only} & {*OF_QUARTERS}
        return bool(self.spans or self.until or told)

    def of_calls(self, *asked: By) -> bool:
        """Whether the calls themselves are to be read, for no counts are kept of this."""
        if {*asked, *self.only} & {*OF_CALLS}:
            return True
        return self.of_agents(*asked) and self.by_quarter(*asked) and not self.spans

    @property
    def may_read_calls(self) -> bool:
        """Whether what is told beside counts may be read from the calls: of whole days that are
        not too many."""
        return not (self.spans or self.until or self.first is None or self.is_long)

    @property
    def is_long(self) -> bool:
        """Whether it is of more days than are read from the calls."""
        if self.first is None or self.last is None:
            return False
        return (self.last - self.first).days >= afresh.MOST_DAYS


def counts(selection: Selection, by: By = "total") -> dict[Any, Counts]:
    """Counts by key: a moment, a date, a number or an id; None alone for the total.

    One query whatever the selection holds. Raises ValueError for spans by agent: agents are
    counted by day only.
    """
    found = {one: here for (one,), here in cells(selection, (by,)).items()}
    return days_of_spans(selection, by, found)


def cells(
    selection: Selection,
    keys: Sequence[By],
    only: Sequence[str] = (),
    quarter_hours: str | None = None,
    waits: bool = True,
    families: Collection[Family] = FAMILIES,
) -> dict[tuple[Any, ...], Counts]:
    """Counts by several keys at once, in the order asked. One query.

    Cells are many: `only` names the sums that are needed of them, "surveys" may be one; the rest
    is then 0. No maximum, histogram or handling can be named. Without `waits` there is no
    histogram, which is most of what is read. `families` are needed beside how calls ended and
    waited: where the calls are read, what is of no such family is 0. `quarter_hours` is a relation
    that narrows the rows of IntervalStat, and tells their site's `day` too.
    """
    if not selection.of_calls(*keys):
        families = FAMILIES  # they are kept together
    if not waits:
        families = {*families} - {"waits"}
    if only:
        families = {family for family, names in FAMILIES.items() if {*names} & {*only}}
    picked = _picked(selection, keys, quarter_hours=quarter_hours, families=families)
    names = ", ".join(_names(keys))
    if only:
        unknown = set(only) - {*_SUMS, "surveys"}
        if unknown:
            raise ValueError(f"no sums: {', '.join(sorted(unknown))}")
        sums = [_JOINED.get(name, f"sum({name})::bigint") for name in only]
        query = f"SELECT {names}, {', '.join(sums)} FROM ({picked.sql}) AS picked GROUP BY {names}"
    else:
        query = counting(picked.sql, names, families)
    rows = rows_of(query, picked.values, of_calls=selection.of_calls(*keys))
    counted = [row[len(keys) :] for row in rows]
    made = _some(only, counted) if only else counts_of(counted)
    return {_keys_of(keys, row): counts for row, counts in zip(rows, made, strict=True)}


def rows_of(
    query: str, values: Mapping[str, Any] | Sequence[Any], of_calls: bool
) -> Sequence[tuple[Any, ...]]:
    """What is kept counted is there at once; to read the calls may take long."""
    if of_calls:
        return long_reads.rows(WITHOUT_LOOPS + query, values)
    return long_reads.beside(query, values)


def _names(keys: Sequence[By]) -> list[str]:
    """Under which names the keys stand in a query."""
    return [f"k{place}" for place in range(len(keys))]


def _keys_of(keys: Sequence[By], row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(key_of(by, key) for by, key in zip(keys, row, strict=False))


def _some(only: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[Counts]:
    """Rows of the sums that were asked for."""
    named = [dict(zip(only, row, strict=True)) for row in rows]
    surveys = scales_of([one.pop("surveys", None) or "" for one in named])
    for one, scales in zip(named, surveys, strict=True):
        yield Counts(**one, surveys=scales)


OF_DIALS: tuple[Family, ...] = ("waits", "handling")
"""What figures of outbound calls are read from, beside how those ended."""


def outbound(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Counts]:
    """Counts of the outbound calls of a selection, by several keys; by direction nothing where
    another is picked."""
    if "direction" in keys and selection.direction not in ("", Direction.OUTBOUND):
        return {}
    return cells(replace(selection, direction=Direction.OUTBOUND), keys, families=OF_DIALS)


def key_of(by: By, key: Any) -> Any:
    """A key as the database gives it: null, where there is none, is 0 there."""
    return None if by == "total" or (by in OF_IDS and key == 0) else key


def days_of_spans(selection: Selection, by: By, found: dict[Any, _One]) -> dict[Any, _One]:
    """What was found by day in spans, by the day that each span begins on, not by its place."""
    if by != "day" or not selection.spans:
        return found
    starts = sorted(span.start for span in selection.spans)
    return {day_of(starts[place - 1], selection.calendar): one for place, one in found.items()}


def counts_of(rows: Sequence[Sequence[Any]]) -> Iterator[Counts]:
    """Rows of `counting` without their keys."""
    plain = len(_SUMS) + len(_LONGEST)
    surveys = scales_of([row[-2] or "" for row in rows])
    asked = asked_of([row[-1] or "" for row in rows])
    for row, scales, kinds in zip(rows, surveys, asked, strict=True):
        *arrays, codes, ns, _surveys, _asked = row[plain:]
        yield Counts(
            **dict(zip((*_SUMS, *_LONGEST), row[:plain], strict=True)),
            handle_n=tuple(arrays[:PART_SETS]),
            handle_ms=tuple(arrays[PART_SETS:]),
            wait_hist=Histogram.from_texts(codes or "", ns or ""),
            surveys=scales,
            asked=kinds,
        )


def answering(selection: Selection, keys: Sequence[By]) -> dict[tuple[Any, ...], Answering] | None:
    """Who answered anything, by several keys; None where that cannot be told: by quarter hour and
    by what only calls tell the calls are read, and of too many days or in spans they are not. Where
    the last key is "within", there is one of None too: whoever answered on any day.
    """
    anew = selection.by_quarter(*keys) or selection.of_calls(*keys)
    if anew and not selection.may_read_calls:
        return None
    agent = "agent_id"
    if anew:
        # As calls are counted for each agent, which nobody is.
        agent = f"k{len(keys)}"
        picked = _picked(selection, (*keys, "agent"), families=())
    else:
        picked = _picked(selection, keys, of_agents=True)
    *others, last = _names(keys)
    names = ", ".join((*others, last))
    groups = names
    if keys[-1] == "within":
        groups = f"GROUPING SETS (({names}), ({', '.join(others)}))"
    query = (
        f"SELECT {names}, count(DISTINCT {agent}), sum(answered)::bigint"
        f" FROM ({picked.sql}) AS picked WHERE answered > 0 GROUP BY {groups}"
    )
    found = rows_of(query, picked.values, of_calls=anew)
    return {_keys_of(keys, row): Answering(agents, answered) for *row, agents, answered in found}


class Statement(NamedTuple):
    """SQL and the values it takes."""

    sql: str
    values: dict[str, Any]


def _picked(
    selection: Selection,
    keys: Sequence[By],
    of_agents: bool = False,
    quarter_hours: str | None = None,
    families: Collection[Family] = FAMILIES,
) -> Statement:
    """The rows of counts that a selection picks, with their keys k0, k1 and so on."""
    unit = selection.unit(*keys)
    agents = of_agents or selection.of_agents(*keys)
    if agents:
        unit = Unit.VISIT if selection.by_queue(*keys) else Unit.AGENT
    where = Where(selection)
    where.add("unit = %(unit)s", unit=str(unit))
    if selection.direction:
        where.add_of_call("direction = %(direction)s", direction=str(selection.direction))
    if selection.channel:
        where.add_of_call("channel = %(channel)s", channel=selection.channel)
    if selection.queues is not None:
        where.add_of_call("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    elif "queue" in keys and not agents:
        where.add("queue_id IS NOT NULL")
    elif unit in (Unit.AGENT, Unit.CONTACT) and not selection.of_calls(*keys):
        where.add("queue_id IS NULL")  # as these are: said, for the sake of the index
    if selection.agents is not None:
        where.add("agent_id = ANY(%(agents)s)", agents=list(selection.agents))
    by_quarter = selection.by_quarter(*keys)
    if selection.of_calls(*keys):
        return _of_calls(selection, keys, where, families)
    if (by_quarter or quarter_hours) and agents:
        raise ValueError("agents are counted by day, not by quarter hour")
    where.in_time(by_quarter)
    source = (IntervalStat if by_quarter else DayStat)._meta.db_table
    if quarter_hours is not None:
        source = quarter_hours
        if not by_quarter:
            # Any site's days lie within a day of the same days in UTC.
            where.add("start >= %(first)s - interval '1 day'")
            where.add("start < %(last)s + interval '2 days'")
    elif not by_quarter:
        where.add("agent_id IS NOT NULL" if agents else "agent_id IS NULL")
    if where.keyed(*keys):
        source = f"{source} AS s {IN_TEAMS.format('s')}"
    made = where.keys(keys, not by_quarter)
    return Statement(f"SELECT {made}, * FROM {source} WHERE {where}", where.values)


def _of_calls(
    selection: Selection, keys: Sequence[By], where: "Where", families: Collection[Family]
) -> Statement:
    """As `_picked`, from the calls themselves."""
    made = where.keys(keys, True)
    if selection.by_quarter(*keys):
        where.add("NOT day_only")
    where.until()
    asked = afresh.Asked(
        of_agents=selection.of_agents(*keys),
        in_teams=IN_TEAMS.format("s") if where.keyed(*keys) else "",
        keys=made,
        names=tuple(_names(keys)),
        where=" AND ".join(where.parts[1:]),  # the unit of these is visits
        calls=_calls_needed(selection, where),
        families=families,
    )
    first, last = selection.first, selection.last
    if first is None or last is None:
        raise ValueError("calls are read by day: which days?")
    sql, values = afresh.counted(selection.calendars, first, last, asked, where.values)
    return Statement(sql, values)


# What an agent answered, or rang at them.
_THEIRS = """(agent_id = ANY({0}) OR id IN (
    SELECT call_id FROM ccm_offer
    WHERE agent_id = ANY({0}) AND call_id >= %(low)s AND call_id < %(high)s
))"""
# Whoever ever was in one of some teams.
MEMBERS = "ARRAY(SELECT agent_id FROM ccm_teammembership WHERE team_id = ANY({0}))"


def _calls_needed(selection: Selection, where: "Where") -> list[str]:
    """Conditions that are true of each call that a selection's visits, and rings, are of."""
    needed = [*where.of_calls]
    if selection.agents is not None:
        needed.append(_THEIRS.format("%(agents)s"))
    if None not in selection.only.get("team", [None]):
        needed.append(_THEIRS.format(MEMBERS.format("%(o_team)s")))
    return needed


# The team that the agent of a row was in on its day.
IN_TEAMS = (
    "LEFT JOIN (SELECT agent_id AS member_id, team_id, starts_on, ends_on FROM ccm_teammembership)"
    " AS m ON m.member_id = {0}.agent_id AND m.starts_on <= {0}.day"
    " AND (m.ends_on IS NULL OR m.ends_on > {0}.day)"
)


# Whether a row's day is one of those of its site; 1 or 0.
WITHIN = (
    "(EXISTS (SELECT FROM unnest(%(w_sites)s::bigint[], %(w_firsts)s::date[], %(w_lasts)s::date[])"
    " AS w(site, a, z) WHERE site_id = w.site AND day BETWEEN w.a AND w.z))::int"
)


class Where:
    """The conditions of a selection on rows with a site and a day or a quarter hour, and the
    values that these and the keys take."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.parts: list[str] = []
        self.of_calls: list[str] = []
        """Those that are true of a call where they are of its visit."""
        self.values: dict[str, Any] = {
            "sites": list(selection.sites),
            "first": selection.first,
            "last": selection.last,
        }
        if selection.within:
            firsts, lasts = zip(*selection.within.values(), strict=True)
            self.values |= {
                "w_sites": [*selection.within], "w_firsts": [*firsts], "w_lasts": [*lasts]
            }  # fmt: skip

    def __str__(self) -> str:
        return " AND ".join(("site_id = ANY(%(sites)s)", *self.parts))

    def add(self, part: str, **values: Any) -> None:
        self.parts.append(part)
        self.values |= values

    def add_of_call(self, part: str, **values: Any) -> None:
        self.add(part, **values)
        self.of_calls.append(part)

    def in_time(self, by_quarter: bool) -> None:
        """Of the selection's days, or of its spans; quarter hours of each site's own days."""
        selection = self.selection
        if not by_quarter:
            self.add("day BETWEEN %(first)s AND %(last)s")
            return
        if selection.spans:
            spans = sorted(selection.spans, key=lambda span: span.start)
            self.add(
                "EXISTS (SELECT FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[])"
                " AS p(a, z) WHERE start >= a AND start < z)"
                " AND start >= %(low)s AND start < %(high)s",
                starts=[span.start for span in spans],
                ends=[span.end for span in spans],
                low=spans[0].start,
                high=max(span.end for span in spans),
            )
            return
        parts = []
        for number, (calendar, sites) in enumerate(selection.calendars.items()):
            if selection.first is None or selection.last is None:
                raise ValueError("quarter hours of which days?")
            span = site_days(selection.first, selection.last, calendar)
            parts.append(
                f"(site_id = ANY(%(z{number})s)"
                f" AND start >= %(a{number})s AND start < %(e{number})s)"
            )
            self.values |= {
                f"z{number}": list(sites), f"a{number}": span.start, f"e{number}": span.end
            }  # fmt: skip
        self.add(f"({' OR '.join(parts) or 'false'})")
        self.until()

    def until(self) -> None:
        """Each site's days up to where they end early."""
        selection = self.selection
        if not selection.until:
            return
        first, last = selection.first, selection.last
        if first is None or last is None:
            raise ValueError("the ends of which days?")
        early: dict[tuple[Calendar, datetime], list[int]] = {}
        for calendar, sites in selection.calendars.items():
            for site in sites:
                if site in selection.until:
                    early.setdefault((calendar, selection.until[site]), []).append(site)
        parts = ["site_id <> ALL(%(early)s)"]
        self.values["early"] = list(selection.until)
        for number, ((calendar, moment), sites) in enumerate(early.items()):
            ends = [same_clock(moment, day, calendar) for day in days(first, last)]
            self.values |= {
                f"u_sites{number}": sites,
                f"u_starts{number}": _array(day_starts(first, last, calendar)),
                f"u_ends{number}": _array(ends),
            }
            parts.append(
                f"(site_id = ANY(%(u_sites{number})s)"
                f" AND start < (%(u_ends{number})s::timestamptz[])"
                f"[width_bucket(start, %(u_starts{number})s::timestamptz[])])"
            )
        self.add(f"({' OR '.join(parts)})")

    def keyed(self, *asked: By) -> bool:
        """Whether any key is of a team, which no row knows by itself."""
        return "team" in {*asked, *self.selection.only}

    def keys(self, many: Sequence[By], has_day: bool) -> str:
        """The keys k0, k1 and so on of a row, as columns; and the condition that a row has those
        that the selection picks by."""
        for by, keys in self.selection.only.items():
            self.only(by, keys, has_day)
        columns = zip((self.key(by, has_day) for by in many), _names(many), strict=True)
        return ", ".join(f"{key} AS {name}" for key, name in columns)

    def key(self, by: By, has_day: bool) -> str:
        """A dimension's key as SQL on a row, which has a `day` or, else, its `start` alone."""
        if by == "total":
            return "0"
        if by == "within":
            return WITHIN
        if by == "part":
            self.values["parts"] = _array(self.selection.parts)
            return "width_bucket(day, %(parts)s::date[])"
        if by == "day" and self.selection.spans:
            # Which span it is; `counts` knows its day.
            return "width_bucket(start, %(starts)s::timestamptz[])"
        if by in _COLUMNS and (by != "day" or has_day):
            return _COLUMNS[by]
        first, last = self.selection.first, self.selection.last
        if first is None or last is None:
            raise ValueError(f"by {by} of which days?")
        if by in OF_DAYS and has_day:
            self.values[f"k_{by}"] = _array(keys_of_days(by, first, last))
            return f"(%(k_{by})s::{_TYPES[by]}[])[day - %(first)s::date + 1]"
        cases = []
        for number, (calendar, sites) in enumerate(self.selection.calendars.items()):
            parts = cuts(by, first, last, calendar, self.selection.together)
            name = f"{by}{number}"
            self.values |= {
                f"s_{name}": list(sites),
                f"c_{name}": _array(parts.starts),
                f"k_{name}": _array(parts.keys),
            }
            cases.append(
                f"WHEN site_id = ANY(%(s_{name})s) THEN (%(k_{name})s::{_TYPES[by]}[])"
                f"[width_bucket(start, %(c_{name})s::timestamptz[])]"
            )
        return f"CASE {' '.join(cases)} END" if cases else "0"

    def only(self, by: By, keys: Iterable[Any], has_day: bool) -> None:
        """Rows with one of these keys."""
        one = self.key(by, has_day)
        add = self.add_of_call if by in _OF_CALL else self.add
        add(
            f"{one} = ANY(%(o_{by})s)",
            **{f"o_{by}": [0 if key is None else key for key in keys]},
        )


def _array(values: Iterable[Any]) -> str:
    """An array as PostgreSQL reads it from text: thousands of values as one."""
    return "{" + ",".join(str(one) for one in values) + "}"


_JOINED = {
    name: f"string_agg({name}, '{separator}') FILTER (WHERE {name} <> '')"
    for name, separator in (
        ("surveys", ";"), ("asked", ";"), ("hist_codes", ","), ("hist_counts", ","),
    )
}  # fmt: skip
"""What rows hold as text is joined in the database and added up by its readers."""


def counting(picked: str, keys: str, families: Collection[Family]) -> str:
    """The query of the counts of the picked rows; what is of no such family is 0."""
    needless = {name for family in {*FAMILIES} - {*families} for name in FAMILIES[family]}
    sums = [f"sum({name})::bigint" if name not in needless else "0" for name in _SUMS]
    sums += [f"max({name})" for name in _LONGEST]
    sums += [
        f"sum({name}[{place}])::bigint" if name not in needless else "0"
        for name in ("handle_n", "handle_ms")
        for place in range(1, PART_SETS + 1)
    ]
    sums += [
        _JOINED[column] if name not in needless else "NULL"
        for name, column in (
            ("wait_hist", "hist_codes"), ("wait_hist", "hist_counts"),
            ("surveys", "surveys"), ("asked", "asked"),
        )
    ]  # fmt: skip
    return f"SELECT {keys}, {', '.join(sums)} FROM ({picked}) AS picked GROUP BY {keys}"


def offered_by_queue(
    selection: Selection, by: Literal["interval", "day"]
) -> dict[int, dict[Any, int]]:
    """Visits offered by quarter hour or by day, for each queue of the selection's sites."""
    picked = _picked(selection, ("queue", by))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k0, k1, sum(offered)::bigint FROM ({picked.sql}) AS picked"
            " GROUP BY k0, k1 ORDER BY k1",
            picked.values,
        )
        found: dict[int, dict[Any, int]] = defaultdict(dict)
        for queue, at, offered in cursor.fetchall():
            found[queue][at] = offered
    return found


class Record(NamedTuple):
    """How far a site's counts go: the first day that has any, the newest moment its calls show (of
    a site without calls, its answers), and when they were last made."""

    first: date
    newest_at: datetime
    counted_at: datetime


def records(sites: Sequence[int]) -> dict[int, Record]:
    """The record of each site; of one where nothing was counted there is none. One query."""
    query = (
        f"SELECT site_id, {first_day_sql('f.site_id')},"
        # As `anew.record`: looked up only where there are no calls.
        " COALESCE(newest, (SELECT max(answered_at) FROM ccm_surveyresponse answer"
        "  WHERE answer.site_id = f.site_id AND answer.call_id IS NULL)), counted"
        " FROM (SELECT site_id, max(newest_at) AS newest, max(counted_at) AS counted"
        "  FROM kpis_fillmark WHERE site_id = ANY(%s) GROUP BY site_id) AS f"
    )
    return {
        site: Record(first, newest_at, counted_at)
        for site, first, newest_at, counted_at in rows_of(query, [list(sites)], of_calls=False)
        if first is not None and newest_at is not None
    }


def newest(sites: Sequence[int]) -> tuple[datetime | None, datetime | None]:
    """When the counts of these sites were last made, and the newest moment their calls show."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(counted_at), max(newest_at) FROM kpis_fillmark WHERE site_id = ANY(%s)",
            [list(sites)],
        )
        counted_at, newest_at = cursor.fetchone()
    return counted_at, newest_at
