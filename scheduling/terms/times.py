"""When people cannot work, and what they would like, in moments and days of a roster's span."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from scheduling.models import Availability
from scheduling.shifts import Shape, Wish
from scheduling.shifts.days import MINUTES, Day, days_of
from scheduling.terms.shapes import template_id

_DAY = timedelta(days=1)
# Rests, weeks, runs and periods go on from what was worked, and not worked, so long before.
BEFORE = timedelta(days=14)
Moments = tuple[int, int]


class Away(Protocol):
    """An absence: its days, both included; without the last it is not known when it ends."""

    first_on: date
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """`count` days of a site from `first`, with the day before them and those after them that
    shifts and absences of the span reach into. The site's own days begin at `begins`, a minute of
    the clock."""

    first: date
    count: int
    begins: int
    wide: tuple[Day, ...]

    @classmethod
    def of(cls, first: date, count: int, zone: str, begins: int = 0) -> "Span":
        return cls(first, count, begins, days_of(first - _DAY, count + 4, zone))

    def date(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def moment(self, day: int, clock: int) -> int:
        """When the clock shows so many minutes since a day's midnight; of the day before the span
        (-1) it may be below 0."""
        ahead, minute = divmod(clock, MINUTES)
        return self.wide[day + 1 + ahead].at(minute) - self.wide[1].start

    def whole(self, first: int, last: int) -> Moments:
        """The site's own days from `first` to `last`, both included."""
        return self.moment(first, self.begins), self.moment(last + 1, self.begins)


def holds_on(one: Availability, day: date) -> bool:
    """Whether it is about a day."""
    return (
        one.weekday in (None, day.weekday())
        and (one.first_on is None or one.first_on <= day)
        and (one.last_on is None or day <= one.last_on)
    )


def closed(
    span: Span, absences: Iterable[Away], said: Iterable[Availability]
) -> tuple[Moments, ...]:
    """The moments at which somebody must not work: whole days of absences, and what they said they
    cannot. In order, and none meets another."""
    found = [*_away(span, absences), *_cannot(span, said)]
    joined: list[Moments] = []
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > 0:
            joined.append((begin, end))
    return tuple(joined)


def _away(span: Span, absences: Iterable[Away]) -> Iterator[Moments]:
    # Days that begin late reach into the span from before it, and shifts of it into the day after.
    earliest, latest = -1, span.count
    for one in absences:
        first = max(earliest, (one.first_on - span.first).days)
        last = latest if one.last_on is None else min(latest, (one.last_on - span.first).days)
        if first <= last:
            yield span.whole(first, last)


def credited(
    span: Span,
    absences: Iterable[Away],
    hours: Iterable[tuple[date, int]],
    by_contract: Callable[[date], int],
    fewest: int,
) -> tuple[dict[int, int], frozenset[int]]:
    """The minutes, by day, that somebody's absences count for in the `fewest` of their week and
    their period, and the days of work that are whole days of them. `hours` are parts of days, how
    many minutes each.

    A day counts for what it is by contract, holidays too: others can make up for one on another day
    of the week. Of a week that somebody is away all of, nothing is asked.
    """
    whole = absent(span, absences, since=-BEFORE.days)
    minutes = {day: by_contract(span.date(day)) for day in whole}
    away = {day for day in whole if minutes[day]}
    for on, part in hours:
        day = (on - span.first).days
        if day not in whole and day < span.count:
            minutes[day] = min(minutes.get(day, 0) + part, by_contract(on))
    for monday in range(-span.first.weekday(), span.count, 7):
        week = range(monday, monday + 7)
        if whole.issuperset(week):
            away |= {*week}
            minutes[monday] += max(fewest - sum(minutes[day] for day in week), 0)
    return {day: many for day, many in sorted(minutes.items()) if many}, frozenset(away)


def absent(span: Span, absences: Iterable[Away], since: int = -1) -> frozenset[int]:
    """The days of a span, and those before it from `since` on, on which somebody is absent."""
    days: set[int] = set()
    for one in absences:
        until = span.count if one.last_on is None else (one.last_on - span.first).days + 1
        days |= {*range(max(since, (one.first_on - span.first).days), min(span.count, until))}
    return frozenset(days)


def _cannot(span: Span, said: Iterable[Availability]) -> Iterator[Moments]:
    for one in said:
        if one.word != Availability.Word.MUST_NOT:
            continue
        for day in range(-1, span.count + 1):
            if holds_on(one, span.date(day)):
                hours = _hours(one)
                if hours is None:
                    yield span.whole(day, day)
                else:
                    yield span.moment(day, hours[0]), span.moment(day, hours[1])


