"""Signs that work wears people out: days that show one are counted, by week, and held against the
weeks before. Pure. There is no score: each sign is a cause, and stands alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kpis.noise import Kind, Verdict, judge


class Sign(StrEnum):
    OCCUPANCY = "occupancy"
    OVERTIME = "overtime"
    MISSED = "missed"
    LONG = "long"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a day is a sign: occupancy and missed pauses as fractions, the others in
    seconds; None: it is not looked for."""

    occupancy: float | None = 0.88
    overtime_seconds: int | None = 30 * 60
    missed: float | None = 0.5
    pause_seconds: int | None = 20 * 60
    wishes: bool = True

    def looks_for(self, sign: Sign) -> bool:
        return {
            Sign.OCCUPANCY: self.occupancy is not None,
            Sign.OVERTIME: self.overtime_seconds is not None,
            Sign.MISSED: self.missed is not None,
            Sign.LONG: self.pause_seconds is not None,
            Sign.AGAINST: self.wishes,
        }[sign]


@dataclass(frozen=True, slots=True)
class Day:
    """What is known of a day of somebody; None: nothing is.

    `occupancy` is a fraction, `beyond_seconds` how much longer than the plan they worked, and
    `is_overtime` whether the plan had overtime that they took. Pauses are in seconds, planned and
    done. `wishes` are those of its roster, `refused` how many of them it went against.
    """

    agent: int
    on: date
    occupancy: float | None = None
    beyond_seconds: int | None = None
    is_overtime: bool = False
    pauses_planned: int | None = None
    pauses_done: int | None = None
    wishes: int = 0
    refused: int = 0

    def shows(self, sign: Sign, limits: Limits) -> bool | None:
        """Whether it is a sign; None where that is not known, or not looked for."""
        if not limits.looks_for(sign):
            return None
        if sign == Sign.OCCUPANCY:
            return None if self.occupancy is None else self.occupancy > (limits.occupancy or 0)
        if sign == Sign.OVERTIME:
            if self.beyond_seconds is None:
                return None
            return self.is_overtime or self.beyond_seconds > (limits.overtime_seconds or 0)
        if sign == Sign.AGAINST:
            return self.refused > 0 if self.wishes else None
        if self.pauses_planned is None or self.pauses_done is None:
            return None
        if sign == Sign.MISSED:
            least = (limits.missed or 0) * self.pauses_planned
            return self.pauses_done < least if self.pauses_planned else None
        return self.pauses_done - self.pauses_planned > (limits.pause_seconds or 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """On how many days a sign showed, of how many it could have, of how many people."""

    days: int = 0
    of: int = 0
    of_people: int = 0

    @property
    def share(self) -> float | None:
        return self.days / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Watched:
    """A sign in a week, and what is usual by the weeks before it, the oldest first; whether it is
    more, or less, than they vary by themselves is the `verdict`'s to say."""

    sign: Sign
    now: Tally
    past: Sequence[Tally]
    verdict: Verdict

    @property
    def is_more(self) -> bool:
        return (self.now.share or 0) > (self.verdict.usual or 0)


def tally(sign: Sign, days: Iterable[Day], limits: Limits) -> Tally:
    known = [(one.agent, shown) for one in days if (shown := one.shows(sign, limits)) is not None]
    return Tally(
        days=sum(shown for _agent, shown in known),
        of=len(known),
        of_people=len({agent for agent, _shown in known}),
    )


def watch(
    weeks: Sequence[Sequence[Day]], limits: Limits, fewest: int = 1
) -> Mapping[Sign, Watched]:
    """Each sign that is looked for, in the last of some weeks against those before it.

    A week of which something is known of fewer than `fewest` people counts as unknown, also the
    last one: of so few nothing is told. Days of one person lean on each other, which the spread
    over weeks has in it. Raises ValueError for no week.
    """
    if not weeks:
        raise ValueError("there is no week to look at")
    found = {}
    for sign in Sign:
        if not limits.looks_for(sign):
            continue
        every = [_of_enough(tally(sign, week, limits), fewest) for week in weeks]
        *past, now = every
        shares = [one.share for one in past if one.share is not None]
        verdict = judge(now.share, shares, Kind.RATE, n=now.of) if now.of else Verdict()
        found[sign] = Watched(sign, now, past, verdict)
    return found


def _of_enough(one: Tally, fewest: int) -> Tally:
    return one if one.of_people >= fewest else Tally(of_people=one.of_people)
