"""Figures of apps above on pages of KPIs: beside an agent's own, in a team's month, and among the
definitions. Nobody imports upward, so who knows them registers who tells them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from ccm.call_acts import Act
from ccm.models import Agent, Team, User
from ccm.querysets import Viewer


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure in words: what it is of, itself, and what is said beside it (its interval, of how
    many), and where it explains itself, where that is told."""

    name: str
    value: str
    beside: str = ""
    url: str = ""


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
    """A figure of an agent or a team in words, what is said below it, and where it explains itself,
    where that is told."""

    value: str
    beside: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column beside the KPIs of a team's month: by agent, and of the team by None. `how` explains
    it."""

    name: str
    cells: Mapping[int | None, Cell]
    how: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """How a figure is defined, as the page of definitions tells it beside those of KPIs: `id` names
    it in addresses, `rule` the one in force, `full` says it in a sentence, `parts` what belongs to
    it, each (of what, how), and `source` where it comes from."""

    id: str
    name: str
    unit: str
    rule: str
    full: str
    parts: Sequence[tuple[str, str]]
    source: str


AgentTeller: TypeAlias = Callable[[Viewer, Agent, date, date], Part | None]
"""What is told of an agent to a reader of their page, of the days [first, last]; None: nothing to
this reader."""


AgentFacts: TypeAlias = Callable[[Viewer], Mapping[str, Any]]
"""What a part of an agent's page is made of, as annotations of the agent, so that the page asks no
more."""


@dataclass(frozen=True, slots=True)
class TeamTeller:
    """The same of a team and of each who was in it: by `facts` that are found with its agents, as
    annotations, so that the page asks no more; none where nothing is told to this reader."""

    facts: Callable[[Viewer, Team, date, date], Mapping[str, Any]]
    tell: Callable[[Viewer, Team, Sequence[Agent]], Column]


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure that explains itself: its KPI, whose it is (None: no single agent's), its days, and
    its address as pairs."""

    kpi: str
    agent: int | None
    first: date
    last: date
    address: Sequence[tuple[str, str]]


ActTeller: TypeAlias = Callable[[Viewer, Asked], Iterable[Act]]
"""What a reader of a figure may do with it, or read beside it."""


PageTeller: TypeAlias = Callable[[Viewer, Team, date], Act | None]
"""A page of an app above on the month of a team that begins on a day; None: not for this reader."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody with whom no figures are shared: how many in words, and its page."""

    words: str
    url: str


WaitingTeller: TypeAlias = Callable[[User, datetime], Iterable[Waiting]]


@dataclass(slots=True)
class _Registry:
    agents: list[AgentTeller] = field(default_factory=list)
    agent_facts: list[AgentFacts] = field(default_factory=list)
    teams: list[TeamTeller] = field(default_factory=list)
    definitions: list[Callable[[], Definition]] = field(default_factory=list)
    acts: list[ActTeller] = field(default_factory=list)
    pages: list[PageTeller] = field(default_factory=list)
    waiting: list[WaitingTeller] = field(default_factory=list)


_registry = _Registry()


def register(
    agent: AgentTeller | None = None,
    team: TeamTeller | None = None,
    definition: Callable[[], Definition] | None = None,
    acts: ActTeller | None = None,
    page: PageTeller | None = None,
    waiting: WaitingTeller | None = None,
    agent_facts: AgentFacts | None = None,
) -> None:
    if agent is not None and agent not in _registry.agents:
        _registry.agents.append(agent)
    if agent_facts is not None and agent_facts not in _registry.agent_facts:
        _registry.agent_facts.append(agent_facts)
    if team is not None and team not in _registry.teams:
        _registry.teams.append(team)
    if definition is not None and definition not in _registry.definitions:
        _registry.definitions.append(definition)
    if acts is not None and acts not in _registry.acts:
        _registry.acts.append(acts)
    if page is not None and page not in _registry.pages:
        _registry.pages.append(page)
    if waiting is not None and waiting not in _registry.waiting:
        _registry.waiting.append(waiting)


def waiting(user: User, now: datetime) -> list[Waiting]:
    """What waits for somebody, on the Home of who has no figures there."""
    return [one for tell in _registry.waiting for one in tell(user, now)]


def pages(user: Viewer, team: Team, first: date) -> list[Act]:
    """Where else a team's month is told."""
    found = (tell(user, team, first) for tell in _registry.pages)
    return [one for one in found if one is not None]


def acts(user: Viewer, asked: Asked) -> list[Act]:
    return [act for tell in _registry.acts for act in tell(user, asked)]


def definitions() -> list[Definition]:
    """How figures of apps above are defined, in the reader's language."""
    return [tell() for tell in _registry.definitions]


def agent_facts(user: Viewer) -> dict[str, Any]:
    """What parts of an agent's page are made of, as annotations of the agent."""
    found = (facts(user) for facts in _registry.agent_facts)
    return {name: fact for facts in found for name, fact in facts.items()}


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
