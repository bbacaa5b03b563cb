"""Recognition for tests."""

from typing import Any
from uuid import UUID

from ccm.models import Agent, Call, SurveyResponse, User
from coaching.models import Kudos
from tests.builders import NINE


def a_kudos(agent: Agent, giver: User | None = None, **more: Any) -> Kudos:
    said = {"words": "Stayed calm on the line", "given_at": NINE, **more}
    made: Kudos = Kudos.objects.create(site=agent.site, agent=agent, giver=giver, **said)
    return made


def an_answer(call: Call, number: int = 1, **more: Any) -> SurveyResponse:
    """A caller's five of five."""
    said = {
        "id": UUID(int=number), "source": "test", "call": call,
        "site": call.site, "queue": call.queue, "agent": call.agent, "kind": "csat",
        "scale_min": 1, "scale_max": 5, "score": 5, "answered_at": call.offered_at, **more,
    }  # fmt: skip
    return SurveyResponse.objects.create(**said)
