"""What becomes of badges when two agents become one."""

from typing import Any

from django.db import transaction

from coaching.models import Badge


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What an agent was given is that of the one it becomes; of what both have, theirs stays, since
    the earlier day; receiver of `names_merged`."""
    for one in Badge.objects.select_for_update().filter(agent=loser).order_by("pk"):
        own = Badge.objects.select_for_update().filter(agent=keeper, rule=one.rule_id).first()
        if own is None:
            one.agent_id = keeper
            one.save(update_fields=["agent"])
            continue
        if one.day < own.day:
            own.given_on, own.reached_on = one.given_on, one.reached_on
            own.save(update_fields=["given_on", "reached_on"])
        one.delete()
