"""A house in which a call was reviewed: its people, and what they say."""

import csv
import io
from datetime import datetime
from typing import Any

from ccm.models import Agent, Call, Queue, User
from qa.after import disputing, releasing
from qa.models import Answer, CardCriterion, Dispute, DrawnCall, Evaluation, Scorecard
from qa.models.plans import AgentDraw, PlanDraw
from qa.reviews.answers import rescore
from tests.builders import NINE, a_call, a_queue, a_user
from tests.qa.builders import (
    a_card,
    a_plan,
    a_reviewed_agent,
    a_version_of,
    an_evaluation,
    finished,
    told_by,
)

# Greeting 40 of 100 met, the cause 60 at half: 70.
SAID = {"greeting": "yes", "verified": "yes", "cause": "3"}


class House:
    """A site with a queue, an agent with a sign-in, who leads them, a reviewer and a manager."""

    def __init__(self, queue: Queue | None = None, agent: Agent | None = None) -> None:
        self.queue = queue or a_queue()
        self.site = self.queue.site
        self.lead = a_user("supervisor")
        self.agent = agent or a_reviewed_agent(self.site, self.lead)
        self.reviewer = a_user("qa_analyst", self.site)
        self.other = a_user("qa_analyst", self.site)
        self.manager = a_user("manager", self.site)
        self.card = Scorecard.objects.filter(site=self.site).first() or a_card(self.site)

    @property
    def me(self) -> User:
        assert self.agent.user is not None
        return self.agent.user

    def call(self, **more: Any) -> Call:
        return a_call(self.queue, agent=self.agent, **more)

    def finished(self, **said: Any) -> Evaluation:
        """A finished review of one of the agent's calls, with answers and their score."""
        review = an_evaluation(self.call(), self.reviewer, version=a_version_of(self.site))
        return answered(review, **said)

    def released(self, now: datetime = NINE, **said: Any) -> Evaluation:
        return releasing.release(self.finished(**said), self.reviewer, now)

    def drawn(
        self,
        rank: int = 0,
        call: Call | None = None,
        reviewer: User | None = None,
        n: int = 5,
        of: int = 50,
        **said: Any,
    ) -> Evaluation:
        """A finished review of a call that chance drew, one of `n` of `of`."""
        call = call or self.call()
        drawn = drawn_call(self, call, n, of)
        review = an_evaluation(
            call,
            reviewer or self.reviewer,
            version=a_version_of(self.site),
            kind="drawn",
            drawn=drawn,
            rank=rank,
        )
        return answered(review, **said)

    def dispute(
        self,
        review: Evaluation,
        key: str | None = "cause",
        words: str = "I asked twice",
        now: datetime = NINE,
    ) -> Dispute:
        criterion = None if key is None else CardCriterion.objects.get(card=self.card, key=key)
        return disputing.dispute(review, self.me, now, words, criterion)


def drawn_call(house: House, call: Call, n: int = 5, of: int = 50) -> DrawnCall:
    """A call that chance drew, in the draw of its site's only plan."""
    there = DrawnCall.objects.filter(call=call).first()
    if there is not None:
        return there
    plan = house.site.sampling_plans.first() or a_plan(house.site, house.card)
    draw, _made = PlanDraw.objects.get_or_create(
        plan=plan,
        first_day=NINE.date(),
        defaults={
            "site": house.site,
            "next_day": NINE.date().replace(day=9),
            "seed": "s",
            "how": told_by(plan),
            "digest": "d",
            "eligible": of,
            "due_at": NINE,
            "made_at": NINE,
        },
    )
    of_agent, _made = AgentDraw.objects.get_or_create(
        draw=draw,
        agent=call.agent,
        defaults={"wanted": n, "eligible": of, "calls": b"", "of_strata": b"", "digest": "d"},
    )
    return DrawnCall.objects.create(drawn=of_agent, call=call, layer=0, n=n, of=of)


def answered(
    review: Evaluation, *, now: datetime = NINE, comment: str = "", **said: Any
) -> Evaluation:
    """The same, finished with answers (None: not applicable)."""
    for key, value in (SAID | said).items():
        Answer.objects.create(
            evaluation=review,
            criterion=CardCriterion.objects.get(card=review.version.card, key=key),
            value="" if value is None else value,
            skipped=value is None,
            comment=comment,
        )
    rescore(review)
    return finished(review, str(review.share), is_failed=review.is_failed, finished_at=now)


def lines_of(answer: Any) -> list[list[str]]:
    """The cells of a CSV file that was asked for."""
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))
