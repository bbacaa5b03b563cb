"""Figures of apps above on pages of KPIs: beside an agent's own, and in a team's month. Nobody
imports upward, so who knows them registers who tells them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from ccm.models import Agent, Team
from ccm.querysets import Viewer


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure in words: what it is of, itself, and what is said beside it (its interval, of how
    many)."""

    name: str
    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an agent's page. Without facts `nothing` says why; `more` says in words, each with
    its address, what other days have; `how` explains them; `url` and `action` lead to what they are
    made of."""

    title: str
    aside: str = ""
    facts: Sequence[Fact] = ()
    nothing: str = ""
    more: Sequence[tuple[str, str]] = ()
    how: Sequence[str] = ()
    url: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of an agent or a team in words, and what is said below it."""

    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside the KPIs of a team's month: by agent, and of the team by None. `how` explains
    it."""

    name: str
    cells: Mapping[int | None, Cell]
    how: str = ""


AgentTeller: TypeAlias = Callable[[Viewer, Agent, date, date], Part | None]
"""What is told of an agent to a reader of their page, of the days [first, last]; None: nothing to
this reader."""


@dataclass(frozen=True, slots=True)
class TeamTeller:
    """The same of a team and of each who was in it: by `facts` that are found with its agents, as
    annotations, so that the page asks no more; none where nothing is told to this reader."""

    facts: Callable[[Viewer, Team, date, date], Mapping[str, Any]]
    tell: Callable[[Viewer, Team, Sequence[Agent]], Column]


@dataclass(slots=True)
class _Registry:
    agents: list[AgentTeller] = field(default_factory=list)
    teams: list[TeamTeller] = field(default_factory=list)


_registry = _Registry()


def register(agent: AgentTeller | None = None, team: TeamTeller | None = None) -> None:
    if agent is not None and agent not in _registry.agents:
        _registry.agents.append(agent)
    if team is not None and team not in _registry.teams:
        _registry.teams.append(team)


def of_agent(user: Viewer, agent: Agent, first: date, last: date) -> list[Part]:
    found = (tell(user, agent, first, last) for tell in _registry.agents)
    return [one for one in found if one is not None]


def team_facts(user: Viewer, team: Team, first: date, last: date) -> dict[str, Any]:
    """What columns of a team's month are made of, as annotations of its agents."""
    found = (one.facts(user, team, first, last) for one in _registry.teams)
    return {name: fact for facts in found for name, fact in facts.items()}


def of_team(user: Viewer, team: Team, people: Sequence[Agent]) -> list[Column]:
    """The columns in which anything stands; `people` were found with the `team_facts`."""
    found = (one.tell(user, team, people) for one in _registry.teams)
    return [one for one in found if one.cells]
