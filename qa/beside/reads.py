"""Scores of the agents of a team, as pages of KPIs show them beside their own figures.

Of draws whose days ended in the period, by scorecard, pooled with the team that agents were drawn
in; a call that two plans of a card have drawn counts once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from ccm.models import Agent, Site, Team
from qa import sampling
from qa.insight.weighted import Mean, mean
from qa.models import AgentDraw
from qa.sampling import Reviewed, Sample, Score
from qa.sampling.hajek import weights_of
from qa.scores.reads import draws_of
from qa.scores.rows import FIELDS, ORDER, Row, counting, samples


@dataclass(frozen=True, slots=True)
class TeamScores:
    """By one scorecard: scores by agent, and the team's own mean of calls that did not fail."""

    card_id: int
    card: str
    agents: Mapping[int, Score]
    team: Mean


class CardScore(NamedTuple):
    """An agent's score by a scorecard, and its name."""

    card_id: int
    card: str
    score: Score


FACT = "reviews_that_count"


def facts(team: Team, first: date, last: date) -> dict[str, Any]:
    """The reviews of each agent that were drawn in a team, and whether they were drawn in no team
    or another, too; to find with the agents."""
    draws = draws_of(team.site, first, last)
    elsewhere = AgentDraw.objects.filter(draw__in=draws, agent=OuterRef("pk")).exclude(team=team)
    rows = counting(draws).filter(site=team.site_id)
    rows = rows.filter(agent=OuterRef("pk"), drawn__drawn__team=team).order_by(*ORDER)
    told = {str(place): F(name) for place, name in enumerate(FIELDS)}
    return {
        FACT: ArraySubquery(rows.values(said=JSONObject(**told))),
        "drawn_elsewhere": Exists(elsewhere.order_by()),
    }


def of_people(people: Iterable[Agent]) -> list[TeamScores]:
    """Scores of agents of a team that were found with the `facts`."""
    return _scores(
        Row(*(said[str(place)] for place in range(len(FIELDS))))
        for one in people
        for said in getattr(one, FACT, ())
    )


def of_agent(
    site: Site, agent: int, first: date, last: date, *, released: bool = False
) -> list[CardScore]:
    """An agent's scores by scorecard, pooled as `qa.scores` does with who was last
    drawn in the team that they were last drawn in. One query."""
    draws = draws_of(site, first, last)
    drawn = AgentDraw.objects.filter(draw__in=draws)
    teams = drawn.filter(agent=agent).values("team")
    latest = drawn.filter(
        agent=OuterRef("drawn__drawn__agent"), draw__plan__card=OuterRef("version__card")
    ).order_by("-draw__next_day", "-pk")
    every = counting(draws, released=released).filter(site=site)
    rows = every.filter(drawn__drawn__agent__in=drawn.filter(team__in=teams).values("agent"))
    # Who was drawn in no team is pooled with nobody.
    rows = rows | every.filter(drawn__drawn__agent=agent)
    told = [
        (Row(*said), team)
        for *said, team in rows.order_by(*ORDER).values_list(
            *FIELDS, Subquery(latest.values("team")[:1])
        )
    ]
    own = {(one.card, team) for one, team in told if one.agent == agent}
    kept = _scores(one for one, team in told if (one.card, team) in own)
    return [
        CardScore(one.card_id, one.card, one.agents[agent]) for one in kept if agent in one.agents
    ]


def _scores(told: Iterable[Row]) -> list[TeamScores]:
    rows = list(told)
    by_card: dict[int, dict[int, Sequence[Reviewed]]] = defaultdict(dict)
    for (card, agent), reviews in samples(rows).items():
        by_card[card][agent] = reviews
    names = {one.card: one.card_name for one in rows}
    return [
        TeamScores(card, names[card], _of_agents(by_agent), _together(by_agent))
        for card, by_agent in sorted(by_card.items(), key=lambda one: (names[one[0]], one[0]))
    ]


def _of_agents(by_agent: Mapping[int, Sequence[Reviewed]]) -> dict[int, Score]:
    found = sampling.scores(
        Sample(str(agent), tuple(reviews)) for agent, reviews in sorted(by_agent.items())
    )
    return {int(agent): score for agent, score in found.items()}


def _together(by_agent: Mapping[int, Sequence[Reviewed]]) -> Mean:
    kept = [
        (one.score, weight, agent)
        for agent, reviews in by_agent.items()
        for one, (weight, _share) in zip(reviews, weights_of(reviews), strict=True)
        if not one.failed
    ]
    return mean(
        [score for score, _weight, _agent in kept],
        [weight for _score, weight, _agent in kept],
        [agent for _score, _weight, agent in kept],
    )
