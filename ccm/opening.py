"""How much of time lies in opening hours. Pure; `Site.is_open` says whether a moment does.

Hours are as `Site.opening` keeps them: spells ["HH:MM", "HH:MM"] of the clock by weekday. Where no
spell is, it is always open.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import NamedTuple

from ccm.intervals import DAY

Hours = Mapping[str, Sequence[Sequence[str]]]


class Stretch(NamedTuple):
    """For moments after the end of the stretch before and until `until`, that too: the later of the
    moment and `opens`, and `later` after that, is so much opening time after the moment."""

    until: datetime
    opens: datetime
    later: timedelta


def after(moment: datetime, span: timedelta, hours: Hours, tz: tzinfo) -> datetime:
    """When so much opening time is over from a moment on: the closing hour itself where it is over
    just then."""
    if span <= timedelta() or not _ever(hours):
        return moment + span
    moment, left = moment.astimezone(UTC), span
    for begin, end in spells(moment, hours, tz):
        start = max(begin, moment)
        if left <= end - start:
            return start + left
        left -= max(end - start, timedelta())
    raise AssertionError("spells do not end")


def stretches(
    start: datetime, end: datetime, span: timedelta, hours: Hours, tz: tzinfo
) -> list[Stretch]:
    """What `after` says of all moments from `start` to `end`, as few stretches as it takes. None
    where it is always open."""
    if span <= timedelta() or not _ever(hours):
        return []
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    asking, over = spells(start, hours, tz), spells(start, hours, tz)
    moment, closes = next(asking)
    moment = max(moment, start)
    due = after(moment, span, hours, tz)
    ends = next(one for _, one in over if one >= due)
    found = [Stretch(moment, moment, due - moment)]
    while moment < end:
        step = min(closes - moment, ends - due)
        if step:
            found.append(Stretch(moment + step, moment, due - moment))
        moment, due = moment + step, due + step
        if moment == closes:
            moment, closes = next(asking)
            found.append(Stretch(moment, moment, due - moment))
        if due == ends:
            due, ends = next(over)
    return found


def spells(moment: datetime, hours: Hours, tz: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """The spells that end after a moment, as UTC, without end if there are any."""
    day = moment.astimezone(tz).date() - DAY
    while True:
        midnight = datetime.combine(day, time(), tz)
        for begin, end in hours.get(str(day.weekday()), ()):
            opens, closes = _at(midnight, begin), _at(midnight, end)
            # An hour that a clock change leaves out was never open.
            if opens < closes and closes > moment:
                yield opens, closes
        day += DAY


def _at(midnight: datetime, clock: str) -> datetime:
    """The moment of a day at which its clock shows this; 24:00 is the next day's midnight."""
    hour, minute = map(int, clock.split(":"))
    return (midnight + timedelta(hours=hour, minutes=minute)).astimezone(UTC)


def _ever(hours: Hours) -> bool:
    return any(begin < end for begin, end in chain.from_iterable(hours.values()))
