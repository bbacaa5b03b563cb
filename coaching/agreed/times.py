"""What the roster has of somebody at a time, as far as it speaks against a session then. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Why = Literal["outside", "pause", "busy", "on_call", "engaged"]

ON_QUEUE, PAUSE, COACHING, ON_CALL = "on_queue", "pause", "coaching", "on_call"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shift, or a session that is planned already (`engaged`): [start, end), UTC."""

    kind: str
    name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Clash:
    """Why a time does not suit, and the piece it clashes with: "outside" of the shift that is
    nearest, within a "pause", while somebody is "busy" with something else or "on_call", or
    "engaged" in another session. No piece: there is no shift at all."""

    why: Why
    piece: Piece | None = None


def clashes(
    start: datetime, end: datetime, shift: Sequence[Piece], engaged: Sequence[Piece] = ()
) -> list[Clash]:
    """What speaks against a session from `start` to `end`: of a day that has a roster, by the parts
    of the shifts around it, in the order of time, and by other sessions. Time for coaching and on
    the queue suits."""
    found = [Clash("engaged", one) for one in engaged if _meet(one, start, end)]
    if not shift:
        return [Clash("outside"), *found]
    within = sum((min(one.end, end) - max(one.start, start)).total_seconds()
                 for one in shift if _meet(one, start, end))  # fmt: skip
    if within < (end - start).total_seconds():
        found.append(Clash("outside", Piece("shift", "", shift[0].start, shift[-1].end)))
    for one in shift:
        if not _meet(one, start, end) or one.kind in (ON_QUEUE, COACHING):
            continue
        why: Why = "pause" if one.kind == PAUSE else "on_call" if one.kind == ON_CALL else "busy"
        found.append(Clash(why, one))
    return found


def _meet(one: Piece, start: datetime, end: datetime) -> bool:
    return one.start < end and start < one.end
