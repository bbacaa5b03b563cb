"""What becomes of complaints when two queues become one."""

from typing import Any

from coaching.models import Complaint


def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """What was noticed on a queue is of the one it becomes; receiver of `names_merged`. Comments
    follow by their answers, and name agents themselves."""
    Complaint.objects.filter(queue=loser).update(queue=keeper)
