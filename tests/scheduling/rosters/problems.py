"""Problems of rosters, and rosters of them, drawn by chance: small, and of all kinds there are."""

from dataclasses import fields
from datetime import date, timedelta

import numpy as np
from hypothesis import strategies as st

from scheduling.shifts import (
    Activity,
    Assignment,
    Demand,
    Kind,
    Limits,
    NeedOfShape,
    Pairing,
    Pause,
    Person,
    Problem,
    Roster,
    Shape,
    Weights,
    Wish,
    Worked,
)
from scheduling.shifts.days import days_of

H = 60
TEMPLATES = ("early", "late", "night", "split", "call")
# Where clocks are put in a span that begins up to two weeks before, by an hour and by half of one;
# and a day on which nothing happens.
_TURNS = (
    (date(2025, 3, 30), "Europe/Berlin"),
    (date(2025, 10, 26), "Europe/Berlin"),
    (date(2025, 3, 9), "America/New_York"),
    (date(2025, 10, 5), "Australia/Lord_Howe"),
    (date(2025, 6, 15), "UTC"),
)
# A limit somebody may have: what it is at its strictest and its loosest, in steps.
_LIMITS = {
    "fewest_day_minutes": (120, 360, 60),
    "most_day_minutes": (360, 600, 30),
    "fewest_week_minutes": (480, 1440, 120),
    "most_week_minutes": (960, 2880, 120),
    "fewest_period_minutes": (480, 2400, 240),
    "most_period_minutes": (1440, 9600, 240),
    "fewest_week_days": (1, 4, 1),
    "most_week_days": (2, 6, 1),
    "rest_minutes": (480, 720, 60),
    "week_rest_minutes": (24 * H, 48 * H, 4 * H),
    "most_days_in_row": (2, 6, 1),
    "fewest_days_in_row": (2, 3, 1),
    "fewest_off_in_row": (2, 3, 1),
    "most_weekends": (0, 3, 1),
    "fewest_weekends_off": (1, 2, 1),
    "start_band_minutes": (0, 480, 60),
    "most_nights_in_row": (1, 4, 1),
    "rest_after_nights_minutes": (24 * H, 60 * H, 12 * H),
    "longest_without_pause": (180, 480, 30),
}
# What a roster in which nobody works breaks.
_ASKS_FOR_WORK = ("fewest_week_minutes", "fewest_period_minutes", "fewest_week_days")
_SOFT = (*(one.name for one in fields(Limits)), "mix", "pairing", "rotation")


