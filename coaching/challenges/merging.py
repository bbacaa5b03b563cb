"""What becomes of what somebody won when two agents become one."""

from typing import Any

from coaching.models import Challenge


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What an agent won is that of the one it becomes; receiver of `names_merged`."""
    Challenge.objects.filter(winner=loser).update(winner=keeper)
