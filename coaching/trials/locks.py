"""What the database refuses of trials from their start on, by its own clock: that what was
registered says something else, that anybody more or fewer takes part, that a decision is made
otherwise. What it said before its start is only added to.

What the migration of trials makes. `unlocked` lets past it whoever follows agents that become one,
and who makes a past: the invented centre, and tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_SETTING = "coaching.trials_unlocked"


@contextmanager
def unlocked() -> Iterator[None]:
    """Within this, in a transaction, the database refuses nothing."""
    with transaction.atomic():
        _set("on")
        yield
        _set("off")


def _set(word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_SETTING, word])
