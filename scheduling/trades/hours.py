"""The hours of a week that people of a trade have without it and with it, by what their contracts
pay and allow: no rule speaks against more than is paid, and whoever takes or decides is to see it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from ccm import together
from ccm.intervals import DAY
from ccm.models import Agent
from scheduling.mine import reads as mine
from scheduling.models import AgentContract, Contract, KeptShift, Trade
from scheduling.terms import limits
from scheduling.trades import judging

_LAST = 6 * DAY


@dataclass(frozen=True, slots=True)
class WeekHours:
    """Minutes that somebody works in the week from a `monday` on, by all published rosters.
    `paid` are those of their contract, `most` those that it and the law allow; None: nobody has
    said."""

    agent: Agent
    monday: date
    before: int
    after: int
    paid: int | None
    most: int | None

    @property
    def over(self) -> int:
        """What it adds beyond what the contract pays."""
        if self.paid is None or self.after <= self.before:
            return 0
        return max(0, self.after - self.paid)


def of_trades(those: Sequence[tuple[Trade, Agent | None]]) -> list[list[WeekHours]]:
    """Of each trade with who takes it (None: nobody) the weeks that it changes: the giver's before
    the taker's. One query, of however many trades."""
    every = [judging.wanted(trade, None if taker is None else taker.pk) for trade, taker in those]
    days = [one.day for wanted in every for one in wanted]
    if not days:
        return [[] for _each in those]
    there = [one for trade, taker in those for one in (trade.giver, taker) if one is not None]
    people: dict[int, Agent] = {one.pk: one for one in there}
    worked, held = _read(people, mine.monday(min(days)), mine.monday(max(days)) + _LAST)
    found = []
    for wanted in every:
        weeks = []
        for agent in dict.fromkeys(one.agent for one in wanted):
            changed = {
                one.day: one.given.worked_minutes if one.given else 0
                for one in wanted
                if one.agent == agent
            }
            for monday in sorted({mine.monday(day) for day in changed}):
                weeks.append(_week(people[agent], monday, worked[agent], changed, held[agent]))
        found.append(weeks)
    return found


def _read(
    people: Collection[int], first: date, last: date
) -> tuple[dict[int, dict[date, int]], dict[int, list[AgentContract]]]:
    """What people work on which days, and the contracts they have."""
    shifts = KeptShift.objects.published().worked()
    held = AgentContract.objects.filter(agent__in=people).within(first, last)
    told = together.read(
        {
            "shifts": shifts.filter(agent__in=people, day__gte=first, day__lte=last),
            "held": held.order_by("starts_on"),
            "contracts": Contract.objects.filter(pk__in=held.order_by().values("contract")),
        }
    )
    worked: dict[int, dict[date, int]] = {pk: {} for pk in people}
    for one in told["shifts"]:
        worked[one.agent_id][one.day] = one.worked_minutes
    contracts = {one.pk: one for one in told["contracts"]}
    by_agent: dict[int, list[AgentContract]] = {pk: [] for pk in people}
    for one in told["held"]:
        one.contract = contracts[one.contract_id]
        by_agent[one.agent_id].append(one)
    return worked, by_agent


def _week(
    agent: Agent,
    monday: date,
    worked: dict[date, int],
    changed: dict[date, int],
    held: Sequence[AgentContract],
) -> WeekHours:
    days = [monday + n * DAY for n in range(7)]
    binding = next((one for one in held if _holds(one, monday)), None)
    bound = (
        limits.without_contract(agent.contract_hours)
        if binding is None
        else limits.of_contract(binding.contract)
    )
    return WeekHours(
        agent,
        monday,
        sum(worked.get(day, 0) for day in days),
        sum(changed.get(day, worked.get(day, 0)) for day in days),
        mine.contract_minutes(agent, held, monday),
        bound.most_week_minutes,
    )


def _holds(one: AgentContract, monday: date) -> bool:
    return one.starts_on <= monday + _LAST and (one.ends_on is None or monday < one.ends_on)
