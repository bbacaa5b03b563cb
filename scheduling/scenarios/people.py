"""The people of a scenario: as it says, else as it is, else as the record knows. No query."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from scheduling.models import Scenario
from scheduling.scenarios.capacity import Staff
from scheduling.scenarios.reckoned import Work
from scheduling.scenarios.record import Record

PAID_HOURS = 160.0
"""Of a month, where neither anybody nor a contract tells: eight hours on twenty days."""


@dataclass(frozen=True, slots=True)
class People:
    """`unknown` are the fields of `Scenario` that nobody told and no record knows: what stands for
    them is nothing, and of paid hours `PAID_HOURS`."""

    staff: Staff
    has_people: bool
    """Whether it is known how many there are."""
    counted_on: date | None
    """The day, or the first of the month, of the headcount that tells it; None: somebody told."""
    lead_weeks: int
    unknown: list[str] = field(default_factory=list)
    begin: Mapping[str, int] = field(default_factory=dict)
    """Who is planned to begin, by month as YYYY-MM."""

    def hires(self, months: Iterable[date]) -> list[int]:
        """Who begins in each of some months, beside those who were counted."""
        return [self.begin.get(month_of(first), 0) for first in months]


def month_of(day: date) -> str:
    """As `Scenario.hires` names it."""
    return f"{day:%Y-%m}"


def of(scenario: Scenario, base: Scenario | None, record: Record, work: Work | None) -> People:
    """`base` is how its site is."""
    unknown: list[str] = []

    def told(name: str, known: Any, without: Any) -> Any:
        for one in (scenario, base):
            if one is not None and (value := getattr(one, name)) is not None:
                return value
        if known is None:
            unknown.append(name)
            return without
        return known

    attrition = float(told("attrition", record.attrition, 0))
    people, counted = _fte(scenario, base, record, 1 - attrition)
    if people is None:
        unknown.append("fte")
    # Who begins at the site does so for other queues too.
    begin = scenario.hires or ({} if base is None or _is_of_some(scenario) else base.hires)
    counted_before, begun = 0, []
    if counted is not None:
        # Who began before they were counted is among them.
        begin = {month: many for month, many in begin.items() if month > month_of(counted)}
        if work is not None and work.months:
            first = work.months[0]
            counted_before = _months_between(counted, first)
            begun = [
                (_months_between(date.fromisoformat(f"{month}-01"), first), many)
                for month, many in sorted(begin.items())
                if month < month_of(first)
            ]
    shrinkage = told("shrinkage", None if work is None else work.shrinkage, 0)
    cost = told("cost_per_hour", None, None)
    staff = Staff(
        people=people or 0.0,
        counted_before=counted_before,
        begun=tuple(begun),
        paid_hours=float(told("paid_hours", record.paid_hours, PAID_HOURS)),
        shrinkage=Decimal(str(shrinkage)),
        attrition=attrition,
        training_months=told("training_months", None, 0),
        ramp=tuple(float(one) for one in told("ramp", None, ())),
        overtime=float(_first("overtime", scenario, base) or 0),
        cost_per_hour=None if cost is None else float(cost),
    )
    lead_weeks = told("lead_weeks", None, 0)
    return People(staff, people is not None, counted, lead_weeks, unknown, begin)


def counted_on(scenario: Scenario, base: Scenario | None, record: Record) -> date | None:
    """The day of the headcount that a scenario's people are told by; None: by somebody's word, or
    by nothing."""
    return _fte(scenario, base, record, 1.0)[1]


def _is_of_some(scenario: Scenario) -> bool:
    """Whether it is of some of its site's queues."""
    return scenario.pk is not None and bool(scenario.queues.all())


def _fte(
    scenario: Scenario, base: Scenario | None, record: Record, stays: float
) -> tuple[float | None, date | None]:
    """People now, or on the day that they were counted. Of some of a site's queues only what the
    scenario itself tells: those of the site are there for the others too.

    Teams that were counted at different times are told as of the newest: the share that `stays` in
    a month is there of the others."""
    if scenario.fte is not None:
        return float(scenario.fte), None
    if _is_of_some(scenario):
        return None, None
    if base is not None and base.fte is not None:
        return float(base.fte), None
    if record.fte_on is None:
        return None, None
    people = sum(fte * stays ** _months_between(on, record.fte_on) for on, fte in record.counted)
    return people, record.fte_on


def _months_between(sooner: date, later: date) -> int:
    return (later.year - sooner.year) * 12 + later.month - sooner.month


def _first(name: str, *scenarios: Scenario | None) -> Any:
    found = (getattr(one, name) for one in scenarios if one is not None)
    return next((one for one in found if one is not None), None)
