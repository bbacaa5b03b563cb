"""Days of leave that no shift was given on, and what they are paid: as many hours as payroll tells,
else a fifth of the contract's week on Mondays to Fridays."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from ccm import together
from ccm.intervals import DAY, days
from ccm.models import Leave, PaidTime, Site
from ccm.querysets import Viewer
from scheduling.models import AdherenceDay, AgentContract, Contract, LeaveKind

_WEEKDAYS = 5


@dataclass(frozen=True, slots=True)
class Off:
    """A day of somebody's leave; `seconds` are paid. None: nobody tells how many they would be."""

    agent: int
    day: date
    kind: str
    seconds: int | None


def seen(user: Viewer, site: Site) -> set[int]:
    """The people of a site whose days a reader sees. One query."""
    rows = AdherenceDay.objects.visible_to(user).filter(site=site)
    return {*rows.order_by().values_list("agent_id", flat=True).distinct()}


def unpaid(site: Site) -> frozenset[str]:
    """Kinds of leave that are not paid, in lower case: leave is named by whoever enters it. One
    query."""
    return frozenset(one.name.casefold() for one in _unpaid(site))


def _unpaid(site: Site) -> QuerySet[LeaveKind]:
    return LeaveKind.objects.filter(site=site, is_paid=False)


def without_shifts(
    site: Site,
    agents: Collection[int],
    first: date,
    last: date,
    worked: Collection[tuple[int, date]],
) -> Iterator[Off]:
    """Days of leave of some people, but those on which they have `worked` time; each once, by
    person. One query."""
    leaves = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first), agent__in=agents, first_on__lte=last
    )
    whose = leaves.order_by().values("agent")
    held = AgentContract.objects.within(first, last).filter(agent__in=whose)
    found = together.read(
        {
            "leaves": leaves.order_by("agent", "first_on", "pk"),
            "paid": PaidTime.objects.filter(agent__in=whose, day__gte=first, day__lte=last),
            "held": held.order_by("starts_on"),
            "contracts": Contract.objects.filter(pk__in=held.order_by().values("contract")),
            "unpaid": _unpaid(site),
        }
    )
    rows: list[Leave] = found["leaves"]
    paid = {(one.agent_id, one.day): one.minutes * 60 for one in found["paid"]}
    told_until = {(agent, week_of(day)): day for agent, day in sorted(paid)}
    weeks = _weeks(found["held"], found["contracts"])
    for_nothing = frozenset(one.name.casefold() for one in found["unpaid"])
    done: set[tuple[int, date]] = set()
    for leave in rows:
        until = min(last, leave.last_on or last)
        for day in days(max(first, leave.first_on), until):
            key = (leave.agent_id, day)
            if key in worked or key in done:
                continue
            done.add(key)
            seconds = paid.get(key)
            if seconds is None:
                # Days that payroll has left out, before others of the week, are not paid.
                is_left_out = day < told_until.get((leave.agent_id, week_of(day)), day)
                if day.weekday() >= _WEEKDAYS or is_left_out:
                    continue
                seconds = _fifth(weeks.get(leave.agent_id, ()), day)
            if leave.kind.casefold() in for_nothing:
                seconds = 0
            yield Off(leave.agent_id, day, leave.kind, seconds)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - day.weekday() * DAY


def _weeks(
    held: Iterable[AgentContract], contracts: Iterable[Contract]
) -> Mapping[int, list[AgentContract]]:
    """Who has which contract when, each with its contract."""
    by_id = {one.pk: one for one in contracts}
    found: dict[int, list[AgentContract]] = defaultdict(list)
    for row in held:
        row.contract = by_id[row.contract_id]
        found[row.agent_id].append(row)
    return found


def _fifth(rows: Iterable[AgentContract], day: date) -> int | None:
    for row in rows:
        if row.starts_on <= day and (row.ends_on is None or day < row.ends_on):
            week = row.contract.week_minutes
            return None if week is None else week * 60 // _WEEKDAYS
    return None
