"""Shapes of shifts: when they begin, how long they are, and the pauses within."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    WORK = "work"
    # At home and to be called: covers nothing, and is paid by its own rule. A shift like any other
    # for days, runs, weekends and rests.
    ON_CALL = "on_call"


@dataclass(frozen=True, slots=True)
class Pause:
    """A break or a lunch: how long, and between which minutes of the shift it may begin, both
    counted from the shift's beginning as time goes by, and both allowed."""

    name: str
    minutes: int
    earliest: int
    latest: int
    is_paid: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A shift as it may be given to somebody on a day: one of the starts of a template.

    `start` is a minute of the clock of the day it belongs to. `spells` are (from, to) in minutes
    after that: one, or two of a split shift, with unpaid hours between. A night goes on over
    midnight. `template` is what the starts of one kind of shift have in common.
    """

    id: str
    start: int
    spells: tuple[tuple[int, int], ...]
    template: str = ""
    kind: Kind = Kind.WORK
    pauses: tuple[Pause, ...] = ()
    # On which weekdays there is such a shift; 0 is Monday.
    weekdays: frozenset[int] = frozenset(range(7))

    @property
    def minutes(self) -> int:
        """From its beginning to its end, hours between spells included."""
        return self.spells[-1][1]

    @property
    def end(self) -> int:
        """The minute of the clock at which it ends; over 1,440 on the next day."""
        return self.start + self.minutes

    @property
    def is_split(self) -> bool:
        return len(self.spells) > 1

    @property
    def worked_minutes(self) -> int:
        """On duty, unpaid pauses left out: what hours of contracts and laws count."""
        if self.kind is Kind.ON_CALL:
            return 0
        unpaid = sum(pause.minutes for pause in self.pauses if not pause.is_paid)
        return sum(end - begin for begin, end in self.spells) - unpaid
