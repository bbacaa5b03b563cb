"""Days of people for tests of signs."""

from collections.abc import Iterable
from datetime import date, timedelta

from ccm.models import Agent
from kpis.models import AgentTimeStat
from scheduling.models import AdherenceDay

# The week before that of NINE begins here, and eight before it.
WEEK = date(2026, 2, 23)
HOUR = 3_600_000


def busy(agents: Iterable[Agent], week: date, *percents: int) -> None:
    """Each agent so many per cent occupied of eight hours, from the Monday of a week on."""
    AgentTimeStat.objects.bulk_create(
        AgentTimeStat(
            site=agent.site, agent=agent, day=week + timedelta(days=number),
            handling_ms=8 * HOUR * percent // 100,
            ready_ms=8 * HOUR - 8 * HOUR * percent // 100,
        )
        for agent in agents
        for number, percent in enumerate(percents)
    )  # fmt: skip


def kept(agent: Agent, day: date, **more: object) -> AdherenceDay:
    """A day of eight paid hours with an unpaid half hour of pause, worked and paused as planned."""
    said = {
        "is_told": True, "paid_seconds": 8 * 3600, "unpaid_seconds": 1800,
        "worked_seconds": 8 * 3600, "done": {"pause": 1800}, **more,
    }  # fmt: skip
    row: AdherenceDay = AdherenceDay.objects.create(site=agent.site, agent=agent, day=day, **said)
    return row
