"""What plans say of a queue goes on of the one that it is merged into."""

from typing import Any

from django.db import transaction

from qa.models import SamplingPlan
from qa.plans import strata


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Receiver of `names_merged` of queues: plans of the one are of the other, and what they draw
    of it."""
    was, now = (strata.part(strata.QUEUE, pk) for pk in (loser, keeper))
    for plan in SamplingPlan.objects.select_for_update().filter(queues=loser):
        plan.queues.remove(loser)
        plan.queues.add(keeper)
    for plan in SamplingPlan.objects.select_for_update().filter(parts__has_key=was):
        part = plan.parts.pop(was)
        plan.parts.setdefault(now, part)
        plan.save(update_fields=["parts"])
