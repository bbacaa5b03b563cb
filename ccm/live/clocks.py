"""What one-way delays tell of a source's clock, and its pauses of its silence. Pure.

An event says when it happened by the source's clock, and we know by ours when it came. The delay
between the two is how long it was on its way and how far the source's clock is behind ours, and
nothing tells the one from the other but this:

- No event comes before it happened. So a clock is behind by no more than the smallest delay, and
  one whose events come from the future is ahead by as much at least.
- What is posted late catches up: its times run faster than ours, and its delays shrink from post
  to post. A wrong clock runs as fast as ours, and its smallest delays stay the same.

So a delay is taken for the clock's where most of the latest seconds in which anything came agree
on it. A source whose every post is late by the same time looks just like a clock that is behind;
what is said of it says so.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ccm.identity import EPOCH

# Of so many of the latest seconds in which anything came the smallest delay is looked at.
SECONDS, AGREEING = 6, 4
# Delays that differ by no more agree; a clock that is wrong by no more is right.
TOLERANCE = timedelta(seconds=2)
# A clock is not wrong by more: such events are an old log told again.
MOST = timedelta(hours=24)

# A pause is counted in minutes, and a source is taken to be silent after so many of its usual ones.
PAUSES = 3
FIRST_PAUSE, SHORTEST_SILENCE = timedelta(minutes=5), timedelta(minutes=5)
_MINUTE = timedelta(minutes=1)
# One pause in fifty is longer than the usual one: each that is makes it longer by half, each that
# is not shorter by a hundredth.
_LONGER, _SHORTER = 1.5, 0.99


class Reading(NamedTuple):
    """The smallest delay of what came within one second (of 1970) by our clock."""

    second: int
    delay_ms: int


def delay_of(at: datetime, received_at: datetime) -> int:
    """In milliseconds; less than none of what is from the future."""
    return (received_at - at) // timedelta(milliseconds=1)


def latest(
    before: Iterable[Sequence[int]], came: Iterable[tuple[datetime, datetime]]
) -> list[Reading]:
    """The readings to go on with, of those before and of the (at, received) of what came since."""
    least = {one[0]: one[1] for one in before}
    for at, received_at in came:
        second = (received_at - EPOCH) // timedelta(seconds=1)
        delay = delay_of(at, received_at)
        least[second] = min(least.get(second, delay), delay)
    return [Reading(second, least[second]) for second in sorted(least)[-SECONDS:]]


def behind(readings: Sequence[Reading], before: timedelta | None) -> timedelta | None:
    """How far the clock is behind ours; less than none where it is ahead, None where nothing is
    known. What was known `before` stands until enough agrees on something else."""
    if not readings:
        return before
    smallest = min(one.delay_ms for one in readings)
    near = smallest + TOLERANCE // timedelta(milliseconds=1)
    if sum(one.delay_ms <= near for one in readings) < AGREEING:
        return before
    found = timedelta(milliseconds=smallest)
    return found if abs(found) <= MOST else None


def is_wrong(off: timedelta | None) -> bool:
    """Whether a clock is so far off that what is shown of it must be put right."""
    return off is not None and abs(off) > TOLERANCE


def usual_pause(before: timedelta | None, since: datetime, came_at: datetime) -> timedelta | None:
    """The pause that one in fifty is longer than, after one more of them; None: there was none."""
    usual = before or FIRST_PAUSE
    pause = came_at.replace(second=0, microsecond=0) - since.replace(second=0, microsecond=0)
    if pause < _MINUTE:
        return before
    return max(_MINUTE, usual * (_LONGER if pause > usual else _SHORTER))


def silence(usual: timedelta | None) -> timedelta:
    """How long nothing has come from a source that is taken to be silent."""
    return max(SHORTEST_SILENCE, PAUSES * (usual or FIRST_PAUSE))
