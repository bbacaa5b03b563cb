"""Where pauses lie and what else is planned within shifts: where the curve can best spare people.

Shift by shift, pauses are put where somebody's being away costs least, given where all others' are;
in turns, until nobody's move helps. Sessions come first, as they take longer. Of places that the
curve can spare about as well, people would rather have those that are an hour from each other and
from the ends of the work.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from scheduling.compiled import compiled
from scheduling.roster.fitting import fits, is_apart
from scheduling.roster.grid import OFF, Grid, Ints
from scheduling.shifts import Activity, Assignment, Kind, Roster, Session, Shape

# Where a demand says nothing of slots, and never finer than what rosters are read in.
_STEP = 15
_TURNS = 6
# Minutes that pauses are apart, and what each quarter of an hour less costs: a little of what a
# position that is missing for one does, so that it decides where nothing else does.
_APART, _CROWDED = 60, 1.0
Spans = list[tuple[int, int]]
Floats = NDArray[np.float64]


class Pauses:
    """Everyone's pauses and sessions, and who is there beside them."""

    def __init__(self, grid: Grid, chosen: Ints) -> None:
        self.grid, self.chosen = grid, chosen
        demand = grid.problem.demand
        self.slot = demand.slot_minutes if demand else _STEP
        self.step = min(self.slot, _STEP)
        self.there: Floats = grid.ahead / grid.parts
        self.pauses: dict[tuple[int, int], Spans] = {}
        self.sessions: dict[tuple[int, int], list[tuple[Session, int]]] = {}
        for person, day, shape in self.shifts():
            begin = grid.problem.spells(day, shape)[0][0]
            option = int(chosen[person, day])
            self.pauses[person, day] = [
                (begin + place, begin + place + pause.minutes)
                for place, pause in zip(grid.pauses[option], shape.pauses, strict=True)
            ]
            for span in grid.problem.spells(day, shape):
                self._count(person, span, 1, shape)
            for span in self.pauses[person, day]:
                self._count(person, span, -1, shape)

    def shifts(self) -> Iterator[tuple[int, int, Shape]]:
        people, days = np.nonzero(self.chosen != OFF)
        for person, day in zip(people, days, strict=True):
            option = self.chosen[person, day]
            yield int(person), int(day), self.grid.problem.shapes[self.grid.option_shape[option]]

    def place(self, goes_on: Callable[[], bool] = lambda: True) -> None:
        """Sessions, then pauses in turns while any move helps. Where time is over, only those are
        moved that do not fit as they lie: in the night that an hour is longer."""
        for session in self.grid.problem.sessions:
            self._hold(session)
        for shift in self.shifts():
            if not self._is_fit(*shift):
                self._move(*shift)
        for _turn in range(_TURNS):
            if not sum(self._move(*shift) for shift in self.shifts() if goes_on()):
                break

    def roster(self) -> Roster:
        made: dict[str, dict[int, Assignment]] = {}
        for person, day, shape in self.shifts():
            activities = [
                Activity(pause.name, *span)
                for pause, span in zip(shape.pauses, self.pauses[person, day], strict=True)
            ] + [
                Activity(one.name, begin, begin + one.minutes, is_pause=False)
                for one, begin in self.sessions.get((person, day), ())
            ]
            activities.sort(key=lambda one: one.start)
            made.setdefault(self.grid.people[person].id, {})[day] = Assignment(
                shape.id, tuple(activities)
            )
        return Roster(made)

    def _count(self, person: int, span: tuple[int, int], sign: int, shape: Shape) -> None:
        if shape.kind is Kind.ON_CALL or not self.there.shape[1]:
            return
        fills = self.grid.fills[person] / self.grid.parts
        for slot, share in _shares(span, self.slot, self.there.shape[1]):
            self.there[:, slot] += sign * share * fills

    def _away(self, person: int, begin: int, end: int) -> Floats:
        """What it costs, slot by slot from the one that holds `begin`, if somebody is not there."""
        if not self.there.shape[1]:
            return np.zeros(-(-(end - begin) // self.slot) + 1)
        first = max(begin // self.slot, 0)
        last = min(-(-end // self.slot), self.there.shape[1])
        grid = self.grid
        return _away(
            self.there[:, first:last], grid.required[:, first:last] / grid.parts,
            grid.fills[person] / grid.parts, float(grid.under), float(grid.over),
        )  # fmt: skip

    def _cost(self, away: Floats, first: int, span: tuple[int, int]) -> float:
        return float(
            sum(
                share * away[slot - first]
                for slot, share in _shares(span, self.slot, first + len(away))
                if slot >= first
            )
        )

    def _move(self, person: int, day: int, shape: Shape) -> bool:
        """Put one shift's pauses where they cost least; whether that moved any."""
        had = self.pauses[person, day]
        if not had:
            return False
        spells = self.grid.problem.spells(day, shape)
        taken = [
            (begin, begin + one.minutes) for one, begin in self.sessions.get((person, day), ())
        ]
        for span in had:
            self._count(person, span, 1, shape)
        away = self._away(person, spells[0][0], spells[-1][1])
        first = max(spells[0][0] // self.slot, 0)
        limit = self.grid.people[person].limits.longest_without_pause
        best = had
        is_fit = fits(had, spells, taken, limit)
        least = sum(self._cost(away, first, span) + _at_ends(span, spells) for span in had)
        least += _crowded(had) - 1e-9
        for cost, spans in self._ways(shape, spells, away, first):
            if is_fit and cost >= least:
                break
            if fits(spans, spells, taken, limit):
                best = spans
                break
        for span in best:
            self._count(person, span, -1, shape)
        self.pauses[person, day] = best
        return best != had

    def _is_fit(self, person: int, day: int, shape: Shape) -> bool:
        """Whether a shift's pauses may lie where they do."""
        if not shape.pauses:
            return True
        taken = [
            (begin, begin + one.minutes) for one, begin in self.sessions.get((person, day), ())
        ]
        limit = self.grid.people[person].limits.longest_without_pause
        spells = self.grid.problem.spells(day, shape)
        return fits(self.pauses[person, day], spells, taken, limit)

    def _ways(
        self, shape: Shape, spells: Sequence[tuple[int, int]], away: Floats, first: int
    ) -> list[tuple[float, Spans]]:
        """Places for a shift's pauses, the cheapest first: of each pause the cheapest few, in all
        their combinations."""
        several: list[list[tuple[float, tuple[int, int]]]] = []
        begin = spells[0][0]
        for pause in shape.pauses:
            spans = [
                (begin + at, begin + at + pause.minutes)
                for at in range(pause.earliest, pause.latest + 1, self.step)
            ]
            middle = begin + (pause.earliest + pause.latest) / 2
            priced = sorted(
                ((self._cost(away, first, span) + _at_ends(span, spells), span) for span in spans),
                key=lambda one: (one[0], abs(one[1][0] - middle)),
            )
            several.append(priced[: _FEW[min(len(shape.pauses), len(_FEW) - 1)]])
        return sorted(
            (sum(cost for cost, _span in one) + _crowded(spans), spans)
            for one in product(*several)
            for spans in [[span for _cost, span in one]]
        )

    def _hold(self, session: Session) -> None:
        """Find a time for something: for all at once, or for each a time of their own."""
        number = {one.id: n for n, one in enumerate(self.grid.people)}
        people = [number[one] for one in session.people if one in number]
        if session.together:
            times = range(session.since, session.until - session.minutes + 1, self.step)
            held = [(self._able(people, session, begin), begin) for begin in times]
            best = max(
                held, key=lambda one: (len(one[0]), -self._spared(one[0], session, one[1])),
                default=([], 0),
            )  # fmt: skip
            for person, day in best[0]:
                self._give(person, day, session, best[1])
            return
        for person in people:
            found = [
                (self._spared([(person, day)], session, begin), begin, day)
                for day in np.flatnonzero(self.chosen[person] != OFF).tolist()
                for begin in self._times(person, day, session)
                if self._able([person], session, begin)
            ]
            if found:
                _cost, begin, day = min(found)
                self._give(person, day, session, begin)

    def _shape(self, person: int, day: int) -> Shape:
        return self.grid.problem.shapes[self.grid.option_shape[self.chosen[person, day]]]

    def _times(self, person: int, day: int, session: Session) -> Iterator[int]:
        for begin, end in self.grid.problem.spells(day, self._shape(person, day)):
            first, last = max(begin, session.since), min(end, session.until) - session.minutes
            yield from range(first, last + 1, self.step)

    def _able(self, people: Sequence[int], session: Session, begin: int) -> list[tuple[int, int]]:
        """Who of these is on duty for all of it and has nothing else, with the day of the shift.
        Pauses still move."""
        end, able = begin + session.minutes, []
        for person in people:
            for day in np.flatnonzero(self.chosen[person] != OFF).tolist():
                shape = self._shape(person, day)
                if shape.kind is Kind.ON_CALL or not any(
                    since <= begin and end <= to
                    for since, to in self.grid.problem.spells(day, shape)
                ):
                    continue
                taken = [
                    (at, at + one.minutes) for one, at in self.sessions.get((person, day), ())
                ] + [(begin, end)]
                if self._leaves_room(person, day, shape, taken):
                    able.append((person, day))
        return able

    def _leaves_room(self, person: int, day: int, shape: Shape, taken: Spans) -> bool:
        """Whether a shift's pauses still have places beside what is taken."""
        if not shape.pauses:
            return is_apart(taken)
        spells = self.grid.problem.spells(day, shape)
        limit = self.grid.people[person].limits.longest_without_pause
        begin = spells[0][0]
        every = [
            [
                (begin + at, begin + at + pause.minutes)
                for at in range(pause.earliest, pause.latest + 1, self.step)
                if is_apart([*taken, (begin + at, begin + at + pause.minutes)])
            ]
            for pause in shape.pauses
        ]
        return any(fits(spans, spells, taken, limit) for spans in product(*every))

    def _spared(self, people: Sequence[tuple[int, int]], session: Session, begin: int) -> float:
        """What it costs that these are away."""
        span = (begin, begin + session.minutes)
        return sum(
            self._cost(self._away(person, *span), max(begin // self.slot, 0), span)
            for person, _day in people
        )

    def _give(self, person: int, day: int, session: Session, begin: int) -> None:
        self.sessions.setdefault((person, day), []).append((session, begin))
        shape = self._shape(person, day)
        self._count(person, (begin, begin + session.minutes), -1, shape)
        self._move(person, day, shape)


def _at_ends(span: tuple[int, int], spells: Iterable[tuple[int, int]]) -> float:
    """What it costs that a pause is near the beginning or the end of its spell of work."""
    return sum(
        _near(span[0] - begin) + _near(end - span[1])
        for begin, end in spells
        if begin <= span[0] and span[1] <= end
    )


def _crowded(spans: Spans) -> float:
    """What it costs that pauses of a shift are near each other."""
    return sum(
        _near(max(other[0] - one[1], one[0] - other[1])) for one, other in combinations(spans, 2)
    )


def _near(minutes: int) -> float:
    return _CROWDED * max(_APART - minutes, 0) / 15


# How many places of each pause are tried together, by how many pauses a shift has.
_FEW = (0, 1_000, 12, 6, 4, 3)


def _shares(span: tuple[int, int], step: int, slots: int) -> Iterator[tuple[int, float]]:
    """The slots that a span reaches into, and the share of each."""
    begin, end = span
    for slot in range(max(begin // step, 0), min(-(-end // step), slots)):
        yield slot, (min(end, (slot + 1) * step) - max(begin, slot * step)) / step


@compiled
def _away(there: Floats, required: Floats, fills: Floats, under: float, over: float) -> Floats:
    sets, slots = there.shape
    made = np.zeros(slots, np.float64)
    for at in range(slots):
        short, shorter = 0.0, 0.0
        for some in range(sets):
            lacks = required[some, at] - there[some, at]
            short = max(short, lacks)
            shorter = max(shorter, lacks + fills[some])
        made[at] = (under + over) * (shorter - short) - over * fills[sets - 1]
    return made
