"""What becomes of the terms of work when two names become one."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from ccm.models import Agent, Queue
from scheduling.models import (
    AgentContract,
    AgentRotation,
    AgentSkill,
    Availability,
    Pairing,
)
from scheduling.terms.told import Spell


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What is said of somebody, or of a queue, that is merged goes on of the one it becomes;
    receiver of `names_merged`. Where both have something on the same days, the keeper's stands."""
    if sender is Queue:
        for skill in AgentSkill.objects.filter(queue=loser):
            _hand_on(skill, AgentSkill.objects.filter(queue=keeper, agent=skill.agent_id))
        AgentSkill.objects.filter(queue=loser).update(queue=keeper)
    if sender is not Agent:
        return
    for model in (AgentContract, AgentRotation, AgentSkill):
        rows: Any = model._default_manager
        for one in rows.filter(agent=loser):
            same = {"queue": one.queue_id} if model is AgentSkill else {}
            _hand_on(one, rows.filter(agent=keeper, **same))
        rows.filter(agent=loser).update(agent=keeper)
    Availability.objects.filter(agent=loser).update(agent=keeper)
    for pair in Pairing.objects.filter(one=loser) | Pairing.objects.filter(other=loser):
        ids = sorted({pair.one_id, pair.other_id} - {loser} | {keeper})
        if len(ids) < 2:
            pair.delete()  # the two are one
            continue
        pair.one_id, pair.other_id = ids
        if meets(pair, Pairing.objects.filter(one=ids[0], other=ids[1])):
            pair.delete()
        else:
            pair.save()


def _hand_on(one: Spell, there: QuerySet[Any]) -> None:
    if meets(one, there):
        one.delete()


def meets(one: Spell | Pairing, there: "QuerySet[Any]") -> bool:
    """Whether some of these hold on a day that it holds on, too."""
    last = date.max if one.ends_on is None else one.ends_on
    others = there.exclude(pk=one.pk).filter(starts_on__lt=last)
    return any(other.ends_on is None or other.ends_on > one.starts_on for other in others)
