"""A full rebuild of the counts, beside one plain GROUP BY of the same counts."""

import time
from statistics import median

from django.db import connection

from benchmarks import rows
from ccm.models import Site
from kpis import rollups, units
from kpis.rollups import summed
from kpis.units import VISITS

FIRST, LAST = "2026-01-01", "2026-03-31"


def compare(count: int, rounds: int) -> None:
    """Prints the seconds of `rollups.rebuild` and of the counts by quarter hour alone."""
    from datetime import date
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from benchmarks.imports import _import

    rows.empty()
    site = Site.objects.create(name="Bench", slug="bench", zone="UTC")
    with TemporaryDirectory() as folder:
        log = Path(folder) / "calls.csv"
        rows.write_log(log, count)
        _import(log, site)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE ccm_call")
    stretch = rollups.Stretch(site, date.fromisoformat(FIRST), date.fromisoformat(LAST))
    values = units.values(site, stretch.span)
    # The same counts, read only: the statement that fills the table without its INSERT.
    _insert, plain = summed("kpis_intervalstat", "v", ("start",), "units").split("WITH u AS", 1)
    plain = f"WITH units AS ({VISITS}), u AS{plain}"
    rebuilds, groups = [], []
    for number in range(rounds):
        began = time.perf_counter()
        rollups.rebuild()
        rebuilds.append(time.perf_counter() - began)
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(f"SELECT count(*) FROM ({plain}) AS counted", values)
            groups.append(time.perf_counter() - began)
        print(
            f"  round {number + 1}: rebuild {rebuilds[-1]:.1f} s, GROUP BY {groups[-1]:.1f} s",
            flush=True,
        )
    print(f"rebuild of {count:,} calls: {median(rebuilds):.1f} s")
    print(f"  plain GROUP BY / rebuild  {median(groups) / median(rebuilds):.2f}  (bar 0.7)")
