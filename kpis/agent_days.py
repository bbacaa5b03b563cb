"""Reads an agent's counts day by day, and tells how a figure of some days differs from others.

What is a change is told where all others are: `kpis.inference` and `kpis.noise`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ccm.intervals import Days
from ccm.models import Agent, Queue, Site
from kpis import inference
from kpis.choices import Choices
from kpis.declaration import Need
from kpis.definitions import KPIS
from kpis.figures import Figure, figure
from kpis.noise import Change
from kpis.report import Question
from kpis.report.cells import cells
from kpis.sums.counts import Counts, of_days


@dataclass(frozen=True, slots=True)
class AgentDays:
    """An agent's counts by site day, and the definitions that figures of them are made by."""

    agent: Agent
    counts: Mapping[date, Counts]
    choices: Choices
    untold: Mapping[Need, str]

    def figure(self, kpi: str, days: Days) -> Figure:
        """A KPI of some days, in the variant that is chosen for the agent's site."""
        return figure(
            of_days(self._within(days)), KPIS[kpi], None, self.choices, self.agent.site_id, None,
            self.agent.pk, self.untold, of_agents=True,
        )  # fmt: skip

    def change(self, kpi: str, days: Days, before: Days) -> tuple[Figure, Change]:
        """A KPI of some days, and how it differs from those before them; both by the definitions of
        the last day that was read."""
        one = self.figure(kpi, days)
        earlier = self._within(before)
        value = one.again(of_days(earlier))
        then = replace(one, value=value.value, n=value.n)
        now = self._drawn(one, self._within(days))
        return one, inference.changed(now, self._drawn(then, earlier))

    def _drawn(self, one: Figure, days: Sequence[Counts]) -> inference.Drawn:
        whole = of_days(days)
        return inference.drawn(one, days, [whole], whole)

    def _within(self, days: Days) -> list[Counts]:
        return [counts for day, counts in self.counts.items() if day in days]


def read(
    agent: Agent,
    first: date,
    last: date,
    kpis: Collection[str],
    choices: Choices | None = None,
    queues: Sequence[Queue] | None = None,
) -> AgentDays:
    """The days of an agent from `first` to `last`, with what these KPIs are read from, on these
    queues or on all. A query of what was counted, and one of each thing that is read beside it."""
    choices = choices or Choices(last)
    asked = Question(
        sites=[agent.site], first=first, last=last, by="day", agents=[agent], queues=queues
    )
    found, untold = cells(asked.selection, ("day",), *_needed(kpis, choices))
    return AgentDays(agent, {day: counts for (day,), counts in found.items()}, choices, untold)


def read_all(
    site: Site, first: date, last: date, kpis: Collection[str], choices: Choices
) -> Mapping[int, AgentDays]:
    """The same of everybody at a site who did anything on those days, by agent. A query of the
    agents, one of what was counted, and one of each thing that is read beside it."""
    asked = Question(sites=[site], first=first, last=last, by="agent")
    found, untold = cells(asked.selection, ("agent", "day"), *_needed(kpis, choices))
    of_each: dict[int, dict[date, Counts]] = {}
    for (agent, day), counts in found.items():
        if agent is not None and day is not None:
            of_each.setdefault(agent, {})[day] = counts
    people = Agent.objects.filter(site=site).in_bulk(of_each)
    return {
        pk: AgentDays(people[pk], days, choices, untold)
        for pk, days in of_each.items()
        if pk in people
    }


def _needed(kpis: Collection[str], choices: Choices) -> tuple[set[Need], bool]:
    """What KPIs are read from beside counts of calls, and whether waits are."""
    needs: set[Need] = set().union(*(choices.needs(KPIS[name]) for name in kpis))
    return needs, any(one.of_waits for name in kpis for one in choices.variants(KPIS[name]))
