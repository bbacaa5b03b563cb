"""A problem in numbers: everything that the searches ask again and again, counted once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain, combinations, pairwise, product
from math import gcd

import numpy as np
from numpy.typing import NDArray

from scheduling.roster.fitting import fits, longest_stretch
from scheduling.shifts import (
    Assignment,
    Kind,
    Limits,
    Pause,
    Person,
    Problem,
    Roster,
    Session,
    Shape,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Positions are counted in so many parts where skills, slots or what is asked for are not whole.
_PARTS = 100
# More places for its pauses than this are tried for a shape only once it is given to somebody.
_LAYOUTS = 4
_MOST_LAYOUTS = 10_000
# Minutes from one place that is tried to the next: finer where there is none.
_STEPS = (15, 5, 1)
# Of more skills than this only sets that people have are looked at beside each and all.
_ALL_SETS = 5

OFF = -1
# Of days that are held as they are: one that is not.
FREE = -2
# Dearer than any shortage: what must not be is only looked at where nothing else is left.
_PRICE = 1_000_000


@dataclass(frozen=True)
class Grid:
    """A problem's people, days and options by number.

    An option is a shape with its pauses in certain places. `OFF` is a day without. Costs are whole
    numbers: those of the problem times `parts`.
    """

    problem: Problem
    people: tuple[Person, ...]
    parts: int
    option_shape: Ints
    """Options: the shape of each, by its place in `problem.shapes`."""
    pauses: tuple[tuple[int, ...], ...]
    """Options: where each pause of the shape begins, in minutes after the shift does."""
    allowed: Bools
    """People x days x options: what nothing forbids by itself."""
    may_be_off: Bools
    """People x days."""
    unary: Ints
    """People x days x options: what wishes and burdens cost."""
    off_cost: Ints
    """People x days: the same of a day without a shift."""
    start: Ints
    end: Ints
    worked: Ints
    """Days x options: moments, and worked minutes."""
    template: Ints
    """Options: which template, by number."""
    templates: tuple[str, ...]
    is_night: Bools
    first: Ints
    """Days x options + 1: where each one's slots begin in `slot` and `part`."""
    slot: Ints
    part: Ints
    """The slots somebody is there in, and for how many parts of a whole position."""
    sets: tuple[frozenset[str], ...]
    """Sets of skills; the last is all of them."""
    fills: Ints
    """People x sets: parts of a position that they fill of what asks for any skill of a set."""
    required: Ints
    """Sets x slots, in parts."""
    ahead: Ints
    """The same: who is there by a shift before the span."""
    under: int
    over: int
    need: Ints
    need_under: Ints
    need_over: Ints
    """Days x shapes: how many are asked for, and what fewer and more cost; -1: none asked for."""
    mix: Ints
    """People: what each adds, in hundredths, to those who are not new where somebody new is; all 0:
    no mix is asked for."""
    mix_price: int
    mix_first: Ints
    mix_slot: Ints
    """Days x options + 1, and the moments, counted off in equal steps, at which somebody is at
    work, pauses included; empty where no mix is asked for."""
    partners: tuple[tuple[tuple[int, bool], ...], ...]
    """People: with whom each is to work the same shapes (True), or never."""
    pair_price: int

    @property
    def size(self) -> tuple[int, int, int]:
        people, days, options = self.allowed.shape
        return people, days, options

    def shapes_of(self, options: Ints) -> Ints:
        """The shapes (by their places) of options, or OFF."""
        if not len(self.option_shape):
            return options
        return np.where(options == OFF, OFF, self.option_shape[np.maximum(options, 0)])

    def roster(self, chosen: Ints) -> Roster:
        """What is chosen (people x days, options or OFF) as a roster, pauses where options say."""
        made: dict[str, dict[int, Assignment]] = {}
        for number, person in enumerate(self.people):
            mine = {
                int(day): Assignment(self.problem.shapes[self.option_shape[chosen[number, day]]].id)
                for day in np.flatnonzero(chosen[number] != OFF)
            }
            if mine:
                made[person.id] = mine
        return Roster(made)

    def chosen(self, roster: Roster) -> Ints:
        """A roster by numbers, each shift with those places for its pauses that are nearest to
        where they lie, else the first; what is not known here is off."""
        people, days, _options = self.size
        options: dict[str, list[int]] = {}
        for option, shape in enumerate(self.option_shape.tolist()):
            options.setdefault(self.problem.shapes[shape].id, []).append(option)
        made = np.full((people, days), OFF, np.int64)
        for number, person in enumerate(self.people):
            for day, given in roster.of.get(person.id, {}).items():
                if 0 <= day < days and given.shape in options:
                    made[number, day] = self._nearest(options[given.shape], day, given)
        return made

    def _nearest(self, options: Sequence[int], day: int, given: Assignment) -> int:
        begin = int(self.start[day, options[0]])
        lie = [one.start - begin for one in given.activities if one.is_pause]

        def far(option: int) -> int:
            places = self.pauses[option]
            if len(places) != len(lie):
                return 0
            return sum(abs(one - other) for one, other in zip(sorted(places), lie, strict=True))

        return min(options, key=far) if lie else options[0]


