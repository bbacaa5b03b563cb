"""A record of many calls, copied under a key and put into another place:
`python -m tests.heavy.restored [--rows 10000000]`.

Prints how long each step took. The restore itself compares rows and the sum of each table with
those that were copied, and fails where one differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ccm import stack

# Calls of a year that differ in id, time, caller, length and words; the rest is of one that came
# by the loader.
CALLS = """
INSERT INTO ccm_call ({columns}) SELECT {values} FROM (
    SELECT t AS one, n, md5(n::text) AS h,
        timestamptz '2025-01-01 00:00+00' + n * (interval '365 days' / %(rows)s) AS at
    FROM ccm_call AS t, generate_series(%(first)s, %(last)s) AS n WHERE t.id = %(id)s
) AS made
"""
OWN = {
    "id": "(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')"
    " || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid",
    "outcome": "'answered'",
    "external_id": "'made-' || n",
    "linked_id": "'made-' || n",
    "offered_at": "at",
    "answered_at": "at + (mod(n, 90)) * interval '1 second'",
    "ended_at": "at + (mod(n, 90) + 30 + mod(n, 600)) * interval '1 second'",
    "wait_ms": "mod(n, 90) * 1000",
    "talk_ms": "(30 + mod(n, 600)) * 1000",
    "caller_hash": "h",
    "caller_masked": "'•••' || substr(h, 1, 3)",
}  # fmt: skip
PIECE = 500_000


def fill(rows: int) -> None:
    from datetime import date, timedelta

    from django.db import connection

    from ccm import partitions
    from ccm.models import Call
    from tests.builders import NINE, a_record, a_site, stored

    partitions.ensure_months(date(2025, month, 1) for month in range(1, 13))
    site = a_site("York")
    stored(site, a_record(NINE - timedelta(days=1), external_id="one", wait=5, talk=60))
    one = Call.objects.get(external_id="one")
    names = [field.column for field in Call._meta.concrete_fields]
    values = ", ".join(OWN.get(name, f'(one)."{name}"') for name in names)
    words = CALLS.format(columns=", ".join(f'"{name}"' for name in names), values=values)
    with connection.cursor() as cursor:
        for first in range(0, rows, PIECE):
            last = min(first + PIECE, rows) - 1
            cursor.execute(words, {"rows": rows, "first": first, "last": last, "id": one.pk})
        cursor.execute("ANALYZE ccm_call")
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        print(f"{Call.objects.count():,} calls, a database of {cursor.fetchone()[0]}", flush=True)


def run(data: Path, *words: str) -> float:
    begun = time.monotonic()
    given = ("DATABASE_URL", "REDIS_URL", "CCM_SECRET_KEY", "CCM_RECORDINGS")
    kept = {key: value for key, value in os.environ.items() if key not in given}
    done = subprocess.run(
        [sys.executable, "-m", "ccm.cli", *words],
        env=kept | {"CCM_DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        text=True,
    )
    print(done.stdout, end="", flush=True)
    if done.returncode:
        sys.exit(done.returncode)
    return time.monotonic() - begun


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000)
    asked.add_argument("--folder", type=Path, help="with room for three times the record")
    told = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ccm.settings")
    with tempfile.TemporaryDirectory(prefix="ccm-restored-", dir=told.folder) as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ |= {"CCM_DATA_DIR": str(folder / "one"), "TMPDIR": name}
        with stack.running():
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            begun = time.monotonic()
            fill(told.rows)
            print(f"filled in {time.monotonic() - begun:.0f} s", flush=True)
        key = folder / "key"
        key.write_text("no key but of this trial of copies\n")
        copy = folder / "copy"
        sealed = ("--key-file", str(key))
        took = run(folder / "one", "backup", str(copy), *sealed)
        print(f"copied and read back in {took:.0f} s, {copy.stat().st_size / 1e6:,.0f} MB")
        took = run(folder / "two", "restore", str(copy), *sealed)
        print(f"restored and compared in {took:.0f} s, every table equal")


if __name__ == "__main__":
    main()
