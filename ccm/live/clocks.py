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
# By so much a moment may lie outside the stretch of its clock that it is of.
SLACK = 2 * TOLERANCE

# A pause is counted in minutes, and a source is taken to be silent after so many of its usual ones.
PAUSES = 3
FIRST_PAUSE, SHORTEST_SILENCE = timedelta(minutes=5), timedelta(minutes=5)
_MILLISECOND, _SECOND = timedelta(milliseconds=1), timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
# Counts are of quarter hours: what a clock tells that is wrong by one is in another one.
MISCOUNTS = timedelta(minutes=15)
# So many of the latest changes of a clock are kept: more than there are in the hour that walls look
# back, though it jump every minute.
MOST_CHANGES = 64
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


def since(readings: Sequence[Reading]) -> datetime:
    """When, by our clock, the first of the readings came that agree on the smallest delay."""
    near = min(one.delay_ms for one in readings) + TOLERANCE // timedelta(milliseconds=1)
    return EPOCH + timedelta(seconds=min(one.second for one in readings if one.delay_ms <= near))


class Change(NamedTuple):
    """A clock was found to be so far behind ours, in milliseconds, from a second (of 1970) on, by
    ours."""

    second: int
    behind_ms: int


def changed(
    changes: Iterable[Sequence[int]],
    readings: Sequence[Reading],
    before: timedelta | None,
    off: timedelta | None,
) -> list[Change]:
    """The changes of a clock to go on with, now that it is found to be so far behind. Where nothing
    was known `before` it was so from the first."""
    kept = [Change(*one) for one in changes]
    if off is None:
        return kept
    last = timedelta(milliseconds=kept[-1].behind_ms) if kept else timedelta()
    if abs(off - last) > TOLERANCE:
        second = 0 if before is None else (since(readings) - EPOCH) // _SECOND
        kept.append(Change(second, off // _MILLISECOND))
    return kept[-MOST_CHANGES:]


def right(changes: Iterable[Sequence[int]], moment: datetime, now: datetime) -> datetime:
    """A moment as a source wrote it, by our clock: by the latest change of the source's clock that
    it can be of, for then it lies between that one and the next. It was before `now`; a clock that
    was set back tells an hour twice, so it is better to say when the moment was told of, if known.

    The same in a query of the record: `ccm.live.stretches.right_sql`.
    """
    until, every = now, list(changes)
    for second, behind_ms in reversed(every):
        off, begun = timedelta(milliseconds=behind_ms), EPOCH + second * _SECOND
        found = moment + off if is_wrong(off) else moment
        if begun - SLACK <= found <= until + SLACK:
            return found
        until = min(until, begun)
    # Of a change that is no longer kept: nothing was before it was told.
    jumped = len(every) > 1 and any(is_wrong(ms * _MILLISECOND) for _second, ms in every)
    return min(moment, now) if jumped else moment


class Stretch(NamedTuple):
    """A clock was `off`, so far behind ours, from a moment by ours (None: from the first) until
    another (None: it still is)."""

    begun: datetime | None
    until: datetime | None
    off: timedelta


def miscounted(
    changes: Sequence[Sequence[int]], since: datetime, heard_at: datetime
) -> list[Stretch]:
    """The stretches in which a clock was so wrong that what it told is in other quarter hours than
    it was, as far as any of it was, or is told to have been, after a moment. It was heard of last
    at `heard_at`."""
    found: list[Stretch] = []
    ends = [*(EPOCH + second * _SECOND for second, _ms in changes[1:]), None]
    for (second, behind_ms), until in zip(changes, ends, strict=False):
        off, last = behind_ms * _MILLISECOND, until or heard_at
        if abs(off) < MISCOUNTS or max(last, last - off) <= since:
            continue
        begun = EPOCH + second * _SECOND if second else None
        before = found[-1] if found else None
        # A clock that drifts is measured anew, and is wrong on.
        if before and before.until == begun and abs(before.off - off) < MISCOUNTS:
            begun = found.pop().begun
        found.append(Stretch(begun, until, off))
    return found


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
