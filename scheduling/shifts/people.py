"""People, as a roster knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduling.shifts.limits import Limits


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like on a day, or rather not: a shape, any shape of a template, or to
    work at all (`what` empty). `weight` is what a refusal costs."""

    day: int
    wants: bool
    weight: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """A shift that was before the span: its moments (below 0) and its worked minutes."""

    start: int
    end: int
    minutes: int
    is_night: bool = False
    # The minute of the clock at which it began.
    clock: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be given shifts.

    `skills` are what they can take, each with a proficiency above 0, up to 1 (as much of a position
    as they fill). `templates` are what they may be given (None: all). `closed` are moments
    [from, to) at which they must not work: time off, what they said they cannot. `rotation` says of
    each day which templates it allows (None: all; empty: a day off). `fixed` is what stays as it is
    (None: a day off). `present` are the first and last day on which they are employed.
    """

    id: str
    limits: Limits = field(default_factory=Limits)
    skills: Mapping[str, float] = field(default_factory=lambda: {"": 1.0})
    templates: frozenset[str] | None = None
    closed: tuple[tuple[int, int], ...] = ()
    days_off: frozenset[int] = frozenset()
    earliest_start: int | None = None
    latest_end: int | None = None
    rotation: Mapping[int, frozenset[str]] = field(default_factory=dict)
    fixed: Mapping[int, str | None] = field(default_factory=dict)
    present: tuple[int, int] | None = None
    wishes: tuple[Wish, ...] = ()
    before: tuple[Worked, ...] = ()
    is_new: bool = False
    # Of each burden (`scheduling.fairness`): how much one more costs them, in the measure of costs.
    burdens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two who work the same shifts on the days on which either works, or never the same."""

    one: str
    other: str
    together: bool