def _hours(one: Availability) -> Moments | None:
    """From when to when by the clock; None: the whole day."""
    if one.from_minute is None or one.to_minute is None:
        return None
    return one.from_minute, one.to_minute


class Shifts:
    """The shifts that there are on each weekday, and which of them hours are about: asked of many
    people, who often say the same."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._there = [[one for one in shapes if day in one.weekdays] for day in range(7)]
        self._known: dict[tuple[int, Moments, tuple[bool, ...]], tuple[str, ...]] = {}

    def has(self, weekday: int, template: str) -> bool:
        return any(shape.template == template for shape in self._there[weekday])

    def outside(self, weekday: int, hours: Moments) -> tuple[str, ...]:
        """What is not within hours of its day."""
        return self._told(weekday, hours, (), lambda shape: not _within(shape, hours))

    def meeting(self, weekday: int, hours: Moments, held: tuple[bool, ...]) -> tuple[str, ...]:
        """What has some of the hours: those of the night before, of its day, or of the next
        morning, where they are `held` to be so on that day."""
        ahead = [n for n, is_held in zip((-1, 0, 1), held, strict=True) if is_held]
        return self._told(weekday, hours, held, lambda shape: _meets(shape, hours, ahead))

    def _told(
        self,
        weekday: int,
        hours: Moments,
        held: tuple[bool, ...],
        is_it: Callable[[Shape], bool],
    ) -> tuple[str, ...]:
        key = weekday, hours, held
        if key not in self._known:
            self._known[key] = self._in_short(weekday, filter(is_it, self._there[weekday]))
        return self._known[key]

    def _in_short(self, weekday: int, shapes: Iterable[Shape]) -> tuple[str, ...]:
        """Shapes of a weekday by name; all of a template by the template's, all of them as work."""
        of: dict[str, list[str]] = {}
        for shape in shapes:
            of.setdefault(shape.template, []).append(shape.id)
        there = Counter(shape.template for shape in self._there[weekday])
        whole = [template for template, ids in of.items() if len(ids) == there[template]]
        if whole and len(whole) == len(there):
            return ("",)
        rest = [one for template, ids in of.items() if template not in whole for one in ids]
        return (*whole, *rest)


def wishes(
    span: Span, said: Iterable[Availability], shifts: Shifts, rather_not: int, likes: int
) -> tuple[Wish, ...]:
    """What somebody would like of each day, and would rather not; refusing costs `likes` or
    `rather_not`.

    Hours that one would rather not work are wishes against every shift that has some of them. Hours
    that one likes are wishes against every shift of the day that is not within them: a day off
    refuses nothing. A shift that there is not on a day is no wish of it.
    """
    found: dict[tuple[int, bool, str], Wish] = {}
    for one in said:
        if one.word == Availability.Word.MUST_NOT:
            continue
        is_liked = one.word == Availability.Word.LIKES
        weight = likes if is_liked else rather_not
        # Of the day before the span, of each of its days, and of the day after.
        held = [holds_on(one, span.date(day)) for day in range(-1, span.count + 1)]
        for day in range(span.count):
            around = (held[day], held[day + 1], held[day + 2])
            weekday = span.date(day).weekday()
            for wants, what in _of_day(one, weekday, around, shifts, is_liked):
                known = found.get((day, wants, what))
                if known is None or known.weight < weight:
                    found[day, wants, what] = Wish(day, wants, weight, what)
    return tuple(found.values())


def _of_day(
    one: Availability, weekday: int, held: tuple[bool, bool, bool], shifts: Shifts, is_liked: bool
) -> Iterator[tuple[bool, str]]:
    hours, is_held = _hours(one), held[1]
    if hours is None:
        template = None if one.template_id is None else template_id(one.template_id)
        if is_held and (template is None or shifts.has(weekday, template)):
            yield is_liked, template or ""
    elif not is_liked:
        if any(held):
            yield from ((False, what) for what in shifts.meeting(weekday, hours, held))
    elif is_held:
        yield from ((False, what) for what in shifts.outside(weekday, hours))


def _within(shape: Shape, hours: Moments) -> bool:
    return hours[0] <= shape.start and shape.end <= hours[1]


def _meets(shape: Shape, hours: Moments, ahead: Iterable[int]) -> bool:
    """Whether a shift has some of the hours of the days that are so far ahead of its own."""
    return any(
        shape.start + since < hours[1] + n * MINUTES and shape.start + to > hours[0] + n * MINUTES
        for n in ahead
        for since, to in shape.spells
    )
