"""Alerts of other apps, which stand on the same page: nobody imports upward, so each app tells its
own in its `apps.py`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from ccm.models import Site, User


@dataclass(frozen=True, slots=True)
class Other:
    """An alert that no rule raised: it ends when what it tells of does."""

    level: str
    word: str
    words: str
    site: Site
    since: datetime
    url: str


Found = Callable[[User], Iterable[Other]]
_found: list[Found] = []


def register(found: Found) -> None:
    """Have what stands for a reader told, in one query."""
    _found.append(found)


def standing(user: User) -> list[Other]:
    """Those that the user may see, the newest first."""
    every = [one for found in _found for one in found(user)]
    return sorted(every, key=lambda one: one.since, reverse=True)
