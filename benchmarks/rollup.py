"""A full rebuild of the counts, beside plain GROUP BYs of the same counts out of the calls."""

import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection

from benchmarks import rows
from benchmarks.imports import _import
from ccm.models import Site
from kpis import rollups
from kpis.rollups import units
from kpis.rollups.sums import AGENT_UNITS, summed
from kpis.rollups.units import CONTACTS, VISITS

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def compare(count: int, rounds: int) -> None:
    """Prints the seconds of `rollups.rebuild`, and of counting the same without keeping it."""
    rows.empty()
    site = Site.objects.create(name="Bench", slug="bench", zone="UTC")
    with TemporaryDirectory() as folder:
        log = Path(folder) / "calls.csv"
        rows.write_log(log, count)
        _import(log, site)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ccm_call, ccm_surveyresponse")
    rebuilds, groups = [], []
    for number in range(rounds):
        rebuilds.append(_timed(rollups.rebuild))
        groups.append(plainly(site, FIRST, LAST))
        print(
            f"  round {number + 1}: rebuild {rebuilds[-1]:.1f} s, GROUP BY {groups[-1]:.1f} s",
            flush=True,
        )
    print(f"rebuild of {count:,} calls: {median(rebuilds):.1f} s")
    print(f"  plain GROUP BY / rebuild  {median(groups) / median(rebuilds):.2f}  (bar 0.7)")


def plainly(site: Site, first: date, last: date) -> float:
    """Seconds of plain GROUP BYs of what the counts of these days are."""
    values = units.values(site, rollups.Stretch(site, first, last).span)
    values |= {"first": first, "last": last}
    return _timed(lambda: [_asked(one, values) for one in _plain()])


def _plain() -> list[str]:
    """Visits and contacts by quarter hour, and agents by day: all that is counted from calls."""
    visits = f"WITH visits AS ({VISITS}), units AS (SELECT * FROM visits)"
    contacts = f"WITH visits AS ({VISITS}), units AS ({CONTACTS})"
    agents = f"{visits}, agent_units AS ({AGENT_UNITS})"
    return [
        _selected(visits, "v", ("start",), "units"),
        _selected(contacts, "c", ("start",), "units"),
        _selected(agents, "v", ("day", "agent_id"), "agent_units"),
    ]


def _selected(before: str, unit: str, keys: tuple[str, ...], source: str) -> str:
    """The statement that fills a table of counts, without its INSERT, asked for every column."""
    insert, _with, counted = summed("counted", unit, keys, source).partition("WITH u AS")
    names = insert.partition("(")[2].rpartition(")")[0]
    return (
        f"SELECT max(length(words)) FROM (SELECT row(counted.*)::text FROM"
        f" ({before}, u AS{counted}) AS counted({names}) OFFSET 0) AS every(words)"
    )


def _asked(sql: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
