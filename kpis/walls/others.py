"""Lines of apps above on walls: nobody imports upward, so who knows them registers who tells."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from ccm.models import Site


class Thanks(NamedTuple):
    """Somebody's thanks: when they were said, to whom, and what for."""

    at: datetime
    whose: str
    words: str


Teller = Callable[[Site, datetime], Sequence[Thanks]]
"""The latest thanks at a site that those who were thanked want to have on walls. One query."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Have walls show what an app knows."""
    if teller not in _tellers:
        _tellers.append(teller)


def thanks(site: Site, now: datetime) -> list[Thanks]:
    """The newest first."""
    found = [one for tell in _tellers for one in tell(site, now)]
    return sorted(found, key=lambda one: one.at, reverse=True)
