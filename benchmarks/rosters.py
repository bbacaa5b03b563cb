"""Public instances of rosters as problems: shift scheduling (Curtois and Qu) and a week of a call
centre, told in JSON."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from scheduling.shifts import (
    Demand,
    Limits,
    NeedOfShape,
    Pause,
    Person,
    Problem,
    Roster,
    Shape,
    Wish,
)
from scheduling.shifts.days import days_of

_MONDAY = date(2024, 1, 1)


def read(path: Path) -> Problem:
    """An instance of either kind."""
    text = path.read_text(encoding="utf-8")
    return _week(json.loads(text)) if path.suffix == ".json" else _curtois(text)


def _sections(text: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("SECTION_"):
            found[line.strip().removeprefix("SECTION_")] = lines = []
        elif line.strip() and not line.startswith("#"):
            lines.append(line.strip())
    return found


def _curtois(text: str) -> Problem:
    said = _sections(text)
    days = days_of(_MONDAY, int(said["HORIZON"][0]))
    shapes, follows = [], set()
    for line in said["SHIFTS"]:
        name, minutes, not_after = line.split(",")
        shapes.append(Shape(name, 0, ((0, int(minutes)),), name))
        follows |= {(name, other) for other in not_after.split("|") if other}
    off: dict[str, frozenset[int]] = {}
    for line in said.get("DAYS_OFF", ()):
        name, *numbers = line.split(",")
        off[name] = frozenset(int(one) for one in numbers)
    wishes: dict[str, list[Wish]] = {}
    for section, wants in (("SHIFT_ON_REQUESTS", True), ("SHIFT_OFF_REQUESTS", False)):
        for line in said.get(section, ()):
            name, day, shape, weight = line.split(",")
            wishes.setdefault(name, []).append(Wish(int(day), wants, int(weight), shape))
    needs = {}
    for line in said["COVER"]:
        day, shape, required, under, over = line.split(",")
        needs[int(day), shape] = NeedOfShape(int(required), int(under), int(over))
    return Problem(
        days=days,
        shapes=tuple(shapes),
        people=tuple(
            _employee(line, off, wishes, len(days)) for line in said["STAFF"]
        ),
        needs=needs,
        follows=frozenset(follows),
    )  # fmt: skip


def _employee(
    line: str, off: Mapping[str, frozenset[int]], wishes: Mapping[str, list[Wish]], days: int
) -> Person:
    name, shapes, most, least, most_run, least_run, least_off, weekends = line.split(",")
    counts = dict(one.split("=") for one in shapes.split("|"))
    return Person(
        id=name,
        limits=Limits(
            most_period_minutes=int(most),
            fewest_period_minutes=int(least),
            most_days_in_row=int(most_run),
            fewest_days_in_row=int(least_run),
            fewest_off_in_row=int(least_off),
            most_weekends=int(weekends),
            most_of_template={n: int(count) for n, count in counts.items() if int(count) < days},
        ),
        days_off=off.get(name, frozenset()),
        wishes=tuple(wishes.get(name, ())),
    )


def _week(said: Mapping[str, Any]) -> Problem:
    step = said["slot_minutes"]
    hours, minutes = said["first_slot"].split(":")
    opens = int(hours) * 60 + int(minutes)
    slots = len(said["required"][0])
    days = days_of(_MONDAY, said["days"])
    required = np.zeros((1, len(days) * 24 * 60 // step))
    for day, row in enumerate(said["required"]):
        at = (day * 24 * 60 + opens) // step
        required[0, at : at + slots] = row
    shapes = []
    for name, rules in said["shift_rules"].items():
        length = rules["length_slots"]
        pauses = ()
        if "lunch_slots" in rules:
            first, last = rules["lunch_after_slots"]
            pauses = (Pause("lunch", rules["lunch_slots"] * step, first * step, last * step),)
        for slot in range(0, slots - length + 1, rules.get("start_every_slots", 1)):
            start = opens + slot * step
            shapes.append(
                Shape(f"{name} {slot}", start, ((0, length * step),), name, pauses=pauses)
            )
    # Within two slots of an anchor: no two starts are further apart than four.
    band = 4 * step
    people = []
    for one in said["agents"]:
        # A shift on every day that is none off: as many minutes as there are such days.
        minutes = next(
            shape.worked_minutes for shape in shapes if shape.template == one["contract"]
        )
        least = minutes * (len(days) - len(one["days_off"]))
        people.append(
            Person(
                id=one["id"],
                limits=Limits(fewest_period_minutes=least, start_band_minutes=band),
                templates=frozenset({one["contract"]}),
                days_off=frozenset(one["days_off"]),
                earliest_start=opens + one["earliest_slot"] * step,
            )
        )
    return Problem(
        days=days,
        shapes=tuple(shapes),
        people=tuple(people),
        demand=Demand(step, required, under=10, over=1),
    )


def lines(problem: Problem, roster: Roster) -> Iterator[str]:
    """A roster as a table. Of shifts: people and days, a dash where somebody is off. Of slots: a
    line each shift, with its person, day, and the clock of its start and of its lunch's (or -)."""
    for person in problem.people:
        mine = roster.of.get(person.id, {})
        if problem.demand is None:
            given = (mine.get(day) for day in range(len(problem.days)))
            yield ",".join((person.id, *(one.shape if one else "-" for one in given)))
            continue
        for day, one in sorted(mine.items()):
            lunch = next((each.start for each in one.activities if each.is_pause), None)
            begins = problem.days[day].start
            clocks = (problem.shape[one.shape].start, None if lunch is None else lunch - begins)
            yield ",".join((person.id, str(day), *(_clock(minute) for minute in clocks)))


def _clock(minute: int | None) -> str:
    return "-" if minute is None else f"{minute // 60:02}:{minute % 60:02}"
