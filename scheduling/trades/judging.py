"""Whether a trade may be: both rosters keep the rules that they kept before, and cover is no worse
than the site allows.

Only what is newly broken refuses, and only of hard rules: a roster that was published with a broken
rule may still be traded in. Cover is worse by the positions that are missing slot by slot and were
not before, so that an hour too many elsewhere makes up for none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Q

from ccm import together
from ccm.intervals import DAY
from ccm.models import Leave
from scheduling.models import KeptRoster, KeptShift, ShiftTemplate, SiteRules, Trade
from scheduling.rosters import asked, given, kept
from scheduling.rosters.edits import Wanted
from scheduling.rosters.given import Given
from scheduling.rules import Broken, check
from scheduling.rules.costs import cover
from scheduling.shifts import Problem, Roster
from scheduling.terms import read

LATE, CHANGED, HAS_SHIFT, AWAY, PARTS, BREAKS, SHORT, UNKNOWN = (
    "late", "changed", "has_shift", "away", "parts", "breaks", "short", "unknown",
)  # fmt: skip
"""Why a trade cannot be: its time is over; a shift of it is not any more as it was offered;
somebody has another shift on the day, or is absent; there is training or a meeting in it, which is
theirs; a hard rule would be broken; too few would be there; and, where that alone decides, nothing
is known of what is asked for."""
# Of numbers that were rounded.
_TINY = 1e-6
Key = tuple[int, date]


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a trade may be: `code` says why not, and is empty where it may; `facts` are plain
    values of JSON. `short_hours` are the hours of positions that would be missing and were not
    before; None: nothing is asked for, as far as anybody knows. `day` has the hours of positions
    that the day of the shift asks for, that are missing on it, and that would be: `asked`, `short`,
    `after`. `soft` are rules that may be broken and newly would be, as `facts` have those that must
    not."""

    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    short_hours: float | None = None
    day: Mapping[str, float] = field(default_factory=dict)
    soft: Sequence[Mapping[str, Any]] = ()

    @property
    def may_be(self) -> bool:
        return not self.code


class Table:
    """A published roster with its rules, read once for all trades that are judged by it. `offered`
    are trades whose shapes may be of no shift of it yet, and `more` shifts of other such shapes.
    `away` says who is absent on which days."""

    def __init__(
        self,
        roster: KeptRoster,
        offered: Iterable[Trade] = (),
        more: Iterable[KeptShift] = (),
    ) -> None:
        self.roster = roster
        self.shifts: list[KeptShift] = list(roster.shifts.order_by("day", "pk"))
        self.rules, self.away = _said(roster)
        self._offered = [
            given.row(roster, 0, one.day, given.of_values(one.shift)) for one in offered
        ]
        self._offered += more
        self.row: Mapping[Key, KeptShift] = {(one.agent_id, one.day): one for one in self.shifts}

    @cached_property
    def problem(self) -> Problem:
        said = asked.kept(self.roster)
        return kept.problem_of(
            self.roster,
            None if said is None else said.demand,
            [*self.shifts, *self._offered],
            plans_sessions=False,
        )

    @cached_property
    def before(self) -> Roster:
        return kept.roster_of(self.roster, self.shifts)

    @cached_property
    def short(self) -> Any:
        """Positions that are missing now, slot by slot."""
        return cover(self.problem, self.before).short

    def after(self, wanted: Sequence[Wanted]) -> Roster:
        keys = {(one.agent, one.day) for one in wanted}
        rows = [one for one in self.shifts if (one.agent_id, one.day) not in keys]
        rows += [
            given.row(self.roster, one.agent, one.day, one.given)
            for one in wanted
            if one.given is not None
        ]
        return kept.roster_of(self.roster, rows)


