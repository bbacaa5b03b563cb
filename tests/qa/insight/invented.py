"""Invented reviews of a site over months, of which it is known what insight has to find.

Everybody passes "Greeting". Points are lost on "Cause" most, then on "Solution", then on "Summary".
On "Tone" reviewers answer as a coin falls. One reviewer becomes harder by `drift` points a month.
"""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from ccm.models import Agent, Queue, Site, SurveyResponse, Team, User
from qa.models import (
    AgentDraw,
    Answer,
    CardCriterion,
    CardVersion,
    DrawnCall,
    Evaluation,
    PlanDraw,
)
from tests.builders import a_queue, a_site, a_team, a_user, an_agent
from tests.qa.builders import a_card, a_plan, told_by

WEIGHTS = {"greeting": 10, "cause": 40, "solution": 25, "summary": 15, "tone": 10}
# Of what a review loses how much is lost on each that it misses.
PARTS = {"greeting": 0.0, "cause": 0.45, "solution": 0.4, "summary": 0.15, "tone": 0.0}


def _yes_no(key: str, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "name": name,
        "kind": "yes_no",
        "weight": WEIGHTS[key],
        "options": [
            {"id": "yes", "name": "Met", "points": 1},
            {"id": "no", "name": "Not met", "points": 0},
        ],
    }


FORM = {
    "layout": 1,
    "sections": [
        {
            "id": "call",
            "name": "The call",
            "criteria": [
                _yes_no("greeting", "Greeting"),
                {
                    "id": "cause",
                    "name": "Cause",
                    "kind": "scale",
                    "weight": WEIGHTS["cause"],
                    "options": [
                        {"id": str(n), "name": str(n), "points": n - 1} for n in range(1, 6)
                    ],
                },
                _yes_no("solution", "Solution"),
                _yes_no("summary", "Summary"),
                _yes_no("tone", "Tone"),
            ],
        }
    ],
}


@dataclass
class Invented:
    site: Site
    queues: list[Queue]
    teams: list[Team]
    agents: list[Agent]
    reviewers: list[User]
    version: CardVersion
    criteria: dict[str, CardCriterion]
    months: list[date]
    reviews: list[Evaluation] = field(default_factory=list)

    def __getitem__(self, key: str) -> CardCriterion:
        return self.criteria[key]


def months_to(last: date, many: int) -> list[date]:
    found = [last.replace(day=1)]
    while len(found) < many:
        found.insert(0, (found[0] - timedelta(days=1)).replace(day=1))
    return found


