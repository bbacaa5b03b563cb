"""Between what is kept of time off and what `scheduling.timeoff` reckons with."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from ccm.intervals import day_of
from ccm.models import Site
from scheduling.models import LeaveKind, LeaveRequest
from scheduling.timeoff import (
    Accrual,
    Allowance,
    DayOff,
    Fact,
    Measure,
    Policy,
    Request,
    Rule,
    Terms,
)

# Sorts after all that is kept.
_NEW = "new"


def person_id(agent: int) -> str:
    return str(agent)


def kind_id(kind: int) -> str:
    return str(kind)


def group_id(site: int) -> str:
    """A site's allowance is one group's: everybody's."""
    return str(site)


def request_id(pk: int | None) -> str:
    """In the order in which they were kept; the one that is not kept yet comes last."""
    return _NEW if pk is None else f"{pk:012}"


def terms_of(kind: LeaveKind) -> Terms:
    """What a kind gives. 29 February as the last day of what was carried is the day before it, for
    not every year has one."""
    until = None
    if kind.carried_month is not None and kind.carried_day is not None:
        until = (kind.carried_month, kind.carried_day)
        until = (2, 28) if until == (2, 29) else until
    return Terms(
        year_minutes=kind.year_minutes,
        accrual=Accrual(kind.accrual),
        in_arrears=kind.in_arrears,
        year_begins=(kind.year_month, kind.year_day),
        pay_period_days=kind.pay_period_days,
        pay_periods_from=kind.pay_periods_from,
        carries=kind.carries,
        carried_until=until,
        overdraws=kind.overdraws,
    )


def policy_of(kind: LeaveKind, closed: Iterable[date] = ()) -> Policy:
    """What its requests are held against. Closed days are of what is under the allowance."""
    return Policy(
        notice_days=kind.notice_days,
        closed=frozenset(closed) if kind.under_allowance else frozenset(),
        longest_run=kind.longest_run,
        waitlist=kind.waitlist,
        under_allowance=kind.under_allowance,
    )


def days_of(row: LeaveRequest) -> tuple[DayOff, ...]:
    """What each day of a request takes, as it is kept."""
    return tuple(
        DayOff(
            date.fromisoformat(one["day"]), int(one["minutes"]), int(one["of_minutes"]), row.part
        )
        for one in row.days
    )


def days_written(days: Iterable[DayOff]) -> list[dict[str, Any]]:
    return [
        {"day": one.day.isoformat(), "minutes": one.minutes, "of_minutes": one.of_minutes}
        for one in days
    ]


def request_of(row: LeaveRequest, site: Site) -> Request:
    return Request(
        id=request_id(row.pk),
        person=person_id(row.agent_id),
        kind=kind_id(row.kind_id),
        asked_at=row.asked_at,
        asked_on=day_of(row.asked_at, site.calendar),
        days=days_of(row),
    )


def facts_written(
    facts: Iterable[Fact], allowances: Mapping[tuple[str, date], Allowance]
) -> list[dict[str, Any]]:
    """Facts as they are kept: of allowances that have room only the tightest, for a long request
    has many. Those of an allowance say in which measure it is."""

    def written(one: Fact) -> dict[str, Any]:
        allowance = allowances.get((one.group, one.day)) if one.rule is Rule.ALLOWANCE else None
        return _written(one) | ({"measure": allowance.measure.value} if allowance else {})

    found = []
    roomy: list[Fact] = []
    for one in facts:
        if one.rule is Rule.ALLOWANCE and one.holds:
            roomy.append(one)
        else:
            found.append(written(one))
    if roomy:
        found.append(written(min(roomy, key=lambda one: (one.allowed or 0) - one.found)))
    order = list(Rule)
    return sorted(found, key=lambda one: (order.index(Rule(one["rule"])), one["day"]))


def _written(one: Fact) -> dict[str, Any]:
    return {
        "rule": one.rule.value,
        "holds": one.holds,
        "day": one.day.isoformat(),
        "found": str(one.found),
        "allowed": None if one.allowed is None else str(one.allowed),
    }


def fact_of(said: Mapping[str, Any]) -> Fact:
    return Fact(
        rule=Rule(said["rule"]),
        holds=said["holds"],
        day=date.fromisoformat(said["day"]),
        found=Fraction(said["found"]),
        allowed=None if said["allowed"] is None else Fraction(said["allowed"]),
    )


def measure_of(said: Mapping[str, Any]) -> Measure:
    """In which measure the numbers of a kept fact are."""
    return Measure(said.get("measure", Measure.MINUTES.value))
