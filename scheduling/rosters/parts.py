"""What somebody is planned to do when: the one home of what a shift is made of, for cover, agents'
own pages, adherence, payroll and calendars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling.models import KeptShift
from scheduling.rosters import given

ON_QUEUE = "on_queue"
ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a shift, [start, end), UTC: of a kind of `KeptShift.Activity`, `ON_QUEUE`, or
    `ON_CALL`. `name` is what planners call it, and empty for those two."""

    kind: str
    name: str
    start: datetime
    end: datetime
    is_paid: bool = True

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def of_shift(shift: KeptShift) -> list[Part]:
    """All of a shift, in the order of time and without gaps but the hours between spells, which
    are nobody's."""
    said = given.of_row(shift)
    if shift.is_on_call:
        return [Part(ON_CALL, "", begin, end) for begin, end in said.spells]
    return [part for spell in said.spells for part in _of_spell(said, *spell)]


def _of_spell(said: given.Given, begin: datetime, end: datetime) -> Iterator[Part]:
    at = begin
    for part in sorted(map(_part, said.activities), key=lambda one: (one.start, one.end)):
        # Activities lie within their spell; what by some accident does not is cut to it.
        since, to = max(part.start, at), min(part.end, end)
        if since >= to:
            continue
        if since > at:
            yield Part(ON_QUEUE, "", at, since)
        yield Part(part.kind, part.name, since, to, part.is_paid)
        at = to
    if at < end:
        yield Part(ON_QUEUE, "", at, end)


def _part(one: given.Saying) -> Part:
    moment = datetime.fromisoformat
    return Part(one["kind"], one["name"], moment(one["start"]), moment(one["end"]), one["is_paid"])
