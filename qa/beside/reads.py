"""Scores of the agents of a team, as pages of KPIs show them beside their own figures.

Of draws whose days ended in the period, by scorecard, pooled with the team that agents were drawn
in; a call that two plans of a card have drawn counts once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from ccm.intervals import DAY
from qa import sampling
from qa.insight.weighted import Mean, mean
from qa.models import AgentDraw, Evaluation, PlanDraw
from qa.sampling import Drawn, Reviewed, Sample, Score
from qa.sampling.hajek import weights_of

# Layers of one draw are fewer: those of several are told apart by adding it up.
_LAYERS = 100_000


@dataclass(frozen=True, slots=True)
class TeamScores:
    """By one scorecard: scores by agent, and the team's own mean of calls that did not fail."""

    card: str
    agents: Mapping[int, Score]
    team: Mean


def of_team(
    site: int, team: int, first: date, last: date, *, released: bool = False
) -> list[TeamScores]:
    """Of who was drawn in a team; `released`: of reviews that are released alone. One query."""
    return _scores(_reviewed(site, first, last, released).filter(drawn__drawn__team=team))


def of_agent(
    site: int, agent: int, first: date, last: date, *, released: bool = False
) -> list[tuple[str, Score]]:
    """An agent's scores by the names of scorecards, pooled with who was drawn in the same teams.
    One query."""
    teams = AgentDraw.objects.filter(draw__in=_draws(site, first, last), agent=agent)
    rows = _reviewed(site, first, last, released).filter(
        drawn__drawn__team__in=teams.values("team")
    )
    return [(one.card, one.agents[agent]) for one in _scores(rows) if agent in one.agents]


def _draws(site: int, first: date, last: date) -> QuerySet[PlanDraw]:
    return PlanDraw.objects.filter(site=site, next_day__gt=first, next_day__lte=last + DAY)


def _reviewed(site: int, first: date, last: date, released: bool) -> QuerySet[Any]:
    draws = _draws(site, first, last)
    rows = Evaluation.objects.scored().filter(drawn__drawn__draw__in=draws, share__isnull=False)
    return rows.filter(state=Evaluation.State.RELEASED) if released else rows


def _scores(rows: QuerySet[Any]) -> list[TeamScores]:
    samples: dict[str, dict[int, list[Reviewed]]] = defaultdict(lambda: defaultdict(list))
    seen: set[tuple[str, int, Any]] = set()
    places: dict[int, int] = {}
    told = rows.order_by("drawn__drawn", "drawn").values_list(
        "version__card__name", "drawn__drawn__agent", "drawn__drawn", "call", "drawn__layer",
        "drawn__n", "drawn__of", "share", "is_failed",
    )  # fmt: skip
    for card, agent, draw, call, layer, n, of, share, is_failed in told:
        if (card, agent, call) in seen:
            continue
        seen.add((card, agent, call))
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
    return mean(*([one[place] for one in kept] for place in range(3)))
