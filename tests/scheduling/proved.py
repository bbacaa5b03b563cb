"""Two queues and two agents, of whom one serves both; weeks of it, counted. By hand.

Each weekday Anna is ready from 9 to 17, but for an hour of lunch, and takes 14 calls on Billing;
Ben is ready from 9 to 17 and takes 4 calls on Billing and 12 on Claims. Every call takes 100 s and
waits for 5. One more caller on Billing leaves after 40 s. So Billing has 7 hours of Anna's and a
quarter of Ben's 8.
"""

from datetime import UTC, datetime, timedelta

from ccm.models import Agent, AgentState, Queue, Site
from kpis import rollups
from tests.builders import a_queue, a_site, an_agent, many_calls, unsaved_call

FIRST = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
WEEKS = 2
NOW = datetime(2026, 1, 17, 3, tzinfo=UTC)  # the Saturday after


def proved_centre(*, states: bool = True) -> tuple[Site, Queue, Queue]:
    site = a_site()
    site.opening = {str(day): [["09:00", "17:00"]] for day in range(5)}
    site.save()
    billing, claims = a_queue(site, "Billing"), a_queue(site, "Claims")
    anna, ben = an_agent(site, "Anna"), an_agent(site, "Ben")
    calls, spells = [], []
    for number in range(7 * WEEKS):
        nine = FIRST + number * DAY + 9 * HOUR
        if nine.weekday() >= 5:
            continue
        hours = [0, 1, 2, 4, 5, 6, 7]
        anna_at = [nine + hour * HOUR + half * MINUTE for hour in hours for half in (5, 35)]
        calls += [a_visit(billing, at, anna) for at in anna_at]
        ben_at = [nine + place * 30 * MINUTE + 10 * MINUTE for place in range(16)]
        calls += [a_visit(billing, at, ben) for at in ben_at[:4]]
        calls += [a_visit(claims, at, ben) for at in ben_at[4:]]
        calls.append(
            unsaved_call(billing, nine + 21 * MINUTE, wait=40, talk=None, outcome="abandoned")
        )
        spells += [
            a_spell(anna, "available", nine, nine + 3 * HOUR),
            a_spell(anna, "paused", nine + 3 * HOUR, nine + 4 * HOUR),
            a_spell(anna, "available", nine + 4 * HOUR, nine + 8 * HOUR),
            a_spell(ben, "available", nine, nine + 8 * HOUR),
        ]
    many_calls(calls)
    if states:
        AgentState.objects.bulk_create(spells)
    rollups.rebuild()
    return site, billing, claims


def a_visit(queue: Queue, at: datetime, agent: Agent):
    return unsaved_call(queue, at, wait=5, talk=100, agent=agent)


def a_spell(agent: Agent, state: str, starts: datetime, ends: datetime) -> AgentState:
    return AgentState(
        agent=agent, source="test", agent_name=agent.name, state=state, starts_at=starts,
        ends_at=ends,
    )  # fmt: skip
