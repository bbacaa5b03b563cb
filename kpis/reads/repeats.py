"""Reads of who came again: one `Repeats` a cell, summed in the database.

It is kept counted by day. By less than that, and by what only calls tell, the calls are read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ccm.models import Site
from kpis.dimensions import By
from kpis.models import RepeatFill, Unit
from kpis.parameters import DEFAULTS
from kpis.reads.reading import IN_TEAMS, MEMBERS, Selection, Where, key_of, rows_of
from kpis.rollups import afresh
from kpis.rollups import repeats_units as units
from kpis.rollups.units import first_day_sql
from kpis.sums.repeats import Repeats, Scope, Told

FEW = timedelta(days=14)
"""The callers of so few days are picked out of those of the days around them; of more, most of them
are looked at anyway, and to pick them takes longer."""


def cells(selection: Selection, keys: Sequence[By]) -> Mapping[tuple[Any, ...], Told] | None:
    """Who came again among the contacts of a selection, by several keys; None where that is not
    told (`told`)."""
    return _Cells(selection, keys) if told(selection, keys) else None


def told(selection: Selection, keys: Sequence[By] = ()) -> bool:
    """Whether it is told who came again by such keys, and of such a selection: in spans and of days
    that end early it is not, nor by direction."""
    if "direction" in {*keys, *selection.only}:
        return False
    return selection.may_read_calls if _of_calls(selection, keys) else True


def _of_calls(selection: Selection, keys: Sequence[By]) -> bool:
    """Whether the calls themselves are to be read."""
    return selection.by_quarter(*keys) or selection.of_calls(*keys)


class _Cells(Mapping[tuple[Any, ...], Told]):
    """Each scope and window is read when it is first asked for, of all keys at once: which are
    wanted is told by what was chosen for each key. Keys are those of the default, read for them.
    """

    def __init__(self, selection: Selection, by: Sequence[By]) -> None:
        self._selection, self._by = selection, by
        self._read: dict[tuple[Scope, int], dict[tuple[Any, ...], Repeats]] = {}

    def _of(self, scope: Scope, window: int) -> dict[tuple[Any, ...], Repeats]:
        if (scope, window) not in self._read:
            self._read[scope, window] = repeats(self._selection, self._by, scope, window)
        return self._read[scope, window]

    @property
    def _keys(self) -> dict[tuple[Any, ...], Repeats]:
        return self._of(DEFAULTS.matter, DEFAULTS.window_days)

    def __getitem__(self, key: tuple[Any, ...]) -> Told:
        if key not in self._keys:
            raise KeyError(key)
        return lambda scope, window: self._of(scope, window).get(key, Repeats())

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def repeats(
    selection: Selection, keys: Sequence[By], scope: Scope, window: int
) -> dict[tuple[Any, ...], Repeats]:
    """Repeats by several keys. A site in the scope "queue" is the sum of its queues, in visits;
    else it is in contacts.

    A contact may be counted on a day before its answered visit: a site in the scope "queue" has the
    keys of both.
    """
    if _of_calls(selection, keys):
        return _anew(selection, keys, scope, window)
    of_agents = selection.of_agents(*keys)
    of_site = selection.unit(*keys) == Unit.CONTACT
    where = Where(selection)
    where.in_time(by_quarter=False)
    where.values |= {"scope": scope, "window": window}
    if of_site and scope == "queue":
        where.add(
            "(scope = %(scope)s AND queue_id IS NOT NULL OR scope = 'any' AND queue_id IS NULL)"
        )
    else:
        no_queue = of_site or (of_agents and not selection.by_queue(*keys))
        where.add(f"scope = %(scope)s AND queue_id IS {'NOT' * (not no_queue)} NULL")
    where.add(f"agent_id IS {'NOT' * of_agents} NULL")
    if selection.queues is not None:
        where.add("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    if selection.agents is not None:
        where.add("agent_id = ANY(%(agents)s)", agents=list(selection.agents))
    if selection.channel:
        where.add("channel = %(channel)s", channel=selection.channel)
    made = where.keys(keys, has_day=True)
    sql = _REPEATS.format(
        made=made,
        keys=", ".join(f"k{place}" for place in range(len(keys))),
        in_teams=IN_TEAMS.format("s") if where.keyed(*keys) else "",
        where=where,
    )
    return _of(rows_of(sql, where.values, of_calls=False), keys)


def _of(rows: Iterable[Sequence[Any]], keys: Sequence[By]) -> dict[tuple[Any, ...], Repeats]:
    return {
        tuple(map(key_of, keys, row)): Repeats(**dict(zip(_SUMS, row[len(keys) :], strict=True)))
        for row in rows
    }


def _anew(
    selection: Selection, keys: Sequence[By], scope: Scope, window: int
) -> dict[tuple[Any, ...], Repeats]:
    """The same from the calls themselves."""
    first, last = selection.first, selection.last
    if first is None or last is None:
        raise ValueError("calls are read by day: which days?")
    of_agents = selection.of_agents(*keys)
    of_site = selection.unit(*keys) == Unit.CONTACT and scope != "queue"
    where = Where(selection)
    if selection.queues is not None:
        where.add_of_call("queue_id = ANY(%(queues)s)", queues=list(selection.queues))
    if selection.agents is not None:
        where.add_of_call("agent_id = ANY(%(agents)s)", agents=list(selection.agents))
    if of_agents:
        where.add("agent_id IS NOT NULL")
    if selection.channel:
        where.add_of_call("channel = %(channel)s", channel=selection.channel)
    if selection.by_quarter(*keys):
        where.add("NOT day_only")
    made = where.keys(keys, has_day=True)
    names = ", ".join(f"k{place}" for place in range(len(keys)))
    # What is true of a visit need not be so of the first of its contact.
    picked = [] if of_site else [*where.of_calls]
    if None not in selection.only.get("team", [None]):
        picked.append(f"agent_id = ANY({MEMBERS.format('%(o_team)s')})")
    counts = units.conditions(scope, window).items()
    is_of_few = bool(picked) or last - first < FEW
    of_each_site = _ANEW.format(
        came=units.came_of_callers(*picked) if is_of_few else units.CAME,
        met=units.met(scope),
        rows=units.OF_SITES if of_site else units.visits(scope),
        made=made,
        keys=names,
        counts=", ".join(f"count(*) FILTER (WHERE {one}) AS {name}" for name, one in counts),
        in_teams=IN_TEAMS.format("s") if where.keyed(*keys) else "",
        where=where,
    )
    every, values = afresh.of_each(
        selection.calendars,
        f"SELECT * FROM ({of_each_site}) AS counted",
        lambda site, calendar: where.values | units.values_of(site, calendar, first, last),
    )
    sums = ", ".join(f"sum({name})::bigint" for name in _SUMS)
    sql = f"SELECT {names}, {sums} FROM ({every}) AS every GROUP BY {names}"
    return _of(rows_of(sql, values, of_calls=True), keys)


def known_until(site: Site, window_days: int) -> date | None:
    """The last day of which it is known who came again within a window; None: not of any."""
    filled = RepeatFill.objects.filter(site=site).first()
    return None if filled is None else filled.last_whole - timedelta(days=window_days)


_MINE = "scope = %(scope)s"
# Without an end that is known, every contact is too young.
_OLD = "COALESCE(day + %(window)s <= last_whole, false)"
_EARLY = "day - %(window)s < record_first"
# Nobody came again within any window: there is no array.
_WITHIN = "COALESCE({}[%(window)s], 0)"
_SUMS: Mapping[str, str] = {
    "young": f"sum(known) FILTER (WHERE {_MINE} AND NOT {_OLD})",
    "again": f"sum({_WITHIN.format('again')}) FILTER (WHERE {_MINE} AND {_OLD})",
    "first": f"sum(known - {_WITHIN.format('again')}) FILTER (WHERE {_MINE} AND {_OLD})",
    "settled": f"sum(known - {_WITHIN.format('around')}) FILTER (WHERE {_MINE} AND {_OLD})",
    "early": f"sum(known - {_WITHIN.format('again')})"
    f" FILTER (WHERE {_MINE} AND {_OLD} AND {_EARLY})",
    "told": f"sum(told) FILTER (WHERE {_MINE})",
    "told_first": f"sum(resolved - {_WITHIN.format('resolved_again')}) FILTER (WHERE {_MINE})",
    "early_told": f"sum(told) FILTER (WHERE {_MINE} AND {_EARLY})",
    "able": f"sum(able) FILTER (WHERE {_MINE})",
    "able_first": f"sum(able_resolved - {_WITHIN.format('able_again')}) FILTER (WHERE {_MINE})",
    "early_able": f"sum(able) FILTER (WHERE {_MINE} AND {_EARLY})",
    "withheld": f"sum(withheld) FILTER (WHERE {_MINE})",
    "shared": f"sum(shared) FILTER (WHERE {_MINE})",
    "untold": f"sum(untold) FILTER (WHERE {_MINE})",
}
# How far each site's record goes, looked up once and not for each row.
_REPEATS = f"""
WITH filled AS MATERIALIZED (
    SELECT site_id, last_whole, {first_day_sql("f.site_id")} AS record_first FROM kpis_repeatfill f
)
SELECT {{keys}}, {", ".join(f"COALESCE({one}, 0)::bigint" for one in _SUMS.values())}
FROM (
    SELECT {{made}}, s.*, last_whole, record_first
    FROM kpis_repeatstat s LEFT JOIN filled USING (site_id) {{in_teams}} WHERE {{where}}
) AS s
GROUP BY {{keys}}
"""
# Materialized: as `passports.behind_repeats`.
_ANEW = f"""
WITH came AS MATERIALIZED ({{came}}),
contacts AS MATERIALIZED ({units.CONTACTS}),
met AS MATERIALIZED ({{met}}),
on_queues AS MATERIALIZED ({units.ON_QUEUES}),
units AS MATERIALIZED (SELECT %(site)s::bigint AS site_id, * FROM ({{rows}}) AS every)
SELECT {{keys}}, {{counts}}
FROM (SELECT {{made}}, s.* FROM units AS s {{in_teams}} WHERE {{where}}) AS s GROUP BY {{keys}}
"""
