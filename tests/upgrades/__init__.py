"""States of earlier releases, from which the program brings a database up to date.

`NAME.sql.gz` is a whole small database as that release left it, in plain SQL: its tables, the demo
centre of a few days, its migrations. `python -m tests.upgrades.keep NAME` makes one, with the code
that is being released; none is ever changed. `test_upgrades.py` loads each and migrates it.
"""

import gzip
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
ENDING = ".sql.gz"


def states() -> list[Path]:
    """The kept states, the oldest release first."""
    found = FOLDER.glob(f"*{ENDING}")
    return sorted(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.name)])


def releases() -> list[str]:
    """Their names: "0.1.0"."""
    return [path.name.removesuffix(ENDING) for path in states()]


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


@cache
def first() -> frozenset[str]:
    """The migrations that the first release had, as "app.name"."""
    text = text_of(states()[0])
    rows = re.search(r"^COPY public\.django_migrations .*?;\n(.*?)^\\\.$", text, re.M | re.S)
    assert rows, "a state tells its migrations"
    return frozenset(".".join(line.split("\t")[1:3]) for line in rows[1].splitlines())
