"""How much leave a group of people may take on a day, and how much of it is taken."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Measure(StrEnum):
    """What an allowance counts: minutes of work that people are away for, or people, of whom one
    who is away for half of their day is half."""

    MINUTES = "minutes"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Staffed:
    """What a group has on a day, and what its calls ask for, in minutes.

    `contracted_minutes` is all that its people would work if nobody took leave: what is scheduled,
    where shifts are known, else by contract. `required_minutes` are needed on calls, by the
    forecast. `other_shrinkage` is the share of working time, 0 up to less than 1, that goes to
    anything but calls and leave: sickness, pauses, training.

    Raises ValueError for what is out of these bounds.
    """

    contracted_minutes: int
    required_minutes: Fraction | int
    other_shrinkage: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if min(self.contracted_minutes, self.required_minutes) < 0:
            raise ValueError("minutes of work are not below 0")
        if not 0 <= self.other_shrinkage < 1:
            raise ValueError("shrinkage is a share of 0 or more and less than 1")

    @property
    def spare_minutes(self) -> Fraction:
        """Working time that calls do not need: below 0 where it is short.

        contracted - required / (1 - other shrinkage): a minute at work that is given away takes
        only what the rest of shrinkage leaves of it from the calls.
        """
        return self.contracted_minutes - self.required_minutes / (1 - self.other_shrinkage)


@dataclass(frozen=True, slots=True)
class Allowance:
    """The most that may be off, in its measure."""

    most: Fraction
    measure: Measure = Measure.MINUTES

    def takes(self, minutes: int, of_minutes: int) -> Fraction:
        """What somebody takes of it who is off for some of the minutes that they would work; who
        would not work takes nothing."""
        if not 0 <= minutes <= of_minutes:
            raise ValueError(f"{minutes} minutes off of {of_minutes}")
        if self.measure is Measure.MINUTES or not minutes:
            return Fraction(minutes)
        return Fraction(minutes, of_minutes)


def fixed(people: Fraction | int) -> Allowance:
    """So many people, whatever the day. Raises ValueError for fewer than none."""
    if people < 0:
        raise ValueError("no fewer than nobody may be off")
    return Allowance(Fraction(people), Measure.PEOPLE)


def by_forecast(
    staffed: Staffed,
    *,
    planned_share: Fraction = Fraction(0),
    most_share: Fraction = Fraction(1),
) -> Allowance:
    """What a day's calls leave to spare, in minutes; nothing where they are short of people.

    `planned_share` of contracted time is granted however busy the day is: it is the shrinkage that
    was planned for leave, and staffed for. More than `most_share` of it never is. Raises ValueError
    for shares that are none, or the other way round.
    """
    if not 0 <= planned_share <= most_share <= 1:
        raise ValueError("shares of contracted time go from 0 to 1, the planned one first")
    contracted = staffed.contracted_minutes
    spare = min(max(staffed.spare_minutes, planned_share * contracted), most_share * contracted)
    return Allowance(max(spare, Fraction(0)))
