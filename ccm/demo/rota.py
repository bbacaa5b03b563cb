"""Who is at work when: shifts fitted to the day's calls, rotated weekly, with breaks and absence.

A roster of true fairness is no business of the demo; it only has to put people where calls are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np

from ccm.demo.arrivals import Floats, curve, opening_ms
from ccm.demo.house import SITES, QueueSpec, SiteSpec
from ccm.demo.people import Person

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
SHIFT_HOURS = 8.5
# Everyone is on holiday one week in so many, and ill on such a share of the other days.
HOLIDAY_WEEKS = 26
ILL = 0.038
ABSENT = ILL + 1 / HOLIDAY_WEEKS
HOLIDAY, SICKNESS = "Holiday", "Sickness"
# Share of a shift spent in breaks, rooms and letters.
_PAUSED = 0.14
# Slots of half an hour are fine enough to start shifts in.
_SLOT = 0.5

LOG_IN, PAUSE, LOG_OUT = range(3)
LUNCH, BREAK, TRAINING, MEETING = "Lunch", "Break", "Training", "Meeting"
COACHING, BACK_OFFICE, CALLS_OUT = "Coaching", "Back office", "Calls out"
# Work, though nobody can ring who does it.
PRODUCTIVE = (TRAINING, MEETING, COACHING, BACK_OFFICE, CALLS_OUT)
# Nobody begins to call out for less.
_SHORTEST_MS = 10 * MINUTE_MS


@dataclass(frozen=True, slots=True, order=True)
class Duty:
    """What the rota tells an agent (a number in the site's crew) at a moment (ms since 1970)."""

    at: int
    kind: int
    agent: int
    length: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """An agent's (a number in the site's crew) day at work: from a moment (ms since 1970) on, so
    many hours."""

    agent: int
    day: date
    start: int
    hours: float
    round_the_clock: bool
    calls_out: bool


@dataclass(frozen=True, slots=True)
class Absence:
    """Why an agent (a number in the site's crew) is not there on a day with a shift."""

    agent: int
    day: date
    kind: str


def duties(site: SiteSpec, crew: list[Person], seed: int, first: date, last: date) -> list[Duty]:
    """The rota of a site for its days `first` to `last`, in order of time.

    It begins with the nights that reach into the first day. Each agent's day is drawn from a
    seed of its own.
    """
    found: list[Duty] = []
    for shift in shifts(site, crew, first - timedelta(days=1), last):
        if shift.day < first and not shift.round_the_clock:
            continue
        rng = _luck(seed, crew[shift.agent], shift.day)
        if not _away(crew[shift.agent], shift.day, rng.random()):
            found += _day(shift, rng)
    return sorted(found)


def absences(
    site: SiteSpec, crew: list[Person], seed: int, first: date, last: date
) -> Iterator[Absence]:
    """Who is away from which shift of the days `first` to `last`, and why."""
    for shift in shifts(site, crew, first, last):
        person = crew[shift.agent]
        kind = _away(person, shift.day, _luck(seed, person, shift.day).random())
        if kind:
            yield Absence(shift.agent, shift.day, kind)


def _luck(seed: int, person: Person, day: date) -> np.random.Generator:
    return np.random.default_rng([seed, day.toordinal(), _number(person)])


def _number(person: Person) -> int:
    return int(person.alias.removeprefix("Agent/"))


def _away(person: Person, day: date, luck: float) -> str:
    """Why somebody is not there on a day; empty: they are. `luck` is uniform."""
    # Weeks from Monday on; colleagues of one queue are not away together.
    week = (day.toordinal() - 1) // 7
    if (week + 5 * _number(person)) % HOLIDAY_WEEKS == 0:
        return HOLIDAY
    return SICKNESS if luck < ILL else ""


def shifts(site: SiteSpec, crew: list[Person], first: date, last: date) -> Iterator[Shift]:
    """Who is to work when on the days `first` to `last`, whether they come or are ill."""
    day = first
    while day <= last:
        for queue in site.queues:
            span = opening_ms(site, queue, day)
            if span is None:
                continue
            members = [n for n, one in enumerate(crew) if one.queues[0] == queue.name]
            for place, agent in enumerate(members):
                person = crew[agent]
                gone = person.left_on is not None and day >= person.left_on
                if gone or day < person.hired_on or not _works(queue, place, day):
                    continue
                start, hours = _shift(site, queue, len(members), place, day)
                begins = span[0] + int(start * HOUR_MS)
                yield Shift(
                    agent,
                    day,
                    begins,
                    hours,
                    round_the_clock=queue.hours is not None,
                    calls_out=_calls_out(queue, place, day),
                )
        day += timedelta(days=1)


def _works(queue: QueueSpec, place: int, day: date) -> bool:
    """Whether the agent at a place of the queue's roster works on a day, absence aside."""
    week, weekday = day.toordinal() // 7, day.weekday()
    if queue.hours is not None:  # never shut: two days off in seven, moving on each week
        return (weekday - place * 2 - week) % 7 >= 2
    if weekday >= 5:
        return (place + week + weekday) % _one_in(queue, weekday) == 0
    saturday = (place + week + 5) % _one_in(queue, 5) == 0
    return not (saturday and weekday == (place + 2 * week) % 5)


def _calls_out(queue: QueueSpec, place: int, day: date) -> bool:
    """Whether the agent at a place of the roster calls out on a day: for a week of weekdays."""
    week = (day.toordinal() - 1) // 7
    return day.weekday() < 5 and queue.campaign > 0 and (place + week) % queue.campaign == 0


def _one_in(queue: QueueSpec, weekday: int) -> int:
    """Every how many-th agent works on a weekend day with so much less to do."""
    volume = queue.weekdays[weekday]
    return max(1, round(0.9 / volume)) if volume else 10**6


def _shift(
    site: SiteSpec, queue: QueueSpec, size: int, place: int, day: date
) -> tuple[float, float]:
    """Hours from opening to the start of an agent's shift, and its length."""
    weekday = day.weekday()
    starts, length = _starts(site.slug, queue.name, size, weekday)
    week = day.toordinal() // 7
    return starts[(place + week) % len(starts)], length


@cache
def _starts(slug: str, queue_name: str, size: int, weekday: int) -> tuple[tuple[float, ...], float]:
    """Starts of `size` shifts, hours after opening, and their length.

    They follow the curve of a weekday's calls: each shift goes where most is missing.
    """
    wanted, length, round_the_clock = _demand(slug, queue_name, weekday)
    load = wanted * size * length / _SLOT
    # A thin hour needs more people to each call than a busy one.
    needed = np.maximum(load + 3.0 * np.sqrt(load), 2.0)
    needed *= load.sum() / needed.sum()
    covers = _covers(len(wanted), int(length / _SLOT), round_the_clock=round_the_clock)
    there = np.zeros(len(wanted))
    starts = []
    for _number in range(size):
        # Too few hurt more than too many.
        gaps = needed[None, :] - there[None, :] - covers
        best = int(np.argmin((np.where(gaps > 0, 3.0, 1.0) * gaps**2).sum(axis=1)))
        there += covers[best]
        starts.append(best * _SLOT)
    return tuple(sorted(starts)), length


def _demand(slug: str, queue_name: str, weekday: int) -> tuple[Floats, float, bool]:
    """Shares of a weekday's calls by slot, the length of its shifts, whether it never shuts."""
    site = next(one for one in SITES if one.slug == slug)
    queue = next(one for one in site.queues if one.name == queue_name)
    # Any day of that weekday that is no holiday shows the curve.
    day = date(2026, 6, 8) + timedelta(days=weekday)
    opening = site.hours_of(queue, day)
    while opening is None:
        day += timedelta(days=7)
        opening = site.hours_of(queue, day)
    opens, closes = opening
    slots = np.arange(opens, closes, _SLOT)
    wanted = curve(site, queue, day, slots + _SLOT / 2)
    return wanted / wanted.sum(), min(SHIFT_HOURS, closes - opens), queue.hours is not None


def usual_volume(site: SiteSpec, queue: QueueSpec, size: int) -> float:
    """Calls on a usual weekday that `size` agents serve at the queue's level.

    The load that a caller meets, in people busy at once, is seats - slack * sqrt(seats).
    """
    shares, length, round_the_clock = _demand(site.slug, queue.name, 0)
    starts, _length = _starts(site.slug, queue.name, size, 0)
    covers = _covers(len(shares), int(length / _SLOT), round_the_clock=round_the_clock)
    there = sum(covers[int(start / _SLOT)] for start in starts)
    working = 5 / 7 if round_the_clock else 1 - 0.2 / _one_in(queue, 5)
    seats = float((shares * there).sum()) * working * (1 - ABSENT) * (1 - _PAUSED)
    if queue.campaign:
        seats *= 1 - 1 / queue.campaign
    load = max(0.3 * seats, seats - queue.slack * seats**0.5)
    handling_hours = (queue.talk_seconds + queue.acw_seconds) / 3600
    return load * _SLOT / handling_hours / float((shares**2).sum())


def _covers(slots: int, length: int, *, round_the_clock: bool) -> Floats:
    """One row a possible start: which slots a shift from there covers."""
    rows = []
    for start in range(slots if round_the_clock else slots - length + 1):
        row = np.zeros(slots)
        row[np.arange(start, start + length) % slots] = 1.0
        rows.append(row)
    return np.array(rows)


def _day(shift: Shift, rng: np.random.Generator) -> list[Duty]:
    """An agent's duties on a day: people come a little early, and go to lunch in turns."""
    agent, hours, weekday = shift.agent, shift.hours, shift.day.weekday()
    spread = rng.random(6)
    start = shift.start + int((spread[0] - 0.7) * 8 * MINUTE_MS)
    end = start + int((hours * 60 + spread[1] * 6) * MINUTE_MS)
    pauses: list[Duty] = []

    def pause(hour: float, minutes: float, reason: str) -> None:
        at = start + int(hour * HOUR_MS)
        pauses.append(Duty(at, PAUSE, agent, int(minutes * MINUTE_MS), reason))

    pause(1.0 + spread[2] * 1.5, 13 + 4 * spread[3], BREAK)
    if hours > 6:
        pause(3.2 + spread[3] * 1.8, 28 + 4 * spread[4], LUNCH)
        pause(5.8 + spread[4] * 1.2, 13 + 4 * spread[2], BREAK)
        if weekday == 1 + agent % 3:  # Tuesday to Thursday, in thirds
            reason, minutes = _room(spread[5])
            pause(5.2 + 0.4 * spread[5], minutes, reason)
        elif weekday in (0, 4) and agent % 3 == weekday // 4:  # letters, Monday and Friday
            pause(7.2 + 0.4 * spread[5], 40, BACK_OFFICE)
    if shift.calls_out:
        pauses += list(_calling_out(start, end, sorted(pauses), agent))
    return [Duty(start, LOG_IN, agent), *pauses, Duty(end, LOG_OUT, agent)]


def _room(luck: float) -> tuple[str, int]:
    """What a room is for, and for how many minutes."""
    if luck < 0.3:
        return TRAINING, 45
    return (COACHING, 30) if luck < 0.6 else (MEETING, 25)


def _calling_out(start: int, end: int, pauses: list[Duty], agent: int) -> Iterator[Duty]:
    """A day of calling out: all of a shift that no other pause takes."""
    at = start
    for pause in [*pauses, Duty(end, LOG_OUT, agent)]:
        if pause.at - at >= _SHORTEST_MS:
            yield Duty(at, PAUSE, agent, pause.at - at, CALLS_OUT)
        at = max(at, pause.at + pause.length)
