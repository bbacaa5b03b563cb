"""People, as a roster knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduling.shifts.days import MINUTES
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
    """A shift that was before the span: its moments and its worked minutes (0 where they are to
    count for no week or period). It began below 0, and may end within the span; what it covers
    there says `Person.tail`. Or one that is known already after the span (`Person.after`)."""

    start: int
    end: int
    minutes: int
    is_night: bool = False
    # The minute of the clock at which it began.
    clock: int = 0

    @property
    def day(self) -> int:
        """The day on which it begins: -1 is the last one before the span. By its clock, as clocks
        may have been put since; without one, as if days had 24 hours."""
        if not self.clock:
            return self.start // MINUTES
        return (self.start - self.clock + MINUTES // 2) // MINUTES


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be given shifts.

    `skills` are what they can take, each with a proficiency above 0, up to 1 (as much of a position
    as they fill). `templates` are what they may be given (None: all). `closed` are moments
    [from, to) at which they must not work: time off, what they said they cannot; hours between
    spells are not work, being on call is. On `days_off` no shift begins. `earliest_start` and
    `latest_end` are minutes of the clock of the day a shift belongs to (1,500 is one o'clock of the
    next). `credited` are minutes, by day, of approved absence, and `away` the days of work that are
    whole days of it: what they take from the fewest of their week and of the period. On days on
    which they are `absent` (-1 is the one before the span) they are not there, whatever they were
    given. As `before`
    says what was worked of the period, days before the span count for it, too. `rotation` says of
    a day which templates it allows (a day not named: all; empty: a day off), and asks for none.
    `fixed` is the shape that stays as it is (None: a day off). `present` are the first and last day
    on which they are employed, both included. In `tail`, moments [from, to) of the span, they are
    at work by a shift before it, pauses left out. `after` is the first shift that is known after
    the span: what is before it has to leave the rests until it, and it counts for nothing else.
    """

    id: str
    limits: Limits = field(default_factory=Limits)
    skills: Mapping[str, float] = field(default_factory=lambda: {"": 1.0})
    templates: frozenset[str] | None = None
    closed: tuple[tuple[int, int], ...] = ()
    days_off: frozenset[int] = frozenset()
    credited: Mapping[int, int] = field(default_factory=dict)
    away: frozenset[int] = frozenset()
    absent: frozenset[int] = frozenset()
    earliest_start: int | None = None
    latest_end: int | None = None
    rotation: Mapping[int, frozenset[str]] = field(default_factory=dict)
    fixed: Mapping[int, str | None] = field(default_factory=dict)
    present: tuple[int, int] | None = None
    wishes: tuple[Wish, ...] = ()
    before: tuple[Worked, ...] = ()
    tail: tuple[tuple[int, int], ...] = ()
    after: Worked | None = None
    is_new: bool = False
    # Of each burden (`scheduling.fairness`): how much one more costs them, in the measure of costs.
    burdens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two who work the same shifts on the days on which either works, or never the same."""

    one: str
    other: str
    together: bool