def grid_of(problem: Problem) -> Grid:
    """A problem in numbers."""
    layouts = [_layouts(problem, shape) for shape in problem.shapes]
    option_shape = np.array([n for n, all_ in enumerate(layouts) for _ in all_], np.int64)
    pauses = tuple(one for all_ in layouts for one in all_)
    days, shapes = len(problem.days), problem.shapes
    templates = tuple(dict.fromkeys(shape.template for shape in shapes))
    number = {name: n for n, name in enumerate(templates)}

    moments = [[problem.spells(day, shape) for shape in shapes] for day in range(days)]
    start = np.array([[spells[0][0] for spells in row] for row in moments], np.int64)
    end = np.array([[spells[-1][1] for spells in row] for row in moments], np.int64)
    worked = np.array([[problem.worked(d, s) for s in shapes] for d in range(days)], np.int64)
    sets = _sets(problem)
    shares = _presence(problem, option_shape, pauses)
    parts = 1 if _is_whole(problem, shares) else _PARTS
    allowed, may_be_off = _allowed(problem, moments, worked)
    unary, off_cost = _own_costs(problem, worked, end, parts)
    paused = _paused(problem, option_shape, pauses)
    need = np.full((3, days, len(shapes)), -1, np.int64)
    places = {shape.id: n for n, shape in enumerate(shapes)}
    for (day, name), asked in problem.needs.items():
        need[:, day, places[name]] = (asked.required, asked.under * parts, asked.over * parts)

    def by_option(of_shape: NDArray[np.int64]) -> Ints:
        made: Ints = np.ascontiguousarray(of_shape.reshape(days, len(shapes))[:, option_shape])
        return made

    counts = [len(one) for one in shares]
    at_work = _at_work(problem, moments) if problem.mix is not None else []
    at_work = [at_work[day * len(shapes) + n] for day in range(days) for n in option_shape.tolist()
               if at_work]  # fmt: skip
    return Grid(
        problem=problem,
        people=problem.people,
        parts=parts,
        option_shape=option_shape,
        pauses=pauses,
        allowed=np.ascontiguousarray(allowed[:, :, option_shape] & paused[:, None, :]),
        may_be_off=may_be_off,
        unary=np.ascontiguousarray(unary[:, :, option_shape]),
        off_cost=off_cost,
        start=by_option(start),
        end=by_option(end),
        worked=by_option(worked),
        template=np.array(
            [number[shapes[n].template] for n in option_shape], np.int64
        ),
        templates=templates,
        is_night=np.array([problem.is_night(shapes[n]) for n in option_shape], np.bool_),
        first=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        slot=np.array([slot for one in shares for slot in one], np.int64),
        part=np.array([round(there * parts) for one in shares for there in one.values()], np.int64),
        sets=sets,
        fills=np.array(
            [
                [
                    round(parts * max((p for s, p in one.skills.items() if s in some), default=0))
                    for some in sets
                ]
                for one in problem.people
            ],
            np.int64,
        ).reshape(len(problem.people), len(sets)),
        required=_required(problem, sets, parts),
        ahead=_ahead(problem, sets, parts),
        under=problem.demand.under if problem.demand else 0,
        over=problem.demand.over if problem.demand else 0,
        need=need[0],
        need_under=need[1],
        need_over=need[2],
        mix=_mix(problem),
        mix_price=_price(problem, "mix", parts),
        mix_first=np.concatenate(([0], np.cumsum([len(one) for one in at_work]))).astype(np.int64),
        mix_slot=np.array([slot for one in at_work for slot in one], np.int64),
        partners=_partners(problem),
        pair_price=_price(problem, "pairing", parts),
    )  # fmt: skip


