"""Who works when."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Activity:
    """Part of a shift that is not for contacts: a pause of the shape, training, a meeting. Moments
    since the span's beginning."""

    name: str
    start: int
    end: int
    is_pause: bool = True


@dataclass(frozen=True, slots=True)
class Assignment:
    """A shape that a person works on a day, and where its pauses and activities lie. Without
    any activities, pauses are not placed yet; with one, all of them are."""

    shape: str
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Who works what on which day: {person: {day: assignment}}. Days that are not named are off."""

    of: Mapping[str, Mapping[int, Assignment]] = field(default_factory=dict)

    def on(self, person: str, day: int) -> Assignment | None:
        return self.of.get(person, {}).get(day)
