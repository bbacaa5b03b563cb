"""Who works in the demo centre: agents with their manners, their teams, who leads them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import numpy as np

from ccm.demo.house import SITES, QueueSpec, SiteSpec
from ccm.demo.names import FAMILY, GIVEN

FEWEST_AGENTS = 24
MOST_AGENTS = 2_000
TEAM_SIZE = 14
# Night and weekend need a queue that is never shut to have this many at the least.
_FLOOR = {"Roadside": 4}
_FIRST_EXTENSION = 1001
# Newcomers take longer for so many days.
_LEARNING = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Person:
    """An agent. `alias` is what the phone system calls them.

    `talk`, `acw` multiply the usual times; `missed` is the share of rings left unanswered;
    `quality` (standard normal) moves satisfaction and solving. `queues` are names, own first.
    """

    alias: str
    name: str
    site: str
    team: str
    queues: tuple[str, ...]
    hired_on: date
    left_on: date | None
    left_reason: str
    contract_hours: float
    talk: float
    acw: float
    missed: float
    quality: float
    came_from: str = ""
    """The team they left on `moved_on`, where they changed teams."""
    moved_on: date | None = None
    learned: tuple[tuple[date, float], ...] = ()
    """From which days on their talks are so many times as long (`lessons`)."""

    @property
    def employee_id(self) -> str:
        """What payroll knows them by: of nobody else."""
        return f"E{self.alias.removeprefix('Agent/')}"


@dataclass(frozen=True, slots=True)
class TeamSpec:
    """A team; `lead` signs in as `username`."""

    site: str
    name: str
    lead: str
    username: str


@dataclass(frozen=True, slots=True)
class Crew:
    people: tuple[Person, ...]
    teams: tuple[TeamSpec, ...]

    def of(self, site: str) -> list[Person]:
        return [one for one in self.people if one.site == site]


def hire(seed: int, agents: int, first: date) -> Crew:
    """The crew of a house that is shown from the day `first` on.

    Raises ValueError when there are too few agents to keep every queue staffed.
    """
    if not FEWEST_AGENTS <= agents <= MOST_AGENTS:
        raise ValueError(f"a demo centre has {FEWEST_AGENTS} to {MOST_AGENTS:,} agents")
    rng = np.random.default_rng([seed, agents])
    sizes = _sizes(agents)
    people: list[Person] = []
    teams: list[TeamSpec] = []
    extension = _FIRST_EXTENSION
    for site in SITES:
        called = _names(site.country, rng)
        for queue in site.queues:
            size = sizes[queue.name]
            own = [
                TeamSpec(site.name, name, next(called), f"{site.slug}-lead-{len(teams) + n + 1}")
                for n, name in enumerate(_team_names(queue.name, size))
            ]
            for number in range(size):
                team = own[number * len(own) // size]
                people.append(
                    _person(f"Agent/{extension}", next(called), site, queue, team, first, rng)
                )
                extension += 1
            teams += own
    return Crew(tuple(_moved(people, teams, first, rng)), tuple(teams))


def _sizes(agents: int) -> dict[str, int]:
    """Agents of each queue: its share, by largest remainder over a floor."""
    queues = [queue for site in SITES for queue in site.queues]
    sizes = {queue.name: _FLOOR.get(queue.name, 2) for queue in queues}
    total = sum(queue.share for queue in queues)
    while sum(sizes.values()) < agents:
        short = max(queues, key=lambda one: one.share / total * agents - sizes[one.name])
        sizes[short.name] += 1
    return sizes


def _team_names(queue: str, size: int) -> list[str]:
    count = -(-size // TEAM_SIZE)
    return [queue] if count == 1 else [f"{queue} {number}" for number in range(1, count + 1)]


def _names(country: str, rng: np.random.Generator) -> Iterator[str]:
    """Every pair of names once, in no order."""
    pairs = list(product(GIVEN[country], FAMILY[country]))
    return (" ".join(pairs[number]) for number in rng.permutation(len(pairs)))


def _person(
    alias: str,
    name: str,
    site: SiteSpec,
    queue: QueueSpec,
    team: TeamSpec,
    first: date,
    rng: np.random.Generator,
) -> Person:
    draw = rng.random(6)
    normal = rng.normal(size=3)
    others = [one.name for one in site.queues if one is not queue]
    second = (others[int(draw[0] * 1e6) % len(others)],) if draw[1] < 0.25 else ()
    tenure = timedelta(days=int(30 + 1_800 * draw[2] ** 1.6))
    hired_on = first - tenure if draw[3] > 0.06 else first + timedelta(days=int(draw[3] * 600))
    left_on = first + timedelta(days=int(20 + draw[5] * 60)) if 0.06 < draw[3] < 0.09 else None
    slow = 1.14 if first - hired_on < _LEARNING else 1.0
    return Person(
        alias=alias,
        name=name,
        site=site.name,
        team=team.name,
        queues=(queue.name, *second),
        hired_on=hired_on,
        left_on=left_on,
        left_reason=("voluntary" if draw[0] < 0.7 else "involuntary") if left_on else "",
        contract_hours=40.0 if draw[4] < 0.85 else 37.5,
        talk=float(np.exp(0.11 * normal[0])) * slow,
        acw=float(np.exp(0.20 * normal[1])) * slow,
        missed=float(0.012 + 0.05 * draw[4] ** 2),
        quality=float(normal[2]),
    )


def _moved(
    people: list[Person], teams: list[TeamSpec], first: date, rng: np.random.Generator
) -> list[Person]:
    """The same people, a few of whom came from another team of their site."""
    moved = []
    for one in people:
        draw = rng.random(2)
        others = [team.name for team in teams if team.site == one.site and team.name != one.team]
        on = first + timedelta(days=int(10 + 40 * draw[1]))
        stays = one.left_on is not None or one.hired_on >= first
        if draw[0] < 0.04 and others and not stays:
            one = replace(one, came_from=others[int(draw[1] * len(others))], moved_on=on)
        moved.append(one)
    return moved
