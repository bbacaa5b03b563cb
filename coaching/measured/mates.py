"""Reads how an agent's figures stand to those of who is in the same team and takes the same queues.

The reader is told nobody else's: an average of four colleagues at least, weighted by the agent's
own mix of queues.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ccm.intervals import Days
from ccm.models import Agent, TeamMembership
from coaching.measured.alike import FEWEST_MATES, alike
from kpis.choices import Choices
from kpis.definitions import KPIS
from kpis.noise import Change, Part, change
from kpis.reads import reading
from kpis.reads.reading import By, Selection
from kpis.sums.counts import Counts

_Cells = Mapping[tuple[Any, ...], Counts]


@dataclass(frozen=True, slots=True)
class Beside:
    """An agent's work and that of `many` others, by queue and day, the others' by queue and agent
    too; None of either: fewer than four others worked."""

    agent: Agent
    choices: Choices
    many: int
    own: _Cells
    by_day: _Cells
    by_agent: _Cells

    @property
    def is_told(self) -> bool:
        return self.many >= FEWEST_MATES

    def change(self, kpi: str) -> Change:
        """How the agent's figure differs from the others' of the same mix of queues: `before` is
        theirs. Nothing is told of what is read from more than counts of calls."""
        asked = KPIS[kpi]
        variant, parameters = self.choices.of(asked, self.agent.site_id)
        can = variant.interval != "none" and not (variant.reads(parameters) or variant.of_waits)
        if not (self.is_told and can and variant.is_of_agents(parameters)):
            return Change(None, None)

        def part(counts: Counts) -> Part | None:
            value = variant.measure(counts, parameters)
            return Part((value.value or 0) * value.n, value.n, value.bad) if value.n else None

        of_days = variant.interval == "cluster_ratio"
        own = _work(self.own, part, lambda key: key[1] if of_days else 0)
        theirs = _work(self.by_day if of_days else self.by_agent, part, lambda key: key[1])
        found = alike(own, theirs)
        if found is None:
            return Change(None, None)
        return change(variant.interval, found.own, found.theirs)


def read(agent: Agent, days: Days, choices: Choices) -> Beside:
    """The agent's work beside that of who is in the same team on the last of the days. Four
    queries, of which one alone where they are fewer than four."""
    mates = _mates(agent, days)
    if len(mates) < FEWEST_MATES:
        return Beside(agent, choices, len(mates), {}, {}, {})

    def cells(people: Sequence[int], *keys: By) -> _Cells:
        asked = Selection([agent.site_id], days.first, days.last, agents=people)
        return reading.cells(asked, keys, waits=False)

    by_agent = cells(mates, "queue", "agent")
    there = {key[1] for key, counts in by_agent.items() if counts.answered}
    own, by_day = cells([agent.pk], "queue", "day"), cells(mates, "queue", "day")
    return Beside(agent, choices, len(there), own, by_day, by_agent)


def _mates(agent: Agent, days: Days) -> list[int]:
    on = Q(starts_on__lte=days.last) & (Q(ends_on=None) | Q(ends_on__gt=days.last))
    stays = TeamMembership.objects.filter(on)
    mates = stays.filter(team__in=stays.filter(agent=agent).values("team")).exclude(agent=agent)
    return sorted(set(mates.values_list("agent", flat=True)))


def _work(
    cells: _Cells,
    part: Callable[[Counts], Part | None],
    cluster: Callable[[tuple[Any, ...]], Any],
) -> dict[Any, dict[Any, Part]]:
    found: dict[Any, dict[Any, Part]] = {}
    for key, counts in cells.items():
        one = part(counts)
        if one is not None:
            there = found.setdefault(key[0], {})
            was = there.get(cluster(key), Part(0, 0))
            there[cluster(key)] = Part(*map(sum, zip(was, one, strict=True)))
    return found
