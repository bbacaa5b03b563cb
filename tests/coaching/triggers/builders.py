"""What rules find, for tests."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from ccm.models import Agent, Site, SurveyResponse
from coaching.models import Proposal, TriggerRule
from qa.models import CardCriterion, Evaluation
from qa.models.evaluations import Answer
from scheduling.models import AdherenceDay
from tests.builders import NINE, a_call, a_queue
from tests.qa.builders import a_version_of, an_evaluation

DAY = timedelta(days=1)


def a_rule(site: Site, kind: str = "autofail", **more: Any) -> TriggerRule:
    """On, two of the last three within 28 days."""
    said = {"is_on": True, "times": 2, "of": 3, "days": 28, "made_at": NINE} | more
    made: TriggerRule = TriggerRule.objects.create(site=site, kind=kind, **said)
    return made


def a_review(agent: Agent, at: datetime, *, failed: bool = False, **more: Any) -> Evaluation:
    """A released one of a call of the agent's."""
    call = a_call(a_queue(agent.site), at, agent=agent)
    made = an_evaluation(call)
    said = {
        "state": "released", "finished_at": at, "released_at": at, "is_failed": failed,
        "share": Decimal("0.9"),
    } | more  # fmt: skip
    Evaluation.objects.filter(pk=made.pk).update(**said)
    made.refresh_from_db()
    return made


def an_answer(review: Evaluation, share: str, key: str = "") -> CardCriterion:
    """Of the card's first criterion, or of that of a key."""
    card = a_version_of(review.site).card
    rows = CardCriterion.objects.filter(card=card).order_by("pk")
    criterion: CardCriterion = rows.get(key=key) if key else rows[0]
    Answer.objects.create(evaluation=review, criterion=criterion, value="x", share=Decimal(share))
    return criterion


def an_opinion(agent: Agent, score: float, at: datetime, **more: Any) -> SurveyResponse:
    said = {"kind": "csat", "scale_min": 1, "scale_max": 5} | more
    made: SurveyResponse = SurveyResponse.objects.create(
        id=uuid4(), source="test", site=agent.site, agent=agent, score=score, answered_at=at, **said
    )
    return made


def a_day(agent: Agent, ago: int, share: float, **more: Any) -> AdherenceDay:
    """How an agent kept the schedule of a day before NINE's."""
    adherent = round(28_800 * share)
    said = {
        "is_told": True, "scheduled": 28_800, "adherent": adherent, "missed": 28_800 - adherent,
    } | more  # fmt: skip
    made: AdherenceDay = AdherenceDay.objects.create(
        site=agent.site, agent=agent, day=NINE.date() - ago * DAY, **said
    )
    return made


def a_proposal(agent: Agent, rule: TriggerRule | None = None, **more: Any) -> Proposal:
    """Two of three reviews that failed outright."""
    said = {
        "cause": "autofail", "surprise": 2.0, "facts": {"times": 2, "of": 3, "reviews": []},
        "week": NINE.date(), "made_at": NINE,
    } | more  # fmt: skip
    made: Proposal = Proposal.objects.create(
        rule=rule or a_rule(agent.site), site=agent.site, agent=agent, **said
    )
    return made
