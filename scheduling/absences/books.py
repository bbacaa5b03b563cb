"""A site's requests and all that they are held against, read from what is kept: in as many queries
for one request as for a hundred."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from django.db.models import Q

from ccm.intervals import DAY
from ccm.models import Agent, Leave, Site
from scheduling.absences import kept, work
from scheduling.models import (
    DayAllowance,
    LeaveKind,
    LeaveOpening,
    LeaveRequest,
    LeaveRules,
    StaffedDay,
)
from scheduling.terms.works import Works, rules_of
from scheduling.timeoff import (
    Absence,
    Account,
    Allowance,
    Book,
    Member,
    Opening,
    Order,
    Staffed,
    Use,
    by_forecast,
    fixed,
)

# Other leave so far away may be of one run with a request.
_AROUND = 31 * DAY
# The shares of what was granted are of requests that were made so long ago at most.
_LOOK_BACK = 365 * DAY
_UNSAID = Allowance(Fraction(0))
State = LeaveRequest.State


@dataclass(frozen=True)
class Kept:
    """What was read of a site for some days and requests: its book, how people work, who is away
    otherwise, the requests by their ids, and the kinds under allowances by name (`counted`)."""

    site: Site
    book: Book
    works: Mapping[int, Works]
    absences: Sequence[Leave]
    rows: Mapping[str, LeaveRequest]
    rostered: Mapping[int, Mapping[date, int]] = field(default_factory=dict)
    counted: frozenset[str] = frozenset()


def of_requests(site: Site, undecided: Sequence[LeaveRequest], today: date) -> Kept:
    """The book in which these requests are undecided, and what each day of them takes told anew."""
    first = min((one.first_on for one in undecided), default=today)
    last = max((one.last_on for one in undecided), default=today)
    return read(site, first, last, undecided=undecided)


def read(
    site: Site,
    first: date,
    last: date,
    *,
    undecided: Sequence[LeaveRequest] = (),
    waiting: bool = False,
) -> Kept:
    """The book of a site's days from `first` to `last`; `waiting`: with all that waits for room
    on one of them, as it was told last."""
    rules = rules_of(site)
    kinds = list(LeaveKind.objects.filter(site=site).order_by("pk"))
    askers = {one.agent_id for one in undecided}
    runs = max((one.longest_run or 0 for one in kinds), default=0)
    around = max(_AROUND, runs * DAY)
    stand = Q(state=State.APPROVED) & (
        Q(first_on__lte=last + around, last_on__gte=first - around) | Q(agent__in=askers)
    )
    if waiting:
        stand |= Q(state=State.WAITING, first_on__lte=last, last_on__gte=first)
    of_site = {"agent__site": site, "kind__site": site}
    rows = LeaveRequest.objects.filter(stand, **of_site).select_related("agent", "kind")
    known = {one.pk for one in undecided if one.pk}
    others = [one for one in rows.order_by("pk") if one.pk not in known]
    absences = list(
        Leave.objects.filter(
            Q(agent__in=askers) | Q(first_on__lte=last) & (Q(last_on=None) | Q(last_on__gte=first)),
            agent__site=site,
            leave_request=None,
        ).select_related("agent")
    )
    agents: dict[int, Agent] = {one.agent_id: one.agent for one in (*others, *absences, *undecided)}
    works = work.of_people(agents.values(), site, rules)
    given: Mapping[int, Mapping[date, int]] = {}
    if undecided:
        given = work.rostered(askers, first, last)
    for row in undecided:
        days = works[row.agent_id].days(
            row.first_on, row.last_on, row.part, given.get(row.agent_id, {})
        )
        row.days = kept.days_written(days)
    allowances, closed = allowances_of(site, rules, first, last)
    book = Book(
        members=_members(agents, works, absences, site, rules),
        policies={kept.kind_id(one.pk): kept.policy_of(one, closed) for one in kinds},
        accounts=accounts_of(kinds, [works[pk] for pk in askers], absences) if askers else {},
        allowances={(kept.group_id(site.pk), day): one for day, one in allowances.items()},
        taken=_taken(kinds, works, absences, allowances, site, first, last),
        order=Order(rules.order),
        approved=tuple(kept.request_of(one, site) for one in others if one.state == State.APPROVED),
        undecided=tuple(
            kept.request_of(one, site)
            for one in (*undecided, *(one for one in others if one.state == State.WAITING))
        ),
    )
    every = {kept.request_id(one.pk): one for one in (*others, *undecided)}
    return Kept(site, book, works, absences, every, given, _counted(kinds))


def allowances_of(
    site: Site, rules: LeaveRules, first: date, last: date
) -> tuple[dict[date, Allowance], frozenset[date]]:
    """What each day allows, where anybody has said so, and the days that are closed. Two queries.

    Of a day that is not forecast yet what is planned for leave is there however busy it will be.
    """
    found: dict[date, Allowance] = {}
    if rules.measure == LeaveRules.Measure.FIXED:
        found = {
            first + n * DAY: fixed(Fraction(rules.people)) for n in range((last - first).days + 1)
        }
    else:
        shares = {
            "planned_share": Fraction(rules.planned_share),
            "most_share": Fraction(rules.most_share),
        }
        for row in StaffedDay.objects.filter(site=site, day__gte=first, day__lte=last):
            needed = row.required_minutes
            if needed is None and not rules.planned_share:
                continue
            staffed = Staffed(
                row.contracted_minutes,
                row.contracted_minutes if needed is None else needed,
                Fraction(0) if needed is None else Fraction(rules.other_shrinkage),
            )
            found[row.day] = by_forecast(staffed, **shares)
    closed = set()
    for said in DayAllowance.objects.filter(site=site, day__gte=first, day__lte=last):
        if said.people is None:
            closed.add(said.day)
        found[said.day] = fixed(Fraction(said.people or 0))
    return found, frozenset(closed)


def accounts_of(
    kinds: Iterable[LeaveKind], people: Collection[Works], absences: Iterable[Leave]
) -> dict[tuple[str, str], Account]:
    """What balances are made of, by person and kind, but for what requests use. One query.

    Absences of a kind's name that come of no request use it, too.
    """
    balanced = [one for one in kinds if one.keeps_balance]
    by_name = {one.name.casefold(): one for one in balanced}
    opened: dict[tuple[int, int], LeaveOpening] = {}
    if not balanced:
        return {}
    rows = LeaveOpening.objects.filter(agent__in=[one.agent.pk for one in people])
    for opening in rows.order_by("day", "pk"):
        opened[opening.agent_id, opening.kind_id] = opening  # the last one stands
    uses: dict[tuple[int, int], list[Use]] = defaultdict(list)
    works = {one.agent.pk: one for one in people}
    for leave in absences:
        kind = by_name.get(leave.kind.casefold())
        if kind is not None and leave.agent_id in works and leave.last_on is not None:
            uses[leave.agent_id, kind.pk] += _uses(works[leave.agent_id], leave)
    found = {}
    for one in people:
        for kind in balanced:
            key = one.agent.pk, kind.pk
            begun = opened.get(key)
            found[kept.person_id(key[0]), kept.kind_id(key[1])] = Account(
                terms=kept.terms_of(kind),
                spells=one.spells(begun.day if begun else None),
                uses=tuple(uses[key]),
                opening=_opening(begun) if begun else None,
            )
    return found


def _opening(said: LeaveOpening) -> Opening:
    return Opening(said.day, said.minutes, said.carried)


def _uses(works: Works, leave: Leave) -> list[Use]:
    assert leave.last_on is not None
    days = works.days(leave.first_on, leave.last_on, None, {})
    return [Use(one.day, one.minutes) for one in days if one.minutes]


def _members(
    agents: Mapping[int, Agent],
    works: Mapping[int, Works],
    absences: Iterable[Leave],
    site: Site,
    rules: LeaveRules,
) -> dict[str, Member]:
    away: dict[int, list[Absence]] = defaultdict(list)
    for one in absences:
        away[one.agent_id].append(Absence(one.first_on, one.last_on))
    shares = _shares(agents) if rules.order == LeaveRules.Order.FAIRNESS else {}
    return {
        kept.person_id(pk): Member(
            id=kept.person_id(pk),
            here_since=works[pk].here_since,
            groups=(kept.group_id(site.pk),),
            absences=tuple(away[pk]),
            asked_minutes=shares.get(pk, (0, 0))[0],
            granted_minutes=shares.get(pk, (0, 0))[1],
        )
        for pk in agents
    }


def _shares(agents: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Minutes that people asked for within a year before their last request, and were granted. What
    they withdrew themselves they asked for nothing. One query."""
    asked: dict[int, int] = defaultdict(int)
    granted: dict[int, int] = defaultdict(int)
    rows = LeaveRequest.objects.filter(
        agent__in=list(agents), state__in=[State.APPROVED, State.REFUSED, State.CANCELLED]
    )
    newest: dict[int, date] = {}
    for row in rows.order_by("-asked_at"):
        since = newest.setdefault(row.agent_id, row.asked_at.date()) - _LOOK_BACK
        if row.asked_at.date() < since:
            continue
        asked[row.agent_id] += row.minutes
        granted[row.agent_id] += row.minutes if row.state == State.APPROVED else 0
    return {pk: (asked[pk], granted[pk]) for pk in asked}


def _counted(kinds: Iterable[LeaveKind]) -> frozenset[str]:
    """Names of kinds under allowances, of whatever case: absences of these names take of them."""
    return frozenset(one.name.casefold() for one in kinds if one.under_allowance)


def _taken(
    kinds: Iterable[LeaveKind],
    works: Mapping[int, Works],
    absences: Iterable[Leave],
    allowances: Mapping[date, Allowance],
    site: Site,
    first: date,
    last: date,
) -> dict[tuple[str, date], Fraction]:
    """What absences take of each day that come of no request, and are of the name of a kind that is
    under allowances; of a day without one it is counted in minutes."""
    names = _counted(kinds)
    found: dict[tuple[str, date], Fraction] = defaultdict(Fraction)
    for leave in absences:
        if leave.kind.casefold() not in names:
            continue
        day = max(leave.first_on, first)
        while day <= min(leave.last_on or last, last):
            minutes = works[leave.agent_id].by_contract(day)
            allowance = allowances.get(day, _UNSAID)
            found[kept.group_id(site.pk), day] += allowance.takes(minutes, minutes)
            day += DAY
    return dict(found)
