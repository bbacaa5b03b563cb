"""The scores of agents, from kept reviews: first reviews of drawn calls, and no others.

Scores are by scorecard: two cards measure two things. A period's draws are those whose days ended
in it; of several the layers stand beside each other, each with its own n / N. Agents are pooled
with the team that they were drawn in. What is targeted is counted beside and never enters.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from ccm.intervals import DAY, site_days
from ccm.models import Agent, Site, Team
from qa import sampling
from qa.models import AgentDraw, DrawnCall, Evaluation, PlanDraw, Scorecard
from qa.sampling import Lack, Rank, Reviewed, Sample, Score
from qa.scores.rows import FIELDS, ORDER, Row, counting, samples


@dataclass(frozen=True, slots=True)
class AgentScore:
    """What draws of a period say of an agent by one scorecard.

    `reviews` of the `drawn` calls count, out of `eligible` ones. `rank` is which ranks they may
    have in their team; None where that cannot be told. `more` reviews would halve the interval from
    their own reviews; None: not reachable, or there is none. `targeted` reviews of the same days
    are beside, and count nowhere. `counted` are the reviews themselves.
    """

    agent: Agent
    team: Team | None
    eligible: int
    drawn: int
    reviews: int
    score: Score
    rank: Rank | None
    more: int | None
    targeted: int
    counted: tuple[Reviewed, ...] = ()

    @property
    def is_too_few(self) -> bool:
        return self.score.lack == Lack.TOO_FEW

    @property
    def halvable(self) -> bool:
        """Whether there is an interval that could be halved."""
        pooled = self.score.pooled
        return pooled is not None and pooled.interval is not None and self.more is not None


@dataclass(frozen=True, slots=True)
class CardScores:
    """Scores by one scorecard, by team and name."""

    card: Scorecard
    agents: Sequence[AgentScore]


def of_draws(draws: Iterable[PlanDraw]) -> list[CardScores]:
    """What some draws say, by scorecard. They are of one site. Six queries for any number."""
    chosen = list(draws)
    if not chosen:
        return []
    return _scores(chosen[0].site, chosen, None)


def draws_of(site: Site, first: date, last: date) -> QuerySet[PlanDraw]:
    """The draws of a site whose days ended in a period."""
    return PlanDraw.objects.filter(site=site, next_day__gt=first, next_day__lte=last + DAY)


def of_period(
    site: Site,
    first: date,
    last: date,
    card: Scorecard | None = None,
    agents: Collection[int] | None = None,
) -> list[CardScores]:
    """The scores of a site's agents of the days from `first` to `last`, by scorecard: of all of
    them, or of `card`; told of `agents` alone where they are said, and pooled with all others of
    their teams all the same. Seven queries."""
    draws = draws_of(site, first, last)
    if card is not None:
        draws = draws.filter(plan__card=card)
    found = _scores(site, list(draws.only("first_day", "next_day")), agents)
    return [one for one in found if card is None or one.card.pk == card.pk]


def of_one(
    draws: QuerySet[PlanDraw], site: Site, agent: int, card: int, *, released: bool = False
) -> tuple[Scorecard, AgentScore] | None:
    """An agent's score by one scorecard of some draws of a site, pooled with all others of their
    team; of `released` reviews alone where that is said. None: nothing was drawn of them by it.
    Seven queries."""
    asked = list(draws.filter(plan__card=card).only("first_day", "next_day"))
    found = _scores(site, asked, [agent], released=released)
    return next(((one.card, each) for one in found for each in one.agents), None)


@dataclass(slots=True)
class _Kept:
    """What is kept of an agent by one card: the team they were last drawn in, and their draws."""

    team: int | None
    eligible: int = 0
    drawn: int = 0
    reviews: tuple[Reviewed, ...] = ()


def _scores(
    site: Site,
    draws: Sequence[PlanDraw],
    told: Collection[int] | None,
    *,
    released: bool = False,
) -> list[CardScores]:
    if not draws:
        return []
    kept = _kept([one.pk for one in draws], released=released)
    people = Agent.objects.in_bulk({agent for _card, agent in kept})
    teams = Team.objects.in_bulk({one.team for one in kept.values() if one.team is not None})
    cards = Scorecard.objects.in_bulk({card for card, _agent in kept})
    targeted = _targeted(site, draws, released=released)
    by_card: dict[int, list[AgentScore]] = defaultdict(list)
    for (card, _team), members in _teams(kept).items():
        theirs = [Sample(str(agent), kept[card, agent].reviews) for agent in members]
        scores, ranks = sampling.scores(theirs), sampling.rank_ranges(theirs)
        for agent in members:
            if told is not None and agent not in told:
                continue
            one = kept[card, agent]
            by_card[card].append(
                AgentScore(
                    people[agent],
                    None if one.team is None else teams[one.team],
                    one.eligible,
                    one.drawn,
                    len(one.reviews),
                    scores[str(agent)],
                    ranks[str(agent)],
                    _more(one.reviews),
                    targeted[card, agent],
                    one.reviews,
                )
            )
    return [
        CardScores(cards[card], sorted(found, key=_place))
        for card, found in sorted(by_card.items(), key=lambda one: cards[one[0]].name)
    ]


def _place(one: AgentScore) -> tuple[Any, ...]:
    return ("" if one.team is None else one.team.name, one.agent.name, one.agent.pk)


def _teams(kept: Mapping[tuple[int, int], _Kept]) -> dict[tuple[int, int | None], list[int]]:
    """The agents of each card and team."""
    found: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for (card, agent), one in sorted(kept.items()):
        found[card, one.team].append(agent)
    return found


def _kept(draws: Sequence[int], *, released: bool) -> dict[tuple[int, int], _Kept]:
    """What is kept of each card and agent. Two queries."""
    stands = Count("drawn", filter=Q(drawn__state=DrawnCall.State.STANDING))
    asked = (
        AgentDraw.objects.filter(draw__in=draws)
        .order_by("draw__next_day", "pk")
        .annotate(card=F("draw__plan__card"), many=stands)
        .values_list("card", "agent", "team", "eligible", "many")
    )
    found: dict[tuple[int, int], _Kept] = {}
    for card, agent, team, eligible, drawn in asked:
        one = found.setdefault((card, agent), _Kept(team))
        one.team = team
        one.eligible += eligible
        one.drawn += drawn
    told = counting(draws, released=released).order_by(*ORDER).values_list(*FIELDS)
    for key, reviews in samples(Row(*one) for one in told).items():
        found[key].reviews = reviews
    return found


def _targeted(site: Site, draws: Sequence[PlanDraw], *, released: bool) -> Counter[tuple[int, int]]:
    """Finished targeted reviews of calls of the same days, by card and agent. One query."""
    first, after = min(one.first_day for one in draws), max(one.next_day for one in draws)
    span = site_days(first, after - DAY, site.calendar)
    rows = Evaluation.objects.told_of(released=released).filter(
        site=site,
        kind=Evaluation.Kind.TARGETED,
        called_at__gte=span.start,
        called_at__lt=span.end,
    )
    counted = rows.order_by().values_list("version__card", "agent").annotate(many=Count("pk"))
    return Counter({(card, agent): many for card, agent, many in counted})


def _more(reviews: Sequence[Reviewed]) -> int | None:
    """How many more reviews would halve the interval from these."""
    calls = sum({one.drawn.layer: one.drawn.of for one in reviews}.values())
    if len(reviews) < sampling.FEWEST_REVIEWS:
        return None
    return sampling.halving(len(reviews), calls)
