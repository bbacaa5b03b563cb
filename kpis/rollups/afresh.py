"""Counts of what no counts are kept of: summed from the calls themselves, as rollups sum them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ccm.intervals import Calendar, site_days
from kpis.rollups import units
from kpis.rollups.sums import AGENT_UNITS, sums_of
from kpis.sums.counts import Family

MOST_DAYS = 92
"""So many days of calls are read for a page; more take longer than anybody waits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which visits are counted, by which keys: SQL on a unit's row `s`, and the keys' names.

    `of_agents`: what each agent did of them. `in_teams` joins the team of their agent. `calls` are
    conditions that are true of each call that is needed, so that few are read; `families` are
    needed of their counts.
    """

    of_agents: bool
    in_teams: str
    keys: str
    names: tuple[str, ...]
    where: str
    calls: Sequence[str]
    families: Collection[Family]


def counted(
    calendars: Mapping[Calendar, Sequence[int]],
    first: date,
    last: date,
    asked: Asked,
    values: Mapping[str, Any],
) -> tuple[str, dict[str, Any]]:
    """The query that gives rows of counts with those keys, of the visits of the sites'
    days from `first` to `last`, and its values."""
    rows = "agents" if asked.of_agents else "units"
    agents = f", agents AS NOT MATERIALIZED ({AGENT_UNITS})" if asked.of_agents else ""
    of_site = f"""
        (WITH units AS NOT MATERIALIZED (
            SELECT * FROM ({units.offered(*asked.calls)}) AS visits UNION ALL {units.ANSWERS_ALONE}
        ){agents}
        SELECT {asked.keys}, s.*
        FROM (SELECT %(site)s::bigint AS site_id, * FROM {rows}) AS s {asked.in_teams}
        WHERE {asked.where or "true"}) AS asked"""
    return of_each(
        calendars,
        f"SELECT * FROM ({sums_of(asked.names, of_site, asked.families)}) AS summed",
        lambda site, calendar: (
            dict(values) | units.values_of(site, calendar, site_days(first, last, calendar))
        ),
    )


def of_each(
    calendars: Mapping[Calendar, Sequence[int]],
    sql: str,
    values_of: Callable[[int, Calendar], Mapping[str, Any]],
) -> tuple[str, dict[str, Any]]:
    """A query of a site as one of all sites, each with the values it takes there."""
    parts: list[str] = []
    every: dict[str, Any] = {}
    for calendar, sites in calendars.items():
        for site in sites:
            prefix = f"site{len(parts)}_"
            parts.append(re.sub(r"%\((\w+)\)s", rf"%({prefix}\1)s", sql))
            own = values_of(site, calendar)
            every |= {f"{prefix}{name}": value for name, value in own.items()}
    return " UNION ALL ".join(parts), every
