"""Rules and costs as OR-Tools' CP-SAT takes them: of some people, or some days, or all.

What is not free stays as it is and only counts. A rule is added by its name and person, so that the
same words say which rules a roster breaks, which it may break at a price, and which of them cannot
all be kept (`conflicts`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from scheduling.roster.cover import Cover
from scheduling.roster.grid import OFF, Grid, Ints, off_by_week
from scheduling.roster.tour import Table, Tours
from scheduling.shifts import Limits, Pairing
from scheduling.shifts.days import MINUTES

# A literal that a rule holds under; None: it always does.
Holds = Any
# (rule, person's number): under which literal it holds.
Terms = Callable[[str, int], Holds]


@dataclass
class Part:
    """A model of the days and people that are free, beside all others as they are."""

    grid: Grid
    tours: Tours
    cover: Cover
    people: Sequence[int]
    days: range
    model: Any = field(default_factory=cp_model.CpModel)
    given: dict[tuple[int, int, int], Any] = field(default_factory=dict)
    """(Person, day, option) that is free: its literal."""
    works: dict[tuple[int, int], Any] = field(default_factory=dict)
    """(Person, day): whether they work, a literal or a constant."""
    costs: list[Any] = field(default_factory=list)
    constant: int = 0

    def __post_init__(self) -> None:
        self.free = frozenset(self.people)

    def is_free(self, person: int, day: int) -> bool:
        return day in self.days and person in self.free

    def options(self, person: int, day: int) -> list[tuple[int, Any]]:
        """What somebody may work on a day, with what says whether they do: literals or 0 and 1."""
        if self.is_free(person, day):
            allowed = np.flatnonzero(self.grid.allowed[person, day])
            return [(option, self.given[person, day, option]) for option in allowed.tolist()]
        option = int(self.cover.chosen[person, day])
        return [] if option == OFF else [(option, 1)]

    def minutes(self, person: int, days: Iterable[int]) -> Any:
        """How many minutes somebody works on these days: a number only where none of it is free."""
        days = tuple(days)
        worked: Any = sum(
            int(self.grid.worked[day, option]) * x
            for day in days
            for option, x in self.options(person, day)
        )
        is_free = any(self.is_free(person, day) for day in days)
        return worked + self.model.new_constant(0) if is_free else worked


def part_of(
    grid: Grid, tours: Tours, cover: Cover, people: Iterable[int], days: range,
    terms: Terms | None = None, *, is_alone: bool = False, into: Any = None,
) -> Part:  # fmt: skip
    """The model of some people on some days; `cover` says what all others and the other days are.

    By `terms` rules hold under literals of the asker's, of `into`, where the model goes; without,
    soft rules cost what they weigh and all others always hold. With `is_alone` nothing binds people
    to each other.
    """
    part = Part(grid, tours, cover, tuple(people), days, into or cp_model.CpModel())
    for person in part.people:
        for day in range(grid.size[1]):
            _choose(part, person, day)
    holds = terms or _soft(part)
    for person in part.people:
        _own_rules(part, person, holds, is_priced=terms is None)
    if not is_alone:
        _pairings(part, holds)
        _mix(part, holds)
    return part


def priced(part: Part, *, is_hinted: bool) -> Part:
    """With what the whole roster costs as its aim, and the roster as it is as a hint."""
    _cover_costs(part)
    part.model.minimize(sum(part.costs) + part.constant)
    for (person, day, option), literal in part.given.items() if is_hinted else ():
        part.model.add_hint(literal, int(part.cover.chosen[person, day] == option))
    return part


def chosen(part: Part, value: Callable[[Any], bool]) -> Ints:
    """What everyone works, once the model is solved: people x days."""
    made = part.cover.chosen.copy()
    for person in part.people:
        made[person, part.days.start : part.days.stop] = OFF
    for (person, day, option), literal in part.given.items():
        if value(literal):
            made[person, day] = option
    return made


def _choose(part: Part, person: int, day: int) -> None:
    grid, model = part.grid, part.model
    if not part.is_free(person, day):
        part.works[person, day] = int(part.cover.chosen[person, day] != OFF)
        option = int(part.cover.chosen[person, day])
        own = grid.off_cost[person, day] if option == OFF else grid.unary[person, day, option]
        part.constant += int(own)
        return
    allowed = np.flatnonzero(grid.allowed[person, day]).tolist()
    literals = [model.new_bool_var("") for _ in allowed]
    for option, literal in zip(allowed, literals, strict=True):
        part.given[person, day, option] = literal
        if cost := int(grid.unary[person, day, option]):
            part.costs.append(cost * literal)
    if not literals:
        part.works[person, day] = model.new_constant(0)
        part.constant += int(grid.off_cost[person, day])
        if not grid.may_be_off[person, day]:
            model.add_bool_or([])
        return
    works = part.works[person, day] = model.new_bool_var("")
    model.add(sum(literals) == works)
    if not grid.may_be_off[person, day]:
        model.add(works == 1)
    if cost := int(grid.off_cost[person, day]):
        part.costs.append(cost * (1 - works))


def _soft(part: Part) -> Terms:
    """Rules that may be broken at their price."""

    def holds(rule: str, person: int) -> Holds:
        weight = part.grid.problem.weights.weight(rule)
        if weight is None:
            return None
        broken = part.model.new_bool_var("")
        part.costs.append(weight * part.grid.parts * broken)
        return ~broken

    return holds


def _own_rules(part: Part, person: int, terms: Terms, *, is_priced: bool) -> None:
    table, bounds, start = part.tours.about(person)
    days = range(part.grid.size[1])
    works = [part.works[person, day] for day in days]
    limits = table.limits

    def hold(rule: str, *constraints: Any) -> None:
        """Linear constraints that hold together under one literal."""
        under = terms(rule, person)
        for one in constraints:
            if isinstance(one, bool | np.bool_):
                # Broken by what is not free: nothing here can mend it, and nothing has to.
                if not one and under is not None and is_priced:
                    part.model.add(under == 0)
                continue
            added = part.model.add(one)
            if under is not None:
                added.only_enforce_if(under)

    _rests(part, person, table, hold)
    if limits.most_days_in_row is not None:
        most = limits.most_days_in_row
        # What was worked before the span counts as days of its own.
        known = [1] * start.run + works
        for at in range(max(start.run - most, 0), len(known) - most):
            hold("most_days_in_row", sum(known[at : at + most + 1]) <= most)
    # Runs that reach beyond somebody's time here may be longer than what is seen of them.
    inner = works[bounds.first_here : bounds.last_here + 1]
    if (least := limits.fewest_days_in_row) and least > 1:
        _shortest(hold, "fewest_days_in_row", inner, least, 1)
    if (least := limits.fewest_off_in_row) and least > 1:
        _shortest(hold, "fewest_off_in_row", inner, least, 0)
    if limits.most_nights_in_row is not None:
        nights = [
            _sum(x for o, x in part.options(person, d) if part.grid.is_night[o]) for d in days
        ]
        known = [1] * start.nights + nights
        most = limits.most_nights_in_row
        for at in range(len(known) - most):
            hold("most_nights_in_row", _sum(known[at : at + most + 1]) <= most)
    _weeks(part, person, table, hold)
    if limits.fewest_period_minutes is not None or limits.most_period_minutes is not None:
        had = start.units * table.unit
        minutes = had + part.minutes(person, days)
        if limits.fewest_period_minutes is not None:
            away = sum(part.grid.people[person].credited.values())
            hold("fewest_period_minutes", minutes >= limits.fewest_period_minutes - away)
        if limits.most_period_minutes is not None:
            if had > limits.most_period_minutes:  # even a shift of no minutes is one too many
                hold("most_period_minutes", _sum(works) == 0)
            else:
                hold("most_period_minutes", minutes <= limits.most_period_minutes)
    names = {name: n for n, name in enumerate(part.grid.templates)}
    for name, most in limits.most_of_template.items():
        if name in names:
            many = _sum(
                x
                for day in days
                for option, x in part.options(person, day)
                if part.grid.template[option] == names[name]
            )
            hold("most_of_template", many <= most)


def _sum(terms: Iterable[Any]) -> Any:
    return sum(terms, 0)


def _shortest(
    hold: Callable[..., None], rule: str, works: Sequence[Any], least: int, kind: int
) -> None:
    """No run of working days (1) or days off (0) is shorter; runs that an edge cuts are left."""
    for length in range(1, least):
        for at in range(len(works) - length - 1):
            run = _sum(works[at + 1 : at + 1 + length])
            edges = works[at] + works[at + length + 1]
            # A run of this kind between two of the other.
            if kind == 1:
                hold(rule, edges - run >= 1 - length)
            else:
                hold(rule, edges - run <= 1)


# What was before the span, and what is worked in it: (begin, end, whether it is a night, literal).
_Spans = list[tuple[int, int, bool, Any]]


def _rests(part: Part, person: int, table: Table, hold: Callable[..., None]) -> None:
    """What may follow what: by the rest between, on the next day and after days off, and by
    templates from one day to the next."""
    grid, limits = part.grid, table.limits
    days = range(grid.size[1])
    spans: dict[int, _Spans] = {
        day: [
            (
                int(grid.start[day, option]),
                int(grid.end[day, option]),
                bool(grid.is_night[option]),
                x,
            )
            for option, x in part.options(person, day)
        ]
        for day in days
    }
    spans |= {
        one.day: [(one.start, one.end, one.is_night, 1)] for one in grid.people[person].before
    }
    longest = max(limits.rest_minutes or 0, limits.rest_after_nights_minutes or 0)
    for day in sorted(spans):
        latest = max((end for _begin, end, _night, _x in spans[day]), default=0)
        for later in range(max(day + 1, 0), len(days)):
            if grid.problem.at(later, 0) >= latest + longest:
                break
            if not any(part.is_free(person, one) for one in range(max(day, 0), later + 1)):
                continue
            between = _sum(
                part.works[person, one] if one >= 0 else int(one in spans)
                for one in range(day + 1, later)
            )
            for rule, ending, early in _too_soon(limits, spans[day], spans[later]):
                hold(rule, _sum(ending) + _sum(early) <= 1 + between)
    for one, other in grid.problem.follows:
        if one not in grid.templates or other not in grid.templates:
            continue
        first, second = grid.templates.index(one), grid.templates.index(other)
        for day in days[:-1]:
            if part.is_free(person, day) or part.is_free(person, day + 1):
                ending = [x for o, x in part.options(person, day) if grid.template[o] == first]
                early = [x for o, x in part.options(person, day + 1) if grid.template[o] == second]
                if ending and early:
                    hold("follows", _sum(ending) + _sum(early) <= 1)


def _too_soon(
    limits: Limits, first: _Spans, second: _Spans
) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """Of each rule, what of one day ends at one moment, and what of a later day begins too soon
    after it."""
    for rule, least, is_after_night in (
        ("overlap", 0, False),
        ("rest_minutes", limits.rest_minutes, False),
        ("rest_after_nights_minutes", limits.rest_after_nights_minutes, True),
    ):
        if least is None:
            continue
        by_end: dict[int, list[Any]] = {}
        for _begin, end, is_night, x in first:
            if is_night or not is_after_night:
                by_end.setdefault(end, []).append(x)
        for end, ending in by_end.items():
            early = [
                x
                for begin, _end, is_night, x in second
                if begin - end < least and not (is_after_night and is_night)
            ]
            if early:
                yield rule, ending, early


def _weeks(part: Part, person: int, table: Table, hold: Callable[..., None]) -> None:
    limits, problem = table.limits, part.grid.problem
    _table, bounds, start = part.tours.about(person)
    off_minutes, off_days = off_by_week(table.weeks, part.grid.people[person])
    weekends: list[Any] = [1] if start.weekends else []
    counts_weekends = limits.most_weekends is not None or limits.fewest_weekends_off is not None
    for week in dict.fromkeys(table.weeks.tolist()):
        days = np.flatnonzero(table.weeks == week).tolist()
        is_asked = len(days) == 7 and bounds.first_here <= days[0] and days[-1] <= bounds.last_here
        carried = week == 0
        worked = _sum(part.works[person, day] for day in days) + carried * start.week_days
        if limits.most_week_days is not None:
            # What was before breaks nothing alone.
            most = max(limits.most_week_days, carried * start.week_days)
            hold("most_week_days", worked <= most)
        if limits.fewest_week_days is not None and is_asked:
            hold("fewest_week_days", worked >= limits.fewest_week_days - int(off_days[days[0]]))
        if limits.most_week_minutes is not None or limits.fewest_week_minutes is not None:
            had = carried * start.week_units * table.unit
            minutes = had + part.minutes(person, days)
            if limits.most_week_minutes is not None:
                if had > limits.most_week_minutes:
                    hold("most_week_minutes", _sum(part.works[person, day] for day in days) == 0)
                else:
                    hold("most_week_minutes", minutes <= limits.most_week_minutes)
            if limits.fewest_week_minutes is not None and is_asked:
                least = limits.fewest_week_minutes - int(off_minutes[days[0]])
                hold("fewest_week_minutes", minutes >= least)
        if counts_weekends:
            ends = [part.works[person, day] for day in days if problem.days[day].is_weekend]
            if ends and not (carried and start.weekends):
                worked_one = part.model.new_bool_var("")
                for one in ends:
                    part.model.add(worked_one >= one)
                weekends.append(worked_one)
        if limits.start_band_minutes is not None:
            _band(part, person, table, days, start.windows if carried else None, hold)
        if limits.week_rest_minutes is not None:
            _week_rest(part, person, days, limits.week_rest_minutes, hold)
    if start.weekends and bounds.has_weekends and bounds.most_weekends < 1:
        hold("most_weekends", _sum([part.works[person, 0]]) == 0)
    if limits.most_weekends is not None:
        hold("most_weekends", _sum(weekends) <= max(limits.most_weekends, start.weekends))
    if limits.fewest_weekends_off is not None:
        most = max(len(weekends) - limits.fewest_weekends_off, start.weekends)
        hold("fewest_weekends_off", _sum(weekends) <= most)


def _band(
    part: Part, person: int, table: Table, days: Sequence[int], begun: Ints | None,
    hold: Callable[..., None],
) -> None:  # fmt: skip
    windows = table.windows
    picked = [part.model.new_bool_var("") for _ in range(windows.shape[1])]
    part.model.add_exactly_one(picked)
    if begun is not None and not begun.any():  # what was before leaves no start in this week
        for day in days:
            hold("start_band_minutes", _sum([part.works[person, day]]) == 0)
        return
    if begun is not None:  # what began before the span in its first week lies within, too
        for one, fits in zip(picked, begun, strict=True):
            if not fits:
                hold("start_band_minutes", one == 0)
    for day in days:
        by_windows: dict[bytes, tuple[Ints, list[Any]]] = {}
        for option, x in part.options(person, day):
            row = windows[option]
            by_windows.setdefault(row.tobytes(), (row, []))[1].append(x)
        for row, literals in by_windows.values():
            allowed = _sum(one for one, is_in in zip(picked, row, strict=True) if is_in)
            hold("start_band_minutes", _sum(literals) <= allowed)


def _week_rest(
    part: Part, person: int, days: Sequence[int], minutes: int, hold: Callable[..., None]
) -> None:
    """One unbroken rest so long within the week: some days without a shift, between the end of the
    one before and the beginning of the next."""
    grid, problem = part.grid, part.grid.problem
    monday = days[0] - problem.days[days[0]].weekday
    week = range(monday, monday + 7)
    begins = _midnight(part, monday)
    ends = _midnight(part, monday + 7)
    before = {one.day: one for one in grid.people[person].before}

    def works(day: int) -> Any:
        if 0 <= day < grid.size[1]:
            return part.works[person, day]
        return int(day in before)

    def spans(day: int) -> list[tuple[int, int, Any]]:
        """(Begin, end, literal) of what may be worked on a day."""
        if 0 <= day < grid.size[1]:
            return [
                (int(grid.start[day, option]), int(grid.end[day, option]), x)
                for option, x in part.options(person, day)
            ]
        return [(before[day].start, before[day].end, 1)] if day in before else []

    found: list[Any] = []
    for first in range(monday, monday + 8):
        for last in range(first - 1, monday + 7):  # no day at all: between two shifts
            rests = part.model.new_bool_var("")
            for day in range(first, last + 1):
                _only_if(part, _sum([works(day)]) == 0, rests)
            # Each end of a shift before, and begin of one after, that such a rest may lie between.
            since: list[tuple[int, Any]] = [(begins, None)]
            until: list[tuple[int, Any]] = [(ends, None)]
            if first > monday:
                _only_if(part, _sum([works(first - 1)]) == 1, rests)
                since = [(end, x) for _begin, end, x in spans(first - 1)]
            else:
                since += [(end, x) for _begin, end, x in spans(first - 1) if end > begins]
            if last + 1 in week:
                _only_if(part, _sum([works(last + 1)]) == 1, rests)
                until = [(begin, x) for begin, _end, x in spans(last + 1)]
            for end, one in _by_moment(since):
                early = [x for begin, x in until if begin - end < minutes]
                if not early:
                    continue
                others = [x for x in early if x is not None]
                if len(others) < len(early):  # the week ends too soon after it
                    _only_if(part, _sum(one) == 0 if one else False, rests)
                elif one:
                    _only_if(part, _sum(one) + _sum(others) <= 1, rests)
                else:
                    _only_if(part, _sum(others) == 0, rests)
            found.append(rests)
    hold("week_rest_minutes", _sum(found) >= 1)


def _by_moment(found: Sequence[tuple[int, Any]]) -> Iterator[tuple[int, list[Any]]]:
    """Literals by their moments; a moment that none belongs to is there in any case."""
    by_moment: dict[int, list[Any]] = {}
    for moment, x in found:
        by_moment.setdefault(moment, [])
        if x is not None:
            by_moment[moment].append(x)
    return iter(by_moment.items())


def _only_if(part: Part, said: Any, literal: Any) -> None:
    if isinstance(said, bool | np.bool_):
        if not said:
            part.model.add(literal == 0)
        return
    part.model.add(said).only_enforce_if(literal)


def _midnight(part: Part, day: int) -> int:
    """The moment a day begins at; before the span, as beyond it, days are of 24 hours."""
    return part.grid.problem.at(day, 0) if day >= 0 else day * MINUTES


def _pairings(part: Part, terms: Terms) -> None:
    number = {one.id: n for n, one in enumerate(part.grid.people)}
    for pairing in part.grid.problem.pairings:
        if pairing.one in number and pairing.other in number:
            pair(part, pairing, number[pairing.one], number[pairing.other], terms)


def pair(part: Part, pairing: Pairing, one: int, other: int, terms: Terms) -> None:
    """Two people, by number, who are to work the same shapes, or never."""
    for day in range(part.grid.size[1]):
        if not (part.is_free(one, day) or part.is_free(other, day)):
            continue
        shapes: dict[int, tuple[list[Any], list[Any]]] = {}
        for side, person in enumerate((one, other)):
            for option, x in part.options(person, day):
                shape = int(part.grid.option_shape[option])
                shapes.setdefault(shape, ([], []))[side].append(x)
        under = terms("pairing", one)
        for mine, theirs in shapes.values():
            if pairing.together:
                said = _sum(mine) == _sum(theirs)
            else:
                said = _sum(mine) + _sum(theirs) <= 1
            if isinstance(said, bool):
                if not said:
                    part.model.add_bool_or([] if under is None else [~under])
                continue
            added = part.model.add(said)
            if under is not None:
                added.only_enforce_if(under)


def _mix(part: Part, terms: Terms) -> None:
    """Enough who are not new wherever somebody new is."""
    grid = part.grid
    if not grid.mix.any():
        return
    steps: dict[int, list[Any]] = {}
    many = grid.size[2]
    for person in range(grid.size[0]):
        by_day = part.days if person in part.free else ()
        for day in by_day:
            for option, x in part.options(person, day):
                at = day * many + option
                for entry in range(grid.mix_first[at], grid.mix_first[at + 1]):
                    steps.setdefault(int(grid.mix_slot[entry]), []).append(
                        int(grid.mix[person]) * x
                    )
    fixed = part.cover.balance.copy()
    for person in part.people:
        for day in part.days:
            option = int(part.cover.chosen[person, day])
            if option != OFF:
                at = day * many + option
                for entry in range(grid.mix_first[at], grid.mix_first[at + 1]):
                    fixed[grid.mix_slot[entry]] -= grid.mix[person]
    more = sum(max(int(grid.mix[person]), 0) for person in part.people)
    for step, some in steps.items():
        under = terms("mix", part.people[0])
        # Where those that are not free leave too few, as many as there can be.
        more = sum(
            int(part.grid.mix[person]) for person in part.people if part.grid.mix[person] > 0
        )
        worst = min(int(fixed[step]) + more, 0)
        added = part.model.add(_sum(some) + int(fixed[step]) >= worst)
        if under is not None:
            added.only_enforce_if(under)


def _cover_costs(part: Part) -> None:
    grid, cover = part.grid, part.cover
    fixed_there, fixed_given = cover.there.copy(), cover.given.copy()
    slots: dict[int, list[tuple[int, int, Any]]] = {}  # slot: (person, part, literal)
    shapes: dict[tuple[int, int], list[Any]] = {}
    many = grid.size[2]
    for person in part.people:
        for day in part.days:
            option = int(cover.chosen[person, day])
            if option == OFF:
                continue
            fixed_given[day, grid.option_shape[option]] -= 1
            at = day * many + option
            for entry in range(grid.first[at], grid.first[at + 1]):
                fixed_there[:, grid.slot[entry]] -= (
                    grid.fills[person] * grid.part[entry] // grid.parts
                )
    for (person, day, option), literal in part.given.items():
        shape = int(grid.option_shape[option])
        if grid.need[day, shape] >= 0:
            shapes.setdefault((day, shape), []).append(literal)
        at = day * many + option
        for entry in range(grid.first[at], grid.first[at + 1]):
            slots.setdefault(int(grid.slot[entry]), []).append(
                (person, int(grid.part[entry]), literal)
            )
    last = len(grid.sets) - 1
    for at in range(grid.required.shape[1]):
        lacks = grid.required[:, at] - fixed_there[:, at]
        mine = slots.get(at, [])
        if not mine:
            short = max(int(lacks.max()), 0)
            part.constant += grid.under * short + grid.over * (short - int(lacks[last]))
            continue
        most = max(int(lacks.max()), 0)
        short = part.model.new_int_var(0, most, "") if most else 0
        filled: Any = 0
        for some in range(last + 1):
            terms = [
                (int(grid.fills[person, some]) * share // grid.parts) * x
                for person, share, x in mine
                if grid.fills[person, some]
            ]
            filled = _sum(terms)
            if lacks[some] > 0:
                part.model.add(short + filled >= int(lacks[some]))
        part.costs.append((grid.under + grid.over) * short + grid.over * filled)
        part.constant -= grid.over * int(lacks[last])
    for day in range(grid.size[1]):
        for shape in np.flatnonzero(grid.need[day] >= 0).tolist():
            given = shapes.get((day, shape), [])
            lack = int(grid.need[day, shape] - fixed_given[day, shape])
            under, over = int(grid.need_under[day, shape]), int(grid.need_over[day, shape])
            if not given:
                part.constant += under * max(lack, 0) + over * max(-lack, 0)
                continue
            # Both have variables of their own, though one would do: what the solver looks for in
            # costs is then a few of them, and not everyone's shifts.
            missing = part.model.new_int_var(0, max(lack, 0), "")
            beyond = part.model.new_int_var(0, max(len(given) - lack, 0), "")
            part.model.add(_sum(given) + missing - beyond == lack)
            part.costs.append(under * missing + over * beyond)
    for person in range(grid.size[0]):
        if person in part.people:
            continue
        options = cover.chosen[person]
        days = np.arange(len(options))
        is_off = options == OFF
        part.constant += int(grid.off_cost[person][is_off].sum())
        part.constant += int(grid.unary[person, days[~is_off], options[~is_off]].sum())
