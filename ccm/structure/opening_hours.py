"""Opening hours as people write them and as they are kept: "09:00-12:30, 13:30-18:00"."""

import re
from collections.abc import Sequence
from itertools import pairwise

_SPELL = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–]\s*(\d{1,2})(?:[:.](\d\d))?")

Spells = list[list[str]]


def spells(text: str) -> Spells:
    """One day's spells in order, each ["HH:MM", "HH:MM"]; none for an empty text.

    Raises ValueError with the stretch that makes no sense: one that is no time of day, ends
    before it begins (a night is written as two days' spells), or begins inside another.
    """
    found: Spells = []
    for part in (one.strip() for one in re.split(r"[,;]", text)):
        if not part:
            continue
        hit = _SPELL.fullmatch(part)
        if hit is None:
            raise ValueError(part)
        begin, end = _minutes(hit[1], hit[2]), _minutes(hit[3], hit[4])
        if not begin < end <= 24 * 60 or int(hit[2] or 0) > 59 or int(hit[4] or 0) > 59:
            raise ValueError(part)
        found.append([_clock(begin), _clock(end)])
    found.sort()
    for (_, before), (start, until) in pairwise(found):
        if start < before:
            raise ValueError(f"{start}-{until}")
    return found


def written(day: Sequence[Sequence[str]]) -> str:
    """One day's spells as a person would write them; empty for none."""
    return ", ".join(f"{begin}-{end}" for begin, end in day)


def _minutes(hours: str, minutes: str | None) -> int:
    return int(hours) * 60 + int(minutes or 0)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
