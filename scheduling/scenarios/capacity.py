"""Months ahead: how many people the work takes, how many there will be, and when to hire. Pure.

Work is in hours on calls; people are full-time equivalents, who are paid so many hours a month and
leave at a steady rate. A new one is trained first, and then does a growing share of what others do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The people of a scenario. Shares are 0 to 1.

    `ramp` is what a new person does in each month after the training, of what others do; after it
    all of that. Who is trained is paid, and answers nothing.
    """

    people: float
    counted_before: int = 0
    """So many months before the first they were counted, and leave from then on; below 0: after."""
    begun: tuple[tuple[int, int], ...] = ()
    """Who began after that and before the first month: so many months before it, and how many."""
    paid_hours: float
    """Of a full-time equivalent in a month."""
    shrinkage: Decimal = Decimal(0)
    attrition: float = 0.0
    """The share of people who leave in a month, new ones among them."""
    training_months: int = 0
    ramp: tuple[float, ...] = ()
    overtime: float = 0.0
    """So much of their paid hours people may work beyond them."""
    cost_per_hour: float | None = None

    def __post_init__(self) -> None:
        if self.people < 0 or self.paid_hours <= 0 or self.training_months < 0:
            raise ValueError("people, their hours and their training are numbers of 0 or more")
        if not 0 <= self.attrition < 1 or not 0 <= self.shrinkage < 1 or self.overtime < 0:
            raise ValueError("attrition and shrinkage are shares of 0 or more, and less than 1")
        if any(not 0 < share <= 1 for share in self.ramp):
            raise ValueError("a new person does a share of what others do, more than 0")

    @property
    def hours_on_calls(self) -> float:
        """Of a full-time equivalent in a month, overtime among them."""
        return self.paid_hours * (1 + self.overtime) * float(1 - self.shrinkage)

    def done(self, months: int) -> float:
        """What somebody does who began so many months ago, of what others do."""
        trained = months - self.training_months
        if trained < 0:
            return 0.0
        return self.ramp[trained] if trained < len(self.ramp) else 1.0

    def months_until_whole(self) -> int:
        """From the first day until somebody does all that others do."""
        return self.training_months + len(self.ramp)


class Month(NamedTuple):
    """What a month takes and what there is, in full-time equivalents."""

    needed_on_calls: float
    """Without shrinkage: as if all paid time were for calls, and all overtime."""
    needed: float
    there: float
    """As good as so many who do all that others do."""
    paid: float
    """People who are paid, new ones among them."""
    hired: int
    cost: float | None
    overtime_hours: float
    """Paid beyond what contracts say, of all who are there."""

    @property
    def gap(self) -> float:
        """Too many; negative: too few."""
        return self.there - self.needed


def planned(hours: Sequence[float], staff: Staff, hires: Sequence[int]) -> list[Month]:
    """Each month of so many hours on calls, with so many people who begin in each."""
    if len(hires) != len(hours):
        raise ValueError("it is told of each month how many begin")
    stays = 1 - staff.attrition
    found = []
    for month, work in enumerate(hours):
        old = staff.people * stays ** max(month + staff.counted_before, 0)
        new = [(hires[began], month - began) for began in range(month + 1)]
        new += [(people, month + before) for before, people in staff.begun]
        left = [(people * stays**months, months) for people, months in new]
        paid = old + sum(people for people, _months in left)
        there = old + sum(people * staff.done(months) for people, months in left)
        lacking = work / float(1 - staff.shrinkage) - there * staff.paid_hours
        overtime = min(max(lacking, 0.0), there * staff.paid_hours * staff.overtime)
        cost = None
        if staff.cost_per_hour is not None:
            cost = (paid * staff.paid_hours + overtime) * staff.cost_per_hour
        found.append(
            Month(
                work / (staff.paid_hours * (1 + staff.overtime)),
                work / staff.hours_on_calls,
                there,
                paid,
                hires[month],
                cost,
                overtime,
            )
        )
    return found


class Hiring(NamedTuple):
    hires: list[int]
    """Who begins in each month."""
    late: list[int]
    """Months in which too few are there whatever is done: whoever begins now is ready later."""


def hiring(
    hours: Sequence[float],
    staff: Staff,
    told: Sequence[int] = (),
    earliest: int = 0,
    *,
    in_part: bool = True,
) -> Hiring:
    """Who must begin when, so that no month lacks people that could have them: as few as it takes,
    as late as they are ready in time. Beside those who are `told` to begin; nobody else begins
    before the month `earliest`.

    Months for which nobody is wholly ready in time have more who are ready in part, and too many
    later; not `in_part`, they have nobody more than later months need, and are late.
    """
    hires = list(told) or [0] * len(hours)
    late = []
    for month in range(len(hours)):
        gap = planned(hours, staff, hires)[month].gap
        if gap >= -1e-9:
            continue
        began, does = _latest(month, staff, earliest)
        if does < 1 and not in_part:
            began = None
        if began is None:
            late.append(month)
            continue
        stays = (1 - staff.attrition) ** (month - began)
        hires[began] += ceil(-gap / (does * stays) - 1e-9)
    return Hiring(hires, late)


def _latest(month: int, staff: Staff, earliest: int) -> tuple[int | None, float]:
    """The latest month to begin in for all that others do by a month; else the first there is, for
    whoever is ready in part; None: nobody would be."""
    whole = month - staff.months_until_whole()
    if whole >= earliest:
        return whole, 1.0
    does = staff.done(month - earliest)
    return (earliest, does) if does > 0 else (None, 0.0)
