"""Days of adherence that tests begin with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from ccm.models import Agent, AgentState
from scheduling.adherence import counting
from scheduling.models import AdherenceDay, AdherenceException, AdherenceMark
from tests.scheduling.kept.builders import MONDAY, a_roster, a_shift, published

NINE = datetime(2026, 3, 16, 9, tzinfo=UTC)
# The next morning: what was on Monday is told.
AFTER = datetime(2026, 3, 17, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(minute: float) -> datetime:
    """A minute after nine on Monday."""
    return NINE + minute * MINUTE


def a_state(
    agent: Agent, since: datetime, to: datetime | None, state: str = "available", reason: str = ""
) -> AgentState:
    return AgentState.objects.create(
        agent=agent, source="test", agent_name=agent.name, state=state, reason=reason,
        starts_at=since, ends_at=to,
    )  # fmt: skip


def told_later(agent: Agent) -> None:
    """The site's log goes on the day after, so that all of Monday is known."""
    a_state(agent, AFTER - 30 * MINUTE, AFTER - 20 * MINUTE)


def a_rostered(agent: Agent, since: float = 0, to: float = 60, **more: Any) -> Any:
    """A published shift of somebody on Monday, by minutes after nine; in a roster of its own."""
    day = more.pop("day", MONDAY)
    roster = more.pop("roster", None) or published(a_roster(agent.site))
    said = {"begins_at": at(since), "ends_at": at(to), "worked_minutes": int(to - since)}
    return a_shift(roster, agent, day, **said | more)


def counted(agent: Agent, day: date = MONDAY, now: datetime = AFTER) -> AdherenceDay | None:
    counting.count_day(agent.site, day, now)
    found: AdherenceDay | None = AdherenceDay.objects.filter(agent=agent, day=day).first()
    return found


def an_exception(agent: Agent, since: float, to: float, **more: Any) -> AdherenceException:
    said = {"reason": "The line was down", "asked_at": AFTER} | more
    if said.get("state") in ("approved", "refused"):
        said |= {"decided_at": AFTER}
    return AdherenceException.objects.create(
        agent=agent, starts_at=at(since), ends_at=at(to), **said
    )


def marked() -> set[date]:
    return {*AdherenceMark.objects.values_list("day", flat=True)}
