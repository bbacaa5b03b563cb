"""What plans and draws say goes on of the name that another is merged into."""

from typing import Any

from django.db import transaction

from ccm.models import Agent, Queue
from qa.models import AgentDraw, Evaluation, SamplingPlan
from qa.plans import strata


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Receiver of `names_merged`. Both names may have been drawn of in one period: the draws stay
    two, each with its calls and its chances."""
    if sender is Agent:
        AgentDraw.objects.filter(agent=loser).update(agent=keeper)
        Evaluation.objects.filter(agent=loser).update(agent=keeper)
    elif sender is Queue:
        Evaluation.objects.filter(queue=loser).update(queue=keeper)
        was, now = (strata.part(strata.QUEUE, pk) for pk in (loser, keeper))
        for plan in SamplingPlan.objects.select_for_update().filter(queues=loser):
            plan.queues.remove(loser)
            plan.queues.add(keeper)
        for plan in SamplingPlan.objects.select_for_update().filter(parts__has_key=was):
            part = plan.parts.pop(was)
            plan.parts.setdefault(now, part)
            plan.save(update_fields=["parts"])
