"""Who ranks where in the own team, as ranges: reads the work that `kpis.noise.ranks` compares."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import quantiles
from typing import Any

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from ccm.models import Queue, Site, TeamMembership
from ccm.templatetags.figures import count
from kpis import inference, noise
from kpis.choices import Choices
from kpis.definitions import KPIS, Kpi, Variant
from kpis.figures import Figure, figure
from kpis.noise import Interval, Rank, Work
from kpis.parameters import Parameters
from kpis.reads import reading
from kpis.reads.reading import Selection
from kpis.sums.counts import Counts

RANKED = ("csat", "missed_rate", "resolved_rate", "ces", "nps")
"""What an agent can be better or worse at, by the counts that are kept of agents. Handling time
has no good direction, and a queue's service level is no agent's."""
# What those are made of.
_SUMS = (
    "offered", "in_progress", "answered", "ring_no_answer", "declined", "offers_answered",
    "resolved", "resolved_known", "surveys",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """An agent's figure among those of the team, which are in order of size and without names.
    No rank: the range would say nothing."""

    own: Figure
    rank: Rank | None
    team: Sequence[float]

    @property
    def words(self) -> str:
        return "" if self.rank is None else words(self.rank)

    @property
    def middle_half(self) -> tuple[float, float]:
        """Half the team lies between these."""
        low, _middle, high = quantiles(self.team, method="inclusive")
        return low, high


def words(rank: Rank) -> str:
    """A range for people: "3–7 of 24", and "3 of 24" where its ends are one."""
    one = rank.best == rank.worst
    said = _("%(best)s of %(all)s") if one else _("%(best)s–%(worst)s of %(all)s")
    best, worst, all_ = map(count, rank)
    return said % {"best": best, "worst": worst, "all": all_}


class Teams:
    """The work of whole teams on some days, read once: two queries.

    The teams are those that `people` were in on the last day, or `as_on`, whoever of them the
    reader may see: a range is of the team, not of a page. `queues` None: all.
    """

    def __init__(
        self,
        site: Site,
        people: Iterable[int],
        first: date,
        last: date,
        choices: Choices,
        queues: Sequence[Queue] | None = None,
        *,
        as_on: date | None = None,
    ) -> None:
        self._site, self._choices = site, choices
        self._days = (last - first).days + 1
        self._queue = queues[0].pk if queues is not None and len(queues) == 1 else None
        day = as_on or last
        there = Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day))
        stays = TeamMembership.objects.filter(there, team__site=site)
        told = list(stays.values_list("agent", "team", "team__name"))
        of_site = {agent: team for agent, team, _name in told}
        self._names = {team: name for _agent, team, name in told}
        asked = {of_site[agent] for agent in people if agent in of_site}
        self._members: dict[int, list[int]] = {}
        for agent, team in sorted(of_site.items()):
            if team in asked:
                self._members.setdefault(team, []).append(agent)
        self._team = {agent: team for team, them in self._members.items() for agent in them}
        self._cells = reading.cells(
            Selection(
                sites=[site.pk],
                first=first,
                last=last,
                queues=None if queues is None else [queue.pk for queue in queues],
                agents=list(self._team),
            ),
            ("agent", "queue", "day"),
            only=_SUMS,
        )

    def ranks(self, asked: str, among: Collection[int] | None = None) -> dict[int, Rank]:
        """Each agent's range in the team for a KPI of RANKED in its chosen variant; who has none
        that says anything is not in it. `among`: as if the team were these of it alone."""
        found = self.ranges(asked, among)
        return {agent: rank for agent, rank in found.items() if not rank.is_wide}

    def ranges(self, asked: str, among: Collection[int] | None = None) -> dict[int, Rank]:
        """The same with those that are too wide to say where somebody stands."""
        kpi, variant, parameters = self._chosen(asked)
        if variant.interval == "none" or kpi.direction not in ("up", "down"):
            return {}
        if not variant.is_of_agents(parameters):
            return {}
        found: dict[int, Rank] = {}
        for everybody in self._members.values():
            members = [one for one in everybody if among is None or one in among]
            if len(members) < noise.FEWEST_RANKED:
                continue
            ranges = noise.rank_ranges(
                self._work(members, variant, parameters),
                variant.interval,
                more_is_better=kpi.direction == "up",
            )
            found |= {
                agent: rank for agent, rank in zip(members, ranges, strict=True) if rank is not None
            }
        return found

    def name_of(self, agent: int) -> str:
        """The team that an agent's range is within; empty where there is none."""
        return self._names.get(self._team.get(agent, 0), "")

    def why_nobody(self, asked: str) -> str:
        """Why nobody has a rank by a KPI of RANKED, where nobody has."""
        kpi, variant, parameters = self._chosen(asked)
        if not self._members:
            return _("nobody was in a team on the last day")
        if all(len(them) < noise.FEWEST_RANKED for them in self._members.values()):
            least = {"n": noise.FEWEST_RANKED}
            return _("no team had %(n)d people on the last day") % least
        if variant.interval == "none" or not variant.is_of_agents(parameters):
            words = _("%(kpi)s (%(variant)s) is nothing to rank agents by")
            return words % {"kpi": kpi.name, "variant": variant.id}
        if variant.interval == "cluster_ratio" and self._days < noise.FEWEST_DAYS:
            return _("rates of calls need %(n)d days") % {"n": noise.FEWEST_DAYS}
        return _("they are too close to each other, or too little is known of them")

    def standing(self, asked: str, agent: int) -> Standing | None:
        """Where one agent stands; None where that agent or fewer than 5 of the team have a
        figure."""
        members = self._members.get(self._team.get(agent, 0), ())
        own = self._figure(asked, agent)
        values = [self._figure(asked, member).value for member in members]
        known = [value for value in values if value is not None]
        if own.value is None or len(known) < noise.FEWEST_RANKED:
            return None
        return Standing(own, self.ranks(asked).get(agent), sorted(known))

    def figure(self, asked: str, agent: int) -> Figure:
        """An agent's own figure."""
        return self._figure(asked, agent)

    def interval(self, asked: str, agent: int) -> Interval | None:
        """The 95 % interval of that; None: it has none."""
        whole = self._of_agent.get(agent, Counts())
        of_days = [Counts.sum(many) for many in self._days_of.get(agent, {}).values()]
        return inference.drawn(self._figure(asked, agent), of_days, [whole], whole).interval

    def _chosen(self, asked: str) -> tuple[Kpi, Variant, Parameters]:
        kpi = KPIS[asked]
        return kpi, *self._choices.of(kpi, self._site.pk, self._queue)

    def _figure(self, asked: str, agent: int) -> Figure:
        counts = self._of_agent.get(agent, Counts())
        return figure(
            counts, KPIS[asked], None, self._choices, self._site.pk, self._queue, agent,
            of_agents=True,
        )  # fmt: skip

    @cached_property
    def _days_of(self) -> dict[int, dict[date, list[Counts]]]:
        found: dict[int, dict[date, list[Counts]]] = {}
        for (agent, _queue, day), counts in self._cells.items():
            found.setdefault(agent, {}).setdefault(day, []).append(counts)
        return found

    @cached_property
    def _of_agent(self) -> dict[int, Counts]:
        rows: dict[int, list[Counts]] = {}
        for (agent, *_where), counts in self._cells.items():
            rows.setdefault(agent, []).append(counts)
        return {agent: Counts.sum(many) for agent, many in rows.items()}

    def _work(self, members: Sequence[int], variant: Variant, parameters: Parameters) -> Work:
        own = {agent: place for place, agent in enumerate(members)}
        cells = {key: counts for key, counts in self._cells.items() if key[0] in own}
        queues, days = (_places(key[at] for key in cells) for at in (1, 2))
        shape = (len(own), max(1, len(queues)), max(1, len(days)))
        over, under, bad = (np.zeros(shape) for _ in range(3))
        for (agent, queue, day), counts in cells.items():
            value = variant.measure(counts, parameters)
            if value.value is not None:
                at = own[agent], queues[queue], days[day]
                over[at], under[at], bad[at] = value.value * value.n, value.n, value.bad
        return Work(over, under, bad)


def _places(keys: Iterable[Any]) -> dict[Any, int]:
    """Each distinct key and its place; calls on no queue are as of one queue."""
    return {key: place for place, key in enumerate(dict.fromkeys(keys))}
