"""Scorecards and reviews for tests; each says only what matters."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ccm.models import Agent, Call, Site, User
from qa.models import CardCriterion, CardVersion, Evaluation, SamplingPlan, Scorecard
from qa.plans.how import How
from qa.reviews import facts, making
from tests.builders import NINE, a_call, a_queue, a_team, a_user, an_agent

# Two that count, one of them critical, and a text.
FORM: dict[str, Any] = {
    "layout": 1,
    "sections": [
        {
            "id": "opening",
            "name": "Opening",
            "criteria": [
                {
                    "id": "greeting",
                    "name": "Greeting",
                    "kind": "yes_no",
                    "weight": 40,
                    "options": [
                        {"id": "yes", "name": "Met", "points": 1},
                        {"id": "no", "name": "Not met", "points": 0},
                    ],
                    "may_skip": True,
                    "why": "Callers who know who they talk to repeat themselves less.",
                },
            ],
        },
        {
            "id": "care",
            "name": "Care",
            "criteria": [
                {
                    "id": "verified",
                    "name": "Verified the account",
                    "kind": "yes_no",
                    "weight": 0,
                    "fails": "form",
                    "options": [
                        {"id": "yes", "name": "Met", "points": 1},
                        {"id": "no", "name": "Not met", "points": 0, "fails": True},
                    ],
                    "may_skip": True,
                },
                {
                    "id": "cause",
                    "name": "Found the cause",
                    "kind": "scale",
                    "weight": 60,
                    "comment_below": 50,
                    "options": [
                        {"id": str(n), "name": str(n), "points": n - 1} for n in range(1, 6)
                    ],
                },
                {"id": "remark", "name": "Remark", "kind": "text", "weight": 0},
            ],
        },
    ],
}


def a_card(site: Site | None = None, name: str = "Support", form: Any = None) -> Scorecard:
    """A scorecard with one published version."""
    card = Scorecard.objects.create(site=site, name=name, made_at=NINE)
    a_version(card, form)
    return card


def a_version(card: Scorecard, form: Any = None, *, published: bool = True) -> CardVersion:
    said = FORM if form is None else form
    number = card.versions.count() + 1
    for section in said["sections"]:
        for one in section["criteria"]:
            CardCriterion.objects.get_or_create(
                card=card,
                key=one["id"],
                defaults={"name": one["name"], "section": section["name"], "kind": one["kind"]},
            )
    return CardVersion.objects.create(
        card=card,
        number=number,
        state="published" if published else "draft",
        form=said,
        made_at=NINE,
        published_at=NINE if published else None,
    )


def a_plan(site: Site, card: Scorecard | None = None, **more: Any) -> SamplingPlan:
    """Five calls of each agent a week, from the week of NINE."""
    said = {"name": "Weekly", "starts_on": NINE.date() - timedelta(days=NINE.weekday()), **more}
    return SamplingPlan.objects.create(site=site, card=card or a_card(site), **said)


def told_by(plan: SamplingPlan) -> dict[str, Any]:
    """What a draw keeps of how it was made, where it was of no strata and left nothing out."""
    how = How.of_plan(plan, needs_consent=False).written()
    return {"plan": how, "left_out": {}, "strata": {}, "missing": []}


def a_reviewed_agent(site: Site, supervisor: User | None = None) -> Agent:
    """An agent with a sign-in, in a team."""
    agent = an_agent(site, user=a_user("agent"))
    a_team(site, supervisor, agent)
    return agent


def an_evaluation(
    call: Call | None = None, reviewer: User | None = None, **more: Any
) -> Evaluation:
    """A targeted review that is to be done, unless `more` says otherwise."""
    if call is None:
        queue = a_queue()
        call = a_call(queue, agent=a_reviewed_agent(queue.site))
    reviewer = reviewer or a_user("qa_analyst", call.site)
    version = more.pop("version", None) or a_version_of(call.site)
    now: datetime = more.pop("now", NINE)
    made = making.unsaved(
        call, version, reviewer, now, facts.rules_of(call.site_id), **{"kind": "targeted"} | more
    )
    made.save()
    return made


def a_version_of(site: Site) -> CardVersion:
    """The published version of the site's only card, made where there is none."""
    card = Scorecard.objects.filter(site=site).first() or a_card(site)
    return card.versions.get(state="published")


def finished(evaluation: Evaluation, share: str = "0.9", **more: Any) -> Evaluation:
    """The same, finished with a score, whatever its answers."""
    said = {"state": "finished", "finished_at": NINE, "share": Decimal(share), **more}
    Evaluation.objects.filter(pk=evaluation.pk).update(**said)
    evaluation.refresh_from_db()
    return evaluation
