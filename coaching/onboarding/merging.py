"""What becomes of newcomers when two agents become one."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from coaching.models import Newcomer

WHY = "merged"


@transaction.atomic
def follow_merged(sender: type[Any], loser: int, keeper: int, **_more: object) -> None:
    """Ways and mentorships of an agent are those of the one it becomes; receiver of `names_merged`.
    Where both are on a path, who stays goes on with theirs, and the other's ends."""
    if Newcomer.objects.standing().filter(agent=keeper).exists():
        Newcomer.objects.standing().filter(agent=loser).update(
            state=Newcomer.State.ENDED, ended_at=timezone.now(), why_ended=WHY
        )
    Newcomer.objects.filter(agent=loser).update(agent=keeper)
    Newcomer.objects.filter(mentor=loser).update(mentor=keeper)
    # Nobody is their own mentor.
    Newcomer.objects.filter(agent=keeper, mentor=keeper).update(mentor=None)
