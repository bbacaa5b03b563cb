"""What becomes of recognition when two agents become one."""

from typing import Any

from coaching.models import Kudos


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What an agent was given is that of the one it becomes; receiver of `names_merged`."""
    Kudos.objects.filter(agent=loser).update(agent=keeper)
