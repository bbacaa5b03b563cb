"""Roster problems made up: a large centre with several skills, contracts and a real day's shape."""

from datetime import date

import numpy as np

from scheduling.shifts import Demand, Limits, Pause, Person, Problem, Shape, Wish
from scheduling.shifts.days import days_of

_SKILLS = ("sales", "billing", "support", "english", "claims")
_LUNCH = Pause("lunch", 30, 180, 300)
_BREAKS = (Pause("break", 15, 90, 150, is_paid=True), Pause("break 2", 15, 360, 420, is_paid=True))


def large(people: int, weeks: int = 4, seed: int = 1) -> Problem:
    """So many people of five skills for some weeks in quarter hours, with about as many hours as
    are asked for: contracts of 40, 30 and 20 hours, wishes, days off, starts within two hours."""
    chance = np.random.default_rng(seed)
    days = days_of(date(2026, 3, 2), weeks * 7, "Europe/Berlin")
    shapes = [
        Shape(f"full {start // 60:02}:{start % 60:02}", start, ((0, 510),), "full",
              pauses=(_BREAKS[0], _LUNCH, _BREAKS[1]))
        for start in range(6 * 60, 14 * 60 + 1, 30)
    ] + [
        Shape(f"short {start // 60:02}:{start % 60:02}", start, ((0, 300),), "short",
              pauses=(_BREAKS[0],))
        for start in range(7 * 60, 17 * 60 + 1, 30)
    ]  # fmt: skip
    crew = [_person(n, chance, len(days)) for n in range(people)]
    slots = sum(day.minutes for day in days) // 15
    required = np.zeros((len(_SKILLS), slots))
    shares = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    hours = sum((one.limits.fewest_week_minutes or 0) / 60 * weeks for one in crew)  # what there is
    shape_of_day = np.array([_busy(slot / 4) for slot in range(96)])
    week = np.array([1.15, 1.05, 1.0, 1.0, 0.95, 0.55, 0.4])
    total = shape_of_day.sum() / 4 * week.sum() * weeks
    for number, day in enumerate(days):
        for slot in range(96):
            at = day.at(slot * 15) // 15
            busy = shape_of_day[slot] * week[number % 7] * hours * 0.93 / total
            required[:, at] = np.round(shares * busy)
    return Problem(
        days=days, shapes=tuple(shapes), people=tuple(crew), demand=Demand(15, required, _SKILLS)
    )


def _busy(hour: float) -> float:
    """How busy an hour of the day is: a morning's peak and a lower one in the afternoon."""
    if not 7 <= hour < 21:
        return 0.0
    return float(np.exp(-((hour - 10.5) ** 2) / 5) + 0.8 * np.exp(-((hour - 15.5) ** 2) / 8) + 0.15)


def _person(number: int, chance: np.random.Generator, days: int) -> Person:
    kind = chance.choice(3, p=[0.6, 0.2, 0.2])
    minutes = (2400, 1920, 1425)[kind]
    shifts = (5, 4, 5)[kind]
    template = ("full", "full", "short")[kind]
    many = chance.choice([1, 2, 3], p=[0.4, 0.4, 0.2])
    skills = chance.choice(_SKILLS, many, replace=False, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    off = frozenset(chance.choice(days, int(chance.integers(0, 3)), replace=False).tolist())
    wishes = tuple(
        Wish(int(chance.integers(days)), bool(chance.random() < 0.3), int(chance.integers(5, 30)))
        for _ in range(int(chance.integers(0, 4)))
    )
    return Person(
        id=f"P{number:04}",
        limits=Limits(
            fewest_week_minutes=None if off else (shifts - 1) * minutes // shifts,
            most_week_minutes=minutes,
            most_week_days=shifts,
            rest_minutes=660,
            week_rest_minutes=2160,
            most_days_in_row=6,
            fewest_weekends_off=2,
            start_band_minutes=120,
        ),
        skills={str(one): 1.0 for one in skills},
        templates=frozenset({template}),
        days_off=off,
        wishes=wishes,
    )
