"""What of a team's month somebody is to decide: the few that press most. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["bad", "warn", "ok"]
MOST = 5
FEWEST = 3
"""Where fewer press, what went well fills up: it, too, wants a word."""
_ORDER: dict[Level, int] = {"bad": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to decide, in words, how much it presses with a word for that, and where it is seen
    to. "ok": it went well."""

    level: Level
    word: str
    said: str
    url: str
    action: str


def chosen(matters: Iterable[Matter]) -> Sequence[Matter]:
    """At most `MOST`, what presses most first and else in the order in which they came; what went
    well only where fewer than `FEWEST` press."""
    ordered = sorted(matters, key=lambda one: _ORDER[one.level])
    pressing = [one for one in ordered if one.level != "ok"]
    if len(pressing) >= FEWEST:
        return pressing[:MOST]
    return ordered[:FEWEST]
