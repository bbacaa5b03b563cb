"""How many call backs are due. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Due:
    """Call backs that nobody made yet and that are due within the hour or overdue: how many, how
    many of them are overdue, and the moment that the first was due at."""

    calls: int = 0
    overdue: int = 0
    since: datetime | None = None


def together(several: Iterable[Due]) -> Due:
    """Those of several queues as one."""
    every = list(several)
    return Due(
        sum(one.calls for one in every),
        sum(one.overdue for one in every),
        min((one.since for one in every if one.since is not None), default=None),
    )
