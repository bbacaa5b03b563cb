"""Counts of what no counts are kept of: summed from the calls themselves, as rollups sum them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ccm.intervals import UTC_DAYS, Calendar, Span, site_days
from ccm.live.stretches import STRAYED, STRETCHES
from kpis.rollups import units
from kpis.rollups.sums import AGENT_UNITS, laid_out, sums_of, together
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


def in_slices(
    sites: Sequence[int], edges: Sequence[datetime], families: Collection[Family], is_open: str = ""
) -> tuple[str, dict[str, Any]]:
    """The query that gives rows of counts of calls in, and its values: by site (k0), queue (k1; 0:
    the site's contacts), slice of the time between the `edges` (k2; the first is 1) and whether
    they entered while it was open (k3; 1 or 0).

    `is_open` is SQL on a unit `i`, its site `s` and its queue `q`, outer joined; "": all are. Many
    sites cost no more to plan than one. When calls entered is by our clock, as far as it is known
    how wrong their sources' clocks were; the last of the edges is now.
    """
    span = Span(edges[0], edges[-1])
    visits, contacts = "SELECT * FROM visits", units.CONTACTS
    if "answers" in families:
        visits += f" UNION ALL {laid_out(units.ANSWERS_ALONE, families)}"
        contacts += (
            f" UNION ALL SELECT {units.CONTACT_OF_ANSWER} FROM ({units.ANSWERS_ALONE}) AS alone"
        )
    keys = "i.*, COALESCE(i.queue_id, 0) AS k1"
    keys += ", width_bucket(i.offered_at, %(edges)s::timestamptz[]) AS k2"
    keys += f", ({is_open or 'true'})::int AS k3"
    beside = ""
    if is_open:
        beside = "JOIN ccm_site s ON s.id = %(site)s LEFT JOIN ccm_queue q ON q.id = i.queue_id"
    of_queues = f"""(
        SELECT {keys} FROM ({visits}) AS i {beside}
        WHERE i.direction = 'inbound' AND i.queue_id IS NOT NULL AND NOT i.day_only
          AND i.offered_at >= %(start)s AND i.offered_at < %(end)s) AS of_queues"""
    of_site = f"(SELECT {keys} FROM ({contacts}) AS i {beside} WHERE NOT i.day_only) AS of_site"
    sums = together(("k1", "k2", "k3"), of_queues, of_site, families)
    every = f"""
        WITH stretches AS MATERIALIZED ({STRETCHES}), strayed AS MATERIALIZED ({STRAYED})
        SELECT asked.k0, summed.*
        FROM unnest(%(sites)s::bigint[]) AS asked(k0) CROSS JOIN LATERAL (
            WITH visits AS MATERIALIZED ({laid_out(units.VISITS_RIGHT, families)})
            SELECT * FROM ({sums}) AS sums
        ) AS summed"""
    values = units.values_of(0, UTC_DAYS, span) | {"sites": list(sites), "edges": list(edges)}
    return every.replace("%(site)s", "asked.k0"), values
