"""What a dry run writes into beside the record, so that nobody waits for its end.

A dry run is one long transaction that is taken back, and what it writes stays locked until then.
Others rarely write the same calls; but the names that calls go by, and the marks of days to
recount, are everybody's. So it has copies of these tables, which are found before the real ones
and are gone when it is over.
"""

from django.db import models
from django.db.backends.utils import CursorWrapper

from ccm.models import (
    Agent,
    AgentAlias,
    DirtyDay,
    Disposition,
    DispositionAlias,
    Queue,
    QueueAlias,
    Team,
    TeamLead,
    TeamMembership,
    Topic,
    TopicAlias,
)

_COPIED: tuple[type[models.Model], ...] = (
    Team, TeamLead, TeamMembership, Agent, AgentAlias, Queue, QueueAlias, Topic, TopicAlias,
    Disposition, DispositionAlias,
)  # fmt: skip


def own_names(cursor: CursorWrapper) -> None:
    """Until the transaction ends it reads and writes names of its own, which begin as those of
    the record, and marks no day. What it then writes elsewhere is to be taken back."""
    every: tuple[type[models.Model], ...] = (DirtyDay, *_COPIED)
    for model in every:
        table = model._meta.db_table
        # A copy has no references to other tables.
        cursor.execute(f"CREATE TEMP TABLE tried (LIKE {table} INCLUDING ALL) ON COMMIT DROP")
        if model in _COPIED:
            cursor.execute(f"INSERT INTO tried SELECT * FROM {table}")
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('tried', 'id'), max(id)) FROM tried"
            )
        # From here on the name means the copy: temporary tables are looked for first.
        cursor.execute(f"ALTER TABLE tried RENAME TO {table}")
