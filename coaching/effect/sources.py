"""What may have changed how agents work, and when it happened to whom: coaching sessions, and
whatever else registers here.

A source tells of all agents of a site, whoever asks: whom something happened to is nobody's
colleague who serves for comparison. What a reader is told of single agents, `told` narrows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise

from ccm.models import Site

Words = str | Promise


class Event(NamedTuple):
    """That something happened to an agent on a site day: of which kind, and by whom (the id of a
    user; None: of nobody in particular)."""

    agent: int
    day: date
    kind: str
    by: int | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which events count: of these kinds; where `about` is a KPI, what was about that alone."""

    kinds: tuple[str, ...]
    about: str = ""


Read = Callable[[Site, date, date, Narrowed], Iterable[Event]]
"""The events of a site on the site days from the first to the last. One query."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a source: `one` of its events ("a session"), what who had it was ("coached"),
    and what its kinds are called: one, several, all of them, and figures of each."""

    one: Words
    done: Words
    kind: Words
    kinds: Words
    all_kinds: Words
    by_kind: Words


@dataclass(frozen=True, slots=True)
class Source:
    """Where events come from. `kinds` are all that there are, with their words; `default` those
    that count where nobody says. `tells_about`: whether it knows what KPI an event was about.
    `happened` says in a sentence what did it ("Coaching")."""

    name: str
    words: Words
    happened: Words
    kinds: Callable[[Site], Mapping[str, Words]]
    default: Sequence[str]
    """Empty: all kinds."""
    tells_about: bool
    read: Read
    said: Said
    """How one of them, and whom it happened to, is said."""
    is_training: bool = False
    """Whether whoever trains and coaches nobody is told of it: of many together alone."""


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Have effects of what a source tells be asked for; the first is what pages open on."""
    _sources[source.name] = source


def known(*, trains: bool = False) -> Mapping[str, Source]:
    """Those that there are, by name, in the order in which they came; where a reader only `trains`,
    those of training."""
    return {name: one for name, one in _sources.items() if one.is_training or not trains}
