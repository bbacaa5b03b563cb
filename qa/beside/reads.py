"""Scores of the agents of a team, as pages of KPIs show them beside their own figures.

Of draws whose days ended in the period, by scorecard, pooled with the team that agents were drawn
in; a call that two plans of a card have drawn counts once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from ccm.models import Agent, Site, Team
from qa import sampling
from qa.insight.weighted import Mean, mean
from qa.models import AgentDraw, Evaluation, PlanDraw
from qa.sampling import Drawn, Reviewed, Sample, Score
from qa.sampling.hajek import weights_of
from qa.scores.reads import draws_of

# Layers of one draw are fewer: those of several are told apart by adding it up.
_LAYERS = 100_000


@dataclass(frozen=True, slots=True)
class TeamScores:
    """By one scorecard: scores by agent, and the team's own mean of calls that did not fail."""

    card: str
    agents: Mapping[int, Score]
    team: Mean


FACT = "reviews_that_count"
_FIELDS = (
    "version__card__name", "drawn__drawn__agent", "drawn__drawn", "call", "drawn__layer",
    "drawn__n", "drawn__of", "share", "is_failed",
)  # fmt: skip


def facts(team: Team, first: date, last: date) -> dict[str, Any]:
    """The reviews of each agent that were drawn in a team, to find with the agents."""
    rows = _reviewed(team.site_id, draws_of(team.site, first, last), released=False)
    rows = rows.filter(agent=OuterRef("pk"), drawn__drawn__team=team).order_by("drawn")
    told = {str(place): F(name) for place, name in enumerate(_FIELDS)}
    return {FACT: ArraySubquery(rows.values(said=JSONObject(**told)))}


def of_people(people: Iterable[Agent]) -> list[TeamScores]:
    """Scores of agents of a team that were found with the `facts`."""
    return _scores(
        [
            tuple(said[str(place)] for place in range(len(_FIELDS)))
            for one in people
            for said in getattr(one, FACT, ())
        ]
    )


def of_agent(
    site: Site, agent: int, first: date, last: date, *, released: bool = False
) -> list[tuple[str, Score]]:
    """An agent's scores by the names of scorecards, pooled as `qa.scores` does with who was last
    drawn in the team that they were last drawn in. One query."""
    draws = draws_of(site, first, last)
    drawn = AgentDraw.objects.filter(draw__in=draws)
    teams = drawn.filter(agent=agent).values("team")
    latest = drawn.filter(
        agent=OuterRef("drawn__drawn__agent"), draw__plan__card=OuterRef("version__card")
    ).order_by("-draw__next_day", "-pk")
    rows = _reviewed(site.pk, draws, released=released).filter(
        drawn__drawn__agent__in=drawn.filter(team__in=teams).values("agent")
    )
    # Who was drawn in no team is pooled with nobody.
    rows = rows | _reviewed(site.pk, draws, released=released).filter(drawn__drawn__agent=agent)
    told = list(
        rows.order_by("drawn__drawn", "drawn").values_list(
            *_FIELDS, Subquery(latest.values("team")[:1])
        )
    )
    own = {(one[0], one[-1]) for one in told if one[1] == agent}
    kept = [one[:-1] for one in told if (one[0], one[-1]) in own]
    return [(one.card, one.agents[agent]) for one in _scores(kept) if agent in one.agents]


def _reviewed(site: int, draws: QuerySet[PlanDraw], *, released: bool) -> QuerySet[Any]:
    rows = Evaluation.objects.scored().filter(
        site=site, drawn__drawn__draw__in=draws, share__isnull=False
    )
    return rows.filter(state=Evaluation.State.RELEASED) if released else rows


def _scores(told: Iterable[Sequence[Any]]) -> list[TeamScores]:
    samples: dict[str, dict[int, list[Reviewed]]] = defaultdict(lambda: defaultdict(list))
    seen: set[tuple[str, int, str]] = set()
    places: dict[int, int] = {}
    for card, agent, draw, call, layer, n, of, share, is_failed in told:
        if (card, agent, str(call)) in seen:
            continue
        seen.add((card, agent, str(call)))
        place = places.setdefault(draw, len(places) * _LAYERS)
        drawn = Drawn(str(call), place + layer, n, of)
        samples[card][agent].append(Reviewed(drawn, float(share), is_failed))
    return [
        TeamScores(card, _of_agents(by_agent), _together(by_agent))
        for card, by_agent in sorted(samples.items())
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
