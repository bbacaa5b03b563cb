"""Who waits for whom among those that write records, and those that change what records hang on.

Each lock ends with the transaction that took it. Sources come before names, names before calls:
whoever needs several takes them in that order, so that no two wait for each other.
"""

from django.db import OperationalError
from django.db.backends.utils import CursorWrapper

# Holders of it meet no deletion of names; who deletes names waits for them all.
_NAMES_LOCK = 0x63636D_03
# So long a page waits. A chunk of an import is written in less.
PATIENCE_SECONDS = 5
_NOT_AVAILABLE = "55P03"
_NAMED = "hashtextextended(%s, 0)"


def hold_source(cursor: CursorWrapper, source: str) -> None:
    """Keep the other writers of a source away."""
    cursor.execute(f"SELECT pg_advisory_xact_lock({_NAMED})", [f"source:{source}"])


def hold_names(cursor: CursorWrapper) -> None:
    """No name is deleted, so that one found stays there."""
    cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_NAMES_LOCK])


def have_names_alone(cursor: CursorWrapper) -> None:
    """Nobody else finds, makes or deletes a name."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NAMES_LOCK])


def hold_calls(cursor: CursorWrapper, site_id: int) -> None:
    """Nobody looks for calls of the site that are being written, and misses them."""
    cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_NAMED})", [f"calls:{site_id}"])


def have_calls_alone(cursor: CursorWrapper, site_id: int) -> None:
    """No call of the site is being written: what names one is seen by whoever writes it later."""
    cursor.execute(f"SELECT pg_advisory_xact_lock({_NAMED})", [f"calls:{site_id}"])


def wait_briefly(cursor: CursorWrapper) -> None:
    """Have the transaction fail where it would wait longer than a person before a page does:
    with an OperationalError that `waited_in_vain` knows."""
    cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")


def waited_in_vain(error: OperationalError) -> bool:
    """Whether a transaction failed because another held what it needed for too long."""
    return getattr(error.__cause__, "pgcode", None) == _NOT_AVAILABLE