def invented(
    last: date,
    *,
    site: Site | None = None,
    months: int = 6,
    teams: int = 2,
    agents: int = 4,
    calls: int = 5,
    reviewers: int = 4,
    drift: float = 2.0,
    doubled: float = 0.4,
    surveyed: float = 0.0,
    seed: int = 1,
) -> Invented:
    """`calls` of each of the `agents` of each team are drawn a month, up to the month of `last`."""
    random = Random(seed)
    # A site that is there may have a card, and a plan, of the usual names.
    name = "Support" if site is None else "Insight"
    site = site or a_site("Leeds")
    queues = [a_queue(site, name) for name in ("Billing", "Support")]
    people = [
        [an_agent(site, name=f"Agent {team}{one}", source=f"s{site.pk}") for one in range(agents)]
        for team in range(teams)
    ]
    every = [one for some in people for one in some]
    for place, one in enumerate(every):
        # From two months to some years before.
        one.hired_on = last - timedelta(days=60 + 140 * place)
        one.save()
    of_team = [a_team(site, None, *some) for some in people]
    for number, team in enumerate(of_team):
        team.name = ("North", "South", "East", "West")[number % 4] + (str(number // 4) or "")
        team.save()
    card = a_card(site, name, FORM)
    made = Invented(
        site, queues, of_team, every,
        [
            a_user("qa_analyst", site, name=f"rita-of-{site.slug}-" if n == 0 else "")
            for n in range(reviewers)
        ],
        card.versions.get(), {one.key: one for one in CardCriterion.objects.filter(card=card)},
        months_to(last, months),
    )  # fmt: skip
    plan = a_plan(site, card, name=name)
    for number, month in enumerate(made.months):
        ended = min(month + timedelta(days=20), last + timedelta(days=1))
        _month(made, plan, number, month, ended, calls, drift, doubled, random)
    _answers(made, random)
    if surveyed:
        _surveys(made, surveyed, random)
    return made


def _month(
    made: Invented, plan: Any, number: int, month: date, ended: date, calls: int, drift: float,
    doubled: float, random: Random,
) -> None:  # fmt: skip
    at = datetime(month.year, month.month, 1, 9, tzinfo=UTC)
    draw = PlanDraw.objects.create(
        plan=plan, site=made.site, first_day=month, next_day=ended,
        seed=str(number), how=told_by(plan), digest="", eligible=100, due_at=at, made_at=at,
    )  # fmt: skip
    drawn = AgentDraw.objects.bulk_create(
        AgentDraw(
            draw=draw, agent=agent, team=made.teams[place * len(made.teams) // len(made.agents)],
            wanted=calls, eligible=40 + 10 * place, calls=b"", of_strata=b"", digest="",
        )
        for place, agent in enumerate(made.agents)
    )  # fmt: skip
    rows = DrawnCall.objects.bulk_create(
        DrawnCall(drawn=one, call_id=uuid.UUID(int=random.getrandbits(128)), layer=0, n=calls,
                  of=one.eligible)
        for one in drawn
        for _call in range(calls)
    )  # fmt: skip
    found = []
    for place, row in enumerate(rows):
        worth = min(0.97, max(0.3, random.gauss(0.82, 0.08)))
        # Of two who met more often than chance would have it nothing is told of the others.
        several = 2 if random.random() < doubled else 1
        who = random.sample(range(len(made.reviewers)), several)
        call_at = at + timedelta(hours=place % 9, days=place % 18)
        for rank, reviewer in enumerate(who):
            harder = drift * number / 100 if reviewer == 0 else 0.0
            share = min(1.0, max(0.0, worth - harder + random.gauss(0, 0.03)))
            found.append(
                Evaluation(
                    kind="drawn", state="finished", site=made.site, call_id=row.call_id,
                    agent=row.drawn.agent, team=row.drawn.team,
                    queue=made.queues[place % len(made.queues)], called_at=call_at,
                    version=made.version, reviewer=made.reviewers[reviewer], drawn=row, rank=rank,
                    made_at=call_at, finished_at=call_at + timedelta(hours=2),
                    share=round(share, 10),
                )
            )  # fmt: skip
    made.reviews += Evaluation.objects.bulk_create(found)


def _answers(made: Invented, random: Random) -> None:
    rows = []
    for review in made.reviews:
        lost = 1 - float(review.share)
        # Whoever scores a call hears the same of it.
        heard = Random(f"{review.drawn_id}")
        often = {"greeting": 1.0, "solution": 0.4, "summary": 0.6}
        met = {key: heard.random() < chance for key, chance in often.items()}
        parts = {key: 0.0 if met.get(key) else part for key, part in PARTS.items()}
        for key, criterion in made.criteria.items():
            mine = lost * parts[key] / sum(parts.values())
            share = float(met.get(key, True))
            if key == "tone":
                value = random.choice(("yes", "no"))
                mine, share = (0.0, 1.0) if value == "yes" else (0.005, 0.0)
            elif key == "cause":
                share = max(0.0, 1 - mine * 100 / WEIGHTS[key])
                value = str(1 + round(4 * share))
            else:
                value = "yes" if met[key] else "no"
            rows.append(
                Answer(
                    evaluation=review,
                    criterion=criterion,
                    value=value,
                    share=round(share, 10),
                    lost=round(mine, 10),
                )
            )
    Answer.objects.bulk_create(rows, batch_size=5000)


def _surveys(made: Invented, share: float, random: Random) -> None:
    """Callers whose "Solution" was met are happier by a point of four."""
    met = {
        row.evaluation_id: row.share == 1
        for row in Answer.objects.filter(criterion=made["solution"])
    }
    SurveyResponse.objects.bulk_create(
        SurveyResponse(
            id=uuid.UUID(int=random.getrandbits(128)), source="s", call_id=review.call_id,
            site=made.site, kind="csat", scale_min=1, scale_max=5,
            score=random.choice((4, 5, 5) if met[review.pk] else (3, 4, 4)),
            answered_at=review.called_at,
        )
        for review in made.reviews
        if review.rank == 0 and random.random() < share
    )  # fmt: skip
