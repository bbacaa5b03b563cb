"""A day's plan held against what was done: adherence, attendance, and what paid time went to.

Spells are [start, end), UTC, of one person, and those of one list do not overlap. Activities are
words: "on_queue", "pause" and others alike in both lists. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kpis.formulas.adherence import Kept, Spell, excepted, kept

PAUSE = "pause"
EXCUSED = "excused"
"""Of an exception: nothing was scheduled then."""
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift as it was published: its paid parts, and its unpaid pauses."""

    paid: Sequence[Spell]
    unpaid: Sequence[Spell] = ()

    @property
    def parts(self) -> list[Spell]:
        return sorted((*self.paid, *self.unpaid), key=lambda one: one.start)


@dataclass(frozen=True, slots=True)
class Attended:
    """How somebody came to a shift. `late` and `early` are by how much, where that is beyond what
    is allowed."""

    late: timedelta = _NO_TIME
    early: timedelta = _NO_TIME
    is_absent: bool = False


def cut(spells: Iterable[Spell], start: datetime, end: datetime) -> list[Spell]:
    """What of spells lies in [start, end)."""
    return [
        replace(one, start=max(one.start, start), end=min(one.end, end))
        for one in spells
        if one.start < end and one.end > start
    ]


def joined(spells: Iterable[Spell]) -> list[Spell]:
    """Spells of one activity that follow each other without a gap, as one."""
    found: list[Spell] = []
    for one in spells:
        if found and found[-1].end == one.start and found[-1].activity == one.activity:
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found


def with_exceptions(scheduled: Sequence[Spell], approved: Sequence[Spell]) -> list[Spell]:
    """The schedule with approved exceptions in place of what they cover; excused time is none."""
    return [one for one in excepted(scheduled, approved) if one.activity != EXCUSED]


def held(scheduled: Sequence[Spell], done: Sequence[Spell], forgiven: timedelta = _NO_TIME) -> Kept:
    """Adherence to paid time. A pause is no work: beyond the paid pauses of the plan it is neither
    worked nor outside of it, as unpaid pauses are in neither list."""
    pauses = [one for one in scheduled if one.activity == PAUSE]
    worked = [one for one in done if one.activity != PAUSE]
    for plan in pauses:
        worked += cut((one for one in done if one.activity == PAUSE), plan.start, plan.end)
    return kept(scheduled, worked, forgiven)


def within(
    paid: Sequence[Spell], unpaid: Sequence[Spell], done: Sequence[Spell]
) -> Mapping[str, timedelta]:
    """What paid time of a plan went to, by what was done in it; the rest nobody was there.

    Work in an unpaid pause stands for as much of pauses in paid time: whoever goes to lunch later
    than was planned has had no longer a pause.
    """
    found = dict(lengths(part for plan in paid for part in cut(done, plan.start, plan.end)))
    instead = lengths(part for plan in unpaid for part in cut(done, plan.start, plan.end))
    left = found.get(PAUSE, _NO_TIME)
    for activity in sorted(instead):
        moved = min(instead[activity], left)
        if activity != PAUSE and moved:
            found[activity] = found.get(activity, _NO_TIME) + moved
            left -= moved
    if PAUSE in found:
        found[PAUSE] = left
    return {activity: length for activity, length in found.items() if length}


def lengths(spells: Iterable[Spell]) -> Mapping[str, timedelta]:
    found: dict[str, timedelta] = {}
    for one in spells:
        found[one.activity] = found.get(one.activity, _NO_TIME) + one.length
    return found


def overlap(spells: Iterable[Spell], windows: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """How much of spells lies in windows, which are apart."""
    spells = list(spells)
    return sum((one.length for start, end in windows for one in cut(spells, start, end)), _NO_TIME)


def attended(
    shift: Sequence[Spell], done: Sequence[Spell], until: datetime, allowed: timedelta = _NO_TIME
) -> Attended | None:
    """How somebody came to a shift, of whatever they did in it; None: nothing of it is left to
    come to, or it is not known yet.

    `shift` are its parts with approved exceptions in them; what was done is known until `until`.
    Who has not come yet is late, by all of it until then; who has not come until its end is absent,
    and neither late nor early.
    """
    if not shift:
        return None
    start, end = min(one.start for one in shift), max(one.end for one in shift)
    there = cut(done, start, end)
    if not there and until >= end:
        return Attended(is_absent=True)
    if not there:
        return Attended(late=until - start) if until - start > allowed else None
    late = min(one.start for one in there) - start
    early = end - max(one.end for one in there) if until >= end else _NO_TIME
    return Attended(late if late > allowed else _NO_TIME, early if early > allowed else _NO_TIME)


def apart(spells: Iterable[Spell]) -> list[Spell]:
    """Spells in order; of two at once the earlier one stands until its end."""
    found: list[Spell] = []
    for one in sorted(spells, key=lambda each: (each.start, each.end)):
        start = max(one.start, found[-1].end) if found else one.start
        if start < one.end:
            found.append(replace(one, start=start))
    return found
