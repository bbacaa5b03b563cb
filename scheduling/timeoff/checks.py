"""Each rule's word on a request, as facts: which rule, of which day, what it found and allows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from scheduling.timeoff.allowance import Allowance
from scheduling.timeoff.asked import Member, Policy, Request
from scheduling.timeoff.balance import Account, shortage


class Rule(StrEnum):
    """The rules, in the order in which they speak. In brackets: what `found` and `allowed` are."""

    PAST = "past"  # the first day is today or later (days from today to it; 0)
    NOTICE = "notice"  # it is asked for in time (days from asking to the first day; as asked)
    CLOSED = "closed"  # nobody is off on this day (minutes off; 0)
    BALANCE = "balance"  # the balance is enough on each day (minutes short; 0)
    OVERLAP = "overlap"  # the person is not away already (1 for a day on which they are; 0)
    ALLOWANCE = "allowance"  # the group has room on the day (taken with it; the most; its measure)
    LONGEST_RUN = "longest_run"  # days away in a row, with what adjoins (days; the most)


@dataclass(frozen=True, slots=True)
class Fact:
    """What a rule said. `day` is the one that it speaks of, the first day where it speaks of all.
    `allowed` is None where nobody has said yet what may be."""

    rule: Rule
    holds: bool
    day: date
    found: Fraction
    allowed: Fraction | None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """All that a request is held against: today, the person and their other approved requests,
    their account of its kind (None: no balance is kept of it), what each group's day allows, and
    what is taken of it."""

    today: date
    policy: Policy
    member: Member
    others: Sequence[Request] = ()
    account: Account | None = None
    allowances: Mapping[tuple[str, date], Allowance] = field(default_factory=dict)
    taken: Mapping[tuple[str, date], Fraction] = field(default_factory=dict)


def facts(request: Request, standing: Standing) -> tuple[Fact, ...]:
    """What every rule says, in their order: once where it holds, else for each day where it does
    not. Allowances speak for each day and group that a kind is under; of a kind without balances
    none does."""
    return tuple(fact for check in _CHECKS for fact in check(request, standing))


def takes(
    request: Request,
    member: Member,
    policy: Policy,
    allowances: Mapping[tuple[str, date], Allowance],
) -> dict[tuple[str, date], Fraction]:
    """What a request takes of each group's day on which the person would work: nothing of a kind
    that is under no allowance. Of a day without an allowance it is counted in minutes."""
    if not policy.under_allowance:
        return {}
    unsaid = Allowance(Fraction(0))
    return {
        (group, one.day): allowances.get((group, one.day), unsaid).takes(
            one.minutes, one.of_minutes
        )
        for one in request.days
        if one.minutes
        for group in member.groups
    }


def _past(request: Request, standing: Standing) -> Iterator[Fact]:
    ahead = (request.first - standing.today).days
    yield Fact(Rule.PAST, ahead >= 0, request.first, Fraction(ahead), Fraction(0))


def _notice(request: Request, standing: Standing) -> Iterator[Fact]:
    ahead, asked = (request.first - request.asked_on).days, standing.policy.notice_days
    yield Fact(Rule.NOTICE, ahead >= asked, request.first, Fraction(ahead), Fraction(asked))


def _closed(request: Request, standing: Standing) -> Iterator[Fact]:
    closed = [one for one in request.days if one.minutes and one.day in standing.policy.closed]
    for one in closed:
        yield Fact(Rule.CLOSED, False, one.day, Fraction(one.minutes), Fraction(0))
    if not closed:
        yield Fact(Rule.CLOSED, True, request.first, Fraction(0), Fraction(0))


def _balance(request: Request, standing: Standing) -> Iterator[Fact]:
    if standing.account is None:
        return
    short = shortage(standing.account, request.uses)
    if short is None:
        yield Fact(Rule.BALANCE, True, request.first, Fraction(0), Fraction(0))
    else:
        yield Fact(Rule.BALANCE, False, short.day, Fraction(short.minutes), Fraction(0))


def _overlap(request: Request, standing: Standing) -> Iterator[Fact]:
    away = [
        one.day
        for one in request.days
        if any(absence.holds_on(one.day) for absence in standing.member.absences)
        or any(one.meets(day) for other in standing.others for day in other.days)
    ]
    for day in away:
        yield Fact(Rule.OVERLAP, False, day, Fraction(1), Fraction(0))
    if not away:
        yield Fact(Rule.OVERLAP, True, request.first, Fraction(0), Fraction(0))


def _allowance(request: Request, standing: Standing) -> Iterator[Fact]:
    more_of = takes(request, standing.member, standing.policy, standing.allowances)
    for place, more in more_of.items():
        group, day = place
        would = standing.taken.get(place, Fraction(0)) + more
        said = standing.allowances.get(place)
        most = None if said is None else said.most
        holds = most is not None and would <= most
        yield Fact(Rule.ALLOWANCE, holds, day, would, most, group)


def _longest_run(request: Request, standing: Standing) -> Iterator[Fact]:
    most = standing.policy.longest_run
    if most is None:
        return
    away = {one.day for one in request.days}
    absences = standing.member.absences
    others = {one.day for other in standing.others for one in other.days}

    def is_away(day: date) -> bool:
        return day in away or day in others or any(one.holds_on(day) for one in absences)

    run = max((_run(one.day, is_away, most) for one in request.days), key=lambda found: found[1])
    yield Fact(Rule.LONGEST_RUN, run[1] <= most, run[0], Fraction(run[1]), Fraction(most))


def _run(day: date, is_away: Callable[[date], bool], most: int) -> tuple[date, int]:
    """The days away in a row around a day: the first, and how many. It is told no further than a
    year beyond the most, as an absence may have no end."""
    first, last, step, enough = day, day, timedelta(1), most + 366
    while (last - first).days < enough and is_away(first - step):
        first -= step
    while (last - first).days < enough and is_away(last + step):
        last += step
    return first, (last - first).days + 1


# As `Rule` has them.
_CHECKS = (_past, _notice, _closed, _balance, _overlap, _allowance, _longest_run)
