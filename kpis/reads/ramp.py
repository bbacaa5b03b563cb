"""Reads how long it took those who were hired to work as the tenured of their team do.

Weeks are ISO weeks of whole days that are counted, each with the mean handling time of the agent's
inbound calls. Only calls that measure the same parts are compared: those most calls of all measure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kpis.formulas import measured_parts
from kpis.formulas.ramp import first_run, middle
from kpis.reads.reading import By, Selection, rows_of
from kpis.sums.counts import PART_SETS, Counts
from kpis.sums.staff import Ramp

TENURED_DAYS = 180
"""Whoever was hired so long before a week is tenured in it."""
LEAST_CALLS = 10
"""A week with fewer calls tells nothing of an agent."""
_WEEK = timedelta(weeks=1)
_KEYS: dict[By, str] = {"site": "site", "day": "hired"}


@dataclass(frozen=True, slots=True)
class Week:
    """A week of an agent that tells something: the mean handling time, and the middle of the
    tenured of the team; None: of too few."""

    mean_ms: float
    middle: tuple[float, float] | None

    @property
    def is_inside(self) -> bool | None:
        """None: there is nothing to hold it against."""
        if self.middle is None:
            return None
        return self.middle[0] <= self.mean_ms <= self.middle[1]


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who was hired: their whole weeks since then that are counted, in order (None: it
    tells nothing), and how long it took them."""

    agent: int
    site: int
    hired: date
    left: date | None
    weeks: tuple[Week | None, ...]
    ramp: Ramp


@dataclass(frozen=True, slots=True)
class _Newcomer:
    agent: int
    site: int
    hired: date
    left: date | None
    until: date | None
    """The day after the last one that is counted whole; None: nothing is counted."""
    since: date | None
    """The first day that is counted."""


def ramp(selection: Selection, by: Sequence[By]) -> dict[tuple[Any, ...], Ramp]:
    """How long it took those hired on days of the selection, by key: a day is that of hire.

    They are watched beyond the selection, up to the day before the newest that has calls. Of those
    hired before the record begins it is not told. Nothing of a single agent. Two queries, one where
    nobody was hired.
    """
    if "agent" in by:
        return {}
    parts: dict[tuple[Any, ...], list[Ramp]] = defaultdict(list)
    for one in each(selection, by):
        parts[tuple(getattr(one, _KEYS[side]) for side in by)].append(one.ramp)
    return {key: Ramp.sum(many) for key, many in parts.items()}


def each(selection: Selection, by: Sequence[By] = ()) -> list[Told]:
    """The same of each of them, with their weeks: for who may see the figures of single agents."""
    newcomers = _newcomers(selection, by)
    known = _weeks(selection, newcomers) if newcomers else {}
    return [
        Told(one.agent, one.site, one.hired, one.left, weeks, _of(one, weeks))
        for one in newcomers
        for weeks in [tuple(known.get((one.agent, week)) for week in _mondays(one))]
    ]


_SEVERAL = (
    " AND a.id = ANY(%(agents)s) AND (SELECT count(*) FROM ccm_agent o"
    " WHERE o.id = ANY(%(agents)s) AND o.site_id = {of}) > 1"
)


def _newcomers(selection: Selection, by: Sequence[By]) -> list[_Newcomer]:
    of = "a.site_id" if "site" in by else "ANY(%(sites)s)"
    picked = "" if selection.agents is None else _SEVERAL.format(of=of)
    values = {
        "sites": list(selection.sites),
        "agents": list(selection.agents or ()),
        "first": selection.first,
        "last": selection.last,
    }
    rows = rows_of(_NEWCOMERS.format(picked=picked), values, of_calls=False)
    return [_Newcomer(*row) for row in rows]