def _said(roster: KeptRoster) -> tuple[SiteRules, frozenset[Key]]:
    """The rules of a roster's site, and who is absent on which of its days. One query."""
    first, last = roster.first_day, roster.last_day
    there = Q(last_on=None) | Q(last_on__gte=first)
    told = together.read(
        {
            "rules": SiteRules.objects.filter(site=roster.site_id),
            "away": Leave.objects.filter(there, agent__site=roster.site_id, first_on__lte=last),
        }
    )
    rules = told["rules"][0] if told["rules"] else SiteRules()
    rules.site = roster.site
    days = [first + n * DAY for n in range(roster.days)]
    return rules, frozenset(
        (one.agent_id, day)
        for one in told["away"]
        for day in days
        if one.first_on <= day <= (one.last_on or last)
    )


def until(rules: SiteRules, begins: Iterable[datetime]) -> datetime:
    """Until when shifts that begin so are traded."""
    return min(begins) - timedelta(hours=rules.trade_until_hours)


def has_parts(said: Mapping[str, Any]) -> bool:
    """Whether training, coaching or a meeting is in a shift, which another cannot take."""
    return any(not one["is_pause"] for one in said["activities"])


def give_back(trade: Trade, row: KeptShift, rules: SiteRules) -> None:
    """Note on a swap what is given in exchange; then it ends by whichever begins first."""
    trade.back_day, trade.back = row.day, given.of_row(row).values()
    begins = [row.begins_at, given.of_values(trade.shift).begins_at]
    trade.until = until(rules, begins)


def wanted(trade: Trade, taker: int | None) -> list[Wanted]:
    """What a trade comes to: who is to have what on which day."""
    found: dict[Key, Given | None] = {}
    if trade.giver_id is not None:
        found[trade.giver_id, trade.day] = None
    if taker is not None and trade.back is not None and trade.back_day is not None:
        assert trade.giver_id is not None
        found[taker, trade.back_day] = None
        found[trade.giver_id, trade.back_day] = _free(trade.back)
    if taker is not None:
        found[taker, trade.day] = _free(trade.shift)
    return [Wanted(agent, day, what) for (agent, day), what in found.items()]


def judge(trade: Trade, taker: int | None, table: Table, now: datetime) -> Judged:
    """Whether somebody may take a shift, or (None) nobody; of a swap for what it gives back."""
    if not now < trade.until:
        return Judged(LATE)
    if not _is_as_offered(trade, taker, table):
        return Judged(CHANGED)
    if trade.giver_id is not None and taker is not None:
        for said in (trade.shift, trade.back):
            if said and has_parts(said):
                return Judged(PARTS)
    asked_for = wanted(trade, taker)
    for one in asked_for:
        if one.given is not None and (one.agent, one.day) in table.away:
            return Judged(AWAY, {"person": one.agent, "day": one.day.isoformat()})
    if second := _second(trade, asked_for, table):
        return Judged(HAS_SHIFT, {"person": second.agent, "day": second.day.isoformat()})
    after = table.after(asked_for)
    kept_all = _by_rules(asked_for, after, table)
    if not kept_all.may_be:
        return kept_all
    if table.problem.demand is None:
        # To give up a shift stands and falls with cover.
        code = UNKNOWN if trade.kind == Trade.Kind.GIVE_UP else ""
        return Judged(code, soft=kept_all.soft)
    becomes = cover(table.problem, after).short
    hours = _worse(table, becomes)
    limit = float(table.rules.trade_short_hours)
    if hours > limit + _TINY:
        facts = {"hours": round(hours, 2), "limit": limit}
        return Judged(SHORT, facts, hours)
    day = _of_day(table, becomes, trade.day)
    return Judged(short_hours=hours, day=day, soft=kept_all.soft)


def by_rules(asked_for: Sequence[Wanted], table: Table) -> Judged:
    """Whether no hard rule is newly broken by shifts that people would have; cover aside."""
    return _by_rules(asked_for, table.after(asked_for), table)


def _by_rules(asked_for: Sequence[Wanted], after: Roster, table: Table) -> Judged:
    broken = [*_newly_broken(table, after, {one.agent for one in asked_for})]
    hard, soft = (
        [_facts(one, table.roster) for one in broken if one.is_hard is kind]
        for kind in (True, False)
    )
    return Judged(BREAKS, {"broken": hard}) if hard else Judged(soft=soft)


