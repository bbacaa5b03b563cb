"""What paid time went to that was not for calls, planned against actual; shares of paid time.

Paid time is that of published shifts, and of days of leave without one as many hours as payroll
tells, or else a fifth of the contract's week on Mondays to Fridays.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from ccm.intervals import days
from ccm.models import Agent, Leave, PaidTime, Site
from ccm.querysets import Viewer
from scheduling.models import AdherenceDay, AgentContract, Doing
from scheduling.staffing.shrinkage import LONGEST_NAME, MOST_KINDS, Kind

AWAY = "away"
"""Of actual time: late, left early, absent or away, and not on leave."""
_WEEKDAYS = 5


@dataclass(slots=True)
class Shrunk:
    """Seconds by component, of `paid`; components of leave by ("leave", its kind), of the rest by
    ("doing", what it was)."""

    paid: int = 0
    planned: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    actual: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    untold: int = 0
    """Days of people of which the log has nothing: they are in none of it."""
    unknown_leave: int = 0
    """Days of leave without a shift of which nobody tells how long they would have been."""

    @property
    def components(self) -> list[tuple[str, str]]:
        places = {one.value: place for place, one in enumerate(Doing)} | {AWAY: len(Doing)}
        return sorted(
            {*self.planned, *self.actual},
            key=lambda one: (one[0] != "leave", places.get(one[1], 0), one[1].casefold()),
        )

    def share(self, seconds: int) -> float | None:
        return seconds / self.paid if self.paid else None

    def kinds(self, words: Mapping[tuple[str, str], str]) -> tuple[Kind, ...]:
        """The actual components as a staffing plan has them, to a hundredth of a percent; the
        smallest together where there are more than a plan takes."""
        shares = [
            (words[one], round(Decimal(self.actual[one]) / self.paid, 4))
            for one in self.components
            if self.actual.get(one)
        ]
        shares = [(name, share) for name, share in shares if share]
        if len(shares) > MOST_KINDS:
            shares.sort(key=lambda one: -one[1])
            rest = sum((share for _name, share in shares[MOST_KINDS - 1 :]), Decimal(0))
            shares = [*shares[: MOST_KINDS - 1], (words["doing", Doing.OTHER.value], rest)]
        return tuple(Kind(name[:LONGEST_NAME], share) for name, share in shares)


def of_site(user: Viewer, site: Site, first: date, last: date) -> Shrunk:
    """Of everyone of a site whom the reader sees. Five queries."""
    found = Shrunk()
    rows = AdherenceDay.objects.visible_to(user).within(first, last).filter(site=site)
    worked: set[tuple[int, date]] = set()
    named = rows.values_list(
        "agent_id", "day", "is_told", "leave", "paid_seconds", "planned", "within"
    )
    for agent, day, is_told, leave, paid, planned, within in named.iterator():
        if paid:
            worked.add((agent, day))
        if not is_told and not leave:
            found.untold += bool(paid)
            continue
        found.paid += paid
        for name, seconds in planned.items():
            if name != Doing.ON_QUEUE:
                found.planned["doing", name] += seconds
        if leave:
            found.actual["leave", leave] += paid
            continue
        for name, seconds in within.items():
            if name != Doing.ON_QUEUE:
                found.actual["doing", name] += seconds
        found.actual["doing", AWAY] += paid - sum(within.values())
    _leave(found, user, site, first, last, worked)
    return found


def _leave(
    found: Shrunk,
    user: Viewer,
    site: Site,
    first: date,
    last: date,
    worked: set[tuple[int, date]],
) -> None:
    """Days of leave that no shift was given on: they were planned so."""
    agents = Agent.objects.filter(site=site, pk__in=_seen(user, site))
    leaves = Leave.objects.filter(
        Q(last_on=None) | Q(last_on__gte=first), agent__in=agents, first_on__lte=last
    )
    rows = list(leaves.order_by("first_on", "pk"))
    people = {one.agent_id for one in rows}
    if not people:
        return
    told = PaidTime.objects.filter(agent__in=people, day__gte=first, day__lte=last)
    paid = {(one.agent_id, one.day): one.minutes * 60 for one in told}
    weeks = _weeks(people, first, last)
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
                if day.weekday() >= _WEEKDAYS:
                    continue
                seconds = _fifth(weeks.get(leave.agent_id, ()), day)
            if seconds is None:
                found.unknown_leave += 1
                continue
            found.paid += seconds
            found.planned["leave", leave.kind] += seconds
            found.actual["leave", leave.kind] += seconds


def _seen(user: Viewer, site: Site) -> set[int]:
    rows = AdherenceDay.objects.visible_to(user).filter(site=site)
    return {*rows.order_by().values_list("agent_id", flat=True).distinct()}


def _weeks(people: Iterable[int], first: date, last: date) -> Mapping[int, list[AgentContract]]:
    found: dict[int, list[AgentContract]] = defaultdict(list)
    rows = AgentContract.objects.within(first, last).filter(agent__in=people)
    for row in rows.select_related("contract"):
        found[row.agent_id].append(row)
    return found


def _fifth(rows: Iterable[AgentContract], day: date) -> int | None:
    for row in rows:
        if row.starts_on <= day and (row.ends_on is None or day < row.ends_on):
            week = row.contract.week_minutes
            return None if week is None else week * 60 // _WEEKDAYS
    return None
