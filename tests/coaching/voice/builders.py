"""What callers said, for tests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from ccm.models import Agent, Queue, Site, SurveyResponse
from coaching.models import VoiceTag
from tests.builders import NINE

_number = count(1)


def a_comment(
    site: Site, words: str, at: datetime = NINE, agent: Agent | None = None, **more: Any
) -> SurveyResponse:
    """One of five from a caller who wrote something; without a call unless said."""
    said = {
        "id": UUID(int=next(_number) + (1 << 64)), "source": "test", "site": site, "agent": agent,
        "kind": "csat", "scale_min": 1, "scale_max": 5, "score": 1, "comment": words,
        "answered_at": at, **more,
    }  # fmt: skip
    return SurveyResponse.objects.create(**said)


def comments(
    site: Site,
    words: str,
    many: int,
    at: datetime = NINE,
    agents: Sequence[Agent] = (),
    **more: Any,
) -> list[SurveyResponse]:
    """So many, a minute after each other, on the agents in turn."""
    return [
        a_comment(
            site, words, at + number * timedelta(minutes=1),
            agents[number % len(agents)] if agents else None, **more,
        )
        for number in range(many)
    ]  # fmt: skip


def a_tag(site: Site, name: str = "Late", words: str = "late OR delayed") -> VoiceTag:
    made: VoiceTag = VoiceTag.objects.create(site=site, name=name, words=words, made_at=NINE)
    return made


def of_call(queue: Queue, call: Any, words: str, **more: Any) -> SurveyResponse:
    return a_comment(queue.site, words, call.offered_at, call.agent, call=call, queue=queue, **more)
