"""How long people would work on a day: by the published roster where they are of one, else by their
contracts.

A contract's week lies on the first weekdays on which the site is open, from Monday on, as many as
the contract has at most (five where it says nothing). Who has no contract has the hours a week that
lists tell, and who has none of them either those of full time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from ccm.intervals import DAY
from ccm.models import Agent, Site
from kpis import usual
from scheduling.models import AgentContract, LeaveRules
from scheduling.timeoff import DayOff, Spell, days_asked, week_by_contract

_DAYS = 5
_WEEK = 7
_YEAR = 366 * DAY
Rostered = Mapping[date, int]
"""Minutes by the day; 0 where a roster gives somebody a day off. Days that no roster has are not in
it."""


def rules_of(site: Site) -> LeaveRules:
    """A site's rules of leave; where nobody has said so, what goes without saying."""
    found: LeaveRules | None = getattr(site, "leave_rules", None)
    return found or LeaveRules(site=site)


@dataclass(frozen=True)
class Works:
    """How somebody works, day by day."""

    agent: Agent
    site: Site
    rules: LeaveRules
    contracts: tuple[AgentContract, ...] = ()

    @cached_property
    def weekdays(self) -> list[int]:
        """The weekdays on which the site is open; all of them where it has no hours."""
        hours = self.site.opening
        return [day for day in range(_WEEK) if hours.get(str(day))] if hours else list(range(_WEEK))

    def contract_on(self, day: date) -> AgentContract | None:
        return next(
            (
                one
                for one in self.contracts
                if one.starts_on <= day and (one.ends_on is None or day < one.ends_on)
            ),
            None,
        )

    def is_there(self, day: date) -> bool:
        hired, left = self.agent.hired_on, self.agent.left_on
        return (hired is None or hired <= day) and (left is None or day < left)

    def by_contract(self, day: date) -> int:
        """Minutes of a day by contract: none on a holiday, and none of who is not there."""
        return 0 if usual.is_holiday(self.site, day) else self.of_week(day)

    def of_week(self, day: date) -> int:
        """The same of a day that may be a holiday: on which weekday it is says how long it is."""
        held = self.contract_on(day)
        if not self.is_there(day) or (held is None and self.contracts):
            return 0
        return self._week(held)[day.weekday()]

    def would_work(self, day: date, rostered: Rostered) -> int:
        known = rostered.get(day)
        return self.by_contract(day) if known is None else known

    def days(
        self, first: date, last: date, part: tuple[int, int] | None, rostered: Rostered
    ) -> tuple[DayOff, ...]:
        """What time off from `first` to `last` takes of each day."""
        count = (last - first).days + 1
        every = [first + n * DAY for n in range(count)]
        known = {day: self.would_work(day, rostered) for day in every}
        return days_asked(first, last, (0,) * _WEEK, rostered=known, part=part)

    def spells(self, since: date | None = None) -> tuple[Spell, ...]:
        """The days on which leave is earned, and by what share of full time. Of whom nothing says
        since when they are employed they are all before and after `since`; without it, none."""
        hired, left = self.agent.hired_on, self.agent.left_on
        if not self.contracts:
            begins = hired or (since and since - _YEAR)
            if begins is None or (left is not None and left <= begins):
                return ()
            return (Spell(begins, left and left - DAY, self._share(None)),)
        found = []
        for one in self.contracts:
            first = max(one.starts_on, hired or one.starts_on)
            ends = [day for day in (one.ends_on, left) if day is not None]
            end = min(ends, default=None)
            if end is None or first < end:
                found.append(Spell(first, end and end - DAY, self._share(one)))
        return tuple(found)

    @property
    def here_since(self) -> date:
        """Since when they are here; of whom nobody knows it they are the last."""
        known = [self.agent.hired_on, *(one.starts_on for one in self.contracts)]
        return min((day for day in known if day is not None), default=date.max)

    def _week(self, held: AgentContract | None) -> tuple[int, ...]:
        most = None if held is None else held.contract.most_week_days
        on = self.weekdays[: _DAYS if most is None else most]
        return week_by_contract(self._minutes(held) if on else 0, on)

    def _minutes(self, held: AgentContract | None) -> int:
        if held is not None and held.contract.week_minutes is not None:
            return held.contract.week_minutes
        hours = self.agent.contract_hours
        if hours is not None and (held is None or not held.contract.is_full_time):
            return int(hours * 60)
        return self.rules.full_week_minutes

    def _share(self, held: AgentContract | None) -> Fraction:
        if held is not None and held.contract.is_full_time:
            return Fraction(1)
        return Fraction(self._minutes(held), self.rules.full_week_minutes)