def _free(said: Mapping[str, Any]) -> Given:
    """A shift as somebody else has it: what was to stay was to stay with whom it was of."""
    return replace(given.of_values(said), is_fixed=False)


def _is_as_offered(trade: Trade, taker: int | None, table: Table) -> bool:
    template = trade.shift["template"]
    if trade.giver_id is None and template is not None:
        return ShiftTemplate.objects.filter(pk=template, site=table.roster.site_id).exists()
    sides = [(trade.giver_id, trade.day, trade.shift)]
    if trade.back is not None and trade.back_day is not None:
        sides.append((taker, trade.back_day, trade.back))
    for agent, day, said in sides:
        if agent is None:
            continue
        row = table.row.get((agent, day))
        if row is None or given.of_row(row).values() != said:
            return False
    return True


def _second(trade: Trade, asked_for: Sequence[Wanted], table: Table) -> Wanted | None:
    """Somebody who would have two shifts of a day; the one that they give is none."""
    gives = {(trade.giver_id, trade.day)}
    if trade.back_day is not None:
        gives |= {(one.agent, trade.back_day) for one in asked_for if one.agent != trade.giver_id}
    for one in asked_for:
        key = (one.agent, one.day)
        if one.given is not None and key in table.row and key not in gives:
            return one
    return None


def _newly_broken(table: Table, after: Roster, agents: Iterable[int]) -> Iterator[Broken]:
    """Rules that are broken and were not, or are broken further. Of two people, and whom they are
    paired with, alone, where no rule is of all together."""
    people = {read.person_id(one) for one in agents}
    problem, rosters = table.problem, [table.before, after]
    if problem.mix is None:
        pairs = [one for one in problem.pairings if {one.one, one.other} & people]
        there = people.union(*({one.one, one.other} for one in pairs))
        problem = replace(
            problem,
            people=tuple(one for one in problem.people if one.id in there),
            pairings=tuple(pairs),
        )
        rosters = [
            Roster({name: days for name, days in one.of.items() if name in there})
            for one in rosters
        ]
    was, becomes = (check(problem, roster) for roster in rosters)
    known: dict[Any, list[float]] = {}
    for one in was:
        known.setdefault(_same(one), []).append(_far(one))
    counted: Counter[Any] = Counter()
    for one in becomes:
        key = _same(one)
        fars = known.get(key, [])
        counted[key] += 1
        if counted[key] > len(fars) or _far(one) > max(fars) + _TINY:
            yield one


def _same(one: Broken) -> tuple[Any, ...]:
    """What two broken rules have in common that are the same one, further or less far."""
    return one.rule, one.person, one.day, one.what


def _far(one: Broken) -> float:
    if one.amount is None or one.limit is None:
        return 0.0
    return abs(one.amount - one.limit)


def _worse(table: Table, becomes: Any) -> float:
    """Hours of positions that would be missing, of so many slot by slot, and are not."""
    assert table.problem.demand is not None
    slots: float = float(np.maximum(becomes - table.short, 0.0).sum())
    return slots * table.problem.demand.slot_minutes / 60


def _of_day(table: Table, becomes: Any, day: date) -> dict[str, float]:
    """What a day of the roster asks for and lacks, by the site's clock: it may have 23 or 25
    hours."""
    demand, zone = table.problem.demand, table.roster.site.calendar.zone
    assert demand is not None
    start, begin, end = (
        datetime.combine(one, time(), zone).astimezone(UTC)
        for one in (table.roster.first_day, day, day + DAY)
    )
    step = timedelta(minutes=demand.slot_minutes)
    slots = slice((begin - start) // step, (end - start) // step)
    found = {"asked": demand.required.sum(axis=0), "short": table.short, "after": becomes}
    hours = demand.slot_minutes / 60
    return {name: round(float(one[slots].sum()) * hours, 2) for name, one in found.items()}


def _facts(one: Broken, roster: KeptRoster) -> dict[str, Any]:
    return {
        "rule": str(one.rule),
        "person": None if one.person is None else int(one.person),
        "day": None if one.day is None else (roster.first_day + one.day * DAY).isoformat(),
        "amount": one.amount,
        "limit": one.limit,
    }
