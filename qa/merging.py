"""What becomes of reviews when two names become one."""

from typing import Any

from django.db import transaction
from django.db.models import Model

from ccm.models import Agent, Queue
from qa.models import (
    AgentDraw,
    CallTranscript,
    CheckRule,
    Evaluation,
    Finding,
)

_OF_AGENTS: tuple[type[Model], ...] = (AgentDraw, CallTranscript, Evaluation, Finding)
_OF_QUEUES: tuple[type[Model], ...] = (CallTranscript, Evaluation, Finding)


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Reviews, draws, transcripts and findings of an agent or a queue that is merged are those of
    the one it becomes, and checks of it too; receiver of `names_merged`. Both may have been drawn
    from in one period: then both draws stand, each with its own probabilities."""
    if sender is Agent:
        for model in _OF_AGENTS:
            model._default_manager.filter(agent=loser).update(agent=keeper)
    elif sender is Queue:
        for model in _OF_QUEUES:
            model._default_manager.filter(queue=loser).update(queue=keeper)
        for row in CheckRule.objects.filter(queues=loser):
            row.queues.add(keeper)
            row.queues.remove(loser)
