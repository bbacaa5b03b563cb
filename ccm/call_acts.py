"""What else may be done with a call than the record knows of: each app tells it here, and the page
of a call leads to it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ccm.models import Call, User


class Act(NamedTuple):
    """A page that does something with a call."""

    words: str
    url: str


Teller = Callable[[User, Call], Iterable[Act]]
"""What a user may do with a call that they may open; it asks the database once at most."""
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Have the page of a call lead to what an app does with it."""
    if teller not in _tellers:
        _tellers.append(teller)


def of_call(user: User, call: Call) -> list[Act]:
    return [act for teller in _tellers for act in teller(user, call)]
