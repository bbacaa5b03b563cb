"""What becomes of remarks when two agents become one."""

from typing import Any

from coaching.models import Remark


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What an agent said is that of the one it becomes; receiver of `names_merged`."""
    Remark.objects.filter(agent=loser).update(agent=keeper)