def _price(problem: Problem, rule: str, parts: int) -> int:
    """What a rule between people costs when it is broken: more than anything else if it may not."""
    weight = problem.weights.weight(rule)
    return parts * (_PRICE if weight is None else weight)


def _mix(problem: Problem) -> Ints:
    if problem.mix is None:
        return np.zeros(len(problem.people), np.int64)
    asked = -round(100 * problem.mix)
    return np.array([asked if one.is_new else 100 for one in problem.people], np.int64)


def _at_work(
    problem: Problem, moments: Sequence[Sequence[Sequence[tuple[int, int]]]]
) -> list[list[int]]:
    """Days x shapes: the steps in which somebody is at work; in none of them does anybody come or
    go."""
    edges = [one for row in moments for some in row for span in some for one in span]
    step = reduce(gcd, [*edges, problem.days[-1].start + problem.days[-1].minutes], 0) or 1
    last = (problem.days[-1].start + problem.days[-1].minutes) // step
    return [
        [
            slot
            for begin, end in spells
            for slot in range(begin // step, min(end // step, last))
            if shape.kind is Kind.WORK
        ]
        for row in moments
        for shape, spells in zip(problem.shapes, row, strict=True)
    ]


def _partners(problem: Problem) -> tuple[tuple[tuple[int, bool], ...], ...]:
    number = {one.id: n for n, one in enumerate(problem.people)}
    made: list[list[tuple[int, bool]]] = [[] for _ in problem.people]
    for pairing in problem.pairings:
        one, other = number.get(pairing.one), number.get(pairing.other)
        if one is not None and other is not None:
            made[one].append((other, pairing.together))
            made[other].append((one, pairing.together))
    return tuple(tuple(mine) for mine in made)


def _layouts(problem: Problem, shape: Shape) -> tuple[tuple[int, ...], ...]:
    """Places for a shape's pauses, within its spells and apart: all, or a few spread over their
    windows. None for a shape whose pauses have no places."""
    if problem.demand is None:
        return _placed(shape.spells, shape.pauses, _STEPS[0], spread=False, is_bound=True)
    step = problem.demand.slot_minutes
    is_bound = any(one.limits.longest_without_pause is not None for one in problem.people)
    return _placed(shape.spells, shape.pauses, step, spread=True, is_bound=is_bound)


# Who is told why a wish was refused has problems of the same shapes put together by the thousand.
@lru_cache(maxsize=4096)
def _placed(
    spells: tuple[tuple[int, int], ...],
    pauses: tuple[Pause, ...],
    step: int,
    *,
    spread: bool,
    is_bound: bool,
) -> tuple[tuple[int, ...], ...]:
    """Places for pauses within spells every `step` minutes or, where none fit, finer: one, in which
    nobody is on duty for long without a pause, or `spread` over the windows, with that one where
    somebody `is_bound` by it."""
    if not pauses:
        return ((),)
    for fine in (step, *(one for one in _STEPS if one < step)):
        windows = [range(one.earliest, one.latest + 1, fine) for one in pauses]
        if np.prod([float(len(one)) for one in windows]) > _MOST_LAYOUTS:
            windows = [range(w[0], w[-1] + 1, max(fine, (w[-1] - w[0]) // 4)) for w in windows]
        fitting = [one for one in product(*windows) if fits(_spans(pauses, one), spells)]
        if not fitting:
            continue
        # Who may not be on duty for long without a pause can work the shape if anywhere, here.
        evenest = min(fitting, key=lambda one: longest_stretch(_spans(pauses, one), spells))
        if not spread:
            return (evenest,)
        if len(fitting) <= _LAYOUTS:
            return tuple(fitting)
        some = [fitting[round(n * (len(fitting) - 1) / (_LAYOUTS - 1))] for n in range(_LAYOUTS)]
        return tuple(dict.fromkeys([*some, evenest])) if is_bound else tuple(some)
    return ()


def _spans(pauses: Sequence[Pause], places: Sequence[int]) -> list[tuple[int, int]]:
    """Pauses that begin at so many minutes after their shift does."""
    return [(begin, begin + pause.minutes) for begin, pause in zip(places, pauses, strict=True)]


def _presence(
    problem: Problem, option_shape: Ints, pauses: Sequence[tuple[int, ...]]
) -> list[dict[int, float]]:
    """Days x options: the share of each slot that somebody is there."""
    demand = problem.demand
    if demand is None:
        return [{} for _ in range(len(problem.days) * len(option_shape))]
    return [
        there(problem, day, problem.shapes[shape], places)
        for day in range(len(problem.days))
        for shape, places in zip(option_shape, pauses, strict=True)
    ]


def there(problem: Problem, day: int, shape: Shape, places: Sequence[int]) -> dict[int, float]:
    """The share of each slot of the demand that somebody is there who works a shape on a day, with
    its pauses at so many minutes after its beginning. On call, nobody is."""
    demand = problem.demand
    if demand is None or shape.kind is Kind.ON_CALL:
        return {}
    step, shares = demand.slot_minutes, dict[int, float]()
    spells = problem.spells(day, shape)
    away = [
        (spells[0][0] + place, spells[0][0] + place + pause.minutes)
        for place, pause in zip(places, shape.pauses, strict=True)
    ]
    for sign, spans in ((1, spells), (-1, away)):
        for begin, end in spans:
            for slot in range(max(begin // step, 0), min(-(-end // step), demand.slots)):
                lies = min(end, (slot + 1) * step) - max(begin, slot * step)
                shares[slot] = shares.get(slot, 0) + sign * lies / step
    return {slot: share for slot, share in sorted(shares.items()) if share > 1e-9}


def _is_whole(problem: Problem, shares: Iterable[dict[int, float]]) -> bool:
    asked = problem.demand
    return (
        (asked is None or bool(np.all(asked.required == np.round(asked.required))))
        and all(p == 1 for one in problem.people for p in one.skills.values())
        and (
            asked is None
            or not any(
                moment % asked.slot_minutes
                for one in problem.people
                for span in one.tail
                for moment in span
            )
        )
        and all(share > 1 - 1e-9 for one in shares for share in one.values())
    )


def _sets(problem: Problem) -> tuple[frozenset[str], ...]:
    """The sets of skills of which too few can be there though of each alone there are enough."""
    if problem.demand is None:
        return (frozenset(),)
    skills = problem.demand.skills
    if len(skills) <= _ALL_SETS:
        return tuple(
            frozenset(some)
            for size in range(1, len(skills) + 1)
            for some in combinations(skills, size)
        )
    whole = frozenset(skills)
    had = {frozenset(one.skills) & whole for one in problem.people}
    # What only people with certain skills can take, and what those can who have no other.
    found = {frozenset({one}) for one in skills} | had | {whole - some for some in had}
    return (*sorted(found - {frozenset(), whole}, key=sorted), whole)


def _ahead(problem: Problem, sets: Sequence[frozenset[str]], parts: int) -> Ints:
    demand = problem.demand
    made = np.zeros((len(sets), demand.slots if demand else 0))
    if demand is None:
        return made.astype(np.int64)
    for person in problem.people:
        if -1 in person.absent:
            continue
        fills = np.array(
            [max((p for s, p in person.skills.items() if s in some), default=0) for some in sets]
        )
        step = demand.slot_minutes
        for begin, end in person.tail:
            for slot in range(begin // step, min(-(-end // step), demand.slots)):
                lies = min(end, (slot + 1) * step) - max(begin, slot * step)
                made[:, slot] += fills * lies / step
    return np.round(made * parts).astype(np.int64)


def _required(problem: Problem, sets: Sequence[frozenset[str]], parts: int) -> Ints:
    if problem.demand is None:
        return np.zeros((1, 0), np.int64)
    rows = dict(zip(problem.demand.skills, problem.demand.required, strict=True))
    sums = [sum((rows[skill] for skill in some), np.zeros(problem.demand.slots)) for some in sets]
    made: Ints = np.round(np.array(sums) * parts).astype(np.int64)
    return made


def _allowed(
    problem: Problem, moments: Sequence[Sequence[Sequence[tuple[int, int]]]], worked: Ints
) -> tuple[Bools, Bools]:
    """People x days x shapes that nothing forbids by itself, and days that may be off; `moments`
    are those of the spells of shapes (days x shapes x spells)."""
    people, shapes = problem.people, problem.shapes
    spells = max((len(one.spells) for one in shapes), default=1)
    starts, ends = (
        np.array(
            [
                [[some[min(n, len(some) - 1)][edge] for n in range(spells)] for some in row]
                for row in moments
            ],
            np.int64,
        ).reshape(len(moments), len(shapes), spells)
        for edge in (0, 1)
    )
    days = len(problem.days)
    allowed = np.ones((len(people), days, len(shapes)), np.bool_)
    may_be_off = np.ones((len(people), days), np.bool_)
    template = [one.template for one in shapes]
    weekday = np.array([[day.weekday in one.weekdays for one in shapes] for day in problem.days])
    places = {one.id: n for n, one in enumerate(shapes)}
    for n, person in enumerate(people):
        mine = allowed[n]
        mine &= weekday
        mine &= np.array([_fits(person, one) for one in shapes], np.bool_)
        for capped, most in person.limits.most_of_template.items():
            if most == 0 and problem.weights.weight("most_of_template") is None:
                mine &= np.array([one.template != capped for one in shapes], np.bool_)
        for rule, kept in _of_a_day(problem, person.limits, worked):
            if problem.weights.weight(rule) is None:
                mine &= kept
        for rule, kept in _until(problem, person, ends[:, :, -1]):
            if problem.weights.weight(rule) is None:
                mine &= kept
        for since, to in person.closed:
            mine &= ~np.any((starts < to) & (ends > since), axis=2)
        for day in person.days_off:
            if 0 <= day < days:
                mine[day] = False
        if person.present is not None:
            mine[: max(person.present[0], 0)] = False
            mine[max(person.present[1] + 1, 0) :] = False
        is_hard = problem.weights.weight("rotation") is None
        for day, names in person.rotation.items():
            if is_hard and 0 <= day < days:
                mine[day] &= np.array([name in names for name in template], np.bool_)
        for day, name in person.fixed.items():
            if 0 <= day < days:
                may_be_off[n, day] = name is None
                mine[day, np.arange(len(shapes)) != places.get(name or "", -1)] = False
    return allowed, may_be_off


def _fits(person: Person, shape: Shape) -> bool:
    """Whether a shape is for somebody on any day at all."""
    if person.templates is not None and (shape.template) not in person.templates:
        return False
    if person.earliest_start is not None and shape.start < person.earliest_start:
        return False
    return person.latest_end is None or shape.end <= person.latest_end


def _of_a_day(problem: Problem, limits: Limits, worked: Ints) -> Iterator[tuple[str, Bools]]:
    """Rules of single shifts, and which keep them (days x shapes): neither too few nor too many
    worked minutes, and pauses enough for them. Being on call is held to nothing."""
    shapes = problem.shapes
    is_call = np.array([one.kind is Kind.ON_CALL for one in shapes], np.bool_)
    if limits.fewest_day_minutes is not None:
        yield "fewest_day_minutes", (worked >= limits.fewest_day_minutes) | is_call
    if limits.most_day_minutes is not None:
        yield "most_day_minutes", (worked <= limits.most_day_minutes) | is_call
    if limits.pause_after:
        asked = np.zeros(worked.shape, np.int64)
        for after, minutes in limits.pause_after:
            asked = np.where(worked > after, np.maximum(asked, minutes), asked)
        rested = np.array([_rested(one) for one in shapes], np.int64)
        yield "pause_after", (rested[None, :] >= asked) | is_call


def _until(problem: Problem, person: Person, end: Ints) -> Iterator[tuple[str, Bools]]:
    """Rules of what is known after the span, and which shifts leave it the rest that it asks for
    (days x shapes, that end at `end`)."""
    after, limits = person.after, person.limits
    if after is None:
        return
    yield "overlap", end <= after.start
    if limits.rest_minutes is not None:
        yield "rest_minutes", end + limits.rest_minutes <= after.start
    if limits.rest_after_nights_minutes is not None and not after.is_night:
        is_day = np.array([not problem.is_night(one) for one in problem.shapes], np.bool_)
        rested = end + limits.rest_after_nights_minutes <= after.start
        yield "rest_after_nights_minutes", rested | is_day


def _rested(shape: Shape) -> int:
    """Minutes of a shape's pauses, the hours between its spells among them."""
    between = sum(begin - end for (_, end), (begin, _) in pairwise(shape.spells))
    return between + sum(pause.minutes for pause in shape.pauses)


def _paused(problem: Problem, option_shape: Ints, pauses: Sequence[tuple[int, ...]]) -> Bools:
    """People x options whose pauses come soon enough for them."""
    longest = np.array(
        [
            0
            if problem.shapes[shape].kind is Kind.ON_CALL
            else longest_stretch(
                _spans(problem.shapes[shape].pauses, places), problem.shapes[shape].spells
            )
            for shape, places in zip(option_shape, pauses, strict=True)
        ],
        np.int64,
    )
    made = np.ones((len(problem.people), len(option_shape)), np.bool_)
    for n, person in enumerate(problem.people):
        most = person.limits.longest_without_pause
        if most is not None and problem.weights.weight("longest_without_pause") is None:
            made[n] = longest <= most
    return made


def _own_costs(problem: Problem, worked: Ints, end: Ints, parts: int) -> tuple[Ints, Ints]:
    """What wishes and burdens cost, people x days x shapes, and people x days of days off."""
    shapes, days = problem.shapes, problem.days
    cost = np.zeros((len(problem.people), len(days), len(shapes)), np.int64)
    off = np.zeros((len(problem.people), len(days)), np.int64)
    named = np.array([_burdens(problem, shape) for shape in shapes], dtype=object)
    for n, person in enumerate(problem.people):
        for wish in person.wishes:
            if not 0 <= wish.day < len(days):
                continue
            is_it = np.array(
                [not wish.what or wish.what in (one.id, one.template) for one in shapes], np.bool_
            )
            if wish.wants:
                cost[n, wish.day, ~is_it] += wish.weight * parts
                off[n, wish.day] += wish.weight * parts
            else:
                cost[n, wish.day, is_it] += wish.weight * parts
        for session in problem.sessions:
            if person.id in session.people:
                _attend(problem, session, cost[n], off[n], parts)
        own = (_of_a_day(problem, person.limits, worked), _until(problem, person, end))
        for rule, kept in chain(*own):
            cost[n][~kept] += (problem.weights.weight(rule) or 0) * parts
        weight = problem.weights.weight("rotation")
        for turn, names in person.rotation.items():
            if weight is not None and 0 <= turn < len(days):
                outside = np.array([one.template not in names for one in shapes], np.bool_)
                cost[n, turn, outside] += weight * parts
        if person.burdens:
            for s in range(len(shapes)):
                cost[n, :, s] += parts * sum(person.burdens.get(name, 0) for name in named[s])
            for d, day in enumerate(days):
                price = person.burdens.get("weekend", 0) * day.is_weekend
                price += person.burdens.get("holiday", 0) * day.is_holiday
                cost[n, d] += parts * price
    return cost, off


def _attend(problem: Problem, session: Session, cost: Ints, off: Ints, parts: int) -> None:
    """What it costs not to be there for something that can only be on one day; what can be on
    several finds its place in whatever is worked."""
    held = [
        n
        for n, day in enumerate(problem.days)
        if session.since < day.start + day.minutes and day.start < session.until
    ]
    if len(held) != 1:
        return
    (day,) = held
    for s, shape in enumerate(problem.shapes):
        if not any(
            min(end, session.until) - max(begin, session.since) >= session.minutes
            for begin, end in problem.spells(day, shape)
        ):
            cost[day, s] += session.weight * parts
    off[day] += session.weight * parts


def _burdens(problem: Problem, shape: Shape) -> tuple[str, ...]:
    said = (
        ("night", problem.is_night(shape)),
        ("late", problem.is_late(shape)),
        ("split", shape.is_split),
    )
    return tuple(name for name, is_so in said if is_so)


def week_of(problem: Problem) -> Ints:
    """Days: the number of the calendar week each lies in, 0 that of the first."""
    first = problem.days[0].weekday if problem.days else 0
    return np.array([(first + n) // 7 for n in range(len(problem.days))], np.int64)


def off_by_week(weeks: Ints, person: Person) -> tuple[Ints, Ints]:
    """Days: the minutes of absence, and the whole days of it, in the week that each lies in, as far
    as the span shows it; `weeks` are the numbers of the days' weeks."""
    days, whole = np.arange(len(weeks)), sorted(person.away)
    minutes = np.array([person.credited.get(day, 0) for day in days.tolist()], np.int64)
    both = (minutes, np.isin(days, whole).astype(np.int64))
    of_week = [np.bincount(weeks, one).astype(np.int64)[weeks] for one in both]
    return of_week[0], of_week[1]


def clock_of(grid: Grid) -> Ints:
    """Options: the minute of the clock each begins at, of the day it belongs to."""
    return np.array([grid.problem.shapes[n].start for n in grid.option_shape], np.int64)


def value(options: Ints, prices: Ints, off: Ints) -> int:
    """What these options (days; OFF) cost by such prices."""
    is_off = options == OFF
    days = np.flatnonzero(~is_off)
    return int(off[is_off].sum() + prices[days, options[days]].sum())
