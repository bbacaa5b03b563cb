"""The queues of background work: what is short, or waited for, never stands behind what is long.

A task that runs is not set aside for another, and a worker does few at a time. So long work has a
queue of its own, and a worker of its own wherever others wait for theirs; which task goes where is
in the settings (`CELERY_TASK_ROUTES`). A worker of all queues does everything.
"""

from collections.abc import Collection

SOON = ("import", "rollup", "mail", "default")
LONG = "long"
ALL = (*SOON, LONG)


def node(queues: Collection[str]) -> str:
    """The name of a worker of these queues among Celery's, whose `%h` is the machine. Workers of
    other queues on the same machine are named otherwise, as each needs to be to be spoken to."""
    return f"{'celery' if {*queues} == {*ALL} else '-'.join(queues)}@%h"