def _steps(first: int, last: int, step: int) -> st.SearchStrategy[int]:
    return st.integers(0, (last - first) // step).map(lambda n: first + n * step)


def _sometimes(strategy: st.SearchStrategy, of: int = 3) -> st.SearchStrategy:
    """None but one time of so many."""
    return st.integers(1, of).flatmap(lambda n: strategy if n == of else st.none())


@st.composite
def shapes(draw: st.DrawFn, name: str) -> Shape:
    """A shift of four to ten hours, with pauses that fit into it on a night of a shorter hour."""
    template = draw(st.sampled_from(TEMPLATES))
    minutes = draw(_steps(4 * H, 10 * H, 30))
    first, last = {
        "early": (5 * H, 9 * H),
        "late": (12 * H, 15 * H),
        "night": (20 * H, 23 * H + 30),
        "split": (6 * H, 9 * H),
        "call": (0, 23 * H),
    }[template]
    spells = ((0, minutes),)
    if template == "split":
        gap, half = draw(_steps(60, 4 * H, 30)), minutes // 2
        spells = ((0, half), (half + gap, minutes + gap))
    room = spells[0][1] - 60
    pauses = []
    if template != "call":
        for pause in draw(
            st.sampled_from([(), ("lunch",), ("break", "lunch"), ("break", "break")])
        ):
            long = 15 if pause == "break" else draw(st.sampled_from([30, 60]))
            earliest = draw(_steps(0, room - long, 15))
            latest = min(room - long, earliest + draw(_steps(0, 120, 15)))
            pauses.append(Pause(pause, long, earliest, latest, is_paid=pause == "break"))
    weekdays = draw(st.sampled_from([range(7), range(7), range(5), (5, 6)]))
    return Shape(
        id=name,
        start=draw(_steps(first, last, 30)),
        spells=spells,
        template=template,
        kind=Kind.ON_CALL if template == "call" else Kind.WORK,
        pauses=tuple(pauses),
        weekdays=frozenset(weekdays),
    )


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """A contract: about six of all limits."""
    names = draw(st.lists(st.sampled_from(sorted(_LIMITS)), max_size=12, unique=True))
    said: dict[str, object] = {name: draw(_steps(*_LIMITS[name])) for name in names}
    if draw(st.booleans()):
        said["most_of_template"] = draw(
            st.dictionaries(st.sampled_from(TEMPLATES), st.integers(0, 6), max_size=2)
        )
    said["pause_after"] = draw(
        st.sampled_from([(), (), ((360, 30),), ((360, 15), (540, 45)), ((240, 20),)])
    )
    return Limits(**said)


@st.composite
def _before(draw: st.DrawFn) -> tuple[Worked, ...]:
    """Shifts of eight hours in the week before."""
    kind = draw(st.sampled_from([None, None, 6 * H, 14 * H, 22 * H]))
    if kind is None:
        return ()
    days = draw(st.sets(st.integers(-7, -1), min_size=1, max_size=6))
    return tuple(
        Worked(day * 1440 + kind, day * 1440 + kind + 480, 480, kind == 22 * H, kind)
        for day in sorted(days)
    )


@st.composite
def _after(draw: st.DrawFn, count: int) -> Worked:
    """Eight hours on one of the two days after; clocks may have been put since."""
    clock = draw(st.sampled_from([6 * H, 14 * H, 22 * H]))
    begin = draw(st.integers(count, count + 1)) * 1440 + clock
    return Worked(begin, begin + 480, 480, clock == 22 * H, clock)


@st.composite
def _person(
    draw: st.DrawFn,
    name: str,
    count: int,
    contracts: list[Limits],
    shapes: tuple[Shape, ...],
    skills: tuple[str, ...],
    is_idle_right: bool,
) -> Person:
    day = st.integers(0, count - 1)
    ids = st.sampled_from([one.id for one in shapes])
    templates = st.frozensets(st.sampled_from(TEMPLATES), max_size=4)
    what = st.one_of(st.just(""), ids, st.sampled_from(TEMPLATES))
    wish = st.builds(Wish, day, st.booleans(), st.integers(1, 20), what)
    proficiency = st.sampled_from([1.0, 1.0, 0.8, 0.5])
    fixed = day.flatmap(lambda on: st.tuples(st.just(on), st.none() if is_idle_right else ids))
    shut = st.tuples(_steps(0, count * 1440, 60), _steps(60, 2880, 60))
    absent = draw(st.dictionaries(st.integers(-3, count - 1), _steps(60, 480, 60), max_size=5))
    off = draw(st.integers(1, 3)) == 3
    before = draw(_before())
    tail = ((0, 6 * H),) if any(one.start == -2 * H for one in before) else ()
    first, last = sorted((draw(day), draw(day))) if draw(st.integers(1, 8)) == 8 else (0, count - 1)
    return Person(
        id=name,
        limits=draw(st.sampled_from(contracts)),
        skills=draw(st.dictionaries(st.sampled_from(skills), proficiency, min_size=1)),
        templates=draw(_sometimes(templates)),
        closed=tuple((begin, begin + long) for begin, long in draw(st.lists(shut, max_size=2))),
        days_off=draw(st.frozensets(day, max_size=3)),
        credited=absent if off else {},
        away=frozenset(list(absent)[::2]) if off else frozenset(),
        earliest_start=draw(_sometimes(_steps(5 * H, 9 * H, 30), 6)),
        latest_end=draw(_sometimes(_steps(16 * H, 30 * H, 60), 6)),
        rotation=draw(st.dictionaries(day, templates, max_size=4)),
        fixed=dict(draw(st.lists(fixed, max_size=2))) if draw(st.integers(1, 4)) == 4 else {},
        present=None if (first, last) == (0, count - 1) else (first, last),
        wishes=tuple(draw(st.lists(wish, max_size=3))),
        before=before,
        tail=tail,
        absent=draw(st.sampled_from([frozenset(), frozenset(), frozenset({-1})])),
        after=draw(_sometimes(_after(count))),
        is_new=draw(st.sampled_from([False, False, True])),
    )


@st.composite
def _demand(draw: st.DrawFn, minutes: int, skills: tuple[str, ...], people: int) -> Demand:
    """The same from day to day, hour by hour, up to half as many as there are."""
    slot = draw(st.sampled_from([15, 30, 60]))
    slot = slot if minutes % slot == 0 else 30
    hours = st.lists(st.integers(0, people).map(lambda n: n / 2), min_size=6, max_size=6)
    count = minutes // slot
    of_day = np.arange(count) * slot // (4 * H) % 6
    required = np.array([np.array(draw(hours))[of_day] for _ in skills]) / len(skills)
    return Demand(slot, required, skills, draw(st.integers(1, 20)), draw(st.integers(0, 5)))


@st.composite
def problems(draw: st.DrawFn, *, can_be_idle: bool = False, most_people: int = 12) -> Problem:
    """Two to twelve people, one to four weeks, and any of all rules, many of which there is no way
    to keep together. With `can_be_idle`, a roster in which nobody works breaks none that is hard:
    there is a roster to be found."""
    turn, zone = draw(st.sampled_from(_TURNS))
    count = draw(st.integers(5, 28))
    first = turn - timedelta(draw(st.integers(0, min(count, 14))))
    holidays = [first + timedelta(draw(st.integers(0, count - 1)))] if draw(st.booleans()) else []
    days = days_of(first, count, zone, holidays)

    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    given = tuple(draw(shapes(name)) for name in names)
    skills = ("a", "b", "c")[: draw(st.integers(1, 3))]
    contracts = draw(st.lists(limits(), min_size=1, max_size=3))
    size = draw(st.integers(2, most_people))
    people = tuple(
        draw(_person(f"p{number}", count, contracts, given, skills, can_be_idle))
        for number in range(size)
    )

    soft = draw(st.dictionaries(st.sampled_from(_SOFT), st.integers(0, 50), max_size=8))
    if can_be_idle:
        soft = {**dict.fromkeys(_ASKS_FOR_WORK, 10), **soft}
    need = st.builds(NeedOfShape, st.integers(0, 4), st.integers(1, 100), st.integers(0, 10))
    on = st.tuples(st.integers(0, count - 1), st.sampled_from(names))
    asked = draw(st.sampled_from(["slots", "slots", "shapes", "both"]))
    pair = st.permutations([one.id for one in people]).map(lambda some: some[:2])
    minutes = sum(day.minutes for day in days)
    templates = st.sampled_from(TEMPLATES)
    return Problem(
        days=days,
        shapes=given,
        people=people,
        demand=None if asked == "shapes" else draw(_demand(minutes, skills, size)),
        needs={} if asked == "slots" else draw(st.dictionaries(on, need, min_size=1, max_size=20)),
        follows=draw(st.frozensets(st.tuples(templates, templates), max_size=3)),
        weights=Weights(soft),
        pairings=tuple(
            Pairing(*draw(pair), together=draw(st.booleans()))
            for _ in range(draw(st.sampled_from([0, 0, 1, 2])))
        ),
        mix=draw(_sometimes(st.sampled_from([0.5, 1.0, 2.0]))),
    )


@st.composite
def rosters(draw: st.DrawFn, problem: Problem) -> Roster:
    """Shifts by chance, as a hand might set them that looks at no rule: many or few for each, with
    pauses and activities on some."""
    of = {}
    for person in problem.people:
        often = draw(st.sampled_from([0, 1, 3, 7]))
        mine = {}
        for day in range(len(problem.days)):
            if draw(st.integers(0, 9)) < often:
                shape = draw(st.sampled_from(problem.shapes))
                mine[day] = Assignment(shape.id, draw(_activities(problem, day, shape)))
        of[person.id] = mine
    return Roster(of)


@st.composite
def _activities(draw: st.DrawFn, problem: Problem, day: int, shape: Shape) -> tuple[Activity, ...]:
    if draw(st.integers(0, 3)):
        return ()
    begin = problem.spells(day, shape)[0][0]
    placed = []
    for pause in shape.pauses:
        start = begin + draw(_steps(pause.earliest, pause.latest + 30, 15))
        placed.append(Activity(pause.name, start, start + pause.minutes))
    if draw(st.booleans()):
        start = begin + draw(_steps(0, shape.minutes, 30))
        placed.append(Activity("training", start, start + 60, is_pause=False))
    return tuple(placed)
