"""What a score is made of: what was drawn, what of it counts, and why the rest does not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from ccm.models import Agent
from qa import sampling
from qa.models import Dispute, DrawnCall, Evaluation, PlanDraw, Scorecard
from qa.models.querysets import DONE
from qa.scores import reads
from qa.scores.reads import AgentScore


@dataclass(frozen=True, slots=True)
class Layers:
    """So many layers of `of` calls each, of which `n` were drawn and `reviewed` count: each review
    stands for `weight` calls."""

    many: int
    of: int
    n: int
    reviewed: int
    weight: float


@dataclass(frozen=True, slots=True)
class Passport:
    """A score with what it is made of. `own`: of released reviews alone, as its agent reads it.

    `swapped` is (why, how many calls); `outstanding` drawn calls have no review yet, or none that
    is released; of `unscored` nothing counted, and `twice` were drawn by two plans and count once.
    `further` are second reviews; `disputed` are of those that count. `versions` is (number of the
    scorecard's version, how many reviews that count).
    """

    card: Scorecard
    told: AgentScore
    own: bool
    failed: int
    layers: Sequence[Layers]
    swapped: Sequence[tuple[str, int]]
    outstanding: int
    unscored: int
    twice: int
    further: int
    disputed: int
    versions: Sequence[tuple[int, int]]
    newest_at: datetime | None


def of_agent(
    agent: Agent, card: int, first: date, last: date, *, plan: int | None = None, own: bool
) -> Passport | None:
    """The passport of an agent's score by a scorecard, of the draws that ended in [first, last],
    or of those of a plan; None: nothing was drawn of them by it. Eight queries."""
    draws = reads.draws_of(agent.site, first, last)
    if plan is not None:
        draws = draws.filter(plan=plan)
    found = reads.of_one(draws, agent.site, agent.pk, card, released=own)
    if found is None:
        return None
    scorecard, told = found
    rows = _drawn(draws.filter(plan__card=card), agent.pk, own=own)
    reviews = [one for one in rows if one.standing and one.rank is not None]
    firsts = [one for one in reviews if one.rank == 0]
    scored = [one for one in firsts if one.share is not None]
    # Of a call that was drawn twice the first counts, as in `samples`.
    counted = list({one.call: one for one in reversed(scored)}.values())
    swaps = Counter({one.drawn: one.swap for one in rows if one.swap}.values())
    return Passport(
        scorecard,
        told,
        own,
        # Of too few it would be what a single call got.
        0 if told.is_too_few else sum(one.failed for one in told.counted),
        layers(told.counted),
        sorted((str(DrawnCall.Reason(why).label), many) for why, many in swaps.items()),
        told.drawn - len(firsts),
        0 if told.is_too_few else len(firsts) - len(scored),
        len(scored) - told.reviews,
        len(reviews) - len(firsts),
        sum(one.is_disputed for one in counted),
        sorted(Counter(one.version for one in counted).items(), reverse=True),
        max((one.finished_at for one in counted if one.finished_at), default=None),
    )


def layers(counted: Sequence[sampling.Reviewed]) -> list[Layers]:
    """The layers that reviews are of, those that are alike together, the heaviest first."""
    reviewed = Counter((one.drawn.layer, one.drawn.of, one.drawn.n) for one in counted)
    alike = Counter((of, n, many) for (_layer, of, n), many in reviewed.items())
    found = [Layers(times, of, n, many, of / many) for (of, n, many), times in alike.items()]
    return sorted(found, key=lambda one: (-one.weight, -one.of))


class _Row(NamedTuple):
    """A drawn call with one of its reviews; without any, `rank` is None. `swap`: why it was
    swapped."""

    drawn: int
    call: Any
    state: str
    swap: str
    rank: int | None
    share: Decimal | None
    version: int
    finished_at: datetime | None
    is_disputed: bool

    @property
    def standing(self) -> bool:
        return self.state == DrawnCall.State.STANDING


def _drawn(draws: QuerySet[PlanDraw], agent: int, *, own: bool) -> list[_Row]:
    """The agent's drawn calls with their reviews that are told of, in the order in which they
    count. One query."""
    states = (Evaluation.State.RELEASED,) if own else DONE
    disputed = Dispute.objects.filter(evaluation=OuterRef("review")).standing()
    rows = (
        DrawnCall.objects.filter(drawn__draw__in=draws, drawn__agent=agent)
        .annotate(
            review=FilteredRelation("evaluations", condition=Q(evaluations__state__in=states)),
            is_disputed=Exists(disputed),
        )
        .order_by("drawn", "pk", "review__rank")
    )
    told = rows.values_list(
        "pk", "call_id", "state", "swap_reason", "review__rank", "review__share",
        "review__version__number", "review__finished_at", "is_disputed",
    )  # fmt: skip
    return [_Row(*one) for one in told]