_NEWCOMERS = """
SELECT a.id, a.site_id, a.hired_on, a.left_on, newest.day, oldest.day
FROM ccm_agent a LEFT JOIN LATERAL (
    SELECT day FROM kpis_daystat s
    WHERE s.site_id = a.site_id AND agent_id IS NULL AND unit = 'v'
    ORDER BY day DESC LIMIT 1
) AS newest ON true LEFT JOIN LATERAL (
    SELECT day FROM kpis_daystat s
    WHERE s.site_id = a.site_id AND agent_id IS NULL AND unit = 'v'
    ORDER BY day LIMIT 1
) AS oldest ON true
WHERE a.site_id = ANY(%(sites)s) AND a.hired_on BETWEEN %(first)s AND %(last)s{picked}
"""

_Weeks = dict[tuple[int, date], Week]
"""Weeks of agents, by their Mondays; those that tell nothing are not there."""


def _weeks(selection: Selection, newcomers: Iterable[_Newcomer]) -> _Weeks:
    values: dict[str, Any] = {
        "sites": list(selection.sites),
        "since": min(one.hired for one in newcomers),
        "tenured": TENURED_DAYS,
    }
    rows = rows_of(_WEEKS, values, of_calls=False)
    every = Counts.sum(Counts(handle_n=tuple(n), handle_ms=tuple(ms)) for *_, n, ms in rows)
    parts = measured_parts(every)
    figures: dict[tuple[int, date], list[tuple[int, bool, float]]] = defaultdict(list)
    for agent, week, team, is_tenured, n, ms in rows:
        if parts is not None and n[parts] >= LEAST_CALLS:
            figures[team, week].append((agent, is_tenured, ms[parts] / n[parts]))
    known = {}
    for (_team, week), of_week in figures.items():
        among = middle([mean for _agent, is_tenured, mean in of_week if is_tenured])
        for agent, _is_tenured, mean in of_week:
            known[agent, week] = Week(mean, among)
    return known


_SUMS = {
    name: ", ".join(f"sum({name}[{place}])::bigint" for place in range(1, PART_SETS + 1))
    for name in ("handle_n", "handle_ms")
}
# The team is the one of the week's last day: who comes within a week is in none before.
_WEEKS = f"""
WITH weeks AS (
    SELECT agent_id, date_trunc('week', day)::date AS week,
        ARRAY[{_SUMS["handle_n"]}] AS n, ARRAY[{_SUMS["handle_ms"]}] AS ms
    FROM kpis_daystat
    WHERE site_id = ANY(%(sites)s) AND agent_id IS NOT NULL AND unit = 'v'
      AND direction = 'inbound' AND day >= %(since)s
    GROUP BY agent_id, week
)
SELECT agent_id, week, team_id, COALESCE(a.hired_on <= week - %(tenured)s, false), n, ms
FROM weeks JOIN ccm_agent a ON a.id = agent_id
JOIN ccm_teammembership m USING (agent_id)
WHERE m.starts_on <= week + 6 AND (m.ends_on IS NULL OR m.ends_on > week + 6)
"""


def _of(one: _Newcomer, weeks: Sequence[Week | None]) -> Ramp:
    if one.until is None or one.until <= one.hired:
        return Ramp(open=(0,))
    mondays = list(_mondays(one))
    if mondays and one.since is not None and mondays[0] < one.since:
        # Whoever came so far before the record begins did so in it at once.
        return Ramp(untold=1)
    told = [None if week is None else week.is_inside for week in weeks]
    place, is_there = first_run([bool(was_in) for was_in in told])
    if is_there:
        return Ramp(reached=((mondays[place] - one.hired).days,))
    if one.left is not None and one.left <= one.until:
        return Ramp(left=((one.left - one.hired).days,))
    if mondays and all(was_in is None for was_in in told):
        return Ramp(untold=1)
    since = mondays[place] if place < len(mondays) else one.until
    return Ramp(open=((since - one.hired).days,))


def _mondays(one: _Newcomer) -> Iterator[date]:
    """The whole weeks since the day of hire that are counted whole, and in which they were there
    to the end."""
    if one.until is None:
        return
    end = one.until if one.left is None else min(one.until, one.left)
    week = one.hired + timedelta(days=-one.hired.weekday() % 7)
    while week + _WEEK <= end:
        yield week
        week += _WEEK
